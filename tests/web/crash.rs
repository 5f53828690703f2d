//! A scope that ends in the middle of everything: a worker that is terminated, with its session in IndexedDB. Only from a
//! page, whose script a worker can load.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::web::{Client, IndexedDbStore, Options, Qos, Version};

use super::control::{Line, password, texts, unique};

/// What the worker runs: this script once more.
const SCRIPT: &str = "
import start, { publish_and_wait } from 'ORIGIN/wasm-bindgen-test';
await start({ module_or_path: 'ORIGIN/wasm-bindgen-test_bg.wasm' });
onmessage = async ({ data }) => postMessage(await publish_and_wait(...data));
postMessage('ready');
";

#[wasm_bindgen]
extern "C" {
    type Blob;

    #[wasm_bindgen(constructor)]
    fn new(parts: &Array, options: &JsValue) -> Blob;

    #[wasm_bindgen(js_namespace = URL, js_name = createObjectURL)]
    fn address_of(blob: &Blob) -> String;

    type Worker;

    #[wasm_bindgen(constructor)]
    fn new(url: &str, options: &JsValue) -> Worker;

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &Worker, data: &JsValue);

    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &Worker, run: &js_sys::Function);

    #[wasm_bindgen(method)]
    fn terminate(this: &Worker);
}

fn options(url: &str, id: &str) -> Options {
    let (user, secret) = password();
    Options::new(url).versions([Version::V5]).client_id(id).credentials(user, secret).store(IndexedDbStore)
}

/// In the worker: publishes what nobody acknowledges in time.
#[wasm_bindgen]
pub async fn publish_and_wait(url: String, control: String, id: String) -> JsValue {
    let client = Client::connect(options(&url, &id)).await.expect("a connection");
    client.publish(&id, "first", Qos::ExactlyOnce).await.expect("delivered");
    super::control::ask(&control).await;
    let messages = ["second", "third"].map(|text| client.publish(&id, text, Qos::ExactlyOnce));
    // The bytes leave when the database has them, so that what is written behind them is written after them.
    client.try_publish(&id, "gone", Qos::AtMostOnce).expect("handed over");
    client.publish(&id, "behind", Qos::AtMostOnce).await.expect("handed over");
    std::mem::forget((client, messages));
    "sent".into()
}

#[wasm_bindgen_test]
async fn a_worker_that_is_terminated_loses_nothing_that_was_sent() {
    let line = Line::to("mosquitto").await;
    let listener = Client::connect(Line::to("mosquitto").await.options(Version::V5)).await.unwrap();
    let id = unique("terminated");
    let mut subscription = listener.subscribe(&id, Qos::ExactlyOnce).await.unwrap();

    let origin = Reflect::get(&js_sys::global(), &"location".into()).unwrap();
    let origin = Reflect::get(&origin, &"origin".into()).unwrap().as_string().unwrap();
    let parts = Array::of1(&SCRIPT.replace("ORIGIN", &origin).into());
    let module = js_sys::Object::new();
    Reflect::set(&module, &"type".into(), &"module".into()).unwrap();
    let script = js_sys::Object::new();
    Reflect::set(&script, &"type".into(), &"text/javascript".into()).unwrap();
    let worker = Worker::new(&address_of(&Blob::new(&parts, &script)), &module);
    let (told, hear) = std::sync::mpsc::channel();
    let heard = wasm_bindgen::closure::Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let _ = told.send(Reflect::get(&event, &"data".into()).unwrap_or_default().as_string());
    });
    worker.set_onmessage(wasm_bindgen::JsCast::unchecked_ref(heard.as_ref()));
    let wait = async || {
        loop {
            match hear.try_recv() {
                Ok(told) => return told.unwrap_or_default(),
                Err(_) => drop(line.does("connections").await),
            }
        }
    };
    assert_eq!(wait().await, "ready");
    let arguments = [line.url.clone(), line.path("freeze"), id.clone()];
    worker.post_message(&arguments.iter().map(JsValue::from).collect::<Array>());
    assert_eq!(wait().await, "sent");
    worker.terminate();

    assert_eq!(texts(&mut subscription, 1).await, ["first"]);
    let client = Client::connect(options(&line.url, &id)).await.unwrap();
    assert_eq!(texts(&mut subscription, 2).await, ["second", "third"]);
    client.publish(&id, "fourth", Qos::ExactlyOnce).await.unwrap();
    assert_eq!(texts(&mut subscription, 1).await, ["fourth"]);
    client.disconnect().await;
}
