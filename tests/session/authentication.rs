//! Enhanced authentication (section 4.12), at the start and on a live connection, and what breaks it.

use wasmqtt::Error;
use wasmqtt::session::Options;
use wasmqtt::wire::Version;

use crate::client::Told;
use crate::script::*;

/// With the method "m".
fn asked() -> Options {
    Options { properties: b"\x15\0\x01m".to_vec(), ..options(Version::V5) }
}

const CONN_ACK: &[u8] = b"\x20\x07\0\0\x04\x15\0\x01m";

#[test]
fn a_challenge_before_conn_ack_is_told_and_answered() {
    let mut it = Script::handshake(asked());
    it.input(b"\xf0\x0a\x18\x08\x15\0\x01m\x16\0\x01?");
    it.tells(Told::Auth { reason: 0x18, properties: b"\x15\0\x01m\x16\0\x01?".to_vec() });
    it.authenticate(0x18, b"\x16\0\x01!").unwrap();
    it.sends(b"\xf0\x0a\x18\x08\x15\0\x01m\x16\0\x01!");
    it.input(CONN_ACK);
    let told = it.next_event();
    assert!(matches!(told, Told::Connected { .. }), "{told:?}");
}

#[test]
fn a_client_authenticates_again_while_the_connection_goes_on() {
    let mut it = Script::connected(asked(), CONN_ACK);
    it.authenticate(0x19, b"\x15\0\x01m\x16\0\x01!").unwrap();
    it.sends(b"\xf0\x0a\x19\x08\x15\0\x01m\x16\0\x01!");
    it.input(b"\x30\x04\0\x01a\0");
    it.next_event();
    it.input(b"\xf0\x06\x18\x04\x15\0\x01m");
    it.tells(Told::Auth { reason: 0x18, properties: b"\x15\0\x01m".to_vec() });
    it.authenticate(0x18, b"").unwrap();
    it.sends(b"\xf0\x06\x18\x04\x15\0\x01m");
    it.input(b"\xf0\x06\0\x04\x15\0\x01m");
    it.tells(Told::Auth { reason: 0, properties: b"\x15\0\x01m".to_vec() });
    assert!(it.session.is_connected());
}

#[test]
fn conn_ack_must_name_the_method_of_connect() {
    for conn_ack in [CONN_ACK_5, &conn_ack_5(b"\x15\0\x01n")] {
        let mut it = Script::handshake(asked());
        it.input(conn_ack);
        it.failed(Error::AuthenticationRefused, 0x8C);
        it.sends(b"\xe0\x01\x8c");
    }
}

#[test]
fn a_method_that_was_never_asked_for_is_refused() {
    for packet in [CONN_ACK, b"\xf0\x06\x18\x04\x15\0\x01m"] {
        let mut it = Script::handshake(options(Version::V5));
        it.input(packet);
        it.failed(Error::AuthenticationRefused, 0x8C);
        it.sends(b"\xe0\x01\x8c");
    }
    let mut it = Script::v5();
    it.input(b"\xf0\x06\x18\x04\x15\0\x01m");
    it.lost(Error::AuthenticationRefused, 0x8C);
    it.sends(b"\xe0\x01\x8c");
}

#[test]
fn a_challenge_by_another_method_or_by_none_is_refused() {
    for packet in [&b"\xf0\x06\x18\x04\x15\0\x01n"[..], b"\xf0\x01\x18"] {
        let mut it = Script::handshake(asked());
        it.input(packet);
        it.failed(Error::AuthenticationRefused, 0x8C);
        it.sends(b"\xe0\x01\x8c");
    }
}

#[test]
fn an_auth_out_of_its_turn_ends_the_connection() {
    // Only a client starts again, and success is for a re-authentication alone (CONNACK says it otherwise).
    for packet in [&b"\xf0\x06\x18\x04\x15\0\x01m"[..], b"\xf0\x06\0\x04\x15\0\x01m"] {
        let mut it = Script::connected(asked(), CONN_ACK);
        it.input(packet);
        it.lost(Error::UnexpectedPacket, 0x82);
        it.sends(b"\xe0\x01\x82");
    }
    let mut it = Script::handshake(asked());
    it.input(b"\xf0\x06\0\x04\x15\0\x01m");
    it.failed(Error::UnexpectedPacket, 0x82);
    it.sends(b"\xe0\x01\x82");
}

#[test]
fn an_auth_that_fits_nothing_is_refused_before_it_is_sent() {
    let mut it = Script::v5();
    assert_eq!(it.authenticate(0x19, b""), Err(Error::NoAuthenticationMethod));
    let mut it = Script::connected(asked(), CONN_ACK);
    assert_eq!(it.authenticate(0, b""), Err(Error::ReasonCode));
    assert!(it.authenticate(0x18, b"").is_err(), "nobody asked");
    assert_eq!(it.authenticate(0x19, b"\x15\0\x01n"), Err(Error::Property), "another method");
    assert_eq!(it.authenticate(0x19, b"\x11\0\0\0\0"), Err(Error::Property));
    let fallback = Options { versions: vec![Version::V5, Version::V3_1_1], ..asked() };
    let mut it = Script::handshake(fallback);
    it.input(b"\x20\x02\0\x01");
    it.reach();
    it.accept(CONN_ACK_4);
    assert_eq!(it.authenticate(0x19, b""), Err(Error::NeedsVersion5));
}

#[test]
fn a_refused_authentication_is_told_by_conn_ack() {
    let mut it = Script::handshake(asked());
    it.input(b"\x20\x03\0\x8c\0");
    it.failed(Error::Refused, 0x8C);
}
