//! Which address and version comes next when an attempt fails.

use core::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::Options;
use wasmqtt::wire::Version;

use crate::client::Told;
use crate::script::*;

fn five_then_four(hosts: u32) -> Options {
    Options { versions: vec![Version::V5, Version::V3_1_1], hosts, ..options(Version::V5) }
}

#[track_caller]
fn opens(it: &mut Script, host: u32, version: Version) {
    it.tells(Told::Open { host, version });
}

#[test]
fn a_server_that_refuses_mqtt_5_is_asked_in_3_1_1() {
    // As MQTT 5 says it, and as servers do that never heard of it.
    for refusal in [&b"\x20\x03\0\x84\0"[..], b"\x20\x02\0\x01"] {
        let mut it = Script::handshake(five_then_four(1));
        it.input(refusal);
        opens(&mut it, 0, Version::V3_1_1);
        it.silent();
        it.open();
        it.sends(b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c");
        it.input(CONN_ACK_4);
        it.tells(plainly_connected(Version::V3_1_1));
    }
}

#[test]
fn a_server_that_hangs_up_on_connect_is_asked_in_the_next_version() {
    let mut it = Script::handshake(five_then_four(1));
    it.close(Error::SocketClosed);
    opens(&mut it, 0, Version::V3_1_1);
    it.open();
    it.sent.clear();
    it.close(Error::SocketClosed);
    it.failed(Error::SocketClosed, 0);
}

#[test]
fn a_socket_that_does_not_open_says_nothing_about_the_version() {
    let mut it = Script::opening(five_then_four(2));
    opens(&mut it, 0, Version::V5);
    it.close(Error::SocketError);
    opens(&mut it, 1, Version::V5);
    it.close(Error::SocketError);
    it.failed(Error::SocketError, 0);
}

#[test]
fn addresses_are_tried_in_order_each_from_the_first_version() {
    let mut it = Script::opening(five_then_four(2));
    for (host, version) in [(0, Version::V5), (0, Version::V3_1_1), (1, Version::V5), (1, Version::V3_1_1)] {
        opens(&mut it, host, version);
        it.open();
        it.sent.clear();
        it.input(b"\x20\x02\0\x01");
    }
    it.failed(Error::Refused, 1);
}

#[test]
fn another_refusal_goes_to_the_next_address_and_the_last_one_is_told() {
    let mut it = Script::handshake(five_then_four(2));
    it.input(b"\x20\x03\0\x88\0");
    opens(&mut it, 1, Version::V5);
    it.open();
    it.sent.clear();
    it.input(b"\x20\x08\0\x9c\x05\x1c\0\x02xy");
    let properties = b"\x1c\0\x02xy".to_vec();
    it.tells(Told::Failed { error: Some(Error::Refused), reason: 0x9C, properties });
    it.tells(Told::Close);
}

#[test]
fn the_return_codes_of_older_servers_are_told() {
    for code in 1..=5 {
        let mut it = Script::handshake(options(Version::V3_1_1));
        it.input(&[0x20, 2, 0, code]);
        it.failed(Error::Refused, code);
    }
}

#[test]
fn each_attempt_has_its_time() {
    let mut it = Script::opening(Options { timeout: Duration::from_secs(5), ..five_then_four(3) });
    opens(&mut it, 0, Version::V5);
    it.at(5_000);
    opens(&mut it, 1, Version::V5);
    it.open();
    it.sent.clear();
    assert_eq!(it.due(), Some(10_000));
    it.at(10_000);
    opens(&mut it, 2, Version::V5);
    it.at(15_000);
    it.failed(Error::ConnectTimeout, 0);
    assert_eq!(it.due(), None);
}

#[test]
fn without_a_timeout_an_attempt_may_take_for_ever() {
    let it = Script::handshake(Options { timeout: Duration::ZERO, ..options(Version::V5) });
    assert_eq!(it.due(), None);
}

#[test]
fn the_rest_of_what_a_refused_socket_brought_does_not_harm_the_next_attempt() {
    let mut it = Script::handshake(five_then_four(1));
    it.input(b"\x20\x02\0\x01\x30\x80\0");
    opens(&mut it, 0, Version::V3_1_1);
    it.open();
    it.sent.clear();
    it.accept(CONN_ACK_4);
}

#[test]
fn a_server_that_breaks_the_protocol_is_left_for_the_next_address() {
    let mut it = Script::handshake(five_then_four(2));
    it.input(b"\x30\x04\0\x01a\0");
    opens(&mut it, 1, Version::V5);
    it.open();
    it.sent.clear();
    it.accept(CONN_ACK_5);
}

#[test]
fn properties_are_left_out_where_the_version_has_none() {
    let with_properties = Options { properties: vec![0x11, 0, 0, 0, 1], ..five_then_four(1) };
    let mut it = Script::handshake(with_properties);
    it.input(b"\x20\x03\0\x84\0");
    opens(&mut it, 0, Version::V3_1_1);
    it.open();
    it.sends(b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c");
}

#[test]
fn an_attempt_that_the_next_version_cannot_say_fails() {
    let nameless = Options { client_id: String::new(), clean_start: false, ..five_then_four(1) };
    let mut it = Script::handshake(nameless);
    it.input(b"\x20\x03\0\x84\0");
    opens(&mut it, 0, Version::V3_1_1);
    it.open();
    it.failed(Error::ClientIdNeeded, 0);
}
