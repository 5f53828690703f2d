//! SUBSCRIBE and UNSUBSCRIBE and their answers.

use wasmqtt::Error;
use wasmqtt::wire::{Filters, Version};

use crate::client::Told;
use crate::script::*;

#[test]
fn every_option_and_the_identifier_of_a_subscription_are_said() {
    let mut it = Script::v5();
    // No Local, Retain As Published, Retain Handling 2 with QoS 2; Retain Handling 1 with QoS 0.
    it.subscribe(b"\0\x03a/b\x2e\0\x01#\x10", b"\x0b\x80\x01").unwrap();
    it.sends(b"\x82\x10\0\x01\x03\x0b\x80\x01\0\x03a/b\x2e\0\x01#\x10");
}

#[test]
fn each_filter_has_its_reason_code() {
    let mut it = Script::v5();
    let ticket = it.subscribe(b"\0\x01a\x01\0\x01b\x02\0\x01c\0", b"").unwrap();
    it.sent.clear();
    it.input(b"\x90\x0a\0\x01\x04\x1f\0\x01r\x01\x87\0");
    it.tells(Told::Subscribed { ticket, codes: vec![1, 0x87, 0], properties: b"\x1f\0\x01r".to_vec() });
    let mut it = Script::v4();
    let ticket = it.subscribe(b"\0\x01a\x01\0\x01b\x02", b"").unwrap();
    it.sends(b"\x82\x0a\0\x01\0\x01a\x01\0\x01b\x02");
    it.input(b"\x90\x04\0\x01\x80\x02");
    it.tells(Told::Subscribed { ticket, codes: vec![0x80, 2], properties: vec![] });
}

#[test]
fn unsubscribe_is_answered_with_codes_in_mqtt_5_alone() {
    let mut it = Script::v5();
    let ticket = it.unsubscribe(b"\0\x01a\0\x01b", b"\x26\0\x01k\0\x01v").unwrap();
    it.sends(b"\xa2\x10\0\x01\x07\x26\0\x01k\0\x01v\0\x01a\0\x01b");
    it.input(b"\xb0\x05\0\x01\0\0\x11");
    it.tells(Told::Unsubscribed { ticket, codes: vec![0, 0x11], properties: vec![] });
    let mut it = Script::v4();
    let ticket = it.unsubscribe(b"\0\x01a\0\x01b", b"").unwrap();
    it.sends(b"\xa2\x08\0\x01\0\x01a\0\x01b");
    it.input(b"\xb0\x02\0\x01");
    it.tells(Told::Unsubscribed { ticket, codes: vec![], properties: vec![] });
}

#[test]
fn answers_may_come_in_any_order() {
    let mut it = Script::v4();
    let one = it.subscribe(b"\0\x01a\0", b"").unwrap();
    let two = it.subscribe(b"\0\x01b\0", b"").unwrap();
    it.sent.clear();
    it.input(b"\x90\x03\0\x02\0\x90\x03\0\x01\x80");
    it.tells(Told::Subscribed { ticket: two, codes: vec![0], properties: vec![] });
    it.tells(Told::Subscribed { ticket: one, codes: vec![0x80], properties: vec![] });
}

#[test]
fn what_mqtt_5_brought_is_refused_before_it() {
    let mut it = Script::v4();
    assert_eq!(it.subscribe(b"\0\x01a\0", b"\x0b\x05"), Err(Error::NeedsVersion5));
    let filters = Filters::decode(Version::V5, b"\0\x01a\x04").unwrap();
    let now = it.now;
    assert_eq!(it.session.subscribe(now, filters, b""), Err(Error::NeedsVersion5));
}

#[test]
fn properties_of_other_packets_are_refused() {
    let mut it = Script::v5();
    assert_eq!(it.subscribe(b"\0\x01a\0", b"\x0b\0"), Err(Error::Property));
    assert_eq!(it.subscribe(b"\0\x01a\0", b"\x0b\x01\x0b\x02"), Err(Error::Property));
    assert_eq!(it.unsubscribe(b"\0\x01a", b"\x0b\x01"), Err(Error::Property));
}

#[test]
fn what_was_asked_on_a_lost_connection_frees_its_identifiers() {
    let mut it = Script::connected(kept(Version::V3_1_1), CONN_ACK_4);
    it.subscribe(b"\0\x01a\0", b"").unwrap();
    it.unsubscribe(b"\0\x01a", b"").unwrap();
    it.sent.clear();
    it.again(kept(Version::V3_1_1), CONN_ACK_4_RESUMED);
    for _ in 0..2 {
        it.subscribe(b"\0\x01a\0", b"").unwrap();
    }
    let mut ids: Vec<_> = it.sent.drain(..).map(|packet| packet[3]).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2]);
}
