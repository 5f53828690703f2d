//! What an application is promised, in whatever scope a browser runs it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::Error as Core;
use wasmqtt::web::{
    Client, Credentials, Error, Event, Events, IndexedDbStore, MemoryStore, Offline, Options, Properties, Publish, Qos,
    Reconnect, State, Store, Subscribe, Subscription, Version, Will,
};

use super::control::{Line, VERSIONS, anonymous, ask, password, server_that_says, unique};

const LEVELS: [Qos; 3] = [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce];

/// The next event that is wanted.
async fn wait_for(events: &mut Events, mut wanted: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = events.next().await.expect("the client has ended");
        if wanted(&event) {
            return event;
        }
    }
}

async fn connected(events: &mut Events) {
    wait_for(events, |event| matches!(event, Event::Connected(_))).await;
}

async fn texts(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        let message = subscription.next().await.expect("the client has ended");
        texts.push(message.text().expect("UTF-8").to_owned());
    }
    texts
}

// Messages.

#[wasm_bindgen_test]
async fn messages_of_every_quality_of_service_go_round() {
    for (broker, version) in ["mosquitto", "aedes"].into_iter().flat_map(|it| VERSIONS.map(|version| (it, version))) {
        let line = Line::to(broker).await;
        let client = Client::connect(line.options(version)).await.unwrap();
        assert_eq!(client.state(), State::Connected);
        let topic = unique("round");
        let mut subscription = client.subscribe(&topic, Qos::ExactlyOnce).await.unwrap();
        for qos in LEVELS {
            client.publish(&topic, [qos as u8, 0, 255], qos).await.unwrap();
            let message = subscription.next().await.unwrap();
            assert_eq!((message.topic(), message.payload(), message.qos()), (&*topic, &[qos as u8, 0, 255][..], qos));
            assert!(!message.is_retained() && !message.is_duplicate());
        }
        assert_eq!(client.pending(), 0);
        client.disconnect().await;
    }
}

#[wasm_bindgen_test]
async fn a_thousand_messages_of_one_turn_arrive_in_order() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("many");
    let mut subscription = client.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    let published: Vec<_> = (0..1_000).map(|n| client.publish(&topic, n.to_string(), Qos::AtLeastOnce)).collect();
    let expected: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    assert_eq!(texts(&mut subscription, 1_000).await, expected);
    for answer in published {
        answer.await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_message_larger_than_many_frames_arrives_whole() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V3_1_1)).await.unwrap();
    let topic = unique("large");
    let mut subscription = client.subscribe(&topic, Qos::AtMostOnce).await.unwrap();
    let payload: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    client.publish(&topic, &payload, Qos::AtMostOnce).await.unwrap();
    assert!(subscription.next().await.unwrap().payload() == payload);
}

#[wasm_bindgen_test]
async fn properties_and_the_retain_flag_arrive() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("retained");
    let properties = Properties {
        content_type: Some("text/plain".into()),
        correlation_data: Some(vec![0, 1]),
        response_topic: Some("answers/here".into()),
        user_properties: vec![("name".into(), "值".into())],
        ..Properties::default()
    };
    let message = Publish::new(&topic, "kept").qos(Qos::AtLeastOnce).retain(true).properties(properties.clone());
    let reason = client.publish_with(message).await.unwrap();
    assert_eq!((reason.code(), reason.name()), (0x10, "No matching subscribers"));
    let subscribe = Subscribe::new(&topic)
        .qos(Qos::AtLeastOnce)
        .properties(Properties { subscription_identifiers: vec![7], ..Properties::default() });
    let mut subscription = client.subscribe_with(subscribe).await.unwrap();
    let message = subscription.next().await.unwrap();
    assert!(message.is_retained());
    assert_eq!(message.properties(), Properties { subscription_identifiers: vec![7], ..properties });
    client.publish_with(Publish::new(&topic, "").retain(true)).await.unwrap();
}

#[wasm_bindgen_test]
async fn before_mqtt_5_properties_are_refused_and_the_connection_goes_on() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V3_1_1)).await.unwrap();
    let properties = Properties { content_type: Some("x".into()), ..Properties::default() };
    let refused = client.publish_with(Publish::new("a", "b").properties(properties)).await;
    assert_eq!(refused, Err(Error::Core(Core::NeedsVersion5)));
    client.publish("a", "b", Qos::AtLeastOnce).await.unwrap();
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Reading {
    celsius: f64,
    labels: Vec<String>,
}

