//! DISCONNECT (section 3.14).
use super::read::Reader;
use super::{On, Properties, Version, reason, write};
use crate::Error;
use alloc::vec::Vec;

/// DISCONNECT
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Disconnect<'a> {
    pub reason: u8,
    pub properties: Properties<'a>,
}

impl<'a> Disconnect<'a> {
    pub(super) fn decode(version: Version, on: On, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let mut packet = Self { reason: 0, properties: Properties::default() };
        if version == Version::V5 && !reader.is_empty() {
            packet.reason = reader.u8()?;
            if !reason::is_legal(on, packet.reason, version) {
                return Err(Error::BadReasonCode);
            }
            if !reader.is_empty() {
                packet.properties = reader.properties(version, on)?;
            }
        }
        reader.end()?;
        Ok(packet)
    }
    /// Appends.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(0xE0, self.reason, self.properties, version, out)
    }
}
pub(super) fn encode(
    first: u8,
    reason: u8,
    properties: Properties<'_>,
    version: Version,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let v5 = version == Version::V5;
    let long = v5 && !properties.is_empty();
    let short = v5 && (reason != 0 || long);
    write::header(out, first, usize::from(short) + if long { write::section_len(version, properties) } else { 0 })?;
    if short {
        out.push(reason);
    }
    if long {
        write::section(out, version, properties);
    }
    Ok(())
}
