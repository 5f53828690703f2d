//! The boundary to JavaScript: free functions that take and return numbers, and shared memory for everything else.
//!
//! No imports, no strings, no classes: it loads on every host by `instantiate(bytes, {})`. JavaScript asks for space
//! ([`reserve`]), writes bytes there, and makes one call with their lengths and the present time in milliseconds. What
//! comes back is a *batch* of records at an address: messages to send, events, and the time to call again. A batch, and
//! all that it points to, stays in place until the next call. Never calls JavaScript.
//!
//! A command gives 0 or a ticket, or an error code (`error.rs`) as a negative number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use spin::mutex::{SpinMutex, SpinMutexGuard};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::session::{
    Acknowledgement, Answer, Ending, Event, LastWill, Message, Options, Outgoing, Session, TopicTable,
};
use crate::time::Instant;
use crate::topic::Routes;
use crate::wire::{Assembler, Filters, Names, QoS, Version};
use crate::{Error, wire};

/// A length that says: there is none (an absent user name is not an empty one).
pub const ABSENT: u32 = u32::MAX;

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

struct Client {
    session: Session,
    assembler: Assembler,
    routes: Routes,
}

/// Everything that the clients of one WebAssembly instance share.
struct Instance {
    clients: Vec<Option<Client>>,
    /// Where JavaScript writes.
    scratch: Vec<u8>,
    batch: Batch,
}

/// The records of one drain, and what they point to.
struct Batch {
    /// Records, timeout, address of the records.
    head: [u32; 3],
    records: Vec<u32>,
    matched: Vec<u32>,
    topics: TopicTable,
    /// The topics that stand in records.
    fresh: Vec<Box<str>>,
}

/// One thread, so that the lock is never contended.
static INSTANCE: SpinMutex<Instance> = SpinMutex::new(Instance {
    clients: Vec::new(),
    scratch: Vec::new(),
    batch: Batch {
        head: [0; 3],
        records: Vec::new(),
        matched: Vec::new(),
        topics: TopicTable::EMPTY,
        fresh: Vec::new(),
    },
});

fn find(clients: &mut [Option<Client>], handle: u32) -> Option<&mut Client> {
    clients.get_mut((handle as usize).wrapping_sub(1))?.as_mut()
}

#[inline(never)]
fn lock() -> SpinMutexGuard<'static, Instance> {
    INSTANCE.lock()
}

impl Instance {
    /// The client of a handle, and the strings that JavaScript wrote.
    #[inline(never)]
    fn client(&mut self, handle: u32) -> Result<(&mut Client, Args<'_>), Error> {
        find(&mut self.clients, handle).map(|client| (client, Args(&self.scratch))).ok_or(Error::NotConnected)
    }

    /// As `client`, when something happened outside: a new batch begins.
    #[inline(never)]
    fn begin(&mut self, handle: u32) -> Option<&mut Client> {
        self.batch.clear();
        find(&mut self.clients, handle)
    }

    /// Drains the session into the batch, and gives its address.
    fn finish(&mut self, handle: u32, now: f64) -> u32 {
        let Self { clients, batch, .. } = self;
        let Some(client) = find(clients, handle) else { return batch.finish(ABSENT) };
        while let Some(event) = client.session.poll_event() {
            batch.event(&event, &client.routes);
        }
        while let Some(message) = client.session.poll_transmit() {
            batch.record(Kind::Transmit, 0, 0, 0, [message, &[], &[]]);
        }
        let timeout = match client.session.poll_timeout() {
            Some(at) => u32::try_from(at.since(instant(now)).as_millis()).unwrap_or(ABSENT - 1),
            None => ABSENT,
        };
        batch.finish(timeout)
    }
}

// Memory and handles.

/// Makes room for `len` bytes and gives their address. It changes only here.
#[wasm_bindgen]
pub fn reserve(len: u32) -> u32 {
    let scratch = &mut lock().scratch;
    scratch.resize(len as usize, 0);
    scratch.shrink_to_fit();
    address(scratch)
}

