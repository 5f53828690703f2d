//! Messages coming from the server: which QoS 2 identifiers are open, which acknowledgements the application owes.

use alloc::collections::VecDeque;

use super::event::Acknowledgement;
use super::ids::PacketIdSet;
use super::persist::{Journal, Key};
use crate::Error;
use crate::wire::{Ack, AckKind, PacketId, Properties, QoS};

/// A received message that the application has to acknowledge.
#[derive(Debug)]
struct Owed {
    id: PacketId,
    qos: QoS,
    /// The reason code, once the application has spoken.
    reason: Option<u8>,
}

/// What a PUBLISH with QoS 1 or 2 asks for.
pub(crate) struct Arrival {
    /// False: it was delivered before [MQTT-4.3.3-10].
    pub(crate) deliver: bool,
    /// The acknowledgement to send at once.
    pub(crate) answer: Option<Ack<'static>>,
    /// What the application acknowledges by.
    pub(crate) acknowledgement: Option<Acknowledgement>,
}

#[derive(Debug, Default)]
pub(crate) struct Inbound {
    /// QoS 2 identifiers between PUBLISH and PUBREL. Part of the session state.
    received: PacketIdSet,
    /// The identifiers in `owed`.
    owing: PacketIdSet,
    /// In order of arrival: acknowledgements leave in that order too [MQTT-4.6.0-2].
    owed: VecDeque<Owed>,
    /// Messages that came on this connection and are not fully acknowledged: what our Receive Maximum limits.
    open: PacketIdSet,
    open_count: u16,
    receive_maximum: u16,
    pub(crate) auto_ack: bool,
    /// Before MQTT 5 a server may send a message again on the same connection.
    repeats: bool,
    /// Counts connections, so that an acknowledgement meant for an old one can't reach a new one.
    connection: u16,
}

impl Inbound {
    /// A new connection is up.
    pub(crate) fn handle_connected(
        &mut self,
        resumed: bool,
        receive_maximum: u16,
        repeats: bool,
        journal: &mut Journal,
    ) {
        if !resumed {
            self.clear(journal);
        }
        // What the application still owes will be delivered, and owed, again; not what it acknowledged out of turn.
        while let Some(owed) = self.owed.pop_front() {
            if owed.reason.is_none_or(|reason| reason >= 0x80) {
                self.received.remove(owed.id);
            }
        }
        self.owing.clear();
        self.open.clear();
        self.open_count = 0;
        self.receive_maximum = receive_maximum;
        self.repeats = repeats;
        self.connection = self.connection.wrapping_add(1);
    }

    /// The server has no session, or is to have none.
    pub(crate) fn clear(&mut self, journal: &mut Journal) {
        for id in self.received.iter() {
            journal.delete(Key::Received(id));
        }
        self.received.clear();
    }

    /// A PUBLISH with QoS 1 or 2.
    pub(crate) fn handle_publish(
        &mut self,
        id: PacketId,
        qos: QoS,
        dup: bool,
        journal: &mut Journal,
    ) -> Result<Arrival, Error> {
        let owing = self.owing.contains(id);
        let again = qos == QoS::ExactlyOnce && self.received.contains(id) && !owing;
        if owing && dup && self.repeats {
            return Ok(Arrival { deliver: false, answer: None, acknowledgement: None });
        }
        if self.open.contains(id) {
            if !again {
                return Err(Error::PacketIdInUse); // [MQTT-2.2.1-4]
            }
        } else if self.open_count == self.receive_maximum {
            return Err(Error::ReceiveMaximumExceeded); // [MQTT-3.3.4-9]
        } else {
            self.open.insert(id);
            self.open_count += 1;
        }
        if qos == QoS::ExactlyOnce {
            self.received.insert(id);
        }
        if qos == QoS::ExactlyOnce && self.auto_ack && !again {
            journal.put(Key::Received(id), &[]);
        }
        // Even what needs no word of the application waits for its turn [MQTT-4.6.0-2], [MQTT-4.6.0-3].
        let settled = again || self.auto_ack;
        if settled && self.owed.is_empty() {
            return Ok(Arrival {
                deliver: !again,
                answer: Some(self.answer(id, qos, 0, journal)),
                acknowledgement: None,
            });
        }
        self.owed.push_back(Owed { id, qos, reason: settled.then_some(0) });
        self.owing.insert(id);
        if settled {
            return Ok(Arrival { deliver: !again, answer: None, acknowledgement: None });
        }
        let bits = u32::from(self.connection) << 16 | u32::from(id.get());
        Ok(Arrival { deliver: true, answer: None, acknowledgement: Some(Acknowledgement(bits)) })
    }

    /// The application acknowledges with `reason`. Void when there was another connection since the message came.
    pub(crate) fn acknowledge(
        &mut self,
        acknowledgement: Acknowledgement,
        reason: u8,
        journal: &mut Journal,
    ) -> Result<(), Error> {
        let (connection, id) = ((acknowledgement.0 >> 16) as u16, acknowledgement.0 as u16);
        if connection != self.connection {
            return Ok(());
        }
        let waits = |owed: &Owed| owed.id.get() == id && owed.reason.is_none();
        let place = (0..self.owed.len()).find(|&n| self.owed.get(n).is_some_and(waits));
        let owed = place.and_then(|n| self.owed.get_mut(n)).ok_or(Error::NothingToAcknowledge)?;
        owed.reason = Some(reason);
        // Not of a session that was given up meanwhile.
        if owed.qos == QoS::ExactlyOnce && reason < 0x80 && self.received.contains(owed.id) {
            journal.put(Key::Received(owed.id), &[]);
        }
        Ok(())
    }

