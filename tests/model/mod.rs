//! A client and a small but honest server on a link that splits, delays and cuts, with a tap between them that holds
//! every byte against the standard. Nothing here waits, and nothing is random that a seed does not decide.

pub mod broker;
pub mod client;
pub mod random;
pub mod tap;
pub mod world;
