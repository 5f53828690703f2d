//! With mqtt-client-wasm, which sends and receives packets: answers are the application's own to wait for.

use mqtt_client_wasm::mqtt::packet::{Packet, Qos, SubEntry, SubOpts, v5_0};
use mqtt_client_wasm::{MqttClient, MqttConfig};
use wasm_bindgen::JsValue;

use crate::text;

pub async fn exchange(url: &str, filter: &str, topic: &str, payload: &str) -> Result<(String, String), JsValue> {
    let client = MqttClient::new(MqttConfig { url: url.into(), ..MqttConfig::default() });
    client.connect(url).await.map_err(text)?;
    let connect = v5_0::Connect::builder().client_id("cost").map_err(debug)?.clean_start(true).keep_alive(60).build();
    client.send(Packet::V5_0Connect(connect.map_err(debug)?)).await.map_err(text)?;
    while !matches!(client.recv().await.map_err(text)?, Packet::V5_0Connack(_)) {}

    let id = client.acquire_packet_id().await.ok_or("no packet identifier")?;
    let entry = SubEntry::new(filter, SubOpts::new().set_qos(Qos::AtLeastOnce)).map_err(debug)?;
    let subscribe = v5_0::Subscribe::builder().packet_id(id).entries(vec![entry]).build();
    client.send(Packet::V5_0Subscribe(subscribe.map_err(debug)?)).await.map_err(text)?;
    while !matches!(client.recv().await.map_err(text)?, Packet::V5_0Suback(_)) {}

    let id = client.acquire_packet_id().await.ok_or("no packet identifier")?;
    let publish = v5_0::Publish::builder().topic_name(topic).map_err(debug)?;
    let publish = publish.qos(Qos::AtLeastOnce).packet_id(id).payload(payload.as_bytes()).build();
    client.send(Packet::V5_0Publish(publish.map_err(debug)?)).await.map_err(text)?;
    let (mut acknowledged, mut message) = (false, None);
    loop {
        match client.recv().await.map_err(text)? {
            Packet::V5_0Puback(_) => acknowledged = true,
            Packet::V5_0Publish(came) => {
                let payload = String::from_utf8_lossy(came.payload().as_slice()).into_owned();
                message = Some((came.topic_name().to_owned(), payload));
            }
            _ => {}
        }
        if acknowledged && let Some(message) = message.take() {
            return Ok(message);
        }
    }
}

fn debug(error: impl core::fmt::Debug) -> JsValue {
    format!("{error:?}").into()
}
