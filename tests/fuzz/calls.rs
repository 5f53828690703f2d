//! Any sequence of commands, of what a socket and a clock do, and of what a server sends, well-formed or not.
//!
//! Stands where a driver stands: drains all polls after each call. Nothing panics; events come in an order that a
//! driver understands; what is sent is a client's packets, cut as promised; a refused command has no effect; no
//! message is forgotten; time moves on; memory stays within what the input brought.
#![no_main]

mod heap;
mod script;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use script::{Call, Packet, Wish};
use wasmqtt::Error;
use wasmqtt::session::{
    Acknowledgement, Change, Event, Key, LastWill, Offline, Options, Outgoing, Overflow, Reconnect, Session,
};
use wasmqtt::time::Instant;
use wasmqtt::wire::*;

fuzz_target!(|calls: Vec<Call<'_>>| {
    let (most, given) = heap::most(|| {
        let mut driver = Driver::default();
        for call in &calls {
            driver.call(call);
        }
        driver.given
    });
    // A topic alias of 65535 makes a table of a megabyte; there are buffers of 64 and 128 KiB.
    assert!(most <= (4 << 20) + 16 * given, "{most} bytes for {given}");
});

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Phase {
    #[default]
    Idle,
    Opening,
    Handshake,
    Connected,
    /// `Lost`, `Failed` or `Reconnecting` was told, `Close` not yet.
    Ending,
    /// Between two attempts.
    Waiting,
}

#[derive(Default)]
struct Driver {
    session: Session,
    assembler: Assembler,
    now: u64,
    phase: Phase,
    clean_start: bool,
    batch: bool,
    /// Messages that are neither delivered nor given up.
    messages: HashSet<u32>,
    /// What is stored, as long as a driver writes it.
    store: Option<BTreeMap<Key, Vec<u8>>>,
    /// `Lost` or `Failed` said that another attempt follows.
    again: bool,
    /// Subscribe and unsubscribe, on this connection.
    questions: HashSet<u32>,
    owed: Vec<Acknowledgement>,
    /// What a server would answer, and has not yet.
    answers: Vec<Vec<u8>>,
    /// Bytes that the input brought.
    given: usize,
}

/// What a driver remembers of an event.
#[derive(Debug)]
enum Seen {
    Open,
    Connected,
    /// Will there be another attempt?
    Ended(bool),
    Reconnecting,
    Close,
    Settled(u32),
    Answered(u32),
    Message(Option<Acknowledgement>),
    Auth,
    Alive,
}

impl Seen {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Open { .. } => Self::Open,
            Event::Close => Self::Close,
            Event::Connected { .. } => Self::Connected,
            Event::Failed(_) => Self::Ended(false),
            Event::Lost { reconnecting, .. } => Self::Ended(*reconnecting),
            Event::Reconnecting { .. } => Self::Reconnecting,
            Event::Alive => Self::Alive,
            Event::Resubscribed { filters, codes } => {
                assert_eq!(filters.iter().count(), codes.len());
                Self::Alive
            }
            Event::Message(message) => {
                assert!(wasmqtt::topic::is_name(message.topic));
                Self::Message(message.acknowledgement)
            }
            Event::Delivered { ticket, .. } | Event::Undelivered { ticket, .. } => Self::Settled(*ticket),
            Event::Subscribed(answer) | Event::Unsubscribed(answer) => Self::Answered(answer.ticket),
            Event::Auth { .. } => Self::Auth,
            other => unimplemented!("{other:?}"),
        }
    }
}

