//! How one part of this thread waits for another: one value, or a queue of them. Wakes nobody while it is borrowed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

/// What passes, and who waits for it.
#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    ended: bool,
    waker: Option<Waker>,
}

/// A queue of which one end waits. A queue that has ended still gives what is in it.
#[derive(Debug)]
pub(super) struct Queue<T>(RefCell<State<T>>);

impl<T> Queue<T> {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self(RefCell::new(State { items: VecDeque::new(), ended: false, waker: None })))
    }

    /// True: it was taken.
    pub(super) fn push(&self, item: T) -> bool {
        let mut state = self.0.borrow_mut();
        if state.ended {
            return false;
        }
        state.items.push_back(item);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        true
    }

    pub(super) fn end(&self) {
        let mut state = self.0.borrow_mut();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) fn pop(&self) -> Option<T> {
        self.0.borrow_mut().items.pop_front()
    }

    /// Takes out what does not stay.
    pub(super) fn retain(&self, stays: impl FnMut(&T) -> bool) {
        let mut items = core::mem::take(&mut self.0.borrow_mut().items);
        items.retain(stays);
        self.0.borrow_mut().items = items;
    }

    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.borrow_mut();
        match state.items.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None if state.ended => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Sends one value. Dropped without it, the receiver hears of that.
#[derive(Debug)]
pub(super) struct Sender<T>(Weak<Queue<T>>);

/// Waits for it. `None`: there is nobody who could send it.
#[derive(Debug)]
pub(super) struct Receiver<T>(Rc<Queue<T>>);

pub(super) fn one<T>() -> (Sender<T>, Receiver<T>) {
    let queue = Queue::new();
    (Sender(Rc::downgrade(&queue)), Receiver(queue))
}

impl<T> Sender<T> {
    pub(super) fn send(self, value: T) {
        if let Some(queue) = self.0.upgrade() {
            queue.push(value);
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if let Some(queue) = self.0.upgrade() {
            queue.end();
        }
    }
}

impl<T> Receiver<T> {
    /// One that has the value already.
    pub(super) fn ready(value: T) -> Self {
        let (sender, receiver) = one();
        sender.send(value);
        receiver
    }
}

impl<T> Future for Receiver<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<T>(receiver: &mut Receiver<T>) -> Poll<Option<T>> {
        Pin::new(receiver).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_value_arrives_once_and_the_end_of_its_sender_too() {
        let (sender, mut receiver) = one();
        assert_eq!(poll(&mut receiver), Poll::Pending);
        sender.send(1);
        assert_eq!(poll(&mut receiver), Poll::Ready(Some(1)));
        let (sender, mut receiver) = one::<u8>();
        drop(sender);
        assert_eq!(poll(&mut receiver), Poll::Ready(None));
        assert_eq!(poll(&mut Receiver::ready(2)), Poll::Ready(Some(2)));
    }

    #[test]
    fn a_queue_that_has_ended_gives_what_is_in_it_and_takes_nothing() {
        let queue = Queue::new();
        assert!(queue.push(1) && queue.push(2) && queue.push(3));
        queue.retain(|item| *item != 2);
        queue.end();
        assert!(!queue.push(4));
        let mut context = Context::from_waker(Waker::noop());
        let all: Vec<_> = (0..3).map(|_| queue.poll(&mut context)).collect();
        assert_eq!(all, [Poll::Ready(Some(1)), Poll::Ready(Some(3)), Poll::Ready(None)]);
    }
}
