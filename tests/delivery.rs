//! What MQTT promises about delivery, held for every byte at which a connection can break: QoS 0 at most once, QoS 1 at
//! least once, QoS 2 exactly once, in order, each ticket settled once, no packet identifier lost.
#![cfg(not(target_arch = "wasm32"))]

mod model;

use std::collections::BTreeMap;

use model::broker::Message;
use model::client::{Client, Told};
use model::random::Random;
use model::world::{Plan, Way, World};
use wasmqtt::session::Options;
use wasmqtt::wire::{QoS, Version};

const BOTH: [Version; 2] = [Version::V3_1_1, Version::V5];
const TOPICS: [&str; 2] = ["room/one", "room/two"];
const LEVELS: [QoS; 3] = [QoS::ExactlyOnce, QoS::AtLeastOnce, QoS::AtMostOnce];

/// Messages of each QoS on two topics.
fn messages(name: &str, count: usize) -> Vec<Message> {
    let message =
        |n: usize| Message { topic: TOPICS[n / 3 % 2], payload: format!("{name}{n}").into_bytes(), qos: LEVELS[n % 3] };
    (0..count).map(message).collect()
}

/// A Receive Maximum, where the version has one.
fn room(version: Version, messages: u16) -> u16 {
    if version == Version::V5 { messages } else { 65_535 }
}

fn plan(version: Version, seed: u64) -> Plan {
    Plan {
        version,
        seed,
        cuts: Vec::new(),
        forgets: None,
        server_receive_maximum: 65_535,
        client_receive_maximum: 65_535,
        alias_maximum: 0,
        auto_ack: true,
        repeats_pub_rec: false,
        up: messages("up", 6),
        down: messages("down", 6),
    }
}

/// Runs to the end and holds the outcome against the promises.
fn check(plan: &Plan) -> World {
    let mut world = World::new(plan.clone());
    world.run();
    check_settled(plan, &world);
    check_arrival(&plan.up, &world.broker.accepted, plan.forgets.is_some(), "up");
    if plan.forgets.is_none() {
        let arrived: Vec<_> =
            world.arrived.iter().map(|(topic, payload, _)| (topic.clone(), payload.clone())).collect();
        check_arrival(&plan.down, &arrived, !plan.auto_ack, "down");
        check_acknowledged(plan, &world);
        for (_, payload, qos) in &world.arrived {
            let published = plan.down.iter().find(|message| message.payload == *payload).unwrap();
            assert_eq!(*qos, published.qos);
        }
    }
    assert_eq!(world.client.session.pending(), 0);
    assert_eq!(world.tap.in_use(), 0);
    assert!(world.broker.is_idle() || plan.forgets.is_some());
    check_identifiers(&mut world);
    world
}

/// Each ticket comes back once, and no other does.
fn check_settled(plan: &Plan, world: &World) {
    let mut tickets: Vec<_> = world.tickets.values().map(|ticket| (*ticket, 0)).collect();
    let mut settled = world.settled.clone();
    tickets.sort_unstable();
    settled.sort_unstable();
    assert_eq!(settled, tickets);
    assert_eq!(tickets.len(), plan.up.iter().filter(|message| message.qos != QoS::AtMostOnce).count());
}

fn check_arrival(published: &[Message], arrived: &[(String, Vec<u8>)], repeats: bool, way: &str) {
    let mut last = BTreeMap::new();
    for message in published {
        let at: Vec<_> = (0..arrived.len()).filter(|n| arrived[*n].1 == message.payload).collect();
        match message.qos {
            QoS::AtMostOnce => assert!(at.len() <= 1, "{way}: {message:?}"),
            QoS::ExactlyOnce if !repeats => assert_eq!(at.len(), 1, "{way}: {message:?}"),
            _ => assert!(!at.is_empty(), "{way}: {message:?}"),
        }
        let Some(&first) = at.first() else { continue };
        assert_eq!(arrived[first].0, message.topic);
        // In order for each topic and QoS (section 4.6).
        let before = last.insert((message.topic, message.qos), first);
        assert!(before.is_none_or(|before| before < first), "{way}: out of order: {message:?}");
    }
}

