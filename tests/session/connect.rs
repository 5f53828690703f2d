//! CONNECT as the application asked for it, CONNACK as it is told, DISCONNECT in both directions.

use wasmqtt::Error;
use wasmqtt::session::{LastWill, Options};
use wasmqtt::wire::{QoS, Version};

use crate::client::{Client, Told};
use crate::script::*;

fn everything(version: Version) -> Options {
    let v5 = version == Version::V5;
    let properties = |bytes: &[u8]| if v5 { bytes.to_vec() } else { Vec::new() };
    Options {
        versions: vec![version],
        client_id: "me".into(),
        clean_start: false,
        keep_alive: 258,
        user_name: Some(String::new()),
        password: Some(vec![0, 0xFF, 0xC0]),
        will: Some(LastWill {
            topic: "gone".into(),
            payload: vec![0, 1],
            qos: QoS::ExactlyOnce,
            retain: true,
            properties: properties(b"\x18\0\0\0\x05"),
        }),
        properties: properties(b"\x11\0\0\0\x09\x26\0\x01k\0\x01v"),
        ..Options::default()
    }
}

fn connect_packet(options: Options) -> Vec<u8> {
    let mut client = Client::new();
    client.connect(options).unwrap();
    client.open();
    assert_eq!(client.sent.len(), 1);
    client.sent[0].clone()
}

#[test]
fn connect_says_everything_in_each_version() {
    let rest = b"\0\x04gone\0\x02\0\x01\0\0\0\x03\0\xff\xc0";
    for (version, head) in [
        (Version::V3_1, &b"\x10\x21\0\x06MQIsdp\x03\xf4\x01\x02\0\x02me"[..]),
        (Version::V3_1_1, b"\x10\x1f\0\x04MQTT\x04\xf4\x01\x02\0\x02me"),
        (
            Version::V5,
            b"\x10\x32\0\x04MQTT\x05\xf4\x01\x02\x0c\x11\0\0\0\x09\x26\0\x01k\0\x01v\0\x02me\x05\x18\0\0\0\x05",
        ),
    ] {
        assert_eq!(connect_packet(everything(version)), [head, rest].concat(), "{version:?}");
    }
}

