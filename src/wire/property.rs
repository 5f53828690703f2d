//! The 27 properties of MQTT 5 (section 2.2.2) by their names.

use super::value::{Value, id};

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

impl<'a> Property<'a> {
    /// The name of a value; None where the identifier is of another kind.
    pub(super) const fn from_parts(id: u8, value: Value<'a>) -> Option<Self> {
        Some(match (id, value) {
            (id::PAYLOAD_FORMAT_INDICATOR, Value::Number(n)) => Self::PayloadFormatIndicator(n as u8),
            (id::MESSAGE_EXPIRY_INTERVAL, Value::Number(n)) => Self::MessageExpiryInterval(n),
            (id::CONTENT_TYPE, Value::Text(text)) => Self::ContentType(text),
            (id::RESPONSE_TOPIC, Value::Text(text)) => Self::ResponseTopic(text),
            (id::CORRELATION_DATA, Value::Binary(bytes)) => Self::CorrelationData(bytes),
            (id::SUBSCRIPTION_IDENTIFIER, Value::Number(n)) => Self::SubscriptionIdentifier(n),
            (id::SESSION_EXPIRY_INTERVAL, Value::Number(n)) => Self::SessionExpiryInterval(n),
            (id::ASSIGNED_CLIENT_IDENTIFIER, Value::Text(text)) => Self::AssignedClientIdentifier(text),
            (id::SERVER_KEEP_ALIVE, Value::Number(n)) => Self::ServerKeepAlive(n as u16),
            (id::AUTHENTICATION_METHOD, Value::Text(text)) => Self::AuthenticationMethod(text),
            (id::AUTHENTICATION_DATA, Value::Binary(bytes)) => Self::AuthenticationData(bytes),
            (id::REQUEST_PROBLEM_INFORMATION, Value::Number(n)) => Self::RequestProblemInformation(n == 1),
            (id::WILL_DELAY_INTERVAL, Value::Number(n)) => Self::WillDelayInterval(n),
            (id::REQUEST_RESPONSE_INFORMATION, Value::Number(n)) => Self::RequestResponseInformation(n == 1),
            (id::RESPONSE_INFORMATION, Value::Text(text)) => Self::ResponseInformation(text),
            (id::SERVER_REFERENCE, Value::Text(text)) => Self::ServerReference(text),
            (id::REASON_STRING, Value::Text(text)) => Self::ReasonString(text),
            (id::RECEIVE_MAXIMUM, Value::Number(n)) => Self::ReceiveMaximum(n as u16),
            (id::TOPIC_ALIAS_MAXIMUM, Value::Number(n)) => Self::TopicAliasMaximum(n as u16),
            (id::TOPIC_ALIAS, Value::Number(n)) => Self::TopicAlias(n as u16),
            (id::MAXIMUM_QOS, Value::Number(n)) => Self::MaximumQoS(n as u8),
            (id::RETAIN_AVAILABLE, Value::Number(n)) => Self::RetainAvailable(n == 1),
            (id::USER_PROPERTY, Value::Pair(name, value)) => Self::UserProperty(name, value),
            (id::MAXIMUM_PACKET_SIZE, Value::Number(n)) => Self::MaximumPacketSize(n),
            (id::WILDCARD_SUBSCRIPTION_AVAILABLE, Value::Number(n)) => Self::WildcardSubscriptionAvailable(n == 1),
            (id::SUBSCRIPTION_IDENTIFIER_AVAILABLE, Value::Number(n)) => Self::SubscriptionIdentifierAvailable(n == 1),
            (id::SHARED_SUBSCRIPTION_AVAILABLE, Value::Number(n)) => Self::SharedSubscriptionAvailable(n == 1),
            _ => return None,
        })
    }

