//! Connections that break, do not come about, or end; and servers that do not keep to MQTT.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::Error as Core;
use wasmqtt::web::{
    Client, Credentials, Error, Event, MemoryStore, Options, Properties, Qos, Reconnect, State, Version, Will,
};

use super::control::{Line, VERSIONS, anonymous, ask, connected, password, server_that_says, texts, unique, wait_for};

// Connections that break.

#[wasm_bindgen_test]
async fn a_cut_costs_no_message_and_no_subscription() {
    for (broker, version) in ["mosquitto", "aedes"].into_iter().flat_map(|it| VERSIONS.map(|version| (it, version))) {
        let line = Line::to(broker).await;
        let client = Client::connect(line.options(version)).await.unwrap();
        let mut events = client.events();
        let topic = unique("cut");
        let mut subscription = client.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
        for round in 0..3 {
            line.does("cut").await;
            wait_for(&mut events, |event| matches!(event, Event::Lost(_))).await;
            // The subscription is asked for again before anything is published.
            client.publish(&topic, round.to_string(), Qos::AtLeastOnce).await.unwrap();
            assert_eq!(texts(&mut subscription, 1).await, [round.to_string()]);
        }
        assert_eq!(client.state(), State::Connected);
    }
}

#[wasm_bindgen_test]
async fn what_was_published_while_the_server_was_away_arrives_once_and_in_order() {
    for version in VERSIONS {
        let line = Line::to("mosquitto").await;
        let listener_line = Line::to("mosquitto").await;
        let listener = Client::connect(listener_line.options(version)).await.unwrap();
        let topic = unique("away");
        let mut subscription = listener.subscribe(&topic, Qos::ExactlyOnce).await.unwrap();
        let client = Client::connect(line.options(version).clean_start(false)).await.unwrap();
        let mut events = client.events();
        line.does("refuse").await;
        line.does("cut").await;
        wait_for(&mut events, |event| matches!(event, Event::Reconnecting { attempt: 2, .. })).await;
        let published: Vec<_> = (0..20).map(|n| client.publish(&topic, n.to_string(), Qos::ExactlyOnce)).collect();
        assert_eq!(client.pending(), 20);
        assert_eq!(client.try_publish(&topic, "", Qos::AtMostOnce), Err(Error::Core(Core::NotConnected)));
        line.does("back").await;
        for answer in published {
            answer.await.unwrap();
        }
        let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
        assert_eq!(texts(&mut subscription, 20).await, expected);
        assert!(subscription.try_next().is_none());
        client.disconnect().await;
    }
}

#[wasm_bindgen_test]
async fn a_line_that_is_silent_is_noticed_when_the_network_changes() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let mut events = client.events();
    line.does("freeze").await;
    let online = web_sys::Event::new("online").unwrap();
    let scope: web_sys::EventTarget = js_sys::global().unchecked_into();
    scope.dispatch_event(&online).unwrap();
    let event = wait_for(&mut events, |event| matches!(event, Event::Lost(_))).await;
    assert!(matches!(event, Event::Lost(Error::Core(Core::PingTimeout))), "{event:?}");
    connected(&mut events).await;
}

#[wasm_bindgen_test]
async fn without_a_policy_a_lost_connection_is_the_end() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5).reconnect(None)).await.unwrap();
    let mut events = client.events();
    let mut subscription = client.subscribe("a", Qos::AtMostOnce).await.unwrap();
    line.does("freeze").await;
    let publishing = client.publish("a", "b", Qos::AtLeastOnce);
    line.does("cut").await;
    assert!(matches!(publishing.await, Err(Error::SocketClosed { .. } | Error::SocketFailed(_))));
    assert!(matches!(events.next().await, Some(Event::Ended(Some(_)))));
    assert!(events.next().await.is_none() && subscription.next().await.is_none());
    assert_eq!(client.state(), State::Disconnected);
}

// Connections that do not come about.

