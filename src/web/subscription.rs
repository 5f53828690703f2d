//! Messages as a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream as _;

use super::channel::Queue;
use super::receipt::Receipt;
use super::shared::Shared;
use super::subscribing::Stream;
use super::{Error, Event, Message, Properties, Qos};

/// What to subscribe to, and how.
///
/// ```
/// use wasmqtt::web::{Qos, Subscribe};
///
/// let subscribe = Subscribe::new("kitchen/#").qos(Qos::AtLeastOnce).no_local(true);
/// # let _ = subscribe;
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "it does nothing before a client subscribes with it"]
pub struct Subscribe {
    pub(super) filter: String,
    pub(super) options: u8,
    pub(super) properties: Properties,
}

impl Subscribe {
    /// A subscription to this topic filter, with QoS 0.
    pub fn new(filter: impl Into<String>) -> Self {
        Self { filter: filter.into(), options: 0, properties: Properties::default() }
    }

    /// The highest QoS that messages shall come with.
    pub fn qos(self, qos: Qos) -> Self {
        Self { options: self.options & !3 | qos as u8, ..self }
    }

    /// No messages that this client publishes itself (MQTT 5). Not for shared subscriptions [MQTT-3.8.3-4].
    pub fn no_local(self, no_local: bool) -> Self {
        Self { options: self.options & !4 | u8::from(no_local) << 2, ..self }
    }

    /// Messages keep the retain flag that they were published with (MQTT 5).
    pub fn retain_as_published(self, keep: bool) -> Self {
        Self { options: self.options & !8 | u8::from(keep) << 3, ..self }
    }

    /// Retained messages (MQTT 5): 0 always, as a rule; 1 if the subscription is new; 2 never. Others are refused.
    pub fn retain_handling(self, handling: u8) -> Self {
        Self { options: self.options & !0x30 | handling.min(3) << 4, ..self }
    }

    /// Properties (MQTT 5).
    pub fn properties(self, properties: Properties) -> Self {
        Self { properties, ..self }
    }
}

/// The messages of one topic filter: a stream. When it is dropped, the client unsubscribes, unless there is another one
/// for the same filter. It ends when the client has.
///
/// A message that several filters match goes to each of their subscriptions.
///
/// Nothing limits how many messages may wait here but the protocol: those with QoS 1 and 2 are acknowledged when the
/// application comes for the next one, so that no more of them wait than
/// [`receive_maximum`](Properties::receive_maximum) of the options says; those with QoS 0 have no such limit.
#[must_use = "a subscription unsubscribes when it is dropped"]
pub struct Subscription {
    shared: Rc<Shared>,
    filter: String,
    stream: Stream,
    /// Of its route, and its own.
    numbers: [u32; 2],
    /// What the application works on.
    taken: Option<Message>,
}

impl Subscription {
    pub(super) fn new(shared: Rc<Shared>, filter: &str) -> Result<Self, Error> {
        let stream = Queue::new();
        let numbers = shared.listen(filter, &stream)?;
        Ok(Self { shared, filter: filter.into(), stream, numbers, taken: None })
    }

    pub(super) fn route(&self) -> u32 {
        self.numbers[0]
    }

    /// The topic filter.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The next message, or `None` when the client has ended.
    pub async fn next(&mut self) -> Option<Message> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next message, if one waits.
    pub fn try_next(&mut self) -> Option<Message> {
        self.release();
        self.taken = self.stream.pop();
        self.taken.clone()
    }

    /// The application is done with what it has taken.
    fn release(&mut self) {
        if let Some(message) = self.taken.take() {
            message.receipt().into_iter().for_each(Receipt::release);
        }
    }
}

impl futures_core::Stream for Subscription {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        self.release();
        let polled = self.stream.poll(context);
        if let Poll::Ready(message) = &polled {
            self.taken.clone_from(message);
        }
        polled
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.leave(self.numbers);
        self.stream.end();
        // What nobody will come for: all that came later waits for it.
        self.release();
        while let Some(message) = self.stream.pop() {
            message.receipt().into_iter().for_each(Receipt::release);
        }
    }
}

impl core::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Subscription").field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// What happens to a client's connection: a stream, from when it was asked for. It ends after
/// [`Event::Ended`].
#[derive(Debug)]
#[must_use = "what happened before is not told again"]
pub struct Events(pub(super) Rc<Queue<Event>>);

impl Events {
    /// The next event, or `None` when the client has ended.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|context| self.0.poll(context)).await
    }
}

impl futures_core::Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll(context)
    }
}
