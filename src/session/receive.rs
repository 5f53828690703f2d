//! Packets from the server: what each one changes, answers and tells.

use super::outbound::{Acked, Request, RequestKind};
use super::{Answer, Ending, Event, Message, Session, State};
use crate::Error;
use crate::time::Instant;
use crate::wire::{
    Ack, AckKind, ConnAck, Disconnect, Filters, Frame, FromServer, Names, PacketId, Properties, Publish, Version, id,
};

/// The fixed header of a CONNACK.
const CONN_ACK: u8 = 0x20;

impl Session {
    /// Bytes came, whole packets or not: the server lives.
    pub fn handle_received(&mut self, now: Instant) {
        let now = self.clock.advance(now);
        self.link.keep_alive.handle_received(now);
    }

    /// One packet from the server.
    pub fn handle_packet<'a>(&'a mut self, now: Instant, frame: Frame<'a>) -> Option<Event<'a>> {
        if !matches!(self.state, State::Handshake | State::Connected) {
            return None;
        }
        let now = self.clock.advance(now);
        match self.receive(now, frame) {
            Ok(Received::Event(event)) => Some(event),
            Ok(Received::Aliased(alias, message)) => {
                Some(Event::Message(Message { topic: self.incoming_aliases.topic(alias), ..message }))
            }
            Ok(Received::Granted(codes)) => {
                Some(Event::Resubscribed { filters: Filters::validated(&self.granted), codes })
            }
            Ok(Received::Nothing) => None,
            Err(error) => {
                self.handle_violation(now, error);
                None
            }
        }
    }

    /// The stream from the server can't be cut into packets.
    pub fn handle_malformed(&mut self, now: Instant, error: Error) {
        let now = self.clock.advance(now);
        self.handle_violation(now, error);
    }

    /// The server broke the protocol: tell it (MQTT 5) and end the connection [MQTT-4.13.1-1].
    fn handle_violation(&mut self, now: Instant, error: Error) {
        let reason = if self.version() == Version::V5 { error.reason() } else { 0 };
        let ending = Ending { reason, ..error.into() };
        match self.state {
            State::Idle | State::Waiting | State::Opening => return, // The rest of what an older socket brought.
            State::Handshake => self.attempt_failed(now, ending, false),
            State::Connected => self.lose(now, ending),
        }
        if reason != 0 && self.state != State::Opening {
            let packet = Disconnect { reason, properties: Properties::default() };
            let _ = self.link.transmit.packet(u32::MAX, &mut |out| packet.encode(Version::V5, out));
        }
    }

