//! With mqtt5-wasm, whose callbacks are JavaScript functions.

use js_sys::{Array, Promise, Uint8Array};
use mqtt5_wasm::{WasmMqttClient, WasmPublishOptions, WasmSubscribeOptions};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

pub async fn exchange(url: &str, filter: &str, topic: &str, payload: &str) -> Result<(String, String), JsValue> {
    let client = WasmMqttClient::new("cost".into());
    client.connect(url).await?;
    let mut resolve = JsValue::UNDEFINED;
    let came = Promise::new(&mut |fulfil, _| resolve = fulfil.into());
    let resolve: js_sys::Function = resolve.unchecked_into();
    let told = Closure::<dyn FnMut(JsValue, JsValue)>::new(move |topic: JsValue, payload: JsValue| {
        let _ = resolve.call1(&JsValue::NULL, &Array::of2(&topic, &payload));
    });
    let mut options = WasmSubscribeOptions::new();
    options.set_qos(1);
    client.subscribe_with_options(filter, told.as_ref().unchecked_ref::<js_sys::Function>().clone(), &options).await?;
    let mut options = WasmPublishOptions::new();
    options.set_qos(1);
    client.publish_with_options(topic, payload.as_bytes(), &options).await?;
    let came = Array::from(&JsFuture::from(came).await?);
    let payload = Uint8Array::new(&came.get(1)).to_vec();
    Ok((came.get(0).as_string().unwrap_or_default(), String::from_utf8(payload).unwrap_or_default()))
}