#[test]
fn what_is_absent_is_not_sent() {
    assert_eq!(connect_packet(options(Version::V3_1_1)), b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c");
    let password_alone = Options { password: Some(vec![7]), ..options(Version::V5) };
    assert_eq!(connect_packet(password_alone), b"\x10\x11\0\x04MQTT\x05\x42\0\x3c\0\0\x01c\0\x01\x07");
}

#[test]
fn options_that_no_connect_can_say_are_refused_at_once() {
    let will = |topic: &str, payload: usize| {
        let topic = topic.into();
        Some(LastWill { topic, payload: vec![0; payload], qos: QoS::AtMostOnce, retain: false, properties: vec![] })
    };
    for (options, error) in [
        (Options { password: Some(vec![]), ..options(Version::V3_1_1) }, Error::PasswordWithoutUserName),
        (Options { will: will("w", 65_536), ..options(Version::V5) }, Error::StringTooLong),
        (Options { will: will("w/#", 0), ..options(Version::V5) }, Error::TopicName),
        (Options { client_id: String::new(), ..kept(Version::V3_1_1) }, Error::ClientIdNeeded),
        (Options { client_id: String::new(), ..kept(Version::V3_1) }, Error::ClientIdNeeded),
        (Options { properties: vec![0x11, 0, 0, 0, 1], ..options(Version::V3_1_1) }, Error::NeedsVersion5),
        (Options { properties: vec![0x23, 0, 1], ..options(Version::V5) }, Error::Property),
        (Options { versions: vec![], ..options(Version::V5) }, Error::NeedsVersion5),
    ] {
        let mut client = Client::new();
        assert_eq!(client.connect(options), Err(error));
        assert!(client.told.is_empty() && client.sent.is_empty());
        assert_eq!(client.session.poll_timeout(), None);
    }
}

#[test]
fn conn_ack_is_told_with_the_session_and_the_properties() {
    let mut it = Script::handshake(kept(Version::V5));
    it.input(b"\x20\x09\x01\0\x06\x1f\0\x03hey");
    it.tells(Told::Connected {
        host: 0,
        version: Version::V5,
        session_present: true,
        reconnected: false,
        properties: b"\x1f\0\x03hey".to_vec(),
    });
    let mut it = Script::handshake(options(Version::V3_1_1));
    it.input(CONN_ACK_4);
    it.tells(plainly_connected(Version::V3_1_1));
}

#[test]
fn an_assigned_client_identifier_is_used_on_the_next_connect() {
    let nameless = Options { client_id: String::new(), ..kept(Version::V5) };
    let mut it = Script::connected(nameless.clone(), &conn_ack_5(b"\x12\0\x03abc"));
    it.close(Error::SocketClosed);
    it.lost(Error::SocketClosed, 0);
    it.connect(nameless).unwrap();
    it.tells(Told::Open { host: 0, version: Version::V5 });
    it.open();
    it.sends(b"\x10\x10\0\x04MQTT\x05\0\0\x3c\0\0\x03abc");
}

#[test]
fn an_identifier_of_ones_own_goes_before_an_assigned_one() {
    let nameless = Options { client_id: String::new(), ..options(Version::V5) };
    let mut it = Script::connected(nameless, &conn_ack_5(b"\x12\0\x03abc"));
    it.close(Error::SocketClosed);
    it.lost(Error::SocketClosed, 0);
    it.connect(options(Version::V5)).unwrap();
    it.tells(Told::Open { host: 0, version: Version::V5 });
    it.open();
    it.sends(b"\x10\x0e\0\x04MQTT\x05\x02\0\x3c\0\0\x01c");
}

#[test]
fn commands_wait_for_conn_ack() {
    let mut it = Script::handshake(options(Version::V5));
    assert_eq!(it.publish("t", b"", QoS::AtMostOnce), Err(Error::NotConnected));
    assert_eq!(it.subscribe(b"\0\x01t\0", b""), Err(Error::NotConnected));
    assert_eq!(it.unsubscribe(b"\0\x01t", b""), Err(Error::NotConnected));
    assert_eq!(it.connect(options(Version::V5)), Err(Error::AlreadyConnected));
    it.input(CONN_ACK_5);
    it.next_event();
    assert_eq!(it.connect(options(Version::V5)), Err(Error::AlreadyConnected));
}

#[test]
fn disconnect_ends_the_connection_without_an_error() {
    let mut it = Script::v4();
    it.disconnect(0, b"").unwrap();
    it.sends(b"\xe0\0");
    it.tells(Told::Lost { error: None, reason: 0, properties: vec![], reconnecting: false });
    it.tells(Told::Close);
    assert_eq!(it.disconnect(0, b""), Err(Error::NotConnected));
    // The socket closes as it was told to.
    it.close(Error::SocketClosed);
}

#[test]
fn disconnect_with_reason_4_asks_for_the_will_and_properties_go_with_it() {
    let mut it = Script::connected(everything(Version::V5), CONN_ACK_5);
    it.disconnect(4, b"\x11\0\0\0\x01\x1f\0\x03bye").unwrap();
    it.sends(b"\xe0\x0d\x04\x0b\x11\0\0\0\x01\x1f\0\x03bye");
    it.tells(Told::Lost { error: None, reason: 4, properties: vec![], reconnecting: false });
    it.tells(Told::Close);
}

#[test]
fn a_disconnect_that_the_standard_forbids_is_refused_and_the_connection_stays() {
    let mut it = Script::v5();
    assert_eq!(it.disconnect(0x8E, b""), Err(Error::ReasonCode), "servers only");
    assert_eq!(it.disconnect(1, b""), Err(Error::ReasonCode));
    assert_eq!(it.disconnect(0, b"\x21\0\x01"), Err(Error::Property));
    assert_eq!(it.disconnect(0, b"\x11\0\0\0\x01"), Err(Error::Property), "CONNECT asked for no expiry interval");
    assert!(it.session.is_connected());
    let mut it = Script::v4();
    assert_eq!(it.disconnect(4, b""), Err(Error::NeedsVersion5));
    assert_eq!(it.disconnect(0, b"\x1f\0\0"), Err(Error::NeedsVersion5));
    assert!(it.session.is_connected());
}

#[test]
fn disconnect_before_conn_ack_gives_the_attempt_up() {
    let mut it = Script::handshake(Options { hosts: 3, ..options(Version::V5) });
    it.disconnect(0, b"").unwrap();
    it.tells(Told::Failed { error: None, reason: 0, properties: vec![] });
    it.tells(Told::Close);
    assert_eq!(it.due(), None);
}

#[test]
fn a_server_says_why_it_ends_the_connection_and_where_to_go() {
    let mut it = Script::v5();
    it.input(b"\xe0\x07\x9d\x05\x1c\0\x02ab");
    let properties = b"\x1c\0\x02ab".to_vec();
    it.tells(Told::Lost { error: Some(Error::ServerDisconnected), reason: 0x9D, properties, reconnecting: false });
    it.tells(Told::Close);
}

#[test]
fn a_disconnect_to_a_3_1_1_client_is_taken_as_one() {
    let mut it = Script::v4();
    it.input(b"\xe0\0");
    it.lost(Error::ServerDisconnected, 0);
}

#[test]
fn what_waits_when_the_socket_closes_is_not_sent_any_more() {
    let mut it = Script::v4();
    let now = it.now;
    let message =
        wasmqtt::session::Outgoing { topic: "t", payload: b"", qos: QoS::AtMostOnce, retain: false, properties: b"" };
    it.session.publish(now, message).unwrap();
    it.close(Error::SocketError);
    it.lost(Error::SocketError, 0);
}