/// With manual acknowledgement, exactly once is counted where the application says that it is done.
fn check_acknowledged(plan: &Plan, world: &World) {
    if plan.auto_ack {
        return;
    }
    for message in plan.down.iter().filter(|message| message.qos == QoS::ExactlyOnce) {
        let times = world.acknowledged.iter().filter(|payload| **payload == message.payload).count();
        assert_eq!(times, 1, "{message:?}");
    }
}

/// As many messages as were ever in flight find room in the identifiers that were used: none of them is lost.
fn check_identifiers(world: &mut World) {
    let (peak, highest) = (world.tap.peak, world.tap.highest_id);
    for n in 0..peak {
        world.publish(&Message { topic: "later", payload: format!("later{n}").into_bytes(), qos: QoS::AtLeastOnce });
    }
    assert_eq!(world.tap.highest_id, highest, "an identifier is lost");
    world.run();
    assert_eq!(world.client.session.pending(), 0);
    assert_eq!(world.settled.len(), world.tickets.len());
}

/// How many bytes the first connection carries, either way.
fn lengths(plan: &Plan) -> [(Way, usize); 2] {
    let mut world = World::new(plan.clone());
    world.run();
    assert_eq!(world.connections, 1);
    [(Way::Up, world.carried[0]), (Way::Down, world.carried[1])]
}

fn cut_everywhere(plan: &Plan) {
    for (way, length) in lengths(plan) {
        for after in 0..=length {
            check(&Plan { cuts: vec![Some((way, after))], ..plan.clone() });
        }
    }
}

#[test]
fn a_cut_at_any_byte_loses_and_repeats_nothing() {
    for version in BOTH {
        for seed in 1..=2 {
            cut_everywhere(&plan(version, seed));
        }
    }
}

#[test]
fn a_cut_costs_nothing_with_room_for_one_or_two_messages_in_flight() {
    for version in BOTH {
        for messages in [1, 2] {
            let room = room(version, messages);
            let plan = plan(version, 3);
            cut_everywhere(&Plan { server_receive_maximum: room, client_receive_maximum: room, ..plan });
        }
    }
}

#[test]
fn a_cut_costs_nothing_when_the_application_acknowledges_late_and_out_of_turn() {
    for version in BOTH {
        cut_everywhere(&Plan { auto_ack: false, ..plan(version, 4) });
    }
}

#[test]
fn a_cut_costs_nothing_with_topic_aliases() {
    cut_everywhere(&Plan { alias_maximum: 1, ..plan(Version::V5, 5) });
    cut_everywhere(&Plan { alias_maximum: 8, ..plan(Version::V5, 6) });
}

#[test]
fn a_cut_costs_nothing_with_a_server_that_repeats_its_pubrec() {
    for version in BOTH {
        let server_receive_maximum = room(version, 2);
        cut_everywhere(&Plan { repeats_pub_rec: true, server_receive_maximum, ..plan(version, 7) });
    }
}

#[test]
fn a_cut_within_the_next_handshake_changes_nothing() {
    for version in BOTH {
        let plan = plan(version, 8);
        for first in [(Way::Up, 90), (Way::Down, 60)] {
            for (way, length) in [(Way::Up, 60), (Way::Down, 20)] {
                for after in 0..=length {
                    check(&Plan { cuts: vec![Some(first), Some((way, after))], ..plan.clone() });
                }
            }
        }
    }
}

