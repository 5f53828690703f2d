//! What the server allows on this connection: CONNACK's properties, or MQTT's defaults.

use crate::Error;
use crate::wire::{Filters, Properties, QoS, id};

/// The server's limits (OASIS 5.0, section 3.2.2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    pub(crate) receive_maximum: u16,
    pub(crate) maximum_packet_size: u32,
    pub(crate) maximum_qos: QoS,
    pub(crate) retain_available: bool,
    pub(crate) topic_alias_maximum: u16,
    pub(crate) wildcard_available: bool,
    pub(crate) subscription_id_available: bool,
    pub(crate) shared_available: bool,
    pub(crate) keep_alive: Option<u16>,
}

/// MQTT's defaults.
impl Default for Limits {
    fn default() -> Self {
        Self::decode(Properties::EMPTY)
    }
}

impl Limits {
    /// Reads the limits off the properties of a CONNACK.
    pub(crate) fn decode(properties: Properties<'_>) -> Self {
        let number = |id| properties.number(id);
        let available = |id| number(id) != Some(0);
        Self {
            receive_maximum: number(id::RECEIVE_MAXIMUM).map_or(u16::MAX, |n| n as u16),
            maximum_packet_size: number(id::MAXIMUM_PACKET_SIZE).unwrap_or(u32::MAX),
            maximum_qos: match number(id::MAXIMUM_QOS) {
                Some(0) => QoS::AtMostOnce,
                Some(_) => QoS::AtLeastOnce,
                None => QoS::ExactlyOnce,
            },
            retain_available: available(id::RETAIN_AVAILABLE),
            topic_alias_maximum: number(id::TOPIC_ALIAS_MAXIMUM).unwrap_or(0) as u16,
            wildcard_available: available(id::WILDCARD_SUBSCRIPTION_AVAILABLE),
            subscription_id_available: available(id::SUBSCRIPTION_IDENTIFIER_AVAILABLE),
            shared_available: available(id::SHARED_SUBSCRIPTION_AVAILABLE),
            keep_alive: number(id::SERVER_KEEP_ALIVE).map(|seconds| seconds as u16),
        }
    }

    /// May a message like this be published?
    pub(crate) fn check_publish(&self, qos: QoS, retain: bool) -> Result<(), Error> {
        if qos > self.maximum_qos {
            return Err(Error::QosUnsupported); // [MQTT-3.2.2-11]
        }
        if retain && !self.retain_available {
            return Err(Error::RetainUnavailable); // [MQTT-3.2.2-14]
        }
        Ok(())
    }

    /// The reason code by which this server would refuse an encoded PUBLISH, 0 when it takes it: one that was accepted on
    /// an earlier connection may be too much for this one.
    pub(crate) fn refusal(&self, publish: &[u8]) -> u8 {
        let first = publish.first().copied().unwrap_or(0);
        if publish.len() > self.maximum_packet_size as usize {
            0x95 // [MQTT-3.2.2-15]
        } else if first & 1 != 0 && !self.retain_available {
            0x9A // [MQTT-3.2.2-14]
        } else if first >> 1 & 3 > self.maximum_qos as u8 {
            0x9B // [MQTT-3.2.2-11]
        } else {
            0
        }
    }

    /// May these topic filters be subscribed to?
    pub(crate) fn check_subscribe(&self, filters: &Filters<'_>, properties: Properties<'_>) -> Result<(), Error> {
        if !self.subscription_id_available && properties.contains(id::SUBSCRIPTION_IDENTIFIER) {
            return Err(Error::SubscriptionIdUnavailable);
        }
        for (filter, _) in filters.iter() {
            if !self.wildcard_available && crate::topic::has_wildcard(filter) {
                return Err(Error::WildcardUnavailable);
            }
            if !self.shared_available && crate::topic::is_shared(filter) {
                return Err(Error::SharedUnavailable);
            }
        }
        Ok(())
    }
}
