//! Publishing: what leaves at once, what waits for a connection or for the send quota, what is dropped.

use alloc::vec::Vec;

use super::outbound::{self, Next};
use super::persist::Key;
use super::queue::{Offline, Overflow};
use super::{Event, Session, State, section};
use crate::Error;
use crate::time::Instant;
use crate::wire::{On, PacketId, Properties, Publish, QoS, id};

/// What is to be published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outgoing<'a> {
    /// The topic name.
    pub topic: &'a str,
    /// The payload.
    pub payload: &'a [u8],
    /// The quality of service.
    pub qos: QoS,
    /// Shall the server retain it?
    pub retain: bool,
    /// A property section in wire encoding, without its length (MQTT 5). Topic aliases are assigned by the session.
    pub properties: &'a [u8],
}

impl Session {
    /// Publishes a message. The ticket names it in `Delivered` or `Undelivered`; what has left for good has none (0).
    /// Without a connection it waits, if the options allow it and `connect` was called.
    pub fn publish(&mut self, now: Instant, message: Outgoing<'_>) -> Result<u32, Error> {
        let Outgoing { topic, payload, qos, retain, properties } = message;
        let connected = self.is_connected();
        let once = qos == QoS::AtMostOnce;
        let (version, offline) = if connected {
            self.link.limits.check_publish(qos, retain)?;
            (self.version(), None)
        } else {
            let offline = self.check_offline(once)?;
            (self.outbound.publish_version(self.version()), Some(offline))
        };
        let properties = section(properties, version, On::Publish)?;
        if properties.contains(id::TOPIC_ALIAS) || properties.contains(id::SUBSCRIPTION_IDENTIFIER) {
            return Err(Error::Property); // [MQTT-3.3.4-6]
        }
        let shown = now;
        let now = self.clock.advance(now);
        let mut publish = Publish { dup: false, qos, retain, packet_id: None, topic, properties, payload };
        if connected && once && !self.outbound.queue.holds_once() {
            self.link.publish(now, version, publish)?;
            return Ok(0);
        }
        publish.packet_id = PacketId::new(1).filter(|_| !once);
        let mut packet = Vec::new();
        publish.encode(version, &mut packet)?;
        if packet.len() > self.link.limits.maximum_packet_size as usize {
            return Err(Error::PacketTooLarge); // [MQTT-3.2.2-15]
        }
        let keeps = match &offline {
            Some(offline) => self.make_room(packet.len(), offline)?,
            None => true,
        };
        let ticket = self.next_ticket();
        if !keeps {
            self.events.push_back(Event::Undelivered { ticket, error: Error::QueueOverflow });
            return Ok(ticket);
        }
        self.outbound.publish(packet, ticket, now);
        if connected {
            self.transmit_outbound(now);
        }
        self.outbound.record_waiting(ticket, shown, &mut self.journal);
        Ok(ticket)
    }

    /// From now on, this may wait for a connection.
    pub fn set_offline(&mut self, offline: Option<Offline>) {
        self.options.offline = offline;
    }

    fn check_offline(&self, once: bool) -> Result<Offline, Error> {
        match self.options.offline {
            Some(offline) if self.state != State::Idle && (offline.qos0 || !once) => Ok(offline),
            _ => Err(Error::NotConnected),
        }
    }

    /// Shall a packet of this length be kept?
    fn make_room(&mut self, len: usize, offline: &Offline) -> Result<bool, Error> {
        let fits_at_all = offline.max_messages > 0 && len <= offline.max_bytes as usize;
        while !self.outbound.queue.has_room(len, offline) {
            match offline.overflow {
                Overflow::DropNewest => return Ok(false),
                Overflow::DropOldest if fits_at_all => self.drop_oldest(Error::QueueOverflow),
                _ => return Err(Error::QueueFull),
            }
        }
        Ok(true)
    }

    fn drop_oldest(&mut self, error: Error) {
        if let Some(oldest) = self.outbound.queue.pop() {
            self.journal.delete(Key::Message(oldest.ticket));
            self.events.push_back(Event::Undelivered { ticket: oldest.ticket, error });
        }
    }

    /// When the oldest message has waited for a connection for too long.
    pub(super) fn poll_expiry(&self) -> Option<Instant> {
        let waits = !matches!(self.state, State::Idle | State::Connected);
        self.options.offline.as_ref().filter(|_| waits).and_then(|offline| self.outbound.queue.poll_expiry(offline))
    }

    /// Drops what has waited for a connection for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        let Some(offline) = self.options.offline else { return };
        while self.outbound.queue.poll_expiry(&offline).is_some_and(|at| at <= now) {
            self.drop_oldest(Error::QueueExpired);
        }
    }

    /// Sends whatever quota and packet identifiers allow.
    pub(super) fn transmit_outbound(&mut self, now: Instant) {
        let version = self.version();
        while let Some(next) = self.outbound.poll_next(&mut self.journal) {
            match next {
                Next::Publish(packet) if self.link.limits.topic_alias_maximum == 0 => {
                    self.link.publish_again(now, packet)
                }
                Next::Publish(packet) => {
                    if let Some(publish) = outbound::decode(packet, version) {
                        let _ = self.link.publish(now, version, publish);
                    }
                }
                Next::Once(packet, ticket) => {
                    let sent =
                        outbound::decode(&packet, version).map(|publish| self.link.publish(now, version, publish));
                    self.events.push_back(match sent {
                        Some(Err(error)) => Event::Undelivered { ticket, error },
                        _ => Event::Delivered { ticket, reason: 0, properties: Properties::default() },
                    });
                }
                Next::Release(id) => self.transmit_release(now, id, 0),
            }
        }
    }
}
