//! Acknowledgement by the application: in the order of arrival, with reason codes, void after its connection.

use wasmqtt::Error;
use wasmqtt::session::{Acknowledgement, Options};
use wasmqtt::wire::{QoS, Version};

use crate::client::Told;
use crate::script::*;

fn by_hand(version: Version) -> Options {
    Options { auto_ack: false, ..kept(version) }
}

/// A message comes; what it is acknowledged by.
#[track_caller]
fn arrives(it: &mut Script, packet: &[u8]) -> Acknowledgement {
    it.input(packet);
    let Told::Message(message) = it.next_event() else { panic!("no message") };
    it.silent();
    message.acknowledgement.unwrap()
}

#[test]
fn acknowledgements_leave_in_the_order_in_which_the_messages_came() {
    let mut it = Script::connected(by_hand(Version::V3_1_1), CONN_ACK_4);
    let one = arrives(&mut it, b"\x32\x05\0\x01a\0\x01");
    let two = arrives(&mut it, b"\x34\x05\0\x01a\0\x02");
    let three = arrives(&mut it, b"\x32\x05\0\x01a\0\x03");
    it.acknowledge(three, 0).unwrap();
    it.acknowledge(two, 0).unwrap();
    it.silent();
    it.acknowledge(one, 0).unwrap();
    it.sends(b"\x40\x02\0\x01\x50\x02\0\x02\x40\x02\0\x03");
}

#[test]
fn a_message_of_qos_0_needs_none() {
    let mut it = Script::connected(by_hand(Version::V3_1_1), CONN_ACK_4);
    it.input(b"\x30\x03\0\x01a");
    it.tells(Told::Message(plain_message("a", b"", QoS::AtMostOnce)));
}

#[test]
fn a_reason_code_goes_with_it_in_mqtt_5() {
    let mut it = Script::connected(by_hand(Version::V5), CONN_ACK_5);
    let one = arrives(&mut it, b"\x32\x06\0\x01a\0\x01\0");
    let two = arrives(&mut it, b"\x34\x06\0\x01a\0\x02\0");
    it.acknowledge(one, 0x83).unwrap();
    it.sends(b"\x40\x03\0\x01\x83");
    it.acknowledge(two, 0x10).unwrap();
    it.sends(b"\x50\x03\0\x02\x10");
    it.input(b"\x62\x02\0\x02");
    it.sends(b"\x70\x02\0\x02");
}

#[test]
fn one_that_fits_nothing_is_refused() {
    let mut it = Script::connected(by_hand(Version::V5), CONN_ACK_5);
    let one = arrives(&mut it, b"\x32\x06\0\x01a\0\x01\0");
    assert_eq!(it.acknowledge(one, 0x92), Err(Error::ReasonCode));
    it.acknowledge(one, 0).unwrap();
    it.sends(b"\x40\x02\0\x01");
    assert_eq!(it.acknowledge(one, 0), Err(Error::NothingToAcknowledge));
    let mut it = Script::connected(by_hand(Version::V3_1_1), CONN_ACK_4);
    let one = arrives(&mut it, b"\x32\x05\0\x01a\0\x01");
    assert_eq!(it.acknowledge(one, 0x83), Err(Error::NeedsVersion5));
    it.close(Error::SocketClosed);
    it.lost(Error::SocketClosed, 0);
    assert_eq!(it.acknowledge(one, 0x83), Err(Error::NeedsVersion5));
}

#[test]
fn one_for_an_earlier_connection_is_void() {
    for (version, conn_ack, packet) in [
        (Version::V3_1_1, CONN_ACK_4_RESUMED, &b"\x3a\x05\0\x01a\0\x01"[..]),
        (Version::V5, CONN_ACK_5_RESUMED, b"\x3a\x06\0\x01a\0\x01\0"),
    ] {
        let mut it = Script::connected(by_hand(version), conn_ack);
        let old = arrives(&mut it, packet);
        it.again(by_hand(version), conn_ack);
        let new = arrives(&mut it, packet);
        it.acknowledge(old, 0).unwrap();
        it.silent();
        it.acknowledge(new, 0).unwrap();
        it.sends(b"\x40\x02\0\x01");
    }
}

#[test]
fn what_was_acknowledged_out_of_turn_is_not_delivered_again() {
    let mut it = Script::connected(by_hand(Version::V3_1_1), CONN_ACK_4_RESUMED);
    arrives(&mut it, b"\x34\x05\0\x01a\0\x01");
    let two = arrives(&mut it, b"\x34\x05\0\x01a\0\x02");
    it.acknowledge(two, 0).unwrap();
    it.silent();
    it.again(by_hand(Version::V3_1_1), CONN_ACK_4_RESUMED);
    let one = arrives(&mut it, b"\x3c\x05\0\x01a\0\x01");
    // Its PUBREC waits for the turn of the first one's [MQTT-4.6.0-3].
    it.input(b"\x3c\x05\0\x01a\0\x02");
    it.silent();
    it.acknowledge(one, 0).unwrap();
    it.sends(b"\x50\x02\0\x01\x50\x02\0\x02");
}

#[test]
fn before_mqtt_5_a_server_may_repeat_what_is_not_acknowledged_yet() {
    for first in [b'\x3a', b'\x3c'] {
        let mut it = Script::connected(by_hand(Version::V3_1_1), CONN_ACK_4);
        let one = arrives(&mut it, &[first & !8, 5, 0, 1, b'a', 0, 1]);
        it.input(&[first, 5, 0, 1, b'a', 0, 1]);
        it.silent();
        it.acknowledge(one, 0).unwrap();
        assert_eq!(it.sent.pop_front().map(|message| message.len()), Some(4));
    }
}
