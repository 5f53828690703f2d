//! From the broker to the board: everything of this page that is MQTT.

use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;
use wasmqtt::web::{Client, Event, Events, Options, Qos, Reconnect, Subscribing};
use yew::UseReducerDispatcher;

use crate::board::{Action, Board};

/// All sensors, by place and kind.
pub const FILTER: &str = "sensors/+/+";

/// What a sensor says, as JSON.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reading {
    pub value: f64,
    pub unit: String,
}

type Dispatcher = UseReducerDispatcher<Board>;

/// Connects and subscribes. It goes on until the last clone of the client is dropped.
pub fn open(url: String, board: Dispatcher) -> Option<Client> {
    let options = Options::new(url).reconnect(Reconnect { initial: true, ..Reconnect::default() });
    match Client::start(options) {
        Ok(client) => {
            spawn_local(hear(client.events(), board.clone()));
            spawn_local(follow(client.subscribe(FILTER, Qos::AtLeastOnce), board));
            Some(client)
        }
        Err(error) => {
            board.dispatch(Action::Connection(Event::Ended(Some(error))));
            None
        }
    }
}

async fn hear(mut events: Events, board: Dispatcher) {
    while let Some(event) = events.next().await {
        board.dispatch(Action::Connection(event));
    }
}

async fn follow(subscribing: Subscribing, board: Dispatcher) {
    match subscribing.await {
        Ok(mut messages) => {
            while let Some(message) = messages.next().await {
                let reading = message.json().map_err(|error| error.to_string());
                board.dispatch(Action::Message(message.topic().to_owned(), reading));
            }
        }
        Err(error) => board.dispatch(Action::Failed(error.to_string())),
    }
}
