//! A page that is hidden, whose timers the browser holds back.

use std::time::Duration;

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::Error as Core;
use wasmqtt::web::{Client, Error, Event, Version};

use super::control::{Line, wait_for};

/// As a browser does it: the page is hidden, says so, and its own timers never fire.
fn hide(page: &JsValue, hidden: bool) {
    let property = Object::new();
    Reflect::set(&property, &"configurable".into(), &true.into()).unwrap();
    Reflect::set(&property, &"value".into(), &hidden.into()).unwrap();
    Object::define_property(page.unchecked_ref::<Object>(), &"hidden".into(), &property);
    let event = web_sys::Event::new("visibilitychange").unwrap();
    page.unchecked_ref::<web_sys::EventTarget>().dispatch_event(&event).unwrap();
}

#[wasm_bindgen_test]
async fn keep_alive_goes_on_in_a_hidden_page() {
    let scope = js_sys::global();
    let page = Reflect::get(&scope, &"document".into()).unwrap();
    let set_timeout = Reflect::get(&scope, &"setTimeout".into()).unwrap();
    let line = Line::to("mosquitto").await;
    let options = line.options(Version::V5).keep_alive(Duration::from_secs(1)).reconnect(None);
    let client = Client::connect(options).await.unwrap();
    let mut events = client.events();
    line.does("freeze").await;
    Reflect::set(&scope, &"setTimeout".into(), &Function::new_no_args("return 0")).unwrap();
    hide(&page, true);
    let event = wait_for(&mut events, |event| matches!(event, Event::Ended(_))).await;
    Reflect::set(&scope, &"setTimeout".into(), &set_timeout).unwrap();
    hide(&page, false);
    Reflect::delete_property(page.unchecked_ref::<Object>(), &"hidden".into()).unwrap();
    assert!(matches!(event, Event::Ended(Some(Error::Core(Core::PingTimeout)))), "{event:?}");
}
