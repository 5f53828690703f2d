//! Messages on their way to the server: the in-flight table, the send quota, and what waits for it.
//!
//! An in-flight message keeps its encoded packet: sending it again sets DUP and encodes nothing. All that is done for
//! one message takes constant time, however many are in flight.

use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::ids::PacketIds;
use super::limits::Limits;
use crate::Error;
use crate::wire::{Ack, AckKind, Frame, FromServer, Header, PacketId, Properties, Publish, Version};

const DUP: u8 = 0b1000;
const EXACTLY_ONCE: u8 = 0b0100;

/// In the sequence of a PUBLISH: it is sent again after every PUBREL, which needs no quota and gives some back.
const AFTER_RELEASES: u64 = 1 << 63;

/// What a packet identifier of ours is in use for.
#[derive(Debug, Default)]
enum Slot {
    #[default]
    Free,
    /// PUBLISH sent, PUBACK or PUBREC awaited.
    Publish { packet: Vec<u8>, ticket: u32, sequence: u64 },
    /// PUBREL sent, PUBCOMP awaited. Ticket 0: that of the message is settled already.
    Release { ticket: u32, sequence: u64 },
    /// SUBSCRIBE or UNSUBSCRIBE sent, its answer awaited.
    Request { kind: Request, ticket: u32, filters: usize },
}

/// What asks for an answer with a code for each topic filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    Subscribe,
    Unsubscribe,
}

impl Slot {
    fn sequence(&self) -> u64 {
        match self {
            Self::Publish { sequence, .. } | Self::Release { sequence, .. } => *sequence,
            _ => 0,
        }
    }
}

/// A message without a packet identifier yet: the quota is used up, or the identifiers are.
#[derive(Debug)]
struct Waiting {
    packet: Vec<u8>,
    ticket: u32,
}

/// The next thing to transmit.
pub(crate) enum Next<'a> {
    Publish(&'a [u8]),
    Release(PacketId),
}

/// What an acknowledgement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Acked {
    /// It ends the delivery of this ticket; 0: nobody waits for it any more.
    Delivered(u32),
    /// PUBREC: send PUBREL with this reason code.
    Release(u8),
    /// It answers nothing that we know of, harmlessly.
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Outbound {
    ids: PacketIds,
    /// By packet identifier, less one.
    slots: Vec<Slot>,
    waiting: VecDeque<Waiting>,
    /// After a reconnect: what is to be sent again, in the order it was sent first [MQTT-4.6.0-1].
    resend: BinaryHeap<Reverse<(u64, PacketId)>>,
    sequence: u64,
    /// Messages that this connection has carried, by PUBLISH or by PUBREL, and that are not acknowledged. A PUBREL of
    /// an older connection counts too: its PUBCOMP would else raise the quota beyond its start (section 4.9).
    open: usize,
    /// PUBCOMPs still to come for PUBRELs that no message of ours asked for.
    stray: usize,
    receive_maximum: u16,
    /// The packets here are encoded for this version.
    version: Version,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            ids: PacketIds::default(),
            slots: Vec::new(),
            waiting: VecDeque::new(),
            resend: BinaryHeap::new(),
            sequence: 0,
            open: 0,
            stray: 0,
            receive_maximum: 0,
            version: Version::V3_1_1,
        }
    }
}

impl Outbound {
    /// Takes over an encoded PUBLISH of QoS 1 or 2; its packet identifier is set when it is sent.
    pub(crate) fn publish(&mut self, packet: Vec<u8>, ticket: u32) {
        self.waiting.push_back(Waiting { packet, ticket });
    }

    /// A packet identifier for a request about so many topic filters.
    pub(crate) fn request(&mut self, kind: Request, ticket: u32, filters: usize) -> Result<PacketId, Error> {
        let id = self.ids.take().ok_or(Error::PacketIdsExhausted)?;
        self.put(id, Slot::Request { kind, ticket, filters });
        Ok(id)
    }

    /// Gives back the identifier of a packet that could not be sent.
    pub(crate) fn forget(&mut self, id: PacketId) {
        self.free(id);
    }

