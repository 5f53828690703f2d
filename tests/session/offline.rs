//! Publishing without a connection: what may wait, for how long, and how each message ends.

use core::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Offline, Options, Overflow, Reconnect};
use wasmqtt::wire::{QoS, Version};

use crate::client::Told;
use crate::script::*;

fn offline(offline: Offline) -> Options {
    let reconnect = Some(Reconnect { jitter: 0, ..Reconnect::default() });
    Options { reconnect, offline: Some(offline), ..options(Version::V3_1_1) }
}

/// Was connected, and waits for the second attempt.
fn waiting(options: Options) -> Script {
    let mut it = Script::connected(options, CONN_ACK_4);
    it.close(Error::SocketClosed);
    it.at(0);
    it.close(Error::SocketError);
    it.told.clear();
    it
}

#[track_caller]
fn undelivered(it: &mut Script, ticket: u32, error: Error) {
    it.tells(Told::Undelivered { ticket, error });
}

/// The connection is back.
fn back(it: &mut Script) {
    it.at(1_000);
    it.reach();
    it.accept(CONN_ACK_4);
}

#[test]
fn nothing_waits_unless_that_is_allowed_and_a_connection_is_wanted() {
    let mut it = Script::connected(Options { offline: None, ..offline(Offline::default()) }, CONN_ACK_4);
    it.close(Error::SocketClosed);
    it.told.clear();
    assert_eq!(it.publish("t", b"", QoS::AtLeastOnce), Err(Error::NotConnected));

    let mut it = Script::connected(Options { reconnect: None, ..offline(Offline::default()) }, CONN_ACK_4);
    it.close(Error::SocketClosed);
    it.lost(Error::SocketClosed, 0);
    assert_eq!(it.publish("t", b"", QoS::AtLeastOnce), Err(Error::NotConnected));
}

#[test]
fn what_waits_leaves_in_order_when_the_connection_is_back() {
    let mut it = waiting(offline(Offline { qos0: true, ..Offline::default() }));
    let tickets = [QoS::AtLeastOnce, QoS::AtMostOnce, QoS::ExactlyOnce].map(|qos| it.publish("t", b"x", qos).unwrap());
    assert_eq!((tickets, it.session.pending()), ([1, 2, 3], 3));
    back(&mut it);
    it.delivered(2, 0); // QoS 0: it has left.
    it.sends(b"\x32\x06\0\x01t\0\x01x\x30\x04\0\x01tx\x34\x06\0\x01t\0\x02x");
    it.input(b"\x40\x02\0\x01");
    it.delivered(1, 0);
    assert_eq!(it.session.pending(), 1);
}

#[test]
fn qos_0_waits_only_when_that_is_asked_for() {
    let mut it = waiting(offline(Offline::default()));
    assert_eq!(it.publish("t", b"", QoS::AtMostOnce), Err(Error::NotConnected));
}

#[test]
fn a_new_message_with_qos_0_does_not_overtake_one_that_waits() {
    let mut it = waiting(Options { max_in_flight: 1, ..offline(Offline { qos0: true, ..Offline::default() }) });
    for (payload, qos) in [(b"1", QoS::AtLeastOnce), (b"2", QoS::AtLeastOnce), (b"3", QoS::AtMostOnce)] {
        it.publish("t", payload, qos).unwrap();
    }
    back(&mut it);
    it.sends(b"\x32\x06\0\x01t\0\x011");
    assert_eq!(it.publish("t", b"4", QoS::AtMostOnce), Ok(4));
    it.input(b"\x40\x02\0\x01");
    it.delivered(1, 0);
    it.delivered(3, 0);
    it.delivered(4, 0);
    it.sends(b"\x32\x06\0\x01t\0\x012\x30\x04\0\x01t3\x30\x04\0\x01t4");
    assert_eq!(it.publish("t", b"5", QoS::AtMostOnce), Ok(0));
    it.sends(b"\x30\x04\0\x01t5");
}

