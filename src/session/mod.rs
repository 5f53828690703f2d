//! The protocol: what a client may do, must answer and has to remember. Knows no bytes (that is [`wire`](crate::wire)),
//! no sockets, no clock.
//!
//! A [`Session`] outlives its connections: with `clean_start` off, what is in flight goes on when the next one is up;
//! and with a store it outlives the process.
//!
//! # What a driver owes it
//!
//! The [crate's first page](crate) has the rhythm. After each command and each `handle_*`, drain all four:
//!
//! 1. [`poll_persist`](Session::poll_persist), if [`Options::persist`] says that there is a store: write these changes,
//!    in order, before anything of the same drain leaves. The next process hands the records to
//!    [`restore`](Session::restore), before `connect`.
//! 2. [`poll_transmit`](Session::poll_transmit): send these bytes. Each piece makes one message where the transport has
//!    messages (over WebSocket, binary ones); over TCP they just follow one another.
//! 3. [`poll_event`](Session::poll_event), and what [`handle_packet`](Session::handle_packet) gave, in the order in which
//!    they came:
//!
//!    | event | what the driver does |
//!    | --- | --- |
//!    | [`Open`](Event::Open) | drops an older socket, opens one, answers with [`handle_open`](Session::handle_open) and an [`Assembler`](crate::wire::Assembler) that is new or `reset`, or with [`handle_close`](Session::handle_close) |
//!    | [`Close`](Event::Close) | closes the socket behind what is to be transmitted, and hears no more of it |
//!    | all others | tells the application |
//!
//! 4. [`poll_timeout`](Session::poll_timeout): call [`handle_timeout`](Session::handle_timeout) then, or whenever it is
//!    convenient. The time is any clock's, in milliseconds: one that stands still in sleep and one that is set back are
//!    both borne.
//!
//! And when bytes come: [`handle_received`](Session::handle_received) once, then
//! [`handle_packet`](Session::handle_packet) for each packet that the assembler cuts off, or
//! [`handle_malformed`](Session::handle_malformed) where it cannot. When the device wakes up or the network is another
//! one: [`handle_wake`](Session::handle_wake).
//!
//! ```
//! use wasmqtt::session::{Event, Options, Outgoing, Session};
//! use wasmqtt::time::Instant;
//! use wasmqtt::wire::{Assembler, FiltersBuf, QoS, Version};
//!
//! # let mut session = Session::new();
//! # let mut assembler = Assembler::new(u32::MAX);
//! # let now = Instant::from_millis(0);
//! # session.connect(now, Options { versions: vec![Version::V3_1_1], ..Options::default() })?;
//! # session.poll_event();
//! # session.handle_open(now);
//! # session.poll_transmit();
//! # session.handle_packet(now, assembler.next(&mut &[0x20, 2, 0, 0][..])?.unwrap());
//! // Connected. Each command gives a ticket, which names its outcome.
//! let mut filters = FiltersBuf::new();
//! filters.push("rooms/+", QoS::AtLeastOnce.into())?;
//! let asked = session.subscribe(now, filters.as_filters(session.version())?, &[])?;
//! let message = Outgoing { topic: "log", payload: b"up", qos: QoS::AtLeastOnce, retain: false, properties: &[] };
//! let published = session.publish(now, message)?;
//! while let Some(bytes) = session.poll_transmit() {
//!     # let sent = bytes;
//!     /* send them */
//!     # assert_eq!(sent[0], 0x82);
//! }
//!
//! // SUBACK, PUBACK, and a message to rooms/hall, all at once. An event lives until the session is told more.
//! let mut bytes = &b"\x90\x03\0\x01\x01\x40\x02\0\x02\x32\x10\0\x0arooms/hall\0\x09hi"[..];
//! # let mut told = 0;
//! session.handle_received(now);
//! while let Some(frame) = assembler.next(&mut bytes)? {
//!     # told += 1;
//!     match session.handle_packet(now, frame) {
//!         Some(Event::Subscribed(answer)) => assert_eq!((answer.ticket, answer.codes), (asked, &[1][..])),
//!         Some(Event::Delivered { ticket, reason, .. }) => assert_eq!((ticket, reason), (published, 0)),
//!         Some(Event::Message(message)) => assert_eq!((message.topic, message.payload), ("rooms/hall", &b"hi"[..])),
//!         other => unreachable!("{other:?}"),
//!     }
//! }
//! # assert_eq!(told, 3);
//! // The message has been acknowledged: its PUBACK is to be sent.
//! assert_eq!(session.poll_transmit(), Some(&[0x40, 2, 0, 9][..]));
//! # Ok::<(), wasmqtt::Error>(())
//! ```

