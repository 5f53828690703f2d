//! Topic names and topic filters: are they valid, do they match, and which handlers want a message (section 4.7)?

use crate::Error;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The longest topic name or filter, in bytes [MQTT-4.7.3-3].
const LONGEST: usize = u16::MAX as usize;

/// A tree of more levels would be a recursion that the small stack of a wasm instance cannot hold. Brokers end sooner:
/// Mosquitto takes 200.
const DEEPEST: usize = 256;

/// What a shared subscription begins with.
const SHARE: &str = "$share/";

/// A name to publish to: not empty, no wildcard, no U+0000 [MQTT-3.3.2-2], [MQTT-4.7.3-1].
pub fn is_name(topic: &str) -> bool {
    (1..=LONGEST).contains(&topic.len()) && !has_one_of(topic, [0, b'+', b'#'])
}

/// A filter to subscribe to: a wildcard fills its level, `#` the last one [MQTT-4.7.1-1], [MQTT-4.7.1-2]; a shared
/// subscription names its group and has a filter behind it [MQTT-4.8.2-1], [MQTT-4.8.2-2].
pub fn is_filter(filter: &str) -> bool {
    let Some(topics) = topics(filter) else { return false };
    let mut levels = Levels::of(topics);
    while let Some(level) = levels.next() {
        let alone = level.len() == 1 && (level != "#" || levels.0.is_none());
        if !alone && has_wildcard(level) {
            return false;
        }
    }
    (1..=LONGEST).contains(&topics.len()) && filter.len() <= LONGEST && !has_one_of(filter, [0])
}

/// Is it a shared subscription, `$share/<group>/<filter>`?
pub fn is_shared(filter: &str) -> bool {
    filter.starts_with(SHARE)
}

/// Does it have a wildcard?
pub fn has_wildcard(filter: &str) -> bool {
    filter.bytes().any(|byte| matches!(byte, b'+' | b'#'))
}

/// Has a text one of these ASCII characters? Four bytes at a time, because every message has its topic looked through.
pub(crate) fn has_one_of<const N: usize>(text: &str, wanted: [u8; N]) -> bool {
    // Of a byte that is 0, and of no other before it, this leaves the highest bit.
    let has_zero = |word: u32| word.wrapping_sub(0x0101_0101) & !word & 0x8080_8080 != 0;
    let (words, rest) = text.as_bytes().as_chunks();
    let in_word =
        |&word| wanted.iter().any(|&byte| has_zero(u32::from_le_bytes(word) ^ (u32::from(byte) * 0x0101_0101)));
    words.iter().any(in_word) || rest.iter().any(|byte| wanted.contains(byte))
}

/// The part of a filter that is held against names: all of it, or what stands behind the group. None: no such part.
fn topics(filter: &str) -> Option<&str> {
    let Some(shared) = filter.strip_prefix(SHARE) else { return Some(filter) };
    let mut levels = Levels::of(shared);
    levels.next().filter(|group| !group.is_empty() && !has_wildcard(group))?;
    levels.0
}

/// The levels of a name or filter. Holds what of it is left, if anything.
#[derive(Clone, Copy)]
struct Levels<'a>(Option<&'a str>);

impl<'a> Levels<'a> {
    fn of(topic: &'a str) -> Self {
        Self(Some(topic))
    }
}

impl<'a> Iterator for Levels<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        let (level, below) = match rest.bytes().position(|byte| byte == b'/') {
            Some(at) => (rest.get(..at), rest.get(at + 1..)),
            None => (Some(rest), None),
        };
        self.0 = below;
        level
    }
}

/// Does a valid filter match a name?
pub fn matches(filter: &str, name: &str) -> bool {
    let Some(filter) = topics(filter) else { return false };
    // A leading wildcard does not reach the server's own topics [MQTT-4.7.2-1].
    if name.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut names = Levels::of(name);
    let mut filters = Levels::of(filter);
    loop {
        match (filters.next(), names.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => {}
            (Some(filter), Some(name)) if filter == name => {}
            _ => return false,
        }
    }
}

/// Which handlers want a message: filters in a tree, a node for each level, so that a message costs what its own
/// levels cost and not what all filters do.
#[derive(Debug, Default)]
pub struct Routes {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    /// Of the filters that end here.
    ids: Vec<u32>,
    /// By level, in order; wildcards stand for themselves.
    children: Vec<(Box<str>, Node)>,
}

impl Routes {
    /// No filters.
    pub const fn new() -> Self {
        Self { root: Node { ids: Vec::new(), children: Vec::new() } }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.root.children.is_empty()
    }

    /// From now on, messages that `filter` matches go to `id` too. Refuses what is no filter, or has more than 256 levels.
    pub fn insert(&mut self, filter: &str, id: u32) -> Result<(), Error> {
        if !is_filter(filter) || filter.bytes().filter(|&byte| byte == b'/').count() >= DEEPEST {
            return Err(Error::TopicFilter);
        }
        let mut node = &mut self.root;
        for level in Levels::of(topics(filter).unwrap_or_default()) {
            let index = node.find(level).unwrap_or_else(|index| {
                node.children.insert(index, (level.into(), Node::default()));
                index
            });
            node = &mut node.children[index].1;
        }
        node.ids.push(id);
        Ok(())
    }

    /// Takes that back. Was it there?
    pub fn remove(&mut self, filter: &str, id: u32) -> bool {
        self.root.remove(Levels::of(topics(filter).unwrap_or_default()), id)
    }

