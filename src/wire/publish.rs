//! PUBLISH (section 3.3).

use super::read::Reader;
use super::{On, PacketId, Properties, QoS, Version, id, write};
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
    pub(crate) fn decode(version: Version, first: u8, body: &'a [u8]) -> Result<Self, Error> {
        let dup = first & 8 != 0;
        let qos = QoS::decode(first >> 1 & 3).ok_or(Error::BadQos)?;
        if dup && qos == QoS::AtMostOnce {
            return Err(Error::BadQos); // [MQTT-3.3.1-2]
        }
        let mut reader = Reader::new(body);
        let topic = reader.string()?;
        let packet_id = if qos == QoS::AtMostOnce { None } else { Some(reader.packet_id()?) };
        let properties = reader.properties(version, On::Publish)?;
        let named = topic::is_name(topic) || (topic.is_empty() && has_alias(properties));
        if !named {
            return Err(Error::BadTopicName); // [MQTT-3.3.2-2]
        }
        Ok(Self { dup, qos, retain: first & 1 != 0, packet_id, topic, properties, payload: reader.rest() })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        let aliased = version == Version::V5 && self.topic.is_empty() && has_alias(self.properties);
        if !aliased && !topic::is_name(self.topic) {
            return Err(Error::TopicName);
        }
        let once = self.qos == QoS::AtMostOnce;
        if self.packet_id.is_some() == once || (self.dup && once) {
            return Err(Error::BadQos); // [MQTT-2.2.1-2], [MQTT-3.3.1-2]
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
    properties.contains(id::TOPIC_ALIAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(version: Version, first: u8, body: &[u8]) -> Result<Vec<u8>, Error> {
        Publish::decode(version, first, body).map(|packet| packet.payload.to_vec())
    }

    #[test]
    fn the_payload_is_what_follows_topic_identifier_and_properties() {
        assert_eq!(decoded(Version::V3_1_1, 0x30, b"\0\x01ahi"), Ok(b"hi".to_vec()));
        assert_eq!(decoded(Version::V3_1_1, 0x3B, b"\0\x01a\0\x07hi"), Ok(b"hi".to_vec()));
        assert_eq!(decoded(Version::V5, 0x30, b"\0\x01a\0"), Ok(Vec::new()));
        assert_eq!(decoded(Version::V5, 0x30, b"\0\0\x03\x23\0\x01P"), Ok(b"P".to_vec()), "by alias");
        let three_identifiers = b"\0\x01a\x06\x0b\x01\x0b\x02\x0b\x03P";
        assert_eq!(decoded(Version::V5, 0x30, three_identifiers), Ok(b"P".to_vec()));
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (version, first, body, error) in [
            (Version::V3_1_1, 0x36, &b"\0\x01a\0\x01"[..], Error::BadQos),
            (Version::V3_1_1, 0x38, b"\0\x01a", Error::BadQos),
            (Version::V3_1_1, 0x32, b"\0\x01a\0\0", Error::ZeroPacketId),
            (Version::V3_1_1, 0x32, b"\0\x01a\0", Error::TooShort),
            (Version::V3_1_1, 0x30, b"\0\0", Error::BadTopicName),
            (Version::V5, 0x30, b"\0\0\0", Error::BadTopicName),
            (Version::V5, 0x30, b"\0\x01+\0", Error::BadTopicName),
            (Version::V5, 0x30, b"\0\x01\0\0", Error::BadUtf8),
            (Version::V5, 0x30, b"\0\x03\xed\xa0\x80\0", Error::BadUtf8),
            (Version::V5, 0x30, b"\0\x01a\x01\x26\0\x01k\0\x01v", Error::TooShort),
        ] {
            assert_eq!(decoded(version, first, body), Err(error), "{body:x?}");
        }
    }

    #[test]
    fn a_refused_packet_leaves_nothing_behind() {
        let id = PacketId::new(1);
        let plain = Publish {
            dup: false,
            qos: QoS::AtMostOnce,
            retain: false,
            packet_id: None,
            topic: "t",
            properties: Properties::EMPTY,
            payload: b"x",
        };
        for (packet, error) in [
            (Publish { topic: "a/#", ..plain }, Error::TopicName),
            (Publish { topic: "", ..plain }, Error::TopicName),
            (Publish { qos: QoS::AtLeastOnce, ..plain }, Error::BadQos),
            (Publish { packet_id: id, ..plain }, Error::BadQos),
            (Publish { dup: true, ..plain }, Error::BadQos),
        ] {
            let mut out = vec![9];
            assert_eq!(packet.encode(Version::V5, &mut out), Err(error));
            assert_eq!(out, [9]);
        }
        let mut out = Vec::new();
        let packet = Publish { dup: true, qos: QoS::ExactlyOnce, retain: true, packet_id: id, ..plain };
        packet.encode(Version::V5, &mut out).unwrap();
        assert_eq!(out, b"\x3d\x07\0\x01t\0\x01\0x");
    }
}
