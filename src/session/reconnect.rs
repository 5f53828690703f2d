//! When to try again after a connection was lost or did not come about: at once, then after exponentially growing
//! delays with jitter. Decides on time alone; `attempt.rs` acts on it.

use alloc::vec::Vec;
use core::time::Duration;

use crate::time::millis;

/// Connections that are lost come back by themselves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reconnect {
    /// The longest wait before the second try. The first one is made at once.
    pub min_delay: Duration,
    /// Each further wait may be twice as long, up to this.
    pub max_delay: Duration,
    /// How much of each wait is left to chance, in percent; 100 is "full jitter".
    pub jitter: u8,
    /// How many tries in a row may fail. Zero: any number.
    pub max_attempts: u32,
    /// Try again too when the first connection does not come about.
    pub initial: bool,
    /// Reason codes of CONNACK and DISCONNECT that end it: trying again would not help.
    pub give_up_on: Vec<u8>,
}

impl Reconnect {
    /// Version, client identifier, credentials and CONNECT itself (1 to 5 before MQTT 5), banned, taken over by another
    /// client, moved.
    pub const GIVE_UP_ON: [u8; 16] =
        [1, 2, 4, 5, 0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x8E, 0x90, 0x95, 0x9A, 0x9B, 0x9D];

    /// Those of them that a new user name or password may heal.
    pub const CREDENTIALS: [u8; 4] = [4, 5, 0x86, 0x87];

    /// Does this reason code end it?
    #[allow(clippy::manual_contains)] // What searches bytes faster is a long function, and here are a dozen.
    pub(crate) fn gives_up_on(&self, reason: u8) -> bool {
        self.give_up_on.iter().any(|&code| code == reason)
    }

    /// The longest wait before the try that follows after so many, in milliseconds.
    fn longest(&self, tried: u32) -> u64 {
        let [min, max] = [self.min_delay, self.max_delay].map(|it| millis(it).min(u32::MAX.into()));
        (min << tried.saturating_sub(1).min(31)).min(max)
    }
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(60),
            jitter: 100,
            max_attempts: 0,
            initial: false,
            give_up_on: Self::GIVE_UP_ON.into(),
        }
    }
}

/// Counts the tries since a connection that held.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tried: u32,
    /// State of a xorshift generator.
    random: u32,
}

impl Backoff {
    pub(crate) fn new(seed: u32) -> Self {
        Self { tried: 0, random: seed | 1 }
    }

    /// How many tries there were.
    pub(crate) fn tried(&self) -> u32 {
        self.tried
    }

    /// How many milliseconds to wait for the next try. None: there were enough.
    pub(crate) fn next(&mut self, policy: &Reconnect) -> Option<u64> {
        if policy.max_attempts != 0 && self.tried >= policy.max_attempts {
            return None;
        }
        let longest = if self.tried == 0 { 0 } else { policy.longest(self.tried) };
        self.tried = self.tried.saturating_add(1);
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let chance = longest * u64::from(policy.jitter.min(100)) / 100;
        Some(longest - chance + ((chance * u64::from(self.random)) >> 32))
    }

    /// A connection has ended that was up for so many milliseconds. One that was shorter than the next wait does not count: a server
    /// that accepts and hangs up must not be asked in a tight loop.
    pub(crate) fn handle_lost(&mut self, lasted: u64, policy: &Reconnect) {
        if lasted >= policy.longest(self.tried) {
            self.tried = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(policy: &Reconnect, seed: u32) -> Vec<u64> {
        let mut backoff = Backoff::new(seed);
        (0..9).map_while(|_| backoff.next(policy)).collect()
    }

    #[test]
    fn the_first_try_is_made_at_once_and_each_further_wait_may_be_twice_as_long() {
        let policy = Reconnect { jitter: 0, ..Reconnect::default() };
        assert_eq!(delays(&policy, 1), [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(delays(&Reconnect { max_attempts: 2, ..policy }, 1), [0, 1_000]);
    }

    #[test]
    fn full_jitter_spreads_a_wait_over_all_of_its_length() {
        let policy = Reconnect::default();
        let mut thirds = [0; 3];
        for seed in 0..3_000_u32 {
            let delays = delays(&policy, seed.wrapping_mul(0x9E37_79B9));
            assert_eq!(delays[0], 0);
            assert!(delays[3] < 4_000, "{delays:?}");
            thirds[delays[3] as usize * 3 / 4_000] += 1;
        }
        assert!(thirds.iter().all(|count| (800..1_200).contains(count)), "{thirds:?}");
        assert!(delays(&Reconnect { jitter: 10, ..policy }, 7)[3] >= 3_600);
    }

    #[test]
    fn a_connection_counts_when_it_was_up_for_as_long_as_the_next_wait() {
        let policy = Reconnect::default();
        let mut backoff = Backoff::new(1);
        for tried in 1..=4 {
            backoff.handle_lost(999, &policy);
            backoff.next(&policy);
            assert_eq!(backoff.tried(), tried);
        }
        backoff.handle_lost(8_000, &policy);
        assert_eq!(backoff.next(&policy), Some(0));
    }

    #[test]
    fn the_longest_delays_and_the_most_tries_do_not_overflow() {
        let policy = Reconnect { min_delay: Duration::MAX, max_delay: Duration::MAX, ..Reconnect::default() };
        let mut backoff = Backoff { tried: u32::MAX, random: 1 };
        assert!(backoff.next(&policy).is_some());
        assert_eq!(backoff.tried(), u32::MAX);
    }
}
