//! What is to happen to a client, its link, its store and its server, and when. Made from a seed, and made smaller when
//! it has shown a fault.

use std::time::Duration;

use wasmqtt::session::{Offline, Overflow};
use wasmqtt::wire::{QoS, Version};

use super::broker::Message;
use super::random::Random;
use super::store::Failure;

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Up,
    Down,
}

/// Times are in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The connection breaks.
    Cut,
    /// It breaks when it has carried so many more bytes that way; where there is none, the next one does.
    CutAfter(Way, usize),
    /// Nothing passes any more, and nobody is told.
    HalfOpen,
    /// For so long, each message takes seconds.
    Slow(u64),
    /// The next socket neither opens nor fails.
    NeverOpens,
    /// For so long, the server is not there.
    Down(u64),
    /// For so long, the server hangs up on whoever it has accepted.
    HangsUp(u64),
    /// The server is gone for so long; it comes back with its sessions or without.
    Restart(u64, Keeps),
    /// The driver was told that the device woke up. True: on another network.
    Wake(bool),
    /// The process ends; another one begins after so long.
    Kill(u64),
    /// It ends at its so-and-so-many-th write to the store, counted from 0: this one is not made, and nothing of the same
    /// drain leaves.
    KillAtWrite(usize, u64),
    /// The clock of the device is set.
    Clock(i64),
    /// The device stops for so long.
    Sleep(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    Sessions,
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Schedule {
    pub version: Version,
    pub seed: u64,
    pub faults: Vec<(u64, Fault)>,
    /// What the client publishes.
    pub up: Vec<(u64, Message)>,
    /// What the server has for it.
    pub down: Vec<(u64, Message)>,
    pub server_receive_maximum: u16,
    pub client_receive_maximum: u16,
    pub max_in_flight: u16,
    pub alias_maximum: u16,
    pub auto_ack: bool,
    pub repeats_pub_rec: bool,
    pub offline: Offline,
    /// Of the waits between attempts, in percent.
    pub jitter: u8,
    pub store_fails: Option<(usize, Failure)>,
}

pub const TOPICS: [&str; 2] = ["room/one", "room/two"];
pub const LEVELS: [QoS; 3] = [QoS::ExactlyOnce, QoS::AtLeastOnce, QoS::AtMostOnce];
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// All that is published is published within this time.
pub const BUSY: u64 = 40_000;

impl Schedule {
    /// Messages of each QoS on two topics, and no faults.
    pub fn calm(version: Version, seed: u64, count: usize) -> Self {
        let mut random = Random::new(seed ^ 0x5EED);
        let mut messages = |name: &str| {
            let mut times: Vec<_> = (0..count).map(|_| 200 + random.below(BUSY as usize) as u64).collect();
            // Some at the same time, so that they share a drain.
            for n in 1..count {
                if random.below(3) == 0 {
                    times[n] = times[n - 1];
                }
            }
            times.sort_unstable();
            let message = |(n, at): (usize, u64)| {
                let payload = format!("{name}{n}").into_bytes();
                (at, Message { topic: TOPICS[random.below(2)], payload, qos: LEVELS[random.below(8) / 3 % 3] })
            };
            times.into_iter().enumerate().map(message).collect()
        };
        Self {
            version,
            seed,
            faults: Vec::new(),
            up: messages("up"),
            down: messages("down"),
            server_receive_maximum: 65_535,
            client_receive_maximum: 65_535,
            max_in_flight: 65_535,
            alias_maximum: 0,
            auto_ack: true,
            repeats_pub_rec: false,
            offline: Offline { qos0: true, ..Offline::default() },
            jitter: 100,
            store_fails: None,
        }
    }

    /// Anything may happen.
    pub fn random(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let version = [Version::V3_1_1, Version::V5][random.below(2)];
        let five = version == Version::V5;
        let count = 4 + random.below(12);
        let mut it = Self::calm(version, seed, count);
        for _ in 0..1 + random.below(8) {
            it.faults.push((random.below(BUSY as usize + 10_000) as u64, fault(&mut random)));
        }
        it.faults.sort_by_key(|(at, _)| *at);
        it.server_receive_maximum = if five { [1, 2, 3, 65_535][random.below(4)] } else { 65_535 };
        it.client_receive_maximum = if five { [1, 2, 65_535][random.below(3)] } else { 65_535 };
        it.max_in_flight = [1, 2, 65_535][random.below(3)];
        it.alias_maximum = if five { [0, 1, 5][random.below(3)] } else { 0 };
        it.auto_ack = random.below(3) > 0;
        it.jitter = [0, 100][random.below(2)];
        it.repeats_pub_rec = random.below(3) == 0;
        if random.below(3) == 0 {
            it.offline = Offline {
                max_messages: [1, 2, 1_000][random.below(3)],
                max_bytes: [40, 1_000_000][random.below(2)],
                max_age: Duration::from_secs([0, 1, 10][random.below(3)]),
                overflow: [Overflow::Reject, Overflow::DropOldest, Overflow::DropNewest][random.below(3)],
                qos0: random.below(2) == 0,
            };
        }
        it
    }

    /// The server loses its sessions.
    pub fn forgets(&self) -> bool {
        self.faults.iter().any(|(_, fault)| matches!(fault, Fault::Restart(_, Keeps::Nothing)))
    }

    /// Messages may be refused or dropped.
    pub fn drops(&self) -> bool {
        self.offline != Offline { qos0: self.offline.qos0, ..Offline::default() }
    }

    /// Leaves out what is not needed to make `fails` true.
    pub fn shrink(mut self, fails: &dyn Fn(&Self) -> bool) -> Self {
        loop {
            let without = |list: usize, n: usize| {
                let mut it = self.clone();
                match list {
                    0 => drop(it.faults.remove(n)),
                    1 => drop(it.up.remove(n)),
                    _ => drop(it.down.remove(n)),
                }
                it
            };
            let sizes = [self.faults.len(), self.up.len(), self.down.len()];
            let mut smaller = (0..3).flat_map(|list| (0..sizes[list]).map(move |n| (list, n)));
            match smaller.find_map(|(list, n)| Some(without(list, n)).filter(fails)) {
                Some(it) => self = it,
                None => return self,
            }
        }
    }
}

fn fault(random: &mut Random) -> Fault {
    let soon = random.below(3_000) as u64;
    let long = [soon, soon * 10][random.below(2)];
    match random.below(20) {
        0 | 1 => Fault::Cut,
        2..=4 => Fault::CutAfter([Way::Up, Way::Down][random.below(2)], random.below(120)),
        5 => Fault::HalfOpen,
        6 => Fault::Slow(long),
        7 => Fault::NeverOpens,
        8 => Fault::Down(long),
        9 => Fault::HangsUp(long),
        10 => Fault::Restart(soon, Keeps::Sessions),
        11 | 12 => Fault::Restart(soon, Keeps::Nothing),
        13 => Fault::Wake(random.below(2) == 0),
        14 | 15 => Fault::Kill(soon),
        16 | 17 => Fault::KillAtWrite(random.below(8), soon),
        18 => Fault::Clock(
            [1, -1][random.below(2)] * [random.below(60_000), random.below(DAY as usize)][random.below(2)] as i64,
        ),
        _ => Fault::Sleep([long * 10, random.below(DAY as usize) as u64][random.below(2)]),
    }
}
