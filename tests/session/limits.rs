//! What CONNACK limits is held before anything is sent (section 3.2.2.3).

use wasmqtt::Error;
use wasmqtt::session::{Options, Outgoing};
use wasmqtt::wire::{QoS, Version};

use crate::script::*;

fn limited(properties: &[u8]) -> Script {
    Script::connected(options(Version::V5), &conn_ack_5(properties))
}

#[test]
fn receive_maximum_is_the_send_quota() {
    let mut it = limited(b"\x21\0\x02");
    let one = it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    let two = it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    let three = it.publish("t", b"3", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x07\0\x01t\0\x01\x001");
    it.sends(b"\x34\x07\0\x01t\0\x02\x002");
    it.silent();
    assert_eq!(it.session.pending(), 3);
    it.publish("t", b"0", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x05\0\x01t\x000");
    // PUBREC gives nothing back, PUBCOMP does.
    it.input(b"\x50\x02\0\x02");
    it.sends(b"\x62\x02\0\x02");
    it.silent();
    it.input(b"\x70\x02\0\x02");
    it.delivered(two, 0);
    it.sends(b"\x32\x07\0\x01t\0\x02\x003");
    it.input(b"\x40\x02\0\x01");
    it.delivered(one, 0);
    it.input(b"\x40\x02\0\x02");
    it.delivered(three, 0);
    assert_eq!(it.session.pending(), 0);
}

#[test]
fn a_pubrec_that_refuses_gives_its_quota_back() {
    let mut it = limited(b"\x21\0\x01");
    let refused = it.publish("t", b"1", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x34\x07\0\x01t\0\x01\x001");
    it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.input(b"\x50\x03\0\x01\x97");
    it.delivered(refused, 0x97);
    it.sends(b"\x34\x07\0\x01t\0\x01\x002");
}

#[test]
fn a_packet_over_the_maximum_packet_size_is_refused_to_the_byte() {
    let mut it = limited(b"\x27\0\0\0\x0a");
    it.publish("t", b"1234", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x08\0\x01t\x001234");
    assert_eq!(it.publish("t", b"12345", QoS::AtMostOnce), Err(Error::PacketTooLarge));
    assert_eq!(it.publish("t", b"123", QoS::AtLeastOnce), Err(Error::PacketTooLarge));
    it.publish("t", b"12", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x08\0\x01t\0\x01\x0012");
    assert_eq!(it.subscribe(b"\0\x04long\0", b""), Err(Error::PacketTooLarge));
    assert_eq!(it.unsubscribe(b"\0\x05longe", b""), Err(Error::PacketTooLarge));
    assert_eq!(it.disconnect(0, b"\x1f\0\x06reason"), Err(Error::PacketTooLarge));
    it.silent();
    // What was refused holds no identifier.
    it.subscribe(b"\0\x01t\0", b"").unwrap();
    it.sends(b"\x82\x07\0\x02\0\0\x01t\0");
}

#[test]
fn a_qos_over_the_maximum_is_refused() {
    let mut it = limited(b"\x24\x01");
    assert_eq!(it.publish("t", b"", QoS::ExactlyOnce), Err(Error::QosUnsupported));
    it.publish("t", b"", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x06\0\x01t\0\x01\0");
    let mut it = limited(b"\x24\0");
    assert_eq!(it.publish("t", b"", QoS::AtLeastOnce), Err(Error::QosUnsupported));
    it.publish("t", b"", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x04\0\x01t\0");
}

#[test]
fn a_retained_message_is_refused_where_there_are_none() {
    let retained = Outgoing { topic: "t", payload: b"", qos: QoS::AtMostOnce, retain: true, properties: b"" };
    let mut it = limited(b"\x25\0");
    assert_eq!(it.publish_with(retained), Err(Error::RetainUnavailable));
    let mut it = limited(b"\x25\x01");
    it.publish_with(retained).unwrap();
    it.sends(b"\x31\x04\0\x01t\0");
}

#[test]
fn subscriptions_are_refused_where_the_server_has_none_of_their_kind() {
    let mut it = limited(b"\x28\0\x29\0\x2a\0");
    assert_eq!(it.subscribe(b"\0\x03a/+\0", b""), Err(Error::WildcardUnavailable));
    assert_eq!(it.subscribe(b"\0\x01a\0\0\x01#\0", b""), Err(Error::WildcardUnavailable));
    assert_eq!(it.subscribe(b"\0\x0a$share/g/a\0", b""), Err(Error::SharedUnavailable));
    assert_eq!(it.subscribe(b"\0\x01a\0", b"\x0b\x05"), Err(Error::SubscriptionIdUnavailable));
    it.silent();
    let mut it = limited(b"\x28\x01\x29\x01\x2a\x01");
    it.subscribe(b"\0\x0c$share/g/a/+\0", b"\x0b\x05").unwrap();
    it.sends(b"\x82\x14\0\x01\x02\x0b\x05\0\x0c$share/g/a/+\0");
}

#[test]
fn the_limits_of_one_connection_do_not_bind_the_next() {
    let mut it = limited(b"\x24\0\x27\0\0\0\x0a");
    it.again(options(Version::V5), CONN_ACK_5);
    it.publish("a/long/topic", b"", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x34\x11\0\x0ca/long/topic\0\x01\0");
}

#[test]
fn a_topic_gets_its_alias_once_and_then_goes_without_its_name() {
    let mut it = limited(b"\x22\0\x01");
    it.publish("chat/room", b"1", QoS::AtMostOnce).unwrap();
    it.publish("chat/room", b"2", QoS::AtMostOnce).unwrap();
    it.publish("chat/room", b"3", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x30\x10\0\x09chat/room\x03\x23\0\x011");
    it.sends(b"\x30\x07\0\0\x03\x23\0\x012");
    it.sends(b"\x32\x09\0\0\0\x01\x03\x23\0\x013");
    // The only alias goes to another topic.
    it.publish("chat/hall", b"4", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x10\0\x09chat/hall\x03\x23\0\x014");
    it.publish("chat/room", b"5", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x10\0\x09chat/room\x03\x23\0\x015");
}

#[test]
fn aliases_end_with_their_connection() {
    let with_alias = conn_ack_5(b"\x22\0\x01");
    let mut it = Script::connected(kept(Version::V5), &with_alias);
    it.publish("chat/room", b"1", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x12\0\x09chat/room\0\x01\x03\x23\0\x011");
    it.again(kept(Version::V5), b"\x20\x06\x01\0\x03\x22\0\x01");
    it.sends(b"\x3a\x12\0\x09chat/room\0\x01\x03\x23\0\x011");
    it.again(kept(Version::V5), CONN_ACK_5_RESUMED);
    it.sends(b"\x3a\x0f\0\x09chat/room\0\x01\x001");
}

#[test]
fn an_alias_is_announced_only_where_the_packet_has_room_for_it() {
    let mut it = limited(b"\x22\0\x01\x27\0\0\0\x10");
    it.publish("chat/room", b"1", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x0d\0\x09chat/room\x001");
    it.publish("chat/room", b"", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x0c\0\x09chat/room\0");
    // The packet with the name would be too large, the one by alias is not: but the server does not know the alias.
    assert_eq!(it.publish("chat/room", b"12345", QoS::AtMostOnce), Err(Error::PacketTooLarge));
    it.publish("room", b"1", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x0b\0\x04room\x03\x23\0\x011");
}

#[test]
fn no_alias_where_the_server_takes_none() {
    let mut it = limited(b"\x22\0\0");
    it.publish("chat/room", b"", QoS::AtMostOnce).unwrap();
    it.sends(b"\x30\x0c\0\x09chat/room\0");
}

#[test]
fn the_server_s_keep_alive_goes_before_ours() {
    let mut it = Script::connected(Options { keep_alive: 60, ..options(Version::V5) }, &conn_ack_5(b"\x13\0\x0a"));
    assert_eq!(it.due(), Some(10_000));
    it.at(10_000);
    it.sends(b"\xc0\0");
    let it = Script::connected(Options { keep_alive: 60, ..options(Version::V5) }, &conn_ack_5(b"\x13\0\0"));
    assert_eq!(it.due(), None);
}
