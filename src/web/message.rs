//! Application messages, both ways.

use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::properties::Section;
use super::receipt::Receipt;
use super::{Error, Properties, Qos};

/// A message from the server. Cheap to clone.
#[derive(Clone)]
pub struct Message {
    inner: Rc<Inner>,
}

struct Inner {
    topic: String,
    payload: Vec<u8>,
    qos: Qos,
    retain: bool,
    duplicate: bool,
    properties: Section,
    receipt: Option<Receipt>,
}

impl Message {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn new(
        topic: String,
        payload: Vec<u8>,
        qos: Qos,
        retain: bool,
        duplicate: bool,
        properties: Section,
        receipt: Option<Receipt>,
    ) -> Self {
        Self { inner: Rc::new(Inner { topic, payload, qos, retain, duplicate, properties, receipt }) }
    }

    /// The topic name; a topic alias is resolved.
    pub fn topic(&self) -> &str {
        &self.inner.topic
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        &self.inner.payload
    }

    /// The payload as text.
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn text(&self) -> Result<&str, core::str::Utf8Error> {
        core::str::from_utf8(self.payload())
    }

    /// The payload as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not JSON, or not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(self.payload()).map_err(invalid)
    }

    /// The payload, which is JSON, as a JavaScript value: objects as objects, lists as arrays.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is not JSON.
    pub fn to_js(&self) -> Result<JsValue, Error> {
        let value: serde_json::Value = self.json()?;
        value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(invalid)
    }

    /// The quality of service that it came with.
    pub fn qos(&self) -> Qos {
        self.inner.qos
    }

    /// The server had retained it.
    pub fn is_retained(&self) -> bool {
        self.inner.retain
    }

    /// It may have come before (DUP).
    pub fn is_duplicate(&self) -> bool {
        self.inner.duplicate
    }

    /// The properties; none before MQTT 5.
    pub fn properties(&self) -> Properties {
        self.inner.properties.decode()
    }

    /// Acknowledges it, where [`auto_ack`](super::Options::auto_ack) is off. With QoS 0, a second time, or when the
    /// connection that it came on has gone (then the server sends it again), nothing happens.
    pub fn acknowledge(&self) {
        if let Some(receipt) = &self.inner.receipt {
            // 0 is always legal.
            let _ = receipt.give(0);
        }
    }

    /// Acknowledges it with a reason code of MQTT 5, from 0x80 on: it is not wanted, and the server does not send it again
    /// (tables 3-4 and 3-5).
    ///
    /// # Errors
    /// [`ReasonCode`](crate::Error::ReasonCode) or [`NeedsVersion5`](crate::Error::NeedsVersion5).
    pub fn reject(&self, reason: u8) -> Result<(), Error> {
        match &self.inner.receipt {
            Some(receipt) => receipt.give(reason),
            None => Ok(()),
        }
    }

    pub(super) fn receipt(&self) -> Option<&Receipt> {
        self.inner.receipt.as_ref()
    }
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Message")
            .field("topic", &self.topic())
            .field("payload", &self.payload())
            .field("qos", &self.qos())
            .finish_non_exhaustive()
    }
}

/// A message to publish: a topic name and a payload, and what is beside them.
///
/// ```
/// use wasmqtt::web::{Publish, Qos};
///
/// let message = Publish::new("kitchen/lamp", "on").qos(Qos::AtLeastOnce).retain(true);
/// # let _ = message;
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use = "it is not sent before a client publishes it"]
pub struct Publish {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: Qos,
    pub(super) retain: bool,
    pub(super) properties: Properties,
}

impl Publish {
    /// A message with QoS 0.
    pub fn new(topic: impl Into<String>, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            qos: Qos::AtMostOnce,
            retain: false,
            properties: Properties::default(),
        }
    }

    /// A message whose payload is this value as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value cannot be JSON.
    pub fn json<T: Serialize + ?Sized>(topic: impl Into<String>, value: &T) -> Result<Self, Error> {
        Ok(Self::new(topic, serde_json::to_vec(value).map_err(invalid)?))
    }

    /// A message whose payload is this JavaScript value as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the value cannot be JSON.
    pub fn js(topic: impl Into<String>, value: JsValue) -> Result<Self, Error> {
        let value: serde_json::Value = serde_wasm_bindgen::from_value(value).map_err(invalid)?;
        Self::json(topic, &value)
    }

    /// The quality of service.
    pub fn qos(self, qos: Qos) -> Self {
        Self { qos, ..self }
    }

    /// Shall the server retain it for those who subscribe later?
    pub fn retain(self, retain: bool) -> Self {
        Self { retain, ..self }
    }

    /// Properties (MQTT 5).
    pub fn properties(self, properties: Properties) -> Self {
        Self { properties, ..self }
    }
}

pub(super) fn invalid(error: impl core::fmt::Display) -> Error {
    Error::Invalid(error.to_string())
}
