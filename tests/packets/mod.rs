//! Strategies for every legal packet, in both directions and all three versions, for property tests.
//!
//! What is legal is written down here once more, from the tables of the standard, and never taken from the codec that
//! is under test. Packets borrow, so that what they borrow from is leaked: a test process ends soon.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use wasmqtt::Error;
use wasmqtt::wire::*;

/// A packet of either direction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Packet<'a> {
    Server(FromServer<'a>),
    Client(FromClient<'a>),
}

impl Packet<'_> {
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Server(packet) => packet.encode(version, &mut out),
            Self::Client(packet) => packet.encode(version, &mut out),
        }
        .expect("a legal packet can be written");
        out
    }

    pub fn decode_alike<'a>(&self, version: Version, frame: Frame<'a>) -> Result<Packet<'a>, Error> {
        match self {
            Self::Server(_) => FromServer::decode(version, frame).map(Packet::Server),
            Self::Client(_) => FromClient::decode(version, frame).map(Packet::Client),
        }
    }
}

/// Cuts one whole packet into first byte and body.
pub fn frame(bytes: &[u8]) -> Frame<'_> {
    let header = Header::decode(bytes).unwrap().expect("a whole header");
    assert_eq!(header.packet_len(), bytes.len());
    Frame { first: header.first, body: &bytes[header.len..] }
}

pub fn packets() -> impl Strategy<Value = (Version, Packet<'static>)> {
    select(&[Version::V3_1, Version::V3_1_1, Version::V5][..]).prop_flat_map(|version| {
        let packet = prop_oneof![
            from_server(version).prop_map(Packet::Server).boxed(),
            from_client(version).prop_map(Packet::Client).boxed(),
        ];
        (Just(version), packet)
    })
}

fn from_server(version: Version) -> impl Strategy<Value = FromServer<'static>> {
    let conn_ack = (any::<bool>(), code(version, On::ConnAck), section(version, On::ConnAck)).prop_map(
        move |(present, reason, properties)| {
            let session_present = present && reason == 0 && version != Version::V3_1;
            FromServer::ConnAck(ConnAck { session_present, reason, properties })
        },
    );
    let sub_ack = (packet_id(), section(version, On::SubAck), vec(code(version, On::SubAck), 1..5)).prop_map(
        |(packet_id, properties, codes)| FromServer::SubAck(SubAck { packet_id, properties, codes: codes.leak() }),
    );
    let codes = if version == Version::V5 { 1..5 } else { 0..1 };
    let unsub_ack = (packet_id(), section(version, On::UnsubAck), vec(code(version, On::UnsubAck), codes)).prop_map(
        |(packet_id, properties, codes)| FromServer::UnsubAck(UnsubAck { packet_id, properties, codes: codes.leak() }),
    );
    let mut all = vec![
        conn_ack.boxed(),
        publish(version, true).prop_map(FromServer::Publish).boxed(),
        ack(version).prop_map(FromServer::Ack).boxed(),
        sub_ack.boxed(),
        unsub_ack.boxed(),
        Just(FromServer::PingResp).boxed(),
        disconnect(version, On::DisconnectByServer).prop_map(FromServer::Disconnect).boxed(),
    ];
    if version == Version::V5 {
        all.push(auth(&[0x00, 0x18]).prop_map(FromServer::Auth).boxed());
    }
    prop::strategy::Union::new(all)
}

fn from_client(version: Version) -> impl Strategy<Value = FromClient<'static>> {
    let subscribe =
        (packet_id(), section(version, On::Subscribe), vec((filter(), any::<u8>()), 1..4)).prop_map(move |it| {
            let (packet_id, properties, filters) = it;
            let mut payload = Vec::new();
            for (filter, bits) in filters {
                let qos = bits % 3;
                let no_local = if filter.starts_with("$share/") { 0 } else { bits & 4 };
                let handling = [0x00, 0x10, 0x20][usize::from(bits >> 6) % 3];
                put(&mut payload, &filter);
                payload.push(if version == Version::V5 { qos | no_local | bits & 8 | handling } else { qos });
            }
            let filters = Filters::decode(version, payload.leak()).unwrap();
            FromClient::Subscribe(Subscribe { packet_id, properties, filters })
        });
    let unsubscribe = (packet_id(), section(version, On::Unsubscribe), vec(filter(), 1..4)).prop_map(|it| {
        let (packet_id, properties, filters) = it;
        let mut payload = Vec::new();
        filters.iter().for_each(|filter| put(&mut payload, filter));
        let filters = Names::decode(payload.leak()).unwrap();
        FromClient::Unsubscribe(Unsubscribe { packet_id, properties, filters })
    });
    let mut all = vec![
        connect(version).prop_map(FromClient::Connect).boxed(),
        publish(version, false).prop_map(FromClient::Publish).boxed(),
        ack(version).prop_map(FromClient::Ack).boxed(),
        subscribe.boxed(),
        unsubscribe.boxed(),
        Just(FromClient::PingReq).boxed(),
        disconnect(version, On::Disconnect).prop_map(FromClient::Disconnect).boxed(),
    ];
    if version == Version::V5 {
        all.push(auth(&[0x18, 0x19]).prop_map(FromClient::Auth).boxed());
    }
    prop::strategy::Union::new(all)
}

