//! The properties of MQTT 5 by their names, and their wire encoding. Which of them a packet may carry, and in what range,
//! is the core's business.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::object::{Value, unknown};
use crate::wire::{self, On, PropertiesBuf, Property};

/// Properties of a packet (OASIS MQTT 5.0, section 2.2.2.2).
///
/// Set what the packet may carry and leave the rest: a property on the wrong packet is refused with
/// [`Property`](crate::Error::Property). Before MQTT 5 there are none.
///
/// ```
/// use wasmqtt::web::Properties;
///
/// let properties = Properties { content_type: Some("text/plain".into()), ..Properties::default() };
/// # assert_eq!(properties.message_expiry_interval, None);
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Properties {
    /// 1: the payload is UTF-8; 0: bytes. On PUBLISH and the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_format_indicator: Option<u8>,
    /// For how many seconds the server may keep the message for subscribers. On PUBLISH and the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_expiry_interval: Option<u32>,
    /// What the payload is, mostly a MIME type. On PUBLISH and the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Where the answer to a request goes: a topic name. On PUBLISH and the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_topic: Option<String>,
    /// Which request an answer is for. On PUBLISH and the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_data: Option<Vec<u8>>,
    /// On SUBSCRIBE one, from 1 to 268 435 455; on a received message one for each subscription that it matched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscription_identifiers: Vec<u32>,
    /// For how many seconds the server keeps the session after the connection; `u32::MAX`: for ever. On CONNECT, CONNACK
    /// and DISCONNECT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_expiry_interval: Option<u32>,
    /// The client identifier that the server gave. On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_client_identifier: Option<String>,
    /// Keep alive in seconds, in the place of the one that was asked for. On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_keep_alive: Option<u16>,
    /// The method of enhanced authentication (section 4.12). On CONNECT, CONNACK and AUTH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_method: Option<String>,
    /// What the method wants to say. Only together with the method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_data: Option<Vec<u8>>,
    /// False: reason strings and user properties on PUBLISH, CONNACK and DISCONNECT alone. On CONNECT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_problem_information: Option<bool>,
    /// For how many seconds the server holds the will back. On the will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_delay_interval: Option<u32>,
    /// Asks for `response_information`. On CONNECT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_response_information: Option<bool>,
    /// What response topics may begin with. On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_information: Option<String>,
    /// Other servers to use (section 4.11). On CONNACK and DISCONNECT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_reference: Option<String>,
    /// What went wrong, for people to read. On every answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_string: Option<String>,
    /// How many messages with QoS 1 and 2 may be unacknowledged at a time, from 1. On CONNECT and CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive_maximum: Option<u16>,
    /// How many topic aliases may be in use. On CONNECT and CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_alias_maximum: Option<u16>,
    /// The alias of a topic, from 1. Assigned and resolved by the session: the application never sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_alias: Option<u16>,
    /// The highest QoS that the server takes: 0 or 1. On CONNACK.
    #[serde(rename = "maximumQoS", skip_serializing_if = "Option::is_none")]
    pub maximum_qos: Option<u8>,
    /// Does the server keep retained messages? On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retain_available: Option<bool>,
    /// Names and values of the application's own; a name may come again. On every packet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_properties: Vec<(String, String)>,
    /// The largest packet in bytes, from 1. On CONNECT and CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_packet_size: Option<u32>,
    /// Does the server take wildcards? On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wildcard_subscription_available: Option<bool>,
    /// Does the server take subscription identifiers? On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_identifier_available: Option<bool>,
    /// Does the server take shared subscriptions? On CONNACK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_subscription_available: Option<bool>,
}