#[wasm_bindgen_test]
async fn values_go_round_as_json_and_as_javascript_values() {
    let line = Line::to("aedes").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("json");
    let mut subscription = client.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    let reading = Reading { celsius: 21.5, labels: vec!["küche".into()] };
    client.publish_json(&topic, &reading, Qos::AtLeastOnce).await.unwrap();
    let message = subscription.next().await.unwrap();
    assert_eq!(message.json::<Reading>().unwrap(), reading);
    let value = message.to_js().unwrap();
    assert_eq!(Reflect::get(&value, &"celsius".into()).unwrap().as_f64(), Some(21.5));
    client.publish_with(Publish::js(&topic, value).unwrap().qos(Qos::AtLeastOnce)).await.unwrap();
    assert_eq!(subscription.next().await.unwrap().json::<Reading>().unwrap(), reading);
    client.publish(&topic, "no JSON", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(subscription.next().await.unwrap().json::<Reading>().unwrap_err().code(), 13);
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_a_message_is_said_at_once() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    for topic in ["", "a/+", "#", "a\0b"] {
        assert_eq!(client.try_publish(topic, "", Qos::AtMostOnce), Err(Error::Core(Core::TopicName)));
    }
    assert_eq!(client.subscribe("a#", Qos::AtMostOnce).await.unwrap_err().code(), Core::TopicFilter.code());
    client.try_publish("fine", "", Qos::AtLeastOnce).unwrap();
    client.disconnect().await;
    assert_eq!(client.try_publish("late", "", Qos::AtLeastOnce), Err(Error::Core(Core::NotConnected)));
    assert!(matches!(client.subscribe("late", Qos::AtMostOnce).await, Err(Error::Core(Core::NotConnected))));
}

// Subscriptions.

#[wasm_bindgen_test]
async fn overlapping_subscriptions_each_get_the_message() {
    for version in VERSIONS {
        let line = Line::to("aedes").await;
        let client = Client::connect(line.options(version)).await.unwrap();
        let room = unique("room");
        let mut all = client.subscribe(&format!("{room}/#"), Qos::AtLeastOnce).await.unwrap();
        let mut same = client.subscribe(&format!("{room}/#"), Qos::AtLeastOnce).await.unwrap();
        let mut other = client.subscribe(&format!("{room}/other"), Qos::AtLeastOnce).await.unwrap();
        client.publish(&format!("{room}/lamp"), "on", Qos::AtLeastOnce).await.unwrap();
        assert_eq!((texts(&mut all, 1).await, texts(&mut same, 1).await), (vec!["on".into()], vec!["on".into()]));
        assert!(other.try_next().is_none());
    }
}

#[wasm_bindgen_test]
async fn a_subscription_that_is_dropped_unsubscribes_when_it_is_the_last_of_its_filter() {
    let line = Line::to("aedes").await;
    let id = unique("dropper");
    let client = Client::connect(line.options(Version::V5).client_id(&id)).await.unwrap();
    let filter = unique("dropped");
    let first = client.subscribe(&filter, Qos::AtLeastOnce).await.unwrap();
    let mut second = client.subscribe(&filter, Qos::AtLeastOnce).await.unwrap();
    drop(first);
    client.publish(&filter, "still", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(texts(&mut second, 1).await, ["still"]);
    drop(second);
    ask(&format!("unsubscribed?client={id}&filter={filter}")).await;
    // One that is dropped before the answer came.
    drop(client.subscribe(&filter, Qos::AtLeastOnce));
    let last = client.subscribe(&unique("other"), Qos::AtLeastOnce).await.unwrap();
    ask(&format!("unsubscribed?client={id}&filter={filter}")).await;
    drop(last);
}

#[wasm_bindgen_test]
async fn a_subscription_waits_for_the_connection() {
    let line = Line::to("mosquitto").await;
    let client = Client::start(line.options(Version::V5)).unwrap();
    assert_eq!(client.state(), State::Connecting);
    let topic = unique("early");
    let mut subscription = client.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    assert_eq!(client.state(), State::Connected);
    client.publish(&topic, "early", Qos::AtLeastOnce).await.unwrap();
    assert_eq!(texts(&mut subscription, 1).await, ["early"]);
}

#[wasm_bindgen_test]
async fn a_filter_that_the_server_refuses_is_an_error() {
    for version in VERSIONS {
        let line = Line::to("aedes").await;
        let client = Client::connect(line.options(version)).await.unwrap();
        let error = client.subscribe("forbidden/a", Qos::AtMostOnce).await.unwrap_err();
        assert_eq!((error.code(), error.reason().unwrap().code() >= 0x80), (27, true));
        drop(client.subscribe("allowed/a", Qos::AtMostOnce).await.unwrap());
    }
}

#[wasm_bindgen_test]
async fn a_message_that_nobody_claims_is_an_event() {
    let line = Line::to("mosquitto").await;
    let client = Client::connect(line.options(Version::V5)).await.unwrap();
    let topic = unique("unclaimed");
    let mut events = client.events();
    let subscription = client.subscribe(&topic, Qos::AtLeastOnce).await.unwrap();
    let publishing = client.publish(&topic, "hello", Qos::AtLeastOnce);
    drop(subscription);
    let event = wait_for(&mut events, |event| matches!(event, Event::Unclaimed(_))).await;
    let Event::Unclaimed(message) = event else { unreachable!() };
    assert_eq!(message.payload(), b"hello");
    publishing.await.unwrap();
}

#[wasm_bindgen_test]
async fn what_the_application_does_not_acknowledge_comes_again() {
    for version in VERSIONS {
        let line = Line::to("mosquitto").await;
        let options = line.options(version).clean_start(false).auto_ack(false);
        let client = Client::connect(options).await.unwrap();
        let mut events = client.events();
        let topic = unique("manual");
        let mut subscription = client.subscribe(&topic, Qos::ExactlyOnce).await.unwrap();
        for qos in &LEVELS[1..] {
            client.publish(&topic, format!("{qos:?}"), *qos).await.unwrap();
        }
        let first = subscription.next().await.unwrap();
        let second = subscription.next().await.unwrap();
        first.acknowledge();
        first.acknowledge();
        // Behind the acknowledgement.
        client.publish("elsewhere", "", Qos::AtLeastOnce).await.unwrap();
        line.does("cut").await;
        connected(&mut events).await;
        let again = subscription.next().await.unwrap();
        assert_eq!(again.payload(), second.payload());
        again.acknowledge();
        // Of a connection that is gone.
        second.acknowledge();
        client.publish("elsewhere", "", Qos::AtLeastOnce).await.unwrap();
        assert!(subscription.try_next().is_none());
        client.disconnect().await;
    }
}

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

// Stores.

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
