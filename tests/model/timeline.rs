//! A schedule on a virtual clock: a process with its store, a link, a server. What comes next is the earliest of all that
//! may; where two things fall together, the seed decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::Acknowledgement;
use wasmqtt::time::Instant;
use wasmqtt::wire::{QoS, Version};

use super::broker::{Broker, Message};
use super::client::Client;
use super::link::{Link, Opening};
use super::process::Outcome;
use super::random::Random;
use super::schedule::{Fault, Keeps, Schedule, Way};
use super::store::Store;
use super::tap::Tap;

/// What the device's clock shows in the beginning.
const START: u64 = 1_700_000_000_000;

/// More than any schedule needs: nothing may go round in a tight loop.
const MOST_STEPS: usize = 50_000;

/// What may happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Timer,
    Opening,
    Closing,
    Carry(Way),
    BrokerAcknowledges,
    Acknowledge,
    PublishUp,
    PublishDown,
    Fault,
    Start,
    Written,
}

pub struct Timeline {
    pub(super) plan: Schedule,
    pub(super) random: Random,
    /// True time.
    pub now: u64,
    /// What the device's clock shows more than that.
    pub(super) offset: i64,
    pub(super) asleep_until: u64,
    pub client: Option<Client>,
    pub(super) starts: Option<u64>,
    /// When the driver's timer fires, in true time.
    pub(super) timer: Option<u64>,
    pub store: Store,
    /// When the store says that it has what it was given last.
    pub(super) store_answers: Option<u64>,
    /// Payloads that arrived or were acknowledged since the store had everything.
    pub(super) unwritten: Vec<Vec<u8>>,
    /// Tickets that ended since then; and those of processes that died before it.
    pub(super) ended: Vec<u32>,
    pub(super) may_end_again: Vec<u32>,
    pub(super) dies_after: Option<usize>,
    pub(super) stays_dead_for: u64,
    /// The last process died within a drain.
    pub(super) died_within: bool,
    pub(super) link: Option<Link>,
    pub(super) cut_next: Option<(Way, usize)>,
    pub(super) never_opens: bool,
    pub(super) down_until: u64,
    pub(super) hangs_up_until: u64,
    pub(super) slow_until: u64,
    pub broker: Broker,
    pub(super) broker_acknowledges: Option<u64>,
    /// The server has begun a new session, and the client has not heard of it. Should the connection end before, the
    /// client takes that session for the old one: MQTT can't tell. So the next one is new again.
    pub(super) unheard: bool,
    pub tap: Tap,
    pub(super) up: VecDeque<(usize, u64, Message)>,
    pub(super) down: VecDeque<(u64, Message)>,
    pub(super) faults: VecDeque<(u64, Fault)>,
    /// Open tickets.
    pub(super) tickets: BTreeMap<u32, usize>,
    /// Messages of ours for which there was a record.
    pub(super) recorded: BTreeSet<usize>,
    pub outcomes: BTreeMap<usize, Outcome>,
    pub arrived: Vec<(String, Vec<u8>, QoS)>,
    /// Payloads whose delivery or acknowledgement a process did not survive: whether it was recorded, only it knows.
    pub doubted: Vec<Vec<u8>>,
    pub(super) owed: Vec<(Vec<u8>, Acknowledgement)>,
    pub(super) acknowledges: Option<u64>,
    pub acknowledged: Vec<Vec<u8>>,
    /// The application knows that its SUBSCRIBE was granted.
    pub(super) granted: bool,
    pub(super) was_connected: bool,
    /// When the next attempt must begin, on the device's clock.
    pub(super) due: Option<u64>,
    /// When each attempt to connect began.
    pub attempts: Vec<u64>,
    /// What was told of the waits before them.
    pub waits: Vec<(u32, Duration)>,
    pub kills: usize,
    pub(super) steps: usize,
}

impl Timeline {
    pub fn new(plan: &Schedule) -> Self {
        let mut broker = Broker::new(plan.version);
        broker.receive_maximum = plan.server_receive_maximum;
        broker.alias_maximum = plan.alias_maximum;
        broker.repeats_pub_rec = plan.repeats_pub_rec;
        broker.needs_subscription = true;
        let mut tap = Tap::new(plan.version);
        tap.max_in_flight = plan.max_in_flight.into();
        Self {
            random: Random::new(plan.seed),
            now: 0,
            offset: 0,
            asleep_until: 0,
            client: None,
            starts: Some(0),
            timer: None,
            store: Store { fails_at: plan.store_fails, ..Store::default() },
            store_answers: None,
            unwritten: Vec::new(),
            ended: Vec::new(),
            may_end_again: Vec::new(),
            dies_after: None,
            stays_dead_for: 0,
            died_within: false,
            link: None,
            cut_next: None,
            never_opens: false,
            down_until: 0,
            hangs_up_until: 0,
            slow_until: 0,
            broker,
            broker_acknowledges: None,
            unheard: false,
            tap,
            up: plan.up.iter().enumerate().map(|(n, (at, message))| (n, *at, message.clone())).collect(),
            down: plan.down.clone().into(),
            faults: plan.faults.clone().into(),
            tickets: BTreeMap::new(),
            recorded: BTreeSet::new(),
            outcomes: BTreeMap::new(),
            arrived: Vec::new(),
            doubted: Vec::new(),
            owed: Vec::new(),
            acknowledges: None,
            acknowledged: Vec::new(),
            granted: false,
            was_connected: false,
            due: None,
            attempts: Vec::new(),
            waits: Vec::new(),
            kills: 0,
            steps: 0,
            plan: plan.clone(),
        }
    }

