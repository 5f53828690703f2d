//! A store in IndexedDB, for pages and workers. All changes of a turn are one transaction, and what depends on them waits
//! until that is complete. Never gives a session to two pages.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbDatabase, IdbFactory, IdbObjectStore, IdbRequest, IdbTransaction};

use super::Error;
use super::channel::Queue;
use super::lock::{Lock, lock};
use super::platform::{Listener, get, name_of};
use super::store::{Change, Key, Opened, Records, Store, StoreFuture};

/// What the databases and the locks are called, before the name of the session.
const PREFIX: &str = "wasmqtt.web:";
const RECORDS: &str = "records";

/// A store in the browser's IndexedDB: a database for each session. Nothing that depends on a change is sent before its
/// transaction is complete. Where the browser has Web Locks, no session is ever open in two tabs
/// ([`Error::StoreInUse`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IndexedDbStore;

impl Store for IndexedDbStore {
    fn open(&self, name: &str) -> StoreFuture<Opened> {
        let name = [PREFIX, name].concat();
        Box::pin(async move {
            let lock = lock(&name).await?;
            let database = open(&name).await?;
            let closing = database.clone();
            // Whoever deletes the database shall not wait for this page; what is written afterwards fails.
            let deleted = Listener::new(&database, "versionchange", move |_| closing.close());
            let writer = Database { database, _deleted: deleted, _lock: lock };
            Ok(Opened { records: writer.load().await?, writer: Box::new(writer) })
        })
    }
}

/// One session. The database closes before the lock goes.
struct Database {
    database: IdbDatabase,
    _deleted: Option<Listener>,
    _lock: Option<Lock>,
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl Database {
    async fn load(&self) -> Result<Vec<(Key, Vec<u8>)>, Error> {
        let (transaction, records) = transact(&self.database, "readonly")?;
        let keys = records.get_all_keys().map_err(failed)?;
        let values = records.get_all().map_err(failed)?;
        complete(&transaction).await?;
        let keys: Array = keys.result().map_err(failed)?.unchecked_into();
        let values: Array = values.result().map_err(failed)?.unchecked_into();
        let record = |(key, value): (JsValue, JsValue)| {
            let key = decode_key(&key.as_string()?)?;
            Some((key, value.dyn_into::<Uint8Array>().ok()?.to_vec()))
        };
        Ok(keys.iter().zip(values.iter()).filter_map(record).collect())
    }
}

impl Records for Database {
    fn write(&self, changes: Vec<Change>) -> StoreFuture<()> {
        let begun = self.begin(changes);
        Box::pin(async move { complete(&begun?).await })
    }
}

impl Database {
    fn begin(&self, changes: Vec<Change>) -> Result<IdbTransaction, Error> {
        let (transaction, records) = transact(&self.database, "readwrite")?;
        for change in changes {
            let asked = match change {
                Change::Clear => records.clear(),
                Change::Delete(key) => records.delete(&encode_key(key).into()),
                Change::Put(key, record) => {
                    records.put_with_key(&Uint8Array::from(&record[..]), &encode_key(key).into())
                }
            };
            // All of it, or nothing.
            if let Err(thrown) = asked {
                let _ = transaction.abort();
                return Err(failed(thrown));
            }
        }
        Ok(transaction)
    }
}

async fn open(name: &str) -> Result<IdbDatabase, Error> {
    let factory = get(&js_sys::global(), "indexedDB").ok_or(Error::Unsupported("IndexedDB"))?;
    let factory: IdbFactory = factory.unchecked_into();
    let request = factory.open_with_u32(name, 1).map_err(failed)?;
    let upgrading = request.clone();
    let _upgrade = Listener::new(&request, "upgradeneeded", move |_| {
        if let Ok(database) = upgrading.result() {
            // A failure aborts the opening, which tells of it.
            let _ = database.unchecked_into::<IdbDatabase>().create_object_store(RECORDS);
        }
    });
    let database: IdbDatabase = result(&request).await?.unchecked_into();
    Ok(database)
}

/// What a request gives.
async fn result(request: &IdbRequest) -> Result<JsValue, Error> {
    ended(request, "success", "error").await;
    request.result().map_err(failed)
}

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase`, of which web-sys keeps the options of a transaction back as unstable.
    #[wasm_bindgen(extends = IdbDatabase)]
    type Strict;

    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Strict, store: &str, mode: &str, options: &JsValue) -> Result<IdbTransaction, JsValue>;
}

/// A transaction that is complete when it is on the disk.
fn transact(database: &IdbDatabase, mode: &str) -> Result<(IdbTransaction, IdbObjectStore), Error> {
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &"strict".into()).map_err(failed)?;
    let transaction = database.unchecked_ref::<Strict>().transaction(RECORDS, mode, &options).map_err(failed)?;
    let records = transaction.object_store(RECORDS).map_err(failed)?;
    Ok((transaction, records))
}

/// Waits for the end of a transaction.
async fn complete(transaction: &IdbTransaction) -> Result<(), Error> {
    if ended(transaction, "complete", "abort").await {
        return Ok(());
    }
    let why = transaction.error().map_or_else(|| "The transaction was aborted.".into(), |error| error.name());
    Err(Error::StoreFailed(why))
}

/// Waits for one of these events. Was it the good one?
async fn ended(target: &JsValue, good: &'static str, bad: &'static str) -> bool {
    let queue = Queue::new();
    let on = |name, value| {
        let queue = queue.clone();
        Listener::new(target, name, move |_| _ = queue.push(value))
    };
    let _listeners = [on(good, true), on(bad, false)];
    std::future::poll_fn(|context| queue.poll(context)).await.unwrap_or(false)
}

fn failed(thrown: JsValue) -> Error {
    Error::StoreFailed(name_of(&thrown))
}

/// As the JavaScript face has them: a letter and a number.
fn encode_key(key: Key) -> String {
    let (letter, number) = key.to_parts();
    let mut text = String::from(char::from(letter));
    text.push_str(&number.to_string());
    text
}

fn decode_key(key: &str) -> Option<Key> {
    let (letter, number) = key.split_at_checked(1)?;
    Key::from_parts(*letter.as_bytes().first()?, number.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_as_they_were_written() {
        for key in [Key::Message(7), Key::Subscription(0)] {
            assert_eq!(decode_key(&encode_key(key)), Some(key));
        }
        for other in ["", "m", "x1", "m1x", "é1"] {
            assert_eq!(decode_key(other), None);
        }
    }
}
