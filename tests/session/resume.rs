//! What goes on when a connection is followed by another one.

use wasmqtt::Error;
use wasmqtt::session::{Options, Outgoing};
use wasmqtt::wire::{QoS, Version};

use crate::client::{Received, Told};
use crate::script::*;

#[test]
fn what_is_not_acknowledged_is_sent_again_in_order_with_dup() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    let one = it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.input(b"\x40\x02\0\x01");
    it.delivered(one, 0);
    // Identifier 1 again, but later than 2.
    it.publish("t", b"3", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"0", QoS::AtMostOnce).unwrap();
    it.sent.clear();
    it.again(kept(Version::V3_1_1), CONN_ACK_4_RESUMED);
    it.sends(b"\x3c\x06\0\x01t\0\x022\x3a\x06\0\x01t\0\x013");
}

#[test]
fn pubrels_are_sent_again_in_the_order_of_their_pubrecs() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    for payload in [b"1", b"2", b"3"] {
        it.publish("t", payload, QoS::ExactlyOnce).unwrap();
    }
    it.input(b"\x50\x02\0\x03\x50\x02\0\x01");
    it.sent.clear();
    it.again(kept(Version::V3_1_1), CONN_ACK_4_RESUMED);
    it.sends(b"\x62\x02\0\x03\x62\x02\0\x01\x3c\x06\0\x01t\0\x022");
}

#[test]
fn without_a_session_on_the_server_messages_are_published_anew_and_nobody_knows_of_released_ones() {
    let mut it = Script::connected(kept(Version::V5), CONN_ACK_5);
    let released = it.publish("t", b"1", QoS::ExactlyOnce).unwrap();
    it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.publish("t", b"3", QoS::AtLeastOnce).unwrap();
    it.input(b"\x50\x02\0\x01");
    it.sent.clear();
    it.again(kept(Version::V5), CONN_ACK_5_RESUMED);
    it.sends(b"\x62\x02\0\x01\x3c\x07\0\x01t\0\x02\x002\x3a\x07\0\x01t\0\x03\x003");
    it.again(kept(Version::V5), CONN_ACK_5);
    it.tells(Told::Undelivered { ticket: released, error: Error::SessionDiscarded });
    it.sends(b"\x34\x07\0\x01t\0\x02\x002\x32\x07\0\x01t\0\x03\x003");
}

#[test]
fn pubrels_that_are_sent_again_count_against_the_quota() {
    let quota_2 = b"\x20\x06\x01\0\x03\x21\0\x02";
    let mut it = Script::connected(kept(Version::V5), quota_2);
    let one = it.publish("t", b"1", QoS::ExactlyOnce).unwrap();
    let two = it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.publish("t", b"3", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"4", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"5", QoS::AtLeastOnce).unwrap();
    it.input(b"\x50\x02\0\x01\x50\x02\0\x02");
    it.sent.clear();
    it.again(kept(Version::V5), quota_2);
    it.sends(b"\x62\x02\0\x01\x62\x02\0\x02");
    it.input(b"\x70\x02\0\x02");
    it.delivered(two, 0);
    it.sends(b"\x32\x07\0\x01t\0\x02\x003");
    it.input(b"\x70\x02\0\x01");
    it.delivered(one, 0);
    it.sends(b"\x32\x07\0\x01t\0\x01\x004");
    it.silent();
}

#[test]
fn a_smaller_quota_holds_back_what_was_in_flight() {
    let mut it = Script::connected(kept(Version::V5), CONN_ACK_5);
    let one = it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"2", QoS::AtLeastOnce).unwrap();
    it.sent.clear();
    it.again(kept(Version::V5), b"\x20\x06\x01\0\x03\x21\0\x01");
    it.sends(b"\x3a\x07\0\x01t\0\x01\x001");
    it.publish("t", b"3", QoS::AtLeastOnce).unwrap();
    it.silent();
    it.input(b"\x40\x02\0\x01");
    it.delivered(one, 0);
    it.sends(b"\x3a\x07\0\x01t\0\x02\x002");
}

#[test]
fn an_answer_to_what_was_not_sent_again_yet_is_taken() {
    let quota_1 = b"\x20\x06\x01\0\x03\x21\0\x01";
    let mut it = Script::connected(kept(Version::V5), CONN_ACK_5);
    let tickets: Vec<_> =
        [b"1", b"2", b"3"].iter().map(|payload| it.publish("t", *payload, QoS::ExactlyOnce).unwrap()).collect();
    it.sent.clear();
    it.again(kept(Version::V5), quota_1);
    it.sends(b"\x3c\x07\0\x01t\0\x01\x001");
    // The server remembers the second one.
    it.input(b"\x50\x02\0\x02");
    it.sends(b"\x62\x02\0\x02");
    it.input(b"\x70\x02\0\x02");
    it.delivered(tickets[1], 0);
    it.silent();
    it.input(b"\x50\x03\0\x01\x80");
    it.delivered(tickets[0], 0x80);
    it.sends(b"\x3c\x07\0\x01t\0\x03\x003");
}

