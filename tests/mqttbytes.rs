//! Our codec held against another one, `mqttbytes` 0.6: what one writes, the other reads to the same values.
//!
//! It has defects, which is why it is the oracle and not the codec. Each one that the comparison has to step around
//! has a test of its own here that shows it, so that the list is never longer than it must be.
#![cfg(not(target_arch = "wasm32"))]

mod oracle;
mod packets;

use bytes::BytesMut;
use mqttbytes::{Error as TheirError, v4, v5};
use oracle::Theirs;
use packets::{Packet, frame, packets};
use proptest::prelude::*;
use proptest::test_runner::Config;
use wasmqtt::wire::*;
use wasmqtt::{Error, topic};

const V4: Version = Version::V3_1_1;
const V5: Version = Version::V5;

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn both_codecs_read_the_same_values_from_what_either_writes((version, packet) in packets()) {
        prop_assume!(!is_beyond_them(version, &packet));
        let by_server = matches!(packet, Packet::Server(_));
        let theirs = Theirs::read(version, &packet.encode(version)).unwrap();
        let written = theirs.write();
        prop_assert_eq!(sorted(theirs.ours(by_server)), sorted(packet));
        if !is_unwritable_for_them(version, &packet) {
            let read = packet.decode_alike(version, frame(&written));
            prop_assert_eq!(read.map(sorted), Ok(sorted(packet)));
        }
    }
}

/// They cannot read these; a test below shows each.
fn is_beyond_them(version: Version, packet: &Packet<'_>) -> bool {
    match packet {
        Packet::Server(FromServer::Auth(_)) | Packet::Client(FromClient::Auth(_)) => true,
        Packet::Server(FromServer::Disconnect(it)) | Packet::Client(FromClient::Disconnect(it)) => {
            version == V5 && (it.properties.is_empty() || it.reason == 0x8C)
        }
        Packet::Server(FromServer::Publish(it)) => {
            it.properties.iter().filter(|property| matches!(property, Property::SubscriptionIdentifier(_))).count() > 1
        }
        Packet::Client(FromClient::Connect(it)) => {
            let binary = |password| std::str::from_utf8(password).is_err() || password.is_empty();
            version == Version::V3_1 || it.user_name == Some("") || it.password.is_some_and(binary)
        }
        _ => false,
    }
}

/// They cannot write this one.
fn is_unwritable_for_them(version: Version, packet: &Packet<'_>) -> bool {
    matches!(packet, Packet::Server(FromServer::ConnAck(it)) if version == V5 && it.properties.is_empty())
}

/// Their properties have no order among different ones.
fn sorted(mut packet: Packet<'_>) -> Packet<'_> {
    use {FromClient as C, FromServer as S, Packet::Client, Packet::Server};
    let (section, on) = match &mut packet {
        Server(S::ConnAck(it)) => (&mut it.properties, On::ConnAck),
        Server(S::Publish(it)) | Client(C::Publish(it)) => (&mut it.properties, On::Publish),
        // The four may carry the same.
        Server(S::Ack(it)) | Client(C::Ack(it)) => (&mut it.properties, On::PubAck),
        Server(S::SubAck(it)) => (&mut it.properties, On::SubAck),
        Server(S::UnsubAck(it)) => (&mut it.properties, On::UnsubAck),
        Server(S::Disconnect(it)) => (&mut it.properties, On::DisconnectByServer),
        Client(C::Disconnect(it)) => (&mut it.properties, On::Disconnect),
        Server(S::Auth(it)) | Client(C::Auth(it)) => (&mut it.properties, On::Auth),
        Client(C::Subscribe(it)) => (&mut it.properties, On::Subscribe),
        Client(C::Unsubscribe(it)) => (&mut it.properties, On::Unsubscribe),
        Client(C::Connect(it)) => {
            if let Some(will) = &mut it.will {
                will.properties = sorted_section(will.properties, On::Will);
            }
            (&mut it.properties, On::Connect)
        }
        Server(S::PingResp) | Client(C::PingReq) => return packet,
    };
    *section = sorted_section(*section, on);
    packet
}

fn sorted_section(section: Properties<'_>, on: On) -> Properties<'static> {
    let mut list: Vec<_> = section.iter().collect();
    list.sort_by_key(|property| format!("{property:?}").split('(').next().map(str::to_owned));
    packets::properties(&list, on)
}

// Their defects. Each test shows what they do, and what we do.

fn theirs(version: Version, bytes: &[u8]) -> Result<Theirs, TheirError> {
    Theirs::read(version, bytes)
}

fn from_server(version: Version, bytes: &[u8]) -> Result<FromServer<'_>, Error> {
    FromServer::decode(version, frame(bytes))
}

fn from_client(version: Version, bytes: &[u8]) -> Result<FromClient<'_>, Error> {
    FromClient::decode(version, frame(bytes))
}

