//! Time as the core sees it: whole milliseconds, always handed in by the driver, never read from a clock.

use core::time::Duration;

/// A point in time, in milliseconds since an origin that only the driver knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The instant `millis` milliseconds after the driver's origin.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the driver's origin.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time passed since `earlier`, or zero when that lies ahead.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }

    /// As `since`, in milliseconds: the session counts in them, because a `Duration` costs a division each way.
    pub(crate) const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// So many milliseconds later.
    pub(crate) const fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl core::ops::Add<Duration> for Instant {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        self.after(millis(wait))
    }
}

/// A `Duration` in whole milliseconds, never shorter than it is: what is not zero must not become it.
// Long on a machine of 32 bits: it shall stand in the binary once.
#[inline(never)]
pub(crate) fn millis(duration: Duration) -> u64 {
    let seconds = duration.as_secs().min(u64::MAX / 1_000 - 1);
    seconds * 1_000 + u64::from(duration.subsec_nanos().div_ceil(1_000_000))
}

/// Turns the driver's clock, which may be set back, into one that only goes forward.
///
/// A clock set back by an hour must not stop keep alive for that hour: time goes on from where it was. A clock that
/// jumps ahead (a laptop that slept) is taken at its word.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    seen: u64,
    lost: u64,
}

impl Clock {
    /// The time on the session's own scale when the driver's clock shows `now`.
    // Called everywhere: it shall stand in the binary once.
    #[inline(never)]
    pub(crate) fn advance(&mut self, now: Instant) -> Instant {
        self.lost = self.lost.saturating_add(self.seen.saturating_sub(now.0));
        self.seen = now.0;
        Instant(now.0.saturating_add(self.lost))
    }

    /// What the driver's clock will show at `at` on the session's own scale.
    pub(crate) fn outside(&self, at: Instant) -> Instant {
        Instant(at.0.saturating_sub(self.lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_goes_on_from_where_it_was() {
        let mut clock = Clock::default();
        assert_eq!(clock.advance(Instant(5_000)), Instant(5_000));
        assert_eq!(clock.advance(Instant(1_000)), Instant(5_000));
        assert_eq!(clock.advance(Instant(1_500)), Instant(5_500));
        assert_eq!(clock.outside(Instant(6_000)), Instant(2_000));
    }

    #[test]
    fn a_duration_is_never_made_shorter() {
        for (duration, expected) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_micros(1_500), 2),
            (Duration::from_millis(1_999), 1_999),
        ] {
            assert_eq!(millis(duration), expected);
        }
        assert!(millis(Duration::MAX) > u64::MAX - 1_000);
    }

    #[test]
    fn a_clock_that_shows_nonsense_does_not_run_over() {
        let mut clock = Clock::default();
        for shown in [u64::MAX, 0, u64::MAX, 1] {
            assert_eq!(clock.advance(Instant(shown)), Instant(u64::MAX));
        }
    }
}