fn connect(version: Version) -> impl Strategy<Value = Connect<'static>> {
    let will = (topic(), binary(), qos(), any::<bool>(), section(version, On::Will))
        .prop_map(|(topic, payload, qos, retain, properties)| Will { topic, payload, qos, retain, properties });
    let login = (option::of(text()), option::of(binary()));
    let rest = (any::<bool>(), any::<u16>(), text(), section(version, On::Connect));
    (option::of(will), login, rest).prop_map(move |(will, (user_name, password), rest)| {
        let (clean_start, keep_alive, client_id, properties) = rest;
        let password = password.filter(|_| user_name.is_some() || version == Version::V5);
        Connect { version, clean_start, keep_alive, client_id, will, user_name, password, properties }
    })
}

fn publish(version: Version, by_server: bool) -> impl Strategy<Value = Publish<'static>> {
    let identifiers = vec(1..=268_435_455_u32, 0..if by_server && version == Version::V5 { 4 } else { 1 });
    let flags = (any::<bool>(), qos(), any::<bool>(), any::<bool>(), packet_id());
    (flags, topic(), list(version, On::Publish), identifiers, binary()).prop_map(
        move |((dup, qos, retain, by_alias, id), topic, mut list, identifiers, payload)| {
            list.extend(identifiers.into_iter().map(Property::SubscriptionIdentifier));
            let aliased = list.iter().any(|property| matches!(property, Property::TopicAlias(_)));
            let once = qos == QoS::AtMostOnce;
            Publish {
                dup: dup && !once,
                qos,
                retain,
                packet_id: (!once).then_some(id),
                topic: if aliased && by_alias { "" } else { topic },
                properties: properties(&list, On::Publish),
                payload,
            }
        },
    )
}

fn ack(version: Version) -> impl Strategy<Value = Ack<'static>> {
    const KINDS: &[(AckKind, On)] = &[
        (AckKind::PubAck, On::PubAck),
        (AckKind::PubRec, On::PubRec),
        (AckKind::PubRel, On::PubRel),
        (AckKind::PubComp, On::PubComp),
    ];
    select(KINDS).prop_flat_map(move |(kind, on)| {
        (packet_id(), code(version, on), section(version, on)).prop_map(move |(packet_id, reason, properties)| Ack {
            kind,
            packet_id,
            reason,
            properties,
        })
    })
}

fn disconnect(version: Version, on: On) -> impl Strategy<Value = Disconnect<'static>> {
    (code(version, on), section(version, on)).prop_map(|(reason, properties)| Disconnect { reason, properties })
}

