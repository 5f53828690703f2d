//! PUBACK, PUBREC, PUBREL and PUBCOMP (sections 3.4 to 3.7), which look alike.

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, PacketId, Properties, Version, write};
use crate::Error;

/// Which of the four, by its first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // The names of the packets.
pub enum AckKind {
    PubAck = 0x40,
    PubRec = 0x50,
    PubRel = 0x62,
    PubComp = 0x70,
}

/// An acknowledgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ack<'a> {
    /// Which of the four.
    pub kind: AckKind,
    /// As the PUBLISH had it.
    pub packet_id: PacketId,
    /// The reason code; 0 before MQTT 5.
    pub reason: u8,
    /// The properties.
    pub properties: Properties<'a>,
}

impl<'a> Ack<'a> {
    pub(super) fn decode(version: Version, kind: AckKind, body: &'a [u8]) -> Result<Self, Error> {
        let on = match kind {
            AckKind::PubAck => On::PubAck,
            AckKind::PubRec => On::PubRec,
            AckKind::PubRel => On::PubRel,
            AckKind::PubComp => On::PubComp,
        };
        let mut reader = Reader::new(body);
        let packet_id = reader.packet_id()?;
        let (reason, properties) = reader.reason(version, on)?;
        Ok(Self { kind, packet_id, reason, properties })
    }

    /// Appends the packet in its shortest form.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::reason(version, self.kind as u8, Some(self.packet_id), self.reason, self.properties, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(version: Version, kind: AckKind, body: &[u8]) -> Result<(u16, u8, usize), Error> {
        Ack::decode(version, kind, body).map(|it| (it.packet_id.get(), it.reason, it.properties.iter().count()))
    }

    #[test]
    fn every_short_form_is_read() {
        assert_eq!(decoded(Version::V3_1_1, AckKind::PubAck, &[0, 7]), Ok((7, 0, 0)));
        assert_eq!(decoded(Version::V5, AckKind::PubAck, &[0, 7]), Ok((7, 0, 0)));
        assert_eq!(decoded(Version::V5, AckKind::PubAck, &[0, 7, 0x10]), Ok((7, 0x10, 0)));
        assert_eq!(decoded(Version::V5, AckKind::PubComp, &[0, 7, 0x92, 0]), Ok((7, 0x92, 0)));
        assert_eq!(decoded(Version::V5, AckKind::PubRec, &[0, 7, 0x97, 4, 0x1F, 0, 1, b'r']), Ok((7, 0x97, 1)));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (version, kind, body, error) in [
            (Version::V3_1_1, AckKind::PubAck, &[0, 0][..], Error::ZeroPacketId),
            (Version::V3_1_1, AckKind::PubAck, &[0, 1, 0], Error::TrailingBytes),
            (Version::V3_1_1, AckKind::PubAck, &[1], Error::TooShort),
            (Version::V5, AckKind::PubRel, &[0, 1, 0x10], Error::BadReasonCode),
            (Version::V5, AckKind::PubAck, &[0, 1, 0, 1], Error::TooShort),
            (Version::V5, AckKind::PubAck, &[0, 1, 0, 0, 9], Error::TrailingBytes),
            (Version::V5, AckKind::PubAck, &[0, 1, 0, 3, 0x21, 0, 1], Error::MisplacedProperty),
        ] {
            assert_eq!(decoded(version, kind, body), Err(error), "{body:x?}");
        }
    }

    #[test]
    fn the_shortest_form_is_written() {
        let packet_id = PacketId::new(7).unwrap();
        for (version, reason, bytes) in [
            (Version::V3_1_1, 0x92, &[0x62, 2, 0, 7][..]),
            (Version::V5, 0, &[0x62, 2, 0, 7]),
            (Version::V5, 0x92, &[0x62, 3, 0, 7, 0x92]),
        ] {
            let mut out = Vec::new();
            let packet = Ack { kind: AckKind::PubRel, packet_id, reason, properties: Properties::EMPTY };
            packet.encode(version, &mut out).unwrap();
            assert_eq!(out, bytes);
        }
    }
}
