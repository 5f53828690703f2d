//! The protocol: what a client may do, must answer and has to remember. Knows no bytes (that is [`wire`](crate::wire)),
//! no sockets, no clock.
//!
//! Drive it as the crate's first page says: a command or a `handle_*`, then drain `poll_event`, `poll_transmit` and
//! `poll_timeout`. A [`Session`] outlives its connections: with `clean_start` off, what is in flight goes on when the
//! next one is up.

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
mod options;
mod outbound;
mod receive;
mod transmit;

use alloc::collections::VecDeque;

pub use event::{Acknowledgement, Answer, Ending, Event, Message};
pub use options::{LastWill, Options};

#[cfg(feature = "ffi")]
pub(crate) use alias::TopicTable;

use crate::Error;
use crate::time::{Clock, Instant};
use crate::wire::{
    Disconnect, Filters, Names, On, PacketId, Properties, Publish, QoS, Subscribe, Unsubscribe, Version,
    encode_ping_req, id,
};
use alias::{IncomingAliases, OutgoingAliases};
use attempt::Attempt;
use inbound::Inbound;
use keep_alive::{Due, KeepAlive};
use limits::Limits;
use outbound::{Next, Outbound, Request};
use transmit::Transmit;

/// Where the connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// No connection and none wanted.
    #[default]
    Idle,
    /// The driver opens a socket.
    Opening,
    /// CONNECT is sent, CONNACK awaited.
    Handshake,
    /// CONNACK has come.
    Connected,
}

/// Appends a packet with this identifier.
type Encode<'a> = &'a mut dyn FnMut(PacketId, &mut Vec<u8>) -> Result<(), Error>;

