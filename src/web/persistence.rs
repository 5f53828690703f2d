//! Between what the session wants kept and the store that keeps it: which changes go into the next transaction, what must
//! wait for it, and what may still be asked of a store that fails. Opens nothing, waits for nothing: time is an argument.

use std::time::Duration;

use super::table::Table;
use crate::session::{Change, Key};
use crate::time::Instant;

/// A store that has not answered twice as long has failed. In two halves, of which a page that was frozen loses one.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// What is still asked of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Asked {
    #[default]
    Everything,
    /// No record is put any more; but one that would be replaced must go, because it is not true any more: it would bring
    /// a message back after a restart.
    Deletions,
    Nothing,
}

/// Changes of which the last word on a key counts.
#[derive(Debug, Default)]
struct Changes {
    clear: bool,
    records: Table<Key, Option<Vec<u8>>>,
}

impl Changes {
    fn push(&mut self, change: Change) {
        match change {
            Change::Clear => {
                self.clear = true;
                self.records.clear();
            }
            Change::Delete(key) => self.records.insert(key, None),
            Change::Put(key, record) => self.records.insert(key, Some(record)),
        }
    }

    fn is_empty(&self) -> bool {
        !self.clear && self.records.is_empty()
    }

    fn to_list(&self) -> Vec<Change> {
        let clear = self.clear.then_some(Change::Clear);
        let one = |(key, record): (Key, &Option<Vec<u8>>)| match record {
            Some(record) => Change::Put(key, record.clone()),
            None => Change::Delete(key),
        };
        clear.into_iter().chain(self.records.iter().map(one)).collect()
    }

    /// What remains when nothing is put any more.
    fn to_deletions(&self, keys: &Table<Key, ()>) -> Self {
        let mut deletions = Self { clear: self.clear, ..Self::default() };
        for (key, _) in self.records.iter().filter(|(key, _)| keys.contains(*key)) {
            deletions.push(Change::Delete(key));
        }
        deletions
    }
}

/// A transaction that the store has been given, or is to be given.
#[derive(Debug)]
struct Group {
    changes: Changes,
    taken: bool,
    deadline: Instant,
    /// It was late once.
    late: bool,
}

/// What is to be written.
#[derive(Debug, Default)]
pub struct Persistence {
    asked: Asked,
    /// What may be in the store.
    keys: Table<Key, ()>,
    waiting: Changes,
    group: Option<Group>,
    /// Counts transactions: those that were begun, and those that are over.
    begun: u64,
    done: u64,
    /// Names the writes, so that an answer that comes too late is not taken for another one's.
    writes: u32,
}

impl Persistence {
    /// This record is in the store.
    pub(super) fn handle_loaded(&mut self, key: Key) {
        self.keys.insert(key, ());
    }

    pub(super) fn write(&mut self, change: Change) {
        self.waiting.push(change);
    }

    /// What must be over before anything leaves that depends on what was written so far: for `is_done`.
    pub(super) fn last(&self) -> u64 {
        self.begun + u64::from(!self.waiting.is_empty())
    }

    /// Is it?
    pub(super) fn is_done(&self, group: u64) -> bool {
        group <= self.done
    }

    /// Is everything written, or given up?
    pub(super) fn is_idle(&self) -> bool {
        self.group.is_none() && self.waiting.is_empty()
    }

    /// What the store is to write now, and the number by which it answers.
    pub(super) fn poll_write(&mut self, now: Instant) -> Option<(u32, Vec<Change>)> {
        if self.group.is_none() && !self.waiting.is_empty() {
            self.begun += 1;
            let changes = core::mem::take(&mut self.waiting);
            self.begin(changes);
        }
        let group = self.group.as_mut().filter(|group| !group.taken)?;
        group.taken = true;
        group.deadline = now + PATIENCE;
        self.writes = self.writes.wrapping_add(1);
        Some((self.writes, group.changes.to_list()))
    }

    /// Of these, what may still be asked.
    fn begin(&mut self, changes: Changes) {
        let changes = match self.asked {
            Asked::Everything => changes,
            Asked::Deletions => changes.to_deletions(&self.keys),
            Asked::Nothing => Changes::default(),
        };
        if changes.is_empty() {
            self.group = None;
            self.done = self.begun;
        } else {
            self.group = Some(Group { changes, taken: false, deadline: Instant::default(), late: false });
        }
    }