fn auth(codes: &'static [u8]) -> impl Strategy<Value = Auth<'static>> {
    (select(codes), section(Version::V5, On::Auth)).prop_map(|(reason, properties)| Auth { reason, properties })
}

/// The reason codes of the standard's tables: 3-1 of MQTT 3.1.1; 3-1, 3-4 to 3-10 and 2-6 of MQTT 5.
fn code(version: Version, on: On) -> impl Strategy<Value = u8> {
    const PUBLISHED: &[u8] = &[0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
    let codes: &[u8] = match (version == Version::V5, on) {
        (false, On::ConnAck) => &[0, 1, 2, 3, 4, 5],
        (false, On::SubAck) => &[0, 1, 2, 0x80],
        (false, _) => &[0],
        (true, On::ConnAck) => &[
            0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A,
            0x9B, 0x9C, 0x9D, 0x9F,
        ],
        (true, On::PubAck | On::PubRec) => PUBLISHED,
        (true, On::PubRel | On::PubComp) => &[0, 0x92],
        (true, On::SubAck) => &[0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2],
        (true, On::UnsubAck) => &[0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91],
        (true, On::Disconnect) => &[0, 4, 0x80, 0x81, 0x82, 0x83, 0x8C, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99],
        (true, On::DisconnectByServer) => &[
            0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
            0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
        ],
        _ => unreachable!("{on:?} has no reason code"),
    };
    select(codes)
}

/// Properties that stand together or not at all.
type Group = BoxedStrategy<Vec<Property<'static>>>;

fn one<T: Debug + 'static>(values: impl Strategy<Value = T> + 'static, property: fn(T) -> Property<'static>) -> Group {
    values.prop_map(move |value| vec![property(value)]).boxed()
}

/// Table 2-4: what may stand on a packet, user properties and the subscription identifiers of a PUBLISH apart.
fn groups(on: On) -> Vec<Group> {
    let content = || {
        vec![
            one(0..=1_u8, Property::PayloadFormatIndicator),
            one(any::<u32>(), Property::MessageExpiryInterval),
            one(text(), Property::ContentType),
            one(topic(), Property::ResponseTopic),
            one(binary(), Property::CorrelationData),
        ]
    };
    // Data without a method is a protocol error (section 3.1.2.11.10).
    let authentication = || {
        (text(), option::of(binary()))
            .prop_map(|(method, data)| {
                let data = data.map(Property::AuthenticationData);
                [Property::AuthenticationMethod(method)].into_iter().chain(data).collect()
            })
            .boxed()
    };
    let reason_string = || one(text(), Property::ReasonString);
    let limits = || {
        vec![
            one(any::<u32>(), Property::SessionExpiryInterval),
            one(1..=u16::MAX, Property::ReceiveMaximum),
            one(1..=u32::MAX, Property::MaximumPacketSize),
            one(any::<u16>(), Property::TopicAliasMaximum),
            authentication(),
        ]
    };
    let and = |mut some: Vec<Group>, more: Vec<Group>| {
        some.extend(more);
        some
    };
    match on {
        On::Connect => and(
            limits(),
            vec![
                one(any::<bool>(), Property::RequestProblemInformation),
                one(any::<bool>(), Property::RequestResponseInformation),
            ],
        ),
        On::Will => and(content(), vec![one(any::<u32>(), Property::WillDelayInterval)]),
        On::ConnAck => and(
            limits(),
            vec![
                one(text(), Property::AssignedClientIdentifier),
                one(any::<u16>(), Property::ServerKeepAlive),
                one(text(), Property::ResponseInformation),
                one(text(), Property::ServerReference),
                reason_string(),
                one(0..=1_u8, Property::MaximumQoS),
                one(any::<bool>(), Property::RetainAvailable),
                one(any::<bool>(), Property::WildcardSubscriptionAvailable),
                one(any::<bool>(), Property::SubscriptionIdentifierAvailable),
                one(any::<bool>(), Property::SharedSubscriptionAvailable),
            ],
        ),
        On::Publish => and(content(), vec![one(1..=u16::MAX, Property::TopicAlias)]),
        On::Subscribe => vec![one(1..=268_435_455_u32, Property::SubscriptionIdentifier)],
        On::Unsubscribe => vec![],
        On::Disconnect => vec![one(any::<u32>(), Property::SessionExpiryInterval), reason_string()],
        On::DisconnectByServer => vec![one(text(), Property::ServerReference), reason_string()],
        On::Auth => vec![authentication(), reason_string()],
        On::PubAck | On::PubRec | On::PubRel | On::PubComp | On::SubAck | On::UnsubAck => vec![reason_string()],
    }
}

/// Any of them, and user properties, in any order.
fn list(version: Version, on: On) -> BoxedStrategy<Vec<Property<'static>>> {
    if version != Version::V5 {
        return Just(Vec::new()).boxed();
    }
    let some: Vec<_> = groups(on).into_iter().map(option::of).collect();
    let user = vec((text(), text()).prop_map(|(name, value)| Property::UserProperty(name, value)), 0..3);
    (some, user)
        .prop_map(|(some, user)| some.into_iter().flatten().flatten().chain(user).collect::<Vec<_>>())
        .prop_shuffle()
        .boxed()
}

fn section(version: Version, on: On) -> impl Strategy<Value = Properties<'static>> {
    list(version, on).prop_map(move |list| properties(&list, on))
}

/// The section that these properties make.
pub fn properties(list: &[Property<'_>], on: On) -> Properties<'static> {
    let mut section = PropertiesBuf::new();
    list.iter().for_each(|&property| section.push(property).unwrap());
    let section: &'static PropertiesBuf = Box::leak(Box::new(section));
    section.as_properties(on).expect("legal properties")
}

fn packet_id() -> impl Strategy<Value = PacketId> {
    (1..=u16::MAX).prop_map(|id| PacketId::new(id).unwrap())
}

fn qos() -> impl Strategy<Value = QoS> {
    select(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][..])
}

fn binary() -> impl Strategy<Value = &'static [u8]> {
    vec(any::<u8>(), 0..20).prop_map(|bytes| &*bytes.leak())
}

/// Every character but U+0000 [MQTT-1.5.4-2].
fn characters(len: std::ops::Range<usize>, forbidden: &'static [char]) -> impl Strategy<Value = String> {
    let legal = move |c| if c == '\0' || forbidden.contains(&c) { '/' } else { c };
    vec(any::<char>().prop_map(legal), len).prop_map(|characters| characters.into_iter().collect())
}

fn text() -> impl Strategy<Value = &'static str> {
    characters(0..12, &[]).prop_map(|text| &*text.leak())
}

fn topic() -> impl Strategy<Value = &'static str> {
    characters(1..12, &['+', '#']).prop_map(|text| &*text.leak())
}

fn filter() -> impl Strategy<Value = String> {
    let level = prop_oneof![Just("+".to_owned()), characters(1..6, &['+', '#', '$'])];
    let prefix = select(&["", "", "", "$share/group/", "$SYS/"][..]);
    (prefix, vec(level, 1..4), any::<bool>()).prop_map(|(prefix, levels, all)| {
        let end = if all { "/#" } else { "" };
        format!("{prefix}{}{end}", levels.join("/"))
    })
}

fn put(payload: &mut Vec<u8>, text: &str) {
    payload.extend_from_slice(&(text.len() as u16).to_be_bytes());
    payload.extend_from_slice(text.as_bytes());
}