/// What is to be published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outgoing<'a> {
    /// The topic name.
    pub topic: &'a str,
    /// The payload.
    pub payload: &'a [u8],
    /// The quality of service.
    pub qos: QoS,
    /// Shall the server retain it?
    pub retain: bool,
    /// A property section in wire encoding, without its length (MQTT 5). Topic aliases are assigned by the session.
    pub properties: &'a [u8],
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
    limits: Limits,
    keep_alive: KeepAlive,
    outbound: Outbound,
    inbound: Inbound,
    outgoing_aliases: OutgoingAliases,
    incoming_aliases: IncomingAliases,
    transmit: Transmit,
    events: VecDeque<Event<'static>>,
    tickets: u32,
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
        self.options = options;
        self.attempt = Attempt::default();
        self.open(now);
        Ok(())
    }

    /// Publishes a message. The ticket names it in `Delivered`; QoS 0 has none (0).
    pub fn publish(&mut self, now: Instant, message: Outgoing<'_>) -> Result<u32, Error> {
        self.check_connected()?;
        let version = self.attempt.version(&self.options);
        let Outgoing { topic, payload, qos, retain, properties } = message;
        self.limits.check_publish(qos, retain)?;
        let properties = section(properties, version, On::Publish)?;
        if properties.contains(id::TOPIC_ALIAS) || properties.contains(id::SUBSCRIPTION_IDENTIFIER) {
            return Err(Error::Property); // [MQTT-3.3.4-6]
        }
        let now = self.clock.advance(now);
        let mut publish = Publish { dup: false, qos, retain, packet_id: None, topic, properties, payload };
        if qos == QoS::AtMostOnce {
            self.transmit_publish(now, publish)?;
            return Ok(0);
        }
        publish.packet_id = PacketId::new(1);
        let mut packet = Vec::new();
        publish.encode(version, &mut packet)?;
        if packet.len() > self.limits.maximum_packet_size as usize {
            return Err(Error::PacketTooLarge); // [MQTT-3.2.2-15]
        }
        let ticket = self.next_ticket();
        self.outbound.publish(packet, ticket);
        self.transmit_outbound(now);
        Ok(ticket)
    }

    /// Subscribes. The ticket names the answer in `Subscribed`. `properties` is a section in wire encoding.
    pub fn subscribe(&mut self, now: Instant, filters: Filters<'_>, properties: &[u8]) -> Result<u32, Error> {
        self.check_connected()?;
        let version = self.attempt.version(&self.options);
        let properties = section(properties, version, On::Subscribe)?;
        if version != Version::V5 && filters.iter().any(|(_, options)| options.bits() != options.qos() as u8) {
            return Err(Error::NeedsVersion5);
        }
        self.limits.check_subscribe(&filters, properties)?;
        self.request(now, Request::Subscribe, filters.iter().count(), &mut |packet_id, out| {
            Subscribe { packet_id, properties, filters }.encode(version, out)
        })
    }

    /// Unsubscribes. The ticket names the answer in `Unsubscribed`. `properties` is a section in wire encoding.
    pub fn unsubscribe(&mut self, now: Instant, filters: Names<'_>, properties: &[u8]) -> Result<u32, Error> {
        self.check_connected()?;
        let version = self.attempt.version(&self.options);
        let properties = section(properties, version, On::Unsubscribe)?;
        self.request(now, Request::Unsubscribe, filters.iter().count(), &mut |packet_id, out| {
            Unsubscribe { packet_id, properties, filters }.encode(version, out)
        })
    }

    /// Sends what `encode` writes about so many topic filters. Gives the ticket of the answer.
    fn request(&mut self, now: Instant, kind: Request, filters: usize, encode: Encode<'_>) -> Result<u32, Error> {
        let now = self.clock.advance(now);
        let ticket = self.next_ticket();
        let packet_id = self.outbound.request(kind, ticket, filters)?;
        let sent = self.transmit.packet(self.limits.maximum_packet_size, &mut |out| encode(packet_id, out));
        self.sent(now, sent).inspect_err(|_| self.outbound.forget(packet_id))?;
        Ok(ticket)
    }

    /// Acknowledges a message that came with an [`Acknowledgement`]; `reason` is 0 before MQTT 5. Acknowledgements
    /// leave in the order in which the messages came.
    pub fn acknowledge(&mut self, now: Instant, message: Acknowledgement, reason: u8) -> Result<(), Error> {
        self.check_connected()?;
        if reason != 0 && self.version() != Version::V5 {
            return Err(Error::NeedsVersion5);
        }
        // The codes of PUBACK and PUBREC (tables 3-4 and 3-5).
        if !matches!(reason, 0 | 0x10 | 0x80 | 0x83 | 0x87 | 0x90 | 0x91 | 0x97 | 0x99) {
            return Err(Error::ReasonCode);
        }
        self.inbound.acknowledge(message, reason)?;
        let now = self.clock.advance(now);
        while let Some(answer) = self.inbound.poll_answer() {
            self.transmit_ack(now, answer);
        }
        Ok(())
    }

    /// Ends the connection with a DISCONNECT, or the attempt to make one. `reason` and `properties` (a section in
    /// wire encoding) are for MQTT 5.
    pub fn disconnect(&mut self, now: Instant, reason: u8, properties: &[u8]) -> Result<(), Error> {
        let now = self.clock.advance(now);
        match self.state {
            State::Idle => return Err(Error::NotConnected),
            State::Opening | State::Handshake => self.events.push_back(Event::Failed(Ending::default())),
            State::Connected => {
                let version = self.version();
                if reason != 0 && version != Version::V5 {
                    return Err(Error::NeedsVersion5);
                }
                if !matches!(reason, 0 | 4 | 0x80..=0x83 | 0x8C | 0x90 | 0x93..=0x99) {
                    return Err(Error::ReasonCode); // table 3-10, and 0x8C of table 2-6
                }
                let properties = section(properties, version, On::Disconnect)?;
                let keeps = |it: Properties<'_>| it.number(id::SESSION_EXPIRY_INTERVAL).unwrap_or(0) > 0;
                if keeps(properties) && !keeps(self.options.connect_properties()) {
                    return Err(Error::Property); // section 3.14.2.2.2
                }
                let packet = Disconnect { reason, properties };
                let sent =
                    self.transmit.packet(self.limits.maximum_packet_size, &mut |out| packet.encode(version, out));
                self.sent(now, sent)?;
                self.events.push_back(Event::Lost(Ending { reason, ..Ending::default() }));
            }
        }
        self.end();
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
        self.transmit.take()
    }

    /// When `handle_timeout` is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let at = match self.state {
            State::Idle => None,
            State::Opening | State::Handshake => self.attempt.deadline,
            State::Connected => self.keep_alive.poll_timeout(),
        };
        at.map(|at| self.clock.outside(at))
    }

    /// Time has passed. Harmless when nothing is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.clock.advance(now);
        match self.state {
            State::Idle => {}
            State::Opening | State::Handshake => {
                if self.attempt.deadline.is_some_and(|at| at <= now) {
                    self.attempt_failed(now, Error::ConnectTimeout.into(), false);
                }
            }
            State::Connected => match self.keep_alive.handle_timeout(now) {
                Due::Nothing => {}
                Due::Ping => {
                    let _ = self.transmit.packet(u32::MAX, &mut |out| {
                        encode_ping_req(out);
                        Ok(())
                    });
                }
                Due::Dead => {
                    self.events.push_back(Event::Lost(Error::PingTimeout.into()));
                    self.end();
                }
            },
        }
    }

    // Shared by the parts.

    /// The protocol version of the present or last connection.
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

    /// Books a packet that went into the transmit buffer.
    fn sent(&mut self, now: Instant, sent: Result<(), Error>) -> Result<(), Error> {
        sent.inspect(|()| self.keep_alive.handle_sent(now))
    }

    /// Sends whatever quota and packet identifiers allow.
    fn transmit_outbound(&mut self, now: Instant) {
        let mut outbound = core::mem::take(&mut self.outbound);
        let version = self.version();
        while let Some(next) = outbound.poll_next() {
            match next {
                Next::Publish(packet) if self.limits.topic_alias_maximum == 0 => {
                    let sent = self.transmit.packet(u32::MAX, &mut |out| {
                        out.extend_from_slice(packet);
                        Ok(())
                    });
                    let _ = self.sent(now, sent);
                }
                Next::Publish(packet) => {
                    if let Some(publish) = outbound::decode(packet, version) {
                        let _ = self.transmit_publish(now, publish);
                    }
                }
                Next::Release(id) => self.transmit_release(now, id, 0),
            }
        }
        self.outbound = outbound;
    }

    /// Sends a PUBLISH, by its alias where the server takes one and the packet has room for it.
    fn transmit_publish(&mut self, now: Instant, publish: Publish<'_>) -> Result<(), Error> {
        let version = self.version();
        let limit = self.limits.maximum_packet_size;
        let topic = publish.topic;
        if let Some((alias, known)) = self.outgoing_aliases.assign(topic) {
            let [high, low] = alias.to_be_bytes();
            let section = [publish.properties.as_bytes(), &[0x23, high, low]].concat();
            let properties = Properties::decode(&section, On::Publish)?;
            let aliased = Publish { topic: if known { "" } else { topic }, properties, ..publish };
            let sent = self.transmit.packet(limit, &mut |out| aliased.encode(version, out));
            if self.sent(now, sent).is_ok() {
                return Ok(());
            }
            self.outgoing_aliases.forget(topic);
        }
        let sent = self.transmit.packet(limit, &mut |out| publish.encode(version, out));
        self.sent(now, sent)
    }

    /// The connection is over: the driver closes the socket when all is transmitted.
    fn end(&mut self) {
        self.events.push_back(Event::Close);
        self.state = State::Idle;
        self.authenticating = false;
        self.outbound.handle_lost();
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
