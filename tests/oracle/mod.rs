//! `mqttbytes` 0.6 in our words: what it reads as our packets, and what it writes. Judges nothing.

use bytes::{Bytes, BytesMut};
use mqttbytes::{v4, v5};
use wasmqtt::wire::*;

use crate::packets::{Packet, properties};

/// A packet of theirs.
#[derive(Debug)]
pub enum Theirs {
    V4(v4::Packet),
    V5(Box<v5::Packet>),
}

impl Theirs {
    pub fn read(version: Version, bytes: &[u8]) -> Result<Self, mqttbytes::Error> {
        let mut stream = BytesMut::from(bytes);
        let packet = match version {
            Version::V5 => Self::V5(v5::read(&mut stream, usize::MAX)?.into()),
            _ => Self::V4(v4::read(&mut stream, usize::MAX)?),
        };
        assert!(stream.is_empty());
        Ok(packet)
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = BytesMut::new();
        macro_rules! write {
            ($packet:expr, $module:ident, $($rest:tt)*) => {
                match $packet {
                    $module::Packet::Connect(it) => it.write(&mut out),
                    $module::Packet::ConnAck(it) => it.write(&mut out),
                    $module::Packet::Publish(it) => it.write(&mut out),
                    $module::Packet::PubAck(it) => it.write(&mut out),
                    $module::Packet::PubRec(it) => it.write(&mut out),
                    $module::Packet::PubRel(it) => it.write(&mut out),
                    $module::Packet::PubComp(it) => it.write(&mut out),
                    $module::Packet::Subscribe(it) => it.write(&mut out),
                    $module::Packet::SubAck(it) => it.write(&mut out),
                    $module::Packet::Unsubscribe(it) => it.write(&mut out),
                    $module::Packet::UnsubAck(it) => it.write(&mut out),
                    $module::Packet::PingReq => $module::PingReq.write(&mut out),
                    $module::Packet::PingResp => $module::PingResp.write(&mut out),
                    $($rest)*
                }
            };
        }
        match self {
            Self::V4(packet) => write!(packet, v4, v4::Packet::Disconnect => v4::Disconnect.write(&mut out),),
            Self::V5(packet) => write!(&**packet, v5, v5::Packet::Disconnect(it) => it.write(&mut out),),
        }
        .unwrap();
        out.to_vec()
    }

    /// The same packet of ours, sent by a server or a client.
    pub fn ours(self, by_server: bool) -> Packet<'static> {
        match self {
            Self::V4(packet) => from_v4(packet, by_server),
            Self::V5(packet) => from_v5(*packet, by_server),
        }
    }
}

fn sent<T>(
    packet: T,
    by_server: bool,
    server: fn(T) -> FromServer<'static>,
    client: fn(T) -> FromClient<'static>,
) -> Packet<'static> {
    if by_server { Packet::Server(server(packet)) } else { Packet::Client(client(packet)) }
}

