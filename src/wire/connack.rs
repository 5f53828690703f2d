//! CONNACK (section 3.2).

use super::read::Reader;
use super::{On, Properties, Version, reason};
use crate::Error;

/// The server's answer to CONNECT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct ConnAck<'a> {
    pub session_present: bool,
    pub reason: u8,
    pub properties: Properties<'a>,
}

impl<'a> ConnAck<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let flags = reader.u8()?;
        let code = reader.u8()?;
        if version != Version::V3_1 && flags > 1 {
            return Err(Error::BadFlags);
        }
        let session_present = version != Version::V3_1 && flags == 1;
        if !reason::is_legal(On::ConnAck, code, version) {
            return Err(Error::BadReasonCode);
        }
        if session_present && code != 0 {
            return Err(Error::SessionPresentWrong);
        }
        let properties = reader.properties(version, On::ConnAck)?;
        reader.end()?;
        Ok(Self { session_present, reason: code, properties })
    }
}
