//! CONNECT (section 3.1).

use super::{Properties, QoS, Version, write};
use crate::{Error, topic};
use alloc::vec::Vec;

/// The first packet of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Connect<'a> {
    pub version: Version,
    pub clean_start: bool,
    pub keep_alive: u16,
    pub client_id: &'a str,
    pub will: Option<Will<'a>>,
    pub user_name: Option<&'a str>,
    pub password: Option<&'a [u8]>,
    pub properties: Properties<'a>,
}

/// The last will.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Will<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    pub properties: Properties<'a>,
}

impl Connect<'_> {
    /// Appends the packet.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let version = self.version;
        if self.password.is_some() && self.user_name.is_none() && version != Version::V5 {
            return Err(Error::PasswordWithoutUserName); // [MQTT-3.1.2-22]
        }
        let name = if version == Version::V3_1 { "MQIsdp" } else { "MQTT" };
        let mut remaining =
            2 + name.len() + 4 + write::section_len(version, self.properties) + write::string_len(self.client_id)?;
        let mut flags = u8::from(self.clean_start) << 1;
        if let Some(will) = &self.will {
            if !topic::is_name(will.topic) {
                return Err(Error::TopicName);
            }
            remaining +=
                write::section_len(version, will.properties) + 2 + will.topic.len() + write::binary_len(will.payload)?;
            flags |= 4 | (will.qos as u8) << 3 | u8::from(will.retain) << 5;
        }
        if let Some(user_name) = self.user_name {
            remaining += write::string_len(user_name)?;
            flags |= 0x80;
        }
        if let Some(password) = self.password {
            remaining += write::binary_len(password)?;
            flags |= 0x40;
        }
        write::header(out, 0x10, remaining)?;
        write::binary(out, name.as_bytes());
        out.extend_from_slice(&[version as u8, flags]);
        write::u16(out, self.keep_alive);
        write::section(out, version, self.properties);
        write::binary(out, self.client_id.as_bytes());
        if let Some(will) = &self.will {
            write::section(out, version, will.properties);
            write::binary(out, will.topic.as_bytes());
            write::binary(out, will.payload);
        }
        if let Some(user_name) = self.user_name {
            write::binary(out, user_name.as_bytes());
        }
        if let Some(password) = self.password {
            write::binary(out, password);
        }
        Ok(())
    }
}
