//! Every failure the core can report: a stable code, a sentence, what to do.
//!
//! Codes below 20 belong to Paho's table and are spoken by the JavaScript face alone. A code never changes its
//! meaning; new failures get new codes. No error carries user data, so no secret can leak through one.

macro_rules! errors {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $text:literal;)*) => {
        /// A failure. [`code`](Error::code) is stable; [`text`](Error::text) says what is wrong and what to do.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Error {
            $(#[doc = $text] $(#[doc = $doc])* $name = $code,)*
        }

        const ALL: &[Error] = &[$(Error::$name),*];

        /// A line each, in the order of `ALL`: an address and a length for each sentence would be a fifth of them.
        const TEXTS: &str = concat!($($text, "\n"),*);
    };
}

errors! {
    // The connection.
    ConnectTimeout = 1, "The server did not answer in time.";
    PingTimeout = 4, "The server did not answer a PINGREQ in time: the connection is dead.";
    Refused = 6, "The server refused the connection.";
    SocketError = 7, "The socket failed or could not be opened.";
    SocketClosed = 8, "The socket was closed.";
    NotConnected = 11, "The client is not connected: wait for CONNACK.";
    QueueFull = 18, "The queue for messages without a connection is full.";
    AlreadyConnected = 20, "The client is connecting or connected already: disconnect first.";
    ServerDisconnected = 21, "The server ended the connection; see the reason code.";
    ConnectionLost = 22, "The connection was lost before the server acknowledged.";
    SessionDiscarded = 23, "The session was discarded before the message was fully acknowledged: it may have been delivered or not.";
    Trapped = 24, "The core failed: please report this. A new client works.";
    AuthenticationRefused = 25, "The server's AUTH packet does not fit the authentication method of CONNECT.";
    PublishRefused = 26, "The server refused the message; see the reason code.";
    SubscribeRefused = 27, "The server refused a topic filter; see the reason codes.";
    QueueOverflow = 28, "The message was dropped from the full queue for messages without a connection.";
    QueueExpired = 29, "The message waited for a connection longer than it may.";

    // What the application asked for.
    TopicName = 30, "A topic name must have 1 to 65535 bytes and no wildcard, no U+0000.";
    TopicFilter = 31, "A topic filter must have 1 to 65535 bytes, # alone in the last level, + alone in its level, no U+0000.";
    StringTooLong = 32, "A string or binary value must not be longer than 65535 bytes.";
    StringNotUtf8 = 33, "A string must be well-formed Unicode without U+0000.";
    PacketTooLarge = 34, "The packet would be larger than the server accepts (Maximum Packet Size) or MQTT can carry.";
    QosUnsupported = 35, "The server does not support this QoS (Maximum QoS).";
    RetainUnavailable = 36, "The server does not support retained messages (Retain Available).";
    WildcardUnavailable = 37, "The server does not support wildcard subscriptions.";
    SharedUnavailable = 38, "The server does not support shared subscriptions.";
    SubscriptionIdUnavailable = 39, "The server does not support subscription identifiers.";
    NeedsVersion5 = 40, "This needs MQTT 5: connect with mqttVersion 5.";
    Property = 41, "A property is not allowed on this packet, is repeated, or is out of its range.";
    NoFilters = 42, "A subscription needs at least one topic filter.";
    SubscribeOptions = 43, "Subscription options need a QoS of 0 to 2 and a Retain Handling of 0 to 2; No Local is not for shared subscriptions.";
    PasswordWithoutUserName = 44, "Before MQTT 5 a password needs a user name.";
    ClientIdNeeded = 45, "Before MQTT 5 a session that is to be kept needs a client identifier.";
    PacketIdsExhausted = 46, "All 65535 packet identifiers are in use: wait for acknowledgements.";
    NothingToAcknowledge = 47, "No message with this packet identifier waits for an acknowledgement.";
    NoAuthenticationMethod = 48, "Re-authentication needs an authentication method in CONNECT.";
    ReasonCode = 49, "This reason code is not legal for this packet.";

    // The store; 50 and 52 are its own and spoken by the driver.
    RecordDamaged = 51, "A record of the store is damaged and was left out.";

    // What the server sent: malformed packets (reason code 0x81).
    BadRemainingLength = 60, "Malformed packet from the server: the remaining length is not minimal or longer than four bytes.";
    BadPacketType = 61, "Malformed packet from the server: a packet type that a server must not send.";
    BadFlags = 62, "Malformed packet from the server: reserved flags or bits are set.";
    BadQos = 63, "Malformed packet from the server: QoS 3, or DUP with QoS 0.";
    TooShort = 64, "Malformed packet from the server: it ends before its last field.";
    TrailingBytes = 65, "Malformed packet from the server: bytes behind its last field.";
    BadUtf8 = 66, "Malformed packet from the server: a string that is not UTF-8 or has U+0000.";
    ZeroPacketId = 67, "Malformed packet from the server: packet identifier 0.";
    UnknownProperty = 68, "Malformed packet from the server: an unknown property.";
    BadReasonCode = 69, "Malformed packet from the server: a reason code that is not legal for this packet.";
    BadVariableInteger = 70, "Malformed packet from the server: a variable byte integer that is not minimal or too long.";

    // What the server sent: protocol errors (0x82 and their own codes).
    MisplacedProperty = 80, "Malformed packet from the server: a property that is not allowed on this packet.";
    RepeatedProperty = 81, "Protocol error by the server: a property that may stand only once is repeated.";
    PropertyRange = 82, "Protocol error by the server: a property outside its range.";
    UnexpectedPacket = 83, "Protocol error by the server: a packet that is not legal now.";
    SessionPresentWrong = 84, "Protocol error by the server: session present is set where no session can be.";
    UnmatchedAck = 85, "Protocol error by the server: an acknowledgement that answers nothing or not its packet.";
    BadTopicName = 86, "Protocol error by the server: a topic name that is empty or has a wildcard.";
    BadTopicAlias = 87, "Protocol error by the server: a topic alias that is 0, too high or was never set.";
    InboundTooLarge = 88, "Protocol error by the server: a packet larger than the agreed maximum.";
    ReceiveMaximumExceeded = 89, "Protocol error by the server: more unacknowledged messages than our Receive Maximum allows.";
    QosNotGranted = 90, "Protocol error by the server: a SUBACK that grants a QoS higher than MQTT knows or has another number of codes.";
    PacketIdInUse = 91, "Protocol error by the server: a packet identifier that is still in use for another message.";
    ProblemInformation = 92, "Protocol error by the server: a reason string or user properties although CONNECT asked for none.";
}

