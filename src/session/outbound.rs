//! Messages on their way to the server: the in-flight table, the send quota, and what waits for it.
//!
//! An in-flight message keeps its encoded packet: sending it again sets DUP and encodes nothing. All that is done for
//! one message takes constant time, however many are in flight.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::ids::PacketIds;
use super::limits::Limits;
use super::persist::{Content, Journal, Key};
use super::queue::{Queue, Waiting};
use crate::Error;
use crate::time::Instant;
use crate::wire::{Ack, AckKind, Filters, Header, PacketId, Properties, Publish, Version, encode_list};

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
    /// PUBREL sent, PUBCOMP awaited. `told`: the application knows already how it ended.
    Release { ticket: u32, sequence: u64, told: bool },
    /// SUBSCRIBE or UNSUBSCRIBE sent, its answer awaited.
    Request(Request),
}

/// What asks for an answer with a code for each topic filter.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) kind: RequestKind,
    /// 0: the session asked by itself.
    pub(crate) ticket: u32,
    /// How many topic filters.
    pub(crate) count: usize,
    /// The packet's payload and property section.
    pub(crate) filters: Vec<u8>,
    pub(crate) properties: Vec<u8>,
}

/// By the first byte of the packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum RequestKind {
    Subscribe = 0x82,
    Unsubscribe = 0xA2,
}

impl Request {
    pub(crate) fn subscribe(ticket: u32, filters: Filters<'_>, properties: Properties<'_>) -> Self {
        Self {
            kind: RequestKind::Subscribe,
            ticket,
            count: filters.iter().count(),
            filters: filters.as_bytes().into(),
            properties: properties.as_bytes().into(),
        }
    }

    /// Appends the packet.
    pub(crate) fn encode(&self, version: Version, id: PacketId, out: &mut Vec<u8>) -> Result<(), Error> {
        encode_list(version, self.kind as u8, id, Properties::validated(&self.properties), &self.filters, out)
    }
}

impl Slot {
    fn sequence(&self) -> u64 {
        match self {
            Self::Publish { sequence, .. } | Self::Release { sequence, .. } => *sequence,
            _ => 0,
        }
    }

    fn is_message(&self) -> bool {
        matches!(self, Self::Publish { .. } | Self::Release { .. })
    }
}

/// The next thing to transmit.
pub(crate) enum Next<'a> {
    Publish(&'a [u8]),
    /// QoS 0, with the ticket that is settled when it has left.
    Once(Vec<u8>, u32),
    Release(PacketId),
}

