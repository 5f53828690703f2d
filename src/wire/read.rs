//! A cursor over the bytes of one packet. Each read takes from the front or fails; nothing is copied.

use super::{On, PacketId, Properties, Version, reason};
use crate::{Error, topic};

#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.0.split_at_checked(len).ok_or(Error::TooShort)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        let (&first, rest) = self.0.split_first().ok_or(Error::TooShort)?;
        self.0 = rest;
        Ok(first)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        let (&head, rest) = self.0.split_first_chunk().ok_or(Error::TooShort)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(head))
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        let (&head, rest) = self.0.split_first_chunk().ok_or(Error::TooShort)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(head))
    }

    pub(super) fn packet_id(&mut self) -> Result<PacketId, Error> {
        PacketId::new(self.u16()?).ok_or(Error::ZeroPacketId)
    }

    pub(super) fn binary(&mut self) -> Result<&'a [u8], Error> {
        let len = self.u16()?;
        self.take(len.into())
    }

    /// [MQTT-1.5.4-1], [MQTT-1.5.4-2]
    pub(super) fn string(&mut self) -> Result<&'a str, Error> {
        let text = core::str::from_utf8(self.binary()?).map_err(|_| Error::BadUtf8)?;
        if has_nul(text) { Err(Error::BadUtf8) } else { Ok(text) }
    }

    /// A topic filter. Whatever is wrong with its text is told as that.
    pub(super) fn filter(&mut self) -> Result<&'a str, Error> {
        match self.string() {
            Ok(filter) if topic::is_filter(filter) => Ok(filter),
            Ok(_) | Err(Error::BadUtf8) => Err(Error::TopicFilter),
            Err(error) => Err(error),
        }
    }

    /// [MQTT-1.5.5-1]
    pub(super) fn variable(&mut self) -> Result<u32, Error> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(Error::BadVariableInteger) } else { Ok(value) };
            }
        }
        Err(Error::BadVariableInteger)
    }

    pub(super) fn section(&mut self) -> Result<&'a [u8], Error> {
        let len = self.variable()?;
        self.take(len as usize)
    }
}

/// U+0000, which no string of MQTT may have [MQTT-1.5.4-2].
pub(super) fn has_nul(text: &str) -> bool {
    topic::has_one_of(text, [0])
}

impl<'a> Reader<'a> {
    /// A property section with its length; before MQTT 5 there is none.
    pub(super) fn properties(&mut self, version: Version, on: On) -> Result<Properties<'a>, Error> {
        if version == Version::V5 { Properties::decode(self.section()?, on) } else { Ok(Properties::default()) }
    }

    /// A reason code and properties at the end of a packet, both of which may be left out there; before MQTT 5 there are
    /// none.
    pub(super) fn reason(&mut self, version: Version, on: On) -> Result<(u8, Properties<'a>), Error> {
        let mut fields = (0, Properties::default());
        if version == Version::V5 && !self.is_empty() {
            fields.0 = self.u8()?;
            if !reason::is_legal(version, on, fields.0) {
                return Err(Error::BadReasonCode);
            }
            if !self.is_empty() {
                fields.1 = self.properties(version, on)?;
            }
        }
        self.end()?;
        Ok(fields)
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::TrailingBytes) }
    }
}
