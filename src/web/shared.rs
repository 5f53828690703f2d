//! One client between its driver and the browser: the socket of the present attempt, the timers, the store's answers, and
//! who waits for what. Does what the driver says, in its order, and decides nothing.
//!
//! Nothing that is the application's (a waker, a store, a function, the end of a message) ever runs while the state is
//! borrowed: it may come back here.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::rc::{Rc, Weak};
use std::task::Poll;

use wasm_bindgen_futures::spawn_local;

use super::address::session_name;
use super::channel::{Queue, Receiver, Sender, one};
use super::driver::{Arrived, Driver, End, Sending, Told};
use super::options::Credentials;
use super::platform::{self, Happened, Listener, Socket, Timer};
use super::properties::Section;
use super::receipt::Receipt;
use super::subscribing::{Settled, Stream, Subscribing};
use super::{Connected, Error, Event, Message, Opened, Options, Publish, Qos, Reason, Records, State, Subscribe};
use crate::Error as Core;
use crate::session::{Acknowledgement, Outgoing};
use crate::time::Instant;
use crate::wire::{On, Version};

/// A socket that holds more than this many bytes back gets no more for now.
const HIGH_MARK: u32 = 1024 * 1024;
/// How soon to look again, in milliseconds: a WebSocket does not tell when it has drained.
const LOOK_AGAIN: u64 = 20;
/// How long a server may take to answer the closing handshake before `disconnect` is done, in milliseconds.
const CLOSING: u64 = 2_000;
/// How long a store may take to open, in milliseconds.
const PATIENCE: u64 = 5_000;

/// AUTH: more is wanted (section 3.15.2.1).
const CONTINUE_AUTHENTICATION: u8 = 0x18;

/// Who waits for the answer to a PUBLISH.
pub(super) type Answer = Sender<Result<Reason, Error>>;

/// One client.
pub(super) struct Shared {
    me: Weak<Self>,
    options: Options,
    inner: RefCell<Inner>,
    /// The state is being worked off: who comes back here is served there.
    pumping: Cell<bool>,
    flushing: Cell<bool>,
}

#[derive(Default)]
struct Inner {
    driver: Driver,
    state: State,
    connected: Option<Connected>,
    /// Why it has ended.
    ended: Option<Option<Error>>,
    /// The number of the present attempt, and its socket, once it has one.
    attempt: u32,
    socket: Option<Socket>,
    /// Sockets that are being closed.
    closing: Vec<Socket>,
    /// What the present attempt failed with, where the core cannot know it.
    failure: Option<Error>,
    closed: (u16, String),
    /// Why we end it ourselves.
    verdict: Option<Error>,
    records: Option<Rc<dyn Records>>,
    store_failure: Option<Error>,
    timer: Option<(u64, Timer)>,
    look_again: Option<Timer>,
    closing_timer: Option<Timer>,
    watch: Vec<Listener>,
    /// Published before the store was open.
    early: Vec<(Publish, Answer)>,
    loading: bool,
    publishing: BTreeMap<u32, Answer>,
    subscribing: Subscribing,
    events: Vec<Weak<Queue<Event>>>,
    /// For the connection; for the end.
    waiters: Vec<Sender<Result<Connected, Error>>>,
    closers: Vec<Sender<()>>,
}

