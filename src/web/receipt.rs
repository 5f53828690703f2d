//! The acknowledgement that a message waits for: by whom it is still wanted, and that it is given once.

use std::cell::Cell;
use std::rc::Weak;

use super::Error;
use super::shared::Shared;
use crate::session::Acknowledgement;

/// Of one message with QoS 1 or 2.
pub(super) struct Receipt {
    client: Weak<Shared>,
    acknowledgement: Acknowledgement,
    /// Subscriptions that are not done with the message.
    takers: Cell<u32>,
    given: Cell<bool>,
}

impl Receipt {
    pub(super) fn new(client: Weak<Shared>, acknowledgement: Acknowledgement) -> Self {
        Self { client, acknowledgement, takers: Cell::new(0), given: Cell::new(false) }
    }

    /// One more subscription has it.
    pub(super) fn take(&self) {
        self.takers.set(self.takers.get() + 1);
    }

    /// A subscription is done with it. What several have taken is acknowledged when the last is, if that is left to us.
    pub(super) fn release(&self) {
        let takers = self.takers.get().saturating_sub(1);
        self.takers.set(takers);
        if takers == 0 && self.client.upgrade().is_some_and(|client| client.acknowledges()) {
            // 0 is always legal.
            let _ = self.give(0);
        }
    }

    /// Was it acknowledged?
    pub(super) fn is_given(&self) -> bool {
        self.given.get()
    }

    /// Acknowledges with this reason code.
    pub(super) fn give(&self, reason: u8) -> Result<(), Error> {
        if self.given.get() {
            return Ok(());
        }
        let Some(client) = self.client.upgrade() else { return Ok(()) };
        client.acknowledge(self.acknowledgement, reason)?;
        self.given.set(true);
        Ok(())
    }
}
