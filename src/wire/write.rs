//! Putting a packet together: its length first, then its fields, in one go.

use super::read::has_nul;
use super::{PacketId, Properties, Version};
use crate::Error;
use alloc::vec::Vec;

/// The most that a remaining length can say.
const LARGEST: usize = 268_435_455;

/// The bytes of a string or of binary data with its length.
pub(super) fn binary_len(bytes: &[u8]) -> Result<usize, Error> {
    if bytes.len() > u16::MAX.into() { Err(Error::StringTooLong) } else { Ok(2 + bytes.len()) }
}

pub(super) fn string_len(text: &str) -> Result<usize, Error> {
    if has_nul(text) {
        return Err(Error::StringNotUtf8);
    }
    binary_len(text.as_bytes())
}

pub(super) fn variable_len(value: usize) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        _ => 4,
    }
}

/// All of these, one behind the other.
// A loop: what the library has is compiled anew for each shape of its argument.
pub(crate) fn join(parts: &[&[u8]]) -> Vec<u8> {
    let mut whole = Vec::new();
    for part in parts {
        whole.extend_from_slice(part);
    }
    whole
}

/// A property section with its length; before MQTT 5 there is none.
pub(super) fn section_len(version: Version, properties: Properties<'_>) -> usize {
    let len = properties.as_bytes().len();
    if version == Version::V5 { variable_len(len) + len } else { 0 }
}

/// Starts a packet of `remaining` bytes behind its fixed header.
pub(super) fn header(out: &mut Vec<u8>, first: u8, remaining: usize) -> Result<(), Error> {
    if remaining > LARGEST {
        return Err(Error::PacketTooLarge);
    }
    out.reserve(5 + remaining);
    out.push(first);
    variable(out, remaining);
    Ok(())
}

pub(super) fn variable(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(super) fn packet_id(out: &mut Vec<u8>, id: PacketId) {
    u16(out, id.get());
}

pub(super) fn binary(out: &mut Vec<u8>, bytes: &[u8]) {
    u16(out, bytes.len() as u16);
    out.extend_from_slice(bytes);
}

/// As `binary`, of a length that was not checked yet.
pub(super) fn checked_binary(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Error> {
    binary_len(bytes)?;
    binary(out, bytes);
    Ok(())
}

pub(super) fn string(out: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    string_len(text)?;
    binary(out, text.as_bytes());
    Ok(())
}

pub(super) fn section(out: &mut Vec<u8>, version: Version, properties: Properties<'_>) {
    if version == Version::V5 {
        variable(out, properties.as_bytes().len());
        out.extend_from_slice(properties.as_bytes());
    }
}

/// A packet that ends with a reason code and properties, in its shortest form.
pub(super) fn reason(
    version: Version,
    first: u8,
    id: Option<PacketId>,
    reason: u8,
    properties: Properties<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let with_properties = version == Version::V5 && !properties.is_empty();
    let with_reason = version == Version::V5 && (reason != 0 || with_properties);
    let section = if with_properties { section_len(version, properties) } else { 0 };
    let id_len = if id.is_some() { 2 } else { 0 };
    header(out, first, id_len + usize::from(with_reason) + section)?;
    if let Some(id) = id {
        packet_id(out, id);
    }
    if with_reason {
        out.push(reason);
    }
    if with_properties {
        self::section(out, version, properties);
    }
    Ok(())
}

/// A packet of a packet identifier, properties and a list: SUBSCRIBE, UNSUBSCRIBE and their answers.
pub(crate) fn list(
    version: Version,
    first: u8,
    id: PacketId,
    properties: Properties<'_>,
    list: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    header(out, first, 2 + section_len(version, properties) + list.len())?;
    packet_id(out, id);
    section(out, version, properties);
    out.extend_from_slice(list);
    Ok(())
}
