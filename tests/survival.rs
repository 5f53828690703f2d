//! What outlives cuts, sleeps, restarts and the end of the process, on a virtual clock: QoS 1 at least once, QoS 2 exactly
//! once, order, quota, every promise settled once, and nothing left over at the end. With the feature `web` the driver of
//! the async Rust client stands between session and network.
#![cfg(not(target_arch = "wasm32"))]

mod model {
    pub mod broker;
    #[cfg_attr(feature = "web", path = "driven.rs")]
    pub mod client;
    pub mod link;
    pub mod process;
    pub mod random;
    pub mod schedule;
    pub mod store;
    pub mod tap;
    pub mod timeline;
}

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use model::broker::Message;
use model::process::{KEEP_ALIVE, Outcome};
use model::schedule::{Fault, Keeps, LEVELS, Schedule, TOPICS, Way};
use model::store::Failure;
use model::timeline::Timeline;
use wasmqtt::Error;
use wasmqtt::session::{Key, Offline};
use wasmqtt::wire::{QoS, Version};

/// Runs to the end and holds the outcome against the promises.
fn check(plan: &Schedule) -> Timeline {
    let mut it = Timeline::new(plan);
    it.run();
    check_end(&mut it);
    let promised = !it.store.has_failed() || it.kills == 0;
    if promised {
        check_up(plan, &it);
        check_down(plan, &it);
    }
    check_rest(plan, &mut it);
    it
}

/// All is repaired: whatever the server has reaches the client.
fn check_end(it: &mut Timeline) {
    let stale =
        it.kills > 0 && it.store.has_failed() && it.store.fails_at.is_some_and(|(_, how)| how == Failure::Keeps);
    assert!(it.client.as_ref().unwrap().session.is_connected(), "no connection");
    let last = [QoS::ExactlyOnce, QoS::AtLeastOnce].map(|qos| {
        let payload = format!("last {qos:?}").into_bytes();
        Message { topic: TOPICS[0], payload, qos }
    });
    for message in &last {
        it.publish_down(message.clone());
    }
    it.run_until(it.now + 60_000);
    for message in last {
        let arrived = it.arrived.iter().filter(|(_, payload, _)| *payload == message.payload).count();
        // A store may hold an identifier that the server uses anew: such a message is taken for the old one.
        let least = usize::from(!stale || message.qos == QoS::AtLeastOnce);
        assert!((least..=1).contains(&arrived), "{message:?} came {arrived} times");
    }
}

fn check_up(plan: &Schedule, it: &Timeline) {
    let mut last = BTreeMap::new();
    for (n, (_, message)) in plan.up.iter().enumerate() {
        let accepted = &it.broker.accepted;
        let at: Vec<_> = (0..accepted.len()).filter(|at| accepted[*at].1 == message.payload).collect();
        let outcome = *it.outcomes.get(&n).unwrap_or_else(|| panic!("nothing was said of {message:?}"));
        let (least, most) = match (outcome, message.qos) {
            // PUBREC came, and then the server had no session: what became of it nobody knows.
            (Outcome::Undelivered(Error::SessionDiscarded), QoS::ExactlyOnce) if plan.forgets() => (0, usize::MAX),
            (Outcome::Refused(_) | Outcome::Undelivered(_), _) => (0, 0),
            (Outcome::Died(_) | Outcome::Left | Outcome::Delivered(0), QoS::AtMostOnce) => (0, 1),
            (Outcome::Delivered(0), _) => (1, usize::MAX),
            // Without a record, nothing has left. With one, it was deleted: it was delivered, or dropped.
            (Outcome::Died(false), _) => (0, 0),
            (Outcome::Died(true), _) => (usize::from(!plan.drops()), usize::MAX),
            (outcome, _) => panic!("{message:?}: {outcome:?}"),
        };
        let most = if message.qos == QoS::ExactlyOnce && !plan.forgets() { most.min(1) } else { most };
        assert!((least..=most).contains(&at.len()), "up: {message:?} came {} times: {outcome:?}", at.len());
        check_order(&mut last, message, at.first(), "up");
    }
}

fn check_down(plan: &Schedule, it: &Timeline) {
    let mut last = BTreeMap::new();
    for (_, message) in &plan.down {
        let at: Vec<_> = (0..it.arrived.len()).filter(|at| it.arrived[*at].1 == message.payload).collect();
        let count = |list: &[Vec<u8>]| list.iter().filter(|payload| **payload == message.payload).count();
        let least = usize::from(count(&it.broker.lost) == 0 && message.qos != QoS::AtMostOnce);
        let (done, most) = match message.qos {
            QoS::AtMostOnce => (at.len(), 1),
            QoS::AtLeastOnce => (at.len(), usize::MAX),
            // Where the application acknowledges, exactly once is counted there.
            QoS::ExactlyOnce if !plan.auto_ack => (count(&it.acknowledged), 1 + count(&it.doubted)),
            QoS::ExactlyOnce => (at.len(), 1 + count(&it.doubted)),
        };
        assert!((least..=most).contains(&done), "down: {message:?} came {done} times");
        check_order(&mut last, message, at.first(), "down");
        assert!(at.iter().all(|at| it.arrived[*at].0 == message.topic && it.arrived[*at].2 == message.qos));
    }
}

