//! The client: what an application calls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;

use super::{Connected, Error, Events, Options, Publish, Qos, Reason, State, Subscribe, Subscription};

/// A client. Cheap to clone: all clones are one connection, which ends when the last of them is dropped. Then DISCONNECT
/// is sent, the socket is closed, and whoever still waits for something gets an error.
#[derive(Clone)]
#[must_use = "the connection ends when the client is dropped"]
pub struct Client {
    _private: (),
}

impl Client {
    /// Connects, and waits until the connection is up.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server does not want us, [`Error::SocketFailed`] when it cannot be reached, and what is
    /// wrong with the options. What is worth trying again is, if [`Reconnect::initial`](super::Reconnect::initial) is set.
    pub async fn connect(_options: Options) -> Result<Self, Error> {
        todo!()
    }

    /// Begins to connect, and waits for nothing: [`events`](Self::events) and [`listen`](Self::listen) miss nothing then.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn start(_options: Options) -> Result<Self, Error> {
        todo!()
    }

    /// Waits until the connection is up; at once if it is.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    pub fn connected(&self) -> impl Future<Output = Result<Connected, Error>> + use<> {
        async { todo!() }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        todo!()
    }

    /// How many messages of ours are not done: not acknowledged, or with QoS 0 not handed to the socket.
    pub fn pending(&self) -> usize {
        todo!()
    }

    /// Publishes. The message is on its way when this returns; the future waits until the server has it: PUBACK for QoS 1,
    /// PUBCOMP for QoS 2, and for QoS 0 until the socket has it. Across a lost connection it waits on.
    ///
    /// # Errors
    /// At once, what is wrong with the message, and [`NotConnected`](crate::Error::NotConnected) where
    /// [`offline`](Options::offline) does not let it wait. Later, [`Error::PublishRefused`], or why it was given up.
    pub fn publish(&self, _topic: &str, _payload: impl AsRef<[u8]>, _qos: Qos) -> Publishing {
        todo!()
    }

    /// Publishes a value as JSON.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish), and [`Error::Invalid`] when the value cannot be JSON.
    pub fn publish_json<T: Serialize + ?Sized>(&self, _topic: &str, _value: &T, _qos: Qos) -> Publishing {
        todo!()
    }

    /// Publishes with what else a message may have: the retain flag, properties.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn publish_with(&self, _message: Publish) -> Publishing {
        todo!()
    }

    /// Publishes, and does not wait for the answer. With QoS 1 and 2 the message is kept until the server has it, as ever.
    ///
    /// # Errors
    /// Those that [`publish`](Self::publish) has at once.
    pub fn try_publish(&self, _topic: &str, _payload: impl AsRef<[u8]>, _qos: Qos) -> Result<(), Error> {
        todo!()
    }

    /// Subscribes. The future waits until the server has granted it; without a connection, until there is one.
    ///
    /// # Errors
    /// What is wrong with the filter, and [`Error::SubscribeRefused`].
    pub fn subscribe(&self, _filter: &str, _qos: Qos) -> Subscribing {
        todo!()
    }

    /// Subscribes with what else a subscription may have: the options of MQTT 5, properties.
    ///
    /// # Errors
    /// As for [`subscribe`](Self::subscribe).
    pub fn subscribe_with(&self, _subscribe: Subscribe) -> Subscribing {
        todo!()
    }

    /// The messages of a subscription that the server has from before: of a session that goes on. Asks the server for
    /// nothing. Between [`start`](Self::start) and the connection, so that none of the messages that waited is missed.
    ///
    /// # Errors
    /// [`TopicFilter`](crate::Error::TopicFilter).
    pub fn listen(&self, _filter: &str) -> Result<Subscription, Error> {
        todo!()
    }

    /// What happens to the connection from now on.
    pub fn events(&self) -> Events {
        todo!()
    }

    /// Asks the server for a sign of life now, or tries to connect now. When the page comes back, or the network does,
    /// that happens by itself.
    pub fn probe(&self) {
        todo!()
    }

    /// Ends the connection of all clones with a DISCONNECT, or the attempts to make one. The future waits until the socket
    /// is closed and the store given back.
    pub fn disconnect(&self) -> impl Future<Output = ()> + use<> {
        async { todo!() }
    }
}

/// Waits for the answer to a PUBLISH.
#[must_use = "the message is sent, but whether it arrives nobody will know"]
pub struct Publishing {
    _private: (),
}

impl Future for Publishing {
    type Output = Result<Reason, Error>;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!()
    }
}

/// Waits for the answer to a SUBSCRIBE. Dropped before that, it unsubscribes.
#[must_use = "what is not waited for is not subscribed"]
pub struct Subscribing {
    _private: (),
}

impl Future for Subscribing {
    type Output = Result<Subscription, Error>;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!()
    }
}
