//! A small server for one client: sessions, one subscription, QoS 0 to 2 both ways, flow control, topic aliases. It does
//! what the standard says, and panics when the client does not. It knows no clock; the link calls it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wasmqtt::wire::{
    Ack, AckKind, Assembler, ConnAck, FromClient, On, PacketId, PropertiesBuf, Property, Publish, QoS, SubAck, Version,
    encode_ping_resp,
};

/// An application message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub topic: &'static str,
    pub payload: Vec<u8>,
    pub qos: QoS,
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?} to {:?}, {:?}", str::from_utf8(&self.payload), self.topic, self.qos)
    }
}

/// A message on its way to the client.
struct Flying {
    id: PacketId,
    message: Message,
    /// PUBREC came: PUBREL is what is sent.
    released: bool,
    /// It was sent in this session before.
    again: bool,
    /// It was sent on this connection.
    sent: bool,
}

/// What outlives a connection.
#[derive(Default)]
struct State {
    subscribed: bool,
    /// QoS 2 identifiers of the client between PUBLISH and PUBREL.
    received: BTreeSet<PacketId>,
    waiting: VecDeque<Message>,
    flying: Vec<Flying>,
}

struct Connection {
    assembler: Assembler,
    accepted: bool,
    receive_maximum: usize,
    alias_maximum: u16,
    aliases_out: Vec<&'static str>,
    aliases_in: BTreeMap<u16, String>,
    /// Acknowledgements that are not sent yet.
    held: VecDeque<Ack<'static>>,
    /// The client's messages that are not acknowledged.
    open: BTreeSet<PacketId>,
}

pub struct Broker {
    version: Version,
    /// Announced to the client.
    pub receive_maximum: u16,
    pub alias_maximum: u16,
    /// After a reconnect, PUBREC comes unasked for every QoS 2 message that waits for its PUBREL, as Mosquitto does.
    pub repeats_pub_rec: bool,
    /// The next CONNECT finds no session.
    pub forgets: bool,
    /// A message for a client that has not subscribed is lost.
    pub needs_subscription: bool,
    /// A QoS 2 identifier may be used anew: the client has lost its state.
    pub is_lenient: bool,
    /// Payloads of messages that the client need not get: they were lost with a session, or nobody had subscribed.
    pub lost: Vec<Vec<u8>>,
    /// What the client published, in the order in which it was passed on.
    pub accepted: Vec<(String, Vec<u8>)>,
    state: Option<State>,
    connection: Option<Connection>,
    out: Vec<u8>,
}

impl Broker {
    pub fn new(version: Version) -> Self {
        Self {
            version,
            receive_maximum: 65_535,
            alias_maximum: 0,
            repeats_pub_rec: false,
            forgets: false,
            needs_subscription: false,
            is_lenient: false,
            lost: Vec::new(),
            accepted: Vec::new(),
            state: None,
            connection: None,
            out: Vec::new(),
        }
    }

    pub fn handle_open(&mut self) {
        self.out.clear();
        self.connection = Some(Connection {
            assembler: Assembler::new(u32::MAX),
            accepted: false,
            receive_maximum: 65_535,
            alias_maximum: 0,
            aliases_out: Vec::new(),
            aliases_in: BTreeMap::new(),
            held: VecDeque::new(),
            open: BTreeSet::new(),
        });
    }

    pub fn handle_close(&mut self) {
        self.connection = None;
        self.out.clear();
    }

    /// A message for the client.
    pub fn publish(&mut self, message: Message) {
        if self.needs_subscription && self.state.as_ref().is_none_or(|state| !state.subscribed) {
            self.lost.push(message.payload);
            return;
        }
        if message.qos == QoS::AtMostOnce {
            if self.connection.as_ref().is_some_and(|connection| connection.accepted) {
                self.transmit_publish(&message, None, false);
            }
            return;
        }
        self.state.get_or_insert_default().waiting.push_back(message);
        self.transmit_waiting();
    }