use alloc::string::String;
use alloc::vec::Vec;

mod alias;
mod attempt;
mod authentication;
mod event;
mod ids;
mod inbound;
mod keep_alive;
mod limits;
mod link;
mod options;
mod outbound;
mod persist;
mod publish;
mod queue;
mod receive;
mod reconnect;
mod subscriptions;
mod transmit;

use alloc::collections::VecDeque;

pub use event::{Acknowledgement, Answer, Ending, Event, Message};
pub use options::{LastWill, Options};
pub use persist::{Change, Key};
pub use publish::Outgoing;
pub use queue::{Offline, Overflow};
pub use reconnect::Reconnect;

#[cfg(feature = "ffi")]
pub(crate) use alias::TopicTable;

use crate::Error;
use crate::time::{Clock, Instant};
use crate::wire::{Disconnect, Filters, Names, On, Properties, Version, id, is_legal_reason};
use alias::IncomingAliases;
use attempt::{Attempt, History};
use inbound::Inbound;
use keep_alive::Due;
use link::Link;
use outbound::{Outbound, Request, RequestKind};
use persist::Journal;
use reconnect::Backoff;
use subscriptions::Subscriptions;

/// Where the connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// No connection and none wanted.
    #[default]
    Idle,
    /// The next attempt waits for its time.
    Waiting,
    /// The driver opens a socket.
    Opening,
    /// CONNECT is sent, CONNACK awaited.
    Handshake,
    /// CONNACK has come.
    Connected,
}

/// One client's side of MQTT.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    clock: Clock,
    options: Options,
    /// By the server, when the options had no client identifier.
    assigned_client_id: String,
    attempt: Attempt,
    history: History,
    backoff: Backoff,
    link: Link,
    outbound: Outbound,
    inbound: Inbound,
    subscriptions: Subscriptions,
    journal: Journal,
    incoming_aliases: IncomingAliases,
    events: VecDeque<Event<'static>>,
    tickets: u32,
    /// The filters of the last SUBSCRIBE that the session sent by itself and that was answered.
    granted: Vec<u8>,
    /// The server waits for our AUTH, or we for its: a re-authentication is under way.
    authenticating: bool,
}

impl Session {
    /// A session that is not connected.
    pub fn new() -> Self {
        Self::default()
    }

    /// Is the connection up?
    pub fn is_connected(&self) -> bool {
        self.state == State::Connected
    }

    /// Messages that the server has not acknowledged yet.
    pub fn pending(&self) -> usize {
        self.outbound.pending()
    }

    /// The largest packet that the server may send, in bytes: Maximum Packet Size of the present options.
    pub fn maximum_packet_size(&self) -> u32 {
        self.options.connect_properties().number(id::MAXIMUM_PACKET_SIZE).unwrap_or(u32::MAX)
    }

    // Commands. Each is refused without any effect, or takes effect.

    /// Takes over the record of an earlier process, before `connect`. A damaged one is refused and changes nothing.
    pub fn restore(&mut self, key: Key, record: &[u8]) -> Result<(), Error> {
        let content = persist::decode(key, record)?;
        match key {
            Key::Message(ticket) => {
                self.outbound.restore(ticket, content)?;
                self.tickets = self.tickets.max(ticket);
            }
            Key::Received(id) => self.inbound.restore(id),
            Key::Subscription(number) => self.subscriptions.restore(number, content)?,
        }
        Ok(())
    }

