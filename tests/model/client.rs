//! A session with the least driver that can be: bytes in, bytes and events out. Never decides anything itself.

use std::collections::VecDeque;
use std::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Acknowledgement, Change, Ending, Event, Options, Outgoing, Session};
use wasmqtt::time::Instant;
use wasmqtt::wire::{Assembler, QoS, Version};

/// An event that outlives the packet it came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    Open { host: u32, version: Version },
    Close,
    Connected { host: u32, version: Version, session_present: bool, reconnected: bool, properties: Vec<u8> },
    Failed { error: Option<Error>, reason: u8, properties: Vec<u8> },
    Lost { error: Option<Error>, reason: u8, properties: Vec<u8>, reconnecting: bool },
    Reconnecting { attempt: u32, delay: Duration, error: Option<Error>, reason: u8, properties: Vec<u8> },
    Message(Received),
    Delivered { ticket: u32, reason: u8, properties: Vec<u8> },
    Undelivered { ticket: u32, error: Error },
    Resubscribed { filters: Vec<u8>, codes: Vec<u8> },
    Alive,
    Subscribed { ticket: u32, codes: Vec<u8>, properties: Vec<u8> },
    Unsubscribed { ticket: u32, codes: Vec<u8>, properties: Vec<u8> },
    Auth { reason: u8, properties: Vec<u8> },
}

/// A message from the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    pub topic: String,
    pub payload: Vec<u8>,
    pub properties: Vec<u8>,
    pub qos: QoS,
    pub retain: bool,
    pub duplicate: bool,
    pub acknowledgement: Option<Acknowledgement>,
}

impl From<Event<'_>> for Told {
    fn from(event: Event<'_>) -> Self {
        let ended = |ending: Ending<'_>| (ending.error, ending.reason, ending.properties.as_bytes().to_vec());
        match event {
            Event::Open { host, version } => Self::Open { host, version },
            Event::Close => Self::Close,
            Event::Connected { host, version, session_present, reconnected, properties, .. } => {
                let properties = properties.as_bytes().to_vec();
                Self::Connected { host, version, session_present, reconnected, properties }
            }
            Event::Failed(ending) => {
                let (error, reason, properties) = ended(ending);
                Self::Failed { error, reason, properties }
            }
            Event::Lost { ending, reconnecting } => {
                let (error, reason, properties) = ended(ending);
                Self::Lost { error, reason, properties, reconnecting }
            }
            Event::Reconnecting { attempt, delay, ending } => {
                let (error, reason, properties) = ended(ending);
                Self::Reconnecting { attempt, delay, error, reason, properties }
            }
            Event::Undelivered { ticket, error } => Self::Undelivered { ticket, error },
            Event::Resubscribed { filters, codes } => {
                Self::Resubscribed { filters: filters.as_bytes().to_vec(), codes: codes.to_vec() }
            }
            Event::Alive => Self::Alive,
            Event::Message(message) => Self::Message(Received {
                topic: message.topic.to_owned(),
                payload: message.payload.to_vec(),
                properties: message.properties.as_bytes().to_vec(),
                qos: message.qos,
                retain: message.retain,
                duplicate: message.duplicate,
                acknowledgement: message.acknowledgement,
            }),
            Event::Delivered { ticket, reason, properties } => {
                Self::Delivered { ticket, reason, properties: properties.as_bytes().to_vec() }
            }
            Event::Subscribed(answer) => Self::Subscribed {
                ticket: answer.ticket,
                codes: answer.codes.to_vec(),
                properties: answer.properties.as_bytes().to_vec(),
            },
            Event::Unsubscribed(answer) => Self::Unsubscribed {
                ticket: answer.ticket,
                codes: answer.codes.to_vec(),
                properties: answer.properties.as_bytes().to_vec(),
            },
            Event::Auth { reason, properties } => Self::Auth { reason, properties: properties.as_bytes().to_vec() },
            other => unimplemented!("{other:?}"),
        }
    }
}

pub struct Client {
    pub session: Session,
    pub now: Instant,
    /// What it told, and what it sent, message by message; taken by the test.
    pub told: VecDeque<Told>,
    pub sent: VecDeque<Vec<u8>>,
    /// What is to be written before any of it leaves.
    pub changes: VecDeque<Change>,
    assembler: Assembler,
}

impl Client {
    pub fn new() -> Self {
        Self {
            session: Session::new(),
            now: Instant::from_millis(0),
            told: VecDeque::new(),
            sent: VecDeque::new(),
            changes: VecDeque::new(),
            assembler: Assembler::new(u32::MAX),
        }
    }

    pub fn connect(&mut self, options: Options) -> Result<(), Error> {
        let result = self.session.connect(self.now, options);
        self.assembler.set_max_packet(self.session.maximum_packet_size());
        self.drain();
        result
    }

    pub fn open(&mut self) {
        self.assembler.reset();
        self.session.handle_open(self.now);
        self.drain();
    }

    pub fn close(&mut self, error: Error) {
        self.session.handle_close(self.now, error);
        self.drain();
    }

    pub fn input(&mut self, mut bytes: &[u8]) {
        self.session.handle_received(self.now);
        loop {
            match self.assembler.next(&mut bytes) {
                Ok(Some(frame)) => self.told.extend(self.session.handle_packet(self.now, frame).map(Told::from)),
                Ok(None) => break,
                Err(error) => {
                    self.session.handle_malformed(self.now, error);
                    break;
                }
            }
            while let Some(event) = self.session.poll_event() {
                self.told.push_back(event.into());
            }
        }
        self.drain();
    }

    pub fn timeout(&mut self) {
        self.session.handle_timeout(self.now);
        self.drain();
    }

    pub fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> Result<u32, Error> {
        self.publish_with(Outgoing { topic, payload, qos, retain: false, properties: &[] })
    }

    pub fn publish_with(&mut self, message: Outgoing<'_>) -> Result<u32, Error> {
        let result = self.session.publish(self.now, message);
        self.drain();
        result
    }

    pub fn acknowledge(&mut self, message: Acknowledgement, reason: u8) -> Result<(), Error> {
        let result = self.session.acknowledge(self.now, message, reason);
        self.drain();
        result
    }

    /// Does it wait for the store? Only the survival tests ask. Not this one: its store answers before anything is sent.
    #[allow(dead_code)]
    pub fn is_writing(&self) -> bool {
        false
    }

    /// The store has what it was given.
    #[allow(dead_code)]
    pub fn handle_written(&mut self) {}

    pub fn drain(&mut self) {
        self.changes.extend(core::iter::from_fn(|| self.session.poll_persist()));
        while let Some(event) = self.session.poll_event() {
            self.told.push_back(event.into());
        }
        while let Some(message) = self.session.poll_transmit() {
            self.sent.push_back(message.to_vec());
        }
    }
}