impl Driver {
    fn call(&mut self, call: &Call<'_>) {
        let (phase, version, pending) = (self.phase, self.session.version(), self.session.pending());
        let now = Instant::from_millis(self.now);
        let mut seen = Vec::new();
        let mut done = Ok(0);
        match call {
            Call::Wait(millis) => self.now += u64::from(*millis),
            Call::SetBack(millis) => self.now = self.now.saturating_sub((*millis).into()),
            Call::Connect(wish) => done = self.connect(now, wish),
            Call::Wake { network } => self.session.handle_wake(now, *network),
            Call::AutoAck(on) => self.session.set_auto_ack(*on),
            Call::Credentials { user_name, password, properties } => {
                let section = script::connect_section(*properties);
                let (user_name, password) = (user_name.then_some("other"), password.then_some(&b"word"[..]));
                done = self.session.set_credentials(user_name, password, &section).map(|()| 0);
            }
            Call::Kill { damage } => return self.kill(*damage),
            Call::Restore { letter, number, record } => {
                let key = Key::from_parts(*letter, *number);
                if let Some(key) = key.filter(|_| phase == Phase::Idle) {
                    assert_eq!(self.session.restore(key, record), Err(Error::RecordDamaged), "a checksum by chance");
                }
            }
            Call::Up { wish, present, properties } => {
                let conn_ack = Packet::ConnAck { present: *present, refused: None, properties: *properties };
                self.call(&Call::Connect(wish.clone()));
                self.call(&Call::Open);
                return self.call(&Call::Packets(vec![conn_ack]));
            }
            Call::Open => {
                self.assembler.reset();
                self.session.handle_open(now);
                if phase == Phase::Opening {
                    self.phase = Phase::Handshake;
                }
            }
            Call::Close { failed } => {
                self.session.handle_close(now, if *failed { Error::SocketError } else { Error::SocketClosed });
            }
            Call::Timeout => self.session.handle_timeout(now),
            Call::Publish { topic, qos, retain, len, properties } => {
                let payload = vec![b'x'; usize::from(*len)];
                self.given += payload.len();
                let (topic, qos) = (script::topic(*topic), script::qos(*qos));
                let properties = script::publish_section(*properties);
                let message = Outgoing { topic, payload: &payload, qos, retain: *retain, properties: &properties };
                done = self.session.publish(now, message);
                if let Ok(ticket) = done {
                    assert!(ticket != 0 || qos == QoS::AtMostOnce);
                    assert!(ticket == 0 || self.messages.insert(ticket), "a ticket is given once");
                }
            }
            Call::Subscribe { filters, properties } => {
                let payload = script::filters(filters, true);
                if let Ok(filters) = Filters::decode(version, &payload) {
                    done = self.session.subscribe(now, filters, properties);
                    self.questions.extend(done.ok());
                }
            }
            Call::Unsubscribe { filters, properties } => {
                let payload = script::filters(filters, false);
                if let Ok(filters) = Names::decode(&payload) {
                    done = self.session.unsubscribe(now, filters, properties);
                    self.questions.extend(done.ok());
                }
            }
            Call::Acknowledge { which, reason } => {
                let which = usize::from(*which) % (self.owed.len() + 1);
                let owed = self.owed.get(which).copied().unwrap_or(Acknowledgement::from_bits(0x0001_0001));
                done = self.session.acknowledge(now, owed, script::reason(*reason)).map(|()| 0);
            }
            Call::Authenticate { reason, properties } => {
                done = self.session.authenticate(now, script::reason(*reason), properties).map(|()| 0);
            }
            Call::Disconnect { reason, properties } => {
                done = self.session.disconnect(now, script::reason(*reason), properties).map(|()| 0);
            }
            Call::Bytes(bytes) => self.input(now, bytes, &mut seen),
            Call::Packets(packets) => {
                let mut bytes = Vec::new();
                packets.iter().for_each(|packet| packet.encode(version, &mut bytes));
                self.input(now, &bytes, &mut seen);
            }
            Call::Answer { which } => {
                if !self.answers.is_empty() {
                    let answer = self.answers.remove(usize::from(*which) % self.answers.len());
                    self.input(now, &answer, &mut seen);
                }
            }
        }
        while let Some(event) = self.session.poll_event() {
            seen.push(Seen::of(&event));
        }
        let connected = seen.iter().any(|seen| matches!(seen, Seen::Connected));
        let silent = seen.is_empty();
        seen.into_iter().for_each(|seen| self.event(seen));
        assert_ne!(self.phase, Phase::Ending, "Close follows");
        while let Some(change) = self.session.poll_persist() {
            let store = self.store.as_mut().expect("a store");
            match change {
                Change::Clear => store.clear(),
                Change::Delete(key) => drop(store.remove(&key)),
                Change::Put(key, record) => drop(store.insert(key, record)),
            }
        }
        assert_eq!(self.session.is_connected(), self.phase == Phase::Connected);

        let sent = self.transmit(version);
        match phase {
            _ if done.is_err() => {
                assert!(silent && sent.is_empty() && pending == self.session.pending(), "refused without effect");
            }
            Phase::Opening if matches!(call, Call::Open) => {
                assert!(sent.is_empty() || sent == [1], "CONNECT goes alone");
            }
            Phase::Idle | Phase::Opening | Phase::Waiting => assert_eq!(sent, [], "nothing to send it by"),
            Phase::Handshake if !connected => {
                assert!(sent.iter().all(|kind| matches!(kind, 14 | 15)), "{sent:?} before CONNACK");
            }
            _ => assert!(!sent.contains(&1), "CONNECT is sent once"),
        }
        if let Some(end) = sent.iter().position(|&kind| kind == 14) {
            assert_eq!(end + 1, sent.len(), "nothing follows a DISCONNECT [MQTT-3.14.4-1]");
            assert_ne!(self.phase, Phase::Connected);
        }
        if matches!(call, Call::Timeout) {
            // The first attempt after a failed one is made at once.
            let at_once = self.phase == Phase::Waiting && phase != Phase::Waiting;
            assert!(at_once || self.session.poll_timeout().is_none_or(|at| at > now), "time moves on");
        }
        assert!(self.messages.len() <= self.session.pending(), "no message is forgotten");
    }