fn their_publish(bytes: &[u8]) -> v5::Publish {
    match v5::read(&mut BytesMut::from(bytes), usize::MAX) {
        Ok(v5::Packet::Publish(publish)) => publish,
        other => panic!("{other:?}"),
    }
}

#[test]
fn several_subscription_identifiers_push_properties_into_the_payload() {
    let three = b"\x30\x0b\0\x01a\x06\x0b\x01\x0b\x02\x0b\x03P";
    assert_eq!(their_publish(three).payload, &b"\x0b\x03P"[..]);
    let and_format = b"\x30\x0b\0\x01a\x06\x0b\x01\x0b\x02\x01\x01P";
    assert_eq!(their_publish(and_format).payload, &b"\x01\x01P"[..]);
    for bytes in [three, and_format] {
        let Ok(FromServer::Publish(publish)) = from_server(V5, bytes) else { panic!() };
        assert_eq!((publish.payload, publish.properties.iter().count()), (&b"P"[..], 3));
    }
}

#[test]
fn a_disconnect_without_properties_cannot_be_read() {
    assert_eq!(theirs(V5, b"\xe0\x01\x8e").unwrap_err(), TheirError::InsufficientBytes(1));
    assert_eq!(theirs(V5, b"\xe0\x00").unwrap_err(), TheirError::PayloadRequired);
    for (bytes, reason) in [(&b"\xe0\x01\x8e"[..], 0x8E), (b"\xe0\x00", 0)] {
        let disconnect = Disconnect { reason, properties: Properties::EMPTY };
        assert_eq!(from_server(V5, bytes), Ok(FromServer::Disconnect(disconnect)));
    }
}

#[test]
fn a_disconnect_for_a_bad_authentication_method_is_refused() {
    let bytes = b"\xe0\x02\x8c\x00";
    assert_eq!(theirs(V5, bytes).unwrap_err(), TheirError::InvalidConnectReturnCode(0x8C));
    assert!(from_server(V5, bytes).is_ok());
}

#[test]
fn there_is_no_auth() {
    for bytes in [&b"\xf0\x08\x18\x06\x15\0\x03abc"[..], b"\xf0\x00"] {
        assert_eq!(theirs(V5, bytes).unwrap_err(), TheirError::InvalidPacketType(15));
        assert!(matches!(from_server(V5, bytes), Ok(FromServer::Auth(_))));
    }
}

#[test]
fn there_is_no_mqtt_3_1() {
    let bytes = b"\x10\x0f\0\x06MQIsdp\x03\x02\0\x3c\0\x01c";
    assert_eq!(theirs(Version::V3_1, bytes).unwrap_err(), TheirError::InvalidProtocol);
    assert!(from_client(Version::V3_1, bytes).is_ok());
}

#[test]
fn a_password_must_be_text() {
    let bytes = b"\x10\x13\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\x01u\0\x01\xff";
    assert_eq!(theirs(V4, bytes).unwrap_err(), TheirError::TopicNotUtf8);
    let Ok(FromClient::Connect(connect)) = from_client(V4, bytes) else { panic!() };
    assert_eq!(connect.password, Some(&[0xFF][..]));
}

#[test]
fn an_empty_user_name_is_taken_for_none() {
    let bytes = b"\x10\x12\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\0\0\x01p";
    let Ok(Theirs::V4(v4::Packet::Connect(connect))) = theirs(V4, bytes) else { panic!() };
    let mut written = BytesMut::new();
    connect.write(&mut written).unwrap();
    assert_eq!(from_client(V4, &written), Err(Error::BadFlags), "a password without a user name");
    let Ok(FromClient::Connect(connect)) = from_client(V4, bytes) else { panic!() };
    assert_eq!(connect.user_name, Some(""));
}