/// In order for each topic and QoS (section 4.6).
fn check_order<'a>(last: &mut BTreeMap<(&'a str, QoS), usize>, message: &'a Message, first: Option<&usize>, way: &str) {
    let Some(&first) = first else { return };
    let before = last.insert((message.topic, message.qos), first);
    assert!(before.is_none_or(|before| before < first), "{way}: out of order: {message:?}");
}

/// No message, no identifier, no record and no timer is left.
fn check_rest(plan: &Schedule, it: &mut Timeline) {
    assert_eq!(it.tap.in_use(), 0, "identifiers are in use");
    // The quota's and one for a SUBSCRIBE are all that is ever in use: none was lost.
    let quota = plan.server_receive_maximum.min(plan.max_in_flight);
    assert!(it.tap.highest_id <= quota.saturating_add(1), "identifier {}", it.tap.highest_id);
    assert!(it.broker.is_idle(), "the server waits for something");
    let client = it.client.as_ref().unwrap();
    assert_eq!(client.session.pending(), 0);
    if !it.store.has_failed() {
        let keys: Vec<_> = it.store.records.keys().collect();
        assert!(matches!(keys[..], [Key::Subscription(_)]), "left in the store: {keys:?}");
    }
    let due = client.session.poll_timeout().unwrap().since(it.session_now());
    assert!(due.as_secs() <= KEEP_ALIVE.into(), "a timer in {due:?}");
    it.disconnect();
    assert_eq!(it.client.as_ref().unwrap().session.poll_timeout(), None);
}

/// Checks each schedule; shows the smallest that fails.
fn check_all(schedules: impl Iterator<Item = Schedule>) {
    let fails = |plan: &Schedule| catch_unwind(AssertUnwindSafe(|| drop(check(plan)))).is_err();
    for plan in schedules {
        if fails(&plan) {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| {}));
            let small = plan.shrink(&fails);
            std::panic::set_hook(hook);
            println!("this fails: {small:?}");
            check(&small);
        }
    }
}

#[test]
fn whatever_happens_nothing_is_lost_or_repeated_and_nothing_is_left() {
    check_all((1..=3_000).map(Schedule::random));
}

const BOTH: [Version; 2] = [Version::V3_1_1, Version::V5];

/// Little room, so that messages wait; the application acknowledges by itself or not.
fn calm(seed: u64, version: Version) -> Schedule {
    let plan = Schedule::calm(version, seed, 12);
    Schedule { max_in_flight: 2, auto_ack: seed.is_multiple_of(2), ..plan }
}

/// How often the store is written to when nothing happens.
fn writes(plan: &Schedule) -> usize {
    let mut it = Timeline::new(plan);
    it.run();
    it.store.writes
}

#[test]
fn the_process_may_end_at_any_write() {
    for (seed, version) in (1..=4).flat_map(|seed| BOTH.map(|version| (seed, version))) {
        let plan = calm(seed, version);
        let reached = |write: &usize| {
            let faults = vec![(0, Fault::KillAtWrite(*write, 700))];
            check(&Schedule { faults, ..plan.clone() }).kills == 1
        };
        let writes = (0..).take_while(reached).count();
        assert!(writes > 20, "{writes} writes");
    }
}

#[test]
fn the_process_may_end_at_any_time() {
    for version in BOTH {
        for at in (0..30_000).step_by(41) {
            check(&Schedule { faults: vec![(at, Fault::Kill(at % 1_000))], ..calm(at, version) });
        }
    }
}

#[test]
fn a_process_that_ends_over_and_over_loses_nothing() {
    check_all((1..=300).map(|seed| {
        let kill = |n: u64| {
            (n * 900, if n.is_multiple_of(2) { Fault::Kill(300) } else { Fault::KillAtWrite(n as usize % 5, 100) })
        };
        Schedule { faults: (0..40).map(kill).collect(), ..calm(seed, BOTH[seed as usize / 2 % 2]) }
    }));
}

