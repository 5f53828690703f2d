//! CONNECT (section 3.1).

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, Properties, QoS, Version, write};
use crate::{Error, topic};

/// The first packet of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connect<'a> {
    /// The protocol version that the connection shall speak.
    pub version: Version,
    /// Begin a new session.
    pub clean_start: bool,
    /// Keep alive in seconds; 0 is off.
    pub keep_alive: u16,
    /// The client identifier.
    pub client_id: &'a str,
    /// The last will.
    pub will: Option<Will<'a>>,
    /// The user name; an empty one is not an absent one.
    pub user_name: Option<&'a str>,
    /// The password: any bytes.
    pub password: Option<&'a [u8]>,
    /// The properties.
    pub properties: Properties<'a>,
}

/// The last will.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Will<'a> {
    /// The topic name.
    pub topic: &'a str,
    /// The payload.
    pub payload: &'a [u8],
    /// The quality of service.
    pub qos: QoS,
    /// Shall the server retain it?
    pub retain: bool,
    /// The properties.
    pub properties: Properties<'a>,
}

impl<'a> Connect<'a> {
    pub(super) fn decode(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let name = reader.string()?;
        let version = match (name, reader.u8()?) {
            ("MQIsdp", 3) => Version::V3_1,
            ("MQTT", 4) => Version::V3_1_1,
            ("MQTT", 5) => Version::V5,
            _ => return Err(Error::UnexpectedPacket), // [MQTT-3.1.2-1], [MQTT-3.1.2-2]
        };
        let flags = reader.u8()?;
        let (will, will_flags) = (flags & 0x04 != 0, flags & 0x38);
        let password_alone = flags & 0xC0 == 0x40 && version != Version::V5; // [MQTT-3.1.2-22] of 3.1.1
        if flags & 1 != 0 || password_alone || (!will && will_flags != 0) {
            return Err(Error::BadFlags); // [MQTT-3.1.2-3], [MQTT-3.1.2-11]
        }
        let keep_alive = reader.u16()?;
        let properties = reader.properties(version, On::Connect)?;
        let client_id = reader.string()?;
        let will = match will {
            true => Some(Will {
                qos: QoS::decode(flags >> 3 & 3).ok_or(Error::BadQos)?,
                retain: flags & 0x20 != 0,
                properties: reader.properties(version, On::Will)?,
                topic: reader.string()?,
                payload: reader.binary()?,
            }),
            false => None,
        };
        let user_name = if flags & 0x80 != 0 { Some(reader.string()?) } else { None };
        let password = if flags & 0x40 != 0 { Some(reader.binary()?) } else { None };
        reader.end()?;
        if will.is_some_and(|will| !topic::is_name(will.topic)) {
            return Err(Error::BadTopicName);
        }
        let clean_start = flags & 2 != 0;
        Ok(Self { version, clean_start, keep_alive, client_id, will, user_name, password, properties })
    }