/// A new client's handle, above 0.
#[wasm_bindgen]
pub fn client_new() -> u32 {
    let clients = &mut lock().clients;
    let free = clients.iter().position(Option::is_none).unwrap_or(clients.len());
    let client = Client { session: Session::new(), assembler: Assembler::new(ABSENT), routes: Routes::new() };
    match clients.get_mut(free) {
        Some(place) => *place = Some(client),
        None => clients.push(Some(client)),
    }
    free as u32 + 1
}

/// Ends a client; its handle may be given to another one.
#[wasm_bindgen]
pub fn client_free(handle: u32) {
    if let Some(place) = lock().clients.get_mut((handle as usize).wrapping_sub(1)) {
        *place = None;
    }
}

// Commands. Their strings stand in the scratch space one behind the other, in the order of the lengths.

/// Starts to connect. Twelve numbers of four bytes, least significant first, stand before the strings: the number of
/// addresses, keep alive in seconds, timeout of an attempt in milliseconds, `flags`, versions (one in each decimal digit,
/// the first to try in the highest: 54 is MQTT 5, else 3.1.1), then the lengths of client identifier, user name,
/// password, topic, payload and properties of the will, and properties. A will is there when its topic is. `flags`: clean
/// start, will retain << 1, will QoS << 2, automatic acknowledgement << 4, batching << 5.
#[wasm_bindgen]
pub fn connect(handle: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let options = args.options()?;
        client.session.connect(instant(now), options)?;
        client.assembler = Assembler::new(client.session.maximum_packet_size());
        Ok(0)
    }))
}

/// Publishes. `flags`: retain, QoS << 1. Gives a ticket, 0 for QoS 0.
#[wasm_bindgen]
pub fn publish(handle: u32, flags: u32, topic: u32, payload: u32, properties: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let message = Outgoing {
            topic: args.string(topic)?,
            payload: args.take(payload),
            qos: qos(flags >> 1 & 3)?,
            retain: flags & 1 != 0,
            properties: args.take(properties),
        };
        client.session.publish(instant(now), message)
    }))
}

/// Subscribes. The filters stand in the encoding of SUBSCRIBE's payload. Gives a ticket.
#[wasm_bindgen]
pub fn subscribe(handle: u32, filters: u32, properties: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let filters = Filters::decode(client.session.version(), args.take(filters))?;
        client.session.subscribe(instant(now), filters, args.take(properties))
    }))
}

/// Unsubscribes. The filters stand in the encoding of UNSUBSCRIBE's payload. Gives a ticket.
#[wasm_bindgen]
pub fn unsubscribe(handle: u32, filters: u32, properties: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let filters = Names::decode(args.take(filters))?;
        client.session.unsubscribe(instant(now), filters, args.take(properties))
    }))
}

/// Acknowledges a received message by the id of its record.
#[wasm_bindgen]
pub fn acknowledge(handle: u32, id: u32, reason: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, _)| {
        client.session.acknowledge(instant(now), Acknowledgement::from_bits(id), code(reason)?).map(|()| 0)
    }))
}

/// Sends an AUTH.
#[wasm_bindgen]
pub fn authenticate(handle: u32, reason: u32, properties: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        client.session.authenticate(instant(now), code(reason)?, args.take(properties)).map(|()| 0)
    }))
}

/// Disconnects, or stops connecting.
#[wasm_bindgen]
pub fn disconnect(handle: u32, reason: u32, properties: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        client.session.disconnect(instant(now), code(reason)?, args.take(properties)).map(|()| 0)
    }))
}

/// From now on, messages whose topic matches the filter carry `id`.
#[wasm_bindgen]
pub fn route(handle: u32, filter: u32, id: u32) -> i32 {
    answer(
        lock().client(handle).and_then(|(client, mut args)| client.routes.insert(args.string(filter)?, id).map(|()| 0)),
    )
}

/// Takes a route back.
#[wasm_bindgen]
pub fn unroute(handle: u32, filter: u32, id: u32) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        client.routes.remove(args.string(filter)?, id);
        Ok(0)
    }))
}

// What happened outside. Each gives the address of the batch that follows from it.

