//! What the client does with its session, apart from sockets, timers and stores themselves: what leaves when, and what must
//! be written before; what the application hears, and where an attempt goes. Sans-IO, as the session is, so that the model
//! of a network can drive it natively. Never decides what MQTT decides.
//!
//! Whoever drives it calls a command or a `handle_*`, then takes all of `poll_write`, then of `poll_send`, then one of
//! `poll_told`, and so on until that gives nothing: what is to be sent leaves before anybody hears of anything.

use std::collections::VecDeque;

use super::address::Addresses;
use super::persistence::Persistence;
use super::properties::Section;
pub use super::told::{Answered, Arrived, End, Sending, Told};
use super::told::{Step, translate};
use crate::Error;
use crate::session::{Acknowledgement, Change, Key, Offline, Options, Outgoing, Session};
use crate::time::Instant;
use crate::topic::Routes;
use crate::wire::{Assembler, Filters, Names, Version, id};

/// Tickets from here on are of messages that leave with QoS 0: a session's own are below.
const ONCE: u32 = 1 << 31;

/// One thing in the line before a socket.
#[derive(Debug)]
enum Item {
    /// A message that waits until the store has this.
    Message(u64, Vec<u8>),
    /// Everything before the place of this QoS 0 message has left.
    Once(u32),
}

/// What waits to be sent on one socket.
#[derive(Debug, Default)]
struct Line {
    socket: u32,
    items: VecDeque<Item>,
}

/// The client without its platform.
#[derive(Debug, Default)]
pub struct Driver {
    session: Session,
    assembler: Assembler,
    routes: Routes,
    persistence: Persistence,
    addresses: Addresses,
    follows: bool,
    persists: bool,
    keeps_session: bool,
    /// Before the present socket.
    line: Line,
    /// Before those that are closed behind what waits for them.
    leaving: Vec<Line>,
    sockets: u32,
    told: VecDeque<Told>,
    /// Events of packets, until what else they lead to is known.
    events: Vec<Step>,
    /// QoS 0 messages that the session has yet to give out.
    once: Vec<u32>,
    tickets: u32,
    ended: bool,
}

impl Driver {
    /// A client that is not connected.
    pub fn new() -> Self {
        Self::default()
    }

    // Commands: those of the session.

    /// Takes over a record of the store, before `connect`. A damaged one is deleted, and refused.
    pub fn restore(&mut self, key: Key, record: &[u8]) -> Result<(), Error> {
        self.persistence.handle_loaded(key);
        self.session.restore(key, record).inspect_err(|_| {
            self.persistence.write(Change::Delete(key));
            self.told.push_back(Told::RecordDamaged);
        })
    }

    /// Starts to connect to one of these addresses.
    pub fn connect(&mut self, now: Instant, options: Options, urls: Vec<String>) -> Result<(), Error> {
        let (persists, keeps_session) = (options.persist, !options.clean_start);
        let follows = options.follow_server_reference;
        self.session.connect(now, options)?;
        self.assembler = Assembler::new(self.session.maximum_packet_size());
        self.addresses = Addresses::new(urls);
        (self.persists, self.keeps_session, self.follows) = (persists, keeps_session, follows);
        self.settle();
        Ok(())
    }

    /// Credentials for the attempt that was told of last, and the property section of CONNECT.
    pub fn set_credentials(
        &mut self,
        user_name: Option<&str>,
        password: Option<&[u8]>,
        section: &[u8],
    ) -> Result<(), Error> {
        self.session.set_credentials(user_name, password, section)
    }

    /// Publishes. Gives a ticket, of QoS 0 too.
    pub fn publish(&mut self, now: Instant, message: Outgoing<'_>) -> Result<u32, Error> {
        let ticket = self.session.publish(now, message)?;
        if ticket != 0 {
            return Ok(ticket);
        }
        self.tickets = self.tickets.wrapping_add(1) % ONCE;
        let ticket = self.tickets | ONCE;
        self.once.push(ticket);
        Ok(ticket)
    }

