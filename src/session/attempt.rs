//! Making a connection and making it again: which address and version comes next, when an attempt has failed, and how
//! long the next one waits.

use core::time::Duration;

use super::{Ending, Event, Options, Session, State, authentication};
use crate::Error;
use crate::session::alias::{IncomingAliases, OutgoingAliases};
use crate::session::keep_alive::KeepAlive;
use crate::session::limits::Limits;
use crate::session::outbound::Request;
use crate::time::{Instant, millis};
use crate::wire::{ConnAck, Filters, Properties, Version, id};

/// How often in a row a server may send us on.
const REFERENCES: u32 = 3;

/// A connection that was up for as long ends the row. In milliseconds, as all times here.
const HELD: u64 = 60_000;

/// An attempt is not begun anew before it is as old as this, however often the network changes.
const YOUNG: u64 = 500;

/// A probe waits four times as long as CONNACK took, within these bounds.
const SHORTEST_PROBE: u64 = 500;
const LONGEST_PROBE: u64 = 5_000;

/// The bytes of a SUBSCRIBE besides its filters and properties, at most.
const SUBSCRIBE_HEAD: u32 = 12;

/// One attempt: an address and a protocol version.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    host: u32,
    /// Index in the options' list.
    version: usize,
    /// When it was begun, or began to wait.
    since: Instant,
    /// When the wait is over, or by when CONNACK must have come.
    pub(super) deadline: Option<Instant>,
    /// The network has changed under it: it begins anew at the deadline.
    stale: bool,
}

impl Attempt {
    pub(super) fn version(&self, options: &Options) -> Version {
        options.versions.get(self.version).copied().unwrap_or(Version::V3_1_1)
    }
}

/// What is known of the connections since `connect`.
#[derive(Debug, Default)]
pub(super) struct History {
    /// One was up.
    up: bool,
    /// Since when the present one is up.
    since: Instant,
    /// How long CONNACK took.
    round_trip: u64,
    /// Index of the version that was agreed on.
    version: usize,
    /// How often in a row servers sent us on.
    references: u32,
}

impl Session {
    /// What only the application knows anew for each attempt, after `Open` and before `handle_open`: user name, password,
    /// and the property section of CONNECT (signatures and tokens expire).
    pub fn set_credentials(
        &mut self,
        user_name: Option<&str>,
        password: Option<&[u8]>,
        properties: &[u8],
    ) -> Result<(), Error> {
        if self.state != State::Opening {
            return Err(Error::NotConnected);
        }
        let options = &mut self.options;
        let user_name = core::mem::replace(&mut options.user_name, user_name.map(Into::into));
        let password = core::mem::replace(&mut options.password, password.map(Into::into));
        let properties = core::mem::replace(&mut options.properties, properties.into());
        options.check().inspect_err(|_| {
            (options.user_name, options.password, options.properties) = (user_name, password, properties);
        })
    }

    /// The socket that the last `Open` asked for is open: CONNECT leaves, alone.
    pub fn handle_open(&mut self, now: Instant) {
        if self.state != State::Opening {
            return;
        }
        let now = self.clock.advance(now);
        self.link.limits = Limits::default();
        self.link.keep_alive = KeepAlive::default();
        self.link.transmit.clear();
        self.link.transmit.single = !self.options.batch;
        self.state = State::Handshake;
        self.history.since = now;
        let (version, clean_start) = (self.version(), self.clean_start());
        let options = &self.options;
        if let Err(error) = self.link.transmit.packet(u32::MAX, &mut |out| options.encode(version, clean_start, out)) {
            self.attempt_failed(now, error.into(), false);
        }
    }

    /// The socket closed (`SocketClosed`) or failed (`SocketError`).
    pub fn handle_close(&mut self, now: Instant, error: Error) {
        let now = self.clock.advance(now);
        match self.state {
            State::Idle | State::Waiting => {}
            State::Opening => self.attempt_failed(now, error.into(), false),
            // Servers that do not know a version often just hang up; but so does one that restarts.
            State::Handshake => self.attempt_failed(now, error.into(), !self.history.up),
            State::Connected => {
                self.link.transmit.clear();
                self.lose(now, error.into());
            }
        }
    }

    /// The device was asleep, or the network may have changed: what is up is probed, what waits is tried at once, and an
    /// attempt that began on another network begins anew.
    pub fn handle_wake(&mut self, now: Instant, network_changed: bool) {
        let now = self.clock.advance(now);
        let due = self.attempt.since.after(YOUNG);
        match self.state {
            State::Idle => {}
            State::Waiting => self.attempt.deadline = self.attempt.deadline.map(|at| at.min(due.max(now))),
            State::Opening | State::Handshake if network_changed => {
                self.attempt.stale = true;
                self.attempt.deadline = Some(self.attempt.deadline.map_or(due, |at| at.min(due)));
                self.handle_late(now);
            }
            State::Opening | State::Handshake => {}
            State::Connected => {
                let grace = self.history.round_trip.saturating_mul(4).clamp(SHORTEST_PROBE, LONGEST_PROBE);
                if self.link.keep_alive.probe(now, grace) {
                    self.link.ping();
                }
            }
        }
    }