    /// What is left is what is stored.
    fn kill(&mut self, damage: Option<(u8, u8)>) {
        let (store, now, given) = (self.store.take(), self.now, self.given);
        *self = Self { now, given, ..Self::default() };
        for (n, (key, record)) in store.unwrap_or_default().into_iter().enumerate() {
            self.given += record.len();
            let mut found = record;
            let changed = damage.is_some_and(|(which, _)| usize::from(which) == n);
            if let Some((_, at)) = damage.filter(|_| changed) {
                let at = usize::from(at) % found.len();
                found[at] ^= 0x10;
            }
            let restored = self.session.restore(key, &found);
            assert_eq!(restored, if changed { Err(Error::RecordDamaged) } else { Ok(()) });
            if let (Key::Message(ticket), Ok(())) = (key, restored) {
                self.messages.insert(ticket);
            }
        }
    }

    fn connect(&mut self, now: Instant, wish: &Wish) -> Result<u32, Error> {
        let properties = script::connect_section(wish.properties);
        let options = Options {
            versions: script::versions(wish.versions),
            hosts: u32::from(wish.hosts % 4),
            timeout: Duration::from_millis([0, 1, 1000, 30_000][usize::from(wish.timeout % 4)]),
            client_id: if wish.anonymous { String::new() } else { "me".into() },
            clean_start: wish.clean_start,
            keep_alive: wish.keep_alive.into(),
            user_name: wish.user_name.then(String::new),
            password: wish.password.then(Vec::new),
            will: wish.will.map(|qos| LastWill {
                topic: "will".into(),
                payload: b"gone".to_vec(),
                qos: script::qos(qos),
                retain: qos & 4 != 0,
                properties: Vec::new(),
            }),
            properties,
            auto_ack: wish.auto_ack,
            batch: wish.batch,
            max_in_flight: if wish.max_in_flight == 0 { 65_535 } else { wish.max_in_flight.into() },
            reconnect: wish.reconnect.map(|bits| Reconnect {
                min_delay: Duration::from_millis(u64::from(bits & 3) * 100),
                max_attempts: u32::from(bits >> 2 & 3),
                initial: bits & 16 != 0,
                ..Reconnect::default()
            }),
            follow_server_reference: wish.follow,
            offline: wish.offline.map(|bits| Offline {
                max_messages: u32::from(bits & 7),
                max_bytes: if bits & 8 == 0 { 1 << 20 } else { 100 },
                max_age: Duration::from_millis(u64::from(bits >> 4 & 1) * 1_000),
                overflow: [Overflow::Reject, Overflow::DropOldest, Overflow::DropNewest][usize::from(bits >> 5) % 3],
                qos0: bits & 128 != 0,
            }),
            persist: wish.persist,
            seed: 1,
        };
        self.session.connect(now, options)?;
        if wish.persist {
            self.store.get_or_insert_default();
        } else {
            self.store = None;
        }
        (self.clean_start, self.batch) = (wish.clean_start, wish.batch);
        self.assembler = Assembler::new(self.session.maximum_packet_size());
        Ok(0)
    }

