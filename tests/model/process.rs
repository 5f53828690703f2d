//! The process: an application, a session and the driver between them, which does what a driver must. Of each drain it
//! writes the changes, then sends, then tells. It may end at any time, and begin anew with what the store holds.

use std::collections::BTreeMap;
use std::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Change, Key, Options, Reconnect};
use wasmqtt::time::Instant;
use wasmqtt::wire::{Filters, On, PropertiesBuf, Property, QoS, Version};

use super::client::{Client, Told};
use super::link::{Link, Opening};
use super::schedule::Way;
use super::timeline::Timeline;

pub const KEEP_ALIVE: u16 = 20;

/// The shortest and the longest wait between attempts.
const RECONNECT: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];

/// A SUBSCRIBE to every topic there is.
const FILTERS: &[u8] = b"\0\x06room/#\x02";

/// How it ended with a message of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// `publish` said no.
    Refused(Error),
    /// QoS 0 that left at once.
    Left,
    Delivered(u8),
    Undelivered(Error),
    /// The process died and no record is left. True: there was one.
    Died(bool),
}

impl Timeline {
    pub(super) fn publish_up(&mut self) {
        let (n, _, message) = self.up.pop_front().unwrap();
        let now = self.session_now();
        let client = self.client.as_mut().unwrap();
        client.now = now;
        match client.publish(message.topic, &message.payload, message.qos) {
            Err(error) => drop(self.outcomes.insert(n, Outcome::Refused(error))),
            Ok(0) => drop(self.outcomes.insert(n, Outcome::Left)),
            Ok(ticket) => assert_eq!(self.tickets.insert(ticket, n), None, "ticket {ticket} is in use"),
        }
        self.settle();
    }

    fn options(&self) -> Options {
        let mut properties = PropertiesBuf::new();
        if self.plan.version == Version::V5 {
            properties.push(Property::SessionExpiryInterval(u32::MAX)).unwrap();
            properties.push(Property::ReceiveMaximum(self.plan.client_receive_maximum)).unwrap();
            properties.push(Property::TopicAliasMaximum(self.plan.alias_maximum)).unwrap();
        }
        let [min_delay, max_delay] = RECONNECT;
        Options {
            versions: vec![self.plan.version],
            client_id: "model".into(),
            clean_start: false,
            timeout: Duration::from_secs(5),
            keep_alive: KEEP_ALIVE,
            properties: properties.as_properties(On::Connect).unwrap().as_bytes().to_vec(),
            auto_ack: self.plan.auto_ack,
            max_in_flight: self.plan.max_in_flight,
            reconnect: Some(Reconnect {
                min_delay,
                max_delay,
                jitter: self.plan.jitter,
                initial: true,
                ..Reconnect::default()
            }),
            offline: Some(self.plan.offline),
            persist: true,
            seed: self.plan.seed as u32,
            ..Options::default()
        }
    }

    /// A process begins: it reads the store, in any order, and connects.
    pub(super) fn start(&mut self) {
        self.starts = None;
        let mut client = Client::new();
        let mut records: Vec<_> = self.store.records.iter().collect();
        while !records.is_empty() {
            let (key, record) = records.swap_remove(self.random.below(records.len()));
            client.session.restore(*key, record).unwrap();
        }
        client.now = self.session_now();
        client.connect(self.options()).unwrap();
        self.client = Some(client);
        self.was_connected = false;
        self.due = None;
        self.settle();
    }

    /// The process ends. `within` a drain: what was to be sent and told after the writes is not.
    pub(super) fn die(&mut self, within: bool) {
        let Some(client) = self.client.take() else { return };
        let writing = client.is_writing();
        self.kills += 1;
        self.timer = None;
        self.dies_after = None;
        self.starts = Some(self.now + self.stays_dead_for);
        for told in client.told {
            if let Told::Message(message) = told {
                // Had the application it or not? It counts, and may count once more: its record may not be written.
                self.doubted.push(message.payload.clone());
                self.arrived.push((message.topic, message.payload, message.qos));
            }
        }
        // What the store had not confirmed is as if it had been sent and told and not written.
        self.died_within |= within || writing;
        self.doubted.append(&mut self.unwritten);
        self.may_end_again.append(&mut self.ended);
        self.store_answers = None;
        let lenient = self.store.has_failed();
        self.broker.is_lenient |= lenient;
        let records = &self.store.records;
        let (open, died): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.tickets.iter().partition(|(ticket, _)| records.contains_key(&Key::Message(**ticket)));
        self.recorded.extend(open.values());
        self.tickets = open;
        for (_, n) in died {
            self.outcomes.insert(n, Outcome::Died(self.recorded.contains(&n)));
        }
        self.owed.clear();
        self.acknowledges = None;
        self.hang_up();
    }

    /// Calls the client and takes up what it has to say.
    pub(super) fn with_client(&mut self, call: impl FnOnce(&mut Client)) {
        let now = self.session_now();
        let Some(client) = &mut self.client else { return };
        client.now = now;
        call(client);
        client.drain();
        self.settle();
    }

