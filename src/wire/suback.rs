//! SUBACK, UNSUBACK.

use super::read::Reader;
use super::{On, PacketId, Properties, Version, reason};
use crate::Error;

/// SUBACK
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct SubAck<'a> {
    pub packet_id: PacketId,
    pub properties: Properties<'a>,
    pub codes: &'a [u8],
}

/// UNSUBACK
pub type UnsubAck<'a> = SubAck<'a>;

impl<'a> SubAck<'a> {
    pub(super) fn decode(version: Version, on: On, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let packet_id = reader.packet_id()?;
        let properties = reader.properties(version, on)?;
        let codes = reader.rest();
        if on == On::UnsubAck && version != Version::V5 {
            if !codes.is_empty() {
                return Err(Error::TrailingBytes);
            }
        } else if codes.is_empty() {
            return Err(Error::TooShort);
        }
        if !codes.iter().all(|&code| reason::is_legal(on, code, version)) {
            return Err(Error::BadReasonCode);
        }
        Ok(Self { packet_id, properties, codes })
    }
}