fn now() -> Instant {
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
        let watch = platform::watch(move |network| {
            if let Some(shared) = me.upgrade() {
                shared.wake(network);
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
                Ok(ticket) => drop(inner.publishing.insert(ticket, answer)),
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
    pub(super) fn disconnect(&self) -> Receiver<()> {
        let (sender, receiver) = one();
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.closers.push(sender);
            let me = self.me.clone();
            inner.closing_timer = Some(Timer::new(CLOSING, move || {
                if let Some(shared) = me.upgrade() {
                    shared.stop_closing();
                }
            }));
        }
        self.end_now();
        receiver
    }

    fn stop_closing(&self) {
        let closing = core::mem::take(&mut self.inner.borrow_mut().closing);
        drop(closing);
        self.pump();
    }

    /// The last handle is gone: nobody waits for anything but that all leaves.
    pub(super) fn handle_dropped(&self) {
        self.end_now();
        self.stop_closing();
    }

    fn end_now(&self) {
        let disconnected = self.inner.borrow_mut().driver.disconnect(now(), 0, &[]);
        match disconnected {
            Ok(()) => self.pump(),
            // It was never begun, or is over.
            Err(_) => self.end(None),
        }
    }

    // What happened outside.

    fn handle_socket(&self, number: u32, happened: Happened) {
        {
            let inner = &mut *self.inner.borrow_mut();
            let present = inner.socket.as_ref().is_some_and(|socket| socket.number == number);
            match happened {
                // What a socket says that is not the present one any more is stale, but for its end.
                Happened::Closed(..) if !present => {
                    let closed: Vec<_> = inner.closing.extract_if(.., |socket| socket.number == number).collect();
                    discard(closed);
                }
                _ if !present => return,
                Happened::Opened => inner.driver.handle_open(now()),
                Happened::Received(bytes) => inner.driver.handle_input(now(), &bytes),
                Happened::Failed(why) => {
                    inner.failure = Some(Error::SocketFailed(why.into()));
                    inner.driver.handle_close(now(), Core::SocketError);
                }
                Happened::Closed(code, reason) => {
                    inner.closed = (code, reason);
                    inner.driver.handle_close(now(), Core::SocketClosed);
                }
            }
        }
        self.pump();
    }

    fn handle_timeout(&self) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.timer = None;
            inner.driver.handle_timeout(now());
        }
        self.pump();
    }

    fn handle_written(&self, write: u32, written: Result<(), Error>) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.driver.handle_written(write, written.is_ok());
            inner.store_failure = written.err();
        }
        self.pump();
    }

    // What is to be done.

    /// Sends what commands have produced, at the end of this turn.
    fn flush_soon(&self) {
        if self.flushing.replace(true) {
            return;
        }
        let me = self.me.clone();
        spawn_local(async move {
            if let Some(shared) = me.upgrade() {
                shared.flushing.set(false);
                shared.pump();
            }
        });
    }

    /// Works off what there is: writes first, sends next, tells last.
    fn pump(&self) {
        if self.pumping.replace(true) {
            return;
        }
        loop {
            self.write();
            self.send();
            let told = self.inner.borrow_mut().driver.poll_told();
            match told {
                Some(told) => self.handle(told),
                None => break,
            }
        }
        self.set_timer();
        self.pumping.set(false);
        self.finish();
    }

    fn write(&self) {
        let (write, changes, records) = {
            let inner = &mut *self.inner.borrow_mut();
            let Some((write, changes)) = inner.driver.poll_write(now()) else { return };
            (write, changes, inner.records.clone())
        };
        let Some(records) = records else {
            self.inner.borrow_mut().driver.handle_written(write, false);
            return;
        };
        let writing = records.write(changes);
        // What waits for it is still to be sent when the client is dropped.
        let Some(shared) = self.me.upgrade() else { return };
        spawn_local(async move {
            let written = writing.await;
            shared.handle_written(write, written);
        });
    }

    fn send(&self) {
        let inner = &mut *self.inner.borrow_mut();
        loop {
            let room = inner.socket.as_ref().is_some_and(|socket| socket.buffered() <= HIGH_MARK);
            let Some(sending) = inner.driver.poll_send(room) else { break };
            match sending {
                Sending::Message { socket, bytes } => {
                    if let Some(socket) = inner.socket.as_ref().filter(|it| it.number == socket) {
                        socket.send(&bytes);
                    }
                }
                Sending::Close { socket } => {
                    if let Some(mut socket) = inner.socket.take_if(|it| it.number == socket) {
                        socket.close();
                        inner.closing.push(socket);
                    }
                }
            }
        }
        if inner.look_again.is_none() && inner.socket.is_some() && inner.driver.is_held() {
            let me = self.me.clone();
            inner.look_again = Some(Timer::new(LOOK_AGAIN, move || {
                if let Some(shared) = me.upgrade() {
                    discard(shared.inner.borrow_mut().look_again.take());
                    shared.pump();
                }
            }));
        }
    }

    fn set_timer(&self) {
        let inner = &mut *self.inner.borrow_mut();
        let Some(at) = inner.driver.poll_timeout().map(Instant::as_millis) else {
            inner.timer = None;
            return;
        };
        // A timer that fires early asks again; only one that would fire late has to go.
        if inner.timer.as_ref().is_some_and(|(set, _)| *set <= at) {
            return;
        }
        let me = self.me.clone();
        let timer = Timer::new(at.saturating_sub(platform::now()), move || {
            if let Some(shared) = me.upgrade() {
                discard(shared.inner.borrow_mut().timer.take());
                shared.handle_timeout();
            }
        });
        inner.timer = Some((at, timer));
    }

    /// All is over: the store is given back, and who waits for that is told.
    fn finish(&self) {
        let (records, closers, timer) = {
            let inner = &mut *self.inner.borrow_mut();
            let over = inner.ended.is_some() && (inner.driver.is_over() || inner.records.is_none());
            if !over {
                return;
            }
            let records = inner.records.take();
            inner.closing.retain(|socket| !socket.is_closed());
            if !inner.closing.is_empty() {
                drop(records);
                return;
            }
            (records, core::mem::take(&mut inner.closers), inner.closing_timer.take())
        };
        drop(records);
        discard(timer);
        for closer in closers {
            closer.send(());
        }
    }

    fn handle(&self, told: Told) {
        match told {
            Told::Open { socket, version, url, .. } => self.open(socket, version, url),
            Told::Connected { version, session_present, reconnected, properties, .. } => {
                self.handle_connected(Connected { session_present, reconnected, version, properties });
            }
            Told::Lost(end) => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.state = State::Reconnecting;
                    inner.connected = None;
                    inner.subscribing.handle_lost();
                    inner.error(end)
                };
                self.tell(Event::Lost(lost(error.as_ref())));
            }
            Told::Reconnecting { attempt, delay, end } => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.state = State::Reconnecting;
                    inner.error(end)
                };
                self.tell(Event::Reconnecting { attempt, delay, error: lost(error.as_ref()) });
            }
            Told::Ended(end) => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.error(end).or(inner.verdict.take())
                };
                self.end(error);
            }
            Told::Message(arrived) => self.handle_message(arrived),
            Told::Delivered { ticket, reason, properties } => {
                let answer = self.inner.borrow_mut().publishing.remove(&ticket);
                let reason = Reason::new(reason, properties);
                let refused = reason.code() >= 0x80;
                settle(answer.map(|it| (it, if refused { Err(Error::PublishRefused(reason)) } else { Ok(reason) })));
            }
            Told::Undelivered { ticket, error } => {
                let answer = self.inner.borrow_mut().publishing.remove(&ticket);
                settle(answer.map(|it| (it, Err(error.into()))));
            }
            Told::Subscribed(answer) => {
                let settled = self.inner.borrow_mut().subscribing.handle_subscribed(answer);
                settle(settled);
            }
            Told::Unsubscribed(answer) => self.inner.borrow_mut().subscribing.handle_unsubscribed(answer.ticket),
            Told::Resubscribed { filters, codes } => self.handle_resubscribed(&filters, &codes),
            Told::Auth { reason, properties } => self.handle_auth(reason, &properties),
            Told::Alive => {}
            Told::StoreFailed => {
                let failure = self.inner.borrow_mut().store_failure.take();
                self.tell(Event::Warning(failure.unwrap_or_else(late)));
            }
            Told::RecordDamaged => self.tell(Event::Warning(Core::RecordDamaged.into())),
        }
    }

    fn open(&self, number: u32, version: Version, url: String) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.attempt = number;
            inner.failure = None;
            inner.closed = (0, String::new());
        }
        let Some(ask) = &self.options.ask else { return self.open_socket(number, version, &url) };
        let asking = ask();
        let me = self.me.clone();
        spawn_local(async move {
            let credentials = asking.await;
            // Another attempt may be under way by now.
            let Some(shared) = me.upgrade().filter(|it| it.inner.borrow().attempt == number) else { return };
            match credentials.map_err(Error::CredentialsFailed).and_then(|it| shared.set_credentials(it)) {
                Ok(other) => shared.open_socket(number, version, other.as_ref().unwrap_or(&url)),
                Err(error) => shared.fail(error),
            }
            shared.pump();
        });
    }

    /// Gives the address, if there is another one.
    fn set_credentials(&self, it: Credentials) -> Result<Option<String>, Error> {
        let section = self.options.section()?;
        let inner = &mut *self.inner.borrow_mut();
        inner.driver.set_credentials(it.user_name.as_deref(), it.password.as_deref(), &section)?;
        Ok(it.url)
    }

    fn open_socket(&self, number: u32, version: Version, url: &str) {
        let protocol = if version == Version::V3_1 { "mqttv3.1" } else { "mqtt" };
        let me = self.me.clone();
        let opened = Socket::open(number, url, protocol, move |happened| {
            if let Some(shared) = me.upgrade() {
                shared.handle_socket(number, happened);
            }
        });
        match opened {
            Ok(socket) => self.inner.borrow_mut().socket = Some(socket),
            Err(error) => self.fail(error),
        }
    }

    /// The present attempt has failed before it had a socket.
    fn fail(&self, error: Error) {
        let inner = &mut *self.inner.borrow_mut();
        inner.failure = Some(error);
        inner.driver.handle_close(now(), Core::SocketError);
    }

    fn handle_connected(&self, connected: Connected) {
        let resumed = connected.session_present || connected.version == Version::V3_1 && self.options.keeps_session();
        let (settled, waiters, streams) = {
            let inner = &mut *self.inner.borrow_mut();
            inner.state = State::Connected;
            inner.connected = Some(connected.clone());
            let settled = inner.subscribing.handle_connected(&mut inner.driver, now());
            (settled, core::mem::take(&mut inner.waiters), inner.subscribing.all())
        };
        if resumed {
            // The server sends again what was not acknowledged.
            for stream in streams {
                stream.retain(|message| message.receipt().is_none_or(Receipt::is_given));
            }
        }
        settled.into_iter().for_each(|one| settle(Some(one)));
        for waiter in waiters {
            waiter.send(Ok(connected.clone()));
        }
        self.tell(Event::Connected(connected));
    }

    fn handle_message(&self, arrived: Arrived) {
        let Arrived { topic, payload, qos, retain, duplicate, properties, acknowledgement, routes } = arrived;
        let receipt = acknowledgement.map(|it| Receipt::new(self.me.clone(), it));
        let message = Message::new(topic, payload, qos, retain, duplicate, properties, receipt);
        let streams = self.inner.borrow().subscribing.streams(&routes);
        // One more than there are, so that none is the last while others have not got it.
        message.receipt().into_iter().for_each(Receipt::take);
        let claimed = !streams.is_empty();
        for stream in streams {
            message.receipt().into_iter().for_each(Receipt::take);
            if !stream.push(message.clone()) {
                message.receipt().into_iter().for_each(Receipt::release);
            }
        }
        message.receipt().into_iter().for_each(Receipt::release);
        if !claimed {
            self.tell(Event::Unclaimed(message));
        }
    }

    fn handle_resubscribed(&self, filters: &[u8], codes: &[u8]) {
        let refused = {
            let inner = &mut *self.inner.borrow_mut();
            inner.subscribing.handle_resubscribed(&mut inner.driver, filters, codes)
        };
        for (filter, code, streams) in refused {
            for stream in streams {
                stream.end();
            }
            let error = Error::SubscribeRefused(Reason::new(code, Section::default()));
            self.tell(Event::SubscriptionLost { filter, error });
        }
    }

    fn handle_auth(&self, reason: u8, challenge: &Section) {
        if reason != CONTINUE_AUTHENTICATION {
            return;
        }
        let Some(authenticate) = &self.options.authenticate else {
            return self.give_up(Core::AuthenticationRefused.into());
        };
        let number = self.inner.borrow().attempt;
        let asking = authenticate(challenge.decode());
        let me = self.me.clone();
        spawn_local(async move {
            let answer = asking.await.map_err(Error::CredentialsFailed);
            // The connection that asked may be gone by now.
            let Some(shared) = me.upgrade().filter(|it| it.inner.borrow().attempt == number) else { return };
            let answered = answer.and_then(|answer| {
                let section = answer.encode(On::Auth)?;
                let driver = &mut shared.inner.borrow_mut().driver;
                Ok(driver.authenticate(now(), CONTINUE_AUTHENTICATION, &section)?)
            });
            match answered {
                Ok(()) => shared.pump(),
                Err(error) => shared.give_up(error),
            }
        });
    }

    /// The application cannot or will not answer the server.
    fn give_up(&self, error: Error) {
        self.inner.borrow_mut().verdict = Some(error);
        self.end_now();
    }

    fn tell(&self, event: Event) {
        let events: Vec<_> = self.inner.borrow().events.iter().filter_map(Weak::upgrade).collect();
        for queue in events {
            queue.push(event.clone());
        }
    }

    /// There is no connection, and none is tried any more. Everybody who waits is told.
    fn end(&self, error: Option<Error>) {
        let ended = {
            let inner = &mut *self.inner.borrow_mut();
            if inner.ended.is_some() {
                None
            } else {
                inner.ended = Some(error.clone());
                inner.state = State::Disconnected;
                inner.connected = None;
                inner.watch.clear();
                let early = core::mem::take(&mut inner.early).into_iter().map(|(_, answer)| answer);
                let publishing = core::mem::take(&mut inner.publishing).into_values();
                let waiting: Vec<_> = early.chain(publishing).chain(inner.subscribing.handle_ended()).collect();
                Some((waiting, core::mem::take(&mut inner.waiters), inner.subscribing.all()))
            }
        };
        if let Some((waiting, waiters, streams)) = ended {
            for answer in waiting {
                answer.send(Err(lost(error.as_ref())));
            }
            for waiter in waiters {
                waiter.send(Err(lost(error.as_ref())));
            }
            for stream in streams {
                stream.end();
            }
            self.tell(Event::Ended(error));
            let events = core::mem::take(&mut self.inner.borrow_mut().events);
            for queue in events.iter().filter_map(Weak::upgrade) {
                queue.end();
            }
        }
        self.pump();
    }
}

