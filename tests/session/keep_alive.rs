//! A dead peer is noticed within one and a half times the keep alive, whatever else happens, and a live one is kept.

use wasmqtt::Error;
use wasmqtt::session::Options;
use wasmqtt::wire::{QoS, Version};

use crate::client::Told;
use crate::script::*;

fn every_ten_seconds() -> Script {
    Script::connected(Options { keep_alive: 10, ..options(Version::V3_1_1) }, CONN_ACK_4)
}

#[test]
fn an_idle_connection_is_pinged_and_kept() {
    let mut it = every_ten_seconds();
    for round in 1..=5 {
        assert_eq!(it.due(), Some(round * 10_000));
        it.at(round * 10_000 - 1);
        it.silent();
        it.at(round * 10_000);
        it.sends(b"\xc0\0");
        it.input(b"\xd0\0");
    }
}

#[test]
fn an_idle_dead_peer_is_noticed() {
    let mut it = every_ten_seconds();
    it.at(10_000);
    it.sends(b"\xc0\0");
    assert_eq!(it.due(), Some(15_000));
    it.at(14_999);
    it.silent();
    it.at(15_000);
    it.lost(Error::PingTimeout, 0);
    assert_eq!(it.due(), None);
}

#[test]
fn a_dead_peer_is_noticed_while_we_send_all_the_time() {
    let mut it = every_ten_seconds();
    for second in 1..15 {
        it.at(second * 1_000);
        it.publish("t", b"", QoS::AtMostOnce).unwrap();
    }
    it.at(15_000);
    it.lost(Error::PingTimeout, 0);
    assert_eq!(it.sent.drain(..).filter(|message| message == b"\xc0\0").count(), 1);
}

#[test]
fn a_peer_that_sends_half_a_packet_at_a_time_lives_and_then_is_noticed_dead() {
    let mut it = every_ten_seconds();
    it.input(b"\x30\x7f\0\x01t");
    for second in 1..=40 {
        it.at(second * 1_000);
        it.input(b"x");
        assert!(it.session.is_connected());
    }
    // It is pinged for its own sake: it would else miss us.
    assert_eq!(it.sent.drain(..).filter(|message| message == b"\xc0\0").count(), 4);
    it.at(50_000);
    it.sends(b"\xc0\0");
    it.at(55_000);
    it.lost(Error::PingTimeout, 0);
}

#[test]
fn a_sent_packet_puts_the_ping_off_only_while_the_peer_is_heard() {
    let mut it = every_ten_seconds();
    it.at(6_000);
    it.publish("t", b"", QoS::AtMostOnce).unwrap();
    it.sent.clear();
    it.input(b"\x30\x03\0\x01t");
    it.told.clear();
    assert_eq!(it.due(), Some(16_000));
}

#[test]
fn a_clock_that_jumps_ahead_asks_a_live_peer_before_it_gives_it_up() {
    let mut it = every_ten_seconds();
    it.at(3_600_000);
    it.sends(b"\xc0\0");
    it.input(b"\xd0\0");
    assert_eq!(it.due(), Some(3_610_000));
    // It slept with a PINGREQ under way.
    it.at(3_610_000);
    it.sends(b"\xc0\0");
    it.at(7_200_000);
    it.sends(b"\xc0\0");
    it.at(7_205_000);
    it.lost(Error::PingTimeout, 0);
}

#[test]
fn a_clock_that_is_set_back_loses_no_time() {
    let mut it = every_ten_seconds();
    it.at(8_000);
    it.at(1_000);
    assert_eq!(it.due(), Some(3_000), "2 s are left");
    it.at(3_000);
    it.sends(b"\xc0\0");
    it.at(8_000);
    it.lost(Error::PingTimeout, 0);
}

#[test]
fn zero_is_off() {
    let mut it = Script::connected(Options { keep_alive: 0, ..options(Version::V3_1_1) }, CONN_ACK_4);
    assert_eq!(it.due(), None);
    it.at(u64::MAX / 2);
    assert!(it.session.is_connected());
}

#[test]
fn an_attempt_has_its_own_clock() {
    let mut it = Script::opening(options(Version::V3_1_1));
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    assert_eq!(it.due(), Some(30_000));
    it.at(20_000);
    it.open();
    it.sent.clear();
    assert_eq!(it.due(), Some(30_000), "socket and CONNACK together");
    it.at(30_000);
    it.failed(Error::ConnectTimeout, 0);
}
