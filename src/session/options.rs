//! What a connection is asked for with: everything that goes into CONNECT, and how to try.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::queue::Offline;
use super::reconnect::Reconnect;
use crate::Error;
use crate::wire::{Connect, On, Properties, QoS, Version, Will};

/// The last will: published by the server when the connection ends without a DISCONNECT.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastWill {
    /// The topic name.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The quality of service.
    pub qos: QoS,
    /// Shall the server retain it?
    pub retain: bool,
    /// A property section in wire encoding, without its length (MQTT 5).
    pub properties: Vec<u8>,
}

/// How to connect. There will be more fields: write those that differ, and `..Options::default()`.
///
/// ```
/// use wasmqtt::session::{LastWill, Options, Reconnect};
/// use wasmqtt::wire::{PropertiesBuf, Property, QoS};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::SessionExpiryInterval(3_600))?; // seconds
/// let options = Options {
///     client_id: "kitchen-display".into(),
///     clean_start: false,
///     properties: properties.as_bytes().into(),
///     reconnect: Some(Reconnect::default()),
///     will: Some(LastWill {
///         topic: "kitchen/state".into(),
///         payload: b"offline".into(),
///         qos: QoS::AtLeastOnce,
///         retain: true,
///         properties: Vec::new(),
///     }),
///     ..Options::default()
/// };
/// assert_eq!(options.keep_alive, 60);
/// # Ok::<(), wasmqtt::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// The protocol versions to try, in order; the next one when the server refuses the one before.
    pub versions: Vec<Version>,
    /// How many addresses the driver has; they are tried in order.
    pub hosts: u32,
    /// How long one attempt may take, socket and CONNACK together. Zero: for ever.
    pub timeout: Duration,
    /// The client identifier. Empty: the one that a server assigned before, else a server assigns one (MQTT 5) or
    /// none is kept.
    pub client_id: String,
    /// Begin a new session instead of resuming one: messages that are not delivered are given up.
    pub clean_start: bool,
    /// Keep alive in seconds. Zero: off.
    pub keep_alive: u16,
    /// The user name.
    pub user_name: Option<String>,
    /// The password: any bytes.
    pub password: Option<Vec<u8>>,
    /// The last will.
    pub will: Option<LastWill>,
    /// A property section in wire encoding, without its length (MQTT 5).
    pub properties: Vec<u8>,
    /// Acknowledge messages when they are delivered. Otherwise the application calls `acknowledge`.
    pub auto_ack: bool,
    /// Send the packets of one turn as one WebSocket message.
    pub batch: bool,
    /// The most messages of ours that may be in flight, whatever the server allows.
    pub max_in_flight: u16,
    /// Lost connections come back by themselves.
    pub reconnect: Option<Reconnect>,
    /// Go where a server refers to (reason codes 0x9C and 0x9D).
    pub follow_server_reference: bool,
    /// Publishing without a connection.
    pub offline: Option<Offline>,
    /// The driver has a store: `poll_persist` tells what to write.
    pub persist: bool,
    /// Any number, from which chance is made.
    pub seed: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            versions: vec![Version::V5, Version::V3_1_1],
            hosts: 1,
            timeout: Duration::from_secs(30),
            client_id: String::new(),
            clean_start: true,
            keep_alive: 60,
            user_name: None,
            password: None,
            will: None,
            properties: Vec::new(),
            auto_ack: true,
            batch: true,
            max_in_flight: u16::MAX,
            reconnect: None,
            follow_server_reference: false,
            offline: None,
            persist: false,
            seed: 0,
        }
    }
}

/// Never shows the user name or the password.
impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Options { .. }")
    }
}

impl Options {
    /// Appends the CONNECT packet for `version`.
    pub(crate) fn encode(&self, version: Version, clean_start: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        if version != Version::V5 && self.client_id.is_empty() && !clean_start {
            return Err(Error::ClientIdNeeded); // [MQTT-3.1.3-7] of 3.1.1
        }
        let will = match &self.will {
            Some(will) => Some(Will {
                topic: &will.topic,
                payload: &will.payload,
                qos: will.qos,
                retain: will.retain,
                properties: section(&will.properties, version, On::Will)?,
            }),
            None => None,
        };
        Connect {
            version,
            clean_start,
            keep_alive: self.keep_alive,
            client_id: &self.client_id,
            will,
            user_name: self.user_name.as_deref(),
            password: self.password.as_deref(),
            properties: section(&self.properties, version, On::Connect)?,
        }
        .encode(out)
    }

    /// Would the first version accept these options?
    pub(crate) fn check(&self) -> Result<(), Error> {
        let asks_for_5 =
            !self.properties.is_empty() || self.will.as_ref().is_some_and(|will| !will.properties.is_empty());
        if asks_for_5 && !self.versions.contains(&Version::V5) {
            return Err(Error::NeedsVersion5);
        }
        let version = *self.versions.first().ok_or(Error::NeedsVersion5)?;
        self.encode(version, self.clean_start, &mut Vec::new())
    }

    /// The properties of CONNECT, as checked by `check`.
    pub(crate) fn connect_properties(&self) -> Properties<'_> {
        Properties::decode(&self.properties, On::Connect).unwrap_or_default()
    }

    pub(crate) fn authentication_method(&self) -> Option<&str> {
        super::authentication::method(self.connect_properties())
    }
}

/// A section that the application wrote. MQTT before 5 has none, and goes without.
fn section(bytes: &[u8], version: Version, on: On) -> Result<Properties<'_>, Error> {
    match version {
        Version::V5 => Properties::decode(bytes, on).map_err(|_| Error::Property),
        _ => Ok(Properties::default()),
    }
}
