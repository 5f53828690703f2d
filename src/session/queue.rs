//! Messages that have no packet identifier yet: there is no connection, or the send quota or the identifiers are used up.
//! In the order in which they were published.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use crate::time::{Instant, millis};

const QOS: u8 = 0b0110;

/// Publishing without a connection: what may wait for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offline {
    /// The most messages that may wait.
    pub max_messages: u32,
    /// The most bytes that their packets may have together.
    pub max_bytes: u32,
    /// How long a message may wait. Zero: for ever.
    pub max_age: Duration,
    /// What happens to a message that finds no room.
    pub overflow: Overflow,
    /// Messages with QoS 0 may wait too; they are not stored.
    pub qos0: bool,
}

impl Default for Offline {
    fn default() -> Self {
        Self {
            max_messages: 1_000,
            max_bytes: 4 * 1024 * 1024,
            max_age: Duration::ZERO,
            overflow: Overflow::Reject,
            qos0: false,
        }
    }
}

/// What happens when the queue is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// `publish` refuses the message.
    #[default]
    Reject,
    /// The oldest messages make room.
    DropOldest,
    /// `publish` takes the message, and drops it.
    DropNewest,
}

/// A message that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// An encoded PUBLISH, its packet identifier not set yet.
    pub(crate) packet: Vec<u8>,
    pub(crate) ticket: u32,
    /// Its place among all messages.
    pub(crate) sequence: u64,
    pub(crate) since: Instant,
}

impl Waiting {
    /// QoS 0.
    pub(crate) fn is_once(&self) -> bool {
        self.packet.first().is_some_and(|first| first & QOS == 0)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    messages: VecDeque<Waiting>,
    bytes: usize,
    /// How many of them have QoS 0.
    once: usize,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// A message with QoS 0 must not overtake one that waits.
    pub(crate) fn holds_once(&self) -> bool {
        self.once > 0
    }

    pub(crate) fn push(&mut self, message: Waiting) {
        self.bytes += message.packet.len();
        self.once += usize::from(message.is_once());
        self.messages.push_back(message);
    }

    pub(crate) fn front(&self) -> Option<&Waiting> {
        self.messages.front()
    }

    pub(crate) fn back(&self) -> Option<&Waiting> {
        self.messages.back()
    }

    pub(crate) fn pop(&mut self) -> Option<Waiting> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.packet.len();
        self.once -= usize::from(message.is_once());
        Some(message)
    }

    /// Takes out every message and puts those back of which `keep` says so, changed or not.
    pub(crate) fn retain(&mut self, keep: &mut dyn FnMut(&mut Waiting) -> bool) {
        for _ in 0..self.messages.len() {
            let Some(mut message) = self.pop() else { return };
            if keep(&mut message) {
                self.push(message);
            }
        }
    }

    /// Is there room for another packet of this length?
    pub(crate) fn has_room(&self, len: usize, offline: &Offline) -> bool {
        self.messages.len() < offline.max_messages as usize && self.bytes + len <= offline.max_bytes as usize
    }

    /// When the oldest message has waited for too long.
    pub(crate) fn poll_expiry(&self, offline: &Offline) -> Option<Instant> {
        let age = millis(offline.max_age);
        self.front().filter(|_| age != 0).map(|oldest| oldest.since.after(age))
    }

    /// Puts a restored message where it belongs.
    pub(crate) fn insert(&mut self, message: Waiting) {
        self.push(message);
        for n in (1..self.len()).rev() {
            if self.messages[n - 1].sequence <= self.messages[n].sequence {
                break;
            }
            self.messages.swap(n - 1, n);
        }
    }
}