#[test]
fn a_conn_ack_without_properties_is_written_without_their_length() {
    let mut written = BytesMut::new();
    v5::ConnAck::new(v5::ConnectReturnCode::Success, false).write(&mut written).unwrap();
    assert_eq!(written, &b"\x20\x02\0\0"[..]);
    assert_eq!(from_server(V5, &written), Err(Error::TooShort));
    assert_eq!(theirs(V5, &written).unwrap_err(), TheirError::InsufficientBytes(1), "nor can they read it");
}

// Defects that the comparison does not meet, because it asks for nothing of the kind.

#[test]
fn more_is_asked_for_when_a_whole_packet_is_used_up() {
    let mut stream = BytesMut::from(&b"\x30\x03\0\x01a"[..]);
    assert_eq!(v5::read(&mut stream, 100).unwrap_err(), TheirError::InsufficientBytes(1));
    assert!(stream.is_empty(), "and the next packet will be taken for the rest");
    assert_eq!(from_server(V5, b"\x30\x03\0\x01a"), Err(Error::TooShort));
}

#[test]
fn a_disconnect_loses_its_reason() {
    let disconnect = v5::Disconnect {
        reason_code: v5::DisconnectReasonCode::DisconnectWithWillMessage,
        properties: Some(v5::DisconnectProperties::new()),
    };
    let mut written = BytesMut::new();
    disconnect.write(&mut written).unwrap();
    assert_eq!(written, &b"\xe0\x00"[..], "and so the will is not published");
}

#[test]
fn a_connect_spoils_what_stands_before_it() {
    let mut connect = v4::Connect::new("c");
    connect.set_login("u", "p");
    let mut out = BytesMut::from(&[0; 20][..]);
    connect.write(&mut out).unwrap();
    assert_eq!(out[9], 0xC2, "the flags, in what is not theirs");
    assert_eq!(out[20 + 9], 0x02, "where they belong: no user name, no password");
}

#[test]
fn a_long_string_is_written_with_a_short_length() {
    let mut out = BytesMut::new();
    v4::Publish::new("x".repeat(65_537), mqttbytes::QoS::AtMostOnce, "").write(&mut out).unwrap();
    assert_eq!(out[4..6], [0, 1]);
    let publish = Publish {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        packet_id: None,
        topic: &"x".repeat(65_537),
        properties: Properties::EMPTY,
        payload: &[],
    };
    assert_eq!(publish.encode(V4, &mut Vec::new()), Err(Error::TopicName));
}

#[test]
fn a_write_that_fails_leaves_something_behind() {
    let mut out = BytesMut::new();
    let publish = v4::Publish { pkid: 0, ..v4::Publish::new("t", mqttbytes::QoS::AtLeastOnce, "") };
    assert_eq!(publish.write(&mut out).unwrap_err(), TheirError::PacketIdZero);
    assert_eq!(out, &b"\x32\x03\0\x01t"[..]);
}

#[test]
fn the_maximum_is_not_that_of_the_whole_packet() {
    let bytes = b"\x30\x03\0\x01a";
    assert!(v4::read(&mut BytesMut::from(&bytes[..]), 3).is_ok());
    assert_eq!(Assembler::new(4).next(&mut &bytes[..]), Err(Error::InboundTooLarge));
}

#[test]
fn topics_are_matched_and_checked_wrongly() {
    assert!(std::panic::catch_unwind(|| mqttbytes::matches("é/x", "#")).is_err());
    assert!(topic::matches("#", "é/x"));
    assert!(!mqttbytes::matches("$SYS/a", "$SYS/#"));
    assert!(topic::matches("$SYS/#", "$SYS/a"));
    for filter in ["a+", "a/b+/c", "a\0", "$share//a"] {
        assert!(mqttbytes::valid_filter(filter) && !topic::is_filter(filter), "{filter}");
    }
    for name in ["", "a\0"] {
        assert!(mqttbytes::valid_topic(name) && !topic::is_name(name), "{name}");
    }
}

