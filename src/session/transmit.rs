//! What waits to be sent, cut into WebSocket messages.
//!
//! Packets of one turn leave as one message: a message costs a browser as much as a hundred packets. No message is
//! empty, none is over 64 KiB unless a single packet is, and CONNECT goes alone (nothing may follow it before CONNACK).

use crate::Error;
use alloc::vec::Vec;

/// The largest WebSocket message that packets are joined to, in bytes. Browsers split larger ones into continuation
/// frames, which some servers refuse.
const LARGEST: usize = 64 * 1024;

/// Memory kept for the next turn, in bytes.
const KEPT: usize = 128 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Transmit {
    bytes: Vec<u8>,
    /// Where each message ends in `bytes`.
    ends: Vec<usize>,
    /// How many messages were taken.
    taken: usize,
    /// One packet a message, for servers that cannot read more.
    pub(crate) single: bool,
}

impl Transmit {
    /// Appends the packet that `encode` writes, which must not be longer than `limit` bytes. On an error nothing changes.
    pub(crate) fn packet(
        &mut self,
        limit: u32,
        encode: &mut dyn FnMut(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.taken == self.ends.len() {
            self.clear();
        }
        let start = self.bytes.len();
        encode(&mut self.bytes)?;
        let end = self.bytes.len();
        if end - start > limit as usize {
            self.bytes.truncate(start);
            return Err(Error::PacketTooLarge);
        }
        let open = self.ends.len() > self.taken && !self.single;
        match self.ends.split_last_mut() {
            Some((last, before)) if open && end - before.last().copied().unwrap_or(0) <= LARGEST => *last = end,
            _ => self.ends.push(end),
        }
        Ok(())
    }

    /// The next message to send. Its bytes stay in place until the next packet is appended.
    pub(crate) fn take(&mut self) -> Option<&[u8]> {
        let end = *self.ends.get(self.taken)?;
        let start = match self.taken {
            0 => 0,
            n => self.ends[n - 1],
        };
        self.taken += 1;
        self.bytes.get(start..end)
    }

    /// Forgets everything that waits.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.ends.clear();
        self.taken = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(transmit: &mut Transmit, len: usize) {
        transmit
            .packet(u32::MAX, &mut |out| {
                out.resize(out.len() + len, 7);
                Ok(())
            })
            .unwrap();
    }

    fn lengths(transmit: &mut Transmit) -> Vec<usize> {
        core::iter::from_fn(|| transmit.take().map(<[u8]>::len)).collect()
    }

    #[test]
    fn packets_of_one_turn_share_a_message_up_to_64_kib() {
        let mut transmit = Transmit::default();
        for len in [10, 20, 65_000, 600, 300_000, 5] {
            push(&mut transmit, len);
        }
        assert_eq!(lengths(&mut transmit), [65_030, 600, 300_000, 5]);
        push(&mut transmit, 3);
        assert_eq!(lengths(&mut transmit), [3]);
        assert!(lengths(&mut transmit).is_empty());
    }

    #[test]
    fn one_packet_a_message_can_be_asked_for() {
        let mut transmit = Transmit { single: true, ..Transmit::default() };
        push(&mut transmit, 4);
        push(&mut transmit, 5);
        assert_eq!(lengths(&mut transmit), [4, 5]);
    }

    #[test]
    fn a_packet_over_the_limit_leaves_nothing_behind() {
        let mut transmit = Transmit::default();
        push(&mut transmit, 4);
        let refused = transmit.packet(8, &mut |out| {
            out.extend_from_slice(&[0; 9]);
            Ok(())
        });
        assert_eq!(refused, Err(Error::PacketTooLarge));
        assert_eq!(lengths(&mut transmit), [4]);
    }
}
