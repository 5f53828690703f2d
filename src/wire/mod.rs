//! Bytes to packets and back, for MQTT 3.1, 3.1.1 and 5.0.
//!
//! Knows no state: what a packet means for a connection is the [session](crate::session)'s business. Strict: nothing
//! malformed gets past it, in either direction. Decoding borrows from the bytes it is given and copies nothing.

mod ack;
mod auth;
mod connack;
mod connect;
mod disconnect;
mod filters;
mod frame;
mod packet;
mod property;
mod publish;
mod read;
mod reason;
mod section;
mod suback;
mod subscribe;
mod unsubscribe;
mod value;
mod write;

use core::num::NonZeroU16;

pub use ack::{Ack, AckKind};
pub use auth::Auth;
pub use connack::ConnAck;
pub use connect::{Connect, Will};
pub use disconnect::Disconnect;
pub use filters::{FiltersBuf, NamesBuf};
pub use frame::{Assembler, Frame, Header};
pub use packet::{FromClient, FromServer, encode_ping_req, encode_ping_resp};
pub use property::{On, Property};
pub use publish::Publish;
pub(crate) use reason::is_legal as is_legal_reason;
pub use reason::name as reason_name;
pub use section::{Properties, PropertiesBuf, PropertyIter};
pub use suback::{SubAck, UnsubAck};
pub use subscribe::{Filters, Subscribe, SubscribeOptions};
pub use unsubscribe::{Names, Unsubscribe};
pub(crate) use value::id;
pub(crate) use write::{join, list as encode_list};

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

impl QoS {
    /// The QoS of two bits; 3 is none [MQTT-3.3.1-4].
    const fn decode(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// A packet identifier: 1 to 65535 [MQTT-2.2.1-3].
pub type PacketId = NonZeroU16;
