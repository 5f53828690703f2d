//! Messages from the server, acknowledged by the session itself.

use wasmqtt::session::Options;
use wasmqtt::wire::{QoS, Version};

use crate::client::{Received, Told};
use crate::script::*;

#[test]
fn each_qos_is_told_and_answered() {
    let mut it = Script::v4();
    it.input(b"\x31\x05\0\x01ahi");
    it.tells(Told::Message(Received { retain: true, ..plain_message("a", b"hi", QoS::AtMostOnce) }));
    it.silent();
    it.input(b"\x32\x07\0\x01a\0\x07hi");
    it.tells(Told::Message(plain_message("a", b"hi", QoS::AtLeastOnce)));
    it.sends(b"\x40\x02\0\x07");
    it.input(b"\x34\x07\0\x01a\0\x08hi");
    it.tells(Told::Message(plain_message("a", b"hi", QoS::ExactlyOnce)));
    it.sends(b"\x50\x02\0\x08");
    it.input(b"\x62\x02\0\x08");
    it.sends(b"\x70\x02\0\x08");
}

#[test]
fn properties_and_dup_are_told() {
    let mut it = Script::v5();
    it.input(b"\x3a\x0e\0\x01a\0\x07\x07\x01\x01\x0b\x05\x03\0\0!");
    let properties = b"\x01\x01\x0b\x05\x03\0\0".to_vec();
    let message = plain_message("a", b"!", QoS::AtLeastOnce);
    it.tells(Told::Message(Received { properties, duplicate: true, ..message }));
    it.sends(b"\x40\x02\0\x07");
}

#[test]
fn a_repeated_qos_2_message_is_told_once_until_it_is_released() {
    let mut it = Script::v4();
    for first in [0x34, 0x3C, 0x34] {
        it.input(&[first, 5, 0, 1, b'a', 0, 9]);
        it.sends(b"\x50\x02\0\x09");
    }
    it.tells(Told::Message(plain_message("a", b"", QoS::ExactlyOnce)));
    it.silent();
    it.input(b"\x62\x02\0\x09");
    it.sends(b"\x70\x02\0\x09");
    it.input(b"\x34\x05\0\x01a\0\x09");
    it.tells(Told::Message(plain_message("a", b"", QoS::ExactlyOnce)));
    it.sends(b"\x50\x02\0\x09");
}

#[test]
fn a_pubrel_of_nothing_known_is_answered() {
    let mut it = Script::v5();
    it.input(b"\x62\x02\0\x09");
    it.sends(b"\x70\x03\0\x09\x92");
    let mut it = Script::v4();
    it.input(b"\x62\x02\0\x09");
    it.sends(b"\x70\x02\0\x09");
}

#[test]
fn a_topic_alias_stands_for_its_topic_until_it_is_set_anew() {
    let aliases = Options { properties: vec![0x22, 0, 2], ..options(Version::V5) };
    let mut it = Script::connected(aliases, CONN_ACK_5);
    it.input(b"\x30\x07\0\x01a\x03\x23\0\x02");
    it.input(b"\x30\x06\0\0\x03\x23\0\x02");
    it.input(b"\x30\x07\0\x01b\x03\x23\0\x02");
    it.input(b"\x30\x06\0\0\x03\x23\0\x02");
    for topic in ["a", "a", "b", "b"] {
        let properties = vec![0x23, 0, 2];
        it.tells(Told::Message(Received { properties, ..plain_message(topic, b"", QoS::AtMostOnce) }));
    }
}

#[test]
fn our_receive_maximum_can_be_filled_and_filled_again() {
    let two = Options { properties: vec![0x21, 0, 2], auto_ack: true, ..options(Version::V5) };
    let mut it = Script::connected(two, CONN_ACK_5);
    for _ in 0..3 {
        it.input(b"\x34\x06\0\x01a\0\x01\0\x34\x06\0\x01a\0\x02\0");
        it.input(b"\x62\x02\0\x01\x62\x02\0\x02");
    }
    assert_eq!(it.told.drain(..).filter(|told| matches!(told, Told::Message(_))).count(), 6);
    assert_eq!(it.sent.drain(..).map(|message| message.len()).sum::<usize>(), 3 * 4 * 4);
}

#[test]
fn a_qos_2_message_that_we_refuse_may_come_again() {
    let by_hand = Options { auto_ack: false, ..options(Version::V5) };
    let mut it = Script::connected(by_hand, CONN_ACK_5);
    for _ in 0..2 {
        it.input(b"\x34\x06\0\x01a\0\x01\0");
        let Told::Message(message) = it.next_event() else { panic!() };
        it.acknowledge(message.acknowledgement.unwrap(), 0x97).unwrap();
        it.sends(b"\x50\x03\0\x01\x97");
    }
}

#[test]
fn an_unasked_ping_response_is_harmless() {
    let mut it = Script::v4();
    it.input(b"\xd0\0");
}
