//! A connection that is lost comes back: when, to which address, what it says, and when it is given up.

use core::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Options, Reconnect};
use wasmqtt::wire::{QoS, Version};

use crate::client::Told;
use crate::script::*;

/// Without chance: 0, 1, 2, 4, … seconds.
fn policy() -> Reconnect {
    Reconnect { jitter: 0, ..Reconnect::default() }
}

fn returning(version: Version) -> Options {
    Options { reconnect: Some(policy()), ..options(version) }
}

/// The connection is gone, and this is how it goes on.
#[track_caller]
fn lost_for_a_while(it: &mut Script, error: Error, attempt: u32, seconds: u64) {
    it.tells(Told::Lost { error: Some(error), reason: 0, properties: vec![], reconnecting: true });
    it.tells(Told::Close);
    it.tells(waiting(error, 0, attempt, seconds));
}

fn waiting(error: Error, reason: u8, attempt: u32, seconds: u64) -> Told {
    let delay = Duration::from_secs(seconds);
    Told::Reconnecting { attempt, delay, error: Some(error), reason, properties: vec![] }
}

#[track_caller]
fn fails_again(it: &mut Script, attempt: u32, seconds: u64) {
    it.tells(waiting(Error::SocketError, 0, attempt, seconds));
    it.tells(Told::Close);
}

#[test]
fn the_first_attempt_is_made_at_once_and_then_ever_later_at_the_next_address() {
    let mut it = Script::connected(Options { hosts: 3, ..returning(Version::V3_1_1) }, CONN_ACK_4);
    it.close(Error::SocketClosed);
    lost_for_a_while(&mut it, Error::SocketClosed, 1, 0);
    let mut now = 0;
    for (attempt, host, wait) in [(2, 1, 1), (3, 2, 2), (4, 0, 4), (5, 1, 8), (6, 2, 16), (7, 0, 32), (8, 1, 60)] {
        it.at(now);
        it.tells(Told::Open { host, version: Version::V3_1_1 });
        it.close(Error::SocketError);
        fails_again(&mut it, attempt, wait);
        now += wait * 1_000;
        assert_eq!(it.due(), Some(now));
        it.at(now - 1);
        it.silent();
    }
}

#[test]
fn it_comes_back_in_the_version_that_was_agreed_on() {
    let both = Options { versions: vec![Version::V5, Version::V3_1_1], ..returning(Version::V5) };
    let mut it = Script::handshake(both);
    it.input(b"\x20\x02\0\x01");
    it.reach();
    it.accept(CONN_ACK_4);
    it.close(Error::SocketClosed);
    lost_for_a_while(&mut it, Error::SocketClosed, 1, 0);
    it.at(0);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.open();
    it.sent.clear();
    it.input(CONN_ACK_4);
    it.tells(Told::Connected {
        host: 0,
        version: Version::V3_1_1,
        session_present: false,
        reconnected: true,
        properties: vec![],
    });
}

