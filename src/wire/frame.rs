//! From a stream of bytes, split anywhere, to whole packets.

use crate::Error;
use alloc::vec::Vec;

/// Packets up to this length get their buffer at once; longer ones as their bytes really arrive.
const TRUSTED: usize = 64 * 1024;

/// The fixed header of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Packet type and flags.
    pub first: u8,
    /// The length of the fixed header itself: 2 to 5 bytes.
    pub len: usize,
    /// How many bytes follow it.
    pub remaining: usize,
}

impl Header {
    /// Reads a fixed header. None: more bytes are needed.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let mut remaining = 0;
        for (n, &byte) in rest.iter().take(4).enumerate() {
            remaining |= usize::from(byte & 0x7f) << (7 * n);
            if byte & 0x80 == 0 {
                if byte == 0 && n > 0 {
                    return Err(Error::BadRemainingLength);
                }
                return Ok(Some(Self { first, len: n + 2, remaining }));
            }
        }
        if rest.len() >= 4 { Err(Error::BadRemainingLength) } else { Ok(None) }
    }

    /// The length of the whole packet.
    pub fn packet_len(&self) -> usize {
        self.len + self.remaining
    }
}

/// A whole packet: its first byte, and what follows the fixed header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// Packet type and flags.
    pub first: u8,
    /// The bytes behind the fixed header.
    pub body: &'a [u8],
}

/// Cuts a byte stream into packets. How much of it comes at a time does not matter.
///
/// ```
/// use wasmqtt::wire::{Assembler, Frame};
///
/// let mut assembler = Assembler::new(1024);
/// let mut bytes = &[0xD0, 0, 0x40, 2, 0][..];
/// assert_eq!(assembler.next(&mut bytes)?, Some(Frame { first: 0xD0, body: &[] })); // PINGRESP
/// assert_eq!(assembler.next(&mut bytes)?, None);
/// let mut bytes = &[9][..];
/// assert_eq!(assembler.next(&mut bytes)?, Some(Frame { first: 0x40, body: &[0, 9] })); // PUBACK
/// # Ok::<(), wasmqtt::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Assembler {
    max_packet: usize,
    /// A packet that has begun.
    partial: Vec<u8>,
    /// The last packet that was put together.
    whole: Vec<u8>,
}

impl Assembler {
    /// For packets of at most `max_packet` bytes.
    pub fn new(max_packet: u32) -> Self {
        Self { max_packet: max_packet as usize, ..Self::default() }
    }

    /// Sets the agreed maximum.
    pub fn set_max_packet(&mut self, max_packet: u32) {
        self.max_packet = max_packet as usize;
    }

    /// A new connection.
    pub fn reset(&mut self) {
        self.partial = Vec::new();
        self.whole = Vec::new();
    }

