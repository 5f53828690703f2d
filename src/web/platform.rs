//! The browser: its WebSocket, clock, and word of sleep and network; in pages and in workers, where there is no
//! `window`. Knows no MQTT.

use js_sys::{Array, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, DomException, Event, EventTarget, MessageEvent, WebSocket};

use super::Error;

/// Browsers keep it to themselves.
const NO_CAUSE: &str = "No cause is given: check the address, the network and the certificate.";

/// A close code: nothing is wrong (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;

/// Milliseconds since 1970, by the device's clock.
pub(super) fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// Any number.
pub(super) fn seed() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// What stands under this name in an object, or in the global one; `None` where there is nothing.
pub(super) fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

/// What was thrown, without what it may say of addresses: credentials stand in some.
pub(super) fn name_of(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<DomException>() {
        Some(exception) => exception.name(),
        None => get(thrown, "name").and_then(|name| name.as_string()).unwrap_or_else(|| "an exception".into()),
    }
}

/// What a socket tells.
pub(super) enum Happened {
    Opened,
    Received(Vec<u8>),
    Failed(&'static str),
    Closed(u16, String),
}

/// A listener, removed when it is dropped.
pub(super) struct Listener {
    target: EventTarget,
    name: &'static str,
    run: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Where the target is none, there is nothing to hear.
    pub(super) fn new(target: &JsValue, name: &'static str, run: impl FnMut(Event) + 'static) -> Option<Self> {
        Self::add(target, name, Box::new(run))
    }

    /// One for all that is run: each kind of it would be compiled again.
    fn add(target: &JsValue, name: &'static str, run: Box<dyn FnMut(Event)>) -> Option<Self> {
        let target: EventTarget = target.clone().dyn_into().ok()?;
        let run = Closure::wrap(run);
        target.add_event_listener_with_callback(name, run.as_ref().unchecked_ref()).ok()?;
        Some(Self { target, name, run })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It can only fail where there is no such listener.
        let _ = self.target.remove_event_listener_with_callback(self.name, self.run.as_ref().unchecked_ref());
    }
}

/// One WebSocket. It tells nothing after it is dropped, and is closed then.
pub(super) struct Socket {
    pub(super) number: u32,
    socket: WebSocket,
    listeners: Vec<Listener>,
}

impl Socket {
    /// Begins to open it. `tell` is never called before this has returned.
    pub(super) fn open(
        number: u32,
        url: &str,
        protocol: &str,
        tell: impl Fn(Happened) + Clone + 'static,
    ) -> Result<Self, Error> {
        let socket = WebSocket::new_with_str_sequence(url, &Array::of1(&protocol.into()))
            .map_err(|thrown| Error::SocketFailed(name_of(&thrown)))?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on = |name, translate: fn(Event) -> Option<Happened>| {
            let tell = tell.clone();
            Listener::new(&socket, name, move |event| translate(event).into_iter().for_each(&tell))
        };
        let listeners = [
            on("open", |_| Some(Happened::Opened)),
            on("message", |event| {
                let data = event.dyn_into::<MessageEvent>().ok()?.data();
                Some(match data.dyn_into::<js_sys::ArrayBuffer>() {
                    Ok(buffer) => Happened::Received(js_sys::Uint8Array::new(&buffer).to_vec()),
                    // A text message has no place in MQTT [MQTT-6.0.0-1].
                    Err(_) => Happened::Failed("The server sent a text message."),
                })
            }),
            on("error", |_| Some(Happened::Failed(NO_CAUSE))),
            on("close", |event| {
                let event = event.dyn_into::<CloseEvent>().ok()?;
                Some(Happened::Closed(event.code(), event.reason()))
            }),
        ];
        let listeners = listeners.into_iter().flatten().collect();
        Ok(Self { number, socket, listeners })
    }

    /// A socket that has closed meanwhile loses it, and tells of its end.
    pub(super) fn send(&self, bytes: &[u8]) {
        let _ = self.socket.send_with_u8_array(bytes);
    }

    /// How many bytes it has not sent yet.
    pub(super) fn buffered(&self) -> u32 {
        self.socket.buffered_amount()
    }

    /// Begins to close it, behind what was sent. Of all that happens then, it tells its end alone.
    pub(super) fn close(&mut self) {
        self.listeners.retain(|listener| listener.name == "close");
        if self.socket.ready_state() < WebSocket::CLOSING {
            // Only another code could be refused.
            let _ = self.socket.close_with_code(NORMAL);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.socket.ready_state() == WebSocket::CLOSED
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close();
    }
}

/// What happened to the page or the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// The network may be another, or is back.
    Network,
    /// The page was asleep or hidden, and is back.
    Awake,
    /// The page is hidden now.
    Hidden,
}

/// Is this a page that is hidden?
pub(super) fn is_hidden() -> bool {
    get(&js_sys::global(), "document").and_then(|page| get(&page, "hidden")).is_some_and(|hidden| hidden.is_truthy())
}

/// Listens for sleep and network until it is dropped.
pub(super) fn watch(tell: impl Fn(Change) + Clone + 'static) -> Vec<Listener> {
    let scope: JsValue = js_sys::global().into();
    let page = get(&scope, "document").unwrap_or_default();
    let navigator = get(&scope, "navigator").unwrap_or_default();
    let connection = get(&navigator, "connection").unwrap_or_default();
    let on = |target: &JsValue, name, translate: Box<dyn Fn(Event) -> Option<Change>>| {
        let tell = tell.clone();
        Listener::new(target, name, move |event| translate(event).into_iter().for_each(&tell))
    };
    // `None` without a network; browsers on desktops do not know its type.
    let network = {
        let connection = connection.clone();
        move || {
            let online = get(&navigator, "onLine").is_none_or(|online| online.is_truthy());
            online.then(|| get(&connection, "type").and_then(|name| name.as_string()))
        }
    };
    let last = std::cell::RefCell::new(network());
    let changed = move |_| {
        // It also comes with each new estimate of the speed. In Chromium's workers it comes instead of `online`.
        let present = network();
        let same = present == last.replace(present.clone());
        (!same && present.is_some()).then_some(Change::Network)
    };
    let seen = |_| Some(if is_hidden() { Change::Hidden } else { Change::Awake });
    let shown = |event: Event| get(&event, "persisted").is_some_and(|it| it.is_truthy()).then_some(Change::Awake);
    [
        on(&scope, "online", Box::new(|_| Some(Change::Network))),
        on(&connection, "change", Box::new(changed)),
        on(&page, "visibilitychange", Box::new(seen)),
        on(&page, "resume", Box::new(|_| Some(Change::Awake))),
        on(&scope, "pageshow", Box::new(shown)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