#[test]
fn a_clean_session_of_3_1_1_is_clean_again_and_one_of_mqtt_5_is_looked_for() {
    for (version, conn_ack, connect) in [
        (Version::V3_1_1, CONN_ACK_4, &b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c"[..]),
        (Version::V5, CONN_ACK_5, b"\x10\x0e\0\x04MQTT\x05\0\0\x3c\0\0\x01c"),
    ] {
        let mut it = Script::connected(returning(version), conn_ack);
        it.close(Error::SocketClosed);
        it.told.clear();
        it.at(0);
        it.told.clear();
        it.open();
        it.sends(connect);
    }
}

#[test]
fn what_was_not_acknowledged_goes_on_although_the_session_was_clean() {
    let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
    let ticket = it.publish("t", b"x", QoS::AtLeastOnce).unwrap();
    it.sends(b"\x32\x06\0\x01t\0\x01x");
    it.close(Error::SocketClosed);
    lost_for_a_while(&mut it, Error::SocketClosed, 1, 0);
    it.at(0);
    it.reach();
    it.accept(CONN_ACK_4);
    it.sends(b"\x32\x06\0\x01t\0\x01x"); // A new session has not seen it: no DUP [MQTT-3.3.1-1].
    it.input(b"\x40\x02\0\x01");
    it.delivered(ticket, 0);
}

#[test]
fn a_server_that_accepts_and_hangs_up_is_not_asked_in_a_tight_loop() {
    let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
    let mut now = 0;
    for (attempt, wait) in [(1, 0), (2, 1), (3, 2), (4, 4)] {
        it.close(Error::SocketClosed);
        lost_for_a_while(&mut it, Error::SocketClosed, attempt, wait);
        now += wait * 1_000;
        it.at(now);
        it.reach();
        it.accept(CONN_ACK_4);
    }
    // This one holds for as long as the next wait.
    it.at(now + 8_000);
    it.close(Error::SocketClosed);
    lost_for_a_while(&mut it, Error::SocketClosed, 1, 0);
}

#[test]
fn a_refusal_that_cannot_heal_ends_it() {
    for (version, conn_ack, refusal, reason) in [
        (Version::V3_1_1, CONN_ACK_4, &b"\x20\x02\0\x04"[..], 4),
        (Version::V3_1_1, CONN_ACK_4, b"\x20\x02\0\x05", 5),
        (Version::V5, CONN_ACK_5, b"\x20\x03\0\x86\0", 0x86),
        (Version::V5, CONN_ACK_5, b"\x20\x03\0\x8a\0", 0x8A),
    ] {
        let mut it = Script::connected(returning(version), conn_ack);
        it.close(Error::SocketClosed);
        it.told.clear();
        it.at(0);
        it.reach();
        it.input(refusal);
        it.failed(Error::Refused, reason);
        assert_eq!(it.due(), None);
    }
}

#[test]
fn a_refusal_that_may_heal_is_one_more_failed_attempt() {
    let stubborn = Reconnect { give_up_on: vec![], ..policy() };
    for (options, refusal, reason) in [
        (returning(Version::V3_1_1), b"\x20\x02\0\x03", 3),
        (Options { reconnect: Some(stubborn), ..returning(Version::V3_1_1) }, b"\x20\x02\0\x05", 5),
    ] {
        let mut it = Script::connected(options, CONN_ACK_4);
        it.close(Error::SocketClosed);
        it.told.clear();
        it.at(0);
        it.reach();
        it.input(refusal);
        it.tells(waiting(Error::Refused, reason, 2, 1));
        it.tells(Told::Close);
    }
}

#[test]
fn a_client_that_was_taken_over_does_not_fight_for_its_place() {
    let mut it = Script::connected(returning(Version::V5), CONN_ACK_5);
    it.input(b"\xe0\x01\x8e");
    it.lost(Error::ServerDisconnected, 0x8E);
    assert_eq!(it.due(), None);
}

#[test]
fn so_many_attempts_in_a_row_are_enough() {
    let twice = Reconnect { max_attempts: 2, ..policy() };
    let mut it = Script::connected(Options { reconnect: Some(twice), ..returning(Version::V3_1_1) }, CONN_ACK_4);
    it.close(Error::SocketClosed);
    lost_for_a_while(&mut it, Error::SocketClosed, 1, 0);
    it.at(0);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.close(Error::SocketError);
    fails_again(&mut it, 2, 1);
    it.at(1_000);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.close(Error::SocketError);
    it.failed(Error::SocketError, 0);
}

#[test]
fn the_first_connection_is_tried_again_when_that_is_asked_for() {
    let mut it = Script::opening(returning(Version::V3_1_1));
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.close(Error::SocketError);
    it.failed(Error::SocketError, 0);

    let initial = Reconnect { initial: true, ..policy() };
    let mut it = Script::opening(Options { reconnect: Some(initial), hosts: 2, ..returning(Version::V3_1_1) });
    for host in 0..2 {
        it.tells(Told::Open { host, version: Version::V3_1_1 });
        it.close(Error::SocketError);
    }
    fails_again(&mut it, 1, 0);
    it.at(0);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.close(Error::SocketError);
    fails_again(&mut it, 2, 1);
}

#[test]
fn disconnect_ends_it_while_it_waits_and_while_it_tries() {
    for tries in [false, true] {
        let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
        it.close(Error::SocketClosed);
        if tries {
            it.at(0);
        }
        it.told.clear();
        it.disconnect(0, &[]).unwrap();
        it.tells(Told::Failed { error: None, reason: 0, properties: vec![] });
        it.tells(Told::Close);
        assert_eq!(it.due(), None);
        assert_eq!(it.disconnect(0, &[]), Err(Error::NotConnected));
    }
}

#[test]
fn a_reference_to_another_server_is_followed_where_that_is_allowed_and_not_for_ever() {
    // 0x9C, Server Reference "x".
    let refusal = b"\x20\x07\0\x9c\x04\x1c\0\x01x";
    let mut it = Script::handshake(options(Version::V5));
    it.input(refusal);
    let properties = b"\x1c\0\x01x".to_vec();
    it.tells(Told::Failed { error: Some(Error::Refused), reason: 0x9C, properties: properties.clone() });
    it.tells(Told::Close);

    let mut it = Script::handshake(Options { follow_server_reference: true, ..options(Version::V5) });
    for _ in 0..3 {
        it.input(refusal);
        let (attempt, delay, error) = (0, Duration::ZERO, Some(Error::Refused));
        it.tells(Told::Reconnecting { attempt, delay, error, reason: 0x9C, properties: properties.clone() });
        it.tells(Told::Close);
        it.at(0);
        it.reach();
    }
    it.input(refusal);
    it.tells(Told::Failed { error: Some(Error::Refused), reason: 0x9C, properties });
    it.tells(Told::Close);
}

#[test]
fn credentials_are_taken_anew_for_each_attempt_and_only_then() {
    let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
    assert_eq!(it.session.set_credentials(Some("u"), None, &[]), Err(Error::NotConnected));
    it.close(Error::SocketClosed);
    it.told.clear();
    it.at(0);
    it.told.clear();
    assert_eq!(it.session.set_credentials(None, Some(b"p"), &[]), Err(Error::PasswordWithoutUserName));
    it.session.set_credentials(Some("u"), Some(b"p"), &[]).unwrap();
    it.open();
    it.sends(b"\x10\x13\0\x04MQTT\x04\xc2\0\x3c\0\x01c\0\x01u\0\x01p");
}

#[test]
fn when_the_network_is_back_what_waits_is_tried_at_once_and_what_hangs_anew() {
    let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
    it.close(Error::SocketClosed);
    it.at(0);
    it.close(Error::SocketError);
    it.told.clear();
    assert_eq!(it.due(), Some(1_000));
    it.wake(600, true);
    assert_eq!(it.due(), Some(600));
    it.at(600);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.wake(900, true);
    it.silent(); // It is young.
    assert_eq!(it.due(), Some(1_100));
    it.at(1_100);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    it.wake(5_000, false);
    it.silent(); // The network is what it was.
    it.wake(5_000, true);
    it.tells(Told::Open { host: 0, version: Version::V3_1_1 });
    assert_eq!(it.due(), Some(35_000)); // It has its whole time.
}

#[test]
fn wake_after_wake_makes_no_tight_loop() {
    let mut it = Script::connected(returning(Version::V3_1_1), CONN_ACK_4);
    it.close(Error::SocketClosed);
    it.at(0);
    it.told.clear();
    let mut attempts = 0;
    for now in (0..10_000).step_by(10) {
        it.close(Error::SocketError);
        it.wake(now, true);
        it.at(now);
        attempts += it.told.drain(..).filter(|told| matches!(told, Told::Open { .. })).count();
    }
    assert!((15..=21).contains(&attempts), "{attempts} in ten seconds");
}

#[test]
fn a_probe_that_is_not_answered_soon_is_a_lost_connection() {
    for keep_alive in [0, 60] {
        let mut it = Script::connected(Options { keep_alive, ..returning(Version::V3_1_1) }, CONN_ACK_4);
        it.wake(10_000, false);
        it.sends(b"\xc0\0");
        assert_eq!(it.due(), Some(10_500));
        it.input(b"\xd0\0");
        it.tells(Told::Alive);
        it.wake(20_000, true);
        it.sends(b"\xc0\0");
        it.at(20_500);
        lost_for_a_while(&mut it, Error::PingTimeout, 1, 0);
    }
}