impl Properties {
    /// What an object has by the names of the JavaScript face.
    pub(super) fn read(given: Value) -> Result<Self, String> {
        use Field::*;
        let mut it = Self::default();
        given.read(&mut |name, value| {
            let field = match name {
                "payloadFormatIndicator" => Byte(&mut it.payload_format_indicator),
                "messageExpiryInterval" => Number(&mut it.message_expiry_interval),
                "contentType" => Text(&mut it.content_type),
                "responseTopic" => Text(&mut it.response_topic),
                "correlationData" => Bytes(&mut it.correlation_data),
                "subscriptionIdentifiers" => Identifiers(&mut it.subscription_identifiers),
                "sessionExpiryInterval" => Number(&mut it.session_expiry_interval),
                "assignedClientIdentifier" => Text(&mut it.assigned_client_identifier),
                "serverKeepAlive" => Word(&mut it.server_keep_alive),
                "authenticationMethod" => Text(&mut it.authentication_method),
                "authenticationData" => Bytes(&mut it.authentication_data),
                "requestProblemInformation" => Flag(&mut it.request_problem_information),
                "willDelayInterval" => Number(&mut it.will_delay_interval),
                "requestResponseInformation" => Flag(&mut it.request_response_information),
                "responseInformation" => Text(&mut it.response_information),
                "serverReference" => Text(&mut it.server_reference),
                "reasonString" => Text(&mut it.reason_string),
                "receiveMaximum" => Word(&mut it.receive_maximum),
                "topicAliasMaximum" => Word(&mut it.topic_alias_maximum),
                "topicAlias" => Word(&mut it.topic_alias),
                "maximumQoS" => Byte(&mut it.maximum_qos),
                "retainAvailable" => Flag(&mut it.retain_available),
                "userProperties" => Pairs(&mut it.user_properties),
                "maximumPacketSize" => Number(&mut it.maximum_packet_size),
                "wildcardSubscriptionAvailable" => Flag(&mut it.wildcard_subscription_available),
                "subscriptionIdentifierAvailable" => Flag(&mut it.subscription_identifier_available),
                "sharedSubscriptionAvailable" => Flag(&mut it.shared_subscription_available),
                _ => return unknown(),
            };
            match field {
                Byte(field) => *field = Some(value.whole()?),
                Word(field) => *field = Some(value.whole()?),
                Number(field) => *field = Some(value.whole()?),
                Flag(field) => *field = Some(value.flag()?),
                Text(field) => *field = Some(value.text()?),
                Bytes(field) => *field = Some(value.bytes()?),
                Identifiers(field) => {
                    for identifier in value.list()? {
                        field.push(identifier.whole()?);
                    }
                }
                Pairs(field) => {
                    for one in value.list()? {
                        field.push(pair(one)?);
                    }
                }
            }
            Ok(())
        })?;
        Ok(it)
    }

    /// The section in wire encoding, if it may stand on this packet.
    pub(super) fn encode(&self, on: On) -> Result<Vec<u8>, crate::Error> {
        use Property::*;
        let mut out = PropertiesBuf::new();
        let mut put = |property: Option<Property<'_>>| property.map_or(Ok(()), |property| out.push(property));
        put(self.payload_format_indicator.map(PayloadFormatIndicator))?;
        put(self.message_expiry_interval.map(MessageExpiryInterval))?;
        put(self.content_type.as_deref().map(ContentType))?;
        put(self.response_topic.as_deref().map(ResponseTopic))?;
        put(self.correlation_data.as_deref().map(CorrelationData))?;
        for identifier in &self.subscription_identifiers {
            put(Some(SubscriptionIdentifier(*identifier)))?;
        }
        put(self.session_expiry_interval.map(SessionExpiryInterval))?;
        put(self.assigned_client_identifier.as_deref().map(AssignedClientIdentifier))?;
        put(self.server_keep_alive.map(ServerKeepAlive))?;
        put(self.authentication_method.as_deref().map(AuthenticationMethod))?;
        put(self.authentication_data.as_deref().map(AuthenticationData))?;
        put(self.request_problem_information.map(RequestProblemInformation))?;
        put(self.will_delay_interval.map(WillDelayInterval))?;
        put(self.request_response_information.map(RequestResponseInformation))?;
        put(self.response_information.as_deref().map(ResponseInformation))?;
        put(self.server_reference.as_deref().map(ServerReference))?;
        put(self.reason_string.as_deref().map(ReasonString))?;
        put(self.receive_maximum.map(ReceiveMaximum))?;
        put(self.topic_alias_maximum.map(TopicAliasMaximum))?;
        put(self.topic_alias.map(TopicAlias))?;
        put(self.maximum_qos.map(MaximumQoS))?;
        put(self.retain_available.map(RetainAvailable))?;
        for (name, value) in &self.user_properties {
            put(Some(UserProperty(name, value)))?;
        }
        put(self.maximum_packet_size.map(MaximumPacketSize))?;
        put(self.wildcard_subscription_available.map(WildcardSubscriptionAvailable))?;
        put(self.subscription_identifier_available.map(SubscriptionIdentifierAvailable))?;
        put(self.shared_subscription_available.map(SharedSubscriptionAvailable))?;
        out.as_properties(on).map_err(|_| crate::Error::Property)?;
        Ok(out.as_bytes().to_vec())
    }
}

