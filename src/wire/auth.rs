//! AUTH (section 3.15).
use super::{Properties, Version, disconnect};
use crate::Error;
use alloc::vec::Vec;
/// AUTH
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Auth<'a> {
    pub reason: u8,
    pub properties: Properties<'a>,
}
impl Auth<'_> {
    /// Appends.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        disconnect::encode(0xF0, self.reason, self.properties, Version::V5, out)
    }
}
