//! PUBACK, PUBREC, PUBREL and PUBCOMP (sections 3.4 to 3.7), which look alike.

use super::read::Reader;
use super::{On, PacketId, Properties, Version, reason, write};
use crate::Error;
use alloc::vec::Vec;

/// Which of the four.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum AckKind {
    PubAck = 0x40,
    PubRec = 0x50,
    PubRel = 0x62,
    PubComp = 0x70,
}

/// An acknowledgement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Ack<'a> {
    pub kind: AckKind,
    pub packet_id: PacketId,
    pub reason: u8,
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
        let mut ack = Self { kind, packet_id, reason: 0, properties: Properties::default() };
        if version == Version::V5 && !reader.is_empty() {
            ack.reason = reader.u8()?;
            if !reason::is_legal(on, ack.reason, version) {
                return Err(Error::BadReasonCode);
            }
            if !reader.is_empty() {
                ack.properties = reader.properties(version, on)?;
            }
        }
        reader.end()?;
        Ok(ack)
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        let v5 = version == Version::V5;
        let long = v5 && !self.properties.is_empty();
        let reason = v5 && (self.reason != 0 || long);
        let section = if long { write::section_len(version, self.properties) } else { 0 };
        write::header(out, self.kind as u8, 2 + usize::from(reason) + section)?;
        write::packet_id(out, self.packet_id);
        if reason {
            out.push(self.reason);
        }
        if long {
            write::section(out, version, self.properties);
        }
        Ok(())
    }
}