impl Inner {
    /// Why it has ended, as the application is told; `None`: as it wanted.
    fn error(&mut self, end: End) -> Option<Error> {
        let reason = Reason::new(end.reason, end.properties);
        Some(match end.error? {
            Core::Refused => Error::Refused(reason),
            Core::ServerDisconnected => Error::Disconnected(reason),
            Core::SocketError => self.failure.take().unwrap_or(Error::SocketFailed(String::new())),
            Core::SocketClosed => {
                let (code, reason) = core::mem::take(&mut self.closed);
                Error::SocketClosed { code, reason }
            }
            error => Error::Core(error),
        })
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

/// What somebody hears who waited for more.
fn lost(error: Option<&Error>) -> Error {
    error.cloned().unwrap_or(Error::Core(Core::ConnectionLost))
}

fn settle(settled: Option<Settled>) {
    if let Some((sender, result)) = settled {
        sender.send(result);
    }
}

fn late() -> Error {
    Error::StoreFailed("It does not answer.".into())
}

/// Drops what may be running now in a later turn.
fn discard<T: 'static>(it: T) {
    spawn_local(async move { drop(it) });
}

/// What a store gives, in time.
async fn within<T: 'static>(mut future: super::StoreFuture<T>) -> Result<T, Error> {
    let (sender, mut timeout) = one();
    let _timer = Timer::new(PATIENCE, move || sender.send(()));
    poll_fn(move |context| {
        if let Poll::Ready(result) = future.as_mut().poll(context) {
            return Poll::Ready(result);
        }
        match core::pin::Pin::new(&mut timeout).poll(context) {
            Poll::Ready(_) => Poll::Ready(Err(late())),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