    /// All that is planned happens, and then nothing for long enough that all is repaired.
    pub fn run(&mut self) {
        while !(self.faults.is_empty() && self.up.is_empty() && self.down.is_empty() && self.client.is_some()) {
            self.step(u64::MAX);
        }
        let repaired =
            self.now.max(self.asleep_until).max(self.slow_until).max(self.down_until).max(self.hangs_up_until);
        self.run_until(repaired);
        self.cut_next = None;
        self.dies_after = None;
        if let Some(link) = &mut self.link {
            link.cut_after = None;
        }
        self.run_until(repaired + 600_000);
    }

    pub fn run_until(&mut self, end: u64) {
        while self.step(end) {}
        self.now = end;
    }

    /// The server has another message for the client.
    pub fn publish_down(&mut self, message: Message) {
        self.broker.publish(message);
        self.broker_sends();
    }

    /// The application ends the connection.
    pub fn disconnect(&mut self) {
        self.with_client(|client| client.session.disconnect(client.now, 0, &[]).unwrap());
    }

    pub fn session_now(&self) -> Instant {
        Instant::from_millis((START + self.now).saturating_add_signed(self.offset))
    }

    /// Whatever comes next, until `end`. False: nothing does.
    fn step(&mut self, end: u64) -> bool {
        let mut choices: Vec<(u64, Next)> = Vec::new();
        let awake = self.asleep_until;
        let mut add = |at: Option<u64>, next| choices.extend(at.map(|at| (at, next)));
        if self.client.is_some() {
            add(self.timer.map(|at| at.max(awake)), Next::Timer);
            add(self.up.front().map(|(_, at, _)| (*at).max(awake)), Next::PublishUp);
            add(self.acknowledges.map(|at| at.max(awake)), Next::Acknowledge);
            add(self.store_answers.map(|at| at.max(awake)), Next::Written);
        }
        if let Some(link) = &self.link {
            add(link.next(Way::Up), Next::Carry(Way::Up));
            add(link.next(Way::Down).map(|at| at.max(awake)), Next::Carry(Way::Down));
            add(link.closes.map(|at| at.max(awake)), Next::Closing);
            match link.opening {
                Some(Opening::Opens(at) | Opening::Fails(at)) => add(Some(at.max(awake)), Next::Opening),
                Some(Opening::Never) | None => {}
            }
        }
        add(self.broker_acknowledges, Next::BrokerAcknowledges);
        add(self.down.front().map(|(at, _)| (*at).max(self.down_until)), Next::PublishDown);
        add(self.starts.map(|at| at.max(awake)), Next::Start);
        if let Some((at, fault)) = self.faults.front() {
            let awake = if matches!(fault, Fault::Wake(_) | Fault::KillAtWrite(..)) { awake } else { 0 };
            add(Some((*at).max(awake)), Next::Fault);
        }
        let Some(at) = choices.iter().map(|(at, _)| (*at).max(self.now)).min() else { return false };
        if at > end {
            return false;
        }
        choices.retain(|(due, _)| *due <= at);
        let (_, next) = choices[self.random.below(choices.len())];
        self.now = at;
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "it goes round and round: {next:?}");
        self.act(next);
        true
    }

    fn act(&mut self, next: Next) {
        match next {
            Next::Timer => {
                self.timer = None;
                self.with_client(Client::timeout);
            }
            Next::Opening => self.open_socket(),
            Next::Closing => {
                self.link = None;
                self.with_client(|client| client.close(Error::SocketClosed));
            }
            Next::Carry(way) => self.carry(way),
            Next::BrokerAcknowledges => {
                self.broker_acknowledges = None;
                self.broker.acknowledge();
                self.broker_sends();
            }
            Next::Acknowledge => {
                let (payload, acknowledgement) = self.owed.swap_remove(self.random.below(self.owed.len()));
                self.schedule_acknowledge();
                let kills = self.kills;
                self.acknowledged.push(payload.clone());
                self.unwritten.push(payload.clone());
                self.with_client(|client| client.acknowledge(acknowledgement, 0).unwrap());
                if self.kills > kills {
                    self.doubted.push(payload);
                }
            }
            Next::PublishUp => self.publish_up(),
            Next::PublishDown => {
                let (_, message) = self.down.pop_front().unwrap();
                self.broker.publish(message);
                self.broker_sends();
            }
            Next::Fault => {
                let (_, fault) = self.faults.pop_front().unwrap();
                self.make_fault(fault);
            }
            Next::Start => self.start(),
            Next::Written => {
                self.store_answers = None;
                self.with_client(Client::handle_written);
            }
        }
    }

    fn make_fault(&mut self, fault: Fault) {
        match fault {
            Fault::Cut => self.cut(),
            Fault::CutAfter(way, count) => match self.link.as_mut().filter(|link| link.is_up()) {
                Some(link) => link.cut_after = Some((way, count)),
                None => self.cut_next = Some((way, count)),
            },
            Fault::HalfOpen => {
                if let Some(link) = self.link.as_mut().filter(|link| link.is_up()) {
                    link.drop_all();
                    link.silent = true;
                }
            }
            Fault::Slow(time) => self.slow_until = self.now + time,
            Fault::NeverOpens => self.never_opens = true,
            Fault::Down(time) => {
                self.down_until = self.now + time;
                self.cut();
            }
            Fault::HangsUp(time) => self.hangs_up_until = self.now + time,
            Fault::Restart(time, keeps) => {
                self.down_until = self.now + time;
                self.cut();
                self.broker.forgets |= keeps == Keeps::Nothing;
            }
            Fault::Wake(changed) => {
                self.due = None;
                self.with_client(|client| client.session.handle_wake(client.now, changed));
            }
            Fault::Kill(time) => {
                self.stays_dead_for = time;
                self.die(false);
            }
            Fault::KillAtWrite(count, time) => {
                self.dies_after = Some(count);
                self.stays_dead_for = time;
            }
            Fault::Clock(by) => {
                self.due = None;
                self.offset += by;
            }
            Fault::Sleep(time) => {
                self.due = None;
                self.asleep_until = self.asleep_until.max(self.now + time);
            }
        }
    }

    fn open_socket(&mut self) {
        let link = self.link.as_mut().unwrap();
        if let Some(Opening::Fails(_)) = link.opening {
            self.link = None;
            return self.with_client(|client| client.close(Error::SocketError));
        }
        link.opening = None;
        link.cut_after = self.cut_next.take();
        if self.now < self.hangs_up_until {
            let conn_ack = if self.plan.version == Version::V5 { 11 } else { 4 };
            link.cut_after = Some((Way::Down, self.random.below(conn_ack + 1)));
        }
        self.broker.forgets |= self.unheard;
        self.broker.handle_open();
        self.tap.handle_open(core::mem::take(&mut self.died_within));
        self.with_client(Client::open);
    }

    fn carry(&mut self, way: Way) {
        let link = self.link.as_mut().unwrap();
        let Some(bytes) = link.take(way) else { return self.cut() };
        match way {
            Way::Up => {
                let forgets = self.broker.forgets;
                self.broker.handle_input(&bytes);
                self.unheard |= forgets && !self.broker.forgets;
                self.broker_sends();
            }
            Way::Down => {
                // All at once, or so that the tap sees what the client says before it hears more.
                let piece = if self.random.below(2) == 0 { bytes.len() } else { 1 };
                let connections = self.attempts.len();
                for piece in bytes.chunks(piece) {
                    if self.attempts.len() == connections && self.client.is_some() {
                        self.tap.is_behind = self.client.as_ref().is_some_and(Client::is_writing);
                        self.tap.handle_received(piece);
                        self.with_client(|client| client.input(piece));
                    }
                }
            }
        }
    }

    fn broker_sends(&mut self) {
        let bytes = self.broker.poll_transmit();
        let arrives = self.arrival();
        if let Some(link) = &mut self.link {
            link.send(Way::Down, bytes, arrives);
        }
        if self.broker.held() > 0 && self.broker_acknowledges.is_none() {
            self.broker_acknowledges = Some(self.now + self.random.below(300) as u64);
        }
    }

    /// The connection breaks, for both.
    fn cut(&mut self) {
        if let Some(link) = self.link.as_mut().filter(|link| link.is_up()) {
            link.drop_all();
            link.closes = Some(self.now + self.random.below(300) as u64);
            self.broker.handle_close();
        }
    }

    /// The client closes its socket: what is on its way up arrives, or not.
    pub(super) fn hang_up(&mut self) {
        self.tap.held_back |= self.client.as_ref().is_some_and(Client::is_writing);
        let Some(mut link) = self.link.take() else { return };
        let arrives = link.is_up() && self.random.below(2) == 0;
        while arrives && let Some(bytes) = link.take(Way::Up) {
            let forgets = self.broker.forgets;
            self.broker.handle_input(&bytes);
            self.unheard |= forgets && !self.broker.forgets;
        }
        self.broker.handle_close();
    }

    /// When something arrives that leaves now.
    pub(super) fn arrival(&mut self) -> u64 {
        self.now + self.random.below(if self.now < self.slow_until { 4_000 } else { 80 }) as u64
    }
}
