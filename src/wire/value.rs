//! A property as it stands on the wire: an identifier and a value, by the tables of section 2.2.2.2.
//!
//! The session asks for the few that it needs by identifier; [`Property`](super::Property) gives all of them names.

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, write};
use crate::{Error, topic};

/// Identifiers by their names in the standard.
pub(crate) mod id {
    pub(crate) const PAYLOAD_FORMAT_INDICATOR: u8 = 0x01;
    pub(crate) const MESSAGE_EXPIRY_INTERVAL: u8 = 0x02;
    pub(crate) const CONTENT_TYPE: u8 = 0x03;
    pub(crate) const RESPONSE_TOPIC: u8 = 0x08;
    pub(crate) const CORRELATION_DATA: u8 = 0x09;
    pub(crate) const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
    pub(crate) const SESSION_EXPIRY_INTERVAL: u8 = 0x11;
    pub(crate) const ASSIGNED_CLIENT_IDENTIFIER: u8 = 0x12;
    pub(crate) const SERVER_KEEP_ALIVE: u8 = 0x13;
    pub(crate) const AUTHENTICATION_METHOD: u8 = 0x15;
    pub(crate) const AUTHENTICATION_DATA: u8 = 0x16;
    pub(crate) const REQUEST_PROBLEM_INFORMATION: u8 = 0x17;
    pub(crate) const WILL_DELAY_INTERVAL: u8 = 0x18;
    pub(crate) const REQUEST_RESPONSE_INFORMATION: u8 = 0x19;
    pub(crate) const RESPONSE_INFORMATION: u8 = 0x1A;
    pub(crate) const SERVER_REFERENCE: u8 = 0x1C;
    pub(crate) const REASON_STRING: u8 = 0x1F;
    pub(crate) const RECEIVE_MAXIMUM: u8 = 0x21;
    pub(crate) const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
    pub(crate) const TOPIC_ALIAS: u8 = 0x23;
    pub(crate) const MAXIMUM_QOS: u8 = 0x24;
    pub(crate) const RETAIN_AVAILABLE: u8 = 0x25;
    pub(crate) const USER_PROPERTY: u8 = 0x26;
    pub(crate) const MAXIMUM_PACKET_SIZE: u8 = 0x27;
    pub(crate) const WILDCARD_SUBSCRIPTION_AVAILABLE: u8 = 0x28;
    pub(crate) const SUBSCRIPTION_IDENTIFIER_AVAILABLE: u8 = 0x29;
    pub(crate) const SHARED_SUBSCRIPTION_AVAILABLE: u8 = 0x2A;
}

/// How a value is encoded.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    Unknown,
    /// A byte, and every one of them is 0 or 1.
    Flag,
    Two,
    Four,
    Variable,
    Text,
    Binary,
    Pair,
}

