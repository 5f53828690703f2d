//! Making a connection: which address and version comes next, and when an attempt has failed.

use super::{Ending, Event, Options, Session, State, authentication};
use crate::Error;
use crate::session::alias::{IncomingAliases, OutgoingAliases};
use crate::session::keep_alive::KeepAlive;
use crate::session::limits::Limits;
use crate::time::Instant;
use crate::wire::{ConnAck, Properties, Version, id};

/// One attempt: an address and a protocol version.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    host: u32,
    /// Index in the options' list.
    version: usize,
    /// By when CONNACK must have come.
    pub(super) deadline: Option<Instant>,
}

impl Attempt {
    pub(super) fn version(&self, options: &Options) -> Version {
        options.versions.get(self.version).copied().unwrap_or(Version::V3_1_1)
    }
}

impl Session {
    /// The socket that the last `Open` asked for is open: CONNECT leaves, alone.
    pub fn handle_open(&mut self, now: Instant) {
        if self.state != State::Opening {
            return;
        }
        let now = self.clock.advance(now);
        self.limits = Limits::default();
        self.keep_alive = KeepAlive::default();
        self.transmit.clear();
        self.transmit.single = !self.options.batch;
        self.state = State::Handshake;
        if self.options.clean_start {
            self.outbound = Default::default();
        }
        let version = self.version();
        let options = &self.options;
        if let Err(error) = self.transmit.packet(u32::MAX, &mut |out| options.encode(version, out)) {
            self.attempt_failed(now, error.into(), false);
        }
    }

    /// The socket closed (`SocketClosed`) or failed (`SocketError`).
    pub fn handle_close(&mut self, now: Instant, error: Error) {
        let now = self.clock.advance(now);
        match self.state {
            State::Idle => {}
            State::Opening => self.attempt_failed(now, error.into(), false),
            // Servers that do not know a version often just hang up.
            State::Handshake => self.attempt_failed(now, error.into(), true),
            State::Connected => {
                self.transmit.clear();
                self.events.push_back(Event::Lost(error.into()));
                self.end();
            }
        }
    }

    /// Asks for a socket.
    pub(super) fn open(&mut self, now: Instant) {
        self.state = State::Opening;
        self.attempt.deadline = (!self.options.timeout.is_zero()).then(|| now + self.options.timeout);
        self.events.push_back(Event::Open { host: self.attempt.host, version: self.version() });
    }

    /// Goes on to the next version (when the server seems to refuse this one), else to the next address. Gives the
    /// ending back when there is neither.
    pub(super) fn next_attempt<'a>(&mut self, now: Instant, ending: Ending<'a>, version: bool) -> Option<Ending<'a>> {
        self.transmit.clear();
        self.authenticating = false;
        if version && self.attempt.version + 1 < self.options.versions.len() {
            self.attempt.version += 1;
        } else if self.attempt.host + 1 < self.options.hosts {
            self.attempt = Attempt { host: self.attempt.host + 1, ..Attempt::default() };
        } else {
            return Some(ending);
        }
        self.open(now);
        None
    }

    /// As `next_attempt`, for failures that no packet tells of.
    pub(super) fn attempt_failed(&mut self, now: Instant, ending: Ending<'static>, version: bool) {
        if let Some(ending) = self.next_attempt(now, ending, version) {
            self.events.push_back(Event::Failed(ending));
            self.end();
        }
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
            let ended = self.next_attempt(now, ending, packet.reason == other_version);
            return Ok(ended.map(|ending| {
                self.end();
                Event::Failed(ending)
            }));
        }
        if packet.session_present && self.options.clean_start {
            return Err(Error::SessionPresentWrong); // [MQTT-3.2.2-2]
        }
        if version == Version::V5 && authentication::method(packet.properties) != self.options.authentication_method() {
            return Err(Error::AuthenticationRefused); // [MQTT-4.12.0-5], [MQTT-4.12.0-6]
        }
        self.limits = Limits::decode(packet.properties);
        self.keep_alive = KeepAlive::new(self.limits.keep_alive.unwrap_or(self.options.keep_alive), now);
        self.outgoing_aliases = OutgoingAliases::new(self.limits.topic_alias_maximum);
        let asked = if version == Version::V5 { self.options.connect_properties() } else { Properties::default() };
        let receive_maximum = asked.number(id::RECEIVE_MAXIMUM).map_or(u16::MAX, |n| n as u16);
        self.incoming_aliases = IncomingAliases::new(asked.number(id::TOPIC_ALIAS_MAXIMUM).unwrap_or(0) as u16);
        if let Some(assigned) = packet.properties.text(id::ASSIGNED_CLIENT_IDENTIFIER) {
            self.assigned_client_id = assigned.into(); // [MQTT-3.2.2-16]
        }
        self.state = State::Connected;
        self.authenticating = false;
        // MQTT 3.1 cannot say that it kept the session that we asked it to keep.
        let resumed = packet.session_present || version == Version::V3_1 && !self.options.clean_start;
        self.inbound.handle_connected(resumed, receive_maximum, self.options.auto_ack, version != Version::V5);
        for (ticket, reason) in self.outbound.handle_connected(resumed, &self.limits, version) {
            if ticket != 0 {
                let properties = Properties::default();
                self.events.push_back(Event::Delivered { ticket, reason, properties });
            }
        }
        self.transmit_outbound(now);
        Ok(Some(Event::Connected {
            host: self.attempt.host,
            version,
            session_present: packet.session_present,
            properties: packet.properties,
        }))
    }
}
