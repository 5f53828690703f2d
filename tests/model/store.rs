//! What outlives the process: the records of a session. It may fail at any write; then it takes nothing more.

use std::collections::BTreeMap;

use wasmqtt::session::{Change, Key};

/// What a store does that fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It keeps what it had.
    Keeps,
    /// Everything in it is lost.
    Loses,
    /// It takes no record any more; but one that would be replaced goes.
    Shrinks,
}

#[derive(Default)]
pub struct Store {
    pub records: BTreeMap<Key, Vec<u8>>,
    pub writes: usize,
    /// It fails at this write, counted from 0.
    pub fails_at: Option<(usize, Failure)>,
}

impl Store {
    pub fn write(&mut self, change: Change) {
        self.writes += 1;
        let change = match (self.fails_at, change) {
            (Some((at, Failure::Keeps)), _) if self.writes > at => return,
            (Some((at, Failure::Loses)), _) if self.writes > at => Change::Clear,
            (Some((at, Failure::Shrinks)), Change::Put(key, _)) if self.writes > at => Change::Delete(key),
            (_, change) => change,
        };
        match change {
            Change::Clear => self.records.clear(),
            Change::Delete(key) => drop(self.records.remove(&key)),
            Change::Put(key, record) => drop(self.records.insert(key, record)),
        }
    }

    pub fn has_failed(&self) -> bool {
        self.fails_at.is_some_and(|(at, _)| self.writes > at)
    }
}
