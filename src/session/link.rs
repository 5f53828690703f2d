//! The present connection, as the session sends on it: what the server allows, topic aliases, keep alive, and what waits
//! to leave. All of it ends with the connection. It knows no messages in flight and decides nothing.

use super::alias::OutgoingAliases;
use super::keep_alive::KeepAlive;
use super::limits::Limits;
use super::transmit::Transmit;
use crate::Error;
use crate::time::Instant;
use crate::wire::{Ack, Properties, Publish, Version, encode_ping_req, id, join};
use alloc::vec::Vec;

#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) limits: Limits,
    pub(crate) keep_alive: KeepAlive,
    pub(crate) aliases: OutgoingAliases,
    pub(crate) transmit: Transmit,
}

impl Link {
    /// Sends the packet that `encode` writes, unless the server takes none so long [MQTT-3.2.2-15].
    pub(crate) fn packet(
        &mut self,
        now: Instant,
        encode: &mut dyn FnMut(&mut Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.transmit.packet(self.limits.maximum_packet_size, encode)?;
        self.keep_alive.handle_sent(now);
        Ok(())
    }

    /// Sends a PUBLISH, by its alias where the server takes one and the packet has room for it.
    pub(crate) fn publish(&mut self, now: Instant, version: Version, publish: Publish<'_>) -> Result<(), Error> {
        let topic = publish.topic;
        if let Some((alias, known)) = self.aliases.assign(topic) {
            let [high, low] = alias.to_be_bytes();
            let section = join(&[publish.properties.as_bytes(), &[id::TOPIC_ALIAS, high, low]]);
            let properties = Properties::validated(&section);
            let aliased = Publish { topic: if known { "" } else { topic }, properties, ..publish };
            if self.packet(now, &mut |out| aliased.encode(version, out)).is_ok() {
                return Ok(());
            }
            self.aliases.forget(topic);
        }
        self.packet(now, &mut |out| publish.encode(version, out))
    }

    /// Sends a PUBLISH of an in-flight message, whose encoded bytes the server's limits were held against before.
    pub(crate) fn publish_again(&mut self, now: Instant, packet: &[u8]) {
        self.unlimited(now, &mut |out| {
            out.extend_from_slice(packet);
            Ok(())
        });
    }

    /// Sends an acknowledgement.
    pub(crate) fn ack(&mut self, now: Instant, version: Version, ack: Ack<'_>) {
        self.unlimited(now, &mut |out| ack.encode(version, out));
    }

    /// Sends a PINGREQ, of which keep alive knows.
    pub(crate) fn ping(&mut self) {
        let _ = self.transmit.packet(u32::MAX, &mut |out| {
            encode_ping_req(out);
            Ok(())
        });
    }

    fn unlimited(&mut self, now: Instant, encode: &mut dyn FnMut(&mut Vec<u8>) -> Result<(), Error>) {
        if self.transmit.packet(u32::MAX, encode).is_ok() {
            self.keep_alive.handle_sent(now);
        }
    }
}
