//! Packet scripts: bytes in, bytes and events out, a sentence each. The session is driven from outside alone, by what a
//! driver can call; whatever it sends or tells beyond the script fails the test.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../model/client.rs"]
mod client;

mod acknowledge;
mod attempts;
mod authentication;
mod batching;
mod connect;
mod keep_alive;
mod limits;
mod offline;
mod publish;
mod receive;
mod reconnect;
mod recovery;
mod resume;
mod script;
mod subscribe;
mod violations;
