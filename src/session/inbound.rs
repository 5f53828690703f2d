//! Messages coming from the server: which QoS 2 identifiers are open, which acknowledgements the application owes.

use alloc::collections::VecDeque;

use super::event::Acknowledgement;
use super::ids::PacketIdSet;
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
    auto_ack: bool,
    /// Before MQTT 5 a server may send a message again on the same connection.
    repeats: bool,
    /// Counts connections, so that an acknowledgement meant for an old one can't reach a new one.
    connection: u16,
}

impl Inbound {
    /// A new connection is up.
    pub(crate) fn handle_connected(&mut self, resumed: bool, receive_maximum: u16, auto_ack: bool, repeats: bool) {
        if !resumed {
            self.received.clear();
        }
        // What the application still owes will be delivered, and owed, again; not what it acknowledged out of turn.
        for owed in self.owed.drain(..) {
            if owed.reason.is_none_or(|reason| reason >= 0x80) {
                self.received.remove(owed.id);
            }
        }
        self.owing.clear();
        self.open.clear();
        self.open_count = 0;
        self.receive_maximum = receive_maximum;
        self.auto_ack = auto_ack;
        self.repeats = repeats;
        self.connection = self.connection.wrapping_add(1);
    }

    /// A PUBLISH with QoS 1 or 2.
    pub(crate) fn handle_publish(&mut self, id: PacketId, qos: QoS, dup: bool) -> Result<Arrival, Error> {
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
        // Even what needs no delivery waits for its turn [MQTT-4.6.0-3].
        if self.owed.is_empty() && (again || self.auto_ack) {
            return Ok(Arrival { deliver: !again, answer: Some(self.answer(id, qos, 0)), acknowledgement: None });
        }
        self.owed.push_back(Owed { id, qos, reason: again.then_some(0) });
        self.owing.insert(id);
        if again {
            return Ok(Arrival { deliver: false, answer: None, acknowledgement: None });
        }
        let bits = u32::from(self.connection) << 16 | u32::from(id.get());
        Ok(Arrival { deliver: true, answer: None, acknowledgement: Some(Acknowledgement(bits)) })
    }

    /// The application acknowledges with `reason`. Void when the connection that the message came on is gone.
    pub(crate) fn acknowledge(&mut self, acknowledgement: Acknowledgement, reason: u8) -> Result<(), Error> {
        let (connection, id) = ((acknowledgement.0 >> 16) as u16, acknowledgement.0 as u16);
        if connection != self.connection {
            return Ok(());
        }
        let owed = self.owed.iter_mut().find(|owed| owed.id.get() == id && owed.reason.is_none());
        owed.ok_or(Error::NothingToAcknowledge)?.reason = Some(reason);
        Ok(())
    }

    /// The next acknowledgement whose turn has come.
    pub(crate) fn poll_answer(&mut self) -> Option<Ack<'static>> {
        let owed = self.owed.pop_front_if(|owed| owed.reason.is_some())?;
        self.owing.remove(owed.id);
        Some(self.answer(owed.id, owed.qos, owed.reason.unwrap_or(0)))
    }

    /// A PUBREL: the PUBCOMP to send.
    pub(crate) fn handle_release(&mut self, id: PacketId) -> Result<Ack<'static>, Error> {
        if self.owing.contains(id) {
            return Err(Error::UnexpectedPacket);
        }
        let reason = if self.received.remove(id) { 0 } else { 0x92 };
        self.close(id);
        Ok(Ack { kind: AckKind::PubComp, packet_id: id, reason, properties: Properties::default() })
    }

    fn answer(&mut self, id: PacketId, qos: QoS, reason: u8) -> Ack<'static> {
        let kind = if qos == QoS::ExactlyOnce { AckKind::PubRec } else { AckKind::PubAck };
        if kind == AckKind::PubAck || reason >= 0x80 {
            self.close(id);
            self.received.remove(id);
        }
        Ack { kind, packet_id: id, reason, properties: Properties::default() }
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

    fn connected(receive_maximum: u16, auto_ack: bool) -> Inbound {
        let mut inbound = Inbound::default();
        inbound.handle_connected(false, receive_maximum, auto_ack, false);
        inbound
    }

    #[test]
    fn acknowledgements_leave_in_the_order_of_arrival() {
        let mut inbound = connected(10, false);
        let first = inbound.handle_publish(id(1), QoS::AtLeastOnce, false).unwrap().acknowledgement.unwrap();
        let second = inbound.handle_publish(id(2), QoS::ExactlyOnce, false).unwrap().acknowledgement.unwrap();
        inbound.acknowledge(second, 0).unwrap();
        assert!(inbound.poll_answer().is_none());
        inbound.acknowledge(first, 0).unwrap();
        assert_eq!(inbound.poll_answer().map(|ack| (ack.kind, ack.packet_id)), Some((AckKind::PubAck, id(1))));
        assert_eq!(inbound.poll_answer().map(|ack| (ack.kind, ack.packet_id)), Some((AckKind::PubRec, id(2))));
        assert!(inbound.poll_answer().is_none());
        assert_eq!(inbound.acknowledge(second, 0), Err(Error::NothingToAcknowledge));
    }

    #[test]
    fn an_acknowledgement_for_an_old_connection_reaches_no_new_message() {
        let mut inbound = connected(10, false);
        let old = inbound.handle_publish(id(1), QoS::AtLeastOnce, false).unwrap().acknowledgement.unwrap();
        inbound.handle_connected(true, 10, false, false);
        let new = inbound.handle_publish(id(1), QoS::AtLeastOnce, false).unwrap().acknowledgement.unwrap();
        inbound.acknowledge(old, 0).unwrap();
        assert!(inbound.poll_answer().is_none());
        inbound.acknowledge(new, 0).unwrap();
        assert!(inbound.poll_answer().is_some());
    }

    #[test]
    fn a_repeated_qos_2_publish_is_acknowledged_and_not_delivered() {
        let mut inbound = connected(10, true);
        assert!(inbound.handle_publish(id(9), QoS::ExactlyOnce, false).unwrap().deliver);
        let again = inbound.handle_publish(id(9), QoS::ExactlyOnce, false).unwrap();
        assert!(!again.deliver && again.answer.is_some());
        assert_eq!(inbound.handle_release(id(9)).unwrap().reason, 0);
        assert_eq!(inbound.handle_release(id(9)).unwrap().reason, 0x92);
        assert!(inbound.handle_publish(id(9), QoS::ExactlyOnce, false).unwrap().deliver);
    }

    #[test]
    fn more_than_the_receive_maximum_is_refused() {
        let mut inbound = connected(2, false);
        inbound.handle_publish(id(1), QoS::AtLeastOnce, false).unwrap();
        inbound.handle_publish(id(2), QoS::ExactlyOnce, false).unwrap();
        assert_eq!(inbound.handle_publish(id(3), QoS::AtLeastOnce, false).err(), Some(Error::ReceiveMaximumExceeded));
    }
}