#[test]
fn the_store_may_fail_at_any_write() {
    for (seed, version) in (1..=2).flat_map(|seed| BOTH.map(|version| (seed, version))) {
        let plan = Schedule { faults: vec![(9_000, Fault::Cut), (20_000, Fault::Down(9_000))], ..calm(seed, version) };
        for write in 0..writes(&plan) {
            for failure in [Failure::Keeps, Failure::Loses, Failure::Shrinks] {
                let plan = Schedule { store_fails: Some((write, failure)), ..plan.clone() };
                check(&plan);
                // Then the process ends. Of what was in flight nothing is promised but that it ends.
                let faults = vec![(9_000, Fault::Cut), (25_000, Fault::Kill(500)), (25_600, Fault::Cut)];
                check(&Schedule { faults, ..plan });
            }
        }
    }
}

/// What is waited before each attempt, without jitter.
fn schedule() -> impl Iterator<Item = (u32, Duration)> {
    (1..).zip([0, 500, 1_000, 2_000, 4_000].into_iter().chain(std::iter::repeat(8_000)).map(Duration::from_millis))
}

#[test]
fn a_server_that_is_gone_is_asked_at_once_and_then_ever_more_seldom() {
    let faults = vec![(5_000, Fault::Down(600_000))];
    let it = check(&Schedule { faults: faults.clone(), jitter: 0, ..calm(2, Version::V5) });
    assert!((75..90).contains(&it.waits.len()), "{} attempts", it.waits.len());
    assert!(it.waits.iter().copied().eq(schedule().take(it.waits.len())), "{:?}", it.waits);
    // With jitter a wait is half as long in the mean.
    let it = check(&Schedule { faults, ..calm(2, Version::V5) });
    assert!((120..190).contains(&it.waits.len()), "{} attempts", it.waits.len());
}

#[test]
fn a_server_that_hangs_up_on_whoever_it_accepted_is_not_asked_in_a_tight_loop() {
    for seed in 1..=20 {
        let faults = vec![(5_000, Fault::HangsUp(600_000)), (5_001, Fault::Cut)];
        let it = check(&Schedule { faults, jitter: 0, ..calm(seed, Version::V3_1_1) });
        assert!((70..90).contains(&it.waits.len()), "{} attempts", it.waits.len());
        assert!(it.waits.iter().copied().eq(schedule().take(it.waits.len())), "{:?}", it.waits);
    }
}

#[test]
fn a_silent_link_is_noticed_by_keep_alive_and_sooner_by_a_probe() {
    for (faults, within) in [
        (vec![(10_000, Fault::HalfOpen)], 10_000..41_000),
        (vec![(10_000, Fault::HalfOpen), (10_500, Fault::Wake(true))], 11_000..15_501),
        (vec![(10_000, Fault::HalfOpen), (10_500, Fault::Sleep(3_600_000))], 3_610_500..3_610_500 + 30_000),
    ] {
        let it = check(&Schedule { faults, ..calm(2, Version::V5) });
        assert_eq!(it.attempts.len(), 2);
        assert!(within.contains(&it.attempts[1]), "{}", it.attempts[1]);
    }
}

#[test]
fn what_waits_for_a_connection_does_so_for_no_longer_than_it_may_in_whatever_process() {
    let message = |at: u64| Message { topic: TOPICS[0], payload: at.to_string().into_bytes(), qos: LEVELS[1] };
    let up = vec![(6_000, message(6_000)), (28_000, message(28_000))];
    let offline = Offline { max_age: Duration::from_secs(10), ..Offline::default() };
    // A clock that is set back takes the time with it that had passed since the session was called last.
    for (fault, late) in [(None, 0), (Some(Fault::Kill(100)), 0), (Some(Fault::Clock(-3_600_000)), 8_000)] {
        let mut faults = vec![(5_000, Fault::Down(25_000))];
        faults.extend(fault.map(|fault| (9_000, fault)));
        let plan = Schedule { up: up.clone(), faults, offline, ..calm(2, Version::V5) };
        let mut it = Timeline::new(&plan);
        it.run_until(15_999);
        assert_eq!(it.outcomes.get(&0), None);
        it.run_until(16_001 + late);
        assert_eq!(it.outcomes.get(&0), Some(&Outcome::Undelivered(Error::QueueExpired)));
        assert_eq!(check(&plan).outcomes[&1], Outcome::Delivered(0));
    }
}

#[test]
fn a_restart_without_sessions_brings_subscriptions_back_wherever_the_next_connection_breaks() {
    for version in BOTH {
        for way in [Way::Up, Way::Down] {
            for bytes in 0..140 {
                let faults = vec![(9_000, Fault::Restart(500, Keeps::Nothing)), (9_001, Fault::CutAfter(way, bytes))];
                check(&Schedule { faults: faults.clone(), ..calm(bytes as u64, version) });
                let faults = [&faults[..], &[(9_002, Fault::KillAtWrite(bytes % 7, 300))]].concat();
                check(&Schedule { faults, ..calm(bytes as u64, version) });
            }
        }
    }
}
