//! DISCONNECT (section 3.14). Before MQTT 5 it is two bytes and only a client sends it.

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, Properties, Version, write};
use crate::Error;

/// The last packet of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disconnect<'a> {
    /// Why (MQTT 5).
    pub reason: u8,
    /// The properties.
    pub properties: Properties<'a>,
}

impl<'a> Disconnect<'a> {
    pub(super) fn decode(version: Version, on: On, body: &'a [u8]) -> Result<Self, Error> {
        let (reason, properties) = Reader::new(body).reason(version, on)?;
        Ok(Self { reason, properties })
    }

    /// Appends the packet in its shortest form.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::reason(version, 0xE0, None, self.reason, self.properties, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8]) -> Result<(u8, usize), Error> {
        Disconnect::decode(Version::V5, On::DisconnectByServer, body)
            .map(|packet| (packet.reason, packet.properties.iter().count()))
    }

    #[test]
    fn every_short_form_is_read() {
        assert_eq!(decoded(&[]), Ok((0, 0)));
        assert_eq!(decoded(&[0x8E]), Ok((0x8E, 0)), "as Mosquitto sends it");
        assert_eq!(decoded(&[0x8E, 0]), Ok((0x8E, 0)));
        assert_eq!(decoded(&[0x9C, 4, 0x1C, 0, 1, b's']), Ok((0x9C, 1)));
        assert_eq!(decoded(&[0x8C, 0]), Ok((0x8C, 0)));
    }

    #[test]
    fn what_is_behind_the_end_or_not_legal_is_refused() {
        assert_eq!(decoded(&[0x8E, 0, 0]), Err(Error::TrailingBytes));
        assert_eq!(decoded(&[0x01]), Err(Error::BadReasonCode));
        assert_eq!(decoded(&[0x04]), Err(Error::BadReasonCode), "for clients only");
        assert_eq!(decoded(&[0x8E, 3, 0x1C, 0]), Err(Error::TooShort));
        assert_eq!(Disconnect::decode(Version::V3_1_1, On::Disconnect, &[0]), Err(Error::TrailingBytes));
    }

    #[test]
    fn a_client_and_a_server_may_say_different_things() {
        fn decoded(on: On, body: &[u8]) -> Result<u8, Error> {
            Disconnect::decode(Version::V5, on, body).map(|packet| packet.reason)
        }
        let session_expiry = &[0, 5, 0x11, 0, 0, 0, 9];
        assert_eq!(decoded(On::Disconnect, session_expiry), Ok(0));
        assert_eq!(decoded(On::DisconnectByServer, session_expiry), Err(Error::MisplacedProperty), "[MQTT-3.14.2-2]");
        for code in [0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2] {
            assert_eq!(decoded(On::Disconnect, &[code]), Err(Error::BadReasonCode), "{code:x}");
            assert_eq!(decoded(On::DisconnectByServer, &[code]), Ok(code));
        }
        assert_eq!(decoded(On::Disconnect, &[0x04]), Ok(4));
    }

    #[test]
    fn the_shortest_form_is_written() {
        let properties = Properties::decode(&[0x1F, 0, 1, b'r'], On::Disconnect).unwrap();
        for (version, reason, properties, bytes) in [
            (Version::V3_1_1, 4, properties, &[0xE0, 0][..]),
            (Version::V5, 0, Properties::default(), &[0xE0, 0]),
            (Version::V5, 4, Properties::default(), &[0xE0, 1, 4]),
            (Version::V5, 0, properties, &[0xE0, 6, 0, 4, 0x1F, 0, 1, b'r']),
        ] {
            let mut out = Vec::new();
            Disconnect { reason, properties }.encode(version, &mut out).unwrap();
            assert_eq!(out, bytes);
        }
    }
}
