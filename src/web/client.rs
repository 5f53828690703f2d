//! The client: what an application calls.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use serde::Serialize;

use super::channel::Receiver;
use super::shared::Shared;
use super::{Connected, Error, Events, Options, Properties, Publish, Qos, Reason, State, Subscribe, Subscription};

/// A client. Cheap to clone: all clones are one connection, which ends when the last of them is dropped. Then DISCONNECT
/// is sent, the socket is closed, and whoever still waits for something gets an error.
#[derive(Clone)]
#[must_use = "the connection ends when the client is dropped"]
pub struct Client {
    handle: Rc<Handle>,
}

/// What all clones of a client hold.
struct Handle {
    shared: Rc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.handle_dropped();
    }
}

impl Client {
    /// Connects, and waits until the connection is up.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server does not want us, [`Error::SocketFailed`] when it cannot be reached, and what is
    /// wrong with the options. What is worth trying again is, if [`Reconnect::initial`](super::Reconnect::initial) is set.
    pub async fn connect(options: Options) -> Result<Self, Error> {
        let client = Self::start(options)?;
        client.connected().await?;
        Ok(client)
    }

    /// Begins to connect, and waits for nothing: [`events`](Self::events) and [`listen`](Self::listen) miss nothing then.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn start(options: Options) -> Result<Self, Error> {
        Ok(Self { handle: Rc::new(Handle { shared: Shared::start(options)? }) })
    }

    /// Waits until the connection is up; at once if it is.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    pub fn connected(&self) -> impl Future<Output = Result<Connected, Error>> + use<> {
        let connected = self.shared().connected();
        async { connected.await.unwrap_or_else(gone) }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.shared().state()
    }

    /// How many messages of ours are not done: not acknowledged, or with QoS 0 not handed to the socket.
    pub fn pending(&self) -> usize {
        self.shared().pending()
    }

    /// Publishes. The message is on its way when this returns; the future waits until the server has it: PUBACK for QoS 1,
    /// PUBCOMP for QoS 2, and for QoS 0 until the socket has it. Across a lost connection it waits on.
    ///
    /// # Errors
    /// At once, what is wrong with the message, and [`NotConnected`](crate::Error::NotConnected) where
    /// [`offline`](Options::offline) does not let it wait. Later, [`Error::PublishRefused`], or why it was given up.
    pub fn publish(&self, topic: &str, payload: impl AsRef<[u8]>, qos: Qos) -> Publishing {
        self.publish_with(Publish::new(topic, payload.as_ref()).qos(qos))
    }

    /// Publishes a value as JSON.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish), and [`Error::Invalid`] when the value cannot be JSON.
    pub fn publish_json<T: Serialize + ?Sized>(&self, topic: &str, value: &T, qos: Qos) -> Publishing {
        match Publish::json(topic, value) {
            Ok(message) => self.publish_with(message.qos(qos)),
            Err(error) => Publishing(Receiver::ready(Err(error))),
        }
    }

    /// Publishes with what else a message may have: the retain flag, properties.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn publish_with(&self, message: Publish) -> Publishing {
        Publishing(self.shared().publish(message).unwrap_or_else(|error| Receiver::ready(Err(error))))
    }

    /// Publishes, and does not wait for the answer. With QoS 1 and 2 the message is kept until the server has it, as ever.
    ///
    /// # Errors
    /// Those that [`publish`](Self::publish) has at once.
    pub fn try_publish(&self, topic: &str, payload: impl AsRef<[u8]>, qos: Qos) -> Result<(), Error> {
        self.shared().publish(Publish::new(topic, payload.as_ref()).qos(qos)).map(drop)
    }

    /// Subscribes. The future waits until the server has granted it; without a connection, until there is one.
    ///
    /// # Errors
    /// What is wrong with the filter, and [`Error::SubscribeRefused`].
    pub fn subscribe(&self, filter: &str, qos: Qos) -> Subscribing {
        self.subscribe_with(Subscribe::new(filter).qos(qos))
    }

    /// Subscribes with what else a subscription may have: the options of MQTT 5, properties.
    ///
    /// # Errors
    /// As for [`subscribe`](Self::subscribe).
    pub fn subscribe_with(&self, subscribe: Subscribe) -> Subscribing {
        let asked = self.listen(&subscribe.filter).and_then(|subscription| {
            let answer = self.shared().subscribe(subscription.route(), &subscribe)?;
            Ok((subscription, answer))
        });
        match asked {
            Ok((subscription, answer)) => Subscribing { subscription: Some(subscription), answer },
            Err(error) => Subscribing { subscription: None, answer: Receiver::ready(Err(error)) },
        }
    }

    /// The messages of a subscription that the server has from before: of a session that goes on. Asks the server for
    /// nothing. Between [`start`](Self::start) and the connection, so that none of the messages that waited is missed.
    ///
    /// # Errors
    /// [`TopicFilter`](crate::Error::TopicFilter).
    pub fn listen(&self, filter: &str) -> Result<Subscription, Error> {
        Subscription::new(self.shared().clone(), filter)
    }

    /// What happens to the connection from now on.
    pub fn events(&self) -> Events {
        Events(self.shared().events())
    }

    /// Asks the server for a sign of life now, or tries to connect now. When the page comes back, or the network does,
    /// that happens by itself.
    pub fn probe(&self) {
        self.shared().wake(false);
    }

    /// Ends the connection of all clones with a DISCONNECT, or the attempts to make one. The future waits until the socket
    /// is closed and the store given back.
    pub fn disconnect(&self) -> impl Future<Output = ()> + use<> {
        let closed = self.shared().disconnect(0, &Properties::default()).ok();
        async {
            if let Some(closed) = closed {
                closed.await;
            }
        }
    }

    /// As [`disconnect`](Self::disconnect), with a reason code and properties of MQTT 5 (table 3-10): 0x04 asks the server to
    /// publish the will.
    ///
    /// # Errors
    /// [`ReasonCode`](crate::Error::ReasonCode), [`Property`](crate::Error::Property) or
    /// [`NeedsVersion5`](crate::Error::NeedsVersion5), and then the connection goes on.
    pub async fn disconnect_with(&self, reason: u8, properties: Properties) -> Result<(), Error> {
        self.shared().disconnect(reason, &properties)?.await;
        Ok(())
    }

    fn shared(&self) -> &Rc<Shared> {
        &self.handle.shared
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Nobody is there who could answer.
fn gone<T>() -> Result<T, Error> {
    Err(Error::Core(crate::Error::ConnectionLost))
}

/// Waits for the answer to a PUBLISH.
#[must_use = "the message is sent, but whether it arrives nobody will know"]
pub struct Publishing(Receiver<Result<Reason, Error>>);

impl Future for Publishing {
    type Output = Result<Reason, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or_else(gone))
    }
}

/// Waits for the answer to a SUBSCRIBE. Dropped before that, it unsubscribes.
#[must_use = "what is not waited for is not subscribed"]
pub struct Subscribing {
    subscription: Option<Subscription>,
    answer: Receiver<Result<Reason, Error>>,
}

impl Future for Subscribing {
    type Output = Result<Subscription, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|answer| {
            let subscription = self.subscription.take();
            answer.unwrap_or_else(gone)?;
            subscription.map_or_else(gone, Ok)
        })
    }
}
