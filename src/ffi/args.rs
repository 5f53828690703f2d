//! What JavaScript passes to a command: numbers, and strings that stand in the scratch space one behind the other.

use alloc::vec::Vec;
use core::time::Duration;

use super::ABSENT;
use crate::Error;
use crate::session::{LastWill, Offline, Options, Overflow, Reconnect};
use crate::wire::{QoS, Version};

/// The strings of a command, cut off the scratch space one by one.
pub(super) struct Args<'a>(pub(super) &'a [u8]);

impl<'a> Args<'a> {
    pub(super) fn take(&mut self, len: u32) -> &'a [u8] {
        let (head, rest) = self.0.split_at_checked(len as usize).unwrap_or((self.0, &[]));
        self.0 = rest;
        head
    }

    fn number(&mut self) -> u32 {
        self.take(4).iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
    }

    /// What `connect` takes.
    pub(super) fn options(&mut self) -> Result<Options, Error> {
        let mut numbers = [0; 22];
        for number in &mut numbers {
            *number = self.number();
        }
        let [hosts, keep_alive, timeout, flags, mut digits, max_in_flight, seed, rest @ ..] = numbers;
        let [min_delay, max_delay, jitter, max_attempts, rest @ ..] = rest;
        let [messages, bytes, age, rest @ ..] = rest;
        let [client_id, user_name, password, topic, payload, will_properties, properties, give_up_on] = rest;
        // What may fail comes first, while there is nothing to be dropped.
        let client_id = self.string(client_id)?;
        let user_name = self.optional(user_name).map(text).transpose()?;
        let password = self.optional(password);
        let topic = self.optional(topic).map(text).transpose()?;
        let will_qos = qos(flags >> 2 & 3)?;
        let mut versions = Vec::new();
        while digits > 0 {
            versions.insert(0, version(digits % 10)?);
            digits /= 10;
        }
        Ok(Options {
            versions,
            hosts,
            timeout: millis(timeout),
            clean_start: flags & 1 != 0,
            keep_alive: keep_alive.min(u16::MAX.into()) as u16,
            client_id: client_id.into(),
            user_name: user_name.map(Into::into),
            password: password.map(Into::into),
            will: topic.map(|topic| LastWill {
                topic: topic.into(),
                payload: self.take(payload).into(),
                qos: will_qos,
                retain: flags & 2 != 0,
                properties: self.take(will_properties).into(),
            }),
            properties: self.take(properties).into(),
            auto_ack: flags & 1 << 4 != 0,
            batch: flags & 1 << 5 != 0,
            max_in_flight: max_in_flight.min(u16::MAX.into()) as u16,
            reconnect: (flags & 1 << 6 != 0).then(|| Reconnect {
                min_delay: millis(min_delay),
                max_delay: millis(max_delay),
                jitter: jitter as u8,
                max_attempts,
                initial: flags & 1 << 7 != 0,
                give_up_on: match self.optional(give_up_on) {
                    Some(codes) => codes.into(),
                    None if flags & 1 << 14 == 0 => Reconnect::GIVE_UP_ON.into(),
                    None => {
                        let heals = |code: &u8| Reconnect::CREDENTIALS.contains(code);
                        Reconnect::GIVE_UP_ON.into_iter().filter(|code| !heals(code)).collect()
                    }
                },
            }),
            follow_server_reference: flags & 1 << 8 != 0,
            persist: flags & 1 << 9 != 0,
            offline: offline(flags >> 10, [messages, bytes, age]),
            seed,
        })
    }

    pub(super) fn optional(&mut self, len: u32) -> Option<&'a [u8]> {
        (len != ABSENT).then(|| self.take(len))
    }

    pub(super) fn string(&mut self, len: u32) -> Result<&'a str, Error> {
        text(self.take(len))
    }
}

/// `flags`: allowed, overflow << 1, QoS 0 too << 3. The numbers: messages, bytes, milliseconds.
pub(super) fn offline(flags: u32, [max_messages, max_bytes, max_age]: [u32; 3]) -> Option<Offline> {
    let overflow = match flags >> 1 & 3 {
        0 => Overflow::Reject,
        1 => Overflow::DropOldest,
        _ => Overflow::DropNewest,
    };
    let offline = Offline { max_messages, max_bytes, max_age: millis(max_age), overflow, qos0: flags & 1 << 3 != 0 };
    Some(offline).filter(|_| flags & 1 != 0)
}

fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis.into())
}

pub(super) fn text(bytes: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(bytes).map_err(|_| Error::StringNotUtf8)
}

pub(super) fn qos(bits: u32) -> Result<QoS, Error> {
    match bits {
        0 => Ok(QoS::AtMostOnce),
        1 => Ok(QoS::AtLeastOnce),
        2 => Ok(QoS::ExactlyOnce),
        _ => Err(Error::SubscribeOptions),
    }
}

fn version(number: u32) -> Result<Version, Error> {
    match number {
        3 => Ok(Version::V3_1),
        4 => Ok(Version::V3_1_1),
        5 => Ok(Version::V5),
        _ => Err(Error::NeedsVersion5),
    }
}

pub(super) fn code(reason: u32) -> Result<u8, Error> {
    u8::try_from(reason).map_err(|_| Error::ReasonCode)
}
