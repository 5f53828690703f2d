//! What a call gives back: records of numbers at an address, and what they point to. It stays in place until the next
//! batch begins.

use alloc::vec;
use alloc::vec::Vec;

use crate::Error;
use crate::session::{Acknowledgement, Answer, Change, Ending, Event, Key, Message, TopicTable};
use crate::time::millis;
use crate::topic::Routes;

/// Numbers in one record: kind, flags, id, code, then address and length of two byte strings and of the properties,
/// then address and count of the ids of matching routes.
pub const RECORD: usize = 12;

/// Topics whose strings JavaScript keeps.
const TOPICS: usize = 4096;

/// Longer topics are not kept.
const LONGEST_TOPIC: usize = 256;

/// What a record is about. Its other fields are named here; those not named are 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Kind {
    /// One WebSocket message to send: first string.
    Transmit = 1,
    /// Open a socket: id = address index, code = protocol version.
    Open = 2,
    /// Close the socket.
    Close = 3,
    /// CONNACK: flags = session present, reconnected << 1; id = address index, code = protocol version.
    Connected = 4,
    /// There is no connection, and none will be tried: id = error code, or 0 when it was asked to end; code = reason code.
    Failed = 5,
    /// The connection has ended: flags = reconnecting, id and code as for `Failed`.
    Lost = 6,
    /// A message: flags = retain, QoS << 1, DUP << 3, [`TO_ACKNOWLEDGE`], [`FRESH`], [`MATCHED`]; id = for `acknowledge`;
    /// code = number of the topic; first string = the topic where it is fresh, second = the payload; routes where they
    /// are matched.
    Message = 7,
    /// A message of ours was acknowledged: id = ticket, code = reason code.
    Delivered = 8,
    /// SUBACK: id = ticket, first string = codes.
    Subscribed = 9,
    /// UNSUBACK: as for `Subscribed`.
    Unsubscribed = 10,
    /// AUTH: code = reason code.
    Auth = 11,
    /// Another attempt follows: flags = its number, id and code as for `Failed`, in the place of the routes' address the
    /// milliseconds until then.
    Reconnecting = 12,
    /// A message of ours will not be delivered: id = ticket, code = error code.
    Undelivered = 13,
    /// SUBACK to subscriptions that were asked for again: first string = codes, second = filters as in SUBSCRIBE.
    Resubscribed = 14,
    /// The server has answered a probe.
    Alive = 15,
    /// A change for the store, to be written before anything is sent: flags = 0 clear, 1 delete, 2 put; code and id =
    /// letter and number of the key; first string = the record.
    Persist = 16,
}

/// Flag of a message: the application must acknowledge it.
pub const TO_ACKNOWLEDGE: u32 = 1 << 4;
/// Flag of a message: this number stands for another topic than before; the first string is the topic.
pub const FRESH: u32 = 1 << 5;
/// Flag of a message: the routes of this number are other ones than before; else they are not said again.
pub const MATCHED: u32 = 1 << 6;

/// The records of one drain, and what they point to.
pub(super) struct Batch {
    /// Records, timeout, address of the records.
    head: [u32; 3],
    records: Vec<u32>,
    matched: Vec<u32>,
    topics: TopicTable,
    /// By number of a topic: the state of the routes that it was matched with last.
    states: Vec<u32>,
    /// What stands nowhere else: topics, values for the store.
    values: Vec<Vec<u8>>,
}

