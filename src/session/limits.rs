//! What the server allows on this connection: CONNACK's properties, or MQTT's defaults.

use crate::Error;
use crate::wire::{Filters, Properties, Property, QoS};

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

impl Default for Limits {
    fn default() -> Self {
        Self {
            receive_maximum: u16::MAX,
            maximum_packet_size: u32::MAX,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            topic_alias_maximum: 0,
            wildcard_available: true,
            subscription_id_available: true,
            shared_available: true,
            keep_alive: None,
        }
    }
}

impl Limits {
    /// Reads the limits off the properties of a CONNACK.
    pub(crate) fn decode(properties: Properties<'_>) -> Self {
        let mut limits = Self::default();
        for property in properties.iter() {
            match property {
                Property::ReceiveMaximum(n) => limits.receive_maximum = n,
                Property::MaximumPacketSize(n) => limits.maximum_packet_size = n,
                Property::MaximumQoS(0) => limits.maximum_qos = QoS::AtMostOnce,
                Property::MaximumQoS(_) => limits.maximum_qos = QoS::AtLeastOnce,
                Property::RetainAvailable(yes) => limits.retain_available = yes,
                Property::TopicAliasMaximum(n) => limits.topic_alias_maximum = n,
                Property::WildcardSubscriptionAvailable(yes) => limits.wildcard_available = yes,
                Property::SubscriptionIdentifierAvailable(yes) => limits.subscription_id_available = yes,
                Property::SharedSubscriptionAvailable(yes) => limits.shared_available = yes,
                Property::ServerKeepAlive(seconds) => limits.keep_alive = Some(seconds),
                _ => {}
            }
        }
        limits
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
        if !self.subscription_id_available
            && properties.iter().any(|p| matches!(p, Property::SubscriptionIdentifier(_)))
        {
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
