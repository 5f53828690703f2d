//! SUBSCRIBE (section 3.8).

use alloc::vec::Vec;

use super::read::Reader;
use super::{On, PacketId, Properties, QoS, Version, write};
use crate::{Error, topic};

/// The options of one topic filter (section 3.8.3.1): QoS, No Local, Retain As Published, Retain Handling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubscribeOptions(u8);

impl SubscribeOptions {
    /// The options in a byte. Before MQTT 5 it holds the QoS alone.
    pub const fn from_bits(version: Version, bits: u8) -> Result<Self, Error> {
        if bits & 0xC0 != 0 || bits & 0x30 == 0x30 || bits & 3 == 3 {
            return Err(Error::SubscribeOptions);
        }
        match version {
            Version::V3_1 | Version::V3_1_1 if bits > 2 => Err(Error::NeedsVersion5),
            _ => Ok(Self(bits)),
        }
    }

    /// This maximum QoS, and nothing of MQTT 5: retained messages come, and messages of one's own.
    pub const fn new(qos: QoS) -> Self {
        Self(qos as u8)
    }

    /// As a byte.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The maximum QoS that messages shall come with.
    pub const fn qos(self) -> QoS {
        match self.0 & 3 {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        }
    }

    /// No messages that this client publishes itself.
    pub const fn no_local(self) -> bool {
        self.0 & 4 != 0
    }

    /// Keep the retain flag as it was published.
    pub const fn retain_as_published(self) -> bool {
        self.0 & 8 != 0
    }

    /// Retained messages: 0 always, 1 for a new subscription, 2 never.
    pub const fn retain_handling(self) -> u8 {
        self.0 >> 4
    }
}

/// The payload of a SUBSCRIBE, validated: topic filters with their options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filters<'a>(&'a [u8]);

impl<'a> Filters<'a> {
    /// Validates a payload: at least one filter, each of them legal.
    pub fn decode(version: Version, payload: &'a [u8]) -> Result<Self, Error> {
        if payload.is_empty() {
            return Err(Error::NoFilters); // [MQTT-3.8.3-2]
        }
        let mut reader = Reader::new(payload);
        while !reader.is_empty() {
            let filter = reader.filter()?;
            let options = SubscribeOptions::from_bits(version, reader.u8()?)?;
            if options.no_local() && topic::is_shared(filter) {
                return Err(Error::SubscribeOptions); // [MQTT-3.8.3-4]
            }
        }
        Ok(Self(payload))
    }

    /// A payload that was validated before.
    pub(crate) const fn validated(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// The bytes of the payload.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The filters in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, SubscribeOptions)> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || Some((reader.string().ok()?, SubscribeOptions(reader.u8().ok()?))))
    }
}

/// Asks for messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subscribe<'a> {
    /// Names the packet in its SUBACK.
    pub packet_id: PacketId,
    /// The properties.
    pub properties: Properties<'a>,
    /// The topic filters.
    pub filters: Filters<'a>,
}

impl<'a> Subscribe<'a> {
    pub(super) fn decode(version: Version, body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        let packet_id = reader.packet_id()?;
        let properties = reader.properties(version, On::Subscribe)?;
        Ok(Self { packet_id, properties, filters: Filters::decode(version, reader.rest())? })
    }

    /// Appends the packet.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), Error> {
        write::list(version, 0x82, self.packet_id, self.properties, self.filters.0, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_what_their_bits_say() {
        let options = SubscribeOptions::from_bits(Version::V5, 0b0010_1101).unwrap();
        assert_eq!((options.qos(), options.no_local()), (QoS::AtLeastOnce, true));
        assert_eq!((options.retain_as_published(), options.retain_handling()), (true, 2));
        for bits in [0x03, 0x30, 0x40] {
            assert_eq!(SubscribeOptions::from_bits(Version::V5, bits), Err(Error::SubscribeOptions), "{bits:x}");
        }
        assert_eq!(SubscribeOptions::from_bits(Version::V3_1_1, 4), Err(Error::NeedsVersion5));
    }

    #[test]
    fn filters_are_checked_before_they_are_sent() {
        for (payload, error) in [
            (&b""[..], Error::NoFilters),
            (b"\0\x01a", Error::TooShort),
            (b"\0\x02#a\0", Error::TopicFilter),
            (b"\0\0\0", Error::TopicFilter),
            (b"\0\x0a$share/g/a\x04", Error::SubscribeOptions),
            (b"\0\x01a\0\0", Error::TooShort),
        ] {
            assert_eq!(Filters::decode(Version::V5, payload), Err(error), "{payload:x?}");
        }
    }

    #[test]
    fn what_is_illegal_is_refused() {
        for (version, body, error) in [
            (Version::V3_1_1, &b"\0\0\0\x01a\0"[..], Error::ZeroPacketId),
            (Version::V3_1_1, b"\0\x01", Error::NoFilters),
            (Version::V3_1_1, b"\0\x01\0\x01a\x04", Error::NeedsVersion5),
            (Version::V3_1_1, b"\0\x01\0\x01\0\0", Error::TopicFilter),
            (Version::V5, b"\0\x01\0\0\x01a\x80", Error::SubscribeOptions),
            (Version::V5, b"\0\x01\x04\x0b\x01\x0b\x02\0\x01a\0", Error::RepeatedProperty),
            (Version::V5, b"\0\x01\x02\x0b\0\0\x01a\0", Error::PropertyRange),
        ] {
            assert_eq!(Subscribe::decode(version, body), Err(error), "{body:x?}");
        }
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        let filters = Filters::decode(Version::V5, b"\0\x03a/+\x01\0\x01b\x2e").unwrap();
        assert_eq!(
            filters.iter().map(|(filter, it)| (filter, it.bits())).collect::<Vec<_>>(),
            [("a/+", 1), ("b", 0x2e)]
        );
        let properties = Properties::decode(&[0x0B, 5], On::Subscribe).unwrap();
        let packet = Subscribe { packet_id: PacketId::new(9).unwrap(), properties, filters };
        let mut out = Vec::new();
        packet.encode(Version::V5, &mut out).unwrap();
        assert_eq!(out, b"\x82\x0f\0\x09\x02\x0b\x05\0\x03a/+\x01\0\x01b\x2e");
        assert_eq!(Subscribe::decode(Version::V5, &out[2..]), Ok(packet));
    }
}
