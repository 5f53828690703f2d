//! What a client connects with: addresses, credentials, session, and how it comes back. Builds what the core takes;
//! decides nothing.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::given;
use super::message::invalid;
use super::object::Value;
use super::{Error, Properties, Qos, Store};
use crate::session;
use crate::wire::{On, Version, id};

pub use crate::session::{Offline, Overflow, Reconnect};

/// A future of this thread.
pub(super) type Local<T> = Pin<Box<dyn Future<Output = T>>>;

/// Gives the credentials of one attempt.
pub(super) type Ask = Rc<dyn Fn() -> Local<Result<Credentials, String>>>;

/// Answers the challenges of enhanced authentication.
pub(super) type Authenticate = Rc<dyn Fn(Properties) -> Local<Result<Properties, String>>>;

/// User name, password and address for one attempt to connect, where they are asked anew each time.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    pub(super) url: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) password: Option<Vec<u8>>,
}

impl Credentials {
    /// None: an anonymous client.
    pub fn new() -> Self {
        Self::default()
    }

    /// A user name.
    pub fn user_name(self, user_name: impl Into<String>) -> Self {
        Self { user_name: Some(user_name.into()), ..self }
    }

    /// A password: text or any bytes. Before MQTT 5 it needs a user name [MQTT-3.1.2-22].
    pub fn password(self, password: impl Into<Vec<u8>>) -> Self {
        Self { password: Some(password.into()), ..self }
    }

    /// Another address for this attempt, where it is signed or holds a token.
    pub fn url(self, url: impl Into<String>) -> Self {
        Self { url: Some(url.into()), ..self }
    }
}

/// Shows nothing of them.
impl core::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Credentials { .. }")
    }
}

/// The last will: what the server publishes when the connection ends without a DISCONNECT (section 3.1.2.5).
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "a will does nothing before it is given to the options"]
pub struct Will {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: Qos,
    pub(super) retain: bool,
    pub(super) properties: Properties,
}

impl Will {
    /// A will with this topic name and payload, and QoS 0.
    pub fn new(topic: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            qos: Qos::AtMostOnce,
            retain: false,
            properties: Properties::default(),
        }
    }

    /// The quality of service.
    pub fn qos(self, qos: Qos) -> Self {
        Self { qos, ..self }
    }

    /// Shall the server retain it?
    pub fn retain(self, retain: bool) -> Self {
        Self { retain, ..self }
    }

    /// Properties (MQTT 5): the delay among them.
    pub fn properties(self, properties: Properties) -> Self {
        Self { properties, ..self }
    }

    fn build(&self) -> Result<session::LastWill, crate::Error> {
        Ok(session::LastWill {
            topic: self.topic.clone(),
            payload: self.payload.clone(),
            qos: self.qos,
            retain: self.retain,
            properties: self.properties.encode(On::Will)?,
        })
    }
}

/// How to connect. Only an address is needed.
///
/// ```
/// use std::time::Duration;
/// use wasmqtt::web::{Options, Qos, Will};
///
/// let options = Options::new("wss://broker.example/mqtt")
///     .client_id("kitchen")
///     .keep_alive(Duration::from_secs(30))
///     .credentials("user", "secret")
///     .will(Will::new("kitchen/state", "gone").qos(Qos::AtLeastOnce).retain(true));
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use = "options do nothing before a client connects with them"]
pub struct Options {
    pub(super) urls: Vec<String>,
    pub(super) versions: Vec<Version>,
    pub(super) client_id: String,
    pub(super) keep_alive: Duration,
    pub(super) timeout: Duration,
    pub(super) clean_start: Option<bool>,
    pub(super) credentials: Credentials,
    pub(super) ask: Option<Ask>,
    pub(super) authenticate: Option<Authenticate>,
    pub(super) will: Option<Will>,
    pub(super) properties: Properties,
    pub(super) auto_ack: bool,
    pub(super) batch: bool,
    pub(super) max_in_flight: u16,
    pub(super) reconnect: Option<Reconnect>,
    pub(super) offline: Option<Offline>,
    pub(super) follow_server_reference: bool,
    pub(super) store: Option<Rc<dyn Store>>,
}

