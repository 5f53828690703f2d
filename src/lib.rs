//! MQTT 3.1, 3.1.1 and 5.0 as a state machine.
//!
//! This crate is *sans-IO*: it opens no socket, reads no clock, starts no thread and calls nobody back. A driver
//! (our JavaScript adapter, the async Rust client, a test) owns those and works in one rhythm:
//!
//! 1. tell the [`Session`](session::Session) what happened: a command (`connect`, `publish`, `subscribe`, …) or a
//!    `handle_*` (the socket opened, bytes came, it closed, time passed), each with the present time as an argument;
//! 2. drain what it wants done: [`poll_event`](session::Session::poll_event),
//!    [`poll_transmit`](session::Session::poll_transmit), [`poll_timeout`](session::Session::poll_timeout).
//!
//! Inside, imports point one way: [`wire`] turns bytes into packets and knows no state; [`session`] is the protocol
//! and knows no bytes. At the edge sit two features: `ffi`, the boundary to JavaScript, and `web`, an asynchronous client
//! for Rust front-ends. The protocol version is a field of one core, not a second tree.
//!
//! An error is bad input; a panic is a bug. Bytes from the network never panic and never allocate beyond what was
//! agreed.

// `web` needs std; with both, it wins.
#![cfg_attr(all(feature = "npm", not(feature = "web")), no_std)]

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
