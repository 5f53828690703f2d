//! Reason codes: which are legal on which packet, and their names (section 2.4 and the tables of chapter 3).

use super::{On, Version};
use crate::error::line;

macro_rules! codes {
    ($($code:literal $name:literal)*) => {
        const CODES: [u8; [$($code),*].len()] = [$($code),*];

        /// A line each, in the order of `CODES`.
        const NAMES: &str = concat!($($name, "\n"),*);
    };
}

codes! {
    0x00 "Success"
    0x01 "Granted QoS 1"
    0x02 "Granted QoS 2"
    0x04 "Disconnect with Will Message"
    0x10 "No matching subscribers"
    0x11 "No subscription existed"
    0x18 "Continue authentication"
    0x19 "Re-authenticate"
    0x80 "Unspecified error"
    0x81 "Malformed Packet"
    0x82 "Protocol Error"
    0x83 "Implementation specific error"
    0x84 "Unsupported Protocol Version"
    0x85 "Client Identifier not valid"
    0x86 "Bad User Name or Password"
    0x87 "Not authorized"
    0x88 "Server unavailable"
    0x89 "Server busy"
    0x8A "Banned"
    0x8B "Server shutting down"
    0x8C "Bad authentication method"
    0x8D "Keep Alive timeout"
    0x8E "Session taken over"
    0x8F "Topic Filter invalid"
    0x90 "Topic Name invalid"
    0x91 "Packet Identifier in use"
    0x92 "Packet Identifier not found"
    0x93 "Receive Maximum exceeded"
    0x94 "Topic Alias invalid"
    0x95 "Packet too large"
    0x96 "Message rate too high"
    0x97 "Quota exceeded"
    0x98 "Administrative action"
    0x99 "Payload format invalid"
    0x9A "Retain not supported"
    0x9B "QoS not supported"
    0x9C "Use another server"
    0x9D "Server moved"
    0x9E "Shared Subscriptions not supported"
    0x9F "Connection rate exceeded"
    0xA0 "Maximum connect time"
    0xA1 "Subscription Identifiers not supported"
    0xA2 "Wildcard Subscriptions not supported"
}

/// Of each code: the packets of MQTT 5 that may carry it, a bit each.
const CARRIERS: [u16; CODES.len()] = {
    use On::*;
    let packets = [ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Auth, Disconnect, DisconnectByServer];
    let mut carriers = [0; CODES.len()];
    let mut n = 0;
    while n < CODES.len() * packets.len() {
        let (code, on) = (n / packets.len(), packets[n % packets.len()]);
        if is_in_table(on, CODES[code]) {
            carriers[code] |= 1 << on as u8;
        }
        n += 1;
    }
    carriers
};

/// The tables of chapter 3 of MQTT 5.
const fn is_in_table(on: On, code: u8) -> bool {
    match on {
        On::ConnAck => {
            matches!(code, 0 | 0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F)
        }
        On::PubAck | On::PubRec => matches!(code, 0 | 0x10 | 0x80 | 0x83 | 0x87 | 0x90 | 0x91 | 0x97 | 0x99),
        On::PubRel | On::PubComp => matches!(code, 0 | 0x92),
        On::SubAck => matches!(code, 0..=2 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91 | 0x97 | 0x9E | 0xA1 | 0xA2),
        On::UnsubAck => matches!(code, 0 | 0x11 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91),
        On::Auth => matches!(code, 0 | 0x18 | 0x19),
        // 0x8C stands in table 2-6 and not in 3-10; brokers send it.
        On::Disconnect => matches!(code, 0 | 4 | 0x80..=0x83 | 0x8C | 0x90 | 0x93..=0x99),
        On::DisconnectByServer => matches!(code, 0 | 0x80..=0x83 | 0x87 | 0x89 | 0x8B..=0x90 | 0x93..=0xA2),
        _ => false,
    }
}

fn place(code: u8) -> usize {
    CODES.iter().position(|&known| known == code).unwrap_or(CODES.len())
}

/// May `code` stand on this packet?
pub(crate) fn is_legal(version: Version, on: On, code: u8) -> bool {
    match (version, on) {
        (Version::V5, _) => CARRIERS.get(place(code)).is_some_and(|packets| packets & 1 << on as u8 != 0),
        (_, On::ConnAck) => code <= 5,
        (_, On::SubAck) => matches!(code, 0..=2 | 0x80),
        _ => code == 0,
    }
}

/// The standard's name of an MQTT 5 reason code; empty where it has none. 0 is "Success" on every packet.
pub fn name(code: u8) -> &'static str {
    line(NAMES, place(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_legal_code_has_a_name() {
        use On::*;
        for on in [ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, DisconnectByServer, Auth] {
            for code in 0..=255 {
                assert!(!is_legal(Version::V5, on, code) || !name(code).is_empty(), "{on:?} {code:#x}");
            }
        }
    }

    #[test]
    fn each_packet_has_as_many_codes_as_its_table() {
        use On::*;
        for (on, codes) in [
            (ConnAck, 22),
            (PubAck, 9),
            (PubRec, 9),
            (PubRel, 2),
            (PubComp, 2),
            (SubAck, 12),
            (UnsubAck, 7),
            (Disconnect, 15),
            (DisconnectByServer, 29),
            (Auth, 3),
        ] {
            assert_eq!((0..=255).filter(|&code| is_legal(Version::V5, on, code)).count(), codes, "{on:?}");
        }
    }

    #[test]
    fn before_mqtt_5_there_are_few() {
        assert!(is_legal(Version::V3_1_1, On::ConnAck, 5) && !is_legal(Version::V3_1_1, On::ConnAck, 6));
        assert!(is_legal(Version::V3_1_1, On::SubAck, 0x80) && !is_legal(Version::V3_1_1, On::SubAck, 3));
    }
}
