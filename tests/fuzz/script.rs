//! What the `calls` target may do, in terms that often make sense: few topics, few packet identifiers, legal sections.

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use wasmqtt::wire::*;

#[derive(Debug, Arbitrary)]
pub enum Call<'a> {
    Wait(u16),
    SetBack(u16),
    Connect(Wish),
    /// All that it takes, if the server is willing.
    Up {
        wish: Wish,
        present: bool,
        properties: u16,
    },
    Open,
    Close {
        failed: bool,
    },
    Timeout,
    Wake {
        network: bool,
    },
    Credentials {
        user_name: bool,
        password: bool,
        properties: u8,
    },
    AutoAck(bool),
    /// The process dies. Another one finds what was stored, with a byte changed in one record.
    Kill {
        damage: Option<(u8, u8)>,
    },
    /// A record that nobody wrote.
    Restore {
        letter: u8,
        number: u32,
        record: &'a [u8],
    },
    Publish {
        topic: u8,
        qos: u8,
        retain: bool,
        len: u16,
        properties: u8,
    },
    Subscribe {
        filters: Vec<u8>,
        properties: &'a [u8],
    },
    Unsubscribe {
        filters: Vec<u8>,
        properties: &'a [u8],
    },
    Acknowledge {
        which: u8,
        reason: u8,
    },
    Authenticate {
        reason: u8,
        properties: &'a [u8],
    },
    Disconnect {
        reason: u8,
        properties: &'a [u8],
    },
    Bytes(&'a [u8]),
    Packets(Vec<Packet>),
    /// What a server answers to one of the packets that were sent.
    Answer {
        which: u8,
    },
}

#[derive(Clone, Debug, Arbitrary)]
pub struct Wish {
    pub versions: u8,
    pub hosts: u8,
    pub timeout: u8,
    pub anonymous: bool,
    pub clean_start: bool,
    pub keep_alive: u8,
    pub user_name: bool,
    pub password: bool,
    pub will: Option<u8>,
    pub properties: u8,
    pub auto_ack: bool,
    pub batch: bool,
    pub max_in_flight: u8,
    pub reconnect: Option<u8>,
    pub follow: bool,
    pub offline: Option<u8>,
    pub persist: bool,
}

/// From the server.
#[derive(Debug, Arbitrary)]
pub enum Packet {
    ConnAck { present: bool, refused: Option<u8>, properties: u16 },
    Publish { dup: bool, qos: u8, retain: bool, id: u8, topic: u8, properties: u8, len: u8 },
    Ack { kind: u8, id: u8, reason: u8 },
    SubAck { id: u8, codes: Vec<u8> },
    UnsubAck { id: u8, codes: Vec<u8> },
    PingResp,
    Disconnect { reason: u8 },
    Auth { reason: u8, properties: bool },
}

impl Packet {
    /// Appends the packet, if it is one.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) {
        let none = Properties::EMPTY;
        let _ = match self {
            Self::ConnAck { present, refused, properties } => {
                let section = parts(*properties, CONN_ACK);
                let properties = Properties::decode(&section, On::ConnAck).unwrap_or_default();
                let packet = ConnAck { session_present: *present, reason: refused.unwrap_or(0), properties };
                packet.encode(version, out)
            }
            Self::Publish { dup, qos, retain, id, topic, properties, len } => {
                let section = parts(u16::from(*properties), PUBLISH);
                let properties = Properties::decode(&section, On::Publish).unwrap_or_default();
                let qos = self::qos(*qos);
                let once = qos == QoS::AtMostOnce;
                let packet = Publish {
                    dup: *dup && !once,
                    qos,
                    retain: *retain,
                    packet_id: (!once).then_some(packet_id(*id)),
                    topic: self::topic(*topic),
                    properties,
                    payload: &vec![b'y'; usize::from(*len)],
                };
                packet.encode(version, out)
            }
            Self::Ack { kind, id, reason } => {
                let kinds = [AckKind::PubAck, AckKind::PubRec, AckKind::PubRel, AckKind::PubComp];
                let kind = kinds[usize::from(*kind) % 4];
                Ack { kind, packet_id: packet_id(*id), reason: self::reason(*reason), properties: none }
                    .encode(version, out)
            }
            Self::SubAck { id, codes } => {
                let codes: &Vec<u8> = &codes.iter().map(|code| reason(*code)).collect();
                SubAck { packet_id: packet_id(*id), properties: none, codes }.encode(version, out)
            }
            Self::UnsubAck { id, codes } => {
                let codes: &Vec<u8> = &codes.iter().map(|code| reason(*code)).collect();
                UnsubAck { packet_id: packet_id(*id), properties: none, codes }.encode(version, out)
            }
            Self::PingResp => FromServer::PingResp.encode(version, out),
            Self::Disconnect { reason } => {
                Disconnect { reason: self::reason(*reason), properties: none }.encode(version, out)
            }
            Self::Auth { reason, properties } => {
                let section: &[u8] = if *properties { METHOD } else { &[] };
                let properties = Properties::decode(section, On::Auth).unwrap_or_default();
                Auth { reason: self::reason(*reason), properties }.encode(out)
            }
        };
    }
}

