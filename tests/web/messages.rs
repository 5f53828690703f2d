//! What arrives, of every quality of service, with all that a message may have; and who gets it.

use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::Error as Core;
use wasmqtt::web::{Client, Error, Event, Properties, Publish, Qos, State, Subscribe, Version};

use super::control::{Line, VERSIONS, ask, connected, texts, unique, wait_for};

const LEVELS: [Qos; 3] = [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce];

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

#[wasm_bindgen_test]
async fn what_was_not_answered_before_a_cut_is_asked_again() {
    for version in VERSIONS {
        let line = Line::to("aedes").await;
        let id = unique("asker");
        let client = Client::connect(line.options(version).client_id(&id).clean_start(false)).await.unwrap();
        let mut events = client.events();
        let [kept, dropped, late] = ["kept", "dropped", "late"].map(unique);
        let subscription = client.subscribe(&dropped, Qos::AtLeastOnce).await.unwrap();
        line.does("freeze").await;
        // These leave and are never answered.
        let subscribing = client.subscribe(&kept, Qos::AtLeastOnce);
        drop(subscription);
        client.try_publish("flushed", "", Qos::AtMostOnce).unwrap();
        line.does("refuse").await;
        line.does("cut").await;
        wait_for(&mut events, |event| matches!(event, Event::Lost(_))).await;
        // And this one waits.
        drop(client.subscribe(&late, Qos::AtLeastOnce));
        line.does("back").await;
        let mut subscription = subscribing.await.unwrap();
        ask(&format!("unsubscribed?client={id}&filter={dropped}")).await;
        ask(&format!("unsubscribed?client={id}&filter={late}")).await;
        client.publish(&kept, "hello", Qos::AtLeastOnce).await.unwrap();
        assert_eq!(texts(&mut subscription, 1).await, ["hello"]);
        client.disconnect().await;
    }
}

#[wasm_bindgen_test]
async fn a_subscription_that_is_dropped_without_a_connection_is_taken_back_with_the_next() {
    let line = Line::to("aedes").await;
    let id = unique("dropper");
    let client = Client::connect(line.options(Version::V5).client_id(&id).clean_start(false)).await.unwrap();
    let mut events = client.events();
    let filter = unique("dropped");
    let subscription = client.subscribe(&filter, Qos::AtLeastOnce).await.unwrap();
    ask(&format!("subscribed?client={id}&filter={filter}")).await;
    line.does("refuse").await;
    line.does("cut").await;
    wait_for(&mut events, |event| matches!(event, Event::Lost(_))).await;
    drop(subscription);
    line.does("back").await;
    connected(&mut events).await;
    ask(&format!("unsubscribed?client={id}&filter={filter}")).await;
    client.disconnect().await;
}
