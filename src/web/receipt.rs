//! Stub.

use super::Error;

pub(super) struct Receipt;

impl Receipt {
    pub(super) fn acknowledge(&self, _reason: u8) {
        todo!()
    }

    pub(super) fn reject(&self, _reason: u8) -> Result<(), Error> {
        todo!()
    }
}
