//! Packet identifiers: taken and given back in constant time, never 0, never one that is in use.

use crate::wire::PacketId;
use alloc::vec::Vec;

/// Hands out packet identifiers. The most recently freed one goes out first, so that the table of in-flight packets
/// stays as small as the number in flight.
#[derive(Debug, Default)]
pub(crate) struct PacketIds {
    free: Vec<PacketId>,
    used: u16,
}

impl PacketIds {
    /// An identifier that no packet in flight has [MQTT-2.2.1-3], or None when all 65535 are taken.
    pub(crate) fn take(&mut self) -> Option<PacketId> {
        self.free.pop().or_else(|| {
            self.used = self.used.checked_add(1)?;
            PacketId::new(self.used)
        })
    }

    /// Gives `id` back.
    pub(crate) fn free(&mut self, id: PacketId) {
        self.free.push(id);
    }

    /// Takes this identifier, unless it is in use.
    pub(crate) fn take_this(&mut self, id: PacketId) -> bool {
        while self.used < id.get() {
            self.used += 1;
            if let Some(id) = PacketId::new(self.used) {
                self.free.push(id);
            }
        }
        let place = self.free.iter().rposition(|free| *free == id);
        place.map(|place| self.free.swap_remove(place)).is_some()
    }

    /// How many identifiers are taken.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        usize::from(self.used) - self.free.len()
    }
}

/// A set of packet identifiers, a bit each.
#[derive(Debug, Default)]
pub(crate) struct PacketIdSet {
    words: Vec<u32>,
}

impl PacketIdSet {
    pub(crate) fn contains(&self, id: PacketId) -> bool {
        let (word, bit) = place(id);
        self.words.get(word).is_some_and(|bits| bits & bit != 0)
    }

    pub(crate) fn insert(&mut self, id: PacketId) {
        let (word, bit) = place(id);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PacketId> + '_ {
        let highest = self.words.len() as u32 * 32;
        (1..highest).filter_map(|id| PacketId::new(id as u16)).filter(|id| self.contains(*id))
    }

    /// Takes `id` out; was it there?
    pub(crate) fn remove(&mut self, id: PacketId) -> bool {
        let (word, bit) = place(id);
        let Some(bits) = self.words.get_mut(word) else { return false };
        let was = *bits & bit != 0;
        *bits &= !bit;
        was
    }

    pub(crate) fn clear(&mut self) {
        self.words.clear();
    }
}

fn place(id: PacketId) -> (usize, u32) {
    (usize::from(id.get() / 32), 1 << (id.get() % 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn all_65535_identifiers_are_given_once_and_never_zero() {
        let mut ids = PacketIds::default();
        let taken: HashSet<_> = (0..65535).map(|_| ids.take().unwrap()).collect();
        assert_eq!(taken.len(), 65535);
        assert_eq!(ids.take(), None);
        ids.free(PacketId::new(77).unwrap());
        assert_eq!(ids.take(), PacketId::new(77));
        assert_eq!(ids.take(), None);
        assert_eq!(ids.taken(), 65535);
    }

    #[test]
    fn one_that_was_taken_in_an_earlier_process_is_not_given_again() {
        let mut ids = PacketIds::default();
        assert!(ids.take_this(PacketId::new(65_535).unwrap()) && ids.take_this(PacketId::new(2).unwrap()));
        assert!(!ids.take_this(PacketId::new(2).unwrap()));
        let taken: HashSet<_> = core::iter::from_fn(|| ids.take()).map(PacketId::get).collect();
        assert_eq!(taken, (1..65_535).filter(|id| *id != 2).collect());
    }
}