#[test]
fn what_the_standard_forbids_is_read_all_the_same() {
    let server: &[(Version, &[u8], Error)] = &[
        (V4, b"\x4f\x02\0\x01", Error::BadFlags),
        (V4, b"\x60\x02\0\x01", Error::BadFlags),
        (V4, b"\x2f\x02\0\0", Error::BadFlags),
        (V5, b"\x91\x04\0\x01\0\0", Error::BadFlags),
        (V4, b"\xd5\x00", Error::BadFlags),
        (V4, b"\x38\x03\0\x01a", Error::BadQos),
        (V4, b"\x30\x02\0\0", Error::BadTopicName),
        (V5, b"\x30\x03\0\0\0", Error::BadTopicName),
        (V4, b"\x30\x05\0\x03a/+", Error::BadTopicName),
        (V4, b"\x30\x05\0\x03a\0b", Error::BadUtf8),
        (V5, b"\x30\x08\0\x01a\x04\x08\0\x01#", Error::PropertyRange),
        (V5, b"\x30\x07\0\x01a\x03\x23\0\0", Error::BadTopicAlias),
        (V5, b"\x30\x06\0\x01a\x02\x0b\0", Error::PropertyRange),
        (V5, b"\x30\x06\0\x01a\x02\x01\x02", Error::PropertyRange),
        (V5, b"\x30\x0b\0\x01a\x01\x26\0\x01k\0\x01v", Error::TooShort),
        (V5, b"\x30\x08\0\x01a\x04\x01\0\x01\0", Error::RepeatedProperty),
        (V4, b"\x40\x02\0\0", Error::ZeroPacketId),
        (V5, b"\x50\x02\0\0", Error::ZeroPacketId),
        (V4, b"\x90\x03\0\0\0", Error::ZeroPacketId),
        (V4, b"\xb0\x02\0\0", Error::ZeroPacketId),
        (V4, b"\x40\x03\0\x01\0", Error::TrailingBytes),
        (V5, b"\x40\x05\0\x01\0\0\x09", Error::TrailingBytes),
        (V4, b"\x20\x03\0\0\0", Error::TrailingBytes),
        (V4, b"\xd0\x01\0", Error::TrailingBytes),
        (V4, b"\x20\x02\x02\0", Error::BadFlags),
        (V4, b"\x20\x02\x01\x05", Error::SessionPresentWrong),
        (V5, b"\x20\x06\0\0\x03\x21\0\0", Error::PropertyRange),
        (V5, b"\x20\x05\0\0\x02\x24\x02", Error::PropertyRange),
        (V5, b"\x20\x08\0\0\x05\x27\0\0\0\0", Error::PropertyRange),
        (V5, b"\x20\x05\0\0\x02\x25\x09", Error::PropertyRange),
        (V5, b"\x20\x07\0\0\x04\x16\0\x01d", Error::PropertyRange),
        (V5, b"\xe0\x07\x8e\x05\x11\0\0\0\x09", Error::MisplacedProperty),
        (V5, b"\xe0\x02\x04\0", Error::BadReasonCode),
    ];
    for &(version, bytes, error) in server {
        assert!(theirs(version, bytes).is_ok(), "{bytes:x?}");
        assert_eq!(from_server(version, bytes), Err(error), "{bytes:x?}");
    }
    let client: &[(Version, &[u8], Error)] = &[
        (V4, b"\x80\x06\0\x01\0\x01a\0", Error::BadFlags),
        (V4, b"\x82\x06\0\0\0\x01a\0", Error::ZeroPacketId),
        (V4, b"\x82\x06\0\x01\0\x01a\x04", Error::NeedsVersion5),
        (V5, b"\x82\x07\0\x01\0\0\x01a\x40", Error::SubscribeOptions),
        (V5, b"\x82\x03\0\x01\0", Error::NoFilters),
        (V4, b"\x82\x07\0\x01\0\x02a+\0", Error::TopicFilter),
        (V4, b"\x10\x0d\0\x04MQTT\x04\x03\0\x3c\0\x01c", Error::BadFlags),
        (V4, b"\x10\x12\0\x04MQTT\x04\x06\0\x3c\0\x01c\0\x01#\0\0", Error::BadTopicName),
        (V4, b"\xe0\x01\0", Error::TrailingBytes),
    ];
    for &(version, bytes, error) in client {
        assert!(theirs(version, bytes).is_ok(), "{bytes:x?}");
        assert_eq!(from_client(version, bytes), Err(error), "{bytes:x?}");
    }
    let padded = b"\x40\x82\0\0\x01";
    assert!(theirs(V5, padded).is_ok());
    assert_eq!(Header::decode(padded), Err(Error::BadRemainingLength));
}
