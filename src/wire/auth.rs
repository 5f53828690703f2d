//! AUTH (section 3.15): enhanced authentication, MQTT 5 only.

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, Properties, Version, write};
use crate::Error;

/// A step of an authentication exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Auth<'a> {
    /// 0x00 success, 0x18 continue, 0x19 re-authenticate.
    pub reason: u8,
    /// The properties: method and data.
    pub properties: Properties<'a>,
}

impl<'a> Auth<'a> {
    pub(super) fn decode(body: &'a [u8]) -> Result<Self, Error> {
        let (reason, properties) = Reader::new(body).reason(Version::V5, On::Auth)?;
        Ok(Self { reason, properties })
    }

    /// Appends the packet in its shortest form.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        write::reason(Version::V5, 0xF0, None, self.reason, self.properties, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form_is_read() {
        assert_eq!(Auth::decode(&[]).map(|packet| packet.reason), Ok(0));
        assert_eq!(Auth::decode(&[0x18]).map(|packet| packet.reason), Ok(0x18));
        let packet = Auth::decode(&[0x18, 6, 0x15, 0, 3, b'a', b'b', b'c']).unwrap();
        assert_eq!(packet.properties.iter().count(), 1);
        assert_eq!(Auth::decode(&[0x17]), Err(Error::BadReasonCode));
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        let properties = Properties::decode(&[0x15, 0, 1, b'm'], On::Auth).unwrap();
        let mut out = Vec::new();
        Auth { reason: 0x19, properties }.encode(&mut out).unwrap();
        assert_eq!(out, [0xF0, 6, 0x19, 4, 0x15, 0, 1, b'm']);
    }
}
