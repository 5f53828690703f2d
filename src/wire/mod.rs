//! Bytes to packets and back, for MQTT 3.1, 3.1.1 and 5.0.
//!
//! Knows no state: what a packet means for a connection is the [session](crate::session)'s business. Strict: nothing
//! malformed gets past it, in either direction. Decoding borrows from the bytes it is given and copies nothing.

use alloc::vec::Vec;

mod ack;
mod auth;
mod connack;
mod connect;
mod disconnect;
mod frame;
mod property;
mod publish;
mod read;
mod reason;
mod suback;
mod subscribe;
mod unsubscribe;
mod write;

use core::num::NonZeroU16;

pub use ack::{Ack, AckKind};
pub use auth::Auth;
pub use connack::ConnAck;
pub use connect::{Connect, Will};
pub use disconnect::Disconnect;
pub use frame::{Assembler, Frame, Header};
pub use property::{On, Properties, Property, PropertyIter};
pub use publish::Publish;
pub use reason::name as reason_name;
pub use suback::{SubAck, UnsubAck};
pub use subscribe::{Filters, Subscribe, SubscribeOptions};
pub use unsubscribe::{Names, Unsubscribe};

/// A protocol version, by its number on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Version {
    /// MQTT 3.1 (`MQIsdp`).
    V3_1 = 3,
    /// MQTT 3.1.1.
    V3_1_1 = 4,
    /// MQTT 5.0.
    V5 = 5,
}

/// A quality of service.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum QoS {
    /// 0: sent once, never acknowledged.
    AtMostOnce = 0,
    /// 1: sent until a PUBACK comes.
    AtLeastOnce = 1,
    /// 2: sent until a PUBREC comes, released until a PUBCOMP comes.
    ExactlyOnce = 2,
}

/// A packet identifier: 1 to 65535 [MQTT-2.2.1-3].
pub type PacketId = NonZeroU16;

impl QoS {
    fn decode(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// Appends a PINGREQ.
pub fn encode_ping_req(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xC0, 0]);
}

/// A packet from the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum FromServer<'a> {
    ConnAck(ConnAck<'a>),
    Publish(Publish<'a>),
    Ack(Ack<'a>),
    SubAck(SubAck<'a>),
    UnsubAck(UnsubAck<'a>),
    PingResp,
    Disconnect(Disconnect<'a>),
    Auth(Auth<'a>),
}
impl<'a> FromServer<'a> {
    /// Decodes.
    pub fn decode(version: Version, frame: Frame<'a>) -> Result<Self, crate::Error> {
        let Frame { first, body } = frame;
        let flags = match first >> 4 {
            3 => first & 15,
            6 => 2,
            _ => 0,
        };
        if first & 15 != flags {
            return Err(crate::Error::BadFlags);
        }
        Ok(match first >> 4 {
            2 => Self::ConnAck(ConnAck::decode(version, body)?),
            3 => Self::Publish(Publish::decode(version, first, body)?),
            4 => Self::Ack(Ack::decode(version, AckKind::PubAck, body)?),
            5 => Self::Ack(Ack::decode(version, AckKind::PubRec, body)?),
            6 => Self::Ack(Ack::decode(version, AckKind::PubRel, body)?),
            7 => Self::Ack(Ack::decode(version, AckKind::PubComp, body)?),
            9 => Self::SubAck(SubAck::decode(version, On::SubAck, body)?),
            11 => Self::UnsubAck(SubAck::decode(version, On::UnsubAck, body)?),
            13 if body.is_empty() => Self::PingResp,
            13 => return Err(crate::Error::TrailingBytes),
            14 => Self::Disconnect(Disconnect::decode(version, On::Disconnect, body)?),
            15 if version == Version::V5 => {
                let d = Disconnect::decode(version, On::Auth, body)?;
                Self::Auth(Auth { reason: d.reason, properties: d.properties })
            }
            _ => return Err(crate::Error::BadPacketType),
        })
    }
}
/// Owned.
#[derive(Default, Clone, Debug)]
pub struct PropertiesBuf(Vec<u8>);
impl PropertiesBuf {
    /// n
    pub fn new() -> Self {
        Self::default()
    }
    /// p
    pub fn push(&mut self, p: Property<'_>) -> Result<(), crate::Error> {
        if let Property::AuthenticationMethod(m) = p {
            write::string_len(m)?;
            self.0.push(0x15);
            write::binary(&mut self.0, m.as_bytes());
        }
        Ok(())
    }
    /// a
    pub fn as_properties(&self, on: On) -> Result<Properties<'_>, crate::Error> {
        Properties::decode(&self.0, on)
    }
}