    /// Appends the packet.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let version = self.version;
        if self.password.is_some() && self.user_name.is_none() && version != Version::V5 {
            return Err(Error::PasswordWithoutUserName); // [MQTT-3.1.2-22]
        }
        let mut flags = u8::from(self.clean_start) << 1;
        if let Some(will) = &self.will {
            if !topic::is_name(will.topic) {
                return Err(Error::TopicName);
            }
            flags |= 4 | (will.qos as u8) << 3 | u8::from(will.retain) << 5;
        }
        flags |= u8::from(self.user_name.is_some()) << 7 | u8::from(self.password.is_some()) << 6;
        // The body first: it is short and rare enough to be copied once, and its length need not be foretold.
        let body = &mut Vec::new();
        write::binary(body, if version == Version::V3_1 { b"MQIsdp" } else { b"MQTT" });
        body.extend_from_slice(&[version as u8, flags]);
        write::u16(body, self.keep_alive);
        write::section(body, version, self.properties);
        write::string(body, self.client_id)?;
        if let Some(will) = &self.will {
            write::section(body, version, will.properties);
            write::string(body, will.topic)?;
            write::checked_binary(body, will.payload)?;
        }
        if let Some(user_name) = self.user_name {
            write::string(body, user_name)?;
        }
        if let Some(password) = self.password {
            write::checked_binary(body, password)?;
        }
        write::header(out, 0x10, body.len())?;
        out.extend_from_slice(body);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Connect<'_> = Connect {
        version: Version::V3_1_1,
        clean_start: true,
        keep_alive: 60,
        client_id: "c",
        will: None,
        user_name: None,
        password: None,
        properties: Properties::EMPTY,
    };

    fn encoded(packet: Connect<'_>) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        packet.encode(&mut out).map(|()| out)
    }

    #[test]
    fn each_version_has_its_name_and_number() {
        assert_eq!(encoded(PLAIN).unwrap(), b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c");
        let old = Connect { version: Version::V3_1, ..PLAIN };
        assert_eq!(encoded(old).unwrap(), b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01c");
        let new = Connect { version: Version::V5, clean_start: false, ..PLAIN };
        assert_eq!(encoded(new).unwrap(), b"\x10\x0e\0\x04MQTT\x05\0\0\x3c\0\0\x01c");
    }

    #[test]
    fn an_empty_user_name_and_a_binary_password_are_present() {
        let packet = Connect { user_name: Some(""), password: Some(&[0, 255]), ..PLAIN };
        assert_eq!(encoded(packet).unwrap(), b"\x10\x13\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\0\0\x02\0\xff");
    }

    #[test]
    fn a_will_stands_between_client_identifier_and_user_name() {
        let properties = Properties::decode(&[0x18, 0, 0, 0, 9], On::Will).unwrap();
        let will = Will { topic: "w", payload: &[1], qos: QoS::ExactlyOnce, retain: true, properties };
        let packet = Connect { version: Version::V5, will: Some(will), user_name: Some("u"), ..PLAIN };
        let bytes = encoded(packet).unwrap();
        assert_eq!(bytes, b"\x10\x1d\0\x04MQTT\x05\xb6\0\x3c\0\0\x01c\x05\x18\0\0\0\x09\0\x01w\0\x01\x01\0\x01u");
        assert_eq!(Connect::decode(&bytes[2..]), Ok(packet));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (body, error) in [
            (&b"\0\x04MQTT\x04\x03\0\x3c\0\x01c"[..], Error::BadFlags),
            (b"\0\x04MQTT\x04\x0a\0\x3c\0\x01c", Error::BadFlags),
            (b"\0\x04MQTT\x04\x22\0\x3c\0\x01c", Error::BadFlags),
            (b"\0\x04MQTT\x04\x42\0\x3c\0\x01c\0\x01p", Error::BadFlags),
            (b"\0\x04MQTT\x04\x1e\0\x3c\0\x01c\0\x01w\0\0", Error::BadQos),
            (b"\0\x04MQTT\x04\x06\0\x3c\0\x01c\0\x01+\0\0", Error::BadTopicName),
            (b"\0\x04MQTT\x04\x06\0\x3c\0\x01c\0\0\0\0", Error::BadTopicName),
            (b"\0\x04MQTT\x04\x02\0\x3c\0\x01\0", Error::BadUtf8),
            (b"\0\x04MQTT\x04\x02\0\x3c\0\x01c\0", Error::TrailingBytes),
            (b"\0\x04MQTT\x04\x82\0\x3c\0\x01c", Error::TooShort),
            (b"\0\x04MQTT\x05\x02\0\x3c\x03\x23\0\x01\0\x01c", Error::MisplacedProperty),
            (b"\0\x04MQTT\x05\x06\0\x3c\0\0\x01c\x03\x21\0\x01\0\x01w\0\0", Error::MisplacedProperty),
            (b"\0\x04MQTT\x06\x02\0\x3c\0\x01c", Error::UnexpectedPacket),
            (b"\0\x04MQTT\x03\x02\0\x3c\0\x01c", Error::UnexpectedPacket),
            (b"\0\x06MQIsdp\x04\x02\0\x3c\0\x01c", Error::UnexpectedPacket),
        ] {
            assert_eq!(Connect::decode(body), Err(error), "{body:x?}");
        }
        let password_alone = b"\0\x04MQTT\x05\x42\0\x3c\0\0\x01c\0\x01p";
        assert_eq!(Connect::decode(password_alone).map(|packet| packet.password), Ok(Some(&b"p"[..])));
    }

    #[test]
    fn what_cannot_be_said_is_refused_and_leaves_nothing() {
        let long = "x".repeat(65_536);
        let will =
            |topic| Will { topic, payload: &[], qos: QoS::AtMostOnce, retain: false, properties: Properties::EMPTY };
        for (packet, error) in [
            (Connect { password: Some(b"p"), ..PLAIN }, Error::PasswordWithoutUserName),
            (Connect { client_id: &long, ..PLAIN }, Error::StringTooLong),
            (Connect { user_name: Some("a\0"), ..PLAIN }, Error::StringNotUtf8),
            (Connect { will: Some(will("a/#")), ..PLAIN }, Error::TopicName),
            (Connect { will: Some(will("")), ..PLAIN }, Error::TopicName),
        ] {
            let mut out = vec![7];
            assert_eq!(packet.encode(&mut out), Err(error));
            assert_eq!(out, [7]);
        }
    }
}
