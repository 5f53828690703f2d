//! Whatever is illegal from the server ends the connection: MQTT 5 tells it why [MQTT-4.13.1-1], and so is the
//! application told.

use wasmqtt::Error;
use wasmqtt::session::Options;
use wasmqtt::wire::{QoS, Version};

use crate::script::*;

/// A client with one message of each QoS in flight (identifiers 1 and 2) and a subscription of two filters (3).
fn busy(version: Version) -> Script {
    let v5 = version == Version::V5;
    // Receive Maximum 1, Topic Alias Maximum 1, Maximum Packet Size 32.
    let properties = if v5 { b"\x21\0\x01\x22\0\x01\x27\0\0\0\x20".to_vec() } else { Vec::new() };
    let options = Options { properties, auto_ack: false, ..options(version) };
    let mut it = Script::connected(options, if v5 { CONN_ACK_5 } else { CONN_ACK_4 });
    it.publish("t", b"", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"", QoS::ExactlyOnce).unwrap();
    it.subscribe(b"\0\x01a\0\0\x01b\0", b"").unwrap();
    it.sent.clear();
    it
}

#[test]
fn a_protocol_error_ends_an_mqtt_5_connection_with_its_reason() {
    for (bytes, error, reason) in [
        (CONN_ACK_5, Error::UnexpectedPacket, 0x82),
        (b"\x40\x02\0\x02", Error::UnmatchedAck, 0x82),
        (b"\x50\x02\0\x01", Error::UnmatchedAck, 0x82),
        (b"\x70\x02\0\x01", Error::UnmatchedAck, 0x82),
        (b"\x70\x02\0\x02", Error::UnmatchedAck, 0x82),
        (b"\x40\x02\0\x03", Error::UnmatchedAck, 0x82),
        (b"\x90\x04\0\x03\0\0", Error::QosNotGranted, 0x82),
        (b"\x90\x06\0\x03\0\0\0\0", Error::QosNotGranted, 0x82),
        (b"\x90\x05\0\x09\0\0\0", Error::UnmatchedAck, 0x82),
        (b"\xb0\x05\0\x03\0\0\0", Error::UnmatchedAck, 0x82),
        (b"\x30\x07\0\x01a\x03\x23\0\x02", Error::BadTopicAlias, 0x94),
        (b"\x30\x07\0\x01a\x03\x23\0\0", Error::BadTopicAlias, 0x94),
        (b"\x30\x06\0\0\x03\x23\0\x01", Error::BadTopicAlias, 0x94),
        (b"\x30\x1f", Error::InboundTooLarge, 0x95),
        (b"\x30\x04\0\x01#\0", Error::BadTopicName, 0x90),
        (b"\x3a\x06\0\x01a\0\0\0", Error::ZeroPacketId, 0x81),
        (b"\x36\x06\0\x01a\0\x01\0", Error::BadQos, 0x81),
        (b"\x30\x04\0\x01\xff\0", Error::BadUtf8, 0x81),
        (b"\x41\x02\0\x01", Error::BadFlags, 0x81),
        (b"\x40\x03\0\x01\x01", Error::BadReasonCode, 0x81),
        (b"\x40\x01\0", Error::TooShort, 0x81),
        (b"\xd0\x01\0", Error::TrailingBytes, 0x81),
        (b"\x30\x09\0\x01a\x05\x11\0\0\0\x01", Error::MisplacedProperty, 0x81),
        (b"\x30\x80\0", Error::BadRemainingLength, 0x81),
        (b"\x30\xff\xff\xff\xff", Error::BadRemainingLength, 0x81),
    ] {
        let mut it = busy(Version::V5);
        it.input(bytes);
        it.lost(error, reason);
        it.sends(&[0xE0, 1, reason]);
        it.silent();
    }
}

#[test]
fn a_packet_that_only_a_client_sends_ends_it_too() {
    for bytes in [&b"\x82\x07\0\x01\0\0\x01a\0"[..], b"\xa2\x06\0\x01\0\0\x01a", b"\xc0\0", b"\x10\x02\0\0", b"\0\0"] {
        let mut it = busy(Version::V5);
        it.input(bytes);
        it.lost(Error::BadPacketType, Error::BadPacketType.reason());
        it.sends(&[0xE0, 1, Error::BadPacketType.reason()]);
    }
}

#[test]
fn before_mqtt_5_the_connection_ends_without_a_word() {
    for (bytes, error) in [
        (CONN_ACK_4, Error::UnexpectedPacket),
        (b"\x40\x02\0\x02", Error::UnmatchedAck),
        (b"\x90\x03\0\x03\0", Error::QosNotGranted),
        (b"\x90\x04\0\x03\0\x03", Error::BadReasonCode),
        (b"\x82\x06\0\x01\0\x01a\0", Error::BadPacketType),
        (b"\xf0\0", Error::BadPacketType),
    ] {
        let mut it = busy(Version::V3_1_1);
        it.input(bytes);
        it.lost(error, 0);
    }
}