    /// One drain after the other: write, send, tell.
    fn settle(&mut self) {
        loop {
            let Some(client) = &mut self.client else { return };
            let writes = !client.changes.is_empty();
            while let Some(change) = client.changes.pop_front() {
                if self.dies_after == Some(0) {
                    return self.die(true);
                }
                self.dies_after = self.dies_after.map(|left| left - 1);
                if let Change::Put(Key::Message(ticket), _) = &change {
                    self.recorded.extend(self.tickets.get(ticket));
                }
                self.store.write(change);
            }
            if writes && self.dies_after == Some(0) {
                return self.die(true);
            }
            for message in core::mem::take(&mut client.sent) {
                self.tap.handle_sent(&message);
                // What arrives may come in pieces.
                let (head, tail) = message.split_at(self.random.below(message.len() + 1));
                for piece in [head, tail] {
                    let arrives = self.arrival();
                    if let Some(link) = &mut self.link {
                        link.send(Way::Up, piece.to_vec(), arrives);
                    }
                }
            }
            let told = self.client.as_mut().and_then(|client| client.told.pop_front());
            let Some(told) = told else { break };
            self.handle_told(told);
        }
        let Some(client) = &self.client else { return };
        match client.is_writing() {
            true if self.store_answers.is_none() => self.store_answers = Some(self.now + self.random.below(60) as u64),
            true => {}
            false => {
                self.unwritten.clear();
                self.ended.clear();
            }
        }
        let wait = |at: Instant| at.since(client.now).as_millis() as u64;
        self.timer = client.session.poll_timeout().map(|at| self.now + wait(at));
    }

    fn handle_told(&mut self, told: Told) {
        match told {
            Told::Open { .. } => {
                self.attempts.push(self.now);
                if let Some(due) = self.due.take() {
                    assert_eq!(self.session_now().as_millis(), due, "an attempt not in its time");
                }
                self.hang_up();
                let at = self.arrival();
                self.link = Some(Link::new(match () {
                    () if core::mem::take(&mut self.never_opens) => Opening::Never,
                    () if at < self.down_until => Opening::Fails(at),
                    () => Opening::Opens(at),
                }));
            }
            Told::Close => self.hang_up(),
            Told::Connected { reconnected, .. } => {
                assert_eq!(reconnected, self.was_connected);
                self.was_connected = true;
                self.unheard = false;
                // What was owed before is void.
                self.owed.clear();
                self.acknowledges = None;
                if !self.granted {
                    let version = self.plan.version;
                    let filters = Filters::decode(version, FILTERS).unwrap();
                    self.with_client(|client| {
                        client.session.subscribe(client.now, filters, &[]).unwrap();
                    });
                }
            }
            Told::Subscribed { codes, .. } => {
                assert_eq!(codes, [2]);
                self.granted = true;
            }
            Told::Resubscribed { filters, codes } => {
                assert_eq!((&filters[..], &codes[..]), (FILTERS, &[2][..]));
            }
            // `disconnect` alone ends it for good.
            Told::Lost { error, reconnecting, .. } => assert_eq!(reconnecting, error.is_some(), "{error:?}"),
            Told::Reconnecting { attempt, delay, error, .. } => {
                use Error::*;
                assert!(matches!(error, Some(SocketClosed | SocketError | ConnectTimeout | PingTimeout)), "{error:?}");
                let [min, max] = RECONNECT;
                let longest = if attempt == 1 { Duration::ZERO } else { min * (1 << (attempt - 2).min(10)) };
                assert!(delay <= longest.min(max), "{delay:?} before attempt {attempt}");
                self.waits.push((attempt, delay));
                self.due = Some(self.session_now().as_millis() + delay.as_millis() as u64);
            }
            Told::Message(message) => {
                assert_eq!(message.acknowledgement.is_some(), !self.plan.auto_ack && message.qos != QoS::AtMostOnce);
                self.owed.extend(message.acknowledgement.map(|it| (message.payload.clone(), it)));
                self.unwritten.push(message.payload.clone());
                self.arrived.push((message.topic, message.payload, message.qos));
                if self.acknowledges.is_none() {
                    self.schedule_acknowledge();
                }
            }
            Told::Delivered { ticket, reason, .. } => self.end(ticket, Outcome::Delivered(reason)),
            Told::Undelivered { ticket, error } => self.end(ticket, Outcome::Undelivered(error)),
            Told::Alive => {}
            told => panic!("nobody asked for {told:?}"),
        }
    }

    pub(super) fn schedule_acknowledge(&mut self) {
        let later = self.now + self.random.below(400) as u64;
        self.acknowledges = (!self.owed.is_empty()).then_some(later);
    }

    fn end(&mut self, ticket: u32, outcome: Outcome) {
        self.ended.push(ticket);
        match self.tickets.remove(&ticket) {
            Some(n) => assert_eq!(self.outcomes.insert(n, outcome), None, "ended twice"),
            // The record of one that had ended was not deleted.
            None => assert!(
                self.store.has_failed() && self.kills > 0 || self.may_end_again.contains(&ticket),
                "{outcome:?} of {ticket}, which is not open"
            ),
        }
    }
}
