//! What the driver tells: the session's events, without what they borrow and with what the driver adds.

use std::time::Duration;

use super::properties::Section;
use crate::Error;
use crate::session::{Acknowledgement, Answer, Ending, Event};
use crate::topic::Routes;
use crate::wire::{On, QoS, Version};

/// What the application hears of, or the platform has to do with sockets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// Open a socket of this number, in the place of any older one.
    Open {
        /// Names it.
        socket: u32,
        /// Index of the address.
        host: u32,
        /// Its sub-protocol is `mqttv3.1` for MQTT 3.1 and `mqtt` otherwise.
        version: Version,
        /// The address.
        url: String,
    },
    /// CONNACK.
    Connected {
        /// Index of the address.
        host: u32,
        /// In use.
        version: Version,
        /// The server has kept the session.
        session_present: bool,
        /// The connection came back by itself.
        reconnected: bool,
        /// Of CONNACK.
        properties: Section,
    },
    /// The connection has ended, and is tried again.
    Lost(End),
    /// There is no connection, and none will be tried any more.
    Ended(End),
    /// Another attempt follows.
    Reconnecting {
        /// Its number.
        attempt: u32,
        /// How long it waits.
        delay: Duration,
        /// Why.
        end: End,
    },
    /// A message.
    Message(Arrived),
    /// A message of ours was acknowledged, or with QoS 0 handed to the socket.
    Delivered {
        /// What `publish` gave.
        ticket: u32,
        /// From 0x80 on: it was refused.
        reason: u8,
        /// Of the acknowledgement.
        properties: Section,
    },
    /// A message of ours will not be delivered.
    Undelivered {
        /// What `publish` gave.
        ticket: u32,
        /// Why.
        error: Error,
    },
    /// SUBACK.
    Subscribed(Answered),
    /// UNSUBACK.
    Unsubscribed(Answered),
    /// SUBACK to what the session has asked for again.
    Resubscribed {
        /// Filters, as in SUBSCRIBE.
        filters: Vec<u8>,
        /// A reason code for each.
        codes: Vec<u8>,
    },
    /// The server has answered a probe.
    Alive,
    /// AUTH.
    Auth {
        /// 0x18: more is wanted.
        reason: u8,
        /// Method and data among them.
        properties: Section,
    },
    /// The store has failed.
    StoreFailed,
    /// A record of the store was damaged, and is deleted.
    RecordDamaged,
}

/// Why a connection has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// None: as the application wanted.
    pub error: Option<Error>,
    /// Of the server, or 0.
    pub reason: u8,
    /// Beside it.
    pub properties: Section,
}

/// A message from the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// The topic name.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The properties.
    pub properties: Section,
    /// The quality of service.
    pub qos: QoS,
    /// It was retained.
    pub retain: bool,
    /// It may have come before.
    pub duplicate: bool,
    /// The server waits for it.
    pub acknowledgement: Option<Acknowledgement>,
    /// Which routes match its topic.
    pub routes: Vec<u32>,
}

/// An answer of the server to SUBSCRIBE or UNSUBSCRIBE.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// What `subscribe` or `unsubscribe` gave.
    pub ticket: u32,
    /// A reason code for each filter; none of an UNSUBACK before MQTT 5.
    pub codes: Vec<u8>,
    /// The properties.
    pub properties: Section,
}

/// What is to be done with a socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sending {
    /// Send one WebSocket message.
    Message {
        /// On this socket.
        socket: u32,
        /// The message.
        bytes: Vec<u8>,
    },
    /// Close this socket.
    Close {
        /// Its number.
        socket: u32,
    },
}

/// An event of the session, in its place among the others.
#[derive(Debug)]
pub(super) enum Step {
    Open(u32, Version),
    Close,
    Tell(Told),
}

/// An event, without what it borrows.
pub(super) fn translate(event: Event<'_>, routes: &Routes) -> Step {
    Step::Tell(match event {
        Event::Open { host, version } => return Step::Open(host, version),
        Event::Close => return Step::Close,
        Event::Connected { host, version, session_present, reconnected, properties } => {
            let properties = Section::new(properties, On::ConnAck);
            Told::Connected { host, version, session_present, reconnected, properties }
        }
        Event::Failed(ending) | Event::Lost { ending, reconnecting: false } => Told::Ended(end(ending)),
        Event::Lost { ending, reconnecting: true } => Told::Lost(end(ending)),
        Event::Reconnecting { attempt, delay, ending } => Told::Reconnecting { attempt, delay, end: end(ending) },
        Event::Message(message) => {
            let mut matching = Vec::new();
            routes.find(message.topic, &mut matching);
            Told::Message(Arrived {
                topic: message.topic.into(),
                payload: message.payload.into(),
                properties: Section::new(message.properties, On::Publish),
                qos: message.qos,
                retain: message.retain,
                duplicate: message.duplicate,
                acknowledgement: message.acknowledgement,
                routes: matching,
            })
        }
        Event::Delivered { ticket, reason, properties } => {
            Told::Delivered { ticket, reason, properties: Section::new(properties, On::PubAck) }
        }
        Event::Undelivered { ticket, error } => Told::Undelivered { ticket, error },
        Event::Subscribed(answer) => Told::Subscribed(answered(answer, On::SubAck)),
        Event::Unsubscribed(answer) => Told::Unsubscribed(answered(answer, On::UnsubAck)),
        Event::Resubscribed { filters, codes } => {
            Told::Resubscribed { filters: filters.as_bytes().into(), codes: codes.into() }
        }
        Event::Alive => Told::Alive,
        Event::Auth { reason, properties } => Told::Auth { reason, properties: Section::new(properties, On::Auth) },
    })
}

fn end(ending: Ending<'_>) -> End {
    let on = if ending.error == Some(Error::Refused) { On::ConnAck } else { On::DisconnectByServer };
    End { error: ending.error, reason: ending.reason, properties: Section::new(ending.properties, on) }
}

fn answered(answer: Answer<'_>, on: On) -> Answered {
    Answered { ticket: answer.ticket, codes: answer.codes.into(), properties: Section::new(answer.properties, on) }
}