const METHOD: &[u8] = b"\x15\0\x01m";

const CONN_ACK: &[&[u8]] = &[
    b"\x21\0\x01",
    b"\x21\0\x02",
    b"\x27\0\0\0\x14",
    b"\x22\0\x02",
    b"\x24\0",
    b"\x24\x01",
    b"\x25\0",
    b"\x12\0\x02id",
    b"\x13\0\x01",
    b"\x13\0\0",
    b"\x28\0",
    b"\x29\0",
    b"\x2a\0",
    METHOD,
    b"\x11\0\0\0\x09",
    b"\x26\0\x01n\0\x01v",
];

const CONNECT: &[&[u8]] = &[
    b"\x21\0\x01",
    b"\x21\0\x03",
    b"\x27\0\0\0\x40",
    b"\x22\0\x02",
    b"\x22\xff\xff",
    METHOD,
    b"\x17\0",
    b"\x11\xff\xff\xff\xff",
];

const PUBLISH: &[&[u8]] = &[
    b"\x01\x01",
    b"\x02\0\0\0\x01",
    b"\x23\0\x01",
    b"\x23\0\x02",
    b"\x23\xff\xff",
    b"\x0b\x01\x0b\x02",
    b"\x08\0\x01r",
    b"\x26\0\x01n\0\x01v",
];

fn parts(bits: u16, table: &[&[u8]]) -> Vec<u8> {
    let chosen = table.iter().enumerate().filter(|(n, _)| bits & 1 << n != 0);
    chosen.flat_map(|(_, part)| part.iter().copied()).collect()
}

pub fn connect_section(bits: u8) -> Vec<u8> {
    parts(bits.into(), CONNECT)
}

pub fn publish_section(bits: u8) -> Vec<u8> {
    parts(bits.into(), PUBLISH)
}

pub fn topic(n: u8) -> &'static str {
    ["", "a", "a/topic", "another/topic", "third/topic", "+", "$SYS/x", "主题"][usize::from(n) % 8]
}

/// A payload of SUBSCRIBE or UNSUBSCRIBE.
pub fn filters(choices: &[u8], options: bool) -> Vec<u8> {
    let mut payload = Vec::new();
    for choice in choices {
        let filter = ["a", "#", "a/+", "$share/g/a", "+/topic", "主题/#", "", "a#"][usize::from(choice & 7)];
        payload.extend_from_slice(&(filter.len() as u16).to_be_bytes());
        payload.extend_from_slice(filter.as_bytes());
        if options {
            payload.push(choice >> 3);
        }
    }
    payload
}

pub fn qos(n: u8) -> QoS {
    [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][usize::from(n) % 3]
}

pub fn versions(n: u8) -> Vec<Version> {
    use Version::*;
    let lists: [&[Version]; 6] = [&[V5], &[V3_1_1], &[V5, V3_1_1], &[V3_1], &[V3_1, V5], &[]];
    lists[usize::from(n) % 6].to_vec()
}

/// Mostly the likely ones.
pub fn reason(n: u8) -> u8 {
    [0, 0x01, 0x02, 0x10, 0x18, 0x19, 0x80, 0x87, 0x92, 0x97].get(usize::from(n)).copied().unwrap_or(n)
}

/// What a server answers to a packet, if anything.
pub fn answer(packet: &FromClient<'_>, version: Version) -> Option<Vec<u8>> {
    let properties = Properties::EMPTY;
    let ack = |kind, packet_id| FromServer::Ack(Ack { kind, packet_id, reason: 0, properties });
    let zeros;
    let answer = match *packet {
        FromClient::Publish(Publish { qos: QoS::AtLeastOnce, packet_id, .. }) => ack(AckKind::PubAck, packet_id?),
        FromClient::Publish(Publish { qos: QoS::ExactlyOnce, packet_id, .. }) => ack(AckKind::PubRec, packet_id?),
        FromClient::Ack(Ack { kind: AckKind::PubRel, packet_id, .. }) => ack(AckKind::PubComp, packet_id),
        FromClient::Ack(Ack { kind: AckKind::PubRec, packet_id, .. }) => ack(AckKind::PubRel, packet_id),
        FromClient::Subscribe(Subscribe { packet_id, filters, .. }) => {
            zeros = vec![0; filters.iter().count()];
            FromServer::SubAck(SubAck { packet_id, properties, codes: &zeros })
        }
        FromClient::Unsubscribe(Unsubscribe { packet_id, filters, .. }) => {
            zeros = vec![0; filters.iter().count()];
            FromServer::UnsubAck(UnsubAck { packet_id, properties, codes: &zeros })
        }
        FromClient::PingReq => FromServer::PingResp,
        _ => return None,
    };
    let mut out = Vec::new();
    answer.encode(version, &mut out).ok().map(|()| out)
}

fn packet_id(n: u8) -> PacketId {
    PacketId::new(u16::from(n % 8) + 1).expect("not 0")
}
