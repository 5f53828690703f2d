//! One client between its driver and the browser: its state, and what the application asks of it. What the browser tells
//! it stands in `link.rs`, what it tells the application in `telling.rs`. Decides nothing.
//!
//! Nothing that is the application's (a waker, a store, a function, the end of a message) ever runs while the state is
//! borrowed: it may come back here.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use wasm_bindgen_futures::spawn_local;

use super::address::session_name;
use super::channel::{Queue, Receiver, Sender, one};
use super::driver::Driver;
use super::platform::{self, Listener, Socket};
use super::store::StoreFuture;
use super::subscribing::{Stream, Subscribing};
use super::table::Table;
use super::telling::{lost, settle};
use super::timer::Timer;
use super::{Connected, Error, Event, Opened, Options, Properties, Publish, Qos, Reason, Records, State, Subscribe};
use crate::Error as Core;
use crate::session::{Acknowledgement, Outgoing};
use crate::time::Instant;
use crate::wire::On;

/// How long a server may take to answer the closing handshake before `disconnect` is done, in milliseconds.
const CLOSING: u64 = 2_000;
/// How long a store may take to open, in milliseconds.
const PATIENCE: u64 = 5_000;

/// Who waits for the answer to a PUBLISH.
pub(super) type Answer = Sender<Result<Reason, Error>>;

/// One client.
pub(super) struct Shared {
    pub(super) me: Weak<Self>,
    pub(super) options: Options,
    pub(super) inner: RefCell<Inner>,
    /// The state is being worked off: who comes back here is served there.
    pub(super) pumping: Cell<bool>,
    pub(super) flushing: Cell<bool>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) driver: Driver,
    pub(super) state: State,
    pub(super) connected: Option<Connected>,
    /// Why it has ended.
    pub(super) ended: Option<Option<Error>>,
    /// The number of the present attempt, and its socket, once it has one.
    pub(super) attempt: u32,
    pub(super) socket: Option<Socket>,
    /// Sockets that are being closed.
    pub(super) closing: Vec<Socket>,
    /// What the present attempt failed with, where the core cannot know it.
    pub(super) failure: Option<Error>,
    pub(super) closed: (u16, String),
    /// Why we end it ourselves.
    pub(super) verdict: Option<Error>,
    pub(super) records: Option<Rc<dyn Records>>,
    pub(super) store_failure: Option<Error>,
    pub(super) timer: Option<(u64, Timer)>,
    pub(super) look_again: Option<Timer>,
    pub(super) closing_timer: Option<Timer>,
    pub(super) watch: Vec<Listener>,
    /// Published before the store was open.
    pub(super) early: Vec<(Publish, Answer)>,
    pub(super) loading: bool,
    pub(super) publishing: Table<u32, Answer>,
    pub(super) subscribing: Subscribing,
    pub(super) events: Vec<Weak<Queue<Event>>>,
    /// For the connection; for the end.
    pub(super) waiters: Vec<Sender<Result<Connected, Error>>>,
    pub(super) closers: Vec<Sender<()>>,
}

pub(super) fn now() -> Instant {
    Instant::from_millis(platform::now())
}

