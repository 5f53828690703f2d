//! Where a session outlives its page: what a store must do, and one in memory. Knows no MQTT: keys and records are the
//! core's own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::pin::Pin;
use std::rc::Rc;

use super::Error;
pub use crate::session::{Change, Key};

/// What a store promises: a future of this thread that borrows nothing.
pub type StoreFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// Where sessions are kept, by name.
///
/// A store that does not answer within five seconds has failed. Then the session goes on in memory, and
/// [`Event::Warning`](super::Event::Warning) tells; nothing but deletions is asked of it from there on.
pub trait Store {
    /// Takes the exclusive right to the session of this name, and gives what is in it.
    ///
    /// # Errors
    /// [`Error::StoreInUse`] where somebody else has it, and then the client does not connect;
    /// [`Error::StoreFailed`] for anything else, and then it goes on without a store.
    fn open(&self, name: &str) -> StoreFuture<Opened>;
}

/// A session that was taken.
pub struct Opened {
    /// Its records, in any order.
    pub records: Vec<(Key, Vec<u8>)>,
    /// How they are changed.
    pub writer: Box<dyn Records>,
}

/// The records of one session. Whoever drops them gives the session back.
pub trait Records {
    /// Makes all these changes, in order, or none of them. It is not called again before it has ended. When it is done
    /// they must outlive a crash of the page: whatever depends on them is sent then.
    ///
    /// # Errors
    /// [`Error::StoreFailed`]: nobody knows how much of it was done.
    fn write(&self, changes: Vec<Change>) -> StoreFuture<()>;
}

/// The records of a session in memory.
type Session = BTreeMap<Key, Vec<u8>>;

/// A store in memory, for tests, and for sessions that go on in another client of the same page. Clones share what is in
/// it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    /// By name; true: somebody has taken it.
    sessions: Rc<RefCell<BTreeMap<String, (bool, Session)>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store of its own with what is in this one now, as a page that crashes leaves it: nobody has taken anything.
    pub fn snapshot(&self) -> Self {
        let free = |(name, (_, records)): (&String, &(bool, Session))| (name.clone(), (false, records.clone()));
        Self { sessions: Rc::new(RefCell::new(self.sessions.borrow().iter().map(free).collect())) }
    }

    /// How many records it has, of all sessions.
    pub fn len(&self) -> usize {
        self.sessions.borrow().values().map(|(_, records)| records.len()).sum()
    }

    /// Has it none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Store for MemoryStore {
    fn open(&self, name: &str) -> StoreFuture<Opened> {
        let mut sessions = self.sessions.borrow_mut();
        let (taken, records) = sessions.entry(name.into()).or_default();
        if core::mem::replace(taken, true) {
            return Box::pin(ready(Err(Error::StoreInUse)));
        }
        let records = records.iter().map(|(key, record)| (*key, record.clone())).collect();
        let writer = Box::new(InMemory { store: self.clone(), name: name.into() });
        Box::pin(ready(Ok(Opened { records, writer })))
    }
}

/// One session of a [`MemoryStore`].
struct InMemory {
    store: MemoryStore,
    name: String,
}

impl Records for InMemory {
    fn write(&self, changes: Vec<Change>) -> StoreFuture<()> {
        let mut sessions = self.store.sessions.borrow_mut();
        let (_, records) = sessions.entry(self.name.clone()).or_default();
        for change in changes {
            match change {
                Change::Clear => records.clear(),
                Change::Delete(key) => drop(records.remove(&key)),
                Change::Put(key, record) => drop(records.insert(key, record)),
            }
        }
        Box::pin(ready(Ok(())))
    }
}

impl Drop for InMemory {
    fn drop(&mut self) {
        if let Some((taken, _)) = self.store.sessions.borrow_mut().get_mut(&self.name) {
            *taken = false;
        }
    }
}