    fn receive<'a>(&mut self, now: Instant, frame: Frame<'a>) -> Result<Received<'a>, Error> {
        let mut version = self.version();
        let connected = self.state == State::Connected;
        // A server older than MQTT 5 refuses its version in its own CONNACK of two bytes.
        let older = !connected && frame.first == CONN_ACK && frame.body.len() == 2;
        if older && version == Version::V5 {
            version = Version::V3_1_1;
        }
        let packet = FromServer::decode(version, frame)?;
        self.check_problem_information(&packet)?;
        let event = match packet {
            FromServer::ConnAck(packet) if !connected => {
                // Its 1 is MQTT 5's 0x84, "unsupported protocol version".
                let reason = match packet.reason {
                    1 if version != self.version() => 0x84,
                    reason => reason,
                };
                if reason == 0 && version != self.version() {
                    return Err(Error::TooShort);
                }
                self.handle_conn_ack(now, ConnAck { reason, ..packet })?
            }
            FromServer::Auth(packet) if version == Version::V5 => Some(self.handle_auth(packet)?),
            _ if !connected => return Err(Error::UnexpectedPacket), // [MQTT-3.2.0-1]
            FromServer::Publish(packet) => return self.handle_publish(now, packet),
            FromServer::Ack(packet) => self.handle_ack(now, packet)?,
            FromServer::SubAck(packet) => {
                let codes = packet.codes;
                let request =
                    self.outbound.handle_answer(packet.packet_id, RequestKind::Subscribe, Some(codes.len()))?;
                self.transmit_outbound(now); // A message may have waited for the identifier.
                return Ok(self.handle_granted(request, Answer { ticket: 0, codes, properties: packet.properties }));
            }
            FromServer::UnsubAck(packet) => {
                let codes = (version == Version::V5).then_some(packet.codes.len());
                let request = self.outbound.handle_answer(packet.packet_id, RequestKind::Unsubscribe, codes)?;
                self.transmit_outbound(now);
                let (ticket, codes, properties) = (request.ticket, packet.codes, packet.properties);
                let filters = Names::validated(&request.filters);
                self.subscriptions.handle_unsubscribed(filters, codes, &mut self.journal);
                Some(Event::Unsubscribed(Answer { ticket, codes, properties }))
            }
            FromServer::PingResp => self.link.keep_alive.handle_ping_resp().then_some(Event::Alive),
            FromServer::Disconnect(packet) => {
                let error = Some(Error::ServerDisconnected);
                let ending = Ending { error, reason: packet.reason, properties: packet.properties };
                let (lost, next) = self.handle_lost(now, ending);
                self.events.push_back(Event::Close);
                if let Some(next) = next {
                    self.events.push_back(next);
                }
                Some(lost)
            }
            FromServer::ConnAck(_) | FromServer::Auth(_) => return Err(Error::UnexpectedPacket),
        };
        Ok(event.map_or(Received::Nothing, Received::Event))
    }

    /// Who asked for no problem information gets none but on CONNACK, PUBLISH and DISCONNECT (section 3.1.2.11.7).
    fn check_problem_information(&self, packet: &FromServer<'_>) -> Result<(), Error> {
        let properties = match packet {
            FromServer::Ack(packet) => packet.properties,
            FromServer::SubAck(packet) => packet.properties,
            FromServer::UnsubAck(packet) => packet.properties,
            FromServer::Auth(packet) => packet.properties,
            _ => return Ok(()),
        };
        let told = properties.contains(id::REASON_STRING) || properties.contains(id::USER_PROPERTY);
        if told && self.options.connect_properties().number(id::REQUEST_PROBLEM_INFORMATION) == Some(0) {
            return Err(Error::ProblemInformation); // [MQTT-3.1.2-29]
        }
        Ok(())
    }

    /// SUBACK.
    fn handle_granted<'a>(&mut self, request: Request, answer: Answer<'a>) -> Received<'a> {
        let Request { ticket, filters: payload, properties, .. } = request;
        let filters = Filters::validated(&payload);
        if ticket != 0 {
            self.subscriptions.handle_granted(filters, &properties, answer.codes, &mut self.journal);
            return Received::Event(Event::Subscribed(Answer { ticket, ..answer }));
        }
        self.subscriptions.handle_granted_again(filters, answer.codes, &mut self.journal);
        self.granted = payload;
        Received::Granted(answer.codes)
    }

    fn handle_publish<'a>(&mut self, now: Instant, packet: Publish<'a>) -> Result<Received<'a>, Error> {
        let mut alias = None;
        if let Some(n) = packet.properties.number(id::TOPIC_ALIAS) {
            self.incoming_aliases.handle(n as u16, packet.topic)?;
            alias = Some(n as u16).filter(|_| packet.topic.is_empty());
        }
        let mut acknowledgement = None;
        if let Some(id) = packet.packet_id {
            let arrival = self.inbound.handle_publish(id, packet.qos, packet.dup, &mut self.journal)?;
            if let Some(answer) = arrival.answer {
                self.transmit_ack(now, answer);
            }
            if !arrival.deliver {
                return Ok(Received::Nothing);
            }
            acknowledgement = arrival.acknowledgement;
        }
        let message = Message {
            topic: packet.topic,
            payload: packet.payload,
            properties: packet.properties,
            qos: packet.qos,
            retain: packet.retain,
            duplicate: packet.dup,
            acknowledgement,
        };
        Ok(match alias {
            Some(alias) => Received::Aliased(alias, message),
            None => Received::Event(Event::Message(message)),
        })
    }

    fn handle_ack<'a>(&mut self, now: Instant, packet: Ack<'a>) -> Result<Option<Event<'a>>, Error> {
        if packet.kind == AckKind::PubRel {
            let answer = self.inbound.handle_release(packet.packet_id, &mut self.journal)?;
            self.transmit_ack(now, answer);
            return Ok(None);
        }
        match self.outbound.handle_ack(&packet, &mut self.journal)? {
            Acked::Delivered(ticket) => {
                self.transmit_outbound(now);
                // That a PUBCOMP knows no such identifier is no error during recovery: PUBREC came (section 3.7.2.1).
                let reason = if packet.kind == AckKind::PubComp { 0 } else { packet.reason };
                Ok(Some(Event::Delivered { ticket, reason, properties: packet.properties }))
            }
            Acked::Release(reason) => {
                self.transmit_release(now, packet.packet_id, reason);
                Ok(None)
            }
            Acked::Nothing => {
                self.transmit_outbound(now); // A message may have waited for its quota.
                Ok(None)
            }
        }
    }

    /// The acknowledgements whose turn has come.
    pub(super) fn transmit_answers(&mut self, now: Instant) {
        while let Some(answer) = self.inbound.poll_answer(&mut self.journal) {
            self.transmit_ack(now, answer);
        }
    }

    pub(super) fn transmit_ack(&mut self, now: Instant, ack: Ack<'_>) {
        let version = self.version();
        self.link.ack(now, version, ack);
    }

    pub(super) fn transmit_release(&mut self, now: Instant, packet_id: PacketId, reason: u8) {
        let properties = Properties::default();
        self.transmit_ack(now, Ack { kind: AckKind::PubRel, packet_id, reason, properties });
    }
}

/// What a packet comes to.
enum Received<'a> {
    Nothing,
    Event(Event<'a>),
    /// A message whose topic is behind this alias.
    Aliased(u16, Message<'a>),
    /// The codes for the filters in `granted`.
    Granted(&'a [u8]),
}