    /// Subscribes. Gives a ticket.
    pub fn subscribe(&mut self, now: Instant, filters: Filters<'_>, section: &[u8]) -> Result<u32, Error> {
        self.session.subscribe(now, filters, section)
    }

    /// Unsubscribes. Gives a ticket.
    pub fn unsubscribe(&mut self, now: Instant, filters: Names<'_>, section: &[u8]) -> Result<u32, Error> {
        self.session.unsubscribe(now, filters, section)
    }

    /// Acknowledges a message.
    pub fn acknowledge(&mut self, now: Instant, message: Acknowledgement, reason: u8) -> Result<(), Error> {
        self.session.acknowledge(now, message, reason)
    }

    /// Answers AUTH.
    pub fn authenticate(&mut self, now: Instant, reason: u8, section: &[u8]) -> Result<(), Error> {
        self.session.authenticate(now, reason, section)
    }

    /// Ends the connection behind what was to be sent, or the attempts to make one.
    pub fn disconnect(&mut self, now: Instant, reason: u8, section: &[u8]) -> Result<(), Error> {
        self.settle();
        self.session.disconnect(now, reason, section)
    }

    /// What may wait for a connection.
    pub fn set_offline(&mut self, offline: Option<Offline>) {
        self.session.set_offline(offline);
    }

    /// From now on, messages that match the filter name this route.
    pub fn route(&mut self, filter: &str, route: u32) -> Result<(), Error> {
        self.routes.insert(filter, route)
    }

    /// Takes that back.
    pub fn unroute(&mut self, filter: &str, route: u32) {
        self.routes.remove(filter, route);
    }

    // What is.

    /// Is the connection up?
    pub fn is_connected(&self) -> bool {
        self.session.is_connected()
    }

    /// How many messages of ours are not acknowledged, or with QoS 0 not handed to the socket.
    pub fn pending(&self) -> usize {
        let once = |item: &&Item| matches!(item, Item::Once(_));
        self.session.pending() + self.once.len() + self.line.items.iter().filter(once).count()
    }

    /// The version in use.
    pub fn version(&self) -> Version {
        self.session.version()
    }

    /// It has ended, all is written that is to be written, and every socket was closed.
    pub fn is_over(&self) -> bool {
        self.ended && self.persistence.is_idle() && self.leaving.is_empty()
    }

    // What happened outside.

    /// The present socket is open.
    pub fn handle_open(&mut self, now: Instant) {
        self.settle();
        self.assembler.reset();
        self.session.handle_open(now);
    }

    /// Bytes came from the present socket, split anywhere.
    pub fn handle_input(&mut self, now: Instant, mut bytes: &[u8]) {
        self.settle();
        self.session.handle_received(now);
        loop {
            match self.assembler.next(&mut bytes) {
                Ok(Some(frame)) => {
                    let event = self.session.handle_packet(now, frame);
                    self.events.extend(event.map(|event| translate(event, &self.routes)));
                }
                Ok(None) => break,
                Err(error) => {
                    self.session.handle_malformed(now, error);
                    break;
                }
            }
            self.take_events();
        }
    }

    /// The present socket closed (`SocketClosed`) or failed (`SocketError`).
    pub fn handle_close(&mut self, now: Instant, error: Error) {
        self.settle();
        self.session.handle_close(now, error);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.settle();
        if self.persistence.handle_timeout(now) {
            self.told.push_back(Told::StoreFailed);
        }
        self.session.handle_timeout(now);
    }

    /// The device was asleep, or the network may have changed.
    pub fn handle_wake(&mut self, now: Instant, network_changed: bool) {
        self.settle();
        self.session.handle_wake(now, network_changed);
    }

    /// The store has done this write, or has failed.
    pub fn handle_written(&mut self, write: u32, written: bool) {
        if self.persistence.handle_written(write, written) {
            self.told.push_back(Told::StoreFailed);
        }
    }

    // What is to be done.

