//! The 27 properties of MQTT 5 (section 2.2.2), as bytes that were validated once.
//!
//! A section stays in its wire encoding, in and out: that is how it is received, sent, kept and handed to JavaScript.

use alloc::vec::Vec;

use super::read::Reader;
use super::write;
use crate::{Error, topic};

/// Which packet, or the will, a property section belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)] // The names of the packets.
pub enum On {
    Connect,
    Will,
    ConnAck,
    Publish,
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    Subscribe,
    SubAck,
    Unsubscribe,
    UnsubAck,
    Disconnect,
    Auth,
}

/// One property, by its name in the standard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // Section 2.2.2.2 has them all.
pub enum Property<'a> {
    PayloadFormatIndicator(u8),
    MessageExpiryInterval(u32),
    ContentType(&'a str),
    ResponseTopic(&'a str),
    CorrelationData(&'a [u8]),
    SubscriptionIdentifier(u32),
    SessionExpiryInterval(u32),
    AssignedClientIdentifier(&'a str),
    ServerKeepAlive(u16),
    AuthenticationMethod(&'a str),
    AuthenticationData(&'a [u8]),
    RequestProblemInformation(bool),
    WillDelayInterval(u32),
    RequestResponseInformation(bool),
    ResponseInformation(&'a str),
    ServerReference(&'a str),
    ReasonString(&'a str),
    ReceiveMaximum(u16),
    TopicAliasMaximum(u16),
    TopicAlias(u16),
    MaximumQoS(u8),
    RetainAvailable(bool),
    UserProperty(&'a str, &'a str),
    MaximumPacketSize(u32),
    WildcardSubscriptionAvailable(bool),
    SubscriptionIdentifierAvailable(bool),
    SharedSubscriptionAvailable(bool),
}

const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
const AUTHENTICATION_METHOD: u8 = 0x15;
const AUTHENTICATION_DATA: u8 = 0x16;
const USER_PROPERTY: u8 = 0x26;

/// The packets that may carry a property, a bit each.
fn carriers(id: u8) -> u16 {
    const fn on(packets: &[On]) -> u16 {
        let mut bits = 0;
        let mut n = 0;
        while n < packets.len() {
            bits |= 1 << packets[n] as u8;
            n += 1;
        }
        bits
    }
    use On::*;
    match id {
        0x01 | 0x02 | 0x03 | 0x08 | 0x09 => const { on(&[Publish, Will]) },
        SUBSCRIPTION_IDENTIFIER => const { on(&[Publish, Subscribe]) },
        0x11 => const { on(&[Connect, ConnAck, Disconnect]) },
        0x12 | 0x13 | 0x1A | 0x24 | 0x25 | 0x28..=0x2A => const { on(&[ConnAck]) },
        AUTHENTICATION_METHOD | AUTHENTICATION_DATA => const { on(&[Connect, ConnAck, Auth]) },
        0x17 | 0x19 => const { on(&[Connect]) },
        0x18 => const { on(&[Will]) },
        0x1C => const { on(&[ConnAck, Disconnect]) },
        0x1F => const { on(&[ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, Auth]) },
        0x21 | 0x22 | 0x27 => const { on(&[Connect, ConnAck]) },
        0x23 => const { on(&[Publish]) },
        USER_PROPERTY => u16::MAX,
        _ => 0,
    }
}

impl<'a> Property<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<(u8, Self), Error> {
        let id = reader.u8()?;
        let property = match id {
            0x01 => Self::PayloadFormatIndicator(flag(reader)?.into()),
            0x02 => Self::MessageExpiryInterval(reader.u32()?),
            0x03 => Self::ContentType(reader.string()?),
            0x08 => match reader.string()? {
                name if topic::is_name(name) => Self::ResponseTopic(name), // [MQTT-3.3.2-14]
                _ => return Err(Error::PropertyRange),
            },
            0x09 => Self::CorrelationData(reader.binary()?),
            SUBSCRIPTION_IDENTIFIER => Self::SubscriptionIdentifier(not_zero(reader.variable()?)?),
            0x11 => Self::SessionExpiryInterval(reader.u32()?),
            0x12 => Self::AssignedClientIdentifier(reader.string()?),
            0x13 => Self::ServerKeepAlive(reader.u16()?),
            AUTHENTICATION_METHOD => Self::AuthenticationMethod(reader.string()?),
            AUTHENTICATION_DATA => Self::AuthenticationData(reader.binary()?),
            0x17 => Self::RequestProblemInformation(flag(reader)?),
            0x18 => Self::WillDelayInterval(reader.u32()?),
            0x19 => Self::RequestResponseInformation(flag(reader)?),
            0x1A => Self::ResponseInformation(reader.string()?),
            0x1C => Self::ServerReference(reader.string()?),
            0x1F => Self::ReasonString(reader.string()?),
            0x21 => Self::ReceiveMaximum(not_zero(reader.u16()?)?),
            0x22 => Self::TopicAliasMaximum(reader.u16()?),
            0x23 => Self::TopicAlias(reader.u16()?),
            0x24 => Self::MaximumQoS(flag(reader)?.into()),
            0x25 => Self::RetainAvailable(flag(reader)?),
            USER_PROPERTY => Self::UserProperty(reader.string()?, reader.string()?),
            0x27 => Self::MaximumPacketSize(not_zero(reader.u32()?)?),
            0x28 => Self::WildcardSubscriptionAvailable(flag(reader)?),
            0x29 => Self::SubscriptionIdentifierAvailable(flag(reader)?),
            0x2A => Self::SharedSubscriptionAvailable(flag(reader)?),
            _ => return Err(Error::UnknownProperty),
        };
        Ok((id, property))
    }

    /// Appends the property.
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let mut number = |id: u8, bytes: &[u8]| {
            out.push(id);
            out.extend_from_slice(bytes);
            Ok(())
        };
        match *self {
            Self::PayloadFormatIndicator(n) => number(0x01, &[n]),
            Self::MessageExpiryInterval(n) => number(0x02, &n.to_be_bytes()),
            Self::SubscriptionIdentifier(n) => {
                out.push(SUBSCRIPTION_IDENTIFIER);
                write::variable(out, n as usize);
                Ok(())
            }
            Self::SessionExpiryInterval(n) => number(0x11, &n.to_be_bytes()),
            Self::ServerKeepAlive(n) => number(0x13, &n.to_be_bytes()),
            Self::RequestProblemInformation(yes) => number(0x17, &[yes.into()]),
            Self::WillDelayInterval(n) => number(0x18, &n.to_be_bytes()),
            Self::RequestResponseInformation(yes) => number(0x19, &[yes.into()]),
            Self::ReceiveMaximum(n) => number(0x21, &n.to_be_bytes()),
            Self::TopicAliasMaximum(n) => number(0x22, &n.to_be_bytes()),
            Self::TopicAlias(n) => number(0x23, &n.to_be_bytes()),
            Self::MaximumQoS(n) => number(0x24, &[n]),
            Self::RetainAvailable(yes) => number(0x25, &[yes.into()]),
            Self::MaximumPacketSize(n) => number(0x27, &n.to_be_bytes()),
            Self::WildcardSubscriptionAvailable(yes) => number(0x28, &[yes.into()]),
            Self::SubscriptionIdentifierAvailable(yes) => number(0x29, &[yes.into()]),
            Self::SharedSubscriptionAvailable(yes) => number(0x2A, &[yes.into()]),
            Self::ContentType(text) => string(out, 0x03, text),
            Self::ResponseTopic(text) => string(out, 0x08, text),
            Self::AssignedClientIdentifier(text) => string(out, 0x12, text),
            Self::AuthenticationMethod(text) => string(out, AUTHENTICATION_METHOD, text),
            Self::ResponseInformation(text) => string(out, 0x1A, text),
            Self::ServerReference(text) => string(out, 0x1C, text),
            Self::ReasonString(text) => string(out, 0x1F, text),
            Self::CorrelationData(bytes) => binary(out, 0x09, bytes),
            Self::AuthenticationData(bytes) => binary(out, AUTHENTICATION_DATA, bytes),
            Self::UserProperty(name, value) => {
                write::string_len(value)?;
                string(out, USER_PROPERTY, name)?;
                write::binary(out, value.as_bytes());
                Ok(())
            }
        }
    }
}

fn string(out: &mut Vec<u8>, id: u8, text: &str) -> Result<(), Error> {
    write::string_len(text)?;
    binary(out, id, text.as_bytes())
}

fn binary(out: &mut Vec<u8>, id: u8, bytes: &[u8]) -> Result<(), Error> {
    write::binary_len(bytes)?;
    out.push(id);
    write::binary(out, bytes);
    Ok(())
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, Error> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::PropertyRange),
    }
}

fn not_zero<T: PartialEq + From<u8>>(number: T) -> Result<T, Error> {
    if number == T::from(0) { Err(Error::PropertyRange) } else { Ok(number) }
}

/// A validated property section, without its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Properties<'a>(&'a [u8]);

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Self(&[]);

    /// Validates `section`: each property known, whole, in its range, allowed on this packet, and there once (user
    /// properties, and the subscription identifiers of a PUBLISH, may repeat).
    pub fn decode(section: &'a [u8], on: On) -> Result<Self, Error> {
        let mut reader = Reader::new(section);
        let mut seen = 0_u64;
        while !reader.is_empty() {
            let (id, _) = Property::decode(&mut reader)?;
            if carriers(id) & 1 << on as u8 == 0 {
                return Err(Error::MisplacedProperty);
            }
            let may_repeat = id == USER_PROPERTY || (id == SUBSCRIPTION_IDENTIFIER && on == On::Publish);
            if seen & 1 << id != 0 && !may_repeat {
                return Err(Error::RepeatedProperty);
            }
            seen |= 1 << id;
        }
        if seen & 1 << AUTHENTICATION_DATA != 0 && seen & 1 << AUTHENTICATION_METHOD == 0 {
            return Err(Error::PropertyRange); // section 3.1.2.11.10
        }
        Ok(Self(section))
    }

    /// The section in wire encoding.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The properties in order.
    pub fn iter(&self) -> PropertyIter<'a> {
        PropertyIter(Reader::new(self.0))
    }
}

/// Iterates over a section.
#[derive(Clone)]
pub struct PropertyIter<'a>(Reader<'a>);

