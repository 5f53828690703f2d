//! Keep alive, judged by the clock and not by ticks.
//!
//! A PINGREQ leaves when nothing was sent for the interval [MQTT-3.1.2-20], and also when nothing was *received* for it:
//! a client that only publishes notices a dead peer too. What stays silent for another half of the interval is dead, so
//! that a dead peer is noticed within 1.5 times the keep alive, idle or busy. After a sleep or a change of the network the
//! driver does not wait for that: it probes.

use crate::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct KeepAlive {
    /// In milliseconds, as all here. Zero: switched off.
    interval: u64,
    sent: Instant,
    received: Instant,
    /// By when the server must have been heard, after a PINGREQ.
    deadline: Option<Instant>,
    /// How long that was given.
    grace: u64,
    /// The deadline was given once more because the device slept through it.
    again: bool,
    /// Only a PINGRESP answers: other bytes may have waited unread since before the sleep.
    probing: bool,
}

/// What keep alive asks for when its time has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    Nothing,
    Ping,
    Dead,
}

impl KeepAlive {
    pub(crate) fn new(seconds: u16, now: Instant) -> Self {
        Self { interval: u64::from(seconds) * 1_000, sent: now, received: now, ..Self::default() }
    }

    pub(crate) fn handle_sent(&mut self, now: Instant) {
        self.sent = now;
    }

    /// Any byte from the server proves that it lives: a PINGRESP may wait behind a large message.
    pub(crate) fn handle_received(&mut self, now: Instant) {
        self.received = now;
        self.again = false;
        self.deadline = self.probing.then(|| now.after(self.grace));
    }

    /// PINGRESP. Does it answer a probe?
    pub(crate) fn handle_ping_resp(&mut self) -> bool {
        self.deadline = None;
        core::mem::take(&mut self.probing)
    }

    /// Shall a PINGREQ leave now, whose answer must come soon? Not when one is under way: probe after probe would put
    /// off its end for ever.
    pub(crate) fn probe(&mut self, now: Instant, grace: u64) -> bool {
        if self.probing && self.deadline.is_some_and(|at| now < at) {
            return false;
        }
        self.probing = true;
        self.ask(now, grace);
        true
    }

    fn ask(&mut self, now: Instant, grace: u64) {
        self.sent = now;
        self.grace = grace;
        self.deadline = Some(now.after(grace));
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let regular = (self.interval != 0).then(|| self.sent.min(self.received).after(self.interval));
        self.deadline.or(regular)
    }

    /// What is due at `now`. After `Ping` the driver of this timer sends a PINGREQ.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Due {
        let Some(at) = self.poll_timeout().filter(|at| *at <= now) else {
            return Due::Nothing;
        };
        if self.deadline.is_some() {
            // A timer that fires long after its time was suspended with the device, and the answer may wait unread
            // behind it: ask once more instead of declaring a live peer dead.
            if self.again || now.millis_since(at) <= self.grace {
                return Due::Dead;
            }
            self.again = true;
            self.ask(now, self.grace);
        } else {
            self.ask(now, self.interval / 2);
        }
        Due::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    #[test]
    fn an_idle_dead_peer_is_noticed_at_one_and_a_half_times_the_interval() {
        let mut keep_alive = KeepAlive::new(10, at(0));
        assert_eq!(keep_alive.poll_timeout(), Some(at(10_000)));
        assert_eq!(keep_alive.handle_timeout(at(9_999)), Due::Nothing);
        assert_eq!(keep_alive.handle_timeout(at(10_000)), Due::Ping);
        assert_eq!(keep_alive.poll_timeout(), Some(at(15_000)));
        assert_eq!(keep_alive.handle_timeout(at(15_000)), Due::Dead);
    }

    #[test]
    fn a_busy_sender_notices_it_as_soon() {
        let mut keep_alive = KeepAlive::new(10, at(0));
        for t in (0..10_000).step_by(100) {
            keep_alive.handle_sent(at(t));
            assert_eq!(keep_alive.handle_timeout(at(t)), Due::Nothing);
        }
        assert_eq!(keep_alive.handle_timeout(at(10_000)), Due::Ping);
        keep_alive.handle_sent(at(14_000));
        assert_eq!(keep_alive.handle_timeout(at(15_000)), Due::Dead);
    }

    #[test]
    fn a_busy_receiver_still_pings_for_the_server_s_sake() {
        let mut keep_alive = KeepAlive::new(10, at(0));
        for t in (0..10_000).step_by(100) {
            keep_alive.handle_received(at(t));
        }
        assert_eq!(keep_alive.handle_timeout(at(10_000)), Due::Ping);
        keep_alive.handle_received(at(10_001));
        assert_eq!(keep_alive.handle_timeout(at(15_000)), Due::Nothing);
    }

    #[test]
    fn after_a_sleep_the_peer_is_asked_before_it_is_declared_dead() {
        let mut keep_alive = KeepAlive::new(10, at(0));
        assert_eq!(keep_alive.handle_timeout(at(3_600_000)), Due::Ping);
        assert_eq!(keep_alive.handle_timeout(at(7_200_000)), Due::Ping, "slept through the answer");
        assert_eq!(keep_alive.handle_timeout(at(7_205_000)), Due::Dead);
    }

    #[test]
    fn a_probe_is_answered_by_a_pingresp_alone_and_soon() {
        let soon = 500;
        for interval in [0, 60] {
            let mut keep_alive = KeepAlive::new(interval, at(0));
            keep_alive.probe(at(1_000), soon);
            assert_eq!(keep_alive.poll_timeout(), Some(at(1_500)));
            keep_alive.handle_received(at(1_400));
            assert_eq!(keep_alive.handle_timeout(at(1_500)), Due::Nothing, "it may wait behind a large message");
            assert_eq!(keep_alive.handle_timeout(at(1_900)), Due::Dead);

            let mut keep_alive = KeepAlive::new(interval, at(0));
            keep_alive.probe(at(1_000), soon);
            keep_alive.handle_received(at(1_100));
            assert!(keep_alive.handle_ping_resp());
            assert!(!keep_alive.handle_ping_resp());
            assert_eq!(keep_alive.poll_timeout(), (interval > 0).then(|| at(61_000)));
        }
    }

    #[test]
    fn a_probe_that_is_slept_through_is_made_once_more() {
        let mut keep_alive = KeepAlive::new(60, at(0));
        keep_alive.probe(at(1_000), 500);
        assert_eq!(keep_alive.handle_timeout(at(90_000)), Due::Ping);
        assert_eq!(keep_alive.handle_timeout(at(90_500)), Due::Dead);
    }

    #[test]
    fn zero_switches_it_off() {
        let mut keep_alive = KeepAlive::new(0, at(0));
        assert_eq!(keep_alive.poll_timeout(), None);
        assert_eq!(keep_alive.handle_timeout(at(1 << 40)), Due::Nothing);
    }
}