#[test]
fn a_session_goes_on_in_another_version_of_the_protocol() {
    let mut it = Script::connected(kept(Version::V5), &conn_ack_5(b"\x21\0\x01"));
    it.publish_properties("t", QoS::AtLeastOnce, b"\x01\x01").unwrap();
    it.publish_properties("u", QoS::AtLeastOnce, b"\x01\x01").unwrap();
    it.sends(b"\x32\x08\0\x01t\0\x01\x02\x01\x01");
    it.again(kept(Version::V3_1_1), CONN_ACK_4_RESUMED);
    it.sends(b"\x3a\x05\0\x01t\0\x01\x32\x05\0\x01u\0\x02");
    it.again(kept(Version::V5), CONN_ACK_5_RESUMED);
    it.sends(b"\x3a\x06\0\x01t\0\x01\0\x3a\x06\0\x01u\0\x02\0");
}

#[test]
fn mqtt_3_1_cannot_tell_that_the_session_was_kept_and_is_taken_to_keep_it() {
    let mut it = Script::connected(kept(Version::V3_1), CONN_ACK_4);
    it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.input(b"\x50\x02\0\x02");
    it.sent.clear();
    it.again(kept(Version::V3_1), CONN_ACK_4);
    it.sends(b"\x62\x02\0\x02\x3a\x06\0\x01t\0\x011");
}

#[test]
fn a_clean_start_forgets_what_was_in_flight() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    it.input(b"\x34\x05\0\x01a\0\x09");
    it.told.clear();
    it.sent.clear();
    it.close(Error::SocketClosed);
    it.lost(Error::SocketClosed, 0);
    it.connect(options(Version::V3_1_1)).unwrap();
    for ticket in [1, 2] {
        it.tells(Told::Undelivered { ticket, error: Error::SessionDiscarded });
    }
    it.reach();
    it.accept(CONN_ACK_4);
    it.silent();
    assert_eq!(it.session.pending(), 0);
    it.input(b"\x34\x05\0\x01a\0\x09");
    it.tells(Told::Message(plain_message("a", b"", QoS::ExactlyOnce)));
    it.sends(b"\x50\x02\0\x09");
}

#[test]
fn a_qos_2_message_from_the_server_is_not_told_again_after_a_reconnect() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    it.input(b"\x34\x05\0\x01a\0\x09");
    it.tells(Told::Message(plain_message("a", b"", QoS::ExactlyOnce)));
    it.sends(b"\x50\x02\0\x09");
    it.again(kept(Version::V3_1_1), CONN_ACK_4_RESUMED);
    it.input(b"\x3c\x05\0\x01a\0\x09");
    it.sends(b"\x50\x02\0\x09");
    it.silent();
    // A server without the session has a new message.
    it.again(kept(Version::V3_1_1), CONN_ACK_4);
    it.input(b"\x3c\x05\0\x01a\0\x09");
    it.tells(Told::Message(Received { duplicate: true, ..plain_message("a", b"", QoS::ExactlyOnce) }));
    it.sends(b"\x50\x02\0\x09");
}

#[test]
fn a_pubrel_of_an_earlier_connection_makes_no_room_on_this_one() {
    let one_at_a_time = Options { properties: vec![0x21, 0, 1], ..kept(Version::V5) };
    let mut it = Script::connected(one_at_a_time.clone(), CONN_ACK_5);
    it.input(b"\x34\x06\0\x01a\0\x09\0");
    it.next_event();
    it.sends(b"\x50\x02\0\x09");
    it.again(one_at_a_time, CONN_ACK_5_RESUMED);
    it.input(b"\x34\x06\0\x01a\0\x01\0");
    it.next_event();
    it.sends(b"\x50\x02\0\x01");
    it.input(b"\x62\x02\0\x09");
    it.sends(b"\x70\x02\0\x09");
    it.input(b"\x34\x06\0\x01a\0\x02\0");
    it.lost(Error::ReceiveMaximumExceeded, 0x93);
    it.sends(b"\xe0\x01\x93");
}

#[test]
fn what_the_next_server_cannot_take_is_refused_in_its_name() {
    let retained = Outgoing { topic: "t", payload: b"", qos: QoS::AtLeastOnce, retain: true, properties: b"" };
    let mut it = Script::connected(kept(Version::V5), &conn_ack_5(b"\x21\0\x03"));
    let small = it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    let twice = it.publish("t", b"2", QoS::ExactlyOnce).unwrap();
    let kept_there = it.publish_with(retained).unwrap();
    let large = it.publish("t", b"a long one", QoS::AtLeastOnce).unwrap();
    it.sent.clear();
    // Maximum QoS 1, no retained messages, at most 10 bytes.
    it.again(kept(Version::V5), b"\x20\x0c\x01\0\x09\x24\x01\x25\0\x27\0\0\0\x0a");
    it.delivered(twice, 0x9B);
    it.delivered(kept_there, 0x9A);
    it.delivered(large, 0x95);
    // The server may have the QoS 2 message already: its identifier is in use until it says that it is not.
    it.sends(b"\x62\x02\0\x02\x3a\x07\0\x01t\0\x01\x001");
    it.input(b"\x70\x03\0\x02\x92\x40\x02\0\x01");
    it.delivered(small, 0);
    assert_eq!(it.session.pending(), 0);
}
