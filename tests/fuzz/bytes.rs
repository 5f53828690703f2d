//! Any bytes, split anywhere, as a stream of packets in any version, and as topics.
//!
//! Nothing panics; a split changes nothing; memory stays within the agreed maximum; what can be read can be written
//! and reads as the same again.
#![no_main]

mod heap;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use wasmqtt::Error;
use wasmqtt::topic::{self, Routes};
use wasmqtt::wire::*;

const VERSIONS: [Version; 3] = [Version::V3_1, Version::V3_1_1, Version::V5];

const SECTIONS: [On; 15] = [
    On::Connect,
    On::Will,
    On::ConnAck,
    On::Publish,
    On::PubAck,
    On::PubRec,
    On::PubRel,
    On::PubComp,
    On::Subscribe,
    On::SubAck,
    On::Unsubscribe,
    On::UnsubAck,
    On::Disconnect,
    On::DisconnectByServer,
    On::Auth,
];

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    max_packet: Option<u16>,
    /// Lengths of the first pieces.
    pieces: [u8; 8],
    stream: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let max_packet = input.max_packet.map_or(u32::MAX, u32::from);
    let whole = frames(&mut Assembler::new(max_packet), [input.stream]);

    let mut rest = input.stream;
    let mut pieces: Vec<&[u8]> = Vec::new();
    for len in input.pieces {
        let (piece, behind) = rest.split_at(rest.len().min(len.into()));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    assert_eq!(frames(&mut Assembler::new(max_packet), pieces.iter().copied()), whole);

    let agreed = (max_packet as usize).min((2 * input.stream.len()).max(64 * 1024));
    let (most, ()) = heap::most(|| {
        let mut assembler = Assembler::new(max_packet);
        for mut piece in pieces.iter().copied() {
            while let Ok(Some(_)) = assembler.next(&mut piece) {}
        }
    });
    assert!(most <= 2 * agreed + 16, "{most} bytes for {agreed} agreed");

    for (first, body) in &whole.0 {
        for version in VERSIONS {
            reads_as_itself_again(version, Frame { first: *first, body });
        }
    }
    for on in SECTIONS {
        section(input.stream, on);
    }
    if let Ok(text) = std::str::from_utf8(input.stream) {
        let (filter, name) = text.split_once(' ').unwrap_or((text, text));
        topics(filter, name);
    }
});

/// All frames, and what ended them.
fn frames<'a>(
    assembler: &mut Assembler,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<(u8, Vec<u8>)>, Option<Error>) {
    let mut frames = Vec::new();
    for mut piece in pieces {
        loop {
            match assembler.next(&mut piece) {
                Ok(Some(frame)) => frames.push((frame.first, frame.body.to_vec())),
                Ok(None) => break assert!(piece.is_empty()),
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fn reads_as_itself_again(version: Version, frame: Frame<'_>) {
    let (most, decoded) = heap::most(|| (FromServer::decode(version, frame), FromClient::decode(version, frame)));
    assert_eq!(most, 0, "decoding borrows");
    let mut out = Vec::new();
    if let Ok(packet) = decoded.0 {
        packet.encode(version, &mut out).unwrap();
        assert_eq!(FromServer::decode(version, whole(&out)), Ok(packet));
    }
    out.clear();
    if let Ok(packet) = decoded.1 {
        packet.encode(version, &mut out).unwrap();
        assert_eq!(FromClient::decode(version, whole(&out)), Ok(packet));
    }
}

fn whole(bytes: &[u8]) -> Frame<'_> {
    let header = Header::decode(bytes).unwrap().unwrap();
    assert_eq!(header.packet_len(), bytes.len());
    Frame { first: header.first, body: &bytes[header.len..] }
}

fn section(bytes: &[u8], on: On) {
    let Ok(properties) = Properties::decode(bytes, on) else { return };
    let mut again = PropertiesBuf::new();
    for property in properties.iter() {
        again.push(property).unwrap();
    }
    assert_eq!(again.as_properties(on).unwrap().as_bytes(), bytes);
}

/// The tree of routes finds what one comparison says.
fn topics(filter: &str, name: &str) {
    if !topic::is_filter(filter) || !topic::is_name(name) {
        return;
    }
    let mut routes = Routes::new();
    for (id, filter) in ["#", "+", "$SYS/#", "a/+"].into_iter().enumerate() {
        routes.insert(filter, id as u32 + 1).unwrap();
    }
    if routes.insert(filter, 0).is_err() {
        return; // More levels than it keeps.
    }
    let mut found = Vec::new();
    routes.find(name, &mut found);
    assert_eq!(found.contains(&0), topic::matches(filter, name), "{filter} {name}");
    assert!(routes.remove(filter, 0) && !routes.remove(filter, 0));
}
