//! CONNACK (section 3.2).

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, Properties, Version, reason, write};
use crate::Error;

/// The server's answer to CONNECT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnAck<'a> {
    /// The server has kept the session.
    pub session_present: bool,
    /// The reason code; before MQTT 5 the return code, 0 to 5.
    pub reason: u8,
    /// The properties.
    pub properties: Properties<'a>,
}

impl<'a> ConnAck<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let flags = reader.u8()?;
        let code = reader.u8()?;
        // In MQTT 3.1 the first byte is reserved and of no meaning.
        let session_present = version != Version::V3_1 && flags == 1;
        if version != Version::V3_1 && flags > 1 {
            return Err(Error::BadFlags); // [MQTT-3.2.2-1]
        }
        if !reason::is_legal(version, On::ConnAck, code) {
            return Err(Error::BadReasonCode);
        }
        if session_present && code != 0 {
            return Err(Error::SessionPresentWrong); // [MQTT-3.2.2-6]
        }
        let properties = reader.properties(version, On::ConnAck)?;
        reader.end()?;
        Ok(Self { session_present, reason: code, properties })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::header(out, 0x20, 2 + write::section_len(version, self.properties))?;
        out.extend_from_slice(&[u8::from(self.session_present && version != Version::V3_1), self.reason]);
        write::section(out, version, self.properties);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(version: Version, body: &[u8]) -> Result<(bool, u8, usize), Error> {
        ConnAck::decode(version, body).map(|it| (it.session_present, it.reason, it.properties.iter().count()))
    }

    #[test]
    fn it_tells_session_and_reason() {
        assert_eq!(decoded(Version::V3_1_1, &[1, 0]), Ok((true, 0, 0)));
        assert_eq!(decoded(Version::V3_1_1, &[0, 5]), Ok((false, 5, 0)));
        assert_eq!(decoded(Version::V3_1, &[255, 0]), Ok((false, 0, 0)));
        assert_eq!(decoded(Version::V5, &[0, 0, 5, 0x21, 0, 10, 0x24, 1]), Ok((false, 0, 2)));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (version, body, error) in [
            (Version::V3_1_1, &[2, 0][..], Error::BadFlags),
            (Version::V3_1_1, &[1, 5], Error::SessionPresentWrong),
            (Version::V3_1_1, &[0, 6], Error::BadReasonCode),
            (Version::V3_1_1, &[0, 0, 0], Error::TrailingBytes),
            (Version::V3_1_1, &[0], Error::TooShort),
            (Version::V5, &[0, 0], Error::TooShort),
            (Version::V5, &[0, 1, 0], Error::BadReasonCode),
            (Version::V5, &[0, 0, 2, 0x24, 2], Error::PropertyRange),
        ] {
            assert_eq!(decoded(version, body), Err(error), "{body:x?}");
        }
    }
}