    /// The store has written, or has failed. True: it failed for the first time, of which the application is told.
    pub(super) fn handle_written(&mut self, write: u32, written: bool) -> bool {
        if write != self.writes {
            return false;
        }
        let Some(group) = self.group.take_if(|group| group.taken) else { return false };
        if written {
            if group.changes.clear {
                self.keys.clear();
            }
            for (key, record) in group.changes.records.iter() {
                match record {
                    Some(_) => self.keys.insert(key, ()),
                    None => _ = self.keys.remove(key),
                }
            }
            self.done = self.begun;
            return false;
        }
        let first = self.asked == Asked::Everything;
        self.asked = if first { Asked::Deletions } else { Asked::Nothing };
        // Nobody knows how much of it was done.
        for (key, _) in group.changes.records.iter() {
            self.keys.insert(key, ());
        }
        self.begin(group.changes);
        first
    }

    /// When the store is late.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.group.as_ref().filter(|group| group.taken).map(|group| group.deadline)
    }

    /// Time has passed. Gives what `handle_written` would.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        let Some(group) = self.group.as_mut().filter(|group| group.taken) else { return false };
        // A clock that was set back.
        group.deadline = group.deadline.min(now + PATIENCE);
        if group.deadline > now {
            return false;
        }
        if !group.late {
            group.late = true;
            group.deadline = now + PATIENCE;
            return false;
        }
        self.handle_written(self.writes, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(0);

    fn put(number: u32) -> Change {
        Change::Put(Key::Message(number), vec![number as u8])
    }

    fn delete(number: u32) -> Change {
        Change::Delete(Key::Message(number))
    }

    #[test]
    fn one_transaction_at_a_time_and_what_waits_for_it_goes_together() {
        let mut it = Persistence::default();
        assert!(it.is_done(it.last()));
        it.write(put(1));
        let first = it.last();
        let (write, changes) = it.poll_write(NOW).unwrap();
        assert_eq!(changes, [put(1)]);
        it.write(put(2));
        it.write(put(3));
        it.write(delete(2));
        assert_eq!(it.poll_write(NOW), None);
        let second = it.last();
        assert!(!it.is_done(first));
        assert!(!it.handle_written(write, true));
        assert!(it.is_done(first) && !it.is_done(second));
        let (write, changes) = it.poll_write(NOW).unwrap();
        assert_eq!(changes, [delete(2), put(3)]);
        it.handle_written(write, true);
        assert!(it.is_done(second) && it.is_idle());
    }

    #[test]
    fn nothing_stands_before_a_clear() {
        let mut it = Persistence::default();
        it.write(put(1));
        it.write(Change::Clear);
        it.write(put(2));
        assert_eq!(it.poll_write(NOW).unwrap().1, [Change::Clear, put(2)]);
    }

    #[test]
    fn a_store_that_fails_is_asked_for_deletions_and_then_for_nothing() {
        let mut it = Persistence::default();
        it.handle_loaded(Key::Message(9));
        it.write(put(1));
        let after = it.last();
        let (write, _) = it.poll_write(NOW).unwrap();
        assert!(it.handle_written(write, false), "the application is told");
        assert!(!it.is_done(after), "what may be there of it goes first");
        let (write, changes) = it.poll_write(NOW).unwrap();
        assert_eq!(changes, [delete(1)]);
        it.handle_written(write, true);
        assert!(it.is_done(after));
        // What is in the store goes when it changes; what is not there is not asked for.
        it.write(put(9));
        it.write(put(3));
        let (write, changes) = it.poll_write(NOW).unwrap();
        assert_eq!(changes, [delete(9)]);
        assert!(!it.handle_written(write, false), "once");
        it.write(put(4));
        assert_eq!(it.poll_write(NOW), None);
        assert!(it.is_done(it.last()) && it.is_idle());
    }

    #[test]
    fn a_store_that_does_not_answer_has_failed_and_its_late_answer_counts_for_nothing() {
        let mut it = Persistence::default();
        it.write(put(1));
        let (write, _) = it.poll_write(NOW).unwrap();
        assert_eq!(it.poll_timeout(), Some(NOW + PATIENCE));
        assert!(!it.handle_timeout(NOW + PATIENCE / 2));
        assert!(!it.handle_timeout(NOW + 100 * PATIENCE), "the page was frozen");
        assert!(it.handle_timeout(NOW + 101 * PATIENCE));
        let (again, changes) = it.poll_write(NOW).unwrap();
        assert_eq!(changes, [delete(1)]);
        it.handle_written(write, true);
        assert!(!it.is_idle());
        it.handle_written(again, true);
        assert!(it.is_idle());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_make_its_patience_longer() {
        let mut it = Persistence::default();
        it.write(put(1));
        let late = Instant::from_millis(3_600_000);
        it.poll_write(late).unwrap();
        it.handle_timeout(NOW);
        assert_eq!(it.poll_timeout(), Some(NOW + PATIENCE));
    }
}