fn from_v4(packet: v4::Packet, by_server: bool) -> Packet<'static> {
    let ack = |kind, pkid| {
        let ack = Ack { kind, packet_id: id(pkid), reason: 0, properties: Properties::EMPTY };
        sent(ack, by_server, FromServer::Ack, FromClient::Ack)
    };
    match packet {
        v4::Packet::Connect(it) => {
            let will = it.last_will.map(|will| Will {
                topic: text(will.topic),
                payload: data(will.message),
                qos: qos(will.qos),
                retain: will.retain,
                properties: Properties::EMPTY,
            });
            let login = it.login.map(|login| (login.username, login.password));
            Packet::Client(FromClient::Connect(Connect {
                version: Version::V3_1_1,
                clean_start: it.clean_session,
                keep_alive: it.keep_alive,
                client_id: text(it.client_id),
                will,
                user_name: user_name(&login),
                password: password(&login),
                properties: Properties::EMPTY,
            }))
        }
        v4::Packet::ConnAck(it) => Packet::Server(FromServer::ConnAck(ConnAck {
            session_present: it.session_present,
            reason: it.code as u8,
            properties: Properties::EMPTY,
        })),
        v4::Packet::Publish(it) => {
            let publish = Publish {
                dup: it.dup,
                qos: qos(it.qos),
                retain: it.retain,
                packet_id: PacketId::new(it.pkid),
                topic: text(it.topic),
                properties: Properties::EMPTY,
                payload: data(it.payload),
            };
            sent(publish, by_server, FromServer::Publish, FromClient::Publish)
        }
        v4::Packet::PubAck(it) => ack(AckKind::PubAck, it.pkid),
        v4::Packet::PubRec(it) => ack(AckKind::PubRec, it.pkid),
        v4::Packet::PubRel(it) => ack(AckKind::PubRel, it.pkid),
        v4::Packet::PubComp(it) => ack(AckKind::PubComp, it.pkid),
        v4::Packet::Subscribe(it) => {
            let filters = it.filters.into_iter().map(|filter| (filter.path, filter.qos as u8));
            subscribe(Version::V3_1_1, it.pkid, Properties::EMPTY, &mut { filters })
        }
        v4::Packet::SubAck(it) => {
            let codes = it.return_codes.iter().map(|code| match code {
                v4::SubscribeReasonCode::Success(qos) => *qos as u8,
                v4::SubscribeReasonCode::Failure => 0x80,
            });
            let codes = codes.collect::<Vec<_>>().leak();
            Packet::Server(FromServer::SubAck(SubAck { packet_id: id(it.pkid), properties: Properties::EMPTY, codes }))
        }
        v4::Packet::Unsubscribe(it) => unsubscribe(it.pkid, Properties::EMPTY, it.topics),
        v4::Packet::UnsubAck(it) => Packet::Server(FromServer::UnsubAck(UnsubAck {
            packet_id: id(it.pkid),
            properties: Properties::EMPTY,
            codes: &[],
        })),
        v4::Packet::PingReq => Packet::Client(FromClient::PingReq),
        v4::Packet::PingResp => Packet::Server(FromServer::PingResp),
        v4::Packet::Disconnect => {
            let disconnect = Disconnect { reason: 0, properties: Properties::EMPTY };
            sent(disconnect, by_server, FromServer::Disconnect, FromClient::Disconnect)
        }
    }
}

fn from_v5(packet: v5::Packet, by_server: bool) -> Packet<'static> {
    macro_rules! reason {
        ($packet:expr) => {
            $packet
                .properties
                .map(|it| List::new().text(it.reason_string, Property::ReasonString).user(it.user_properties))
        };
    }
    macro_rules! ack {
        ($packet:expr, $kind:ident) => {{
            let ack = Ack {
                kind: AckKind::$kind,
                packet_id: id($packet.pkid),
                reason: $packet.reason as u8,
                properties: List::section(reason!($packet), On::$kind),
            };
            sent(ack, by_server, FromServer::Ack, FromClient::Ack)
        }};
    }
    match packet {
        v5::Packet::Connect(it) => {
            let will = it.last_will.map(|will| Will {
                topic: text(will.topic),
                payload: data(will.message),
                qos: qos(will.qos),
                retain: will.retain,
                properties: List::section(will.properties.map(will_properties), On::Will),
            });
            let login = it.login.map(|login| (login.username, login.password));
            Packet::Client(FromClient::Connect(Connect {
                version: Version::V5,
                clean_start: it.clean_session,
                keep_alive: it.keep_alive,
                client_id: text(it.client_id),
                will,
                user_name: user_name(&login),
                password: password(&login),
                properties: List::section(it.properties.map(connect_properties), On::Connect),
            }))
        }
        v5::Packet::ConnAck(it) => Packet::Server(FromServer::ConnAck(ConnAck {
            session_present: it.session_present,
            reason: it.code as u8,
            properties: List::section(it.properties.map(conn_ack_properties), On::ConnAck),
        })),
        v5::Packet::Publish(it) => {
            let publish = Publish {
                dup: it.dup,
                qos: qos(it.qos),
                retain: it.retain,
                packet_id: PacketId::new(it.pkid),
                topic: text(it.topic),
                properties: List::section(it.properties.map(publish_properties), On::Publish),
                payload: data(it.payload),
            };
            sent(publish, by_server, FromServer::Publish, FromClient::Publish)
        }
        v5::Packet::PubAck(it) => ack!(it, PubAck),
        v5::Packet::PubRec(it) => ack!(it, PubRec),
        v5::Packet::PubRel(it) => ack!(it, PubRel),
        v5::Packet::PubComp(it) => ack!(it, PubComp),
        v5::Packet::Subscribe(it) => {
            let properties = it.properties.map(|it| {
                let id = it.id.map(|id| id as u32);
                List::new().value(id, Property::SubscriptionIdentifier).user(it.user_properties)
            });
            let filters = it.filters.into_iter().map(|filter| {
                let flags = u8::from(filter.nolocal) << 2 | u8::from(filter.preserve_retain) << 3;
                (filter.path, filter.qos as u8 | flags | (filter.retain_forward_rule as u8) << 4)
            });
            subscribe(Version::V5, it.pkid, List::section(properties, On::Subscribe), &mut { filters })
        }
        v5::Packet::SubAck(it) => {
            let codes = it.return_codes.iter().map(|code| *code as u8).collect::<Vec<_>>().leak();
            let properties = List::section(reason!(it), On::SubAck);
            Packet::Server(FromServer::SubAck(SubAck { packet_id: id(it.pkid), properties, codes }))
        }
        v5::Packet::Unsubscribe(it) => {
            let properties = it.properties.map(|it| List::new().user(it.user_properties));
            unsubscribe(it.pkid, List::section(properties, On::Unsubscribe), it.filters)
        }
        v5::Packet::UnsubAck(it) => {
            let codes = it.reasons.iter().map(|code| *code as u8).collect::<Vec<_>>().leak();
            let properties = List::section(reason!(it), On::UnsubAck);
            Packet::Server(FromServer::UnsubAck(UnsubAck { packet_id: id(it.pkid), properties, codes }))
        }
        v5::Packet::PingReq => Packet::Client(FromClient::PingReq),
        v5::Packet::PingResp => Packet::Server(FromServer::PingResp),
        v5::Packet::Disconnect(it) => {
            let properties = it.properties.map(|it| {
                List::new()
                    .value(it.session_expiry_interval, Property::SessionExpiryInterval)
                    .text(it.reason_string, Property::ReasonString)
                    .text(it.server_reference, Property::ServerReference)
                    .user(it.user_properties)
            });
            let on = if by_server { On::DisconnectByServer } else { On::Disconnect };
            let disconnect = Disconnect { reason: it.reason_code as u8, properties: List::section(properties, on) };
            sent(disconnect, by_server, FromServer::Disconnect, FromClient::Disconnect)
        }
    }
}

