//! What a session tells its driver: things to do with sockets, and things that happened.

use core::time::Duration;

use crate::Error;
use crate::wire::{Filters, Properties, QoS, Version};

/// One thing for the driver to do, or for the application to know. Borrows from the packet it came in.
///
/// A driver must act on [`Open`](Self::Open) and [`Close`](Self::Close); all others are there to be known, and so will
/// those be that are added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Open a socket to the address with this index, after closing any older one. The sub-protocol is `mqttv3.1` for
    /// MQTT 3.1 and `mqtt` otherwise. Answer with `handle_open` or `handle_close`.
    Open {
        /// Which of the driver's addresses.
        host: u32,
        /// The protocol version that this attempt speaks.
        version: Version,
    },
    /// Close the socket, after all that is to be transmitted. No bytes of it count any more.
    Close,
    /// CONNACK: the connection is up.
    #[non_exhaustive]
    Connected {
        /// The address that answered.
        host: u32,
        /// The protocol version in use.
        version: Version,
        /// The server has kept this client's session.
        session_present: bool,
        /// The session came back by itself.
        reconnected: bool,
        /// The properties of CONNACK.
        properties: Properties<'a>,
    },
    /// There is no connection, and none will be tried any more: every address and version was, `disconnect` was called,
    /// or reconnecting has been given up.
    Failed(Ending<'a>),
    /// A connection that was up has ended.
    Lost {
        /// Why.
        ending: Ending<'a>,
        /// `Reconnecting` follows; otherwise it has ended for good.
        reconnecting: bool,
    },
    /// The next attempt to connect begins after a while.
    Reconnecting {
        /// Counts the attempts since a connection that held, from 1.
        attempt: u32,
        /// How long it waits.
        delay: Duration,
        /// Why the last attempt or connection has ended. Its properties may name another server (Server Reference).
        ending: Ending<'a>,
    },
    /// An application message arrived.
    Message(Message<'a>),
    /// PUBACK or PUBCOMP, or a PUBREC that refuses: a message of ours has left the in-flight window.
    Delivered {
        /// What `publish` gave.
        ticket: u32,
        /// 0x80 and above: the server refused the message.
        reason: u8,
        /// The properties of the acknowledgement.
        properties: Properties<'a>,
    },
    /// A message of ours will not be delivered any more.
    Undelivered {
        /// What `publish` gave.
        ticket: u32,
        /// Why.
        error: Error,
    },
    /// SUBACK.
    Subscribed(Answer<'a>),
    /// UNSUBACK.
    Unsubscribed(Answer<'a>),
    /// SUBACK to the subscriptions that the session has asked for again. Those that are refused are gone.
    Resubscribed {
        /// The topic filters.
        filters: Filters<'a>,
        /// A reason code for each of them, in order.
        codes: &'a [u8],
    },
    /// The server has answered a probe.
    Alive,
    /// AUTH from the server: 0x18 asks for more (answer with `authenticate`), 0x00 ends a re-authentication.
    Auth {
        /// The reason code.
        reason: u8,
        /// The properties; the authentication data among them.
        properties: Properties<'a>,
    },
}

/// Why a connection, or the attempt to make one, has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Ending<'a> {
    /// None: `disconnect` was called.
    pub error: Option<Error>,
    /// The reason code of the server's CONNACK or DISCONNECT, or of the DISCONNECT that we sent; 0 where there is none.
    pub reason: u8,
    /// The properties of the server's CONNACK or DISCONNECT (Server Reference, Reason String).
    pub properties: Properties<'a>,
}

impl Ending<'_> {
    /// Without what it borrows.
    pub(crate) fn bare(&self) -> Ending<'static> {
        Ending { error: self.error, reason: self.reason, properties: Properties::EMPTY }
    }
}

impl From<Error> for Ending<'_> {
    fn from(error: Error) -> Self {
        Self { error: Some(error), ..Self::default() }
    }
}

/// A received application message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Message<'a> {
    /// The topic name; a topic alias is resolved.
    pub topic: &'a str,
    /// The payload.
    pub payload: &'a [u8],
    /// The properties.
    pub properties: Properties<'a>,
    /// The quality of service it was delivered with.
    pub qos: QoS,
    /// It was retained by the server.
    pub retain: bool,
    /// It may have been delivered before.
    pub duplicate: bool,
    /// Set where the application must acknowledge: hand it to `acknowledge`.
    pub acknowledgement: Option<Acknowledgement>,
}

/// Names one received message for `acknowledge`, on the connection it came on: after that it is void, because the
/// server delivers an unacknowledged message again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Acknowledgement(pub(crate) u32);

impl Acknowledgement {
    /// As a number, to cross a boundary.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// From the number that `to_bits` gave.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// The server's answer to a SUBSCRIBE or UNSUBSCRIBE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// What `subscribe` or `unsubscribe` gave.
    pub ticket: u32,
    /// A reason code for each topic filter, in order; empty for UNSUBACK before MQTT 5.
    pub codes: &'a [u8],
    /// The properties.
    pub properties: Properties<'a>,
}
