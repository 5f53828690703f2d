//! The 27 properties of MQTT 5 (section 2.2.2): their values, and on which packets they may stand.

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
    /// As a server sends it: not all that a client may say fits there.
    DisconnectByServer,
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

pub(super) const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
pub(super) const AUTHENTICATION_METHOD: u8 = 0x15;
pub(super) const AUTHENTICATION_DATA: u8 = 0x16;
pub(super) const USER_PROPERTY: u8 = 0x26;

/// The packets that may carry a property, a bit each.
pub(super) fn carriers(id: u8) -> u16 {
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
        0x11 => const { on(&[Connect, ConnAck, Disconnect]) }, // [MQTT-3.14.2-2]
        0x12 | 0x13 | 0x1A | 0x24 | 0x25 | 0x28..=0x2A => const { on(&[ConnAck]) },
        AUTHENTICATION_METHOD | AUTHENTICATION_DATA => const { on(&[Connect, ConnAck, Auth]) },
        0x17 | 0x19 => const { on(&[Connect]) },
        0x18 => const { on(&[Will]) },
        0x1C => const { on(&[ConnAck, Disconnect, DisconnectByServer]) },
        0x1F => {
            const { on(&[ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, DisconnectByServer, Auth]) }
        }
        0x21 | 0x22 | 0x27 => const { on(&[Connect, ConnAck]) },
        0x23 => const { on(&[Publish]) },
        USER_PROPERTY => u16::MAX,
        _ => 0,
    }
}

impl<'a> Property<'a> {
    pub(super) fn decode(reader: &mut Reader<'a>) -> Result<(u8, Self), Error> {
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
            0x23 => match reader.u16()? {
                0 => return Err(Error::BadTopicAlias), // [MQTT-3.3.2-8]
                alias => Self::TopicAlias(alias),
            },
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
    pub(super) fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Properties;

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
            let mut section = Vec::new();
            property.encode(&mut section).unwrap();
            assert_eq!(Property::decode(&mut Reader::new(&section)), Ok((section[0], property)));
        }
    }

    /// Table 2-4: the identifiers that may stand on each.
    const ON: [(On, &[u8]); 15] = [
        (On::Connect, &[0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27]),
        (On::Will, &[0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26]),
        (
            On::ConnAck,
            &[0x11, 0x12, 0x13, 0x15, 0x16, 0x1A, 0x1C, 0x1F, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A],
        ),
        (On::Publish, &[0x01, 0x02, 0x03, 0x08, 0x09, 0x0B, 0x23, 0x26]),
        (On::PubAck, &[0x1F, 0x26]),
        (On::PubRec, &[0x1F, 0x26]),
        (On::PubRel, &[0x1F, 0x26]),
        (On::PubComp, &[0x1F, 0x26]),
        (On::Subscribe, &[0x0B, 0x26]),
        (On::SubAck, &[0x1F, 0x26]),
        (On::Unsubscribe, &[0x26]),
        (On::UnsubAck, &[0x1F, 0x26]),
        (On::Disconnect, &[0x11, 0x1C, 0x1F, 0x26]),
        (On::DisconnectByServer, &[0x1C, 0x1F, 0x26]),
        (On::Auth, &[0x15, 0x16, 0x1F, 0x26]),
    ];

    #[test]
    fn a_property_stands_only_on_its_packets() {
        for (on, legal) in ON {
            for property in ALL {
                let mut section = Vec::new();
                property.encode(&mut section).unwrap();
                let expected = if legal.contains(&section[0]) { Ok(()) } else { Err(Error::MisplacedProperty) };
                // Data needs its method.
                if section[0] == AUTHENTICATION_DATA {
                    Property::AuthenticationMethod("m").encode(&mut section).unwrap();
                }
                assert_eq!(Properties::decode(&section, on).map(|_| ()), expected, "{property:?} on {on:?}");
            }
        }
    }

    #[test]
    fn ranges_are_held() {
        for section in [&[0x01, 2][..], &[0x24, 2], &[0x21, 0, 0], &[0x27, 0, 0, 0, 0], &[0x16, 0, 0]] {
            assert_eq!(Properties::decode(section, On::ConnAck), Err(Error::PropertyRange), "{section:x?}");
        }
        for flag in [0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A] {
            assert_eq!(Properties::decode(&[flag, 2], On::ConnAck), Err(Error::PropertyRange), "{flag:x}");
        }
        assert_eq!(Properties::decode(&[0x23, 0, 0], On::Publish), Err(Error::BadTopicAlias));
        assert_eq!(Properties::decode(&[0x0B, 0], On::Publish), Err(Error::PropertyRange));
        assert_eq!(Properties::decode(&[0x0B, 0x81, 0], On::Publish), Err(Error::BadVariableInteger));
        assert_eq!(Properties::decode(&[0x0B, 255, 255, 255, 255, 1], On::Publish), Err(Error::BadVariableInteger));
        assert_eq!(Properties::decode(&[0x08, 0, 0], On::Publish), Err(Error::PropertyRange));
        assert_eq!(Properties::decode(&[0x08, 0, 1, b'#'], On::Publish), Err(Error::PropertyRange));
        assert_eq!(Properties::decode(&[0x7F], On::Publish), Err(Error::UnknownProperty));
        assert_eq!(Properties::decode(&[0x02, 0, 0, 0], On::Publish), Err(Error::TooShort));
    }

    #[test]
    fn every_string_is_utf_8_without_u_0000() {
        for id in [0x03, 0x08, 0x12, 0x15, 0x1A, 0x1C, 0x1F] {
            for text in [&[0, 1, 0][..], &[0, 1, 0xFF], &[0, 3, 0xED, 0xA0, 0x80]] {
                let section = [&[id], text].concat();
                assert_eq!(Properties::decode(&section, On::ConnAck), Err(Error::BadUtf8), "{section:x?}");
            }
        }
        assert_eq!(Properties::decode(&[0x26, 0, 1, 0, 0, 0], On::Auth), Err(Error::BadUtf8));
        assert_eq!(Properties::decode(&[0x26, 0, 0, 0, 1, 0], On::Auth), Err(Error::BadUtf8));
    }
}
