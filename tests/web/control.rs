//! How a test reaches the brokers, and the server beside them that cuts lines and knows what a broker knows.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasmqtt::web::{Event, Events, Options, Reconnect, Subscription, Version};

/// Where that server listens. `tests/web.mjs` sets it.
const CONTROL: &str = match option_env!("WASMQTT_TEST_CONTROL") {
    Some(address) => address,
    None => "127.0.0.1:1",
};
const USER: Option<&str> = option_env!("WASMQTT_TEST_USER");
const PASSWORD: Option<&str> = option_env!("WASMQTT_TEST_PASSWORD");

pub const VERSIONS: [Version; 2] = [Version::V3_1_1, Version::V5];

/// Asks the server beside the brokers.
pub async fn ask(what: &str) -> String {
    async fn text(url: &str) -> Result<JsValue, JsValue> {
        let fetch: Function = Reflect::get(&js_sys::global(), &"fetch".into())?.dyn_into()?;
        let fetched: Promise = fetch.call1(&JsValue::UNDEFINED, &url.into())?.dyn_into()?;
        let response = JsFuture::from(fetched).await?;
        let text: Function = Reflect::get(&response, &"text".into())?.dyn_into()?;
        let text: Promise = text.call0(&response)?.dyn_into()?;
        JsFuture::from(text).await
    }
    let answer = text(&format!("http://{CONTROL}/{what}")).await.expect("tests/web.mjs runs these tests");
    answer.as_string().expect("a text")
}

/// A line of this test's own to a broker.
pub struct Line {
    number: String,
    pub url: String,
}

impl Line {
    pub async fn to(broker: &str) -> Self {
        let answer = ask(&format!("line?broker={broker}")).await;
        let (number, url) = answer.split_once(' ').expect("a number and an address");
        Self { number: number.into(), url: url.into() }
    }

    pub async fn does(&self, what: &str) -> String {
        ask(&self.path(what)).await
    }

    /// What to ask for that.
    pub fn path(&self, what: &str) -> String {
        format!("{what}?line={}", self.number)
    }

    /// Options with valid credentials that try again soon.
    pub fn options(&self, version: Version) -> Options {
        anonymous(&self.url, version).credentials(USER.unwrap_or(""), PASSWORD.unwrap_or(""))
    }
}

pub fn anonymous(url: &str, version: Version) -> Options {
    let soon = std::time::Duration::from_millis(50);
    let reconnect = Reconnect { min_delay: soon, max_delay: soon, ..Reconnect::default() };
    Options::new(url).versions([version]).reconnect(reconnect).client_id(unique("client"))
}

/// The password of the one user that there is.
pub fn password() -> (&'static str, &'static str) {
    (USER.unwrap_or(""), PASSWORD.unwrap_or(""))
}

/// The address of a server that says this after CONNECT.
pub fn server_that_says(hex: &str) -> String {
    format!("ws://{CONTROL}/?says={hex}")
}

/// A name that no other test has.
pub fn unique(name: &str) -> String {
    format!("{name}-{:x}", (js_sys::Math::random() * 4_503_599_627_370_496.0) as u64)
}

/// The next event that is wanted.
pub async fn wait_for(events: &mut Events, mut wanted: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = events.next().await.expect("the client has ended");
        if wanted(&event) {
            return event;
        }
    }
}

/// It is up, again or for the first time.
pub async fn connected(events: &mut Events) {
    wait_for(events, |event| matches!(event, Event::Connected(_))).await;
}

/// The next messages, as texts.
pub async fn texts(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        let message = subscription.next().await.expect("the client has ended");
        texts.push(message.text().expect("UTF-8").to_owned());
    }
    texts
}
