//! UNSUBSCRIBE (section 3.10).

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, PacketId, Properties, Version, write};
use crate::Error;

/// The payload of an UNSUBSCRIBE, validated: topic filters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names<'a>(&'a [u8]);

impl<'a> Names<'a> {
    /// Validates a payload: at least one filter, each of them legal.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Error> {
        if payload.is_empty() {
            return Err(Error::NoFilters); // [MQTT-3.10.3-2]
        }
        let mut reader = Reader::new(payload);
        while !reader.is_empty() {
            reader.filter()?;
        }
        Ok(Self(payload))
    }

    /// A payload that was validated before.
    pub(crate) const fn validated(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// The bytes of the payload.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The filters in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || reader.string().ok())
    }
}

/// Asks for no more messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsubscribe<'a> {
    /// Names the packet in its UNSUBACK.
    pub packet_id: PacketId,
    /// The properties.
    pub properties: Properties<'a>,
    /// The topic filters.
    pub filters: Names<'a>,
}

impl<'a> Unsubscribe<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let packet_id = reader.packet_id()?;
        let properties = reader.properties(version, On::Unsubscribe)?;
        Ok(Self { packet_id, properties, filters: Names::decode(reader.rest())? })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::list(version, 0xA2, self.packet_id, self.properties, self.filters.0, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_it_is_read() {
        let filters = Names::decode(b"\0\x01a\0\x03b/#").unwrap();
        let packet = Unsubscribe { packet_id: PacketId::new(256).unwrap(), properties: Properties::EMPTY, filters };
        let mut out = Vec::new();
        packet.encode(Version::V3_1_1, &mut out).unwrap();
        assert_eq!(out, b"\xa2\x0a\x01\0\0\x01a\0\x03b/#");
        assert_eq!(Unsubscribe::decode(Version::V3_1_1, &out[2..]), Ok(packet));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (version, body, error) in [
            (Version::V3_1_1, &b"\0\0\0\x01a"[..], Error::ZeroPacketId),
            (Version::V3_1_1, b"\0\x01", Error::NoFilters),
            (Version::V3_1_1, b"\0\x01\0\x02a#", Error::TopicFilter),
            (Version::V3_1_1, b"\0\x01\0\x01a\0", Error::TooShort),
            (Version::V5, b"\0\x01\x02\x0b\x01\0\x01a", Error::MisplacedProperty),
        ] {
            assert_eq!(Unsubscribe::decode(version, body), Err(error), "{body:x?}");
        }
    }
}