impl Shared {
    /// Starts to connect.
    pub(super) fn start(options: Options) -> Result<Rc<Self>, Error> {
        if platform::get(&js_sys::global(), "WebSocket").is_none() {
            return Err(Error::Unsupported("WebSocket"));
        }
        let shared = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            options,
            inner: RefCell::default(),
            pumping: Cell::new(false),
            flushing: Cell::new(false),
        });
        match &shared.options.store {
            None => shared.connect(None)?,
            Some(store) => {
                // What is wrong with the options is known before anything is opened.
                Driver::new().connect(now(), shared.options.build(0)?, Vec::new())?;
                shared.inner.borrow_mut().loading = true;
                let name = session_name(&shared.options.client_id, &shared.options.urls[0]);
                let opening = within(store.open(&name));
                let me = shared.me.clone();
                spawn_local(async move {
                    let opened = opening.await;
                    // A store that comes too late is given back.
                    let Some(shared) = me.upgrade().filter(|it| it.inner.borrow().ended.is_none()) else { return };
                    shared.handle_opened(opened);
                });
            }
        }
        let me = shared.me.clone();
        let watch = platform::watch(move |change| {
            if let Some(shared) = me.upgrade() {
                shared.handle_change(change);
            }
        });
        shared.inner.borrow_mut().watch = watch;
        shared.pump();
        Ok(shared)
    }

    fn handle_opened(&self, opened: Result<Opened, Error>) {
        let connected = match opened {
            Ok(opened) => self.connect(Some(opened)),
            Err(Error::StoreInUse) => Err(Error::StoreInUse),
            Err(error) => {
                self.tell(Event::Warning(error));
                self.connect(None)
            }
        };
        self.inner.borrow_mut().loading = false;
        if let Err(error) = connected {
            return self.end(Some(error));
        }
        let early = core::mem::take(&mut self.inner.borrow_mut().early);
        let mut refused = Vec::new();
        for (message, answer) in early {
            let inner = &mut *self.inner.borrow_mut();
            match publish(&mut inner.driver, &message) {
                Ok(ticket) => inner.publishing.insert(ticket, answer),
                Err(error) => refused.push((answer, error)),
            }
        }
        for (answer, error) in refused {
            answer.send(Err(error));
        }
        self.pump();
    }

    fn connect(&self, opened: Option<Opened>) -> Result<(), Error> {
        let mut options = self.options.build(platform::seed())?;
        let inner = &mut *self.inner.borrow_mut();
        options.persist = opened.is_some();
        if let Some(Opened { records, writer }) = opened {
            for (key, record) in records {
                // A damaged one is told of, and deleted.
                let _: Result<(), Core> = inner.driver.restore(key, &record);
            }
            inner.records = Some(writer.into());
        }
        inner.driver.connect(now(), options, self.options.urls.clone())?;
        Ok(())
    }

    // What the application wants.

    pub(super) fn state(&self) -> State {
        self.inner.borrow().state
    }

    pub(super) fn pending(&self) -> usize {
        let inner = self.inner.borrow();
        inner.driver.pending() + inner.early.len()
    }

    /// Is acknowledging left to the client?
    pub(super) fn acknowledges(&self) -> bool {
        self.options.auto_ack
    }

    pub(super) fn connected(&self) -> Receiver<Result<Connected, Error>> {
        let inner = &mut *self.inner.borrow_mut();
        match (&inner.ended, &inner.connected) {
            (Some(ended), _) => Receiver::ready(Err(lost(ended.as_ref()))),
            (None, Some(connected)) => Receiver::ready(Ok(connected.clone())),
            (None, None) => {
                let (sender, receiver) = one();
                inner.waiters.push(sender);
                receiver
            }
        }
    }

    pub(super) fn events(&self) -> Rc<Queue<Event>> {
        let queue = Queue::new();
        let inner = &mut *self.inner.borrow_mut();
        inner.events.retain(|queue| queue.strong_count() > 0);
        match inner.ended {
            None => inner.events.push(Rc::downgrade(&queue)),
            Some(_) => queue.end(),
        }
        queue
    }

    /// The receiver waits for the server.
    pub(super) fn publish(&self, message: Publish) -> Result<Receiver<Result<Reason, Error>>, Error> {
        let (sender, receiver) = one();
        let inner = &mut *self.inner.borrow_mut();
        if inner.ended.is_some() {
            return Err(Core::NotConnected.into());
        }
        if inner.loading {
            let once = message.qos == Qos::AtMostOnce;
            if self.options.offline.is_none_or(|offline| once && !offline.qos0) {
                return Err(Core::NotConnected.into());
            }
            inner.early.push((message, sender));
            return Ok(receiver);
        }
        let ticket = publish(&mut inner.driver, &message)?;
        inner.publishing.insert(ticket, sender);
        self.flush_soon();
        Ok(receiver)
    }

    pub(super) fn listen(&self, filter: &str, stream: &Stream) -> Result<[u32; 2], Error> {
        let inner = &mut *self.inner.borrow_mut();
        if inner.ended.is_some() {
            return Err(Core::NotConnected.into());
        }
        inner.subscribing.listen(&mut inner.driver, filter, stream)
    }

    /// Asks the server for a filter that is listened to.
    pub(super) fn subscribe(
        &self,
        route: u32,
        subscribe: &Subscribe,
    ) -> Result<Receiver<Result<Reason, Error>>, Error> {
        let (sender, receiver) = one();
        let inner = &mut *self.inner.borrow_mut();
        let settled = inner.subscribing.subscribe(&mut inner.driver, now(), route, subscribe, sender)?;
        self.flush_soon();
        // The receiver is not polled yet: nobody is woken.
        settle(settled);
        Ok(receiver)
    }

    /// A subscription is dropped.
    pub(super) fn leave(&self, numbers: [u32; 2]) {
        let inner = &mut *self.inner.borrow_mut();
        inner.subscribing.leave(&mut inner.driver, now(), numbers);
        if inner.ended.is_none() {
            self.flush_soon();
        }
    }

    pub(super) fn acknowledge(&self, acknowledgement: Acknowledgement, reason: u8) -> Result<(), Error> {
        let inner = &mut *self.inner.borrow_mut();
        match inner.driver.acknowledge(now(), acknowledgement, reason) {
            // The session that it was of has been given up.
            Ok(()) | Err(Core::NothingToAcknowledge) => {}
            Err(error) => return Err(error.into()),
        }
        self.flush_soon();
        Ok(())
    }

    pub(super) fn wake(&self, network_changed: bool) {
        self.inner.borrow_mut().driver.handle_wake(now(), network_changed);
        self.pump();
    }

    /// Ends it. The receiver waits until all is closed.
    pub(super) fn disconnect(&self, reason: u8, properties: &Properties) -> Result<Receiver<()>, Error> {
        let section = properties.encode(On::Disconnect)?;
        let (sender, receiver) = one();
        self.inner.borrow_mut().closers.push(sender);
        if let Err(error) = self.end_now(reason, &section) {
            self.inner.borrow_mut().closers.pop();
            return Err(error.into());
        }
        let me = self.me.clone();
        let timer = Timer::new(CLOSING, move || {
            if let Some(shared) = me.upgrade() {
                shared.stop_closing();
            }
        });
        let inner = &mut *self.inner.borrow_mut();
        inner.closing_timer = Some(timer).filter(|_| !inner.closers.is_empty());
        Ok(receiver)
    }

    fn stop_closing(&self) {
        let closing = core::mem::take(&mut self.inner.borrow_mut().closing);
        drop(closing);
        self.pump();
    }

    /// The last handle is gone: nobody waits for anything but that all leaves.
    pub(super) fn handle_dropped(&self) {
        // What could be refused is a reason or a property.
        let _: Result<(), Core> = self.end_now(0, &[]);
        self.stop_closing();
    }

    pub(super) fn end_now(&self, reason: u8, section: &[u8]) -> Result<(), Core> {
        let disconnected = self.inner.borrow_mut().driver.disconnect(now(), reason, section);
        match disconnected {
            Ok(()) => self.pump(),
            // It was never begun, or is over.
            Err(Core::NotConnected) => self.end(None),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

fn publish(driver: &mut Driver, message: &Publish) -> Result<u32, Error> {
    let section = message.properties.encode(On::Publish)?;
    let outgoing = Outgoing {
        topic: &message.topic,
        payload: &message.payload,
        qos: message.qos,
        retain: message.retain,
        properties: &section,
    };
    Ok(driver.publish(now(), outgoing)?)
}

pub(super) fn late() -> Error {
    Error::StoreFailed("It does not answer.".into())
}

/// What a store gives, in time.
async fn within<T: 'static>(mut future: StoreFuture<T>) -> Result<T, Error> {
    let (sender, mut timeout) = one();
    let _timer = Timer::new(PATIENCE, move || sender.send(()));
    poll_fn(move |context| {
        if let Poll::Ready(result) = future.as_mut().poll(context) {
            return Poll::Ready(result);
        }
        match Pin::new(&mut timeout).poll(context) {
            Poll::Ready(_) => Poll::Ready(Err(late())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