impl<'a> Iterator for PropertyIter<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        Property::decode(&mut self.0).ok().map(|(_, property)| property)
    }
}

/// A property section being put together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PropertiesBuf(Vec<u8>);

impl PropertiesBuf {
    /// An empty section.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a property. On an error the section stays as it was.
    pub fn push(&mut self, property: Property<'_>) -> Result<(), Error> {
        property.encode(&mut self.0)
    }

    /// The section, if it may stand on this packet.
    pub fn as_properties(&self, on: On) -> Result<Properties<'_>, Error> {
        Properties::decode(&self.0, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Property<'_>; 27] = [
        Property::PayloadFormatIndicator(1),
        Property::MessageExpiryInterval(7),
        Property::ContentType("t"),
        Property::ResponseTopic("r/t"),
        Property::CorrelationData(&[0, 255]),
        Property::SubscriptionIdentifier(268_435_455),
        Property::SessionExpiryInterval(u32::MAX),
        Property::AssignedClientIdentifier("c"),
        Property::ServerKeepAlive(1),
        Property::AuthenticationMethod("m"),
        Property::AuthenticationData(&[1]),
        Property::RequestProblemInformation(true),
        Property::WillDelayInterval(2),
        Property::RequestResponseInformation(false),
        Property::ResponseInformation("i"),
        Property::ServerReference("s"),
        Property::ReasonString("原因"),
        Property::ReceiveMaximum(1),
        Property::TopicAliasMaximum(0),
        Property::TopicAlias(65_535),
        Property::MaximumQoS(0),
        Property::RetainAvailable(false),
        Property::UserProperty("", "v"),
        Property::MaximumPacketSize(1),
        Property::WildcardSubscriptionAvailable(true),
        Property::SubscriptionIdentifierAvailable(true),
        Property::SharedSubscriptionAvailable(false),
    ];

