//! What the model of `tests/survival.rs` has shown, and what its schedules reach too seldom: each a fault once.

use wasmqtt::Error;
use wasmqtt::session::{Change, Key, Options, Reconnect};
use wasmqtt::wire::{PacketId, QoS, Version};

use crate::client::Told;
use crate::script::*;

const SUBSCRIBE_1: &[u8] = b"\x82\x06\0\x01\0\x01a\x02";
const SUB_ACK_1: &[u8] = b"\x90\x03\0\x01\x02";

/// The session is kept and comes back by itself.
fn returning(version: Version) -> Options {
    Options { reconnect: Some(Reconnect::default()), persist: true, ..kept(version) }
}

/// The connection breaks, and the next attempt begins.
#[track_caller]
fn breaks(it: &mut Script) {
    it.close(Error::SocketClosed);
    it.tells(Told::Lost { error: Some(Error::SocketClosed), reason: 0, properties: vec![], reconnecting: true });
    it.tells(Told::Close);
    let told = it.next_event();
    let Told::Reconnecting { delay, .. } = told else { panic!("{told:?}") };
    it.now = it.now + delay;
    it.timeout();
}

/// Another process, with all that the one before had written.
fn next_process(it: Script, options: Options) -> Script {
    let mut next = Script::idle();
    let mut records = std::collections::BTreeMap::new();
    for change in it.changes.iter().cloned() {
        match change {
            Change::Clear => records.clear(),
            Change::Delete(key) => drop(records.remove(&key)),
            Change::Put(key, record) => drop(records.insert(key, record)),
        }
    }
    for (key, record) in records {
        next.session.restore(key, &record).unwrap();
    }
    next.connect(options).unwrap();
    next.reach();
    next
}

fn subscribed(version: Version) -> Script {
    let mut it = Script::connected(returning(version), CONN_ACK_4);
    it.subscribe(b"\0\x01a\x02", &[]).unwrap();
    it.sends(SUBSCRIBE_1);
    it.input(SUB_ACK_1);
    assert!(matches!(it.next_event(), Told::Subscribed { .. }));
    it
}

#[track_caller]
fn resubscribed(it: &mut Script) {
    it.tells(Told::Resubscribed { filters: b"\0\x01a\x02".to_vec(), codes: vec![2] });
}

#[test]
fn a_subscription_that_was_asked_for_again_is_so_until_it_is_granted() {
    let mut it = subscribed(Version::V3_1_1);
    breaks(&mut it);
    it.reach();
    it.accept(CONN_ACK_4);
    it.sends(SUBSCRIBE_1);
    // It did not arrive. The server has a session now, without a subscription.
    breaks(&mut it);
    it.reach();
    it.accept(CONN_ACK_4_RESUMED);
    it.sends(SUBSCRIBE_1);
    it.input(SUB_ACK_1);
    resubscribed(&mut it);
    breaks(&mut it);
    it.reach();
    it.accept(CONN_ACK_4_RESUMED);
}

#[test]
fn a_clock_that_was_set_back_does_not_leap_when_a_subscription_is_asked_for_again() {
    let mut it = subscribed(Version::V3_1_1);
    it.at(20_000);
    it.at(5_000);
    breaks(&mut it);
    it.reach();
    it.accept(CONN_ACK_4);
    it.sends(SUBSCRIBE_1);
    it.at(6_000);
    assert_eq!(it.due(), Some(65_000), "60 s after CONNACK came");
}

#[test]
fn the_next_process_asks_for_it_too() {
    let mut it = subscribed(Version::V3_1_1);
    breaks(&mut it);
    it.reach();
    it.accept(CONN_ACK_4);
    it.sends(SUBSCRIBE_1);
    let mut it = next_process(it, returning(Version::V3_1_1));
    it.accept(CONN_ACK_4_RESUMED);
    it.sends(SUBSCRIBE_1);
    it.input(SUB_ACK_1);
    resubscribed(&mut it);
}

#[test]
fn what_a_message_that_was_refused_in_the_server_s_name_held_back_goes_on_when_it_is_released() {
    let mut it = Script::connected(kept(Version::V5), CONN_ACK_5);
    let large = it.publish("t", &[7; 100], QoS::ExactlyOnce).unwrap();
    it.publish("t", b"2", QoS::AtLeastOnce).unwrap();
    it.sent.clear();
    // Receive Maximum 1, Maximum Packet Size 50.
    it.again(kept(Version::V5), b"\x20\x0b\x01\0\x08\x21\0\x01\x27\0\0\0\x32");
    it.delivered(large, 0x95);
    it.sends(b"\x62\x02\0\x01");
    it.input(b"\x70\x02\0\x01");
    it.sends(b"\x3a\x07\0\x01t\0\x02\x002");
}

#[test]
fn an_acknowledgement_that_comes_after_the_session_was_given_up_leaves_no_record() {
    let options = Options { auto_ack: false, ..returning(Version::V3_1_1) };
    let mut it = Script::connected(options.clone(), CONN_ACK_4);
    it.input(b"\x34\x06\0\x01t\0\x01x");
    let Told::Message(message) = it.next_event() else { panic!("a message") };
    it.disconnect(0, &[]).unwrap();
    it.sent.clear();
    it.told.clear();
    it.connect(Options { clean_start: true, ..options }).unwrap();
    it.acknowledge(message.acknowledgement.unwrap(), 0).unwrap();
    it.reach();
    it.accept(CONN_ACK_4);
    let record = Key::Received(PacketId::new(1).unwrap());
    let left = it
        .changes
        .iter()
        .rev()
        .find(|change| matches!(change, Change::Put(key, _) | Change::Delete(key) if *key == record));
    assert!(!matches!(left, Some(Change::Put(..))), "{left:?}");
}

#[test]
fn servers_that_send_each_other_s_clients_on_are_not_asked_in_a_tight_loop() {
    let options = Options { follow_server_reference: true, hosts: 2, ..returning(Version::V5) };
    let mut it = Script::connected(options, CONN_ACK_5);
    for _ in 0..20 {
        it.input(b"\xe0\x07\x9c\x05\x1c\0\x02xy");
        it.told.retain(|told| matches!(told, Told::Reconnecting { .. }));
        let told = it.told.pop_front();
        // Use another server is no reason to give up, but to wait.
        let Some(Told::Reconnecting { delay, .. }) = told else { panic!("{told:?}") };
        if !delay.is_zero() {
            return;
        }
        it.timeout();
        it.reach();
        it.accept(CONN_ACK_5);
    }
    panic!("a tight loop");
}

#[test]
fn a_server_that_has_spoken_mqtt_5_and_hangs_up_is_not_asked_in_an_older_version() {
    let options = Options { versions: vec![Version::V5, Version::V3_1_1], ..returning(Version::V5) };
    let mut it = Script::connected(options, CONN_ACK_5);
    breaks(&mut it);
    it.reach();
    // It restarts.
    it.close(Error::SocketClosed);
    let told = it.next_event();
    assert!(matches!(told, Told::Reconnecting { attempt: 2, .. }), "{told:?}");
    it.tells(Told::Close);
}

#[test]
fn a_probe_ends_in_its_time_however_often_the_device_wakes_meanwhile() {
    let mut it = Script::connected(returning(Version::V5), CONN_ACK_5);
    for now in (1_000..2_000).step_by(100) {
        it.at(now);
        if it.session.is_connected() {
            let now = it.now;
            it.session.handle_wake(now, true);
            it.drain();
        }
    }
    assert!(!it.session.is_connected());
    it.sent.clear();
    it.told.clear();
}
