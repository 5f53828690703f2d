//! With wasmqtt.

use wasm_bindgen::JsValue;
use wasmqtt::web::{Client, Options, Qos};

use crate::text;

fn options(url: &str) -> Result<Options, JsValue> {
    #[cfg(not(feature = "wasmqtt-all"))]
    let options = Options::new(url);
    #[cfg(feature = "wasmqtt-all")]
    let options = {
        let object = js_sys::Object::new();
        js_sys::Reflect::set(&object, &"url".into(), &url.into())?;
        Options::from_js(object.into()).map_err(text)?
    };
    #[cfg(feature = "wasmqtt-store")]
    let options = options
        .client_id("cost")
        .clean_start(false)
        .will(wasmqtt::web::Will::new("cost/will", "gone").qos(Qos::AtLeastOnce))
        .credentials_with(async || Ok::<_, std::io::Error>(wasmqtt::web::Credentials::new().user_name("cost")))
        .store(wasmqtt::web::IndexedDbStore);
    Ok(options)
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