    /// The next acknowledgement whose turn has come.
    pub(crate) fn poll_answer(&mut self, journal: &mut Journal) -> Option<Ack<'static>> {
        let owed = self.owed.pop_front_if(|owed| owed.reason.is_some())?;
        self.owing.remove(owed.id);
        Some(self.answer(owed.id, owed.qos, owed.reason.unwrap_or(0), journal))
    }

    /// A PUBREL: the PUBCOMP to send.
    pub(crate) fn handle_release(&mut self, id: PacketId, journal: &mut Journal) -> Result<Ack<'static>, Error> {
        if self.owing.contains(id) {
            return Err(Error::UnexpectedPacket);
        }
        let reason = if self.forget(id, journal) { 0 } else { 0x92 };
        self.close(id);
        Ok(Ack { kind: AckKind::PubComp, packet_id: id, reason, properties: Properties::default() })
    }

    /// Takes over the record of an earlier process.
    pub(crate) fn restore(&mut self, id: PacketId) {
        self.received.insert(id);
    }

    fn answer(&mut self, id: PacketId, qos: QoS, reason: u8, journal: &mut Journal) -> Ack<'static> {
        let kind = if qos == QoS::ExactlyOnce { AckKind::PubRec } else { AckKind::PubAck };
        if kind == AckKind::PubAck || reason >= 0x80 {
            self.close(id);
            self.forget(id, journal);
        }
        Ack { kind, packet_id: id, reason, properties: Properties::default() }
    }

    /// Was it there?
    fn forget(&mut self, id: PacketId, journal: &mut Journal) -> bool {
        let received = self.received.remove(id);
        if received {
            journal.delete(Key::Received(id));
        }
        received
    }

    /// A message of an earlier connection does not count on this one.
    fn close(&mut self, id: PacketId) {
        self.open_count -= u16::from(self.open.remove(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u16) -> PacketId {
        PacketId::new(n).unwrap()
    }

    /// Without a store.
    fn off() -> Journal {
        Journal::default()
    }

    fn connected(receive_maximum: u16, auto_ack: bool) -> Inbound {
        let mut inbound = Inbound { auto_ack, ..Inbound::default() };
        inbound.handle_connected(false, receive_maximum, false, &mut off());
        inbound
    }

    #[test]
    fn acknowledgements_leave_in_the_order_of_arrival() {
        let mut inbound = connected(10, false);
        let first =
            inbound.handle_publish(id(1), QoS::AtLeastOnce, false, &mut off()).unwrap().acknowledgement.unwrap();
        let second =
            inbound.handle_publish(id(2), QoS::ExactlyOnce, false, &mut off()).unwrap().acknowledgement.unwrap();
        inbound.acknowledge(second, 0, &mut off()).unwrap();
        assert!(inbound.poll_answer(&mut off()).is_none());
        inbound.acknowledge(first, 0, &mut off()).unwrap();
        assert_eq!(
            inbound.poll_answer(&mut off()).map(|ack| (ack.kind, ack.packet_id)),
            Some((AckKind::PubAck, id(1)))
        );
        assert_eq!(
            inbound.poll_answer(&mut off()).map(|ack| (ack.kind, ack.packet_id)),
            Some((AckKind::PubRec, id(2)))
        );
        assert!(inbound.poll_answer(&mut off()).is_none());
        assert_eq!(inbound.acknowledge(second, 0, &mut off()), Err(Error::NothingToAcknowledge));
    }

    #[test]
    fn an_acknowledgement_for_an_old_connection_reaches_no_new_message() {
        let mut inbound = connected(10, false);
        let old = inbound.handle_publish(id(1), QoS::AtLeastOnce, false, &mut off()).unwrap().acknowledgement.unwrap();
        inbound.handle_connected(true, 10, false, &mut off());
        let new = inbound.handle_publish(id(1), QoS::AtLeastOnce, false, &mut off()).unwrap().acknowledgement.unwrap();
        inbound.acknowledge(old, 0, &mut off()).unwrap();
        assert!(inbound.poll_answer(&mut off()).is_none());
        inbound.acknowledge(new, 0, &mut off()).unwrap();
        assert!(inbound.poll_answer(&mut off()).is_some());
    }

    #[test]
    fn a_repeated_qos_2_publish_is_acknowledged_and_not_delivered() {
        let mut inbound = connected(10, true);
        assert!(inbound.handle_publish(id(9), QoS::ExactlyOnce, false, &mut off()).unwrap().deliver);
        let again = inbound.handle_publish(id(9), QoS::ExactlyOnce, false, &mut off()).unwrap();
        assert!(!again.deliver && again.answer.is_some());
        assert_eq!(inbound.handle_release(id(9), &mut off()).unwrap().reason, 0);
        assert_eq!(inbound.handle_release(id(9), &mut off()).unwrap().reason, 0x92);
        assert!(inbound.handle_publish(id(9), QoS::ExactlyOnce, false, &mut off()).unwrap().deliver);
    }

    #[test]
    fn more_than_the_receive_maximum_is_refused() {
        let mut inbound = connected(2, false);
        inbound.handle_publish(id(1), QoS::AtLeastOnce, false, &mut off()).unwrap();
        inbound.handle_publish(id(2), QoS::ExactlyOnce, false, &mut off()).unwrap();
        assert_eq!(
            inbound.handle_publish(id(3), QoS::AtLeastOnce, false, &mut off()).err(),
            Some(Error::ReceiveMaximumExceeded)
        );
    }
}
