//! MQTT for Rust front-ends: an asynchronous client on the browser's own WebSocket, for Yew, Leptos, Dioxus or plain
//! wasm-bindgen, in pages and in workers.
//!
//! ```no_run
//! use wasmqtt::web::{Client, Error, Options, Qos};
//!
//! # async fn run() -> Result<(), Error> {
//! let client = Client::connect(Options::new("wss://broker.example/mqtt")).await?;
//! let mut lamps = client.subscribe("kitchen/+/state", Qos::AtLeastOnce).await?;
//! client.publish("kitchen/lamp/set", "on", Qos::AtLeastOnce).await?;
//! while let Some(message) = lamps.next().await {
//!     println!("{}: {:?}", message.topic(), message.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The connection
//! A [`Client`] is one connection, and its clones share it. It comes back by itself when it is lost, as
//! [`Options::reconnect`] says, and is probed when the page or the network comes back. [`Client::events`] tells what
//! happens to it. When the last clone is dropped it ends: DISCONNECT is sent, the socket is closed, every stream ends, and
//! whoever waits for an answer gets an error. Nothing is ever left waiting.
//!
//! # Publishing
//! A message is on its way when [`Client::publish`] returns; its future tells what became of it. What is published in one
//! turn of the event loop leaves as one WebSocket message at the end of it. Without a connection, messages with QoS 1 and 2
//! wait, as far as [`Options::offline`] lets them. A message with QoS 0 is done when the socket has it: waiting for that
//! keeps a fast application from filling the memory.
//!
//! # Messages
//! A [`Subscription`] is a [`Stream`](futures_core::Stream), and what `futures::StreamExt` adds works with it. A message is
//! acknowledged when the application comes for the next one, so that a slow application slows the server down, and one that
//! dies on a message gets it again. A subscription that is kept and never asked holds all later acknowledgements back
//! [MQTT-4.6.0-2]: drop it. When the server keeps the session over a cut, it sends again what was not acknowledged.
//!
//! # Sessions that outlive the page
//! With a [`Store`], what MQTT calls the session state is kept: messages that are not acknowledged, what was received with
//! QoS 2, subscriptions. [`IndexedDbStore`] keeps it in the browser. Nothing that depends on a change leaves before the
//! store has it, so that a page may be closed, or crash, at any time. When the page comes back, [`Client::start`] and
//! [`Client::listen`] miss none of the messages that waited.
//!
//! # Time
//! Timers run on the device's clock; a clock that is set back or a device that slept does no harm. Where an answer may
//! never come, [`Options::connect_timeout`] and [`Options::keep_alive`] say for how long to wait.

mod address;
mod channel;
mod client;
#[doc(hidden)]
pub mod driver;
mod error;
mod event;
mod given;
mod indexed_db;
mod link;
mod lock;
mod message;
mod object;
mod options;
mod persistence;
mod platform;
mod properties;
mod receipt;
mod shared;
mod store;
mod subscribing;
mod subscription;
mod table;
mod telling;
mod timer;
mod told;

pub use crate::wire::{QoS as Qos, Version};
pub use client::{Client, Publishing, Subscribing};
pub use error::{Error, Reason};
pub use event::{Connected, Event, State};
pub use indexed_db::IndexedDbStore;
pub use message::{Message, Publish};
pub use options::{Credentials, Offline, Options, Overflow, Reconnect, Will};
pub use properties::Properties;
pub use store::{Change, Key, MemoryStore, Opened, Records, Store, StoreFuture};
pub use subscription::{Events, Subscribe, Subscription};