    #[test]
    fn every_property_reads_back_as_it_was_written() {
        for property in ALL {
            let mut section = PropertiesBuf::new();
            section.push(property).unwrap();
            assert_eq!(PropertyIter(Reader::new(&section.0)).next(), Some(property));
        }
    }

    #[test]
    fn a_property_stands_only_on_its_packets() {
        let on_publish: Vec<_> = ALL
            .iter()
            .filter(|property| {
                let mut section = PropertiesBuf::new();
                section.push(**property).unwrap();
                Properties::decode(&section.0, On::Publish).is_ok()
            })
            .collect();
        assert_eq!(on_publish.len(), 8, "{on_publish:?}");
    }

    #[test]
    fn a_property_stands_once_unless_it_may_repeat() {
        let user = [0x26, 0, 1, b'a', 0, 1, b'b', 0x26, 0, 1, b'a', 0, 1, b'b'];
        assert_eq!(Properties::decode(&user, On::Auth).map(|it| it.iter().count()), Ok(2));
        let identifiers = [0x0B, 1, 0x0B, 2, 0x0B, 3];
        assert_eq!(Properties::decode(&identifiers, On::Publish).map(|it| it.iter().count()), Ok(3));
        assert_eq!(Properties::decode(&identifiers, On::Subscribe), Err(Error::RepeatedProperty));
        assert_eq!(Properties::decode(&[1, 0, 1, 0], On::Publish), Err(Error::RepeatedProperty));
    }

    #[test]
    fn ranges_are_held() {
        for section in [&[0x01, 2][..], &[0x24, 2], &[0x21, 0, 0], &[0x27, 0, 0, 0, 0], &[0x25, 9], &[0x16, 0, 0]] {
            assert_eq!(Properties::decode(section, On::ConnAck), Err(Error::PropertyRange), "{section:x?}");
        }
        assert_eq!(Properties::decode(&[0x0B, 0], On::Publish), Err(Error::PropertyRange));
        assert_eq!(Properties::decode(&[0x08, 0, 1, b'#'], On::Publish), Err(Error::PropertyRange));
        assert_eq!(Properties::decode(&[0x7F], On::Publish), Err(Error::UnknownProperty));
        assert_eq!(Properties::decode(&[0x02, 0, 0, 0], On::Publish), Err(Error::TooShort));
    }
}
