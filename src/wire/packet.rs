//! Which packet is it? The two directions are two types: a client cannot even name what only a client may send to it.

use alloc::vec::Vec;

use super::{
    Ack, AckKind, Auth, ConnAck, Connect, Disconnect, Frame, Publish, SubAck, Subscribe, UnsubAck, Unsubscribe, Version,
};
use crate::Error;

/// A packet that a server sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // The names of the packets.
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
    /// Decodes one packet, strictly. Before MQTT 5 a server has no DISCONNECT, but some send one: it is taken as one.
    pub fn decode(version: Version, frame: Frame<'a>) -> Result<Self, Error> {
        check_flags(frame.first)?;
        let Frame { first, body } = frame;
        Ok(match first >> 4 {
            2 => Self::ConnAck(ConnAck::decode(version, body)?),
            3 => Self::Publish(Publish::decode(version, first, body)?),
            9 => Self::SubAck(SubAck::decode(version, body)?),
            11 => Self::UnsubAck(UnsubAck::decode(version, body)?),
            13 => nothing(body).map(|()| Self::PingResp)?,
            14 => match Disconnect::decode(version, body)? {
                Disconnect { reason: 0x04, .. } => return Err(Error::BadReasonCode), // table 3-10: clients only
                packet => Self::Disconnect(packet),
            },
            15 if version == Version::V5 => Self::Auth(Auth::decode(body)?),
            kind => Self::Ack(Ack::decode(version, ack_kind(kind)?, body)?),
        })
    }
}

/// A packet that a client sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // The names of the packets.
pub enum FromClient<'a> {
    Connect(Connect<'a>),
    Publish(Publish<'a>),
    Ack(Ack<'a>),
    Subscribe(Subscribe<'a>),
    Unsubscribe(Unsubscribe<'a>),
    PingReq,
    Disconnect(Disconnect<'a>),
    Auth(Auth<'a>),
}

impl<'a> FromClient<'a> {
    /// Decodes one packet, strictly. A CONNECT says itself which version it is in.
    pub fn decode(version: Version, frame: Frame<'a>) -> Result<Self, Error> {
        check_flags(frame.first)?;
        let Frame { first, body } = frame;
        Ok(match first >> 4 {
            1 => Self::Connect(Connect::decode(body)?),
            3 => Self::Publish(Publish::decode(version, first, body)?),
            8 => Self::Subscribe(Subscribe::decode(version, body)?),
            10 => Self::Unsubscribe(Unsubscribe::decode(version, body)?),
            12 => nothing(body).map(|()| Self::PingReq)?,
            14 => match Disconnect::decode(version, body)? {
                Disconnect { reason: 0x89 | 0x8B | 0x8D..=0x8F | 0x9A..=0x9F | 0xA1 | 0xA2, .. } => {
                    return Err(Error::BadReasonCode); // table 3-10: servers only
                }
                packet => Self::Disconnect(packet),
            },
            15 if version == Version::V5 => Self::Auth(Auth::decode(body)?),
            kind => Self::Ack(Ack::decode(version, ack_kind(kind)?, body)?),
        })
    }
}

/// Reserved flags have one legal value [MQTT-2.1.3-1].
fn check_flags(first: u8) -> Result<(), Error> {
    let reserved = match first >> 4 {
        3 => first & 0x0F,
        6 | 8 | 10 => 0b0010,
        _ => 0,
    };
    if first & 0x0F == reserved { Ok(()) } else { Err(Error::BadFlags) }
}

fn ack_kind(kind: u8) -> Result<AckKind, Error> {
    match kind {
        4 => Ok(AckKind::PubAck),
        5 => Ok(AckKind::PubRec),
        6 => Ok(AckKind::PubRel),
        7 => Ok(AckKind::PubComp),
        _ => Err(Error::BadPacketType),
    }
}

fn nothing(body: &[u8]) -> Result<(), Error> {
    if body.is_empty() { Ok(()) } else { Err(Error::TrailingBytes) }
}

/// Appends a PINGREQ.
pub fn encode_ping_req(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xC0, 0]);
}

/// Appends a PINGRESP.
pub fn encode_ping_resp(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xD0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_not_send_what_only_a_client_sends() {
        for first in [0x00, 0x10, 0x82, 0xA2, 0xC0] {
            assert_eq!(
                FromServer::decode(Version::V5, Frame { first, body: &[] }),
                Err(Error::BadPacketType),
                "{first:x}"
            );
        }
        assert_eq!(FromServer::decode(Version::V3_1_1, Frame { first: 0xF0, body: &[] }), Err(Error::BadPacketType));
    }

    #[test]
    fn reserved_flags_are_an_error() {
        for first in [0x21, 0x4F, 0x51, 0x60, 0x71, 0x91, 0xB4, 0xD5, 0xE1, 0xF8] {
            assert_eq!(
                FromServer::decode(Version::V5, Frame { first, body: &[0, 1] }),
                Err(Error::BadFlags),
                "{first:x}"
            );
        }
    }

    #[test]
    fn a_ping_response_has_no_body() {
        assert_eq!(FromServer::decode(Version::V5, Frame { first: 0xD0, body: &[] }), Ok(FromServer::PingResp));
        assert_eq!(FromServer::decode(Version::V5, Frame { first: 0xD0, body: &[0] }), Err(Error::TrailingBytes));
    }
}
