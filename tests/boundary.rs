//! The boundary as JavaScript sees it, in a real browser: handles, records, growing memory, malformed input.
//!
//! Runs by `wasm-pack test --headless --chrome -- --features ffi`.
#![cfg(all(target_arch = "wasm32", feature = "ffi"))]

use js_sys::{Uint8Array, Uint32Array, WebAssembly};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wasmqtt::ffi::{self, ABSENT, FRESH, Kind, MATCHED, RECORD};

wasm_bindgen_test_configure!(run_in_browser);

const CONN_ACK_4: &[u8] = &[0x20, 2, 0, 0];

fn buffer() -> js_sys::ArrayBuffer {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_into()
}

fn bytes(at: u32, len: u32) -> Vec<u8> {
    // Out of this memory first: the vector's own room may make it grow and detach the view.
    Uint8Array::new_with_byte_offset_and_length(&buffer(), at, len).slice(0, len).to_vec()
}

fn words(at: u32, len: u32) -> Vec<u32> {
    Uint32Array::new_with_byte_offset_and_length(&buffer(), at, len).slice(0, len).to_vec()
}

/// Writes into the scratch space as JavaScript does.
fn write(data: &[u8]) {
    let at = ffi::reserve(data.len() as u32);
    Uint8Array::new_with_byte_offset_and_length(&buffer(), at, data.len() as u32).copy_from(data);
}

#[derive(Debug)]
struct Record {
    kind: u32,
    flags: u32,
    id: u32,
    code: u32,
    first: Vec<u8>,
    second: Vec<u8>,
    properties: Vec<u8>,
    routes: Vec<u32>,
}

fn batch(at: u32) -> (Vec<Record>, u32) {
    let head = words(at, 3);
    let records = words(head[2], head[0] * RECORD as u32);
    let string = |at: u32, len: u32| if len == 0 { Vec::new() } else { bytes(at, len) };
    let records = records
        .chunks(RECORD)
        .map(|r| Record {
            kind: r[0],
            flags: r[1],
            id: r[2],
            code: r[3],
            first: string(r[4], r[5]),
            second: string(r[6], r[7]),
            properties: string(r[8], r[9]),
            routes: if r[11] == 0 { Vec::new() } else { words(r[10], r[11]) },
        })
        .collect();
    (records, head[1])
}

fn kinds(records: &[Record]) -> Vec<u32> {
    records.iter().map(|record| record.kind).collect()
}

fn input(handle: u32, data: &[u8], now: f64) -> (Vec<Record>, u32) {
    write(data);
    batch(ffi::handle_input(handle, data.len() as u32, now))
}

const CLEAN: u32 = 1;
const AUTO_ACK_AND_BATCH: u32 = 1 << 4 | 1 << 5;
const RECONNECT: u32 = 1 << 6;
const PERSIST: u32 = 1 << 9;
const OFFLINE: u32 = 1 << 10;

/// A client that has asked for a socket.
fn opening(versions: u32) -> u32 {
    opening_with(ffi::client_new(), versions, CLEAN)
}

fn opening_with(handle: u32, versions: u32, flags: u32) -> u32 {
    let numbers = [1, 60, 30_000, flags | AUTO_ACK_AND_BATCH, versions, 65_535, 7];
    let reconnect = [1_000, 60_000, 0, 0];
    let offline = [1, 1_000, 0];
    let lengths = [2, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, 0, ABSENT];
    let numbers = numbers.into_iter().chain(reconnect).chain(offline).chain(lengths);
    let mut args: Vec<u8> = numbers.flat_map(u32::to_le_bytes).collect();
    args.extend_from_slice(b"me");
    write(&args);
    let answer = ffi::connect(handle, 0.0);
    assert_eq!(answer, 0);
    let (records, timeout) = batch(ffi::poll(handle, 0.0));
    assert_eq!(kinds(&records), [Kind::Open as u32]);
    assert_eq!(timeout, 30_000);
    handle
}

