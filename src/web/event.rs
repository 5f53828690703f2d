//! What an application may hear of its connection.

use std::time::Duration;

use super::properties::Section;
use super::{Error, Message, Properties};
use crate::wire::Version;

/// Where the connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum State {
    /// The first connection is being made.
    #[default]
    Connecting,
    /// It is up.
    Connected,
    /// It was lost, or the first one did not come about, and another one is tried.
    Reconnecting,
    /// There is none, and none will come.
    Disconnected,
}

/// CONNACK: the connection is up.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The server has kept the session.
    pub session_present: bool,
    /// The connection came back by itself.
    pub reconnected: bool,
    /// The protocol version in use.
    pub version: Version,
    pub(super) properties: Section,
}

impl Connected {
    /// What the server allows and has decided: the properties of CONNACK. None before MQTT 5.
    pub fn properties(&self) -> Properties {
        self.properties.decode()
    }
}

/// What happened to the connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// It is up.
    Connected(Connected),
    /// It was lost, and is tried again.
    Lost(Error),
    /// The next attempt follows after a while.
    Reconnecting {
        /// Counts the attempts since a connection that held, from 1.
        attempt: u32,
        /// How long it waits.
        delay: Duration,
        /// Why the last attempt or connection has ended.
        error: Error,
    },
    /// It has ended for good; `None`: as the application wanted. The last event.
    Ended(Option<Error>),
    /// A message for which there is no [`Subscription`](super::Subscription). It has been acknowledged, if that is left to
    /// the client.
    Unclaimed(Message),
    /// The server has forgotten the session and does not grant this filter again. Its subscriptions have ended.
    SubscriptionLost {
        /// The topic filter.
        filter: String,
        /// What the server says: [`Error::SubscribeRefused`].
        error: Error,
    },
    /// What is no reason to end the connection: the store failed, or one of its records was damaged.
    Warning(Error),
}
