//! What this client is subscribed to, so that it can be asked for again where the server has no session.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::persist::{Content, Journal, Key};
use crate::Error;
use crate::wire::{Filters, Names, On, Properties, Version};

#[derive(Debug)]
struct Subscription {
    /// Names its record.
    number: u32,
    filter: Box<str>,
    options: u8,
    /// A property section in wire encoding.
    properties: Box<[u8]>,
    /// The server has begun a new session and not granted this one in it yet.
    lost: bool,
}

/// In the options of a record: `lost`. A SUBSCRIBE has no such bit.
const LOST: u8 = 0x80;

impl Subscription {
    /// Appends its part of a SUBSCRIBE's payload.
    fn encode(&self, version: Version, payload: &mut Vec<u8>) {
        payload.extend_from_slice(&(self.filter.len() as u16).to_be_bytes());
        payload.extend_from_slice(self.filter.as_bytes());
        payload.push(if version == Version::V5 { self.options } else { self.options & 3 });
    }

    fn record(&self, journal: &mut Journal) {
        let options = self.options | if self.lost { LOST } else { 0 };
        let len = (self.properties.len() as u32).to_le_bytes();
        journal.put(Key::Subscription(self.number), &[&[options], &len, &self.properties, self.filter.as_bytes()]);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    list: Vec<Subscription>,
    last: u32,
}

impl Subscriptions {
    fn find(&mut self, filter: &str) -> Option<usize> {
        self.list.iter().position(|it| &*it.filter == filter)
    }

    /// The server has granted this one. It takes the place of an older one to the same filter [MQTT-3.8.4-3].
    pub(crate) fn insert(&mut self, filter: &str, options: u8, properties: &[u8], journal: &mut Journal) {
        let at = self.find(filter).unwrap_or(self.list.len());
        if at == self.list.len() {
            self.last = self.last.wrapping_add(1);
            let (number, filter) = (self.last, filter.into());
            self.list.push(Subscription { number, filter, options: 0, properties: Box::default(), lost: false });
        }
        let it = &mut self.list[at];
        (it.options, it.properties, it.lost) = (options, properties.into(), false);
        it.record(journal);
    }

    pub(crate) fn remove(&mut self, filter: &str, journal: &mut Journal) {
        if let Some(at) = self.find(filter) {
            journal.delete(Key::Subscription(self.list.remove(at).number));
        }
    }

    /// Takes over a record of an earlier process.
    pub(crate) fn restore(&mut self, number: u32, content: &[u8]) -> Result<(), Error> {
        let mut content = Content(content);
        let [options] = content.take()?;
        let len = u32::from_le_bytes(content.take()?);
        let properties = content.slice(len as usize)?;
        let filter = core::str::from_utf8(content.0).map_err(|_| Error::RecordDamaged)?;
        let lost = options & LOST != 0;
        let it = Subscription {
            number,
            filter: filter.into(),
            options: options & !LOST,
            properties: properties.into(),
            lost,
        };
        let mut payload = Vec::new();
        it.encode(Version::V5, &mut payload);
        let whole = Filters::decode(Version::V5, &payload).and(Properties::decode(properties, On::Subscribe));
        whole.map_err(|_| Error::RecordDamaged)?;
        self.list.push(it);
        self.last = self.last.max(number);
        Ok(())
    }

    /// The server has begun a new session.
    pub(crate) fn handle_lost(&mut self, journal: &mut Journal) {
        for it in &mut self.list {
            it.lost = true;
            it.record(journal);
        }
    }

    /// The payloads of the SUBSCRIBEs that ask for what is lost, none above `limit` bytes unless one filter is, each
    /// with its property section. MQTT before 5 knows no options but the QoS, and no properties.
    pub(crate) fn payloads(&self, version: Version, limit: usize) -> Vec<(Vec<u8>, &[u8])> {
        let mut payloads: Vec<(Vec<u8>, &[u8])> = Vec::new();
        for it in self.list.iter().filter(|it| it.lost) {
            let properties = if version == Version::V5 { &*it.properties } else { &[] };
            let room = limit.saturating_sub(it.filter.len() + 3 + properties.len());
            let fits = |(payload, section): &(Vec<u8>, &[u8])| *section == properties && payload.len() <= room;
            let at = payloads.iter().rposition(fits).unwrap_or(payloads.len());
            if at == payloads.len() {
                payloads.push((Vec::new(), properties));
            }
            it.encode(version, &mut payloads[at].0);
        }
        payloads
    }