    fn input(&mut self, now: Instant, mut bytes: &[u8], seen: &mut Vec<Seen>) {
        self.given += bytes.len();
        self.session.handle_received(now);
        loop {
            match self.assembler.next(&mut bytes) {
                Ok(Some(frame)) => seen.extend(self.session.handle_packet(now, frame).as_ref().map(Seen::of)),
                Ok(None) => break,
                Err(error) => break self.session.handle_malformed(now, error),
            }
            while let Some(event) = self.session.poll_event() {
                seen.push(Seen::of(&event));
            }
        }
    }

    fn event(&mut self, seen: Seen) {
        let phase = self.phase;
        match seen {
            Seen::Open => {
                assert!(matches!(phase, Phase::Idle | Phase::Waiting | Phase::Opening | Phase::Handshake));
                self.phase = Phase::Opening;
                self.answers.clear();
            }
            Seen::Connected => {
                assert_eq!(phase, Phase::Handshake);
                self.phase = Phase::Connected;
                self.owed.clear();
            }
            Seen::Ended(again) => {
                assert_ne!(phase, Phase::Idle);
                self.phase = Phase::Ending;
                self.again = again;
                self.questions.clear();
            }
            // Before `Close` where an attempt has failed, behind it where a connection was lost.
            Seen::Reconnecting if phase == Phase::Waiting => assert!(core::mem::take(&mut self.again)),
            Seen::Reconnecting => {
                assert!(matches!(phase, Phase::Opening | Phase::Handshake));
                self.phase = Phase::Ending;
                self.again = true;
            }
            Seen::Close => {
                assert_eq!(phase, Phase::Ending);
                self.phase = if self.again { Phase::Waiting } else { Phase::Idle };
            }
            Seen::Settled(ticket) => assert!(self.messages.remove(&ticket), "settled once"),
            Seen::Answered(ticket) => {
                assert_eq!(phase, Phase::Connected);
                assert!(self.questions.remove(&ticket), "answered once");
            }
            Seen::Message(owed) => {
                assert_eq!(phase, Phase::Connected);
                self.owed.extend(owed);
            }
            Seen::Alive => assert_eq!(phase, Phase::Connected),
            Seen::Auth => assert!(matches!(phase, Phase::Handshake | Phase::Connected)),
        }
    }

    /// The types of the packets that leave.
    fn transmit(&mut self, version: Version) -> Vec<u8> {
        let mut kinds = Vec::new();
        while let Some(message) = self.session.poll_transmit() {
            let before = kinds.len();
            let mut rest = message;
            while !rest.is_empty() {
                let header = Header::decode(rest).unwrap().expect("a whole header");
                let (packet, behind) = rest.split_at(header.packet_len());
                rest = behind;
                let frame = Frame { first: header.first, body: &packet[header.len..] };
                match FromClient::decode(version, frame) {
                    Ok(packet) => self.answers.extend(script::answer(&packet, version)),
                    Err(error) => panic!("{error:?}: {version:?} {packet:x?}"),
                }
                kinds.push(header.first >> 4);
            }
            let packets = kinds.len() - before;
            assert!(packets > 0, "no message is empty");
            assert!(packets == 1 || (self.batch && message.len() <= 64 * 1024), "{packets} in {}", message.len());
        }
        kinds
    }
}