#[test]
fn more_messages_than_our_receive_maximum_end_the_connection() {
    let mut it = busy(Version::V5);
    it.input(b"\x32\x06\0\x01a\0\x01\0");
    it.next_event();
    it.input(b"\x30\x04\0\x01a\0");
    it.next_event();
    it.input(b"\x32\x06\0\x01a\0\x02\0");
    it.lost(Error::ReceiveMaximumExceeded, 0x93);
    it.sends(b"\xe0\x01\x93");
}

#[test]
fn an_identifier_that_is_in_use_for_another_message_ends_the_connection() {
    let mut it = busy(Version::V5);
    it.input(b"\x32\x06\0\x01a\0\x01\0");
    it.next_event();
    it.input(b"\x32\x06\0\x01b\0\x01\0");
    it.lost(Error::PacketIdInUse, 0x82);
    it.sends(b"\xe0\x01\x82");
    // QoS 1 where a QoS 2 message is not released yet.
    let mut it = Script::v4();
    it.input(b"\x34\x05\0\x01a\0\x01");
    it.next_event();
    it.sends(b"\x50\x02\0\x01");
    it.input(b"\x32\x05\0\x01a\0\x01");
    it.lost(Error::PacketIdInUse, 0);
}

#[test]
fn a_pubrel_before_our_pubrec_ends_the_connection() {
    let mut it = busy(Version::V5);
    it.input(b"\x34\x06\0\x01a\0\x01\0");
    it.next_event();
    it.input(b"\x62\x02\0\x01");
    it.lost(Error::UnexpectedPacket, 0x82);
    it.sends(b"\xe0\x01\x82");
}

#[test]
fn problem_information_that_we_declined_ends_the_connection() {
    let declined = Options { properties: vec![0x17, 0], ..options(Version::V5) };
    for bytes in [&b"\x40\x08\0\x01\0\x04\x1f\0\x01r"[..], b"\x40\x0b\0\x01\0\x07\x26\0\x01k\0\x01v"] {
        let mut it = Script::connected(declined.clone(), &conn_ack_5(b"\x1f\0\x01r"));
        it.publish("t", b"", QoS::AtLeastOnce).unwrap();
        it.sent.clear();
        it.input(bytes);
        it.lost(Error::ProblemInformation, 0x82);
        it.sends(&[0xE0, 1, 0x82]);
    }
    let mut it = Script::connected(declined, CONN_ACK_5);
    it.input(b"\x30\x0b\0\x01a\x07\x26\0\x01k\0\x01v");
    it.next_event();
}

#[test]
fn what_comes_instead_of_conn_ack_fails_the_attempt() {
    for (bytes, error, reason) in [
        (&b"\x30\x04\0\x01a\0"[..], Error::UnexpectedPacket, 0x82),
        (b"\xd0\0", Error::UnexpectedPacket, 0x82),
        (b"\xe0\0", Error::UnexpectedPacket, 0x82),
        (b"\x20\x03\x01\0\0", Error::SessionPresentWrong, 0x82),
        (b"\x20\x03\x01\x87\0", Error::SessionPresentWrong, 0x82),
        (b"\x20\x03\x02\0\0", Error::BadFlags, 0x81),
        (b"\x20\x03\0\x01\0", Error::BadReasonCode, 0x81),
        (b"\x20\x06\0\0\x03\x21\0\0", Error::PropertyRange, 0x82),
    ] {
        let mut it = Script::handshake(options(Version::V5));
        it.input(bytes);
        it.failed(error, reason);
        it.sends(&[0xE0, 1, reason]);
    }
    for (bytes, error) in [
        (CONN_ACK_4_RESUMED, Error::SessionPresentWrong),
        (b"\x20\x02\x02\0", Error::BadFlags),
        (b"\x20\x02\0\x06", Error::BadReasonCode),
        (b"\x20\x01\0", Error::TooShort),
    ] {
        let mut it = Script::handshake(options(Version::V3_1_1));
        it.input(bytes);
        it.failed(error, 0);
    }
}

#[test]
fn nothing_that_follows_a_violation_is_taken() {
    let mut it = busy(Version::V5);
    it.input(b"\x50\x02\0\x01\x40\x02\0\x01\x30\x04\0\x01a\0");
    it.lost(Error::UnmatchedAck, 0x82);
    it.sends(b"\xe0\x01\x82");
    it.input(b"\x30\x04\0\x01a\0");
    it.at(1_000_000);
    it.silent();
}