    /// Bytes to send.
    pub fn poll_transmit(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.out)
    }

    /// How many acknowledgements are held back.
    pub fn held(&self) -> usize {
        self.connection.as_ref().map_or(0, |connection| connection.held.len())
    }

    /// Sends the oldest acknowledgement that is held back.
    pub fn acknowledge(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        let Some(ack) = connection.held.pop_front() else { return };
        if matches!(ack.kind, AckKind::PubAck | AckKind::PubComp) {
            connection.open.remove(&ack.packet_id);
        }
        ack.encode(self.version, &mut self.out).unwrap();
    }

    /// Nothing is in flight, either way.
    pub fn is_idle(&self) -> bool {
        self.state.as_ref().is_none_or(|it| it.received.is_empty() && it.waiting.is_empty() && it.flying.is_empty())
    }

    pub fn handle_input(&mut self, mut bytes: &[u8]) {
        let mut assembler = core::mem::replace(&mut self.connection.as_mut().unwrap().assembler, Assembler::new(0));
        while let Some(frame) = assembler.next(&mut bytes).unwrap() {
            let packet = FromClient::decode(self.version, frame).unwrap();
            self.handle_packet(packet);
        }
        self.connection.as_mut().unwrap().assembler = assembler;
    }

    fn handle_packet(&mut self, packet: FromClient<'_>) {
        let connection = self.connection.as_mut().unwrap();
        let first = !core::mem::replace(&mut connection.accepted, true);
        assert_eq!(first, matches!(packet, FromClient::Connect(_)), "CONNECT comes first and once [MQTT-3.1.0-1]");
        match packet {
            FromClient::Connect(connect) => {
                for property in connect.properties.iter() {
                    match property {
                        Property::ReceiveMaximum(n) => connection.receive_maximum = n.into(),
                        Property::TopicAliasMaximum(n) => connection.alias_maximum = n,
                        _ => {}
                    }
                }
                self.handle_connect(connect.clean_start);
            }
            FromClient::Publish(publish) => self.handle_publish(publish),
            FromClient::Ack(ack) => self.handle_ack(ack),
            FromClient::Subscribe(subscribe) => {
                self.state.as_mut().unwrap().subscribed = true;
                let codes: Vec<_> = subscribe.filters.iter().map(|(_, options)| options.qos() as u8).collect();
                SubAck { packet_id: subscribe.packet_id, properties: Default::default(), codes: &codes }
                    .encode(self.version, &mut self.out)
                    .unwrap();
            }
            FromClient::Disconnect(_) => {}
            FromClient::PingReq => encode_ping_resp(&mut self.out),
            packet => panic!("not part of the exchange: {packet:?}"),
        }
    }

    fn handle_connect(&mut self, clean_start: bool) {
        if clean_start | core::mem::take(&mut self.forgets)
            && let Some(state) = self.state.take()
        {
            let flying = state.flying.into_iter().filter(|flying| !flying.released).map(|flying| flying.message);
            self.lost.extend(flying.chain(state.waiting).map(|message| message.payload));
        }
        let session_present = self.state.is_some();
        let mut properties = PropertiesBuf::new();
        if self.version == Version::V5 {
            properties.push(Property::ReceiveMaximum(self.receive_maximum)).unwrap();
            properties.push(Property::TopicAliasMaximum(self.alias_maximum)).unwrap();
        }
        let properties = properties.as_properties(On::ConnAck).unwrap();
        ConnAck { session_present, reason: 0, properties }.encode(self.version, &mut self.out).unwrap();
        let state = self.state.get_or_insert_default();
        for flying in &mut state.flying {
            flying.sent = false;
        }
        if self.repeats_pub_rec {
            let repeated = state.received.iter().map(|&id| ack(AckKind::PubRec, id, 0));
            self.connection.as_mut().unwrap().held.extend(repeated);
        }
        self.transmit_waiting();
    }

    fn handle_publish(&mut self, publish: Publish<'_>) {
        let connection = self.connection.as_mut().unwrap();
        let mut topic = publish.topic.to_owned();
        for property in publish.properties.iter() {
            if let Property::TopicAlias(alias) = property {
                assert!((1..=self.alias_maximum).contains(&alias), "topic alias {alias} [MQTT-3.3.2-9]");
                if topic.is_empty() {
                    topic = connection.aliases_in.get(&alias).expect("a topic alias that was set").clone();
                } else {
                    connection.aliases_in.insert(alias, topic.clone());
                }
            }
        }
        assert!(!topic.is_empty());
        let kind = match (publish.qos, publish.packet_id) {
            (_, None) => return self.accepted.push((topic, publish.payload.to_vec())),
            (QoS::AtLeastOnce, Some(_)) => AckKind::PubAck,
            (_, Some(_)) => AckKind::PubRec,
        };
        let id = publish.packet_id.unwrap();
        assert!(connection.open.insert(id), "identifier {id} is in use [MQTT-2.2.1-3]");
        assert!(connection.open.len() <= self.receive_maximum.into(), "Receive Maximum exceeded [MQTT-3.3.4-9]");
        let state = self.state.as_mut().unwrap();
        // "Method A" of figure 4.3: the identifier is stored and the message passed on at once.
        if kind == AckKind::PubAck || state.received.insert(id) {
            self.accepted.push((topic, publish.payload.to_vec()));
        } else {
            assert!(publish.dup || self.is_lenient, "a QoS 2 identifier is in use for another message");
        }
        connection.held.push_back(ack(kind, id, 0));
    }

    fn handle_ack(&mut self, received: Ack<'_>) {
        let id = received.packet_id;
        let state = self.state.as_mut().unwrap();
        if received.kind == AckKind::PubRel {
            let reason = if state.received.remove(&id) { 0 } else { 0x92 };
            self.connection.as_mut().unwrap().held.push_back(ack(AckKind::PubComp, id, reason));
            return;
        }
        let at = state.flying.iter().position(|flying| flying.id == id && flying.sent);
        let at = at.unwrap_or_else(|| panic!("{received:?} answers nothing"));
        let (before, rest) = state.flying.split_at_mut(at);
        let flying = &mut rest[0];
        let first = |it: &Flying| it.sent && !it.released && it.message.qos == flying.message.qos;
        let in_turn = received.kind == AckKind::PubComp || !before.iter().any(first);
        assert!(in_turn, "{received:?} goes before its turn [MQTT-4.6.0-2], [MQTT-4.6.0-3]");
        match (received.kind, flying.message.qos, flying.released) {
            (AckKind::PubRec, QoS::ExactlyOnce, false) if received.reason < 0x80 => {
                flying.released = true;
                ack(AckKind::PubRel, id, 0).encode(self.version, &mut self.out).unwrap();
            }
            (AckKind::PubAck, QoS::AtLeastOnce, false) | (AckKind::PubComp, QoS::ExactlyOnce, true) => {
                state.flying.remove(at);
                self.transmit_waiting();
            }
            _ => panic!("{received:?} does not fit its message"),
        }
    }

    /// Sends again what the last connection left, then anew, as far as the client's Receive Maximum lets it.
    fn transmit_waiting(&mut self) {
        let Some(connection) = self.connection.as_ref().filter(|connection| connection.accepted) else { return };
        let room = connection.receive_maximum;
        let mut state = self.state.take().unwrap();
        for flying in state.flying.iter_mut().filter(|flying| flying.released && !flying.sent) {
            flying.sent = true;
            ack(AckKind::PubRel, flying.id, 0).encode(self.version, &mut self.out).unwrap();
        }
        while let Some(message) = state.waiting.pop_front() {
            // The lowest free identifier, so that one that is taken too early meets another message.
            let free = |id: &PacketId| state.flying.iter().all(|flying| flying.id != *id);
            let id = (1..).filter_map(PacketId::new).find(free).unwrap();
            state.flying.push(Flying { id, message, released: false, again: false, sent: false });
        }
        let room = room.saturating_sub(state.flying.iter().filter(|flying| flying.sent).count());
        for flying in state.flying.iter_mut().filter(|flying| !flying.sent).take(room) {
            flying.sent = true;
            self.transmit_publish(&flying.message, Some(flying.id), core::mem::replace(&mut flying.again, true));
        }
        self.state = Some(state);
    }

    fn transmit_publish(&mut self, message: &Message, packet_id: Option<PacketId>, dup: bool) {
        let connection = self.connection.as_mut().unwrap();
        let mut properties = PropertiesBuf::new();
        let mut topic = message.topic;
        if connection.alias_maximum > 0 {
            let known = connection.aliases_out.iter().position(|known| *known == topic);
            if known.is_none() && connection.aliases_out.len() < connection.alias_maximum.into() {
                connection.aliases_out.push(topic);
                properties.push(Property::TopicAlias(connection.aliases_out.len() as u16)).unwrap();
            }
            if let Some(at) = known {
                properties.push(Property::TopicAlias(at as u16 + 1)).unwrap();
                topic = "";
            }
        }
        let properties = properties.as_properties(On::Publish).unwrap();
        let Message { payload, qos, .. } = message;
        Publish { dup, qos: *qos, retain: false, packet_id, topic, properties, payload }
            .encode(self.version, &mut self.out)
            .unwrap();
    }
}

fn ack(kind: AckKind, packet_id: PacketId, reason: u8) -> Ack<'static> {
    Ack { kind, packet_id, reason, properties: Default::default() }
}
