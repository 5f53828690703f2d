//! How packets share WebSocket messages: each rule has a server that breaks without it.

use wasmqtt::session::{Options, Outgoing};
use wasmqtt::wire::{QoS, Version};

use crate::script::*;

fn queue(it: &mut Script, payload: &[u8], qos: QoS) {
    let now = it.now;
    it.session.publish(now, Outgoing { topic: "t", payload, qos, retain: false, properties: b"" }).unwrap();
}

#[test]
fn packets_of_one_turn_leave_as_one_message() {
    let mut it = Script::v4();
    queue(&mut it, b"1", QoS::AtMostOnce);
    queue(&mut it, b"2", QoS::AtLeastOnce);
    it.drain();
    it.sends(b"\x30\x04\0\x01t1\x32\x06\0\x01t\0\x012");
    // The answers to all packets of one message too.
    it.input(b"\x32\x05\0\x01a\0\x01\x32\x05\0\x01a\0\x02");
    it.sends(b"\x40\x02\0\x01\x40\x02\0\x02");
    it.told.clear();
}

#[test]
fn no_message_is_over_64_kib_unless_one_packet_is() {
    let mut it = Script::v4();
    for len in [30_000, 30_000, 30_000, 100_000, 10] {
        queue(&mut it, &vec![7; len], QoS::AtMostOnce);
    }
    it.drain();
    let sent: Vec<_> = it.sent.drain(..).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [60_014, 30_007, 100_007, 15]);
    assert!(sent.iter().all(|message| message[0] == 0x30), "each begins with a packet");
}

#[test]
fn one_packet_a_message_can_be_asked_for() {
    let mut it = Script::connected(Options { batch: false, ..options(Version::V3_1_1) }, CONN_ACK_4);
    queue(&mut it, b"1", QoS::AtMostOnce);
    queue(&mut it, b"2", QoS::AtMostOnce);
    it.drain();
    it.sends(b"\x30\x04\0\x01t1");
    it.sends(b"\x30\x04\0\x01t2");
}

#[test]
fn connect_goes_alone_and_what_waits_follows_conn_ack() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    queue(&mut it, b"1", QoS::AtLeastOnce);
    it.drain();
    it.sent.clear();
    it.close(wasmqtt::Error::SocketClosed);
    it.told.clear();
    it.connect(kept(Version::V3_1_1)).unwrap();
    it.next_event();
    it.open();
    it.sends(b"\x10\x0d\0\x04MQTT\x04\0\0\x3c\0\x01c");
    it.silent();
    it.accept(CONN_ACK_4_RESUMED);
    it.sends(b"\x3a\x06\0\x01t\0\x011");
}

#[test]
fn a_drain_without_work_sends_nothing() {
    let mut it = Script::v5();
    it.drain();
    it.input(b"");
    it.timeout();
    it.silent();
}
