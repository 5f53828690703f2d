//! Listens on the client's side of the link and holds what the client sends against the standard: packet identifiers,
//! DUP, Receive Maximum. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use wasmqtt::wire::{AckKind, Assembler, FromClient, FromServer, Property, Version};

/// What a packet identifier is in use for.
struct Use {
    payload: Vec<u8>,
    /// PUBREC came.
    released: bool,
    /// The client may have said what it says next before it heard of that.
    behind: bool,
}

pub struct Tap {
    version: Version,
    from_client: Assembler,
    from_server: Assembler,
    in_use: BTreeMap<u16, Use>,
    /// Sent on this connection and not acknowledged.
    open: BTreeSet<u16>,
    /// Payloads that were sent in the session that the server keeps.
    sent: BTreeSet<Vec<u8>>,
    receive_maximum: usize,
    /// What the client has set itself.
    pub max_in_flight: usize,
    /// A message that was not sent may have its DUP set.
    unsure: bool,
    /// A connection ended while messages waited for the store: they count as sent, and were not.
    pub held_back: bool,
    /// Messages wait for the store now: what the client says next may be older than what it hears.
    pub is_behind: bool,
    /// The most identifiers that were in use together.
    pub peak: usize,
    pub highest_id: u16,
}

impl Tap {
    pub fn new(version: Version) -> Self {
        Self {
            version,
            from_client: Assembler::new(u32::MAX),
            from_server: Assembler::new(u32::MAX),
            in_use: BTreeMap::new(),
            open: BTreeSet::new(),
            sent: BTreeSet::new(),
            receive_maximum: 65_535,
            max_in_flight: 65_535,
            unsure: false,
            held_back: false,
            is_behind: false,
            peak: 0,
            highest_id: 0,
        }
    }

    /// `unsure`: the client's process died between what it wrote and what it sent, and which identifiers the next one holds
    /// only its store knows.
    pub fn handle_open(&mut self, unsure: bool) {
        if unsure {
            self.unsure = true;
            self.in_use.clear();
        }
        self.from_client.reset();
        self.from_server.reset();
        self.open.clear();
    }

    pub fn in_use(&self) -> usize {
        self.in_use.len()
    }

    /// One WebSocket message of the client.
    pub fn handle_sent(&mut self, mut bytes: &[u8]) {
        assert!(!bytes.is_empty(), "an empty message");
        while let Some(frame) = self.from_client.next(&mut bytes).unwrap() {
            let packet = FromClient::decode(self.version, frame).unwrap();
            match packet {
                FromClient::Connect(_) => assert!(bytes.is_empty(), "something shares a message with CONNECT"),
                FromClient::Publish(publish) => {
                    let payload = publish.payload.to_vec();
                    let Some(id) = publish.packet_id.map(|id| id.get()) else { continue };
                    let again = self.sent.contains(&payload);
                    assert!(
                        publish.dup == again || publish.dup && (self.unsure || self.held_back),
                        "DUP of {payload:?} [MQTT-3.3.1-1]"
                    );
                    self.sent.insert(payload.clone());
                    let used = self.in_use.entry(id).or_insert(Use {
                        payload: payload.clone(),
                        released: false,
                        behind: false,
                    });
                    assert_eq!(used.payload, payload, "identifier {id} is in use [MQTT-2.2.1-3]");
                    assert!(!used.released || used.behind, "PUBLISH {id} after PUBREC [MQTT-4.3.3-6]");
                    assert!(self.open.insert(id), "{id} sent twice on one connection [MQTT-4.4.0-1]");
                    let open = self.open.len();
                    let most = self.receive_maximum.min(self.max_in_flight);
                    assert!(open <= most, "{open} unacknowledged messages [MQTT-3.3.4-7]");
                    self.peak = self.peak.max(self.in_use.len());
                    self.highest_id = self.highest_id.max(id);
                }
                _ => {}
            }
        }
        assert_eq!(bytes, b"", "a message that ends within a packet");
    }

    /// Bytes that are about to reach the client.
    pub fn handle_received(&mut self, mut bytes: &[u8]) {
        while let Some(frame) = self.from_server.next(&mut bytes).unwrap() {
            match FromServer::decode(self.version, frame).unwrap() {
                FromServer::ConnAck(packet) => {
                    if !packet.session_present {
                        self.sent.clear();
                        self.in_use.retain(|_, used| !used.released);
                    }
                    self.receive_maximum = 65_535;
                    for property in packet.properties.iter() {
                        if let Property::ReceiveMaximum(n) = property {
                            self.receive_maximum = n.into();
                        }
                    }
                }
                FromServer::Ack(ack) => {
                    let id = ack.packet_id.get();
                    let Some(used) = self.in_use.get_mut(&id) else { continue };
                    match ack.kind {
                        AckKind::PubRec if ack.reason < 0x80 => {
                            used.released = true;
                            used.behind = self.is_behind;
                        }
                        AckKind::PubAck | AckKind::PubRec => self.end(id),
                        AckKind::PubComp if used.released => self.end(id),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }

    fn end(&mut self, id: u16) {
        self.in_use.remove(&id);
        self.open.remove(&id);
    }
}