/// A value of one property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value<'a> {
    Number(u32),
    Text(&'a str),
    Binary(&'a [u8]),
    Pair(&'a str, &'a str),
}

/// Of each identifier: its kind, and the packets that may carry it, a bit each.
const TABLE: [(Kind, u16); 0x2B] = {
    let mut table = [(Kind::Unknown, 0); 0x2B];
    let mut n = 0;
    while n < table.len() {
        table[n] = row(n as u8);
        n += 1;
    }
    table
};

const fn row(id: u8) -> (Kind, u16) {
    use On::*;
    match id {
        id::PAYLOAD_FORMAT_INDICATOR => (Kind::Flag, on(&[Publish, Will])),
        id::MESSAGE_EXPIRY_INTERVAL => (Kind::Four, on(&[Publish, Will])),
        id::CONTENT_TYPE | id::RESPONSE_TOPIC => (Kind::Text, on(&[Publish, Will])),
        id::CORRELATION_DATA => (Kind::Binary, on(&[Publish, Will])),
        id::SUBSCRIPTION_IDENTIFIER => (Kind::Variable, on(&[Publish, Subscribe])),
        id::SESSION_EXPIRY_INTERVAL => (Kind::Four, on(&[Connect, ConnAck, Disconnect])), // [MQTT-3.14.2-2]
        id::ASSIGNED_CLIENT_IDENTIFIER | id::RESPONSE_INFORMATION => (Kind::Text, on(&[ConnAck])),
        id::SERVER_KEEP_ALIVE => (Kind::Two, on(&[ConnAck])),
        id::AUTHENTICATION_METHOD => (Kind::Text, on(&[Connect, ConnAck, Auth])),
        id::AUTHENTICATION_DATA => (Kind::Binary, on(&[Connect, ConnAck, Auth])),
        id::REQUEST_PROBLEM_INFORMATION | id::REQUEST_RESPONSE_INFORMATION => (Kind::Flag, on(&[Connect])),
        id::WILL_DELAY_INTERVAL => (Kind::Four, on(&[Will])),
        id::SERVER_REFERENCE => (Kind::Text, on(&[ConnAck, Disconnect, DisconnectByServer])),
        id::REASON_STRING => (Kind::Text, !on(&[Connect, Will, Publish, Subscribe, Unsubscribe])),
        id::RECEIVE_MAXIMUM | id::TOPIC_ALIAS_MAXIMUM => (Kind::Two, on(&[Connect, ConnAck])),
        id::TOPIC_ALIAS => (Kind::Two, on(&[Publish])),
        id::USER_PROPERTY => (Kind::Pair, u16::MAX),
        id::MAXIMUM_PACKET_SIZE => (Kind::Four, on(&[Connect, ConnAck])),
        id::MAXIMUM_QOS | id::RETAIN_AVAILABLE => (Kind::Flag, on(&[ConnAck])),
        id::WILDCARD_SUBSCRIPTION_AVAILABLE
        | id::SUBSCRIPTION_IDENTIFIER_AVAILABLE
        | id::SHARED_SUBSCRIPTION_AVAILABLE => (Kind::Flag, on(&[ConnAck])),
        _ => (Kind::Unknown, 0),
    }
}

const fn on(packets: &[On]) -> u16 {
    let mut bits = 0;
    let mut n = 0;
    while n < packets.len() {
        bits |= 1 << packets[n] as u8;
        n += 1;
    }
    bits
}

fn kind(id: u8) -> Kind {
    TABLE.get(usize::from(id)).map_or(Kind::Unknown, |row| row.0)
}

/// May the packet carry the property?
pub(super) fn is_carrier(on: On, id: u8) -> bool {
    TABLE.get(usize::from(id)).is_some_and(|row| row.1 & 1 << on as u8 != 0)
}

/// Takes the next property off the front: known, whole, and in its range.
pub(super) fn decode<'a>(reader: &mut Reader<'a>) -> Result<(u8, Value<'a>), Error> {
    let id = reader.u8()?;
    let kind = kind(id);
    let value = match kind {
        Kind::Unknown => return Err(Error::UnknownProperty),
        Kind::Flag => Value::Number(reader.u8()?.into()),
        Kind::Two => Value::Number(reader.u16()?.into()),
        Kind::Four => Value::Number(reader.u32()?),
        Kind::Variable => Value::Number(reader.variable()?),
        Kind::Text => Value::Text(reader.string()?),
        Kind::Binary => Value::Binary(reader.binary()?),
        Kind::Pair => Value::Pair(reader.string()?, reader.string()?),
    };
    match (id, value) {
        (id::TOPIC_ALIAS, Value::Number(0)) => Err(Error::BadTopicAlias), // [MQTT-3.3.2-8]
        (id::RECEIVE_MAXIMUM | id::MAXIMUM_PACKET_SIZE | id::SUBSCRIPTION_IDENTIFIER, Value::Number(0)) => {
            Err(Error::PropertyRange)
        }
        (_, Value::Number(2..)) if matches!(kind, Kind::Flag) => Err(Error::PropertyRange),
        (id::RESPONSE_TOPIC, Value::Text(name)) if !topic::is_name(name) => Err(Error::PropertyRange), // [MQTT-3.3.2-14]
        _ => Ok((id, value)),
    }
}

/// Appends a property. On an error nothing changes.
pub(super) fn encode(id: u8, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Text(text) => write::string_len(text).map(|_| ())?,
        Value::Binary(bytes) => write::binary_len(bytes).map(|_| ())?,
        Value::Pair(name, value) => write::string_len(name).and(write::string_len(value)).map(|_| ())?,
        Value::Number(_) => {}
    }
    out.push(id);
    match (kind(id), value) {
        (Kind::Variable, Value::Number(n)) => write::variable(out, n as usize),
        (Kind::Four, Value::Number(n)) => out.extend_from_slice(&n.to_be_bytes()),
        (Kind::Two, Value::Number(n)) => write::u16(out, n as u16),
        (_, Value::Number(n)) => out.push(n as u8),
        (_, Value::Text(text)) => write::binary(out, text.as_bytes()),
        (_, Value::Binary(bytes)) => write::binary(out, bytes),
        (_, Value::Pair(name, value)) => {
            write::binary(out, name.as_bytes());
            write::binary(out, value.as_bytes());
        }
    }
    Ok(())
}