    /// The next packet that quota and identifiers allow, to be called until it gives None.
    pub(crate) fn poll_next(&mut self) -> Option<Next<'_>> {
        let full = self.open >= self.receive_maximum.into(); // [MQTT-3.3.4-7]
        while let Some(&Reverse((sequence, id))) = self.resend.peek() {
            let slot = index(id);
            // Servers may answer what was not sent again yet: they remember it.
            let answered = self.slots[slot].sequence() != sequence;
            if !answered && full && sequence >= AFTER_RELEASES {
                return None;
            }
            self.resend.pop();
            if answered {
                continue;
            }
            return Some(match &self.slots[slot] {
                Slot::Publish { packet, .. } => {
                    self.open += 1;
                    Next::Publish(packet)
                }
                _ => Next::Release(id),
            });
        }
        if full || self.waiting.is_empty() {
            return None;
        }
        let id = self.ids.take()?;
        let Waiting { mut packet, ticket } = self.waiting.pop_front()?;
        set_packet_id(&mut packet, id);
        self.open += 1;
        self.sequence += 1;
        let slot = Slot::Publish { packet, ticket, sequence: AFTER_RELEASES | self.sequence };
        match self.put(id, slot) {
            Slot::Publish { packet, .. } => Some(Next::Publish(packet)),
            _ => None,
        }
    }

    /// A PUBACK, PUBREC or PUBCOMP.
    pub(crate) fn handle_ack(&mut self, ack: &Ack<'_>) -> Result<Acked, Error> {
        let id = ack.packet_id;
        let refused = ack.reason >= 0x80;
        let mut never_used = Slot::Free;
        let slot = self.slots.get_mut(index(id)).unwrap_or(&mut never_used);
        let counted = self.resend.peek().is_none_or(|&Reverse((next, _))| slot.sequence() < next);
        let acked = match (ack.kind, &*slot) {
            (AckKind::PubAck, Slot::Publish { packet, ticket, .. }) if !is_exactly_once(packet) => {
                Acked::Delivered(*ticket)
            }
            (AckKind::PubRec, Slot::Publish { packet, ticket, .. }) if is_exactly_once(packet) => {
                if !refused {
                    self.open += usize::from(!counted);
                    self.sequence += 1;
                    *slot = Slot::Release { ticket: *ticket, sequence: self.sequence };
                    return Ok(Acked::Release(0));
                }
                Acked::Delivered(*ticket)
            }
            // Servers repeat a PUBREC after a reconnect, and once more for the PUBLISH that is sent again. Or they
            // remember what we do not: end it there too, or it stays for ever. Each wants its PUBREL [MQTT-4.3.3-4].
            (AckKind::PubRec, Slot::Release { .. } | Slot::Free) if !refused => {
                self.stray += 1;
                return Ok(Acked::Release(if matches!(slot, Slot::Free) { 0x92 } else { 0 }));
            }
            (AckKind::PubComp, Slot::Release { ticket, .. }) => Acked::Delivered(*ticket),
            // The identifier may be in use again.
            (AckKind::PubComp, _) if self.stray > 0 => {
                self.stray -= 1;
                return Ok(Acked::Nothing);
            }
            (_, Slot::Free) | (AckKind::PubRec, Slot::Release { .. }) => return Ok(Acked::Nothing),
            _ => return Err(Error::UnmatchedAck),
        };
        self.free(id);
        self.open = self.open.saturating_sub(counted.into());
        Ok(acked)
    }

    /// A SUBACK or UNSUBACK with so many codes (None: it has none in this version): its ticket.
    pub(crate) fn handle_answer(&mut self, id: PacketId, to: Request, codes: Option<usize>) -> Result<u32, Error> {
        let (ticket, filters) = match self.slots.get(index(id)) {
            Some(&Slot::Request { kind, ticket, filters }) if kind == to => (ticket, filters),
            _ => return Err(Error::UnmatchedAck),
        };
        if codes.is_some_and(|codes| codes != filters) {
            return Err(Error::QosNotGranted); // [MQTT-3.8.4-6]
        }
        self.free(id);
        Ok(ticket)
    }

    /// A new connection is up. Without a session on the server, what it never acknowledged is published anew, and what
    /// it had received (PUBREC) counts as delivered. What this server can't take is refused in its name. The tickets
    /// that end so come back, with their reason codes.
    pub(crate) fn handle_connected(&mut self, resumed: bool, limits: &Limits, version: Version) -> Vec<(u32, u8)> {
        self.receive_maximum = limits.receive_maximum;
        self.open = 0;
        self.stray = 0;
        self.convert(version);
        let mut settled = Vec::new();
        self.resend.clear();
        for (n, slot) in self.slots.iter_mut().enumerate() {
            let Some(id) = PacketId::new(n as u16 + 1) else { continue };
            if let Slot::Publish { packet, ticket, .. } = slot {
                let reason = limits.refusal(packet);
                if reason != 0 {
                    settled.push((*ticket, reason));
                    // A server that has the message already must let go of its identifier too.
                    if is_exactly_once(packet) {
                        *slot = Slot::Release { ticket: 0, sequence: 0 };
                    } else {
                        *slot = Slot::Free;
                        self.ids.free(id);
                    }
                }
            }
            match slot {
                Slot::Publish { packet, sequence, .. } => {
                    if let Some(first) = packet.first_mut() {
                        *first = if resumed { *first | DUP } else { *first & !DUP }; // [MQTT-3.3.1-1]
                    }
                    self.resend.push(Reverse((*sequence, id)));
                }
                Slot::Release { sequence, .. } if resumed => {
                    self.open += 1;
                    self.resend.push(Reverse((*sequence, id)));
                }
                &mut Slot::Release { ticket, .. } => {
                    settled.push((ticket, 0));
                    *slot = Slot::Free;
                    self.ids.free(id);
                }
                _ => {}
            }
        }
        for _ in 0..self.waiting.len() {
            let Some(waiting) = self.waiting.pop_front() else { break };
            match limits.refusal(&waiting.packet) {
                0 => self.waiting.push_back(waiting),
                reason => settled.push((waiting.ticket, reason)),
            }
        }
        settled
    }

    /// The connection has ended: what was asked on it alone will not be answered.
    pub(crate) fn handle_lost(&mut self) {
        self.resend.clear();
        for n in 0..self.slots.len() {
            if matches!(self.slots[n], Slot::Request { .. })
                && let Some(id) = PacketId::new(n as u16 + 1)
            {
                self.free(id);
            }
        }
    }

    /// Messages that the server has not acknowledged yet.
    pub(crate) fn pending(&self) -> usize {
        self.waiting.len()
            + self.slots.iter().filter(|s| matches!(s, Slot::Publish { .. } | Slot::Release { .. })).count()
    }

    fn put(&mut self, id: PacketId, slot: Slot) -> &Slot {
        let index = index(id);
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, Slot::default);
        }
        self.slots[index] = slot;
        &self.slots[index]
    }

    fn free(&mut self, id: PacketId) {
        if let Some(slot) = self.slots.get_mut(index(id)) {
            *slot = Slot::Free;
            self.ids.free(id);
        }
    }

    /// The session goes on in another protocol version: encode what it holds for that one.
    fn convert(&mut self, version: Version) {
        let from = core::mem::replace(&mut self.version, version);
        if (from == Version::V5) == (version == Version::V5) {
            return;
        }
        let flying = self.slots.iter_mut().filter_map(|slot| match slot {
            Slot::Publish { packet, .. } => Some(packet),
            _ => None,
        });
        for packet in flying.chain(self.waiting.iter_mut().map(|waiting| &mut waiting.packet)) {
            let mut converted = Vec::with_capacity(packet.len() + 1);
            if let Some(publish) = decode(packet, from)
                && (Publish { properties: Properties::default(), ..publish }).encode(version, &mut converted).is_ok()
            {
                *packet = converted;
            }
        }
    }
}

/// Reads back a PUBLISH that this session has encoded.
pub(crate) fn decode(packet: &[u8], version: Version) -> Option<Publish<'_>> {
    let header = Header::decode(packet).ok()??;
    let body = packet.get(header.len..)?;
    match FromServer::decode(version, Frame { first: header.first, body }) {
        Ok(FromServer::Publish(publish)) => Some(publish),
        _ => None,
    }
}

fn index(id: PacketId) -> usize {
    usize::from(id.get()) - 1
}

fn is_exactly_once(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| first & EXACTLY_ONCE != 0)
}

/// The packet identifier stands behind the topic name.
fn set_packet_id(packet: &mut [u8], id: PacketId) {
    let Ok(Some(header)) = Header::decode(packet) else { return };
    let Some(&[high, low]) = packet.get(header.len..).and_then(|body| body.first_chunk()) else { return };
    let at = header.len + 2 + usize::from(u16::from_be_bytes([high, low]));
    if let Some(place) = packet.get_mut(at..at + 2) {
        place.copy_from_slice(&id.get().to_be_bytes());
    }
}
