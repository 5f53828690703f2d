//! The boundary to JavaScript: free functions that take and return numbers, and shared memory for everything else.
//!
//! No imports, no strings, no classes: it loads on every host by `instantiate(bytes, {})`. JavaScript asks for space
//! ([`reserve`]), writes bytes there, and makes one call with their lengths and the present time in milliseconds. What
//! comes back is a *batch* of records at an address: messages to send, events, and the time to call again. A batch, and
//! all that it points to, stays in place until the next call. Never calls JavaScript.
//!
//! A command gives 0 or a ticket, or an error code (`error.rs`) as a negative number.

mod args;
mod batch;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use spin::mutex::{SpinMutex, SpinMutexGuard};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::session::{Acknowledgement, Key, Outgoing, Session};
use crate::time::Instant;
use crate::topic::Routes;
use crate::wire::{Assembler, Filters, Names};
use crate::{Error, wire};
use args::{Args, code, qos, text};
use batch::{Batch, address};

pub use batch::{FRESH, Kind, MATCHED, RECORD, TO_ACKNOWLEDGE};

/// A length that says: there is none (an absent user name is not an empty one).
pub const ABSENT: u32 = u32::MAX;

struct Client {
    session: Session,
    assembler: Assembler,
    routes: Routes,
    /// Which state the routes are in; 0 when there have never been any.
    state: u32,
}

/// Everything that the clients of one WebAssembly instance share.
struct Instance {
    clients: Vec<Option<Box<Client>>>,
    /// Where JavaScript writes.
    scratch: Vec<u8>,
    batch: Batch,
    /// The states that the routes of all clients have been in.
    states: u32,
}

/// One thread, so that the lock is never contended.
static INSTANCE: SpinMutex<Instance> =
    SpinMutex::new(Instance { clients: Vec::new(), scratch: Vec::new(), batch: Batch::EMPTY, states: 0 });

fn find(clients: &mut [Option<Box<Client>>], handle: u32) -> Option<&mut Client> {
    clients.get_mut((handle as usize).wrapping_sub(1))?.as_deref_mut()
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

    /// As `client`, for a change of its routes.
    fn rerouting(&mut self, handle: u32) -> Result<(&mut Routes, Args<'_>), Error> {
        self.states = self.states.wrapping_add(1);
        let state = self.states;
        self.client(handle).map(|(client, args)| {
            client.state = state;
            (&mut client.routes, args)
        })
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
            batch.event(&event, &client.routes, client.state);
        }
        while let Some(change) = client.session.poll_persist() {
            batch.change(change);
        }
        while let Some(message) = client.session.poll_transmit() {
            batch.transmit(message);
        }
        let timeout = match client.session.poll_timeout() {
            Some(at) => u32::try_from(at.millis_since(instant(now))).unwrap_or(ABSENT - 1),
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
    // First without: there need not be room for both, nor is there anything to be copied.
    *scratch = Vec::new();
    *scratch = vec![0; len as usize];
    address(scratch)
}

/// A new client's handle, above 0.
#[wasm_bindgen]
pub fn client_new() -> u32 {
    let clients = &mut lock().clients;
    let free = clients.iter().position(Option::is_none).unwrap_or(clients.len());
    if free == clients.len() {
        clients.push(None);
    }
    let client = Client { session: Session::new(), assembler: Assembler::new(ABSENT), routes: Routes::new(), state: 0 };
    clients[free] = Some(Box::new(client));
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

/// Takes over a record of the store, before `connect`.
#[wasm_bindgen]
pub fn restore(handle: u32, letter: u32, number: u32, record: u32) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let key = u8::try_from(letter).ok().and_then(|letter| Key::from_parts(letter, number));
        client.session.restore(key.ok_or(Error::RecordDamaged)?, args.take(record)).map(|()| 0)
    }))
}