    /// Starts to connect.
    pub fn connect(&mut self, now: Instant, mut options: Options) -> Result<(), Error> {
        if self.state != State::Idle {
            return Err(Error::AlreadyConnected);
        }
        if options.client_id.is_empty() {
            options.client_id.clone_from(&self.assigned_client_id);
        }
        options.check()?;
        let now = self.clock.advance(now);
        self.journal.on = options.persist;
        self.inbound.auto_ack = options.auto_ack;
        self.backoff = Backoff::new(options.seed);
        self.options = options;
        self.attempt = Attempt::default();
        self.history = History::default();
        if self.options.clean_start {
            self.discard();
        }
        self.open(now);
        Ok(())
    }

    /// Gives the session up [MQTT-3.1.2-4].
    fn discard(&mut self) {
        let error = Error::SessionDiscarded;
        for ticket in self.outbound.discard() {
            self.events.push_back(Event::Undelivered { ticket, error });
        }
        self.inbound.clear(&mut self.journal);
        self.subscriptions = Subscriptions::default();
        self.journal.clear();
    }

    /// Subscribes. The ticket names the answer in `Subscribed`. `properties` is a section in wire encoding.
    pub fn subscribe(&mut self, now: Instant, filters: Filters<'_>, properties: &[u8]) -> Result<u32, Error> {
        self.check_connected()?;
        let version = self.attempt.version(&self.options);
        let properties = section(properties, version, On::Subscribe)?;
        if version != Version::V5 && filters.iter().any(|(_, options)| options.bits() != options.qos() as u8) {
            return Err(Error::NeedsVersion5);
        }
        self.link.limits.check_subscribe(&filters, properties)?;
        let request = Request::subscribe(self.next_ticket(), filters, properties);
        let now = self.clock.advance(now);
        self.request(now, request)
    }

    /// Unsubscribes. The ticket names the answer in `Unsubscribed`. `properties` is a section in wire encoding.
    pub fn unsubscribe(&mut self, now: Instant, filters: Names<'_>, properties: &[u8]) -> Result<u32, Error> {
        self.check_connected()?;
        let version = self.attempt.version(&self.options);
        let properties = section(properties, version, On::Unsubscribe)?;
        let request = Request {
            kind: RequestKind::Unsubscribe,
            ticket: self.next_ticket(),
            count: filters.iter().count(),
            filters: filters.as_bytes().into(),
            properties: properties.as_bytes().into(),
        };
        let now = self.clock.advance(now);
        self.request(now, request)
    }

    /// Sends a request. Gives the ticket of the answer. `now` is on the session's own scale.
    fn request(&mut self, now: Instant, request: Request) -> Result<u32, Error> {
        let (ticket, version) = (request.ticket, self.version());
        let packet_id = self.outbound.take_identifier()?;
        let sent = self.link.packet(now, &mut |out| request.encode(version, packet_id, out));
        self.outbound.request(packet_id, request);
        sent.inspect_err(|_| self.outbound.forget(packet_id))?;
        Ok(ticket)
    }

    /// From now on, messages are acknowledged when they are delivered, or by `acknowledge`.
    pub fn set_auto_ack(&mut self, auto_ack: bool) {
        self.inbound.auto_ack = auto_ack;
    }

    /// Acknowledges a message that came with an [`Acknowledgement`]; `reason` is 0 before MQTT 5. Acknowledgements
    /// leave in the order in which the messages came. After the connection has gone it is remembered, so that a QoS 2
    /// message does not come again.
    pub fn acknowledge(&mut self, now: Instant, message: Acknowledgement, reason: u8) -> Result<(), Error> {
        if reason != 0 && self.version() != Version::V5 {
            return Err(Error::NeedsVersion5);
        }
        // The codes of PUBACK and PUBREC are the same (tables 3-4 and 3-5).
        if !is_legal_reason(Version::V5, On::PubAck, reason) {
            return Err(Error::ReasonCode);
        }
        self.inbound.acknowledge(message, reason, &mut self.journal)?;
        if self.is_connected() {
            let now = self.clock.advance(now);
            self.transmit_answers(now);
        }
        Ok(())
    }

