//! What of a session must outlive the process: records for the driver to store, and how they are read back.
//!
//! Changes leave in the order in which they happened, and a driver writes them before it sends what the same drain gave
//! it. A record begins with the number of its format and a checksum over its key and its content.

use alloc::vec::Vec;

use crate::Error;
use crate::wire::{PacketId, Version};

/// Names a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Key {
    /// A message of ours with QoS 1 or 2, by the ticket that `publish` gave.
    Message(u32),
    /// A packet identifier of the server's whose QoS 2 message was delivered, until its PUBREL.
    Received(PacketId),
    /// A subscription.
    Subscription(u32),
}

impl Key {
    /// As a letter and a number, from which a store makes a key of its own.
    pub const fn to_parts(self) -> (u8, u32) {
        match self {
            Self::Message(ticket) => (b'm', ticket),
            Self::Received(id) => (b'r', id.get() as u32),
            Self::Subscription(number) => (b's', number),
        }
    }

    /// From what `to_parts` gave. None: it is no key.
    pub fn from_parts(letter: u8, number: u32) -> Option<Self> {
        Some(match letter {
            b'm' if (1..=0x7FFF_FFFF).contains(&number) => Self::Message(number),
            b'r' => Self::Received(PacketId::new(u16::try_from(number).ok()?)?),
            b's' => Self::Subscription(number),
            _ => return None,
        })
    }
}

/// What a driver does to its store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Delete every record.
    Clear,
    /// Delete this record, if it is there.
    Delete(Key),
    /// Write this record, in the place of an older one.
    Put(Key, Vec<u8>),
}

impl Change {
    fn key(&self) -> Option<Key> {
        match self {
            Self::Clear => None,
            Self::Delete(key) | Self::Put(key, _) => Some(*key),
        }
    }
}

/// The changes that the driver has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// There is a store.
    pub(crate) on: bool,
    changes: Vec<Change>,
    taken: usize,
}

impl Journal {
    pub(crate) fn put(&mut self, key: Key, content: &[&[u8]]) {
        if self.on {
            self.push(Change::Put(key, encode(key, content)));
        }
    }

    pub(crate) fn delete(&mut self, key: Key) {
        if self.on {
            self.push(Change::Delete(key));
        }
    }

    pub(crate) fn clear(&mut self) {
        if self.on {
            self.changes.clear();
            self.taken = 0;
            self.push(Change::Clear);
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Change> {
        let change = self.changes.get_mut(self.taken).map(|change| core::mem::replace(change, Change::Clear));
        self.taken += 1;
        if change.is_none() {
            self.changes.clear();
            self.taken = 0;
        }
        change
    }

    /// What is written again before it was taken is written once.
    fn push(&mut self, change: Change) {
        let waits = self.changes.len() > self.taken;
        match self.changes.last_mut() {
            Some(last) if waits && last.key().map(Key::to_parts) == change.key().map(Key::to_parts) => *last = change,
            _ => self.changes.push(change),
        }
    }
}

const FORMAT: u8 = 1;
const HEAD: usize = 5;

fn encode(key: Key, content: &[&[u8]]) -> Vec<u8> {
    let [a, b, c, d] = checksum(key, content).to_le_bytes();
    let mut record = Vec::from([FORMAT, a, b, c, d]);
    for part in content {
        record.extend_from_slice(part);
    }
    record
}

/// The content of a record.
pub(crate) fn decode(key: Key, record: &[u8]) -> Result<&[u8], Error> {
    let (head, content) = record.split_at_checked(HEAD).ok_or(Error::RecordDamaged)?;
    let [FORMAT, sum @ ..] = head else { return Err(Error::RecordDamaged) };
    if *sum != checksum(key, &[content]).to_le_bytes() {
        return Err(Error::RecordDamaged);
    }
    Ok(content)
}

/// CRC-32/ISO-HDLC over the key and the content, bit by bit: a table would cost more than it saves.
fn checksum(key: Key, content: &[&[u8]]) -> u32 {
    let (letter, number) = key.to_parts();
    let sum = crc(!0, &[letter]);
    let sum = crc(sum, &number.to_le_bytes());
    !content.iter().fold(sum, |sum, part| crc(sum, part))
}

#[inline(never)]
fn crc(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| sum >> 1 ^ (sum & 1).wrapping_neg() & 0xEDB8_8320)
    })
}

/// Reads the content of a record.
pub(crate) struct Content<'a>(pub(crate) &'a [u8]);

impl<'a> Content<'a> {
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.0.split_first_chunk().ok_or(Error::RecordDamaged)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn slice(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.0.split_at_checked(len).ok_or(Error::RecordDamaged)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn version(&mut self) -> Result<Version, Error> {
        match self.take()? {
            [3] => Ok(Version::V3_1),
            [4] => Ok(Version::V3_1_1),
            [5] => Ok(Version::V5),
            _ => Err(Error::RecordDamaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key::Message(7);

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = encode(KEY, &[b"ab", b"", b"c"]);
        assert_eq!(decode(KEY, &record), Ok(&b"abc"[..]));
        assert_eq!(record.len(), HEAD + 3);
    }

    #[test]
    fn the_checksum_is_the_crc_32_of_everybody() {
        assert_eq!(!crc(!0, b"123456789"), 0xCBF4_3926);
        assert_eq!(encode(KEY, &[b"abc"]), *b"\x01\x5d\xcc\x0e\x21abc");
    }

    #[test]
    fn any_damage_to_a_record_is_found() {
        let record = encode(KEY, &[b"some content"]);
        for bit in 0..record.len() * 8 {
            let mut damaged = record.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(KEY, &damaged), Err(Error::RecordDamaged), "bit {bit}");
        }
        for len in 0..record.len() {
            assert_eq!(decode(KEY, &record[..len]), Err(Error::RecordDamaged), "{len} bytes");
        }
        for key in [Key::Message(8), Key::Subscription(7)] {
            assert_eq!(decode(key, &record), Err(Error::RecordDamaged), "in the place of another");
        }
    }

    #[test]
    fn keys_cross_a_boundary_as_parts() {
        for key in [KEY, Key::Received(PacketId::new(65_535).unwrap()), Key::Subscription(0)] {
            let (letter, number) = key.to_parts();
            assert_eq!(Key::from_parts(letter, number), Some(key));
        }
        for (letter, number) in [(b'm', 0), (b'm', 1 << 31), (b'r', 0), (b'r', 65_536), (b'x', 1)] {
            assert_eq!(Key::from_parts(letter, number), None);
        }
    }

    #[test]
    fn changes_leave_in_order_and_the_last_word_on_a_record_counts() {
        let mut journal = Journal { on: true, ..Journal::default() };
        journal.put(KEY, &[b"a"]);
        journal.put(KEY, &[b"b"]);
        journal.delete(Key::Message(8));
        assert_eq!(journal.poll(), Some(Change::Put(KEY, encode(KEY, &[b"b"]))));
        journal.put(KEY, &[b"c"]);
        assert_eq!(journal.poll(), Some(Change::Delete(Key::Message(8))));
        journal.delete(KEY);
        assert_eq!(journal.poll(), Some(Change::Delete(KEY)));
        assert_eq!(journal.poll(), None);
        journal.put(KEY, &[b"d"]);
        journal.clear();
        assert_eq!(journal.poll(), Some(Change::Clear));
        assert_eq!(journal.poll(), None);
    }

    #[test]
    fn without_a_store_nothing_is_kept() {
        let mut journal = Journal::default();
        journal.put(KEY, &[b"a"]);
        journal.clear();
        assert_eq!(journal.poll(), None);
    }
}