impl Options {
    /// Options for a server at this address, `ws://…` or `wss://…`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            versions: vec![Version::V5, Version::V3_1_1],
            client_id: String::new(),
            keep_alive: Duration::from_secs(60),
            timeout: Duration::from_secs(30),
            clean_start: None,
            credentials: Credentials::default(),
            ask: None,
            authenticate: None,
            will: None,
            properties: Properties::default(),
            auto_ack: true,
            batch: true,
            max_in_flight: u16::MAX,
            reconnect: Some(Reconnect::default()),
            offline: Some(Offline::default()),
            follow_server_reference: false,
            store: None,
        }
    }

    /// Options out of a JavaScript object: `url` or `uris`, and the rest by the names and units of the JavaScript face
    /// (`clientId`, `keepAliveInterval` in seconds, `properties`, …). A key that is not known is refused.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is of another shape.
    pub fn from_js(options: wasm_bindgen::JsValue) -> Result<Self, Error> {
        let given: Value = serde_wasm_bindgen::from_value(options).map_err(invalid)?;
        given::options(given).map_err(Error::Invalid)
    }

    /// One more address, to be tried when those before it fail.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.urls.push(url.into());
        self
    }

    /// The client identifier. Without one the server gives one (MQTT 5), or none is kept.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// The protocol versions to try, in order. As a rule MQTT 5, then 3.1.1.
    pub fn versions(mut self, versions: impl Into<Vec<Version>>) -> Self {
        self.versions = versions.into();
        self
    }

    /// The longest silence, in whole seconds up to 65 535; zero: any. As a rule 60 s. The server ends a connection that
    /// was silent half as long again [MQTT-3.1.2-22]; so does the client.
    pub fn keep_alive(mut self, keep_alive: Duration) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// How long one attempt may take, socket and CONNACK together. As a rule 30 s; zero: for ever.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Begin a new session (as a rule without a store), or go on with the one that server and store have (as a rule with
    /// one). With MQTT 5 a session that goes on expires never, unless `properties` say when.
    pub fn clean_start(mut self, clean_start: bool) -> Self {
        self.clean_start = Some(clean_start);
        self
    }

    /// User name and password.
    pub fn credentials(mut self, user_name: impl Into<String>, password: impl Into<Vec<u8>>) -> Self {
        self.credentials = Credentials::new().user_name(user_name).password(password);
        self
    }

    /// A function that gives the credentials, asked anew for each attempt: tokens and signatures expire. When it fails, so
    /// does the attempt ([`Error::CredentialsFailed`]).
    ///
    /// ```
    /// use wasmqtt::web::{Credentials, Options};
    ///
    /// async fn token() -> Result<String, std::io::Error> {
    ///     Ok("fetched from somewhere".into())
    /// }
    ///
    /// let options = Options::new("wss://broker.example/mqtt")
    ///     .credentials_with(async || Ok::<_, std::io::Error>(Credentials::new().user_name("me").password(token().await?)));
    /// # let _ = options;
    /// ```
    pub fn credentials_with<E: core::fmt::Display>(
        mut self,
        ask: impl AsyncFn() -> Result<Credentials, E> + 'static,
    ) -> Self {
        let ask = Rc::new(ask);
        self.ask = Some(Rc::new(move || {
            let ask = ask.clone();
            Box::pin(async move { ask().await.map_err(|error| error.to_string()) })
        }));
        self
    }

    /// A function that answers the server's AUTH with the properties of ours (MQTT 5, section 4.12). What CONNECT says stands
    /// in `properties`: the method, and the first data. When the function fails, the client ends.
    pub fn authenticate<E: core::fmt::Display>(
        mut self,
        answer: impl AsyncFn(Properties) -> Result<Properties, E> + 'static,
    ) -> Self {
        let answer = Rc::new(answer);
        self.authenticate = Some(Rc::new(move |challenge| {
            let answer = answer.clone();
            Box::pin(async move { answer(challenge).await.map_err(|error| error.to_string()) })
        }));
        self
    }

    /// The last will.
    pub fn will(mut self, will: Will) -> Self {
        self.will = Some(will);
        self
    }

    /// Properties of CONNECT (MQTT 5).
    pub fn properties(mut self, properties: Properties) -> Self {
        self.properties = properties;
        self
    }

    /// Messages are acknowledged by themselves (as a rule): each when its subscription is asked for the next one, or is
    /// dropped. Or by the application: [`Message::acknowledge`](super::Message::acknowledge).
    pub fn auto_ack(mut self, auto_ack: bool) -> Self {
        self.auto_ack = auto_ack;
        self
    }

    /// All packets of one turn leave as one WebSocket message (as a rule), or each in its own, for servers that read no
    /// more than one.
    pub fn batch(mut self, batch: bool) -> Self {
        self.batch = batch;
        self
    }

    /// The most messages of ours that may be unacknowledged at a time, whatever the server allows; from 1.
    pub fn max_in_flight(mut self, messages: u16) -> Self {
        self.max_in_flight = messages;
        self
    }

    /// How lost connections come back; as a rule by [`Reconnect::default`]. `None`: they do not.
    pub fn reconnect(mut self, reconnect: impl Into<Option<Reconnect>>) -> Self {
        self.reconnect = reconnect.into();
        self
    }

    /// What may wait for a connection that is lost or not there yet; as a rule by [`Offline::default`]. `None`: nothing,
    /// and publishing without a connection is refused.
    pub fn offline(mut self, offline: impl Into<Option<Offline>>) -> Self {
        self.offline = offline.into();
        self
    }

    /// Go where the server sends us (Server Reference, section 4.11). As a rule not.
    pub fn follow_server_reference(mut self, follow: bool) -> Self {
        self.follow_server_reference = follow;
        self
    }

    /// Where the session outlives the page; it needs a client identifier, to be found again: [`IndexedDbStore`](super::IndexedDbStore),
    /// [`MemoryStore`](super::MemoryStore), or one of the application's own.
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Some(Rc::new(store));
        self
    }

    /// Shall the server keep the session?
    pub(super) fn keeps_session(&self) -> bool {
        !self.clean_start.unwrap_or(self.store.is_none())
    }

    /// The property section of CONNECT.
    pub(super) fn section(&self) -> Result<Vec<u8>, crate::Error> {
        let mut section = self.properties.encode(On::Connect)?;
        if self.keeps_session()
            && self.versions.contains(&Version::V5)
            && self.properties.session_expiry_interval.is_none()
        {
            // What Clean Session 0 meant before MQTT 5 (section 3.1.2.11.2).
            section.push(id::SESSION_EXPIRY_INTERVAL);
            section.extend_from_slice(&u32::MAX.to_be_bytes());
        }
        Ok(section)
    }

    /// As the core takes them.
    pub(super) fn build(&self, seed: u32) -> Result<session::Options, Error> {
        if self.store.is_some() && self.client_id.is_empty() {
            return Err(crate::Error::ClientIdNeeded.into());
        }
        let asks = self.ask.is_some();
        let known = self.credentials.clone();
        let seconds = self.keep_alive.as_millis().div_ceil(1000);
        let mut reconnect = self.reconnect.clone();
        if let Some(reconnect) = reconnect.as_mut().filter(|it| asks && it.give_up_on == Reconnect::GIVE_UP_ON) {
            // The next ones may be better.
            reconnect.give_up_on.retain(|code| !Reconnect::CREDENTIALS.contains(code));
        }
        Ok(session::Options {
            versions: self.versions.clone(),
            hosts: self.urls.len() as u32,
            timeout: self.timeout,
            client_id: self.client_id.clone(),
            clean_start: !self.keeps_session(),
            keep_alive: u16::try_from(seconds).unwrap_or(u16::MAX),
            user_name: known.user_name.filter(|_| !asks),
            password: known.password.filter(|_| !asks),
            will: self.will.as_ref().map(Will::build).transpose()?,
            properties: self.section()?,
            // The driver acknowledges, when the application has come for the next message.
            auto_ack: false,
            batch: self.batch,
            max_in_flight: self.max_in_flight,
            reconnect,
            follow_server_reference: self.follow_server_reference,
            offline: self.offline,
            persist: self.store.is_some(),
            seed,
        })
    }
}

/// Shows no credentials: addresses may hold some, too.
impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