impl Batch {
    pub(super) const EMPTY: Self = Self {
        head: [0; 3],
        records: Vec::new(),
        matched: Vec::new(),
        topics: TopicTable::EMPTY,
        states: Vec::new(),
        values: Vec::new(),
    };

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.matched.clear();
        self.values.clear();
    }

    /// `state` names the routes as they are now: among those of all clients, and among their own at other times.
    pub(super) fn event(&mut self, event: &Event<'_>, routes: &Routes, state: u32) {
        let mut strings = [NONE; 4];
        let (kind, flags, id, code) = match *event {
            Event::Message(message) => return self.message(message, routes, state),
            Event::Open { host, version } => (Kind::Open, 0, host, version as u8),
            Event::Close => (Kind::Close, 0, 0, 0),
            Event::Connected { host, version, session_present, reconnected, properties } => {
                strings[2] = place(properties.as_bytes());
                (Kind::Connected, u32::from(session_present) | u32::from(reconnected) << 1, host, version as u8)
            }
            Event::Failed(ending) => fields(&mut strings, Kind::Failed, 0, &ending),
            Event::Lost { ending, reconnecting } => fields(&mut strings, Kind::Lost, reconnecting.into(), &ending),
            Event::Reconnecting { attempt, delay, ending } => {
                strings[3] = [millis(delay) as u32, 0];
                fields(&mut strings, Kind::Reconnecting, attempt, &ending)
            }
            Event::Delivered { ticket, reason, properties } => {
                strings[2] = place(properties.as_bytes());
                (Kind::Delivered, 0, ticket, reason)
            }
            Event::Undelivered { ticket, error } => (Kind::Undelivered, 0, ticket, error.code()),
            Event::Subscribed(Answer { ticket, codes, properties }) => {
                (strings[0], strings[2]) = (place(codes), place(properties.as_bytes()));
                (Kind::Subscribed, 0, ticket, 0)
            }
            Event::Unsubscribed(Answer { ticket, codes, properties }) => {
                (strings[0], strings[2]) = (place(codes), place(properties.as_bytes()));
                (Kind::Unsubscribed, 0, ticket, 0)
            }
            Event::Resubscribed { filters, codes } => {
                // A copy: they do not stand in the packet.
                let filters = Vec::from(filters.as_bytes());
                (strings[0], strings[1]) = (place(codes), place(&filters));
                self.values.push(filters);
                (Kind::Resubscribed, 0, 0, 0)
            }
            Event::Alive => (Kind::Alive, 0, 0, 0),
            Event::Auth { reason, properties } => {
                strings[2] = place(properties.as_bytes());
                (Kind::Auth, 0, 0, reason)
            }
        };
        self.record(kind, flags, id, code.into(), strings);
    }

    fn message(&mut self, message: Message<'_>, routes: &Routes, state: u32) {
        let mut flags = u32::from(message.retain) | (message.qos as u32) << 1 | u32::from(message.duplicate) << 3;
        if message.acknowledgement.is_some() {
            flags |= TO_ACKNOWLEDGE;
        }
        if self.topics.is_empty() {
            self.topics = TopicTable::new(TOPICS);
            self.states = vec![0; TOPICS + 1];
        }
        let (number, known) = match message.topic.len() {
            0..=LONGEST_TOPIC => self.topics.place(message.topic),
            _ => None,
        }
        .unwrap_or((TOPICS, false));
        let mut topic = NONE;
        if !known {
            flags |= FRESH;
            // A copy: the topic behind an alias may be another one before this batch is read.
            let fresh = Vec::from(message.topic);
            topic = place(&fresh);
            self.values.push(fresh);
        }
        let from = self.matched.len();
        if !known || self.states[number] != state {
            flags |= MATCHED;
            self.states[number] = state;
            routes.find(message.topic, &mut self.matched);
        }
        // An index while the list may still move; `finish` makes it an address.
        let matched = [from as u32, (self.matched.len() - from) as u32];
        let id = message.acknowledgement.map_or(0, Acknowledgement::to_bits);
        let strings = [topic, place(message.payload), place(message.properties.as_bytes()), matched];
        self.record(Kind::Message, flags, id, number as u32, strings);
    }

    pub(super) fn change(&mut self, change: Change) {
        let (flags, key, value) = match change {
            Change::Clear => (0, None, Vec::new()),
            Change::Delete(key) => (1, Some(key), Vec::new()),
            Change::Put(key, value) => (2, Some(key), value),
        };
        let (letter, number) = key.map_or((0, 0), Key::to_parts);
        self.record(Kind::Persist, flags, number, letter.into(), [place(&value), NONE, NONE, NONE]);
        self.values.push(value);
    }

    pub(super) fn transmit(&mut self, message: &[u8]) {
        self.record(Kind::Transmit, 0, 0, 0, [place(message), NONE, NONE, NONE]);
    }

    fn record(&mut self, kind: Kind, flags: u32, id: u32, code: u32, strings: [[u32; 2]; 4]) {
        let [[a, a_len], [b, b_len], [p, p_len], [at, count]] = strings;
        self.records.extend_from_slice(&[kind as u32, flags, id, code, a, a_len, b, b_len, p, p_len, at, count]);
    }

    /// The address of the address and the length of a text.
    pub(super) fn words(&mut self, text: &'static str) -> u32 {
        self.head = [address(text.as_bytes()), text.len() as u32, 0];
        address(&self.head)
    }

    /// Gives the address of the head.
    pub(super) fn finish(&mut self, timeout: u32) -> u32 {
        for record in self.records.chunks_exact_mut(RECORD) {
            if record[0] == Kind::Message as u32 {
                record[10] = address(&self.matched) + record[10] * 4;
            }
        }
        self.head = [(self.records.len() / RECORD) as u32, timeout, address(&self.records)];
        address(&self.head)
    }
}

/// The fields of a record about an ending.
fn fields(strings: &mut [[u32; 2]; 4], kind: Kind, flags: u32, ending: &Ending<'_>) -> (Kind, u32, u32, u8) {
    strings[2] = place(ending.properties.as_bytes());
    (kind, flags, ending.error.map_or(0, Error::code).into(), ending.reason)
}

/// No string.
const NONE: [u32; 2] = [0; 2];

/// Where JavaScript finds a string, and its length.
fn place(bytes: &[u8]) -> [u32; 2] {
    [address(bytes), bytes.len() as u32]
}

/// Where JavaScript finds it.
pub(super) fn address<T>(slice: &[T]) -> u32 {
    slice.as_ptr() as usize as u32
}
