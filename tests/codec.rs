//! Properties of the codec that hold for every packet, in both directions and all three versions.
//!
//! Single rules have their byte literals beside the packets in `src/wire`; here is what no list of examples can show.
#![cfg(not(target_arch = "wasm32"))]

mod packets;

use packets::{Packet, frame, packets};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config;
use wasmqtt::Error;
use wasmqtt::wire::*;

const VERSIONS: [Version; 3] = [Version::V3_1, Version::V3_1_1, Version::V5];

fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// A frame that owns its bytes.
type Owned = (u8, Vec<u8>);

/// All the frames that this piece completes.
fn frames(assembler: &mut Assembler, mut piece: &[u8]) -> Result<Vec<Owned>, Error> {
    let mut frames = Vec::new();
    while let Some(frame) = assembler.next(&mut piece)? {
        frames.push((frame.first, frame.body.to_vec()));
    }
    assert!(piece.is_empty());
    Ok(frames)
}

/// What can be read can be written, and reads as the same again: a packet has one meaning.
fn reads_as_itself_again(version: Version, bytes: Frame<'_>) {
    let decoded = [
        FromServer::decode(version, bytes).map(Packet::Server),
        FromClient::decode(version, bytes).map(Packet::Client),
    ];
    for packet in decoded.into_iter().flatten() {
        // A CONNECT says itself which version it is in.
        let version = match packet {
            Packet::Client(FromClient::Connect(connect)) => connect.version,
            _ => version,
        };
        let again = packet.encode(version);
        assert!(again.len() <= bytes.body.len() + 5, "{packet:?}");
        assert_eq!(packet.decode_alike(version, frame(&again)), Ok(packet));
    }
}

/// The places where a body may end early and be a legal packet still.
fn legal_ends(version: Version, packet: &Packet<'_>, body: usize) -> Vec<usize> {
    let v5 = version == Version::V5;
    match packet {
        Packet::Server(FromServer::Publish(it)) | Packet::Client(FromClient::Publish(it)) => {
            (body - it.payload.len()..body).collect()
        }
        Packet::Server(FromServer::Ack(_)) | Packet::Client(FromClient::Ack(_)) if v5 => vec![2, 3],
        Packet::Server(FromServer::SubAck(it)) => (body - it.codes.len() + 1..body).collect(),
        Packet::Server(FromServer::UnsubAck(it)) if v5 => (body - it.codes.len() + 1..body).collect(),
        Packet::Server(FromServer::Disconnect(_) | FromServer::Auth(_))
        | Packet::Client(FromClient::Disconnect(_) | FromClient::Auth(_))
            if v5 =>
        {
            // A client's AUTH is never a success, which the shortest form means.
            let least = usize::from(matches!(packet, Packet::Client(FromClient::Auth(_))));
            (least..2).collect()
        }
        Packet::Client(FromClient::Subscribe(it)) => {
            ends(body, &mut it.filters.iter().map(|(filter, _)| filter.len() + 3))
        }
        Packet::Client(FromClient::Unsubscribe(it)) => {
            ends(body, &mut it.filters.iter().map(|filter| filter.len() + 2))
        }
        _ => Vec::new(),
    }
}