/// The line with this index; empty where there is none.
pub(crate) fn line(lines: &'static str, index: usize) -> &'static str {
    let line = lines.as_bytes().split(|&byte| byte == b'\n').nth(index);
    line.and_then(|line| core::str::from_utf8(line).ok()).unwrap_or("")
}

impl Error {
    /// The error with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        ALL.iter().copied().find(|error| error.code() == code)
    }

    /// What is wrong, and what to do, in a sentence or two.
    pub fn text(self) -> &'static str {
        line(TEXTS, ALL.iter().position(|&error| error == self).unwrap_or(ALL.len()))
    }

    /// The stable number of this error.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The MQTT 5 reason code that a DISCONNECT about this error carries (OASIS 5.0, section 4.13).
    pub const fn reason(self) -> u8 {
        match self {
            Self::MisplacedProperty => 0x81, // section 2.2.2.2
            Self::BadTopicName => 0x90,
            Self::ReceiveMaximumExceeded => 0x93,
            Self::BadTopicAlias => 0x94,
            Self::InboundTooLarge => 0x95,
            Self::PingTimeout => 0x8D,
            Self::AuthenticationRefused => 0x8C,
            _ => match self as u8 {
                60..80 => 0x81,
                80..100 => 0x82,
                _ => 0x80,
            },
        }
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Error {}