#[wasm_bindgen_test]
async fn a_wrong_password_is_said() {
    for (broker, version, code) in
        [("mosquitto", Version::V5, 0x87), ("mosquitto", Version::V3_1_1, 5), ("aedes", Version::V3_1_1, 4)]
    {
        let line = Line::to(broker).await;
        let error = Client::connect(line.options(version).credentials("alice", "wrong")).await.unwrap_err();
        assert_eq!((error.code(), error.reason().map(|reason| reason.code())), (6, Some(code)), "{error}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_said() {
    let line = Line::to("mosquitto").await;
    line.does("refuse").await;
    let error = Client::connect(line.options(Version::V5)).await.unwrap_err();
    assert!(matches!(error, Error::SocketFailed(_)), "{error:?}");
    let error = Client::connect(Options::new("no address at all")).await.unwrap_err();
    assert_eq!(error.code(), 7, "{error:?}");
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_yet_is_tried_again_where_the_policy_says_so() {
    let line = Line::to("mosquitto").await;
    line.does("refuse").await;
    let soon = Duration::from_millis(20);
    let reconnect = Reconnect { initial: true, min_delay: soon, max_delay: soon, ..Reconnect::default() };
    let client = Client::start(line.options(Version::V5).reconnect(reconnect)).unwrap();
    let mut events = client.events();
    wait_for(&mut events, |event| matches!(event, Event::Reconnecting { attempt: 3, .. })).await;
    line.does("back").await;
    assert!(!client.connected().await.unwrap().reconnected);
}

#[wasm_bindgen_test]
async fn the_next_address_is_tried() {
    let gone = Line::to("mosquitto").await;
    gone.does("refuse").await;
    let line = Line::to("mosquitto").await;
    let (user, secret) = password();
    let options = Options::new(&gone.url).url(&line.url).credentials(user, secret);
    drop(Client::connect(options).await.unwrap());
    assert_eq!(line.does("connections").await, "1");
}

#[wasm_bindgen_test]
async fn credentials_are_asked_for_each_attempt() {
    let line = Line::to("mosquitto").await;
    let asked = Rc::new(Cell::new(0));
    let counter = asked.clone();
    let options = line.options(Version::V5).credentials_with(async move || {
        counter.set(counter.get() + 1);
        let (user, secret) = password();
        Ok::<_, Error>(Credentials::new().user_name(user).password(secret))
    });
    let client = Client::connect(options).await.unwrap();
    let mut events = client.events();
    line.does("cut").await;
    connected(&mut events).await;
    assert_eq!(asked.get(), 2);
    let failing = line.options(Version::V5).credentials_with(async || Err::<Credentials, _>("no token"));
    let error = Client::connect(failing).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("no token")), (102, true));
}

#[wasm_bindgen_test]
async fn options_come_from_a_javascript_object() {
    let line = Line::to("mosquitto").await;
    let (user, secret) = password();
    let object = js_sys::Object::new();
    for (name, value) in [
        ("url", JsValue::from(&line.url)),
        ("userName", user.into()),
        ("password", secret.into()),
        ("keepAliveInterval", 30.into()),
        ("mqttVersion", 5.into()),
        ("reconnect", false.into()),
    ] {
        Reflect::set(&object, &name.into(), &value).unwrap();
    }
    let client = Client::connect(Options::from_js(object.clone().into()).unwrap()).await.unwrap();
    assert_eq!(client.connected().await.unwrap().version, Version::V5);
    Reflect::set(&object, &"pasword".into(), &"x".into()).unwrap();
    assert_eq!(Options::from_js(object.into()).unwrap_err().code(), 13);
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_options_is_said_before_anything_is_sent() {
    let options = Options::new("ws://127.0.0.1:1/").versions([Version::V3_1_1]).credentials("", "");
    let properties = Properties { receive_maximum: Some(1), ..Properties::default() };
    assert!(matches!(Client::start(options.properties(properties)), Err(Error::Core(Core::NeedsVersion5))));
    let store = Options::new("ws://127.0.0.1:1/").store(MemoryStore::new());
    assert!(matches!(Client::start(store), Err(Error::Core(Core::ClientIdNeeded))));
}

// Servers that do not keep to MQTT.

#[wasm_bindgen_test]
async fn malformed_bytes_end_the_connection_with_what_was_wrong() {
    const ACCEPTED: &str = "20020000";
    for (says, error) in [
        ("20020000,f000", Core::BadPacketType),
        ("20020000,30ffffffffff", Core::BadRemainingLength),
        ("20020000,360400016100", Core::BadQos),
        ("20020000,d1,00", Core::BadFlags),
        ("20020000,d0,01,00", Core::TrailingBytes),
        ("20020000,9003000100", Core::UnmatchedAck),
        ("20020000,20020000", Core::UnexpectedPacket),
    ] {
        let options = anonymous(&server_that_says(says), Version::V3_1_1).reconnect(None);
        let client = Client::start(options).unwrap();
        let mut events = client.events();
        let ended = wait_for(&mut events, |event| matches!(event, Event::Ended(_))).await;
        assert!(matches!(&ended, Event::Ended(Some(Error::Core(it))) if *it == error), "{says}: {ended:?}");
    }
    // And in pieces of one byte.
    let pieces: Vec<_> = ACCEPTED.as_bytes().chunks(2).map(|it| str::from_utf8(it).unwrap()).collect();
    Client::connect(anonymous(&server_that_says(&pieces.join(",")), Version::V3_1_1)).await.map(drop).unwrap();
}

// Ends.

#[wasm_bindgen_test]
async fn a_client_that_is_dropped_closes_its_socket_and_leaves_nobody_waiting() {
    let line = Line::to("aedes").await;
    let id = unique("leaver");
    let client = Client::connect(line.options(Version::V5).client_id(&id)).await.unwrap();
    ask(&format!("connected?client={id}")).await;
    let mut events = client.events();
    let mut subscription = client.subscribe("a", Qos::AtMostOnce).await.unwrap();
    let clone = client.clone();
    drop(client);
    clone.publish("a", "b", Qos::AtMostOnce).await.unwrap();
    assert_eq!(texts(&mut subscription, 1).await, ["b"]);
    line.does("freeze").await;
    let publishing = clone.publish("a", "c", Qos::AtLeastOnce);
    let subscribing = clone.subscribe("d", Qos::AtMostOnce);
    let waiting = clone.connected();
    drop(clone);
    assert_eq!(publishing.await, Err(Error::Core(Core::ConnectionLost)));
    assert!(subscribing.await.is_err() && waiting.await.is_ok());
    assert!(matches!(events.next().await, Some(Event::Ended(None))));
    assert!(events.next().await.is_none() && subscription.next().await.is_none());
    line.does("cut").await;
    ask(&format!("gone?client={id}")).await;
}

#[wasm_bindgen_test]
async fn what_was_published_before_a_client_is_dropped_still_leaves() {
    let line = Line::to("aedes").await;
    let listener = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("last");
    let mut subscription = listener.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    let will = unique("will");
    let mut wills = listener.subscribe(&will, Qos::AtLeastOnce).await.unwrap();
    let id = unique("leaver");
    let options = line.options(Version::V5).client_id(&id).will(Will::new(&will, "cut").qos(Qos::AtLeastOnce));
    let client = Client::connect(options).await.unwrap();
    client.try_publish(&topic, "last words", Qos::AtMostOnce).unwrap();
    drop(client);
    assert_eq!(texts(&mut subscription, 1).await, ["last words"]);
    ask(&format!("gone?client={id}")).await;
    // It said DISCONNECT [MQTT-3.14.4-3].
    listener.publish(&topic, "behind", Qos::AtLeastOnce).await.unwrap();
    assert!(wills.try_next().is_none());
}

#[wasm_bindgen_test]
async fn disconnecting_ends_all_clones() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let clone = client.clone();
    let mut subscription = clone.subscribe("a", Qos::AtMostOnce).await.unwrap();
    client.disconnect().await;
    client.disconnect().await;
    assert_eq!(clone.state(), State::Disconnected);
    assert!(subscription.next().await.is_none());
    assert_eq!(clone.connected().await, Err(Error::Core(Core::ConnectionLost)));
}

#[wasm_bindgen_test]
async fn disconnecting_may_have_a_reason() {
    let line = Line::to("mosquitto").await;
    let listener = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("will");
    let mut wills = listener.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    let client = Client::connect(line.options(Version::V5).will(Will::new(&topic, "as asked"))).await.unwrap();
    let misplaced = Properties { content_type: Some("x".into()), ..Properties::default() };
    assert_eq!(client.disconnect_with(0, misplaced).await, Err(Error::Core(Core::Property)));
    assert_eq!(client.disconnect_with(1, Properties::default()).await, Err(Error::Core(Core::ReasonCode)));
    assert_eq!(client.state(), State::Connected);
    client.disconnect_with(4, Properties::default()).await.unwrap();
    assert_eq!(texts(&mut wills, 1).await, ["as asked"]);
}

#[wasm_bindgen_test]
async fn a_client_that_is_dropped_while_it_connects_leaves_nothing() {
    let line = Line::to("mosquitto").await;
    let client = Client::start(line.options(Version::V5)).unwrap();
    let connecting = client.connected();
    drop(client);
    assert_eq!(connecting.await, Err(Error::Core(Core::ConnectionLost)));
}

#[wasm_bindgen_test]
async fn two_clients_at_once_do_not_meet() {
    let line = Line::to("mosquitto").await;
    let one = Client::connect(line.options(Version::V5)).await.unwrap();
    let other = Client::connect(line.options(Version::V3_1_1)).await.unwrap();
    let [here, there] = [unique("here"), unique("there")];
    let mut at_one = one.subscribe(&here, Qos::AtLeastOnce).await.unwrap();
    let mut at_other = other.subscribe(&there, Qos::AtLeastOnce).await.unwrap();
    one.publish(&there, "from one", Qos::AtLeastOnce).await.unwrap();
    other.publish(&here, "from other", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(texts(&mut at_one, 1).await, ["from other"]);
    assert_eq!(texts(&mut at_other, 1).await, ["from one"]);
    drop(one);
    other.publish(&there, "alone", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(texts(&mut at_other, 1).await, ["alone"]);
}
