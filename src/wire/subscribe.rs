//! SUBSCRIBE (section 3.8).

use super::read::Reader;
use super::{PacketId, Properties, QoS, Version, write};
use crate::{Error, topic};
use alloc::vec::Vec;

/// The options of one topic filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubscribeOptions(u8);

impl SubscribeOptions {
    /// Checks.
    pub fn from_bits(version: Version, bits: u8) -> Result<Self, Error> {
        let legal = if version == Version::V5 { bits & 0xC0 == 0 && bits & 0x30 != 0x30 } else { bits & 0xFC == 0 };
        if !legal || bits & 3 == 3 {
            return Err(Error::SubscribeOptions);
        }
        Ok(Self(bits))
    }
    /// As a byte.
    pub fn bits(self) -> u8 {
        self.0
    }
    /// The maximum QoS.
    pub fn qos(self) -> QoS {
        QoS::decode(self.0 & 3).unwrap_or(QoS::AtMostOnce)
    }
}

/// The validated payload of a SUBSCRIBE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filters<'a>(&'a [u8]);

impl<'a> Filters<'a> {
    /// Validates.
    pub fn decode(version: Version, bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        if reader.is_empty() {
            return Err(Error::NoFilters);
        }
        while !reader.is_empty() {
            let filter = reader.string()?;
            if !topic::is_filter(filter) {
                return Err(Error::TopicFilter);
            }
            let options = SubscribeOptions::from_bits(version, reader.u8()?)?;
            if options.0 & 4 != 0 && topic::is_shared(filter) {
                return Err(Error::SubscribeOptions);
            }
        }
        Ok(Self(bytes))
    }
    /// Iterates.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, SubscribeOptions)> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || Some((reader.string().ok()?, SubscribeOptions(reader.u8().ok()?))))
    }
}

/// SUBSCRIBE
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Subscribe<'a> {
    pub packet_id: PacketId,
    pub properties: Properties<'a>,
    pub filters: Filters<'a>,
}

impl Subscribe<'_> {
    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::header(out, 0x82, 2 + write::section_len(version, self.properties) + self.filters.0.len())?;
        write::packet_id(out, self.packet_id);
        write::section(out, version, self.properties);
        out.extend_from_slice(self.filters.0);
        Ok(())
    }
}
