//! No client.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

pub async fn exchange(_: &str, _: &str, topic: &str, payload: &str) -> Result<(String, String), JsValue> {
    let payload = JsFuture::from(Promise::resolve(&JsValue::from(payload))).await?;
    Ok((topic.into(), payload.as_string().unwrap_or_default()))
}
