//! PUBLISH (section 3.3).

use super::read::Reader;
use super::{On, PacketId, Properties, Property, QoS, Version, write};
use crate::{Error, topic};
use alloc::vec::Vec;

/// An application message on its way, either direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publish<'a> {
    /// It may have been sent before.
    pub dup: bool,
    /// The quality of service.
    pub qos: QoS,
    /// To be retained, or it was.
    pub retain: bool,
    /// Set for QoS 1 and 2 only.
    pub packet_id: Option<PacketId>,
    /// The topic name; empty where a topic alias stands for it.
    pub topic: &'a str,
    /// The properties.
    pub properties: Properties<'a>,
    /// The payload.
    pub payload: &'a [u8],
}

impl<'a> Publish<'a> {
    pub(super) fn decode(version: Version, first: u8, body: &'a [u8]) -> Result<Self, Error> {
        let dup = first & 8 != 0;
        let qos = QoS::decode(first >> 1 & 3).ok_or(Error::BadQos)?;
        if dup && qos == QoS::AtMostOnce {
            return Err(Error::BadQos);
        }
        let mut reader = Reader::new(body);
        let topic = reader.string()?;
        let packet_id = if qos == QoS::AtMostOnce { None } else { Some(reader.packet_id()?) };
        let properties = reader.properties(version, On::Publish)?;
        if !topic::is_name(topic) && !(topic.is_empty() && has_alias(properties)) {
            return Err(Error::BadTopicName);
        }
        Ok(Self { dup, qos, retain: first & 1 != 0, packet_id, topic, properties, payload: reader.rest() })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        if !topic::is_name(self.topic)
            && !(self.topic.is_empty() && version == Version::V5 && has_alias(self.properties))
        {
            return Err(Error::TopicName);
        }
        if self.packet_id.is_some() == (self.qos == QoS::AtMostOnce) {
            return Err(Error::BadQos);
        }
        let id_len = if self.packet_id.is_some() { 2 } else { 0 };
        let remaining =
            2 + self.topic.len() + id_len + write::section_len(version, self.properties) + self.payload.len();
        let flags = u8::from(self.dup) << 3 | (self.qos as u8) << 1 | u8::from(self.retain);
        write::header(out, 0x30 | flags, remaining)?;
        write::binary(out, self.topic.as_bytes());
        if let Some(id) = self.packet_id {
            write::packet_id(out, id);
        }
        write::section(out, version, self.properties);
        out.extend_from_slice(self.payload);
        Ok(())
    }
}

fn has_alias(properties: Properties<'_>) -> bool {
    properties.iter().any(|property| matches!(property, Property::TopicAlias(_)))
}