/// What an acknowledgement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Acked {
    /// It ends the delivery of this ticket.
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
    /// Slots of messages.
    in_flight: usize,
    pub(crate) queue: Queue,
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
            in_flight: 0,
            queue: Queue::default(),
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
    /// Takes over a PUBLISH encoded for `version`; its packet identifier is set when it is sent.
    pub(crate) fn publish(&mut self, packet: Vec<u8>, ticket: u32, now: Instant) {
        self.sequence += 1;
        self.queue.push(Waiting { packet, ticket, sequence: self.sequence, since: now });
    }

    /// The version to encode a PUBLISH for, when a connection would speak `version`.
    pub(crate) fn publish_version(&mut self, version: Version) -> Version {
        if self.pending() == 0 {
            self.version = version;
        }
        self.version
    }

    /// A packet identifier for a request.
    pub(crate) fn take_identifier(&mut self) -> Result<PacketId, Error> {
        self.ids.take().ok_or(Error::PacketIdsExhausted)
    }

    /// From now on, the answer to this request is awaited.
    pub(crate) fn request(&mut self, id: PacketId, request: Request) {
        self.put(id, Slot::Request(request));
    }

    /// Gives back the identifier of a packet that could not be sent.
    pub(crate) fn forget(&mut self, id: PacketId) {
        self.free(id);
    }

    /// The next packet that quota and identifiers allow, to be called until it gives None.
    pub(crate) fn poll_next(&mut self, journal: &mut Journal) -> Option<Next<'_>> {
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
        if self.queue.front()?.is_once() {
            return self.queue.pop().map(|message| Next::Once(message.packet, message.ticket));
        }
        if full {
            return None;
        }
        let id = self.ids.take()?;
        let Waiting { mut packet, ticket, sequence, .. } = self.queue.pop()?;
        set_packet_id(&mut packet, id);
        let sequence = AFTER_RELEASES | sequence;
        record(journal, ticket, SENT, self.version, sequence, &[], &packet);
        self.open += 1;
        match self.put(id, Slot::Publish { packet, ticket, sequence }) {
            Slot::Publish { packet, .. } => Some(Next::Publish(packet)),
            _ => None,
        }
    }

    /// A PUBACK, PUBREC or PUBCOMP.
    pub(crate) fn handle_ack(&mut self, ack: &Ack<'_>, journal: &mut Journal) -> Result<Acked, Error> {
        let id = ack.packet_id;
        let refused = ack.reason >= 0x80;
        let mut never_used = Slot::Free;
        let slot = self.slots.get_mut(index(id)).unwrap_or(&mut never_used);
        let counted = self.resend.peek().is_none_or(|&Reverse((next, _))| slot.sequence() < next);
        let (ticket, told) = match (ack.kind, &*slot) {
            (AckKind::PubAck, Slot::Publish { packet, ticket, .. }) if !is_exactly_once(packet) => (*ticket, false),
            (AckKind::PubRec, Slot::Publish { packet, ticket, .. }) if is_exactly_once(packet) => {
                if !refused {
                    let (ticket, sequence) = (*ticket, self.sequence + 1);
                    self.sequence = sequence;
                    self.open += usize::from(!counted);
                    record(journal, ticket, RELEASED, self.version, sequence, &[], &id.get().to_le_bytes());
                    *slot = Slot::Release { ticket, sequence, told: false };
                    return Ok(Acked::Release(0));
                }
                (*ticket, false)
            }
            // Servers repeat a PUBREC after a reconnect, and once more for the PUBLISH that is sent again. Or they
            // remember what we do not: end it there too, or it stays for ever. Each wants its PUBREL [MQTT-4.3.3-4].
            (AckKind::PubRec, Slot::Release { .. } | Slot::Free) if !refused => {
                self.stray += 1;
                return Ok(Acked::Release(if matches!(slot, Slot::Free) { 0x92 } else { 0 }));
            }
            (AckKind::PubComp, Slot::Release { ticket, told, .. }) => (*ticket, *told),
            // The identifier may be in use again.
            (AckKind::PubComp, _) if self.stray > 0 => {
                self.stray -= 1;
                return Ok(Acked::Nothing);
            }
            (_, Slot::Free) | (AckKind::PubRec, Slot::Release { .. }) => return Ok(Acked::Nothing),
            _ => return Err(Error::UnmatchedAck),
        };
        journal.delete(Key::Message(ticket));
        self.free(id);
        self.open = self.open.saturating_sub(counted.into());
        Ok(if told { Acked::Nothing } else { Acked::Delivered(ticket) })
    }

    /// A SUBACK or UNSUBACK with so many codes (None: it has none in this version): what it answers.
    pub(crate) fn handle_answer(
        &mut self,
        id: PacketId,
        to: RequestKind,
        codes: Option<usize>,
    ) -> Result<Request, Error> {
        let slot = self.slots.get_mut(index(id)).filter(|slot| matches!(slot, Slot::Request(it) if it.kind == to));
        let Some(Slot::Request(request)) = slot.map(core::mem::take) else { return Err(Error::UnmatchedAck) };
        self.ids.free(id);
        if codes.is_some_and(|codes| codes != request.count) {
            return Err(Error::QosNotGranted); // [MQTT-3.8.4-6]
        }
        Ok(request)
    }

    /// A new connection is up. Without a session on the server, what it never acknowledged is published anew; whether it
    /// handed on what it had received (PUBREC) nobody knows. What this server can't take is refused in its name. The
    /// tickets that end so come back, with the reason code or the error.
    pub(crate) fn handle_connected(
        &mut self,
        resumed: bool,
        limits: &Limits,
        version: Version,
        journal: &mut Journal,
    ) -> Vec<(u32, Result<u8, Error>)> {
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
                    settled.push((*ticket, Ok(reason)));
                    // A server that has the message already must let go of its identifier too.
                    if is_exactly_once(packet) {
                        *slot = Slot::Release { ticket: *ticket, sequence: 0, told: true };
                    } else {
                        journal.delete(Key::Message(*ticket));
                        *slot = Slot::Free;
                        self.ids.free(id);
                        self.in_flight -= 1;
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
                &mut Slot::Release { ticket, told, .. } => {
                    if !told {
                        settled.push((ticket, Err(Error::SessionDiscarded)));
                    }
                    journal.delete(Key::Message(ticket));
                    *slot = Slot::Free;
                    self.ids.free(id);
                    self.in_flight -= 1;
                }
                _ => {}
            }
        }
        self.queue.retain(&mut |waiting| match limits.refusal(&waiting.packet) {
            0 => true,
            reason => {
                journal.delete(Key::Message(waiting.ticket));
                settled.push((waiting.ticket, Ok(reason)));
                false
            }
        });
        settled
    }

    /// The connection has ended: what was asked on it alone will not be answered.
    pub(crate) fn handle_lost(&mut self) {
        self.resend.clear();
        for n in 0..self.slots.len() {
            if matches!(self.slots[n], Slot::Request(_))
                && let Some(id) = PacketId::new(n as u16 + 1)
            {
                self.free(id);
            }
        }
    }

    /// Messages that the server has not acknowledged yet.
    pub(crate) fn pending(&self) -> usize {
        self.queue.len() + self.in_flight
    }

    /// The session is given up: the tickets of all messages that are not told yet.
    pub(crate) fn discard(&mut self) -> Vec<u32> {
        let flying = self.slots.iter().filter_map(|slot| match slot {
            Slot::Publish { ticket, .. } | Slot::Release { ticket, told: false, .. } => Some(*ticket),
            _ => None,
        });
        let mut tickets: Vec<_> = flying.collect();
        tickets.extend(core::iter::from_fn(|| self.queue.pop()).map(|waiting| waiting.ticket));
        *self = Self { sequence: self.sequence, ..Self::default() };
        tickets
    }

    /// Records the message that was published last, if it waits, with the time that the driver's clock shows. One that
    /// was sent is recorded as sent.
    pub(crate) fn record_waiting(&self, ticket: u32, shown: Instant, journal: &mut Journal) {
        if let Some(last) = self.queue.back().filter(|last| last.ticket == ticket && !last.is_once()) {
            let since = shown.as_millis().to_le_bytes();
            record(journal, ticket, WAITING, self.version, last.sequence, &since, &last.packet);
        }
    }

    /// Takes over the record of a message of an earlier process, before anything else happens.
    pub(crate) fn restore(&mut self, ticket: u32, content: &[u8]) -> Result<(), Error> {
        let mut content = Content(content);
        let [state] = content.take()?;
        let version = content.version()?;
        let sequence = u64::from_le_bytes(content.take()?);
        if state == RELEASED {
            let id = self.take_id(PacketId::new(u16::from_le_bytes(content.take()?)))?;
            self.put(id, Slot::Release { ticket, sequence, told: false });
        } else {
            let since = if state == WAITING { u64::from_le_bytes(content.take()?) } else { 0 };
            self.convert(version);
            let packet = content.0.to_vec();
            let id = decode(&packet, version).and_then(|publish| publish.packet_id);
            if state == WAITING && id.is_some() {
                self.queue.insert(Waiting { packet, ticket, sequence, since: Instant::from_millis(since) });
            } else {
                let id = self.take_id(id)?;
                self.put(id, Slot::Publish { packet, ticket, sequence });
            }
        }
        self.sequence = self.sequence.max(sequence & !AFTER_RELEASES);
        Ok(())
    }

    fn take_id(&mut self, id: Option<PacketId>) -> Result<PacketId, Error> {
        id.filter(|id| self.ids.take_this(*id)).ok_or(Error::RecordDamaged)
    }

    fn put(&mut self, id: PacketId, slot: Slot) -> &Slot {
        let index = index(id);
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, Slot::default);
        }
        self.in_flight += usize::from(slot.is_message());
        self.slots[index] = slot;
        &self.slots[index]
    }

    fn free(&mut self, id: PacketId) {
        if let Some(slot) = self.slots.get_mut(index(id)) {
            self.in_flight -= usize::from(core::mem::take(slot).is_message());
            self.ids.free(id);
        }
    }

    /// The session goes on in another protocol version: encode what it holds for that one.
    fn convert(&mut self, version: Version) {
        let from = core::mem::replace(&mut self.version, version);
        if (from == Version::V5) == (version == Version::V5) {
            return;
        }
        let convert = |packet: &mut Vec<u8>| {
            let mut converted = Vec::with_capacity(packet.len() + 1);
            if let Some(publish) = decode(packet, from)
                && (Publish { properties: Properties::default(), ..publish }).encode(version, &mut converted).is_ok()
            {
                *packet = converted;
            }
        };
        for slot in &mut self.slots {
            if let Slot::Publish { packet, .. } = slot {
                convert(packet);
            }
        }
        self.queue.retain(&mut |waiting| {
            convert(&mut waiting.packet);
            true
        });
    }
}

/// States of a message in its record.
const WAITING: u8 = 1;
const SENT: u8 = 2;
const RELEASED: u8 = 3;

/// `since`: of one that waits, its time. `content`: the packet; or the packet identifier of one that is released.
fn record(
    journal: &mut Journal,
    ticket: u32,
    state: u8,
    version: Version,
    sequence: u64,
    since: &[u8],
    content: &[u8],
) {
    journal.put(Key::Message(ticket), &[&[state, version as u8], &sequence.to_le_bytes(), since, content]);
}

/// Reads back a PUBLISH that this session has encoded.
pub(crate) fn decode(packet: &[u8], version: Version) -> Option<Publish<'_>> {
    let header = Header::decode(packet).ok()??;
    let body = packet.get(header.len..)?;
    if header.first >> 4 == 3 { Publish::decode(version, header.first, body).ok() } else { None }
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
