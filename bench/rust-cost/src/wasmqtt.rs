//! With wasmqtt.

use wasm_bindgen::JsValue;
use wasmqtt::web::{Client, Options, Qos};

use crate::text;

#[cfg(not(feature = "wasmqtt-all"))]
fn options(url: &str) -> Result<Options, JsValue> {
    Ok(Options::new(url))
}

#[cfg(feature = "wasmqtt-all")]
fn options(url: &str) -> Result<Options, JsValue> {
    use wasmqtt::web::{Credentials, IndexedDbStore, Will};
    let object = js_sys::Object::new();
    js_sys::Reflect::set(&object, &"url".into(), &url.into())?;
    Ok(Options::from_js(object.into())
        .map_err(text)?
        .client_id("cost")
        .will(Will::new("cost/will", "gone").qos(Qos::AtLeastOnce).retain(true))
        .credentials_with(async || Ok::<_, std::io::Error>(Credentials::new().user_name("cost").password("none")))
        .store(IndexedDbStore))
}

pub async fn exchange(url: &str, filter: &str, topic: &str, payload: &str) -> Result<(String, String), JsValue> {
    let client = Client::connect(options(url)?).await.map_err(text)?;
    let mut messages = client.subscribe(filter, Qos::AtLeastOnce).await.map_err(text)?;
    client.publish(topic, payload, Qos::AtLeastOnce).await.map_err(text)?;
    let message = messages.next().await.ok_or("the client has ended")?;
    #[cfg(feature = "wasmqtt-all")]
    {
        client.publish_json(topic, &[1.5, 2.5], Qos::ExactlyOnce).await.map_err(text)?;
        let numbers: Vec<f64> = messages.next().await.ok_or("the client has ended")?.json().map_err(text)?;
        if numbers != [1.5, 2.5] {
            return Err("other numbers came back".into());
        }
        client.disconnect().await;
    }
    Ok((message.topic().into(), message.text().map_err(text)?.into()))
}