fn connected(versions: u32, conn_ack: &[u8]) -> u32 {
    let handle = opening(versions);
    let (records, _) = batch(ffi::handle_open(handle, 1.0));
    assert_eq!(kinds(&records), [Kind::Transmit as u32]);
    assert_eq!(records[0].first[0], 0x10);
    let (records, timeout) = input(handle, conn_ack, 2.0);
    assert_eq!(kinds(&records), [Kind::Connected as u32]);
    assert_eq!(timeout, 60_000);
    handle
}

#[wasm_bindgen_test]
fn a_handle_is_above_zero_and_an_unknown_one_costs_an_error_only() {
    let first = ffi::client_new();
    let second = ffi::client_new();
    assert!(first > 0 && second > 0 && first != second);
    ffi::client_free(first);
    for unknown in [0, first, 9_999, u32::MAX] {
        assert_eq!(ffi::publish(unknown, 0, 0, 0, 0, 0.0), -11);
        assert_eq!(batch(ffi::poll(unknown, 0.0)).0.len(), 0);
        ffi::client_free(unknown);
    }
    ffi::client_free(second);
}

#[wasm_bindgen_test]
fn two_clients_in_one_instance_never_meet() {
    let (a, b) = (connected(4, CONN_ACK_4), connected(4, CONN_ACK_4));
    write(b"to/a");
    assert_eq!(ffi::publish(a, 0, 4, 0, 0, 3.0), 0);
    assert_eq!(batch(ffi::poll(b, 3.0)).0.len(), 0);
    assert_eq!(batch(ffi::poll(a, 3.0)).0[0].first, b"\x30\x06\0\x04to/a");
    ffi::client_free(a);
    let (records, _) = input(b, &[0x30, 3, 0, 1, b't'], 4.0);
    assert_eq!(kinds(&records), [Kind::Message as u32]);
    ffi::client_free(b);
}

#[wasm_bindgen_test]
fn a_topic_is_given_once_and_then_by_its_number() {
    let handle = connected(4, CONN_ACK_4);
    let (records, _) = input(handle, b"\x31\x08\0\x03newhey\x30\x08\0\x03new\0\xff\x01\x30\x05\0\x02uvx", 3.0);
    assert_eq!(kinds(&records), [Kind::Message as u32; 3]);
    assert_eq!((records[0].flags, records[0].first.as_slice()), (FRESH | MATCHED | 1, b"new".as_slice()));
    assert_eq!(records[0].second, b"hey");
    assert_eq!((records[1].flags, records[1].code), (0, records[0].code));
    assert_eq!(records[1].second, [0, 0xff, 1]);
    assert_eq!(records[2].first, b"uv");
    assert_ne!(records[2].code, records[0].code);
    ffi::client_free(handle);
}

#[wasm_bindgen_test]
fn routes_name_the_filters_that_match() {
    let handle = connected(4, CONN_ACK_4);
    for (filter, id) in [("a/#", 7), ("a/+", 8), ("b", 9)] {
        write(filter.as_bytes());
        assert_eq!(ffi::route(handle, filter.len() as u32, id), 0);
    }
    write(b"a/#/b");
    assert_eq!(ffi::route(handle, 5, 1), -31);
    let (mut records, _) = input(handle, b"\x30\x05\0\x03a/b\x30\x03\0\x01b\x30\x03\0\x01c", 3.0);
    records[0].routes.sort_unstable();
    assert_eq!(records[0].routes, [7, 8]);
    assert_eq!(records[1].routes, [9]);
    assert!(records[2].routes.is_empty());
    ffi::client_free(handle);
}

#[wasm_bindgen_test]
fn routes_are_said_again_only_when_they_or_the_client_are_others() {
    let (a, b) = (connected(4, CONN_ACK_4), connected(4, CONN_ACK_4));
    let routes = |client| {
        let record = input(client, b"\x30\x05\0\x03r/s", 3.0).0.remove(0);
        (record.flags & MATCHED != 0).then_some(record.routes)
    };
    let change = |by: fn(u32, u32, u32) -> i32, client, id| {
        write(b"r/+");
        assert_eq!(by(client, 3, id), 0);
    };
    assert_eq!(routes(a), Some(vec![]));
    // Neither has any.
    assert_eq!((routes(a), routes(b)), (None, None));
    change(ffi::route, a, 7);
    assert_eq!((routes(a), routes(a)), (Some(vec![7]), None));
    assert_eq!((routes(b), routes(b)), (Some(vec![]), None));
    change(ffi::route, b, 8);
    assert_eq!((routes(b), routes(a), routes(b)), (Some(vec![8]), Some(vec![7]), Some(vec![8])));
    change(ffi::unroute, b, 8);
    assert_eq!((routes(b), routes(b)), (Some(vec![]), None));
    // A new client under the handle of an old one.
    assert_eq!(routes(a), Some(vec![7]));
    ffi::client_free(a);
    let again = connected(4, CONN_ACK_4);
    assert_eq!((a, routes(again)), (again, Some(vec![])));
    ffi::client_free(again);
    ffi::client_free(b);
}

