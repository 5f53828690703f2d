//! The payloads of SUBSCRIBE and UNSUBSCRIBE, put together filter by filter. No filter that is illegal gets into one.

use alloc::vec::Vec;

use super::{Filters, Names, QoS, SubscribeOptions, Version, write};
use crate::{Error, topic};

/// The topic filters of a SUBSCRIBE being put together.
///
/// ```
/// use wasmqtt::wire::{FiltersBuf, QoS, Version};
///
/// let mut filters = FiltersBuf::new();
/// filters.push("rooms/+/temperature", QoS::AtLeastOnce.into())?;
/// filters.push("alarms/#", QoS::ExactlyOnce.into())?;
/// assert_eq!(filters.as_filters(Version::V5)?.iter().count(), 2);
/// # Ok::<(), wasmqtt::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FiltersBuf(Vec<u8>);

impl FiltersBuf {
    /// No filters.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a topic filter. Fails with [`Error::TopicFilter`], and changes nothing then.
    pub fn push(&mut self, filter: &str, options: SubscribeOptions) -> Result<(), Error> {
        push(&mut self.0, filter)?;
        self.0.push(options.bits());
        Ok(())
    }

    /// The payload, if a SUBSCRIBE of this version may have it: at least one filter, and no options of MQTT 5 before it.
    pub fn as_filters(&self, version: Version) -> Result<Filters<'_>, Error> {
        Filters::decode(version, &self.0)
    }
}

/// The topic filters of an UNSUBSCRIBE being put together.
///
/// ```
/// use wasmqtt::wire::NamesBuf;
///
/// let mut names = NamesBuf::new();
/// names.push("alarms/#")?;
/// assert_eq!(names.as_names()?.iter().next(), Some("alarms/#"));
/// # Ok::<(), wasmqtt::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NamesBuf(Vec<u8>);

impl NamesBuf {
    /// No filters.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a topic filter. Fails with [`Error::TopicFilter`], and changes nothing then.
    pub fn push(&mut self, filter: &str) -> Result<(), Error> {
        push(&mut self.0, filter)
    }

    /// The payload, if there is at least one filter.
    pub fn as_names(&self) -> Result<Names<'_>, Error> {
        Names::decode(&self.0)
    }
}

fn push(payload: &mut Vec<u8>, filter: &str) -> Result<(), Error> {
    if !topic::is_filter(filter) {
        return Err(Error::TopicFilter);
    }
    write::binary(payload, filter.as_bytes());
    Ok(())
}

impl From<QoS> for SubscribeOptions {
    fn from(qos: QoS) -> Self {
        Self::new(qos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_is_the_payload_of_the_standard() {
        let mut filters = FiltersBuf::new();
        filters.push("a/b", QoS::AtLeastOnce.into()).unwrap();
        filters.push("c/d", QoS::ExactlyOnce.into()).unwrap();
        // The examples of sections 3.8.3 and 3.10.3.
        assert_eq!(filters.as_filters(Version::V3_1_1).unwrap().as_bytes(), b"\0\x03a/b\x01\0\x03c/d\x02");
        let mut names = NamesBuf::new();
        names.push("a/b").unwrap();
        names.push("c/d").unwrap();
        assert_eq!(names.as_names().unwrap().as_bytes(), b"\0\x03a/b\0\x03c/d");
    }

    #[test]
    fn an_illegal_filter_changes_nothing_and_no_filter_is_no_payload() {
        let mut filters = FiltersBuf::new();
        for filter in ["", "a/#/b", "a+", "$share/g", "a\0"] {
            assert_eq!(filters.push(filter, QoS::AtMostOnce.into()), Err(Error::TopicFilter), "{filter}");
            assert_eq!(NamesBuf::new().push(filter), Err(Error::TopicFilter), "{filter}");
        }
        assert_eq!(filters, FiltersBuf::new());
        assert_eq!(filters.as_filters(Version::V5), Err(Error::NoFilters));
        assert_eq!(NamesBuf::new().as_names(), Err(Error::NoFilters));
    }

    #[test]
    fn options_of_mqtt_5_stay_out_of_an_older_payload() {
        let mut filters = FiltersBuf::new();
        filters.push("a", SubscribeOptions::from_bits(Version::V5, 0x04).unwrap()).unwrap();
        assert_eq!(filters.as_filters(Version::V3_1_1), Err(Error::NeedsVersion5));
        assert!(filters.as_filters(Version::V5).unwrap().iter().all(|(_, options)| options.no_local()));
    }
}