/// Where a value goes, by what it must be.
enum Field<'a> {
    Byte(&'a mut Option<u8>),
    Word(&'a mut Option<u16>),
    Number(&'a mut Option<u32>),
    Flag(&'a mut Option<bool>),
    Text(&'a mut Option<String>),
    Bytes(&'a mut Option<Vec<u8>>),
    Identifiers(&'a mut Vec<u32>),
    Pairs(&'a mut Vec<(String, String)>),
}

/// A name and a value.
fn pair(given: Value) -> Result<(String, String), String> {
    match <[Value; 2]>::try_from(given.list()?) {
        Ok([name, value]) => Ok((name.text()?, value.text()?)),
        Err(_) => Err("a name and a value are needed".into()),
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(from)?).map_err(de::Error::custom)
    }
}

impl From<wire::Properties<'_>> for Properties {
    fn from(section: wire::Properties<'_>) -> Self {
        use Property::*;
        let mut it = Self::default();
        for property in section.iter() {
            match property {
                PayloadFormatIndicator(n) => it.payload_format_indicator = Some(n),
                MessageExpiryInterval(n) => it.message_expiry_interval = Some(n),
                ContentType(text) => it.content_type = Some(text.into()),
                ResponseTopic(text) => it.response_topic = Some(text.into()),
                CorrelationData(bytes) => it.correlation_data = Some(bytes.into()),
                SubscriptionIdentifier(n) => it.subscription_identifiers.push(n),
                SessionExpiryInterval(n) => it.session_expiry_interval = Some(n),
                AssignedClientIdentifier(text) => it.assigned_client_identifier = Some(text.into()),
                ServerKeepAlive(n) => it.server_keep_alive = Some(n),
                AuthenticationMethod(text) => it.authentication_method = Some(text.into()),
                AuthenticationData(bytes) => it.authentication_data = Some(bytes.into()),
                RequestProblemInformation(yes) => it.request_problem_information = Some(yes),
                WillDelayInterval(n) => it.will_delay_interval = Some(n),
                RequestResponseInformation(yes) => it.request_response_information = Some(yes),
                ResponseInformation(text) => it.response_information = Some(text.into()),
                ServerReference(text) => it.server_reference = Some(text.into()),
                ReasonString(text) => it.reason_string = Some(text.into()),
                ReceiveMaximum(n) => it.receive_maximum = Some(n),
                TopicAliasMaximum(n) => it.topic_alias_maximum = Some(n),
                TopicAlias(n) => it.topic_alias = Some(n),
                MaximumQoS(n) => it.maximum_qos = Some(n),
                RetainAvailable(yes) => it.retain_available = Some(yes),
                UserProperty(name, value) => it.user_properties.push((name.into(), value.into())),
                MaximumPacketSize(n) => it.maximum_packet_size = Some(n),
                WildcardSubscriptionAvailable(yes) => it.wildcard_subscription_available = Some(yes),
                SubscriptionIdentifierAvailable(yes) => it.subscription_identifier_available = Some(yes),
                SharedSubscriptionAvailable(yes) => it.shared_subscription_available = Some(yes),
            }
        }
        it
    }
}

/// A section that was validated when it came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Section {
    on: Option<On>,
    bytes: Box<[u8]>,
}

impl Section {
    pub(super) fn new(section: wire::Properties<'_>, on: On) -> Self {
        Self { on: Some(on), bytes: section.as_bytes().into() }
    }

    /// As it was.
    pub(super) fn get(&self) -> wire::Properties<'_> {
        self.on.and_then(|on| wire::Properties::decode(&self.bytes, on).ok()).unwrap_or_default()
    }

    /// The properties in it.
    pub fn decode(&self) -> Properties {
        self.get().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_read_back_as_they_were_written() {
        let properties = Properties {
            content_type: Some("text/plain".into()),
            correlation_data: Some(vec![0, 255]),
            subscription_identifiers: vec![1, 268_435_455],
            user_properties: vec![("a".into(), "b".into()), ("a".into(), "".into())],
            ..Properties::default()
        };
        let section = properties.encode(On::Publish).unwrap();
        let section = Section::new(wire::Properties::decode(&section, On::Publish).unwrap(), On::Publish);
        assert_eq!(section.decode(), properties);
        assert_eq!(properties.encode(On::Connect), Err(crate::Error::Property));
    }

    #[test]
    fn every_property_is_read_by_the_name_that_it_is_written_with() {
        let text = || Some(String::from("x"));
        let properties = Properties {
            payload_format_indicator: Some(1),
            message_expiry_interval: Some(2),
            content_type: text(),
            response_topic: text(),
            correlation_data: Some(vec![0, 255]),
            subscription_identifiers: vec![1, 2],
            session_expiry_interval: Some(u32::MAX),
            assigned_client_identifier: text(),
            server_keep_alive: Some(u16::MAX),
            authentication_method: text(),
            authentication_data: Some(vec![1]),
            request_problem_information: Some(false),
            will_delay_interval: Some(3),
            request_response_information: Some(true),
            response_information: text(),
            server_reference: text(),
            reason_string: text(),
            receive_maximum: Some(4),
            topic_alias_maximum: Some(5),
            topic_alias: Some(6),
            maximum_qos: Some(1),
            retain_available: Some(true),
            user_properties: vec![("a".into(), "b".into()), ("a".into(), "".into())],
            maximum_packet_size: Some(7),
            wildcard_subscription_available: Some(true),
            subscription_identifier_available: Some(false),
            shared_subscription_available: Some(true),
        };
        let written = serde_json::to_string(&properties).unwrap();
        assert_eq!(serde_json::from_str::<Properties>(&written).unwrap(), properties);
        assert!(serde_json::from_str::<Properties>(r#"{"contenttype":"x"}"#).is_err());
    }
}