#[wasm_bindgen_test]
fn memory_grows_without_losing_a_byte() {
    let handle = connected(4, CONN_ACK_4);
    let before = buffer().byte_length();
    let payload: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let mut packet = vec![0x30, 0, 0, 0, 0, 0, 1, b'p'];
    let remaining = (3 + payload.len()) as u32;
    for (n, byte) in packet[1..5].iter_mut().enumerate() {
        *byte = (remaining >> (7 * n)) as u8 & 0x7f | if n < 3 { 0x80 } else { 0 };
    }
    packet.extend_from_slice(&payload);
    let mut received = Vec::new();
    for piece in packet.chunks(1_400) {
        received.extend(input(handle, piece, 3.0).0);
    }
    assert_eq!(kinds(&received), [Kind::Message as u32]);
    assert!(received[0].second == payload);
    write(&[b"p".as_slice(), &payload].concat());
    assert!(ffi::publish(handle, 1 << 1, 1, payload.len() as u32, 0, 4.0) > 0);
    let (records, _) = batch(ffi::poll(handle, 4.0));
    assert!(records[0].first.ends_with(&payload));
    assert!(buffer().byte_length() > before);
    ffi::client_free(handle);
}

#[wasm_bindgen_test]
fn malformed_input_is_one_lost_connection_with_its_code() {
    let conn_ack_5 = [0x20, 3, 0, 0, 0];
    for (data, code, reason) in [
        (&[0x36, 5, 0, 1, b't', 0, 1][..], 63, 0x81),
        (&[0x30, 0x80, 0x80, 0x80, 0x80, 1][..], 60, 0x81),
        (&[0x40, 2, 0, 0][..], 67, 0x81),
        (&[0x30, 4, 0, 1, b'+', 0][..], 86, 0x90),
        (&[0x10, 0][..], 61, 0x81),
        (&[0x20, 3, 0, 0, 0][..], 83, 0x82),
    ] {
        let handle = connected(5, &conn_ack_5);
        let (records, timeout) = input(handle, data, 3.0);
        assert_eq!(kinds(&records), [Kind::Lost as u32, Kind::Close as u32, Kind::Transmit as u32], "{data:x?}");
        assert_eq!((records[0].id, records[0].code), (code, reason), "{data:x?}");
        assert_eq!(records[2].first, [0xE0, 1, reason as u8]);
        assert!(records[0].properties.is_empty());
        assert_eq!(timeout, ABSENT);
        ffi::client_free(handle);
    }
}

#[wasm_bindgen_test]
fn every_truncation_and_every_byte_of_noise_is_survived() {
    let stream = b"\x33\x0c\0\x02ab\0\x09payload\x62\x02\0\x09\x30\x03\0\x01t";
    for cut in 0..stream.len() {
        let handle = connected(4, CONN_ACK_4);
        input(handle, &stream[..cut], 3.0);
        input(handle, &stream[cut..], 4.0);
        ffi::client_free(handle);
    }
    let mut noise = 1_u32;
    for _ in 0..2_000 {
        let handle = connected(5, &[0x20, 3, 0, 0, 0]);
        let data: Vec<u8> = (0..40)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .collect();
        input(handle, &data, 3.0);
        ffi::client_free(handle);
    }
}