    /// Takes the next whole packet off the front of `input`. None: `input` is used up, its rest is kept. On an error
    /// the stream is lost: nothing says where the next packet would begin.
    pub fn next<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Result<Option<Frame<'a>>, Error> {
        if self.partial.is_empty() {
            let Some(header) = self.header(input)? else {
                self.partial.extend_from_slice(core::mem::take(input));
                return Ok(None);
            };
            let Some((packet, rest)) = input.split_at_checked(header.packet_len()) else {
                self.grow(header.packet_len(), input.len());
                self.partial.extend_from_slice(core::mem::take(input));
                return Ok(None);
            };
            *input = rest;
            return Ok(Some(Frame { first: header.first, body: packet.get(header.len..).unwrap_or(&[]) }));
        }
        let header = loop {
            if let Some(header) = self.header(&self.partial)? {
                break header;
            }
            let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
            self.partial.push(byte);
            *input = rest;
        };
        let missing = header.packet_len() - self.partial.len();
        let (head, rest) = input.split_at_checked(missing).unwrap_or((*input, &[]));
        self.grow(header.packet_len(), self.partial.len() + head.len());
        self.partial.extend_from_slice(head);
        *input = rest;
        if self.partial.len() < header.packet_len() {
            return Ok(None);
        }
        self.whole = core::mem::take(&mut self.partial);
        Ok(Some(Frame { first: header.first, body: self.whole.get(header.len..).unwrap_or(&[]) }))
    }

    fn header(&self, bytes: &[u8]) -> Result<Option<Header>, Error> {
        let header = Header::decode(bytes)?;
        match header {
            Some(header) if header.packet_len() > self.max_packet => Err(Error::InboundTooLarge),
            header => Ok(header),
        }
    }

    /// Room for `needed` bytes of a packet of `len` bytes: all of it when that is little, else twice what came.
    fn grow(&mut self, len: usize, needed: usize) {
        if needed > self.partial.capacity() || len <= TRUSTED {
            let capacity = len.min(TRUSTED.max(needed * 2));
            self.partial.reserve_exact(capacity - self.partial.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(assembler: &mut Assembler, mut input: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, Error> {
        let mut frames = Vec::new();
        while let Some(frame) = assembler.next(&mut input)? {
            frames.push((frame.first, frame.body.to_vec()));
        }
        Ok(frames)
    }

    #[test]
    fn a_length_is_minimal_and_at_most_four_bytes() {
        let remaining = |bytes| Header::decode(bytes).map(|header| header.map(|it| it.remaining));
        assert_eq!(remaining(&[0x30, 0]), Ok(Some(0)));
        assert_eq!(remaining(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]), Ok(Some(268_435_455)));
        assert_eq!(remaining(&[0x30, 0xFF, 0xFF, 0xFF]), Ok(None));
        assert_eq!(remaining(&[0x30, 0x80, 0]), Err(Error::BadRemainingLength));
        assert_eq!(remaining(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF]), Err(Error::BadRemainingLength));
    }

    #[test]
    fn any_split_gives_the_same_packets() {
        let mut stream = vec![0xD0, 0, 0x40, 2, 0, 1, 0x30, 0xC8, 0x01];
        stream.extend((0..200).map(|n| n as u8));
        stream.extend([0xD0, 0]);
        let whole = frames(&mut Assembler::new(u32::MAX), &stream).unwrap();
        assert_eq!(whole.len(), 4);
        for size in 1..stream.len() {
            let mut assembler = Assembler::new(u32::MAX);
            let pieces: Vec<_> = stream.chunks(size).flat_map(|piece| frames(&mut assembler, piece).unwrap()).collect();
            assert_eq!(pieces, whole, "{size}");
        }
    }

    #[test]
    fn a_packet_over_the_maximum_is_refused_by_its_header() {
        let mut assembler = Assembler::new(100);
        assert_eq!(frames(&mut assembler, &[0x30, 98]), Ok(Vec::new()));
        assembler.reset();
        assert_eq!(frames(&mut assembler, &[0x30, 99]), Err(Error::InboundTooLarge));
    }

    #[test]
    fn a_claimed_length_allocates_nothing() {
        let mut assembler = Assembler::new(u32::MAX);
        frames(&mut assembler, &[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0]).unwrap();
        assert!(assembler.partial.capacity() <= TRUSTED);
    }

    #[test]
    fn a_large_packet_in_small_pieces_is_copied_in_linear_time() {
        const LEN: usize = 1 << 20;
        let packet = [&[0x30, 0x80, 0x80, 0x40][..], &vec![7; LEN]].concat();
        let mut assembler = Assembler::new(u32::MAX);
        let (mut capacity, mut moved) = (0, 0);
        for mut piece in packet.chunks(1400) {
            let before = assembler.partial.len();
            if let Some(frame) = assembler.next(&mut piece).unwrap() {
                assert_eq!((frame.first, frame.body), (0x30, &packet[4..]));
            }
            let grown = assembler.partial.capacity() + assembler.whole.capacity();
            if grown != capacity {
                (capacity, moved) = (grown, moved + before);
            }
        }
        assert!(moved < LEN, "{moved} bytes moved besides the {LEN} that came");
        assert_eq!(capacity, packet.len(), "and no byte more than the packet is held");
    }
}
