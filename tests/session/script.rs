//! One client under a script. Each step names what comes in or what must come out, in order; at the end nothing is left.

use std::ops::{Deref, DerefMut};

use wasmqtt::Error;
use wasmqtt::session::{Options, Outgoing};
use wasmqtt::time::Instant;
use wasmqtt::wire::{Filters, Names, QoS, Version};

use crate::client::{Client, Received, Told};

pub const CONN_ACK_4: &[u8] = b"\x20\x02\0\0";
pub const CONN_ACK_4_RESUMED: &[u8] = b"\x20\x02\x01\0";
pub const CONN_ACK_5: &[u8] = b"\x20\x03\0\0\0";
pub const CONN_ACK_5_RESUMED: &[u8] = b"\x20\x03\x01\0\0";

pub struct Script(Client);

impl Deref for Script {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl DerefMut for Script {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.0
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.silent();
        }
    }
}

/// The least that a client of this version says.
pub fn options(version: Version) -> Options {
    Options { versions: vec![version], client_id: "c".into(), ..Options::default() }
}

/// The same, for a session that is kept.
pub fn kept(version: Version) -> Options {
    Options { clean_start: false, ..options(version) }
}

/// A CONNACK of MQTT 5 with these properties.
pub fn conn_ack_5(properties: &[u8]) -> Vec<u8> {
    let len = properties.len() as u8;
    [&[0x20, len + 3, 0, 0, len], properties].concat()
}

pub fn plain_message(topic: &str, payload: &[u8], qos: QoS) -> Received {
    Received {
        topic: topic.into(),
        payload: payload.into(),
        properties: Vec::new(),
        qos,
        retain: false,
        duplicate: false,
        acknowledgement: None,
    }
}

/// The first connection is up, and the server has no session.
pub fn plainly_connected(version: Version) -> Told {
    Told::Connected { host: 0, version, session_present: false, reconnected: false, properties: Vec::new() }
}

impl Script {
    /// Not asked to connect yet.
    pub fn idle() -> Self {
        Self(Client::new())
    }

    /// Asked to connect; the socket is not open yet.
    pub fn opening(options: Options) -> Self {
        let mut script = Self::idle();
        script.connect(options).unwrap();
        script
    }

    /// CONNECT has left.
    pub fn handshake(options: Options) -> Self {
        let mut script = Self::opening(options);
        script.reach();
        script
    }

    /// Connected by this CONNACK.
    pub fn connected(options: Options, conn_ack: &[u8]) -> Self {
        let mut script = Self::handshake(options);
        script.accept(conn_ack);
        script
    }

    pub fn v4() -> Self {
        Self::connected(options(Version::V3_1_1), CONN_ACK_4)
    }

    pub fn v5() -> Self {
        Self::connected(options(Version::V5), CONN_ACK_5)
    }

    /// The socket opens and CONNECT leaves.
    pub fn reach(&mut self) {
        let told = self.next_event();
        assert!(matches!(told, Told::Open { .. }), "{told:?}");
        self.open();
        let connect = self.sent.pop_front().expect("CONNECT");
        assert_eq!(connect[0], 0x10);
    }

    /// CONNACK comes.
    pub fn accept(&mut self, conn_ack: &[u8]) {
        self.input(conn_ack);
        let told = self.next_event();
        assert!(matches!(told, Told::Connected { .. }), "{told:?}");
    }

    /// The connection breaks; a new one is made, up to CONNACK.
    pub fn again(&mut self, options: Options, conn_ack: &[u8]) {
        self.close(Error::SocketClosed);
        self.lost(Error::SocketClosed, 0);
        self.connect(options).unwrap();
        self.reach();
        self.accept(conn_ack);
    }

    /// The next message that leaves.
    #[track_caller]
    pub fn sends(&mut self, bytes: &[u8]) {
        assert_eq!(self.sent.pop_front().as_deref(), Some(bytes), "sent");
    }

    #[track_caller]
    pub fn next_event(&mut self) -> Told {
        self.told.pop_front().expect("an event")
    }

    #[track_caller]
    pub fn tells(&mut self, told: Told) {
        assert_eq!(self.told.pop_front(), Some(told));
    }

    #[track_caller]
    pub fn delivered(&mut self, ticket: u32, reason: u8) {
        self.tells(Told::Delivered { ticket, reason, properties: Vec::new() });
    }

    /// The connection ends, and so does the socket.
    #[track_caller]
    pub fn lost(&mut self, error: Error, reason: u8) {
        self.tells(Told::Lost { error: Some(error), reason, properties: Vec::new(), reconnecting: false });
        self.tells(Told::Close);
    }

    /// The attempt to connect was the last one.
    #[track_caller]
    pub fn failed(&mut self, error: Error, reason: u8) {
        self.tells(Told::Failed { error: Some(error), reason, properties: Vec::new() });
        self.tells(Told::Close);
    }

    /// Nothing was sent or told that the script did not name.
    #[track_caller]
    pub fn silent(&self) {
        assert!(self.sent.is_empty() && self.told.is_empty(), "{:x?} {:?}", self.sent, self.told);
    }

    /// The clock shows this, and the timer fires if it is due.
    pub fn at(&mut self, millis: u64) {
        self.now = Instant::from_millis(millis);
        self.timeout();
    }

    /// The clock shows this, and the device was asleep or the network may have changed.
    pub fn wake(&mut self, millis: u64, network_changed: bool) {
        self.now = Instant::from_millis(millis);
        let now = self.now;
        self.session.handle_wake(now, network_changed);
        self.drain();
    }

    /// When the driver is to call again, in milliseconds.
    pub fn due(&self) -> Option<u64> {
        self.session.poll_timeout().map(Instant::as_millis)
    }

    pub fn publish_properties(&mut self, topic: &str, qos: QoS, properties: &[u8]) -> Result<u32, Error> {
        self.publish_with(Outgoing { topic, payload: b"", qos, retain: false, properties })
    }

    pub fn subscribe(&mut self, filters: &[u8], properties: &[u8]) -> Result<u32, Error> {
        let now = self.now;
        let filters = Filters::decode(self.session.version(), filters)?;
        let result = self.session.subscribe(now, filters, properties);
        self.drain();
        result
    }

    pub fn unsubscribe(&mut self, filters: &[u8], properties: &[u8]) -> Result<u32, Error> {
        let now = self.now;
        let result = self.session.unsubscribe(now, Names::decode(filters)?, properties);
        self.drain();
        result
    }

    pub fn authenticate(&mut self, reason: u8, properties: &[u8]) -> Result<(), Error> {
        let now = self.now;
        let result = self.session.authenticate(now, reason, properties);
        self.drain();
        result
    }

    pub fn disconnect(&mut self, reason: u8, properties: &[u8]) -> Result<(), Error> {
        let now = self.now;
        let result = self.session.disconnect(now, reason, properties);
        self.drain();
        result
    }
}