/// Where each of these entries at the end of a body ends.
fn ends(body: usize, lens: &mut dyn Iterator<Item = usize>) -> Vec<usize> {
    let mut ends = vec![0];
    lens.for_each(|len| ends.push(ends[ends.len() - 1] + len));
    let start = body - ends[ends.len() - 1];
    ends[1..].iter().map(|end| start + end).collect()
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_packet_reads_back_as_it_was_written((version, packet) in packets()) {
        let bytes = packet.encode(version);
        prop_assert_eq!(packet.decode_alike(version, frame(&bytes)), Ok(packet));
        let mut behind = vec![1, 2, 3];
        behind.extend_from_slice(&bytes);
        let mut out = vec![1, 2, 3];
        match packet {
            Packet::Server(packet) => packet.encode(version, &mut out).unwrap(),
            Packet::Client(packet) => packet.encode(version, &mut out).unwrap(),
        }
        prop_assert_eq!(out, behind, "it is appended");
    }

    #[test]
    fn a_packet_cut_short_asks_for_more((version, packet) in packets()) {
        let bytes = packet.encode(version);
        for cut in 0..bytes.len() {
            prop_assert_eq!(frames(&mut Assembler::new(u32::MAX), &bytes[..cut]), Ok(Vec::new()), "{}", cut);
        }
    }

    #[test]
    fn a_body_cut_short_is_refused_unless_its_rest_is_optional((version, packet) in packets()) {
        let bytes = packet.encode(version);
        let Frame { first, body } = frame(&bytes);
        let legal = legal_ends(version, &packet, body.len());
        for cut in 0..body.len() {
            let decoded = packet.decode_alike(version, Frame { first, body: &body[..cut] });
            prop_assert_eq!(decoded.is_ok(), legal.contains(&cut), "{} of {:?}: {:?}", cut, body, decoded);
        }
    }

    #[test]
    fn nothing_may_follow_the_last_field((version, packet) in packets()) {
        let bytes = packet.encode(version);
        let Frame { first, body } = frame(&bytes);
        let open_ended = matches!(
            packet,
            Packet::Server(FromServer::Publish(_) | FromServer::SubAck(_) | FromServer::UnsubAck(_))
                | Packet::Client(FromClient::Publish(_))
        );
        // A byte 0 alone is not enough for a filter; it is a reason code or an empty section on a short form.
        let longer = [body, &[0]].concat();
        match packet.decode_alike(version, Frame { first, body: &longer }) {
            Ok(Packet::Server(FromServer::UnsubAck(_))) => prop_assert_eq!(version, Version::V5),
            Ok(again) if !open_ended => prop_assert_eq!(again, packet, "a longer form of the same"),
            Ok(_) => {}
            Err(error) => prop_assert!(
                matches!(error, Error::TrailingBytes | Error::TooShort),
                "{:?}", error
            ),
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_split_of_a_stream_gives_the_same_packets(
        stream in vec(packets(), 1..12),
        splits in vec(any::<Index>(), 0..40),
    ) {
        let whole: Vec<Vec<u8>> = stream.iter().map(|(version, packet)| packet.encode(*version)).collect();
        let bytes = whole.concat();
        let mut at: Vec<usize> = splits.iter().map(|split| split.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let mut assembler = Assembler::new(u32::MAX);
        let mut cut = Vec::new();
        for ends in at.windows(2) {
            cut.extend(frames(&mut assembler, &bytes[ends[0]..ends[1]]).unwrap());
        }
        let expected: Vec<Owned> =
            whole.iter().map(|bytes| (frame(bytes).first, frame(bytes).body.to_vec())).collect();
        prop_assert_eq!(cut, expected);
    }

    #[test]
    fn a_packet_over_the_maximum_is_refused_by_its_header_alone((version, packet) in packets(), cut in 0..5_usize) {
        let bytes = packet.encode(version);
        let (len, header) = (bytes.len() as u32, Header::decode(&bytes).unwrap().unwrap().len);
        let mut assembler = Assembler::new(len);
        prop_assert_eq!(frames(&mut assembler, &bytes).map(|frames| frames.len()), Ok(1));
        assembler.set_max_packet(len - 1);
        let cut = cut.min(header - 1);
        prop_assert_eq!(frames(&mut assembler, &bytes[..cut]), Ok(Vec::new()));
        prop_assert_eq!(frames(&mut assembler, &bytes[cut..header]), Err(Error::InboundTooLarge));
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn whatever_can_be_read_reads_as_itself_again(first in any::<u8>(), body in vec(any::<u8>(), 0..40)) {
        for version in VERSIONS {
            reads_as_itself_again(version, Frame { first, body: &body });
        }
    }

    #[test]
    fn a_damaged_packet_is_refused_or_reads_as_itself_again(
        (version, packet) in packets(),
        damage in vec((any::<Index>(), 0..4_u8, any::<u8>()), 1..4),
    ) {
        let bytes = packet.encode(version);
        let Frame { mut first, body } = frame(&bytes);
        let mut body = body.to_vec();
        for (at, kind, byte) in damage {
            let at = at.index(body.len() + 1);
            match kind {
                0 => body.insert(at, byte),
                1 if at < body.len() => body[at] = byte,
                2 if at < body.len() => drop(body.remove(at)),
                _ => first ^= 1 << (byte & 7),
            }
        }
        for version in VERSIONS {
            reads_as_itself_again(version, Frame { first, body: &body });
        }
    }

    #[test]
    fn any_bytes_are_cut_into_packets_or_refused(bytes in vec(any::<u8>(), 0..60), split in any::<Index>()) {
        let (head, tail) = bytes.split_at(split.index(bytes.len() + 1));
        let mut assembler = Assembler::new(1000);
        let split = frames(&mut assembler, head).and_then(|mut found| {
            found.extend(frames(&mut assembler, tail)?);
            Ok(found)
        });
        prop_assert_eq!(split, frames(&mut Assembler::new(1000), &bytes));
    }
}

#[test]
fn a_length_is_right_at_each_of_its_boundaries() {
    let long = "x".repeat(60_000);
    for len in [0_usize, 5, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
        let mut list = Vec::new();
        let mut left = len;
        while left > 0 {
            let value = &long[..(left - 5).min(if left > 60_005 { 50_000 } else { 60_000 })];
            list.push(Property::UserProperty("", value));
            left -= 5 + value.len();
        }
        let properties = packets::properties(&list, On::Publish);
        assert_eq!(properties.as_bytes().len(), len);
        let publish = |version, properties, payload| {
            let topic = "t";
            let publish = Publish {
                dup: false,
                qos: QoS::AtMostOnce,
                retain: false,
                packet_id: None,
                topic,
                properties,
                payload,
            };
            let packet = Packet::Client(FromClient::Publish(publish));
            let bytes = packet.encode(version);
            assert_eq!(packet.decode_alike(version, frame(&bytes)), Ok(packet));
            bytes.len()
        };
        publish(Version::V5, properties, &[]);
        if len > 3 {
            let bytes = publish(Version::V3_1_1, Properties::EMPTY, &vec![7; len - 3]);
            let digits = [128, 16_384, 2_097_152].iter().filter(|&&boundary| len >= boundary).count() + 1;
            assert_eq!(bytes, 1 + digits + len);
        }
    }
}

#[test]
fn the_longest_strings_are_carried() {
    let long = "x".repeat(65_535);
    let data = vec![7; 65_535];
    let properties = packets::properties(
        &[Property::UserProperty(&long, &long), Property::ContentType(&long), Property::CorrelationData(&data)],
        On::Will,
    );
    let will = Will { topic: &long, payload: &data, qos: QoS::AtMostOnce, retain: false, properties };
    let packet = Packet::Client(FromClient::Connect(Connect {
        version: Version::V5,
        clean_start: false,
        keep_alive: 0,
        client_id: &long,
        will: Some(will),
        user_name: Some(&long),
        password: Some(&data),
        properties: Properties::EMPTY,
    }));
    let bytes = packet.encode(Version::V5);
    assert_eq!(packet.decode_alike(Version::V5, frame(&bytes)), Ok(packet));
}
