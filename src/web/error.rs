//! What can fail, as an application sees it. The numbers are those of [`crate::Error`], which the JavaScript face has too;
//! those that only a driver can speak stand here. Never holds a secret.

use super::Properties;
use super::properties::Section;
use crate::wire::reason_name;

/// A reason code of the server, and what it said beside (OASIS MQTT 5.0, section 2.4).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reason {
    code: u8,
    properties: Section,
}

impl Reason {
    pub(super) fn new(code: u8, properties: Section) -> Self {
        Self { code, properties }
    }

    /// The number: below 0x80 it went well. Of a CONNACK before MQTT 5, 1 to 5.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The standard's name of the code; empty where it has none.
    pub fn name(&self) -> &'static str {
        reason_name(self.code)
    }

    /// The properties beside it; none before MQTT 5.
    pub fn properties(&self) -> Properties {
        self.properties.decode()
    }
}

/// A failure. [`code`](Error::code) is stable; the text of `Display` says what is wrong and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// What the core says: of arguments, of the protocol, of the time that something took.
    Core(crate::Error),
    /// 6: the server refused the connection: a wrong password, a client identifier that it does not take.
    Refused(Reason),
    /// 7: the socket could not be opened, or failed; and what the browser said of it, which is little.
    SocketFailed(String),
    /// 8: the socket was closed without a word of MQTT.
    SocketClosed {
        /// The close code of the WebSocket; it says little.
        code: u16,
        /// The reason beside it.
        reason: String,
    },
    /// 10: what this browser does not have.
    Unsupported(&'static str),
    /// 13: what was given cannot be turned into what is needed: options of another shape, a value that is no JSON.
    Invalid(String),
    /// 21: the server ended the connection with a DISCONNECT.
    Disconnected(Reason),
    /// 26: the server refused the message.
    PublishRefused(Reason),
    /// 27: the server refused the topic filter.
    SubscribeRefused(Reason),
    /// 50: the store failed, and why: from now on the session is kept in memory only.
    StoreFailed(String),
    /// 52: another tab, worker or client has this session: use another client identifier.
    StoreInUse,
    /// 102: the function that gives the credentials failed, and why.
    CredentialsFailed(String),
}

impl Error {
    /// The stable number of this error, the same as in JavaScript and in [`crate::Error`].
    pub fn code(&self) -> u8 {
        match self {
            Self::Core(error) => error.code(),
            Self::Refused(_) => crate::Error::Refused.code(),
            Self::SocketFailed(_) => crate::Error::SocketError.code(),
            Self::SocketClosed { .. } => crate::Error::SocketClosed.code(),
            Self::Unsupported(_) => 10,
            Self::Invalid(_) => 13,
            Self::Disconnected(_) => crate::Error::ServerDisconnected.code(),
            Self::PublishRefused(_) => crate::Error::PublishRefused.code(),
            Self::SubscribeRefused(_) => crate::Error::SubscribeRefused.code(),
            Self::StoreFailed(_) => 50,
            Self::StoreInUse => 52,
            Self::CredentialsFailed(_) => 102,
        }
    }

    /// What the server gave as its reason, if it was the server.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Refused(reason)
            | Self::Disconnected(reason)
            | Self::PublishRefused(reason)
            | Self::SubscribeRefused(reason) => Some(reason),
            _ => None,
        }
    }
}

/// What CONNACK's numbers mean before MQTT 5 (OASIS MQTT 3.1.1, table 3.1).
const REFUSALS: [&str; 5] = [
    "unacceptable protocol version",
    "identifier rejected",
    "server unavailable",
    "bad user name or password",
    "not authorized",
];

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let text = |error: crate::Error| error.text();
        match self {
            Self::Core(error) => f.write_str(error.text()),
            Self::Refused(reason) => {
                let old = usize::from(reason.code).checked_sub(1).and_then(|n| REFUSALS.get(n));
                write!(f, "{} {}.", text(crate::Error::Refused), old.copied().unwrap_or(reason.name()))
            }
            Self::SocketFailed(why) => write!(f, "{} {why}", text(crate::Error::SocketError)),
            Self::SocketClosed { code, .. } => write!(f, "{} Close code {code}.", text(crate::Error::SocketClosed)),
            Self::Unsupported(what) => write!(f, "{what} is not supported by this browser."),
            Self::Invalid(what) => write!(f, "What was given is not valid: {what}"),
            Self::Disconnected(reason) => {
                write!(f, "{} {}.", text(crate::Error::ServerDisconnected), reason.name())
            }
            Self::PublishRefused(reason) => write!(f, "{} {}.", text(crate::Error::PublishRefused), reason.name()),
            Self::SubscribeRefused(reason) => write!(f, "{} {}.", text(crate::Error::SubscribeRefused), reason.name()),
            Self::StoreFailed(why) => {
                write!(f, "The store failed: from now on messages are kept in memory only. {why}")
            }
            Self::StoreInUse => {
                f.write_str("The store is in use by another page or program: use another client identifier.")
            }
            Self::CredentialsFailed(why) => write!(f, "The function that gives the credentials failed: {why}"),
        }
    }
}

impl core::error::Error for Error {}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Core(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_sentences_are_those_of_the_other_faces() {
        let reason = |code| Reason::new(code, Section::default());
        for (error, code, text) in [
            (Error::Core(crate::Error::TopicName), 30, crate::Error::TopicName.text()),
            (Error::Refused(reason(4)), 6, "The server refused the connection. bad user name or password."),
            (Error::Refused(reason(0x86)), 6, "The server refused the connection. Bad User Name or Password."),
            (Error::StoreInUse, 52, "The store is in use by another page or program: use another client identifier."),
        ] {
            assert_eq!((error.code(), error.to_string().as_str()), (code, text));
        }
    }
}