    /// Ends the connection with a DISCONNECT, or the attempts to make one. `reason` and `properties` (a section in
    /// wire encoding) are for MQTT 5.
    pub fn disconnect(&mut self, now: Instant, reason: u8, properties: &[u8]) -> Result<(), Error> {
        let now = self.clock.advance(now);
        match self.state {
            State::Idle => return Err(Error::NotConnected),
            State::Waiting | State::Opening | State::Handshake => {
                self.events.push_back(Event::Failed(Ending::default()));
            }
            State::Connected => {
                let version = self.version();
                if reason != 0 && version != Version::V5 {
                    return Err(Error::NeedsVersion5);
                }
                if !is_legal_reason(Version::V5, On::Disconnect, reason) {
                    return Err(Error::ReasonCode);
                }
                let properties = section(properties, version, On::Disconnect)?;
                let keeps = |it: Properties<'_>| it.number(id::SESSION_EXPIRY_INTERVAL).unwrap_or(0) > 0;
                if keeps(properties) && !keeps(self.options.connect_properties()) {
                    return Err(Error::Property); // section 3.14.2.2.2
                }
                let packet = Disconnect { reason, properties };
                self.link.packet(now, &mut |out| packet.encode(version, out))?;
                let ending = Ending { reason, ..Ending::default() };
                self.events.push_back(Event::Lost { ending, reconnecting: false });
            }
        }
        self.events.push_back(Event::Close);
        self.state = State::Idle;
        self.authenticating = false;
        self.outbound.handle_lost();
        Ok(())
    }

    // What is to be done.

    /// The next event that no packet carried.
    pub fn poll_event(&mut self) -> Option<Event<'static>> {
        self.events.pop_front()
    }

    /// The next WebSocket message to send. It is never empty; its bytes stay in place until the next call of a
    /// command or a `handle_*`.
    pub fn poll_transmit(&mut self) -> Option<&[u8]> {
        self.link.transmit.take()
    }

    /// The next change to write to the store, in order: before what is to be transmitted leaves.
    pub fn poll_persist(&mut self) -> Option<Change> {
        self.journal.poll()
    }

    /// When `handle_timeout` is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let at = match self.state {
            State::Idle => None,
            State::Waiting | State::Opening | State::Handshake => self.attempt.deadline,
            State::Connected => self.link.keep_alive.poll_timeout(),
        };
        let at = match (at, self.poll_expiry()) {
            (Some(at), Some(other)) => at.min(other),
            (at, other) => at.or(other)?,
        };
        Some(self.clock.outside(at))
    }

    /// Time has passed. Harmless when nothing is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.clock.advance(now);
        if self.poll_expiry().is_some() {
            self.expire(now);
        }
        match self.state {
            State::Idle => {}
            State::Waiting if self.attempt.deadline.is_some_and(|at| at <= now) => self.open(now),
            State::Waiting => {}
            State::Opening | State::Handshake => self.handle_late(now),
            State::Connected => match self.link.keep_alive.handle_timeout(now) {
                Due::Nothing => {}
                Due::Ping => self.link.ping(),
                Due::Dead => {
                    self.link.transmit.clear();
                    self.lose(now, Error::PingTimeout.into());
                }
            },
        }
    }

    // Shared by the parts.

    /// The protocol version of the present or last connection.
    // Asked for everywhere: it shall stand in the binary once.
    #[inline(never)]
    pub fn version(&self) -> Version {
        self.attempt.version(&self.options)
    }

    fn check_connected(&self) -> Result<(), Error> {
        if self.is_connected() { Ok(()) } else { Err(Error::NotConnected) }
    }

    /// Tickets are not 0 and fit a signed number, which the boundary to JavaScript wants.
    fn next_ticket(&mut self) -> u32 {
        self.tickets = self.tickets % 0x7FFF_FFFF + 1;
        self.tickets
    }
}

/// A property section that the application wrote.
fn section(bytes: &[u8], version: Version, on: On) -> Result<Properties<'_>, Error> {
    match version {
        _ if bytes.is_empty() => Ok(Properties::default()),
        Version::V5 => Properties::decode(bytes, on).map_err(|_| Error::Property),
        _ => Err(Error::NeedsVersion5),
    }
}