fn connect_properties(it: v5::ConnectProperties) -> List {
    List::new()
        .value(it.session_expiry_interval, Property::SessionExpiryInterval)
        .value(it.receive_maximum, Property::ReceiveMaximum)
        .value(it.max_packet_size, Property::MaximumPacketSize)
        .value(it.topic_alias_max, Property::TopicAliasMaximum)
        .flag(it.request_response_info, Property::RequestResponseInformation)
        .flag(it.request_problem_info, Property::RequestProblemInformation)
        .text(it.authentication_method, Property::AuthenticationMethod)
        .data(it.authentication_data, Property::AuthenticationData)
        .user(it.user_properties)
}

fn will_properties(it: v5::WillProperties) -> List {
    List::new()
        .value(it.delay_interval, Property::WillDelayInterval)
        .value(it.payload_format_indicator, Property::PayloadFormatIndicator)
        .value(it.message_expiry_interval, Property::MessageExpiryInterval)
        .text(it.content_type, Property::ContentType)
        .text(it.response_topic, Property::ResponseTopic)
        .data(it.correlation_data, Property::CorrelationData)
        .user(it.user_properties)
}

fn conn_ack_properties(it: v5::ConnAckProperties) -> List {
    List::new()
        .value(it.session_expiry_interval, Property::SessionExpiryInterval)
        .value(it.receive_max, Property::ReceiveMaximum)
        .value(it.max_qos, Property::MaximumQoS)
        .flag(it.retain_available, Property::RetainAvailable)
        .value(it.max_packet_size, Property::MaximumPacketSize)
        .text(it.assigned_client_identifier, Property::AssignedClientIdentifier)
        .value(it.topic_alias_max, Property::TopicAliasMaximum)
        .text(it.reason_string, Property::ReasonString)
        .flag(it.wildcard_subscription_available, Property::WildcardSubscriptionAvailable)
        .flag(it.subscription_identifiers_available, Property::SubscriptionIdentifierAvailable)
        .flag(it.shared_subscription_available, Property::SharedSubscriptionAvailable)
        .value(it.server_keep_alive, Property::ServerKeepAlive)
        .text(it.response_information, Property::ResponseInformation)
        .text(it.server_reference, Property::ServerReference)
        .text(it.authentication_method, Property::AuthenticationMethod)
        .data(it.authentication_data, Property::AuthenticationData)
        .user(it.user_properties)
}

