//! The driver of the async Rust client in the place of the least one that can be: the same names, so that the same
//! schedules and promises hold it. Its store answers when the model says so.

use std::collections::VecDeque;
use std::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Acknowledgement, Change, Options, Outgoing};
use wasmqtt::time::Instant;
use wasmqtt::web::driver::{Driver, End, Sending};
use wasmqtt::wire::{QoS, Version};

/// What the driver told, as the model wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Open { host: u32, version: Version },
    Close,
    Connected { reconnected: bool },
    Lost { error: Option<Error>, reconnecting: bool },
    Reconnecting { attempt: u32, delay: Duration, error: Option<Error> },
    Message(Received),
    Delivered { ticket: u32, reason: u8 },
    Undelivered { ticket: u32, error: Error },
    Resubscribed { filters: Vec<u8>, codes: Vec<u8> },
    Alive,
    Subscribed { codes: Vec<u8> },
    Unwanted(String),
}

/// A message from the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: QoS,
    pub acknowledgement: Option<Acknowledgement>,
}

pub struct Client {
    pub session: Driver,
    pub now: Instant,
    pub told: VecDeque<Told>,
    pub sent: VecDeque<Vec<u8>>,
    pub changes: VecDeque<Change>,
    /// The store has these changes, and has not answered.
    write: Option<u32>,
    socket: u32,
    /// QoS 0 messages whose end the model does not want to hear of.
    once: Vec<u32>,
}

impl Client {
    pub fn new() -> Self {
        Self {
            session: Driver::new(),
            now: Instant::from_millis(0),
            told: VecDeque::new(),
            sent: VecDeque::new(),
            changes: VecDeque::new(),
            write: None,
            socket: 0,
            once: Vec::new(),
        }
    }

    pub fn connect(&mut self, options: Options) -> Result<(), Error> {
        let result = self.session.connect(self.now, options, vec!["ws://model/".into()]);
        self.drain();
        result
    }

    pub fn open(&mut self) {
        self.session.handle_open(self.now);
        self.drain();
    }

    pub fn close(&mut self, error: Error) {
        self.session.handle_close(self.now, error);
        self.drain();
    }

    pub fn input(&mut self, bytes: &[u8]) {
        self.session.handle_input(self.now, bytes);
        self.drain();
    }

    pub fn timeout(&mut self) {
        self.session.handle_timeout(self.now);
        self.drain();
    }

    /// As the session does it: 0 for QoS 0 that left at once.
    pub fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> Result<u32, Error> {
        let message = Outgoing { topic, payload, qos, retain: false, properties: &[] };
        let result = self.session.publish(self.now, message);
        let result = match result {
            Ok(ticket) if ticket > i32::MAX as u32 => {
                self.once.push(ticket);
                Ok(0)
            }
            result => result,
        };
        self.drain();
        result
    }

    pub fn acknowledge(&mut self, message: Acknowledgement, reason: u8) -> Result<(), Error> {
        let result = self.session.acknowledge(self.now, message, reason);
        self.drain();
        result
    }

    /// Does it wait for the store?
    pub fn is_writing(&self) -> bool {
        self.write.is_some()
    }

    /// The store has what it was given.
    pub fn handle_written(&mut self) {
        if let Some(write) = self.write.take() {
            self.session.handle_written(write, true);
        }
        self.drain();
    }

    pub fn drain(&mut self) {
        loop {
            if let Some((write, changes)) = self.session.poll_write(self.now) {
                assert_eq!(self.write.replace(write), None, "two transactions at a time");
                self.changes.extend(changes);
            }
            while let Some(sending) = self.session.poll_send(true) {
                match sending {
                    Sending::Message { socket, bytes } if socket == self.socket => self.sent.push_back(bytes),
                    Sending::Message { .. } => {}
                    Sending::Close { socket } if socket == self.socket => self.told.push_back(Told::Close),
                    Sending::Close { .. } => {}
                }
            }
            let Some(told) = self.session.poll_told() else { break };
            let told = self.translate(told);
            self.told.extend(told);
        }
    }

    fn translate(&mut self, told: wasmqtt::web::driver::Told) -> Option<Told> {
        use wasmqtt::web::driver::Told as T;
        let ended = |end: End| end.error;
        Some(match told {
            T::Open { socket, host, version, .. } => {
                self.socket = socket;
                Told::Open { host, version }
            }
            T::Connected { reconnected, .. } => Told::Connected { reconnected },
            T::Lost(end) => Told::Lost { error: ended(end), reconnecting: true },
            T::Ended(end) => Told::Lost { error: ended(end), reconnecting: false },
            T::Reconnecting { attempt, delay, end } => Told::Reconnecting { attempt, delay, error: ended(end) },
            T::Message(it) => Told::Message(Received {
                topic: it.topic,
                payload: it.payload,
                qos: it.qos,
                acknowledgement: it.acknowledgement,
            }),
            T::Delivered { ticket, .. } | T::Undelivered { ticket, .. } if self.once.contains(&ticket) => {
                self.once.retain(|once| *once != ticket);
                return None;
            }
            T::Delivered { ticket, reason, .. } => Told::Delivered { ticket, reason },
            T::Undelivered { ticket, error } => Told::Undelivered { ticket, error },
            T::Subscribed(answer) => Told::Subscribed { codes: answer.codes },
            T::Resubscribed { filters, codes } => Told::Resubscribed { filters, codes },
            T::Alive => Told::Alive,
            told => Told::Unwanted(format!("{told:?}")),
        })
    }
}
