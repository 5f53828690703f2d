//! UNSUBSCRIBE (section 3.10).

use super::read::Reader;
use super::{PacketId, Properties, Version, write};
use crate::{Error, topic};
use alloc::vec::Vec;

/// The validated payload of an UNSUBSCRIBE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Names<'a>(&'a [u8]);

impl<'a> Names<'a> {
    /// Validates.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        if reader.is_empty() {
            return Err(Error::NoFilters);
        }
        while !reader.is_empty() {
            if !topic::is_filter(reader.string()?) {
                return Err(Error::TopicFilter);
            }
        }
        Ok(Self(bytes))
    }
    /// Iterates.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || reader.string().ok())
    }
}

/// UNSUBSCRIBE
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Unsubscribe<'a> {
    pub packet_id: PacketId,
    pub properties: Properties<'a>,
    pub filters: Names<'a>,
}

impl Unsubscribe<'_> {
    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::header(out, 0xA2, 2 + write::section_len(version, self.properties) + self.filters.0.len())?;
        write::packet_id(out, self.packet_id);
        write::section(out, version, self.properties);
        out.extend_from_slice(self.filters.0);
        Ok(())
    }
}