    /// SUBACK to a SUBSCRIBE with these filters.
    pub(crate) fn handle_granted(
        &mut self,
        filters: Filters<'_>,
        properties: &[u8],
        codes: &[u8],
        journal: &mut Journal,
    ) {
        for ((filter, options), code) in filters.iter().zip(codes) {
            if *code < 0x80 {
                self.insert(filter, options.bits(), properties, journal);
            }
        }
    }

    /// SUBACK to a SUBSCRIBE that asked again.
    pub(crate) fn handle_granted_again(&mut self, filters: Filters<'_>, codes: &[u8], journal: &mut Journal) {
        for ((filter, _), code) in filters.iter().zip(codes) {
            if *code >= 0x80 {
                self.remove(filter, journal);
            } else if let Some(at) = self.find(filter) {
                let it = &mut self.list[at];
                it.lost = false;
                it.record(journal);
            }
        }
    }

    /// UNSUBACK; before MQTT 5 it has no codes.
    pub(crate) fn handle_unsubscribed(&mut self, filters: Names<'_>, codes: &[u8], journal: &mut Journal) {
        for (n, filter) in filters.iter().enumerate() {
            if codes.get(n).is_none_or(|code| *code < 0x80) {
                self.remove(filter, journal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriptions(filters: &[(&str, u8, &[u8])]) -> Subscriptions {
        let mut all = Subscriptions::default();
        for (filter, options, properties) in filters {
            all.insert(filter, *options, properties, &mut Journal::default());
        }
        all.handle_lost(&mut Journal::default());
        all
    }

    #[test]
    fn filters_with_the_same_properties_share_a_packet() {
        let all =
            subscriptions(&[("a", 1, b"\x0b\x01"), ("b", 0x2e, b""), ("c", 0, b"\x0b\x01"), ("a", 2, b"\x0b\x01")]);
        let packets = all.payloads(Version::V5, 1_000);
        assert_eq!(
            packets,
            [(b"\0\x01a\x02\0\x01c\0".to_vec(), &b"\x0b\x01"[..]), (b"\0\x01b\x2e".to_vec(), &b""[..])]
        );
        assert_eq!(all.payloads(Version::V3_1_1, 1_000), [(b"\0\x01a\x02\0\x01b\x02\0\x01c\0".to_vec(), &b""[..])]);
    }

    #[test]
    fn no_packet_is_over_the_limit_unless_one_filter_is() {
        let all = subscriptions(&[("aa", 0, b""), ("bb", 0, b""), ("cc", 0, b""), ("a long filter", 0, b"")]);
        let lengths: Vec<_> = all.payloads(Version::V5, 10).iter().map(|(payload, _)| payload.len()).collect();
        assert_eq!(lengths, [10, 5, 16]);
    }

    #[test]
    fn a_record_brings_a_subscription_back() {
        let mut journal = Journal::default();
        journal.on = true;
        let mut all = Subscriptions::default();
        all.insert("rooms/#", 0x29, b"\x0b\x05", &mut journal);
        all.handle_lost(&mut journal);
        let Some(super::super::Change::Put(key, record)) = journal.poll() else { panic!("a record") };
        let mut restored = Subscriptions::default();
        restored.restore(1, super::super::persist::decode(key, &record).unwrap()).unwrap();
        assert_eq!(restored.payloads(Version::V5, 100), [(b"\0\x07rooms/#\x29".to_vec(), &b"\x0b\x05"[..])]);
        for damaged in [
            &b"\0\x09\0\0\0a"[..],
            b"\0\0\0\0\0\xff",
            b"\0\0\0\0\0",
            b"\0\0\0\0\0a#",
            b"\x03\0\0\0\0a",
            b"\0\x01\0\0\0\x0ba",
        ] {
            assert_eq!(restored.restore(2, damaged), Err(Error::RecordDamaged), "{damaged:x?}");
        }
    }
}
