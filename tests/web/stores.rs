//! Sessions that outlive their client.

use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::Error as Core;
use wasmqtt::web::{Client, Error, Event, IndexedDbStore, MemoryStore, Offline, Qos, Store, Version};

use super::control::{Line, VERSIONS, ask, texts, unique, wait_for};

async fn survives_a_reload(store: impl Store + Clone + 'static, version: Version) {
    let line = Line::to("mosquitto").await;
    let listener = Client::connect(Line::to("mosquitto").await.options(version)).await.unwrap();
    let [up, down] = [unique("up"), unique("down")];
    let mut subscription = listener.subscribe(&up, Qos::ExactlyOnce).await.unwrap();
    let id = unique("reloaded");
    let options = || line.options(version).client_id(&id).store(store.clone());
    let client = Client::connect(options()).await.unwrap();
    drop(client.subscribe(&down, Qos::ExactlyOnce).await.map(std::mem::forget));
    let mut events = client.events();
    line.does("refuse").await;
    line.does("cut").await;
    wait_for(&mut events, |event| matches!(event, Event::Reconnecting { .. })).await;
    for n in 0..5 {
        client.try_publish(&up, n.to_string(), Qos::ExactlyOnce).unwrap();
    }
    client.disconnect().await;
    listener.publish(&down, "waited", Qos::ExactlyOnce).await.unwrap();
    line.does("back").await;
    // The page comes back.
    let client = Client::start(options()).unwrap();
    let mut waiting = client.listen(&down).unwrap();
    assert_eq!(texts(&mut waiting, 1).await, ["waited"]);
    assert_eq!(texts(&mut subscription, 5).await, ["0", "1", "2", "3", "4"]);
    assert!(client.connected().await.unwrap().session_present);
    client.publish(&up, "end", Qos::ExactlyOnce).await.unwrap();
    assert_eq!(texts(&mut subscription, 1).await, ["end"]);
    client.disconnect().await;
}

#[wasm_bindgen_test]
async fn a_session_in_memory_goes_on_in_another_client() {
    for version in VERSIONS {
        let store = MemoryStore::new();
        survives_a_reload(store.clone(), version).await;
        // The subscription is all that is left.
        assert_eq!(store.len(), 1);
    }
}

#[wasm_bindgen_test]
async fn a_session_in_indexed_db_outlives_its_client() {
    for version in VERSIONS {
        survives_a_reload(IndexedDbStore, version).await;
    }
}

#[wasm_bindgen_test]
async fn a_page_that_crashes_loses_nothing_that_was_sent() {
    let line = Line::to("mosquitto").await;
    let listener = Client::connect(Line::to("mosquitto").await.options(Version::V5)).await.unwrap();
    let topic = unique("crash");
    let mut subscription = listener.subscribe(&topic, Qos::ExactlyOnce).await.unwrap();
    let store = MemoryStore::new();
    let options = || line.options(Version::V5).client_id(&topic).store(store.clone());
    let client = Client::connect(options()).await.unwrap();
    client.publish(&topic, "first", Qos::ExactlyOnce).await.unwrap();
    while !store.is_empty() {
        ask("connections?line=0").await;
    }
    line.does("freeze").await;
    let lost = client.publish(&topic, "second", Qos::ExactlyOnce);
    while store.is_empty() {
        ask("connections?line=0").await;
    }
    // Nothing of it ever runs again.
    let crashed = store.snapshot();
    std::mem::forget((client, lost));
    let options = line.options(Version::V5).client_id(&topic).store(crashed);
    let client = Client::connect(options).await.unwrap();
    assert_eq!(texts(&mut subscription, 2).await, ["first", "second"]);
    client.publish(&topic, "third", Qos::ExactlyOnce).await.unwrap();
    assert_eq!(texts(&mut subscription, 1).await, ["third"]);
}

#[wasm_bindgen_test]
async fn a_session_is_never_open_twice() {
    async fn check(store: impl Store + Clone + 'static) {
        let line = Line::to("mosquitto").await;
        let id = unique("twice");
        let options = || line.options(Version::V5).client_id(&id).store(store.clone());
        let first = Client::connect(options()).await.unwrap();
        assert_eq!(Client::connect(options()).await.unwrap_err(), Error::StoreInUse);
        first.publish("a", "b", Qos::AtLeastOnce).await.unwrap();
        first.disconnect().await;
        let second = Client::connect(options()).await.unwrap();
        drop(second);
        drop(Client::connect(options()).await.unwrap());
    }
    check(MemoryStore::new()).await;
    check(IndexedDbStore).await;
}

#[wasm_bindgen_test]
async fn a_session_that_is_not_kept_leaves_nothing_in_the_store() {
    let line = Line::to("mosquitto").await;
    let store = MemoryStore::new();
    let options = line.options(Version::V5).store(store.clone()).clean_start(true);
    let client = Client::connect(options).await.unwrap();
    let subscription = client.subscribe("a", Qos::AtLeastOnce).await.unwrap();
    client.publish("b", "", Qos::AtLeastOnce).await.unwrap();
    assert!(!store.is_empty());
    client.disconnect().await;
    assert!(store.is_empty());
    drop(subscription);
}

#[wasm_bindgen_test]
async fn what_finds_no_room_without_a_connection_is_refused() {
    let line = Line::to("mosquitto").await;
    let offline = Offline { max_messages: 2, qos0: true, ..Offline::default() };
    let client = Client::connect(line.options(Version::V5).offline(offline)).await.unwrap();
    let mut events = client.events();
    line.does("refuse").await;
    line.does("cut").await;
    wait_for(&mut events, |event| matches!(event, Event::Lost(_))).await;
    let waiting = [Qos::AtMostOnce, Qos::AtLeastOnce].map(|qos| client.publish("a", "b", qos));
    assert_eq!(client.try_publish("a", "b", Qos::AtLeastOnce), Err(Error::Core(Core::QueueFull)));
    line.does("back").await;
    for answer in waiting {
        answer.await.unwrap();
    }
}