#[test]
fn a_full_queue_refuses_or_drops_the_oldest_or_the_newest() {
    let full = |overflow, max_messages, max_bytes| {
        offline(Offline { overflow, max_messages, max_bytes, ..Offline::default() })
    };
    // Each packet has 8 bytes.
    for (max_messages, max_bytes) in [(2, 1_000), (1_000, 23)] {
        let mut it = waiting(full(Overflow::Reject, max_messages, max_bytes));
        let results: Vec<_> = (0..3).map(|_| it.publish("t", b"x", QoS::AtLeastOnce)).collect();
        assert_eq!(results, [Ok(1), Ok(2), Err(Error::QueueFull)]);

        let mut it = waiting(full(Overflow::DropOldest, max_messages, max_bytes));
        let results: Vec<_> = (0..3).map(|_| it.publish("t", b"x", QoS::AtLeastOnce)).collect();
        assert_eq!(results, [Ok(1), Ok(2), Ok(3)]);
        undelivered(&mut it, 1, Error::QueueOverflow);

        let mut it = waiting(full(Overflow::DropNewest, max_messages, max_bytes));
        let results: Vec<_> = (0..3).map(|_| it.publish("t", b"x", QoS::AtLeastOnce)).collect();
        assert_eq!(results, [Ok(1), Ok(2), Ok(3)]);
        undelivered(&mut it, 3, Error::QueueOverflow);
        assert_eq!(it.session.pending(), 2);
    }
}

#[test]
fn a_message_that_fits_no_queue_makes_no_room_for_itself() {
    let mut it = waiting(offline(Offline { overflow: Overflow::DropOldest, max_bytes: 20, ..Offline::default() }));
    it.publish("t", b"x", QoS::AtLeastOnce).unwrap();
    assert_eq!(it.publish("t", &[0; 20], QoS::AtLeastOnce), Err(Error::QueueFull));
    assert_eq!(it.session.pending(), 1);
}

#[test]
fn a_message_that_waits_too_long_is_dropped_when_its_time_is_over() {
    let half = Duration::from_millis(500);
    let mut it = waiting(offline(Offline { max_age: half, ..Offline::default() }));
    it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.at(300);
    it.publish("t", b"2", QoS::AtLeastOnce).unwrap();
    assert_eq!(it.due(), Some(500));
    it.at(499);
    it.silent();
    it.at(500);
    undelivered(&mut it, 1, Error::QueueExpired);
    assert_eq!(it.due(), Some(800));
    // What is due when the connection is back does not leave.
    it.now = wasmqtt::time::Instant::from_millis(1_000);
    it.timeout();
    undelivered(&mut it, 2, Error::QueueExpired);
    it.reach();
    it.accept(CONN_ACK_4);
}

#[test]
fn on_a_connection_nothing_is_dropped_for_its_age() {
    let soon = Duration::from_millis(100);
    let options = offline(Offline { max_age: soon, ..Offline::default() });
    let mut it = Script::connected(Options { max_in_flight: 1, ..options }, CONN_ACK_4);
    it.publish("t", b"1", QoS::AtLeastOnce).unwrap();
    it.publish("t", b"2", QoS::AtLeastOnce).unwrap();
    it.sent.clear();
    it.at(10_000);
    it.input(b"\x40\x02\0\x01");
    it.delivered(1, 0);
    it.sends(b"\x32\x06\0\x01t\0\x012");
}

#[test]
fn what_the_server_does_not_take_is_told_when_it_is_known() {
    let options = Options { versions: vec![Version::V5], ..offline(Offline::default()) };
    let mut it = Script::opening(options);
    let ticket = it.publish("t", b"x", QoS::ExactlyOnce).unwrap();
    it.reach();
    it.input(&conn_ack_5(b"\x24\x01")); // Maximum QoS 1.
    assert!(matches!(it.next_event(), Told::Connected { .. }));
    it.delivered(ticket, 0x9B);
    assert_eq!(it.session.pending(), 0);
}