    /// The identifier and the value.
    pub(super) fn parts(self) -> (u8, Value<'a>) {
        match self {
            Self::PayloadFormatIndicator(n) => (id::PAYLOAD_FORMAT_INDICATOR, Value::Number(n.into())),
            Self::MessageExpiryInterval(n) => (id::MESSAGE_EXPIRY_INTERVAL, Value::Number(n)),
            Self::ContentType(text) => (id::CONTENT_TYPE, Value::Text(text)),
            Self::ResponseTopic(text) => (id::RESPONSE_TOPIC, Value::Text(text)),
            Self::CorrelationData(bytes) => (id::CORRELATION_DATA, Value::Binary(bytes)),
            Self::SubscriptionIdentifier(n) => (id::SUBSCRIPTION_IDENTIFIER, Value::Number(n)),
            Self::SessionExpiryInterval(n) => (id::SESSION_EXPIRY_INTERVAL, Value::Number(n)),
            Self::AssignedClientIdentifier(text) => (id::ASSIGNED_CLIENT_IDENTIFIER, Value::Text(text)),
            Self::ServerKeepAlive(n) => (id::SERVER_KEEP_ALIVE, Value::Number(n.into())),
            Self::AuthenticationMethod(text) => (id::AUTHENTICATION_METHOD, Value::Text(text)),
            Self::AuthenticationData(bytes) => (id::AUTHENTICATION_DATA, Value::Binary(bytes)),
            Self::RequestProblemInformation(yes) => (id::REQUEST_PROBLEM_INFORMATION, Value::Number(yes.into())),
            Self::WillDelayInterval(n) => (id::WILL_DELAY_INTERVAL, Value::Number(n)),
            Self::RequestResponseInformation(yes) => (id::REQUEST_RESPONSE_INFORMATION, Value::Number(yes.into())),
            Self::ResponseInformation(text) => (id::RESPONSE_INFORMATION, Value::Text(text)),
            Self::ServerReference(text) => (id::SERVER_REFERENCE, Value::Text(text)),
            Self::ReasonString(text) => (id::REASON_STRING, Value::Text(text)),
            Self::ReceiveMaximum(n) => (id::RECEIVE_MAXIMUM, Value::Number(n.into())),
            Self::TopicAliasMaximum(n) => (id::TOPIC_ALIAS_MAXIMUM, Value::Number(n.into())),
            Self::TopicAlias(n) => (id::TOPIC_ALIAS, Value::Number(n.into())),
            Self::MaximumQoS(n) => (id::MAXIMUM_QOS, Value::Number(n.into())),
            Self::RetainAvailable(yes) => (id::RETAIN_AVAILABLE, Value::Number(yes.into())),
            Self::UserProperty(name, value) => (id::USER_PROPERTY, Value::Pair(name, value)),
            Self::MaximumPacketSize(n) => (id::MAXIMUM_PACKET_SIZE, Value::Number(n)),
            Self::WildcardSubscriptionAvailable(yes) => {
                (id::WILDCARD_SUBSCRIPTION_AVAILABLE, Value::Number(yes.into()))
            }
            Self::SubscriptionIdentifierAvailable(yes) => {
                (id::SUBSCRIPTION_IDENTIFIER_AVAILABLE, Value::Number(yes.into()))
            }
            Self::SharedSubscriptionAvailable(yes) => (id::SHARED_SUBSCRIPTION_AVAILABLE, Value::Number(yes.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::wire::read::Reader;
    use crate::wire::value;
    use crate::wire::{Properties, PropertiesBuf};

    fn encoded(property: Property<'_>) -> Vec<u8> {
        let mut section = PropertiesBuf::new();
        section.push(property).unwrap();
        section.as_bytes().to_vec()
    }

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
            let section = encoded(property);
            let read = value::decode(&mut Reader::new(&section)).unwrap();
            assert_eq!((read.0, Property::from_parts(read.0, read.1)), (section[0], Some(property)));
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
                let mut section = encoded(property);
                let expected = if legal.contains(&section[0]) { Ok(()) } else { Err(Error::MisplacedProperty) };
                // Data needs its method.
                if section[0] == id::AUTHENTICATION_DATA {
                    section.extend(encoded(Property::AuthenticationMethod("m")));
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