    /// When `handle_timeout` is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.session.poll_timeout().into_iter().chain(self.persistence.poll_timeout()).min()
    }

    /// The next transaction for the store, and the number for `handle_written`.
    pub fn poll_write(&mut self, now: Instant) -> Option<(u32, Vec<Change>)> {
        self.settle();
        self.persistence.poll_write(now)
    }

    /// What leaves next. Without `room` in the present socket, only what stands before an end.
    pub fn poll_send(&mut self, room: bool) -> Option<Sending> {
        self.settle();
        for n in 0..self.leaving.len() {
            if let Some(sending) = self.leaving[n].poll(true, &self.persistence, &mut self.told) {
                return Some(sending);
            }
            if self.leaving[n].items.is_empty() {
                let Line { socket, .. } = self.leaving.remove(n);
                return Some(Sending::Close { socket });
            }
        }
        self.line.poll(room, &self.persistence, &mut self.told)
    }

    /// Does anything wait for room?
    pub fn is_held(&self) -> bool {
        matches!(self.line.items.front(), Some(Item::Message(after, _)) if self.persistence.is_done(*after))
    }

    /// What is to be told next.
    pub fn poll_told(&mut self) -> Option<Told> {
        self.settle();
        self.told.pop_front()
    }

    /// Takes over what the session has: changes first, then what is to be sent, then what is to be told.
    fn settle(&mut self) {
        while let Some(change) = self.session.poll_persist() {
            self.persistence.write(change);
        }
        let after = self.persistence.last();
        let mut sent = false;
        while let Some(message) = self.session.poll_transmit() {
            self.line.items.push_back(Item::Message(after, message.to_vec()));
            sent = true;
        }
        self.line.items.extend(self.once.drain(..).map(Item::Once));
        self.take_events();
        for step in core::mem::take(&mut self.events) {
            match step {
                // What stands before an end leaves, DISCONNECT last; on a socket that has ended by itself nothing does.
                Step::Close => self.close(sent),
                Step::Open(host, version) => self.open(host, version),
                Step::Tell(told) => self.tell(told),
            }
        }
    }

    fn take_events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.events.push(translate(event, &self.routes));
        }
    }

    fn open(&mut self, host: u32, version: Version) {
        self.close(false);
        self.sockets += 1;
        self.line.socket = self.sockets;
        let url = self.addresses.next(host);
        self.told.push_back(Told::Open { socket: self.sockets, host, version, url });
    }

    fn close(&mut self, leaves: bool) {
        let mut line = core::mem::take(&mut self.line);
        if line.socket == 0 {
            return;
        }
        if !leaves {
            for item in line.items.drain(..) {
                if let Item::Once(ticket) = item {
                    self.told.push_back(Told::Undelivered { ticket, error: Error::ConnectionLost });
                }
            }
        }
        self.leaving.push(line);
    }

    fn tell(&mut self, told: Told) {
        match &told {
            Told::Connected { .. } => self.addresses.handle_connected(),
            Told::Lost(end) => self.refer(end),
            Told::Reconnecting { end, .. } => {
                self.refer(end);
                self.addresses.handle_reconnecting();
            }
            Told::Ended(_) => {
                self.ended = true;
                if self.persists && !self.keeps_session {
                    self.persistence.write(Change::Clear);
                }
            }
            _ => {}
        }
        self.told.push_back(told);
    }

    fn refer(&mut self, end: &End) {
        if self.follows
            && let Some(reference) = end.properties.get().text(id::SERVER_REFERENCE)
        {
            self.addresses.refer(end.reason, reference);
        }
    }
}

impl Line {
    fn poll(&mut self, room: bool, persistence: &Persistence, told: &mut VecDeque<Told>) -> Option<Sending> {
        loop {
            match self.items.front()? {
                Item::Message(after, _) if !room || !persistence.is_done(*after) => return None,
                _ => {}
            }
            match self.items.pop_front()? {
                Item::Message(_, bytes) => return Some(Sending::Message { socket: self.socket, bytes }),
                Item::Once(ticket) => {
                    told.push_back(Told::Delivered { ticket, reason: 0, properties: Section::default() });
                }
            }
        }
    }
}
