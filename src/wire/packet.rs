//! Which packet is it? The two directions are two types: a client cannot even name what only a client may send to it.

use alloc::vec::Vec;

use super::{
    Ack, AckKind, Auth, ConnAck, Connect, Disconnect, Frame, On, Properties, Publish, SubAck, Subscribe, UnsubAck,
    Unsubscribe, Version, id,
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
        check_flags(version, frame.first)?;
        let Frame { first, body } = frame;
        Ok(match first >> 4 {
            2 => Self::ConnAck(ConnAck::decode(version, body)?),
            3 => Self::Publish(Publish::decode(version, first, body)?),
            9 => Self::SubAck(SubAck::decode(version, body)?),
            11 => Self::UnsubAck(UnsubAck::decode(version, body)?),
            13 => nothing(body).map(|()| Self::PingResp)?,
            14 => Self::Disconnect(Disconnect::decode(version, On::DisconnectByServer, body)?),
            15 if version == Version::V5 => match Auth::decode(body)? {
                Auth { reason: 0x19, .. } => return Err(Error::BadReasonCode), // section 3.15.2.1: clients only
                packet => Self::Auth(packet),
            },
            kind => Self::Ack(Ack::decode(version, ack_kind(kind)?, body)?),
        })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::ConnAck(packet) => packet.encode(version, out),
            Self::Publish(packet) => packet.encode(version, out),
            Self::Ack(packet) => packet.encode(version, out),
            Self::SubAck(packet) => packet.encode(version, out),
            Self::UnsubAck(packet) => packet.encode(version, out),
            Self::PingResp => {
                encode_ping_resp(out);
                Ok(())
            }
            Self::Disconnect(packet) => packet.encode(version, out),
            Self::Auth(packet) => packet.encode(out),
        }
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
        check_flags(version, frame.first)?;
        let Frame { first, body } = frame;
        Ok(match first >> 4 {
            1 => Self::Connect(Connect::decode(body)?),
            3 => match Publish::decode(version, first, body)? {
                packet if has_subscription_identifier(packet.properties) => return Err(Error::MisplacedProperty),
                packet => Self::Publish(packet),
            },
            8 => Self::Subscribe(Subscribe::decode(version, body)?),
            10 => Self::Unsubscribe(Unsubscribe::decode(version, body)?),
            12 => nothing(body).map(|()| Self::PingReq)?,
            14 => Self::Disconnect(Disconnect::decode(version, On::Disconnect, body)?),
            15 if version == Version::V5 => match Auth::decode(body)? {
                Auth { reason: 0x00, .. } => return Err(Error::BadReasonCode), // section 3.15.2.1: servers only
                packet => Self::Auth(packet),
            },
            kind => Self::Ack(Ack::decode(version, ack_kind(kind)?, body)?),
        })
    }

    /// Appends the packet; a CONNECT in the version that it asks for.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Connect(packet) => packet.encode(out),
            Self::Publish(packet) => packet.encode(version, out),
            Self::Ack(packet) => packet.encode(version, out),
            Self::Subscribe(packet) => packet.encode(version, out),
            Self::Unsubscribe(packet) => packet.encode(version, out),
            Self::PingReq => {
                encode_ping_req(out);
                Ok(())
            }
            Self::Disconnect(packet) => packet.encode(version, out),
            Self::Auth(packet) => packet.encode(out),
        }
    }
}

/// Reserved flags have one legal value [MQTT-2.1.3-1]. MQTT 3.1 knows DUP on more than PUBLISH (its section 2.1).
fn check_flags(version: Version, first: u8) -> Result<(), Error> {
    let flags = first & 0x0F;
    let legal = match first >> 4 {
        3 => true,
        6 | 8 | 10 => flags == 0b0010 || (version == Version::V3_1 && flags == 0b1010),
        _ => flags == 0,
    };
    if legal { Ok(()) } else { Err(Error::BadFlags) }
}

/// They go from server to client only [MQTT-3.3.4-6].
fn has_subscription_identifier(properties: Properties<'_>) -> bool {
    properties.contains(id::SUBSCRIPTION_IDENTIFIER)
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
    fn mqtt_3_1_says_dup_when_it_releases_or_subscribes_again() {
        let release = Frame { first: 0x6A, body: &[0, 1] };
        assert!(FromServer::decode(Version::V3_1, release).is_ok());
        assert_eq!(FromServer::decode(Version::V3_1_1, release), Err(Error::BadFlags));
        let subscribe = Frame { first: 0x8A, body: b"\0\x01\0\x01a\0" };
        assert!(FromClient::decode(Version::V3_1, subscribe).is_ok());
        assert_eq!(FromClient::decode(Version::V5, subscribe), Err(Error::BadFlags));
    }

    #[test]
    fn a_client_may_not_send_what_only_a_server_sends() {
        for first in [0x00, 0x20, 0x90, 0xB0, 0xD0] {
            assert_eq!(
                FromClient::decode(Version::V5, Frame { first, body: &[] }),
                Err(Error::BadPacketType),
                "{first:x}"
            );
        }
        let identified = Frame { first: 0x30, body: b"\0\x01a\x02\x0b\x01" };
        assert!(FromServer::decode(Version::V5, identified).is_ok());
        assert_eq!(FromClient::decode(Version::V5, identified), Err(Error::MisplacedProperty));
    }

    #[test]
    fn only_a_server_ends_an_authentication_and_only_a_client_asks_for_another() {
        let (success, again) = (Frame { first: 0xF0, body: &[] }, Frame { first: 0xF0, body: &[0x19] });
        assert!(FromServer::decode(Version::V5, success).is_ok());
        assert_eq!(FromClient::decode(Version::V5, success), Err(Error::BadReasonCode));
        assert!(FromClient::decode(Version::V5, again).is_ok());
        assert_eq!(FromServer::decode(Version::V5, again), Err(Error::BadReasonCode));
    }

    #[test]
    fn a_ping_response_has_no_body() {
        assert_eq!(FromServer::decode(Version::V5, Frame { first: 0xD0, body: &[] }), Ok(FromServer::PingResp));
        assert_eq!(FromServer::decode(Version::V5, Frame { first: 0xD0, body: &[0] }), Err(Error::TrailingBytes));
    }
}