/// The socket is open.
#[wasm_bindgen]
pub fn handle_open(handle: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    if let Some(client) = instance.begin(handle) {
        client.assembler.reset();
        client.session.handle_open(instant(now));
    }
    instance.finish(handle, now)
}

/// `len` bytes came.
#[wasm_bindgen]
pub fn handle_input(handle: u32, len: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    instance.batch.clear();
    let Instance { clients, scratch, batch } = instance;
    if let Some(client) = find(clients, handle) {
        let mut rest = Args(scratch).take(len);
        client.session.handle_received(instant(now));
        loop {
            match client.assembler.next(&mut rest) {
                Ok(Some(frame)) => {
                    if let Some(event) = client.session.handle_packet(instant(now), frame) {
                        batch.event(&event, &client.routes);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    client.session.handle_malformed(instant(now), error);
                    break;
                }
            }
            while let Some(event) = client.session.poll_event() {
                batch.event(&event, &client.routes);
            }
        }
    }
    instance.finish(handle, now)
}

/// The socket closed (8) or failed (7).
#[wasm_bindgen]
pub fn handle_close(handle: u32, code: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    if let Some(client) = instance.begin(handle) {
        let failed = code == u32::from(Error::SocketError.code());
        client.session.handle_close(instant(now), if failed { Error::SocketError } else { Error::SocketClosed });
    }
    instance.finish(handle, now)
}

/// Time has passed.
#[wasm_bindgen]
pub fn handle_timeout(handle: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    if let Some(client) = instance.begin(handle) {
        client.session.handle_timeout(instant(now));
    }
    instance.finish(handle, now)
}

/// Nothing but the batch, after commands.
#[wasm_bindgen]
pub fn poll(handle: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    instance.batch.clear();
    instance.finish(handle, now)
}

// Words.

/// The address of two numbers: where the sentence for an error code stands, and its length.
#[wasm_bindgen]
pub fn error_text(code: u32) -> u32 {
    lock().batch.words(u8::try_from(code).ok().and_then(Error::from_code).map_or("", Error::text))
}

/// As `error_text`, for the name of a reason code.
#[wasm_bindgen]
pub fn reason_name(code: u32) -> u32 {
    lock().batch.words(u8::try_from(code).map_or("", wire::reason_name))
}

impl Batch {
    fn clear(&mut self) {
        self.records.clear();
        self.matched.clear();
        self.fresh.clear();
    }

    fn event(&mut self, event: &Event<'_>, routes: &Routes) {
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
        let mut topic = [0, 0];
        if !known {
            flags |= FRESH;
            // A copy: the topic behind an alias may be another one before this batch is read.
            let copy: Box<str> = message.topic.into();
            topic = [address(copy.as_bytes()), copy.len() as u32];
            self.fresh.push(copy);
        }
        let from = self.matched.len();
        routes.find(message.topic, &mut self.matched);
        let id = message.acknowledgement.map_or(0, Acknowledgement::to_bits);
        let strings = [&[], message.payload, message.properties.as_bytes()];
        self.record(Kind::Message, flags, id, number as u32, strings);
        let start = self.records.len() - RECORD;
        self.records[start + 4..start + 6].copy_from_slice(&topic);
        // An index while the list may still move; `finish` makes it an address.
        self.records[start + 10..].copy_from_slice(&[from as u32, (self.matched.len() - from) as u32]);
    }

    fn ending(&mut self, kind: Kind, ending: Ending<'_>) {
        let error = ending.error.map_or(0, Error::code);
        self.record(kind, 0, error.into(), ending.reason.into(), [&[], &[], ending.properties.as_bytes()]);
    }

    fn answer(&mut self, kind: Kind, answer: Answer<'_>) {
        self.record(kind, 0, answer.ticket, 0, [answer.codes, &[], answer.properties.as_bytes()]);
    }

    fn record(&mut self, kind: Kind, flags: u32, id: u32, code: u32, [a, b, p]: [&[u8]; 3]) {
        let mut record = [kind as u32, flags, id, code, 0, 0, 0, 0, 0, 0, 0, 0];
        for (pair, bytes) in record[4..].chunks_exact_mut(2).zip([a, b, p]) {
            pair.copy_from_slice(&[address(bytes), bytes.len() as u32]);
        }
        self.records.extend_from_slice(&record);
    }

    /// The address of the address and the length of a text.
    fn words(&mut self, text: &'static str) -> u32 {
        self.head = [address(text.as_bytes()), text.len() as u32, 0];
        address(&self.head)
    }

    /// Gives the address of the head.
    fn finish(&mut self, timeout: u32) -> u32 {
        for record in self.records.chunks_exact_mut(RECORD) {
            if record[0] == Kind::Message as u32 {
                record[10] = address(&self.matched) + record[10] * 4;
            }
        }
        self.head = [(self.records.len() / RECORD) as u32, timeout, address(&self.records)];
        address(&self.head)
    }
}

/// The strings of a command, cut off the scratch space one by one.
struct Args<'a>(&'a [u8]);

