//! The page: a head with the state of the connection, and a card for each sensor. It shows what the board says and
//! knows nothing of MQTT.
//!
//! `npm run example:yew` builds it and serves it beside a broker. By hand: `wasm-pack build --target web`, and any server
//! of files; `?url=…` names the broker.

mod board;
mod card;
mod feed;
mod sample;

use board::Board;
use card::Card;
use wasm_bindgen::prelude::wasm_bindgen;
use wasmqtt::web::{Client, State};
use yew::prelude::*;

#[function_component]
fn App() -> Html {
    let board = use_reducer_eq(Board::default);
    let client = use_state(|| None::<Client>);
    let sampling = use_state_eq(|| false);
    {
        let (board, client) = (board.dispatcher(), client.setter());
        use_effect_with((), move |()| client.set(feed::open(address(), board)));
    }
    use_effect_with((*sampling, client.is_some()), {
        let client = (*client).clone();
        move |&(on, _)| {
            // Dropped when the switch is turned: it stops then.
            let sample = client.filter(|_| on).map(sample::Sample::start);
            move || drop(sample)
        }
    });
    let turn = Callback::from({
        let sampling = sampling.clone();
        move |_| sampling.set(!*sampling)
    });
    let state = format!("{:?}", board.state).to_lowercase();
    html! {
        <div id="dashboard" data-state={state}>
            <header>
                <h1>{ "Sensors" }</h1>
                <p id="state"><span class="lamp" />{ words(board.state) }<small>{ &board.detail }</small></p>
                <p id="count"><b>{ board.messages }</b>{ if board.messages == 1 { " message" } else { " messages" } }</p>
                <button id="sample" type="button" aria-pressed={sampling.to_string()} onclick={turn}>
                    { "Sample values" }
                </button>
            </header>
            <main>
                if board.sensors.is_empty() {
                    <p class="empty">{ "Nothing has come to " }<code>{ feed::FILTER }</code>{ " yet." }</p>
                }
                { for board.sensors.iter().map(|(name, sensor)| html! {
                    <Card key={name.clone()} name={name.clone()} sensor={sensor.clone()} />
                }) }
            </main>
        </div>
    }
}

fn words(state: State) -> &'static str {
    match state {
        State::Connecting => "Connecting",
        State::Connected => "Connected",
        State::Reconnecting => "Reconnecting",
        _ => "Not connected",
    }
}

/// The broker's address: `?url=…`, or one on this machine.
fn address() -> String {
    let query = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let given = web_sys::UrlSearchParams::new_with_str(&query).ok().and_then(|query| query.get("url"));
    given.unwrap_or_else(|| "ws://127.0.0.1:9001/mqtt".into())
}

/// Runs when the WebAssembly is loaded.
#[wasm_bindgen(start)]
fn start() {
    yew::Renderer::<App>::new().render();
}
