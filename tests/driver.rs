//! The driver of the async Rust client, packet by packet: what leaves when, and what waits for the store.
#![cfg(all(not(target_arch = "wasm32"), feature = "web"))]

use wasmqtt::Error;
use wasmqtt::session::{Change, Offline, Options, Outgoing, Reconnect};
use wasmqtt::time::Instant;
use wasmqtt::web::driver::{Driver, Sending, Told};
use wasmqtt::wire::{Names, QoS, Version};

const NOW: Instant = Instant::from_millis(1_000);
const DISCONNECT: &[u8] = &[0xE0, 0];
const PUBLISH_QOS_0: &[u8] = b"\x30\x04\0\x01ab";

fn options() -> Options {
    Options { versions: vec![Version::V3_1_1], client_id: "c".into(), ..Options::default() }
}

fn connected(options: Options) -> Driver {
    let mut it = Driver::new();
    it.connect(NOW, options, vec!["ws://a/".into()]).unwrap();
    assert!(matches!(it.poll_told(), Some(Told::Open { socket: 1, .. })));
    it.handle_open(NOW);
    assert!(matches!(&sent(&mut it, true)[..], [Sending::Message { socket: 1, .. }]), "CONNECT");
    it.handle_input(NOW, &[0x20, 2, 0, 0]);
    assert!(matches!(it.poll_told(), Some(Told::Connected { .. })));
    it
}

fn sent(it: &mut Driver, room: bool) -> Vec<Sending> {
    core::iter::from_fn(|| it.poll_send(room)).collect()
}

fn told(it: &mut Driver) -> Vec<Told> {
    core::iter::from_fn(|| it.poll_told()).collect()
}

fn publish(it: &mut Driver, qos: QoS) -> u32 {
    it.publish(NOW, Outgoing { topic: "a", payload: b"b", qos, retain: false, properties: &[] }).unwrap()
}

fn message(bytes: &[u8]) -> Sending {
    Sending::Message { socket: 1, bytes: bytes.into() }
}

#[test]
fn packets_of_one_turn_leave_as_one_message() {
    let mut it = connected(options());
    publish(&mut it, QoS::AtMostOnce);
    publish(&mut it, QoS::AtMostOnce);
    it.unsubscribe(NOW, Names::decode(b"\0\x01a").unwrap(), &[]).unwrap();
    let all = [PUBLISH_QOS_0, PUBLISH_QOS_0, b"\xA2\x05\0\x01\0\x01a"].concat();
    assert_eq!(sent(&mut it, true), [message(&all)]);
}

#[test]
fn a_message_with_qos_0_is_done_when_the_socket_has_it() {
    let mut it = connected(options());
    let ticket = publish(&mut it, QoS::AtMostOnce);
    assert_eq!((sent(&mut it, false), told(&mut it)), (vec![], vec![]));
    assert!(it.is_held());
    assert_eq!(it.pending(), 1);
    assert_eq!(sent(&mut it, true), [message(PUBLISH_QOS_0)]);
    assert!(matches!(told(&mut it)[..], [Told::Delivered { ticket: it, reason: 0, .. }] if it == ticket));
    assert_eq!(it.pending(), 0);
}

#[test]
fn a_message_with_qos_0_that_the_socket_never_had_is_lost_with_it() {
    let mut it = connected(options());
    let ticket = publish(&mut it, QoS::AtMostOnce);
    it.handle_close(NOW, Error::SocketClosed);
    assert_eq!(sent(&mut it, true), [Sending::Close { socket: 1 }]);
    let undelivered = Told::Undelivered { ticket, error: Error::ConnectionLost };
    assert!(told(&mut it).contains(&undelivered));
}

