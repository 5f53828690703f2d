//! SUBACK and UNSUBACK (sections 3.9 and 3.11): a reason code for each topic filter.

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, PacketId, Properties, Version, reason, write};
use crate::Error;

/// The answer to a SUBSCRIBE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubAck<'a> {
    /// As the SUBSCRIBE had it.
    pub packet_id: PacketId,
    /// The properties.
    pub properties: Properties<'a>,
    /// A code for each topic filter, in order: the granted QoS, or 0x80 and above.
    pub codes: &'a [u8],
}

/// The answer to an UNSUBSCRIBE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnsubAck<'a> {
    /// As the UNSUBSCRIBE had it.
    pub packet_id: PacketId,
    /// The properties.
    pub properties: Properties<'a>,
    /// A code for each topic filter, in order; empty before MQTT 5.
    pub codes: &'a [u8],
}

impl<'a> SubAck<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let (packet_id, properties, codes) = decode(version, On::SubAck, body)?;
        if codes.is_empty() { Err(Error::TooShort) } else { Ok(Self { packet_id, properties, codes }) }
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::list(version, 0x90, self.packet_id, self.properties, self.codes, out)
    }
}

impl<'a> UnsubAck<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let (packet_id, properties, codes) = decode(version, On::UnsubAck, body)?;
        match (version, codes.is_empty()) {
            (Version::V5, true) => Err(Error::TooShort),
            (Version::V3_1 | Version::V3_1_1, false) => Err(Error::TrailingBytes),
            _ => Ok(Self { packet_id, properties, codes }),
        }
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        let codes = if version == Version::V5 { self.codes } else { &[] };
        write::list(version, 0xB0, self.packet_id, self.properties, codes, out)
    }
}

fn decode(version: Version, on: On, body: &[u8]) -> Result<(PacketId, Properties<'_>, &[u8]), Error> {
    let mut reader = Reader::new(body);
    let packet_id = reader.packet_id()?;
    let properties = reader.properties(version, on)?;
    let codes = reader.rest();
    if codes.iter().all(|&code| reason::is_legal(version, on, code)) || version != Version::V5 && on == On::UnsubAck {
        Ok((packet_id, properties, codes))
    } else {
        Err(Error::BadReasonCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suback_has_a_legal_code_for_each_filter() {
        let codes = |version, body: &'static [u8]| SubAck::decode(version, body).map(|packet| packet.codes);
        assert_eq!(codes(Version::V3_1_1, &[0, 1, 0, 2, 0x80]), Ok(&[0, 2, 0x80][..]));
        assert_eq!(codes(Version::V5, &[0, 1, 0, 1, 0x87]), Ok(&[1, 0x87][..]));
        assert_eq!(codes(Version::V3_1_1, &[0, 1, 3]), Err(Error::BadReasonCode));
        assert_eq!(codes(Version::V5, &[0, 1, 0]), Err(Error::TooShort));
        assert_eq!(codes(Version::V5, &[0, 0, 0, 0]), Err(Error::ZeroPacketId));
    }

    #[test]
    fn an_unsuback_has_codes_in_mqtt_5_only() {
        assert!(UnsubAck::decode(Version::V3_1_1, &[0, 2]).is_ok());
        assert_eq!(UnsubAck::decode(Version::V3_1_1, &[0, 2, 0]), Err(Error::TrailingBytes));
        assert_eq!(UnsubAck::decode(Version::V5, &[0, 2, 0, 0x11]).map(|packet| packet.codes), Ok(&[0x11][..]));
        assert_eq!(UnsubAck::decode(Version::V5, &[0, 2]), Err(Error::TooShort));
        assert_eq!(UnsubAck::decode(Version::V5, &[0, 2, 0]), Err(Error::TooShort));
    }
}