impl<'a> Args<'a> {
    fn take(&mut self, len: u32) -> &'a [u8] {
        let (head, rest) = self.0.split_at(self.0.len().min(len as usize));
        self.0 = rest;
        head
    }

    fn number(&mut self) -> u32 {
        self.take(4).iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
    }

    /// What `connect` takes.
    fn options(&mut self) -> Result<Options, Error> {
        let [hosts, keep_alive, timeout, flags, mut digits] = core::array::from_fn(|_| self.number());
        let [client_id, user_name, password, topic, payload, will_properties, properties] =
            core::array::from_fn(|_| self.number());
        let mut versions = Vec::new();
        while digits > 0 {
            versions.insert(0, version(digits % 10)?);
            digits /= 10;
        }
        Ok(Options {
            versions,
            hosts,
            timeout: Duration::from_millis(timeout.into()),
            clean_start: flags & 1 != 0,
            keep_alive: keep_alive.min(u16::MAX.into()) as u16,
            client_id: self.string(client_id)?.into(),
            user_name: self.optional(user_name).map(text).transpose()?.map(Into::into),
            password: self.optional(password).map(Into::into),
            will: match self.optional(topic).map(text).transpose()? {
                Some(topic) => Some(LastWill {
                    topic: topic.into(),
                    payload: self.take(payload).into(),
                    qos: qos(flags >> 2 & 3)?,
                    retain: flags & 2 != 0,
                    properties: self.take(will_properties).into(),
                }),
                None => None,
            },
            properties: self.take(properties).into(),
            auto_ack: flags & 1 << 4 != 0,
            batch: flags & 1 << 5 != 0,
        })
    }

    fn optional(&mut self, len: u32) -> Option<&'a [u8]> {
        (len != ABSENT).then(|| self.take(len))
    }

    fn string(&mut self, len: u32) -> Result<&'a str, Error> {
        text(self.take(len))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(bytes).map_err(|_| Error::StringNotUtf8)
}

fn qos(bits: u32) -> Result<QoS, Error> {
    match bits {
        0 => Ok(QoS::AtMostOnce),
        1 => Ok(QoS::AtLeastOnce),
        2 => Ok(QoS::ExactlyOnce),
        _ => Err(Error::SubscribeOptions),
    }
}

fn version(number: u32) -> Result<Version, Error> {
    match number {
        3 => Ok(Version::V3_1),
        4 => Ok(Version::V3_1_1),
        5 => Ok(Version::V5),
        _ => Err(Error::NeedsVersion5),
    }
}

fn code(reason: u32) -> Result<u8, Error> {
    u8::try_from(reason).map_err(|_| Error::ReasonCode)
}

/// Milliseconds of JavaScript's clock. The conversion is long where a host has no saturating one: it stands here once.
#[inline(never)]
fn instant(now: f64) -> Instant {
    Instant::from_millis(now as u64)
}

fn address<T>(slice: &[T]) -> u32 {
    slice.as_ptr() as usize as u32
}

#[inline(never)]
fn answer(result: Result<u32, Error>) -> i32 {
    match result {
        Ok(ticket) => ticket as i32,
        Err(error) => -i32::from(error.code()),
    }
}
