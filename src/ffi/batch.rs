//! What a call gives back: records of numbers at an address, and what they point to. It stays in place until the next
//! batch begins.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::Error;
use crate::session::{Acknowledgement, Answer, Ending, Event, Message, TopicTable};
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
    /// CONNACK: flags = session present, id = address index, code = protocol version.
    Connected = 4,
    /// No connection came about: id = error code, or 0 when it was asked to end; code = reason code.
    Failed = 5,
    /// The connection has ended: id and code as for `Failed`.
    Lost = 6,
    /// A message: flags = retain, QoS << 1, DUP << 3, [`FRESH`], [`TO_ACKNOWLEDGE`]; id = for `acknowledge`;
    /// code = number of the topic; first string = the topic where it is fresh, second = the payload; routes.
    Message = 7,
    /// A message of ours was acknowledged: id = ticket, code = reason code.
    Delivered = 8,
    /// SUBACK: id = ticket, first string = codes.
    Subscribed = 9,
    /// UNSUBACK: as for `Subscribed`.
    Unsubscribed = 10,
    /// AUTH: code = reason code.
    Auth = 11,
}

/// Flag of a message: the application must acknowledge it.
pub const TO_ACKNOWLEDGE: u32 = 1 << 4;
/// Flag of a message: this number stands for another topic than before; the first string is the topic.
pub const FRESH: u32 = 1 << 5;

/// The records of one drain, and what they point to.
pub(super) struct Batch {
    /// Records, timeout, address of the records.
    head: [u32; 3],
    records: Vec<u32>,
    matched: Vec<u32>,
    topics: TopicTable,
    /// The topics that stand in records.
    fresh: Vec<Box<str>>,
}

impl Batch {
    pub(super) const EMPTY: Self =
        Self { head: [0; 3], records: Vec::new(), matched: Vec::new(), topics: TopicTable::EMPTY, fresh: Vec::new() };

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.matched.clear();
        self.fresh.clear();
    }

    pub(super) fn event(&mut self, event: &Event<'_>, routes: &Routes) {
        match *event {
            Event::Open { host, version } => self.record(Kind::Open, 0, host, version as u32, [&[], &[], &[]]),
            Event::Close => self.record(Kind::Close, 0, 0, 0, [&[], &[], &[]]),
            Event::Connected { host, version, session_present, properties } => {
                let properties = properties.as_bytes();
                self.record(Kind::Connected, session_present.into(), host, version as u32, [&[], &[], properties]);
            }
            Event::Failed(ending) => self.ending(Kind::Failed, ending),
            Event::Lost(ending) => self.ending(Kind::Lost, ending),
            Event::Message(message) => self.message(message, routes),
            Event::Delivered { ticket, reason, properties } => {
                self.record(Kind::Delivered, 0, ticket, reason.into(), [&[], &[], properties.as_bytes()]);
            }
            Event::Subscribed(answer) => self.answer(Kind::Subscribed, answer),
            Event::Unsubscribed(answer) => self.answer(Kind::Unsubscribed, answer),
            Event::Auth { reason, properties } => {
                self.record(Kind::Auth, 0, 0, reason.into(), [&[], &[], properties.as_bytes()]);
            }
        }
    }

    fn message(&mut self, message: Message<'_>, routes: &Routes) {
        let mut flags = u32::from(message.retain) | (message.qos as u32) << 1 | u32::from(message.duplicate) << 3;
        if message.acknowledgement.is_some() {
            flags |= TO_ACKNOWLEDGE;
        }
        if self.topics.is_empty() {
            self.topics = TopicTable::new(TOPICS);
        }
        let place = match message.topic.len() {
            0..=LONGEST_TOPIC => self.topics.place(message.topic),
            _ => None,
        };
        let (number, known) = place.unwrap_or((TOPICS, false));
        // A copy: the topic behind an alias may be another one before this batch is read.
        let fresh: Option<Box<str>> = (!known).then(|| message.topic.into());
        if fresh.is_some() {
            flags |= FRESH;
        }
        let from = self.matched.len();
        routes.find(message.topic, &mut self.matched);
        let id = message.acknowledgement.map_or(0, Acknowledgement::to_bits);
        let topic = fresh.as_deref().unwrap_or_default();
        let strings = [topic.as_bytes(), message.payload, message.properties.as_bytes()];
        self.record(Kind::Message, flags, id, number as u32, strings);
        self.fresh.extend(fresh);
        if let [.., at, count] = self.records.as_mut_slice() {
            // An index while the list may still move; `finish` makes it an address.
            (*at, *count) = (from as u32, (self.matched.len() - from) as u32);
        }
    }

    fn ending(&mut self, kind: Kind, ending: Ending<'_>) {
        let error = ending.error.map_or(0, Error::code);
        self.record(kind, 0, error.into(), ending.reason.into(), [&[], &[], ending.properties.as_bytes()]);
    }

    fn answer(&mut self, kind: Kind, answer: Answer<'_>) {
        self.record(kind, 0, answer.ticket, 0, [answer.codes, &[], answer.properties.as_bytes()]);
    }

    pub(super) fn record(&mut self, kind: Kind, flags: u32, id: u32, code: u32, [a, b, p]: [&[u8]; 3]) {
        let mut record = [kind as u32, flags, id, code, 0, 0, 0, 0, 0, 0, 0, 0];
        for (pair, bytes) in record[4..].chunks_exact_mut(2).zip([a, b, p]) {
            pair.copy_from_slice(&[address(bytes), bytes.len() as u32]);
        }
        self.records.extend_from_slice(&record);
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

/// Where JavaScript finds it.
pub(super) fn address<T>(slice: &[T]) -> u32 {
    slice.as_ptr() as usize as u32
}