#[wasm_bindgen_test]
fn a_lost_connection_comes_back_and_what_was_published_meanwhile_waits() {
    let handle = opening_with(ffi::client_new(), 4, CLEAN | RECONNECT | OFFLINE);
    batch(ffi::handle_open(handle, 1.0));
    input(handle, CONN_ACK_4, 2.0);
    let (records, timeout) = batch(ffi::handle_close(handle, 8, 3_000.0));
    assert_eq!(kinds(&records), [Kind::Lost as u32, Kind::Close as u32, Kind::Reconnecting as u32]);
    assert_eq!([records[0].flags, records[0].id, records[2].flags, records[2].id], [1, 8, 1, 8]);
    assert_eq!(timeout, 0, "the first attempt is made at once");
    write(b"tp");
    assert_eq!(ffi::publish(handle, 1 << 1, 1, 1, 0, 3_000.0), 1);
    write(b"tp");
    assert_eq!(ffi::publish(handle, 1 << 1, 1, 1, 0, 3_000.0), -18, "the queue has room for one");
    assert_eq!(ffi::pending(handle), 1);
    let (records, _) = batch(ffi::handle_timeout(handle, 3_000.0));
    assert_eq!(kinds(&records), [Kind::Open as u32]);
    let (records, timeout) = batch(ffi::handle_close(handle, 7, 3_001.0));
    assert_eq!(kinds(&records), [Kind::Reconnecting as u32, Kind::Close as u32]);
    assert_eq!((records[0].flags, timeout), (2, 1_000));
    let (_, timeout) = batch(ffi::handle_wake(handle, 1, 3_600.0));
    assert_eq!(timeout, 0, "the network is back");
    batch(ffi::handle_timeout(handle, 3_600.0));
    batch(ffi::handle_open(handle, 3_601.0));
    let (records, _) = input(handle, CONN_ACK_4, 3_602.0);
    assert_eq!(kinds(&records), [Kind::Connected as u32, Kind::Transmit as u32]);
    assert_eq!((records[0].flags, &records[1].first[..]), (2, &b"\x32\x06\0\x01t\0\x01p"[..]));
}

#[wasm_bindgen_test]
fn what_one_client_wants_stored_lets_another_one_go_on() {
    let handle = opening_with(ffi::client_new(), 4, PERSIST);
    batch(ffi::handle_open(handle, 1.0));
    input(handle, CONN_ACK_4, 2.0);
    write(b"tp");
    assert_eq!(ffi::publish(handle, 2 << 1, 1, 1, 0, 3.0), 1);
    let (records, _) = batch(ffi::poll(handle, 3.0));
    assert_eq!(kinds(&records), [Kind::Persist as u32, Kind::Transmit as u32]);
    let (put, letter, number, record) = (records[0].flags, records[0].code, records[0].id, records[0].first.clone());
    assert_eq!((put, letter, number), (2, u32::from(b'm'), 1));

    let other = ffi::client_new();
    write(&record[1..]);
    assert_eq!(ffi::restore(other, letter, number, record.len() as u32 - 1), -51, "damaged");
    write(&record);
    assert_eq!(ffi::restore(other, letter, number, record.len() as u32), 0);
    opening_with(other, 4, PERSIST);
    batch(ffi::handle_open(other, 4.0));
    let (records, _) = input(other, &[0x20, 2, 1, 0], 5.0);
    assert_eq!(records[1].first, b"\x3c\x06\0\x01t\0\x01p", "the same message again");
    input(other, b"\x50\x02\0\x01", 6.0);
    let (records, _) = input(other, b"\x70\x02\0\x01", 7.0);
    assert_eq!(kinds(&records), [Kind::Delivered as u32, Kind::Persist as u32]);
    assert_eq!((records[1].flags, records[1].code, records[1].id), (1, letter, number));
}

#[wasm_bindgen_test]
fn words_are_there_for_every_code_and_none_is_invented() {
    let text = |at: u32| {
        let head = words(at, 2);
        String::from_utf8(bytes(head[0], head[1])).unwrap()
    };
    assert!(text(ffi::error_text(11)).contains("not connected"));
    assert_eq!(text(ffi::error_text(255)), "");
    assert_eq!(text(ffi::error_text(1 << 20)), "");
    assert_eq!(text(ffi::reason_name(0x87)), "Not authorized");
    assert_eq!(text(ffi::reason_name(0x1_0000)), "");
}