#[test]
fn what_depends_on_a_change_waits_for_it_and_what_was_sent_before_does_not() {
    let mut it = connected(Options { persist: true, clean_start: false, ..options() });
    publish(&mut it, QoS::AtMostOnce);
    assert_eq!(sent(&mut it, true), [message(PUBLISH_QOS_0)]);
    publish(&mut it, QoS::AtLeastOnce);
    let (write, changes) = it.poll_write(NOW).unwrap();
    assert!(matches!(changes[..], [Change::Put(..)]));
    publish(&mut it, QoS::AtMostOnce);
    assert_eq!(sent(&mut it, true), []);
    it.handle_written(write, true);
    assert_eq!(sent(&mut it, true), [message(b"\x32\x06\0\x01a\0\x01b"), message(PUBLISH_QOS_0)]);
}

#[test]
fn disconnect_leaves_behind_what_waits_for_the_store_and_then_the_socket_closes() {
    let mut it = connected(Options { persist: true, clean_start: false, ..options() });
    publish(&mut it, QoS::AtLeastOnce);
    let once = publish(&mut it, QoS::AtMostOnce);
    let (write, _) = it.poll_write(NOW).unwrap();
    it.disconnect(NOW, 0, &[]).unwrap();
    assert_eq!(sent(&mut it, true), []);
    assert!(matches!(told(&mut it)[..], [Told::Ended(_)]));
    assert!(!it.is_over());
    it.handle_written(write, true);
    // However much the socket holds back.
    let all = sent(&mut it, false);
    assert_eq!(all.last(), Some(&Sending::Close { socket: 1 }));
    assert_eq!(all[all.len() - 2], message(DISCONNECT));
    assert!(matches!(told(&mut it)[..], [Told::Delivered { ticket, .. }] if ticket == once));
    assert!(it.is_over());
}

#[test]
fn a_session_that_is_not_kept_is_cleared_before_it_begins_and_at_its_end() {
    let mut it = Driver::new();
    it.connect(NOW, Options { persist: true, ..options() }, vec!["ws://a/".into()]).unwrap();
    it.handle_open(NOW);
    let (write, changes) = it.poll_write(NOW).unwrap();
    assert_eq!((changes, sent(&mut it, true)), (vec![Change::Clear], vec![]), "CONNECT waits");
    it.handle_written(write, true);
    assert_eq!(sent(&mut it, true).len(), 1);
    it.handle_input(NOW, &[0x20, 2, 0, 0]);
    it.disconnect(NOW, 0, &[]).unwrap();
    assert_eq!(sent(&mut it, true), [message(DISCONNECT), Sending::Close { socket: 1 }]);
    assert!(matches!(told(&mut it).last(), Some(Told::Ended(_))));
    let (write, changes) = it.poll_write(NOW).unwrap();
    assert_eq!(changes, [Change::Clear]);
    assert!(!it.is_over());
    it.handle_written(write, true);
    assert!(it.is_over());
}

#[test]
fn the_next_socket_is_opened_after_the_one_before_is_closed() {
    let mut it = connected(Options { reconnect: Some(Reconnect::default()), ..options() });
    it.handle_input(NOW, &[0xF0, 0]);
    assert_eq!(sent(&mut it, true), [Sending::Close { socket: 1 }]);
    assert!(matches!(told(&mut it)[..], [Told::Lost(_), Told::Reconnecting { attempt: 1, .. }]));
    it.handle_timeout(NOW);
    assert_eq!(sent(&mut it, true), []);
    assert!(matches!(&told(&mut it)[..], [Told::Open { socket: 2, url, .. }] if url == "ws://a/"));
}

#[test]
fn a_message_says_which_routes_want_it() {
    let mut it = connected(Options { offline: Some(Offline::default()), ..options() });
    it.route("a/#", 7).unwrap();
    it.route("a/b", 8).unwrap();
    it.route("b", 9).unwrap();
    it.unroute("b", 9);
    it.handle_input(NOW, b"\x30\x06\0\x03a/bx\x30\x04\0\x01bx");
    let routes: Vec<_> = told(&mut it)
        .into_iter()
        .map(|told| match told {
            Told::Message(mut message) => {
                message.routes.sort_unstable();
                message.routes
            }
            told => panic!("{told:?}"),
        })
        .collect();
    assert_eq!(routes, [vec![7, 8], vec![]]);
}
