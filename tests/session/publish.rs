//! Messages to the server on one connection: each QoS, packet identifiers, what is refused.

use std::collections::BTreeSet;

use wasmqtt::Error;
use wasmqtt::session::Outgoing;
use wasmqtt::wire::QoS;

use crate::client::Told;
use crate::script::*;

#[test]
fn qos_0_is_sent_once_and_has_no_ticket() {
    let mut it = Script::v4();
    assert_eq!(it.publish("a/b", b"hi", QoS::AtMostOnce), Ok(0));
    it.sends(b"\x30\x07\0\x03a/bhi");
    assert_eq!(it.session.pending(), 0);
}

#[test]
fn qos_1_ends_with_puback() {
    let mut it = Script::v4();
    let ticket = it.publish("a", b"hi", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x07\0\x01a\0\x01hi");
    assert_eq!(it.session.pending(), 1);
    it.input(b"\x40\x02\0\x01");
    it.delivered(ticket, 0);
    assert_eq!(it.session.pending(), 0);
}

#[test]
fn qos_2_ends_with_pubcomp() {
    let mut it = Script::v4();
    let ticket = it.publish("a", b"hi", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x34\x07\0\x01a\0\x01hi");
    it.input(b"\x50\x02\0\x01");
    it.sends(b"\x62\x02\0\x01");
    assert_eq!(it.session.pending(), 1);
    it.input(b"\x70\x02\0\x01");
    it.delivered(ticket, 0);
    assert_eq!(it.session.pending(), 0);
}

#[test]
fn the_reason_and_properties_of_an_acknowledgement_are_told() {
    let mut it = Script::v5();
    let one = it.publish("a", b"", QoS::AtLeastOnce).unwrap();
    let two = it.publish("a", b"", QoS::ExactlyOnce).unwrap();
    it.sent.clear();
    it.input(b"\x40\x08\0\x01\x87\x04\x1f\0\x01n");
    it.tells(Told::Delivered { ticket: one, reason: 0x87, properties: b"\x1f\0\x01n".to_vec() });
    it.input(b"\x50\x03\0\x02\x10");
    it.sends(b"\x62\x02\0\x02");
    it.input(b"\x70\x02\0\x02");
    it.delivered(two, 0);
}

#[test]
fn a_pubcomp_that_knows_no_identifier_is_no_failure() {
    let mut it = Script::v5();
    let ticket = it.publish("a", b"", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x34\x06\0\x01a\0\x01\0");
    it.input(b"\x50\x02\0\x01");
    it.sends(b"\x62\x02\0\x01");
    it.input(b"\x70\x03\0\x01\x92");
    it.delivered(ticket, 0);
}

#[test]
fn a_pubrec_of_something_forgotten_is_released_and_its_pubcomp_meets_no_other_message() {
    for (mut it, pub_rel) in [(Script::v5(), &b"\x62\x03\0\x01\x92"[..]), (Script::v4(), b"\x62\x02\0\x01")] {
        it.input(b"\x50\x02\0\x01");
        it.sends(pub_rel);
        let ticket = it.publish("a", b"", QoS::AtLeastOnce).unwrap();
        it.sent.clear();
        it.input(b"\x70\x02\0\x01");
        it.silent();
        it.input(b"\x40\x02\0\x01");
        it.delivered(ticket, 0);
    }
}

#[test]
fn a_repeated_pubrec_is_released_again() {
    let mut it = Script::v4();
    let ticket = it.publish("a", b"", QoS::ExactlyOnce).unwrap();
    it.sent.clear();
    it.input(b"\x50\x02\0\x01\x50\x02\0\x01");
    it.sends(b"\x62\x02\0\x01\x62\x02\0\x01");
    it.input(b"\x70\x02\0\x01");
    it.delivered(ticket, 0);
    it.publish("b", b"", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x34\x05\0\x01b\0\x01");
    it.input(b"\x70\x02\0\x01");
    assert_eq!(it.session.pending(), 1);
}

#[test]
fn properties_go_with_the_message_but_not_ones_that_are_the_session_s_own() {
    let mut it = Script::v5();
    it.publish_properties("a", QoS::AtMostOnce, b"\x01\x01\x26\0\x01k\0\x01v").unwrap();
    it.sends(b"\x30\x0d\0\x01a\x09\x01\x01\x26\0\x01k\0\x01v");
    assert_eq!(it.publish_properties("a", QoS::AtMostOnce, b"\x23\0\x01"), Err(Error::Property), "topic alias");
    assert_eq!(it.publish_properties("a", QoS::AtMostOnce, b"\x0b\x01"), Err(Error::Property), "[MQTT-3.3.4-6]");
    assert_eq!(it.publish_properties("a", QoS::AtMostOnce, b"\x11\0\0\0\0"), Err(Error::Property));
    assert_eq!(it.publish_properties("a", QoS::AtMostOnce, b"\x01"), Err(Error::Property));
    let mut it = Script::v4();
    assert_eq!(it.publish_properties("a", QoS::AtMostOnce, b"\x01\x01"), Err(Error::NeedsVersion5));
}

#[test]
fn a_name_with_wildcards_or_without_characters_is_refused() {
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut it = Script::connected(options(wasmqtt::wire::Version::V5), &conn_ack_5(b"\x22\0\x05"));
        for topic in ["", "a/+", "#", "nul\0"] {
            assert_eq!(it.publish(topic, b"", qos), Err(Error::TopicName), "{topic:?}");
        }
        assert_eq!(it.publish(&"x".repeat(65_536), b"", qos), Err(Error::TopicName));
        assert_eq!(it.session.pending(), 0);
    }
}

#[test]
fn retain_is_said() {
    let mut it = Script::v4();
    let message = Outgoing { topic: "a", payload: b"", qos: QoS::AtLeastOnce, retain: true, properties: b"" };
    it.publish_with(message).unwrap();
    it.sends(b"\x33\x05\0\x01a\0\x01");
}

#[test]
fn packet_identifiers_are_65535_never_0_and_never_two_alike() {
    let mut it = Script::v4();
    let tickets: Vec<_> = (0..65_540).map(|_| it.publish("a", b"", QoS::AtLeastOnce).unwrap()).collect();
    assert_eq!(tickets.iter().collect::<BTreeSet<_>>().len(), 65_540);
    let ids: BTreeSet<_> = it.sent.drain(..).map(|packet| u16::from_be_bytes([packet[5], packet[6]])).collect();
    assert_eq!((ids.len(), ids.first(), ids.last()), (65_535, Some(&1), Some(&65_535)));
    assert_eq!(it.session.pending(), 65_540);
    assert_eq!(it.subscribe(b"\0\x01a\0", b""), Err(Error::PacketIdsExhausted));
    // One that comes free goes to what waits longest.
    it.input(b"\x40\x02\x12\x34");
    it.delivered(tickets[0x1234 - 1], 0);
    it.sends(b"\x32\x05\0\x01a\x12\x34");
    assert_eq!(it.session.pending(), 65_539);
}

#[test]
fn an_identifier_that_a_suback_frees_goes_to_a_message_that_waits_for_one() {
    let mut it = Script::v4();
    let ticket = it.subscribe(b"\0\x01a\0", b"").unwrap();
    for _ in 0..65_535 {
        it.publish("a", b"", QoS::AtLeastOnce).unwrap();
    }
    assert_eq!(it.sent.len(), 65_535);
    it.sent.clear();
    it.input(b"\x90\x03\0\x01\0");
    it.tells(Told::Subscribed { ticket, codes: vec![0], properties: vec![] });
    it.sends(b"\x32\x05\0\x01a\0\x01");
}

#[test]
fn subscriptions_and_messages_share_the_identifiers() {
    let mut it = Script::v4();
    it.publish("a", b"", QoS::AtLeastOnce).unwrap();
    it.subscribe(b"\0\x01a\0", b"").unwrap();
    it.unsubscribe(b"\0\x01a", b"").unwrap();
    it.publish("a", b"", QoS::ExactlyOnce).unwrap();
    it.sends(b"\x32\x05\0\x01a\0\x01");
    it.sends(b"\x82\x06\0\x02\0\x01a\0");
    it.sends(b"\xa2\x05\0\x03\0\x01a");
    it.sends(b"\x34\x05\0\x01a\0\x04");
}
