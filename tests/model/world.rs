//! The link between client and broker, and the application on either side: who does the next small thing is decided by
//! the seed, and where the connection is cut by the plan. Time goes on by a tenth of a second with each step.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use wasmqtt::Error;
use wasmqtt::session::{Acknowledgement, Options};
use wasmqtt::wire::{On, PropertiesBuf, Property, QoS, Version};

use super::broker::{Broker, Message};
use super::client::{Client, Told};
use super::random::Random;
use super::tap::Tap;

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Up,
    Down,
}

/// What is to happen.
#[derive(Clone)]
pub struct Plan {
    pub version: Version,
    pub seed: u64,
    /// For each connection in turn: cut after so many bytes that way.
    pub cuts: Vec<Option<(Way, usize)>>,
    /// The server has lost its session when this connection comes, counted from 0.
    pub forgets: Option<usize>,
    pub server_receive_maximum: u16,
    pub client_receive_maximum: u16,
    pub alias_maximum: u16,
    pub auto_ack: bool,
    pub repeats_pub_rec: bool,
    pub up: Vec<Message>,
    pub down: Vec<Message>,
}

pub struct World {
    plan: Plan,
    options: Options,
    random: Random,
    pub client: Client,
    pub broker: Broker,
    pub tap: Tap,
    up: VecDeque<u8>,
    down: VecDeque<u8>,
    /// Bytes that this connection has carried.
    pub carried: [usize; 2],
    /// All that came to the client on this connection.
    pub log: Vec<u8>,
    pub connections: usize,
    connected: bool,
    to_publish: [VecDeque<Message>; 2],
    /// Tickets of what the client published with QoS 1 or 2.
    pub tickets: BTreeMap<Vec<u8>, u32>,
    /// The tickets that came back.
    pub settled: Vec<(u32, u8)>,
    pub arrived: Vec<(String, Vec<u8>, QoS)>,
    owed: Vec<(Vec<u8>, Acknowledgement)>,
    pub acknowledged: Vec<Vec<u8>>,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let mut properties = PropertiesBuf::new();
        if plan.version == Version::V5 {
            properties.push(Property::SessionExpiryInterval(u32::MAX)).unwrap();
            properties.push(Property::ReceiveMaximum(plan.client_receive_maximum)).unwrap();
            properties.push(Property::TopicAliasMaximum(plan.alias_maximum)).unwrap();
        }
        let options = Options {
            versions: vec![plan.version],
            client_id: "model".into(),
            clean_start: false,
            timeout: Duration::from_secs(30),
            properties: properties.as_properties(On::Connect).unwrap().as_bytes().to_vec(),
            auto_ack: plan.auto_ack,
            ..Options::default()
        };
        let mut broker = Broker::new(plan.version);
        broker.receive_maximum = plan.server_receive_maximum;
        broker.alias_maximum = plan.alias_maximum;
        broker.repeats_pub_rec = plan.repeats_pub_rec;
        let mut world = Self {
            random: Random::new(plan.seed),
            client: Client::new(),
            broker,
            tap: Tap::new(plan.version),
            up: VecDeque::new(),
            down: VecDeque::new(),
            carried: [0; 2],
            log: Vec::new(),
            connections: 0,
            connected: false,
            to_publish: [plan.up.clone().into(), plan.down.clone().into()],
            tickets: BTreeMap::new(),
            settled: Vec::new(),
            arrived: Vec::new(),
            owed: Vec::new(),
            acknowledged: Vec::new(),
            plan,
            options,
        };
        world.client.connect(world.options.clone()).unwrap();
        world.settle();
        world
    }

    /// Until nobody has anything left to do.
    pub fn run(&mut self) {
        for _ in 0..1_000_000 {
            if !self.step() {
                return;
            }
        }
        panic!("it goes on for ever");
    }

    /// The application publishes.
    pub fn publish(&mut self, message: &Message) {
        let ticket = self.client.publish(message.topic, &message.payload, message.qos).unwrap();
        if message.qos != QoS::AtMostOnce {
            assert_eq!(self.tickets.insert(message.payload.clone(), ticket), None);
        }
        self.settle();
    }

    fn step(&mut self) -> bool {
        self.client.now = self.client.now + Duration::from_millis(100);
        if self.client.session.poll_timeout().is_some_and(|at| at <= self.client.now) {
            self.client.timeout();
            self.settle();
        }
        let possible = [
            !self.up.is_empty() || self.cut_is_due(Way::Up),
            !self.down.is_empty() || self.cut_is_due(Way::Down),
            self.broker.held() > 0,
            self.connected && !self.to_publish[0].is_empty(),
            self.connected && !self.to_publish[1].is_empty(),
            !self.owed.is_empty(),
        ];
        let choices: Vec<_> = (0..possible.len()).filter(|n| possible[*n]).collect();
        if choices.is_empty() {
            return false;
        }
        match choices[self.random.below(choices.len())] {
            0 => self.carry(Way::Up),
            1 => self.carry(Way::Down),
            2 => self.broker.acknowledge(),
            3 => {
                let message = self.to_publish[0].pop_front().unwrap();
                self.publish(&message);
            }
            4 => self.broker.publish(self.to_publish[1].pop_front().unwrap()),
            _ => {
                let (payload, acknowledgement) = self.owed.swap_remove(self.random.below(self.owed.len()));
                self.client.acknowledge(acknowledgement, 0).unwrap();
                self.acknowledged.push(payload);
            }
        }
        self.settle();
        true
    }

    fn cut_is_due(&self, way: Way) -> bool {
        self.left(way) == Some(0)
    }

    /// How many more bytes this connection carries that way.
    fn left(&self, way: Way) -> Option<usize> {
        let (cut, after) = (*self.plan.cuts.get(self.connections.checked_sub(1)?)?)?;
        (cut == way).then(|| after.saturating_sub(self.carried[way as usize]))
    }

    fn carry(&mut self, way: Way) {
        if self.cut_is_due(way) {
            self.client.close(Error::SocketClosed);
            return;
        }
        let there = [self.up.len(), self.down.len()][way as usize];
        let most = 1 + self.random.below(there.min(48));
        let count = self.left(way).unwrap_or(most).min(most);
        let pipe = if way == Way::Up { &mut self.up } else { &mut self.down };
        let bytes: Vec<u8> = pipe.drain(..count).collect();
        self.carried[way as usize] += count;
        match way {
            Way::Up => self.broker.handle_input(&bytes),
            Way::Down => {
                self.log.extend_from_slice(&bytes);
                // One by one, so that the tap sees what the client sends before the next packet reaches it.
                for byte in bytes {
                    self.tap.handle_received(&[byte]);
                    self.client.input(&[byte]);
                    self.settle();
                }
            }
        }
    }

    /// Takes up what client and broker have to say.
    fn settle(&mut self) {
        loop {
            while let Some(message) = self.client.sent.pop_front() {
                self.tap.handle_sent(&message);
                self.up.extend(message);
            }
            let Some(told) = self.client.told.pop_front() else { break };
            self.handle_told(told);
        }
        self.down.extend(self.broker.poll_transmit());
    }

    fn handle_told(&mut self, told: Told) {
        match told {
            Told::Open { .. } => {
                self.broker.forgets = self.plan.forgets == Some(self.connections);
                self.connections += 1;
                self.carried = [0; 2];
                self.log.clear();
                self.tap.handle_open(false);
                self.broker.handle_open();
                self.client.open();
            }
            Told::Connected { .. } => self.connected = true,
            Told::Failed { error, .. } | Told::Lost { error, .. } => {
                assert_eq!(error, Some(Error::SocketClosed), "by the link alone");
                self.connected = false;
                self.up.clear();
                self.down.clear();
                // What is owed on a connection that is gone is void.
                self.owed.clear();
                self.broker.handle_close();
            }
            Told::Close => self.client.connect(self.options.clone()).unwrap(),
            Told::Message(message) => {
                assert_eq!(message.acknowledgement.is_some(), !self.plan.auto_ack && message.qos != QoS::AtMostOnce);
                self.owed.extend(message.acknowledgement.map(|it| (message.payload.clone(), it)));
                self.arrived.push((message.topic, message.payload, message.qos));
            }
            Told::Delivered { ticket, reason, .. } => self.settled.push((ticket, reason)),
            // What became of it nobody knows.
            Told::Undelivered { ticket, error: Error::SessionDiscarded } if self.plan.forgets.is_some() => {
                self.settled.push((ticket, 0));
            }
            told => panic!("nobody asked for {told:?}"),
        }
    }
}