    /// An attempt for a socket or CONNACK that has not come, if its time is over.
    pub(super) fn handle_late(&mut self, now: Instant) {
        if self.attempt.deadline.is_none_or(|at| at > now) {
            return;
        }
        if self.attempt.stale {
            self.link.transmit.clear();
            self.authenticating = false;
            self.open(now);
        } else {
            self.attempt_failed(now, Error::ConnectTimeout.into(), false);
        }
    }

    /// The Clean Start of the next CONNECT. A session of MQTT 5 that ends with its connection needs none to be new, and
    /// one that does not is to be found again. Before MQTT 5, a clean session ends with its connection [MQTT-3.1.2-6].
    fn clean_start(&self) -> bool {
        self.options.clean_start && !(self.history.up && self.version() == Version::V5)
    }

    /// Asks for a socket.
    pub(super) fn open(&mut self, now: Instant) {
        self.state = State::Opening;
        self.attempt.since = now;
        self.attempt.stale = false;
        let timeout = millis(self.options.timeout);
        self.attempt.deadline = (timeout != 0).then(|| now.after(timeout));
        self.events.push_back(Event::Open { host: self.attempt.host, version: self.version() });
    }

    /// An attempt has failed: goes on to the next version (when the server seems to refuse this one), else to the next
    /// address, else waits for another try. Gives what is to be told when there is no next attempt at once; then the
    /// socket is to be closed.
    pub(super) fn next_attempt<'a>(&mut self, now: Instant, ending: Ending<'a>, version: bool) -> Option<Event<'a>> {
        self.link.transmit.clear();
        self.authenticating = false;
        let again = self.history.up || self.backoff.tried() > 0;
        if version && self.attempt.version + 1 < self.options.versions.len() {
            self.attempt.version += 1;
        } else if !again && !self.is_reference(&ending) && self.attempt.host + 1 < self.options.hosts {
            self.attempt = Attempt { host: self.attempt.host + 1, ..Attempt::default() };
        } else {
            let next = self.retry(now, ending);
            return Some(next.unwrap_or_else(|| {
                self.state = State::Idle;
                Event::Failed(ending)
            }));
        }
        self.open(now);
        None
    }

    /// As `next_attempt`, for failures that no packet tells of.
    pub(super) fn attempt_failed(&mut self, now: Instant, ending: Ending<'static>, version: bool) {
        if let Some(event) = self.next_attempt(now, ending, version) {
            self.events.push_back(event);
            self.events.push_back(Event::Close);
        }
    }

    /// The connection that was up has ended. What is to be told of it stands in `events`.
    pub(super) fn lose(&mut self, now: Instant, ending: Ending<'static>) {
        let (lost, next) = self.handle_lost(now, ending);
        self.events.push_back(lost);
        self.events.push_back(Event::Close);
        if let Some(next) = next {
            self.events.push_back(next);
        }
    }

    /// As `lose`: what is to be told of it, before and after the socket is closed.
    pub(super) fn handle_lost<'a>(&mut self, now: Instant, ending: Ending<'a>) -> (Event<'a>, Option<Event<'static>>) {
        self.authenticating = false;
        self.outbound.handle_lost();
        let lasted = now.millis_since(self.history.since);
        if lasted >= HELD {
            self.history.references = 0;
        }
        if let Some(policy) = &self.options.reconnect {
            self.backoff.handle_lost(lasted, policy);
        }
        self.state = State::Idle;
        let next = self.retry(now, ending).map(|event| match event {
            Event::Reconnecting { attempt, delay, .. } => Event::Reconnecting { attempt, delay, ending: ending.bare() },
            _ => Event::Close,
        });
        (Event::Lost { ending, reconnecting: next.is_some() }, next)
    }

    /// Waits for another try, if there is to be one.
    fn retry<'a>(&mut self, now: Instant, ending: Ending<'a>) -> Option<Event<'a>> {
        let delay = if self.is_reference(&ending) {
            self.history.references += 1;
            0
        } else {
            let policy = self.options.reconnect.as_ref()?;
            let told = matches!(ending.error, Some(Error::Refused | Error::ServerDisconnected));
            let useless = told && policy.gives_up_on(ending.reason)
                // What we may not ask for does not become legal by asking again.
                || ending.error.is_some_and(|error| matches!(error.code(), 30..50));
            if useless || !(self.history.up || policy.initial) {
                return None;
            }
            self.backoff.next(policy)?
        };
        self.state = State::Waiting;
        self.attempt = Attempt {
            host: (self.attempt.host + 1) % self.options.hosts.max(1),
            version: self.history.version,
            since: now,
            deadline: Some(now.after(delay)),
            stale: false,
        };
        let delay = Duration::from_millis(delay);
        Some(Event::Reconnecting { attempt: self.backoff.tried(), delay, ending })
    }

    /// Does the server send us on to another one, and may we follow?
    fn is_reference(&self, ending: &Ending<'_>) -> bool {
        self.options.follow_server_reference
            && matches!(ending.reason, 0x9C | 0x9D)
            && ending.properties.contains(id::SERVER_REFERENCE)
            && self.history.references < REFERENCES
    }

    /// CONNACK.
    pub(super) fn handle_conn_ack<'a>(
        &mut self,
        now: Instant,
        packet: ConnAck<'a>,
    ) -> Result<Option<Event<'a>>, Error> {
        let version = self.version();
        if packet.reason != 0 {
            let other_version = if version == Version::V5 { 0x84 } else { 1 };
            let ending = Ending { error: Some(Error::Refused), reason: packet.reason, properties: packet.properties };
            let event = self.next_attempt(now, ending, packet.reason == other_version);
            if event.is_some() {
                self.events.push_back(Event::Close);
            }
            return Ok(event);
        }
        let clean_start = self.clean_start();
        if packet.session_present && clean_start {
            return Err(Error::SessionPresentWrong); // [MQTT-3.2.2-2]
        }
        if version == Version::V5 && authentication::method(packet.properties) != self.options.authentication_method() {
            return Err(Error::AuthenticationRefused); // [MQTT-4.12.0-5], [MQTT-4.12.0-6]
        }
        self.link.limits = Limits::decode(packet.properties);
        self.link.limits.receive_maximum = self.link.limits.receive_maximum.min(self.options.max_in_flight).max(1);
        self.link.keep_alive = KeepAlive::new(self.link.limits.keep_alive.unwrap_or(self.options.keep_alive), now);
        self.link.aliases = OutgoingAliases::new(self.link.limits.topic_alias_maximum);
        let asked = if version == Version::V5 { self.options.connect_properties() } else { Properties::default() };
        let receive_maximum = asked.number(id::RECEIVE_MAXIMUM).map_or(u16::MAX, |n| n as u16);
        self.incoming_aliases = IncomingAliases::new(asked.number(id::TOPIC_ALIAS_MAXIMUM).unwrap_or(0) as u16);
        if let Some(assigned) = packet.properties.text(id::ASSIGNED_CLIENT_IDENTIFIER) {
            self.assigned_client_id = assigned.into(); // [MQTT-3.2.2-16]
            self.options.client_id = assigned.into();
        }
        self.state = State::Connected;
        self.authenticating = false;
        let reconnected = self.history.up;
        self.history.round_trip = now.millis_since(self.history.since);
        self.history.since = now;
        self.history.version = self.attempt.version;
        self.history.up = true;
        // MQTT 3.1 cannot say that it kept the session that we asked it to keep.
        let resumed = packet.session_present || version == Version::V3_1 && !clean_start;
        self.inbound.handle_connected(resumed, receive_maximum, version != Version::V5, &mut self.journal);
        for (ticket, end) in self.outbound.handle_connected(resumed, &self.link.limits, version, &mut self.journal) {
            self.events.push_back(match end {
                Ok(reason) => Event::Delivered { ticket, reason, properties: Properties::default() },
                Err(error) => Event::Undelivered { ticket, error },
            });
        }
        self.expire(now);
        if !resumed {
            self.subscriptions.handle_lost(&mut self.journal);
        }
        self.subscribe_again(now);
        self.transmit_outbound(now);
        Ok(Some(Event::Connected {
            host: self.attempt.host,
            version,
            session_present: packet.session_present,
            reconnected,
            properties: packet.properties,
        }))
    }

    /// The server is asked again for the subscriptions that it does not have, before messages of ours leave.
    fn subscribe_again(&mut self, now: Instant) {
        let version = self.version();
        let limit = self.link.limits.maximum_packet_size.saturating_sub(SUBSCRIBE_HEAD);
        let subscriptions = core::mem::take(&mut self.subscriptions);
        for (payload, section) in subscriptions.payloads(version, limit as usize) {
            let request = Request::subscribe(0, Filters::validated(&payload), Properties::validated(section));
            let _ = self.request(now, request);
        }
        self.subscriptions = subscriptions;
    }
}
