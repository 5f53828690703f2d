//! Reason codes.
use super::{On, Version};
pub(super) fn is_legal(on: On, code: u8, version: Version) -> bool {
    if version != Version::V5 {
        return match on {
            On::ConnAck => code <= 5,
            On::SubAck => matches!(code, 0..=2 | 0x80),
            _ => code == 0,
        };
    }
    match on {
        On::ConnAck => matches!(code, 0 | 0x80..=0x8A | 0x8C | 0x90 | 0x95 | 0x97 | 0x99..=0x9D | 0x9F),
        On::PubAck | On::PubRec => matches!(code, 0 | 0x10 | 0x80 | 0x83 | 0x87 | 0x90 | 0x91 | 0x97 | 0x99),
        On::PubRel | On::PubComp => matches!(code, 0 | 0x92),
        On::SubAck => matches!(code, 0..=2 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91 | 0x97 | 0x9E | 0xA1 | 0xA2),
        On::UnsubAck => matches!(code, 0 | 0x11 | 0x80 | 0x83 | 0x87 | 0x8F | 0x91),
        On::Auth => matches!(code, 0 | 0x18 | 0x19),
        _ => matches!(code, 0 | 4 | 0x80..=0x83 | 0x87 | 0x89 | 0x8B..=0x90 | 0x93..=0xA2),
    }
}
/// The standard's name.
pub fn name(code: u8) -> &'static str {
    match code {
        0x87 => "Not authorized",
        0 => "Success",
        _ => "",
    }
}
