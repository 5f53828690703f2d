//! A store in IndexedDB, for pages and workers.

use super::{Opened, Store, StoreFuture};

/// A store in the browser's IndexedDB: a database for each session. Nothing that depends on a change is sent before its
/// transaction is complete. Where the browser has Web Locks, no session is ever open in two tabs
/// ([`Error::StoreInUse`](super::Error::StoreInUse)).
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexedDbStore;

impl Store for IndexedDbStore {
    fn open(&self, _name: &str) -> StoreFuture<Opened> {
        todo!()
    }
}
