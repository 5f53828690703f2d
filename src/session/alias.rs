//! Topic aliases of one connection, both ways (OASIS 5.0, section 3.3.2.3.4). They end with it.

use crate::Error;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A table with one place for each hash value: constant time, no bookkeeping. A topic that meets another one in its
/// place puts it out.
#[derive(Debug, Default)]
pub(crate) struct TopicTable {
    places: Vec<Option<Box<str>>>,
}

impl TopicTable {
    #[cfg(feature = "ffi")]
    pub(crate) const EMPTY: Self = Self { places: Vec::new() };

    pub(crate) fn new(places: usize) -> Self {
        Self { places: vec![None; places] }
    }

    #[cfg(feature = "ffi")]
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The place of `topic`, and whether it stood there before. None for a table without places.
    pub(crate) fn place(&mut self, topic: &str) -> Option<(usize, bool)> {
        if self.places.is_empty() {
            return None;
        }
        let index = self.index(topic);
        let place = self.places.get_mut(index)?;
        let known = place.as_deref() == Some(topic);
        if !known {
            *place = Some(topic.into());
        }
        Some((index, known))
    }

    fn remove(&mut self, topic: &str) {
        let index = self.index(topic);
        if let Some(place) = self.places.get_mut(index) {
            *place = None;
        }
    }

    /// A multiplicative hash by words of four bytes. Whoever chooses topics that meet makes nothing slower than it was.
    fn index(&self, topic: &str) -> usize {
        let mix = |hash: u32, word: u32| {
            let hash = (hash ^ word).wrapping_mul(0x9E37_79B1);
            hash ^ hash >> 15
        };
        let (words, rest) = topic.as_bytes().as_chunks();
        let hash = words.iter().fold(topic.len() as u32, |hash, &word| mix(hash, u32::from_le_bytes(word)));
        let hash = rest.iter().fold(hash, |hash, &byte| mix(hash, byte.into()));
        hash as usize % self.places.len().max(1)
    }
}

/// Aliases for the topics that we publish to.
#[derive(Debug, Default)]
pub(crate) struct OutgoingAliases {
    table: TopicTable,
}

/// As many as are worth their memory; most servers allow fewer.
const MOST: u16 = 64;

/// Shorter topics are not worth the three bytes of the property.
const SHORTEST: usize = 4;

impl OutgoingAliases {
    /// For a server that allows aliases 1 to `maximum`.
    pub(crate) fn new(maximum: u16) -> Self {
        Self { table: TopicTable::new(maximum.min(MOST).into()) }
    }

    /// The alias for `topic`, and whether the server knows it already.
    pub(crate) fn assign(&mut self, topic: &str) -> Option<(u16, bool)> {
        if topic.len() < SHORTEST {
            return None;
        }
        self.table.place(topic).map(|(index, known)| (index as u16 + 1, known))
    }

    /// The packet that was to announce the alias of `topic` did not leave.
    pub(crate) fn forget(&mut self, topic: &str) {
        self.table.remove(topic);
    }
}

/// The topics behind the server's aliases.
#[derive(Debug, Default)]
pub(crate) struct IncomingAliases {
    maximum: u16,
    topics: Vec<Option<Box<str>>>,
}

impl IncomingAliases {
    /// For a client that allowed aliases 1 to `maximum` in its CONNECT.
    pub(crate) fn new(maximum: u16) -> Self {
        Self { maximum, topics: Vec::new() }
    }

    /// Sets `alias` to `topic`, or checks that it was set when `topic` is empty.
    pub(crate) fn handle(&mut self, alias: u16, topic: &str) -> Result<(), Error> {
        if alias == 0 || alias > self.maximum {
            return Err(Error::BadTopicAlias); // [MQTT-3.3.2-8], [MQTT-3.1.2-26]
        }
        let index = usize::from(alias) - 1;
        if topic.is_empty() {
            return match self.topics.get(index) {
                Some(Some(_)) => Ok(()),
                _ => Err(Error::BadTopicAlias),
            };
        }
        if index >= self.topics.len() {
            self.topics.resize(index + 1, None);
        }
        self.topics[index] = Some(topic.into());
        Ok(())
    }

    /// The topic behind an alias that `handle` accepted.
    pub(crate) fn topic(&self, alias: u16) -> &str {
        self.topics.get(usize::from(alias).wrapping_sub(1)).and_then(Option::as_deref).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outgoing_alias_is_announced_once_and_never_above_the_maximum() {
        let mut aliases = OutgoingAliases::new(2);
        let (first, known) = aliases.assign("a/topic").unwrap();
        assert!(!known && (1..=2).contains(&first));
        assert_eq!(aliases.assign("a/topic"), Some((first, true)));
        for n in 0..100 {
            let (alias, known) = aliases.assign(&format!("other/{n}")).unwrap();
            assert!(!known && (1..=2).contains(&alias));
        }
        assert_eq!(OutgoingAliases::new(0).assign("a/topic"), None);
    }

    #[test]
    fn an_incoming_alias_must_be_in_range_and_set_before_it_is_used() {
        let mut aliases = IncomingAliases::new(2);
        assert_eq!(aliases.handle(3, "t"), Err(Error::BadTopicAlias));
        assert_eq!(aliases.handle(0, "t"), Err(Error::BadTopicAlias));
        assert_eq!(aliases.handle(2, ""), Err(Error::BadTopicAlias));
        aliases.handle(2, "t").unwrap();
        aliases.handle(2, "").unwrap();
        assert_eq!(aliases.topic(2), "t");
        aliases.handle(2, "u").unwrap();
        assert_eq!(aliases.topic(2), "u");
    }
}