#[test]
fn many_cuts_in_one_exchange_lose_and_repeat_nothing() {
    for seed in 1..=400 {
        let mut random = Random::new(seed);
        let version = BOTH[random.below(2)];
        let mut cuts = Vec::new();
        for _ in 0..2 + random.below(4) {
            let way = [Way::Up, Way::Down][random.below(2)];
            cuts.push(Some((way, 20 + random.below(200))));
        }
        check(&Plan {
            cuts,
            server_receive_maximum: room(version, [1, 2, 3, 65_535][random.below(4)]),
            client_receive_maximum: room(version, [1, 2, 65_535][random.below(3)]),
            alias_maximum: if version == Version::V5 { [0, 1, 5][random.below(3)] } else { 0 },
            auto_ack: random.below(2) == 0,
            repeats_pub_rec: random.below(3) == 0,
            up: messages("up", 12),
            down: messages("down", 12),
            ..plan(version, seed)
        });
    }
}

#[test]
fn a_server_that_lost_its_session_still_gets_every_message_at_least_once() {
    for version in BOTH {
        for messages in [2, 65_535] {
            let server_receive_maximum = room(version, messages);
            let plan = Plan { server_receive_maximum, down: Vec::new(), ..plan(version, 9) };
            for (way, length) in lengths(&plan) {
                for after in 0..=length {
                    check(&Plan { cuts: vec![Some((way, after))], forgets: Some(1), ..plan.clone() });
                }
            }
        }
    }
}

#[test]
fn without_a_cut_everything_arrives_once() {
    for version in BOTH {
        for seed in 1..=20 {
            let plan = plan(version, seed);
            let world = check(&plan);
            assert_eq!(world.arrived.len(), plan.down.len());
        }
    }
}

#[test]
fn seventy_thousand_messages_pass_through_65535_identifiers() {
    let message = |n: usize| Message { topic: "t", payload: n.to_string().into_bytes(), qos: LEVELS[n % 2] };
    let mut world = World::new(Plan { up: Vec::new(), down: Vec::new(), ..plan(Version::V5, 1) });
    world.run();
    for n in 0..70_000 {
        world.publish(&message(n));
    }
    assert_eq!((world.tap.in_use(), world.tap.highest_id), (65_535, 65_535));
    assert_eq!(world.client.session.pending(), 70_000);
    world.run();
    assert_eq!(world.client.session.pending(), 0);
    assert_eq!(world.settled.len(), 70_000);
    assert_eq!(world.broker.accepted.len(), 70_000);
}

#[test]
fn any_split_of_the_bytes_gives_the_same_events() {
    for version in BOTH {
        let plan = Plan { down: messages("down", 9), ..plan(version, 10) };
        let mut world = World::new(plan.clone());
        world.run();
        let stream = world.log.clone();
        let whole = replay(&plan, &stream, &mut |left| left);
        assert!(whole.0.iter().filter(|told| matches!(told, Told::Message(_))).count() == 9);
        for size in 1..=40 {
            assert_eq!(replay(&plan, &stream, &mut |_| size), whole, "pieces of {size} bytes");
        }
        for seed in 1..=40 {
            let mut random = Random::new(seed);
            assert_eq!(replay(&plan, &stream, &mut |_| 1 + random.below(30)), whole, "seed {seed}");
        }
    }
}

/// What a client tells and sends that publishes all at once when it is connected and then gets `stream` in pieces.
fn replay(plan: &Plan, stream: &[u8], piece: &mut dyn FnMut(usize) -> usize) -> (Vec<Told>, Vec<u8>) {
    let options = Options { versions: vec![plan.version], client_id: "model".into(), ..Options::default() };
    let mut client = Client::new();
    client.connect(Options { clean_start: true, ..options }).unwrap();
    client.open();
    let (conn_ack, mut rest) = stream.split_at(2 + usize::from(stream[1]));
    for byte in conn_ack {
        client.input(&[*byte]);
    }
    for message in &plan.up {
        client.publish(message.topic, &message.payload, message.qos).unwrap();
    }
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(piece(rest.len()).min(rest.len()));
        client.input(head);
        rest = tail;
    }
    (client.told.into(), client.sent.into_iter().flatten().collect())
}