/// Starts to connect. Numbers of four bytes, least significant first, stand before the strings: the number of
/// addresses, keep alive in seconds, timeout of an attempt in milliseconds, `flags`, versions (one in each decimal digit,
/// the first to try in the highest: 54 is MQTT 5, else 3.1.1), the most messages in flight, a seed for chance; for
/// reconnecting: shortest and longest delay in milliseconds, jitter in percent, attempts; for `offline`: messages, bytes,
/// milliseconds; then the lengths of client identifier, user name, password, topic, payload and properties of the will,
/// properties, and reason codes to give up on. A will is there when its topic is. `flags`: clean start, will retain << 1,
/// will QoS << 2, automatic acknowledgement << 4, batching << 5, reconnecting << 6, for the first connection too << 7,
/// following references << 8, a store << 9, `offline`'s << 10, user name and password new for each attempt << 14.
#[wasm_bindgen]
pub fn connect(handle: u32, now: f64) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let options = args.options()?;
        client.session.connect(instant(now), options)?;
        client.assembler = Assembler::new(client.session.maximum_packet_size());
        Ok(0)
    }))
}

/// User name, password and properties for the attempt whose `Open` was told last.
#[wasm_bindgen]
pub fn credentials(handle: u32, user_name: u32, password: u32, properties: u32) -> i32 {
    answer(lock().client(handle).and_then(|(client, mut args)| {
        let user_name = args.optional(user_name).map(text).transpose()?;
        let password = args.optional(password);
        client.session.set_credentials(user_name, password, args.take(properties)).map(|()| 0)
    }))
}

/// What may wait for a connection: messages, bytes, milliseconds. `flags`: anything, overflow (0 reject, 1 drop the
/// oldest, 2 drop the newest) << 1, QoS 0 too << 3.
#[wasm_bindgen]
pub fn offline(handle: u32, flags: u32, messages: u32, bytes: u32, age: u32) {
    if let Some(client) = find(&mut lock().clients, handle) {
        client.session.set_offline(args::offline(flags, [messages, bytes, age]));
    }
}

/// Messages with QoS 1 and 2 are acknowledged when they are delivered (1), or by `acknowledge` (0).
#[wasm_bindgen]
pub fn auto_ack(handle: u32, on: u32) {
    if let Some(client) = find(&mut lock().clients, handle) {
        client.session.set_auto_ack(on != 0);
    }
}

/// How many messages the server has not acknowledged yet.
#[wasm_bindgen]
pub fn pending(handle: u32) -> u32 {
    find(&mut lock().clients, handle).map_or(0, |client| client.session.pending() as u32)
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
    answer(lock().rerouting(handle).and_then(|(routes, mut args)| routes.insert(args.string(filter)?, id).map(|()| 0)))
}

/// Takes a route back.
#[wasm_bindgen]
pub fn unroute(handle: u32, filter: u32, id: u32) -> i32 {
    answer(lock().rerouting(handle).and_then(|(routes, mut args)| {
        routes.remove(args.string(filter)?, id);
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
    let Instance { clients, scratch, batch, .. } = instance;
    if let Some(client) = find(clients, handle) {
        let mut rest = Args(scratch).take(len);
        client.session.handle_received(instant(now));
        loop {
            match client.assembler.next(&mut rest) {
                Ok(Some(frame)) => {
                    if let Some(event) = client.session.handle_packet(instant(now), frame) {
                        batch.event(&event, &client.routes, client.state);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    client.session.handle_malformed(instant(now), error);
                    break;
                }
            }
            while let Some(event) = client.session.poll_event() {
                batch.event(&event, &client.routes, client.state);
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

/// The device was asleep (0), or the network may have changed (1).
#[wasm_bindgen]
pub fn handle_wake(handle: u32, network: u32, now: f64) -> u32 {
    let instance = &mut *lock();
    if let Some(client) = instance.begin(handle) {
        client.session.handle_wake(instant(now), network != 0);
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

/// Milliseconds of JavaScript's clock. The conversion is long where a host has no saturating one: it stands here once.
#[inline(never)]
fn instant(now: f64) -> Instant {
    Instant::from_millis(now as u64)
}

#[inline(never)]
fn answer(result: Result<u32, Error>) -> i32 {
    match result {
        Ok(ticket) => ticket as i32,
        Err(error) => -i32::from(error.code()),
    }
}
