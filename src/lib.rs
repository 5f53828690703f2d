//! MQTT 3.1, 3.1.1 and 5.0 as a state machine.
//!
//! This crate is *sans-IO*: it opens no socket, reads no clock, starts no thread and calls nobody back. A driver
//! (our JavaScript adapter, the async Rust client, a test, yours) owns those and works in one rhythm:
//!
//! 1. tell the [`Session`](session::Session) what happened: a command (`connect`, `publish`, `subscribe`, …) or a
//!    `handle_*` (the socket opened, bytes came, it closed, time passed), each with the present time as an argument;
//! 2. drain what it wants done: [`poll_event`](session::Session::poll_event),
//!    [`poll_transmit`](session::Session::poll_transmit), [`poll_timeout`](session::Session::poll_timeout).
//!
//! ```
//! use wasmqtt::session::{Event, Options, Session};
//! use wasmqtt::time::Instant;
//! use wasmqtt::wire::{Assembler, Version};
//!
//! let now = Instant::from_millis(0); // by a clock of yours
//! let mut session = Session::new();
//! session.connect(now, Options { versions: vec![Version::V3_1_1], ..Options::default() })?;
//! assert!(matches!(session.poll_event(), Some(Event::Open { host: 0, .. })));
//!
//! // You open a socket, of any kind, and say so: CONNECT is to be sent.
//! session.handle_open(now);
//! assert!(session.poll_transmit().is_some_and(|bytes| bytes[0] == 0x10));
//!
//! // What comes is cut into packets, in whatever pieces it comes. This is a CONNACK.
//! let mut assembler = Assembler::new(session.maximum_packet_size());
//! for mut bytes in [&[0x20, 2, 0][..], &[0][..]] {
//!     session.handle_received(now);
//!     while let Some(frame) = assembler.next(&mut bytes)? {
//!         let event = session.handle_packet(now, frame);
//!         assert!(matches!(event, Some(Event::Connected { reconnected: false, .. })));
//!     }
//! }
//!
//! // In a minute at the latest, a PINGREQ is due.
//! assert_eq!(session.poll_timeout(), Some(Instant::from_millis(60_000)));
//! session.handle_timeout(Instant::from_millis(60_000));
//! assert_eq!(session.poll_transmit(), Some(&[0xC0, 0][..]));
//! # Ok::<(), wasmqtt::Error>(())
//! ```
//!
//! [`session`] says what a driver owes it, and `examples/native.rs` is a whole one over TCP in under a hundred lines.
//!
//! Inside, imports point one way: [`wire`] turns bytes into packets and knows no state; [`session`] is the protocol
//! and knows no bytes; the faces sit at the edge, each a feature. The protocol version is a field of one core, not a
//! second tree.
//!
//! | feature | |
//! | --- | --- |
//! | none, the default | [`session`], [`wire`], [`topic`], [`time`]: no dependency at all |
//! | `web` | `web`, the async client of Rust programs in browsers, on `web-sys` |
//! | `ffi`, `npm` | what the npm package is built from: numbers only, nothing for Rust programs |
//!
//! An error is bad input; a panic is a bug. Bytes from the network never panic and never allocate beyond what was
//! agreed.

// `web` needs std; with both, it wins.
#![cfg_attr(all(feature = "npm", not(feature = "web")), no_std)]
// On docs.rs, an item that needs a feature says so.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

pub mod error;
#[cfg(feature = "ffi")]
pub mod ffi;
#[cfg(all(feature = "npm", not(feature = "web"), target_arch = "wasm32"))]
mod runtime;
pub mod session;
pub mod time;
pub mod topic;
#[cfg(feature = "web")]
pub mod web;
pub mod wire;

pub use error::Error;

/// The Rust of the README compiles.
#[cfg(all(doctest, feature = "web"))]
#[doc = include_str!("../README.md")]
struct Readme;
