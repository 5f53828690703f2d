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
mod options;
mod persistence;
mod platform;
mod properties;
mod receipt;
mod shared;
mod store;
mod subscribing;
mod subscription;
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