    /// Appends the ids of all filters that match `name`.
    pub fn find(&self, name: &str, found: &mut Vec<u32>) {
        if !self.is_empty() {
            self.root.collect(Levels::of(name), name.starts_with('$'), found);
        }
    }
}

impl Node {
    fn find(&self, level: &str) -> Result<usize, usize> {
        self.children.binary_search_by(|(name, _)| (**name).cmp(level))
    }

    fn child(&self, level: &str) -> Option<&Self> {
        self.find(level).ok().and_then(|index| self.children.get(index)).map(|(_, node)| node)
    }

    /// `levels` is what of the name lies below this node; `own` says that a wildcard here would reach a `$` topic.
    fn collect(&self, mut levels: Levels<'_>, own: bool, found: &mut Vec<u32>) {
        if !own && let Some(all) = self.child("#") {
            found.extend_from_slice(&all.ids);
        }
        let Some(level) = levels.next() else {
            found.extend_from_slice(&self.ids);
            return;
        };
        for name in ["+", level].into_iter().skip(own.into()) {
            if let Some(node) = self.child(name) {
                node.collect(levels, false, found);
            }
        }
    }

    fn remove(&mut self, mut levels: Levels<'_>, id: u32) -> bool {
        let Some(level) = levels.next() else {
            let at = self.ids.iter().position(|&known| known == id);
            return at.map(|at| self.ids.swap_remove(at)).is_some();
        };
        let Ok(index) = self.find(level) else { return false };
        let child = &mut self.children[index].1;
        let removed = child.remove(levels, id);
        if child.ids.is_empty() && child.children.is_empty() {
            self.children.remove(index);
        }
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_fills_its_level_and_hash_is_last() {
        for valid in ["a", "/", "#", "+", "+/+", "a/+/b/#", "/+", "$SYS/#", "$share/g/a/#", "a//b", "主题/+"] {
            assert!(is_filter(valid), "{valid}");
        }
        for invalid in ["", "a#", "a/#/b", "a+", "+a/b", "a\0", "$share/g", "$share//a", "$share/g/", "$share/+/a"] {
            assert!(!is_filter(invalid), "{invalid}");
        }
        assert!(!is_filter(&"a".repeat(65_536)) && is_filter(&"a".repeat(65_535)));
    }

    #[test]
    fn a_character_is_found_wherever_it_stands_and_no_other_for_it() {
        assert!(!has_one_of("é\u{80}ÿ中😀", [0, b'+', b'#']));
        for len in 0..12 {
            for byte in 0..128 {
                for at in 0..len {
                    let mut bytes = vec![b'a'; len];
                    bytes[at] = byte;
                    let text = str::from_utf8(&bytes).unwrap();
                    let expected = matches!(byte, 0 | b'+' | b'#');
                    assert_eq!(has_one_of(text, [0, b'+', b'#']), expected, "{bytes:?}");
                }
            }
        }
    }

    #[test]
    fn a_name_has_no_wildcard() {
        assert!(is_name("a/b") && is_name("/") && is_name("é/x"));
        assert!(!is_name("") && !is_name("a/+") && !is_name("#") && !is_name("a\0b"));
    }

    /// Filter, name, do they match? From section 4.7 and its examples.
    const CASES: &[(&str, &str, bool)] = &[
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
        ("sport/tennis/player1/#", "sport/tennis/player12", false),
        ("sport/+", "sport/", true),
        ("sport/+", "sport", false),
        ("+", "/finance", false),
        ("+/+", "/finance", true),
        ("/+", "/finance", true),
        ("#", "$SYS/a", false),
        ("+/a", "$SYS/a", false),
        ("$SYS/#", "$SYS/a", true),
        ("$SYS/+", "$SYS/a", true),
        ("#", "é/x", true),
        ("a/b", "a/b/c", false),
        ("$share/g/a/+", "a/b", true),
        ("a/+/c", "a/b/c", true),
        ("a/+/#", "a", false),
    ];

    #[test]
    fn filters_match_as_the_standard_says() {
        for &(filter, name, expected) in CASES {
            assert_eq!(matches(filter, name), expected, "{filter} {name}");
        }
    }

    #[test]
    fn the_tree_finds_what_matches_finds() {
        let mut routes = Routes::new();
        for (id, (filter, ..)) in CASES.iter().enumerate() {
            routes.insert(filter, id as u32).unwrap();
        }
        for (_, name, _) in CASES {
            let mut found = Vec::new();
            routes.find(name, &mut found);
            found.sort_unstable();
            let expected: Vec<_> =
                CASES.iter().enumerate().filter(|(_, case)| matches(case.0, name)).map(|(id, _)| id as u32).collect();
            assert_eq!(found, expected, "{name}");
        }
        for (id, (filter, ..)) in CASES.iter().enumerate() {
            assert!(routes.remove(filter, id as u32));
            assert!(!routes.remove(filter, id as u32));
        }
        assert!(routes.is_empty());
    }

    #[test]
    fn a_tree_does_not_grow_too_deep_for_its_stack() {
        let mut routes = Routes::new();
        assert_eq!(routes.insert(&"/".repeat(65_535), 1), Err(Error::TopicFilter));
        assert_eq!(routes.insert(&"/".repeat(256), 1), Err(Error::TopicFilter));
        assert!(routes.is_empty());
        routes.insert(&"/".repeat(255), 1).unwrap();
        let mut found = Vec::new();
        routes.find(&"/".repeat(255), &mut found);
        routes.find(&"/".repeat(65_535), &mut found);
        assert_eq!(found, [1]);
    }
}