fn publish_properties(it: v5::PublishProperties) -> List {
    let list = List::new()
        .value(it.payload_format_indicator, Property::PayloadFormatIndicator)
        .value(it.message_expiry_interval, Property::MessageExpiryInterval)
        .value(it.topic_alias, Property::TopicAlias)
        .text(it.response_topic, Property::ResponseTopic)
        .data(it.correlation_data, Property::CorrelationData)
        .text(it.content_type, Property::ContentType)
        .user(it.user_properties);
    it.subscription_identifiers
        .into_iter()
        .fold(list, |list, id| list.value(Some(id as u32), Property::SubscriptionIdentifier))
}

/// Properties on their way into a section.
struct List(Vec<Property<'static>>);

impl List {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn value<T>(mut self, value: Option<T>, property: fn(T) -> Property<'static>) -> Self {
        self.0.extend(value.map(property));
        self
    }

    fn flag(self, value: Option<u8>, property: fn(bool) -> Property<'static>) -> Self {
        self.value(value.map(|value| value == 1), property)
    }

    fn text(self, value: Option<String>, property: fn(&'static str) -> Property<'static>) -> Self {
        self.value(value.map(text), property)
    }

    fn data(self, value: Option<Bytes>, property: fn(&'static [u8]) -> Property<'static>) -> Self {
        self.value(value.map(data), property)
    }

    fn user(mut self, pairs: Vec<(String, String)>) -> Self {
        self.0.extend(pairs.into_iter().map(|(name, value)| Property::UserProperty(text(name), text(value))));
        self
    }

    fn section(list: Option<Self>, on: On) -> Properties<'static> {
        properties(&list.map_or(Vec::new(), |list| list.0), on)
    }
}

fn subscribe(
    version: Version,
    pkid: u16,
    properties: Properties<'static>,
    filters: &mut dyn Iterator<Item = (String, u8)>,
) -> Packet<'static> {
    let mut payload = Vec::new();
    for (filter, options) in filters {
        payload.extend_from_slice(&(filter.len() as u16).to_be_bytes());
        payload.extend_from_slice(filter.as_bytes());
        payload.push(options);
    }
    let filters = Filters::decode(version, payload.leak()).unwrap();
    Packet::Client(FromClient::Subscribe(Subscribe { packet_id: id(pkid), properties, filters }))
}

fn unsubscribe(pkid: u16, properties: Properties<'static>, filters: Vec<String>) -> Packet<'static> {
    let mut payload = Vec::new();
    for filter in filters {
        payload.extend_from_slice(&(filter.len() as u16).to_be_bytes());
        payload.extend_from_slice(filter.as_bytes());
    }
    let filters = Names::decode(payload.leak()).unwrap();
    Packet::Client(FromClient::Unsubscribe(Unsubscribe { packet_id: id(pkid), properties, filters }))
}

/// Theirs do not tell an absent user name from an empty one.
fn user_name(login: &Option<(String, String)>) -> Option<&'static str> {
    login.as_ref().map(|(name, _)| text(name.clone())).filter(|name| !name.is_empty())
}

fn password(login: &Option<(String, String)>) -> Option<&'static [u8]> {
    login.as_ref().map(|(_, password)| text(password.clone()).as_bytes()).filter(|password| !password.is_empty())
}

fn id(pkid: u16) -> PacketId {
    PacketId::new(pkid).expect("a packet identifier that is not 0")
}

fn qos(qos: mqttbytes::QoS) -> QoS {
    match qos {
        mqttbytes::QoS::AtMostOnce => QoS::AtMostOnce,
        mqttbytes::QoS::AtLeastOnce => QoS::AtLeastOnce,
        mqttbytes::QoS::ExactlyOnce => QoS::ExactlyOnce,
    }
}

fn text(text: String) -> &'static str {
    text.leak()
}

fn data(data: Bytes) -> &'static [u8] {
    data.to_vec().leak()
}
