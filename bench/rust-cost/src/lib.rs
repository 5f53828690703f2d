//! One tiny application: it subscribes, publishes a message with QoS 1 over MQTT 5, and hands the page what comes back.
//! Without a client it hands the page its own words, so that it has all that the others have but the client.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[cfg_attr(feature = "wasmqtt", path = "wasmqtt.rs")]
#[cfg_attr(feature = "mqtt5-wasm", path = "mqtt5_wasm.rs")]
#[cfg_attr(feature = "mqtt-client-wasm", path = "mqtt_client_wasm.rs")]
#[cfg_attr(not(any(feature = "wasmqtt", feature = "mqtt5-wasm", feature = "mqtt-client-wasm")), path = "bare.rs")]
mod client;

const FILTER: &str = "cost/#";
const TOPIC: &str = "cost/a";
const PAYLOAD: &str = "there and back";

/// Calls `told` with the topic and the payload of the message.
#[wasm_bindgen]
pub async fn run(url: String, told: Function) -> Result<(), JsValue> {
    let (topic, payload) = client::exchange(&url, FILTER, TOPIC, PAYLOAD).await?;
    told.call2(&JsValue::NULL, &topic.into(), &payload.into())?;
    Ok(())
}

/// What went wrong, for the page.
#[allow(dead_code)] // Not all clients say it in their own words.
fn text(error: impl core::fmt::Display) -> JsValue {
    error.to_string().into()
}
