//! All that the page shows: the last values of each sensor, and how the connection stands. It takes one action after the
//! other and does nothing by itself.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use wasmqtt::web::{Event, State};
use yew::Reducible;

use crate::feed::Reading;

/// How many values a sparkline shows.
const KEPT: usize = 60;

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Board {
    pub state: State,
    /// Of the connection, in words.
    pub detail: String,
    pub messages: u64,
    /// By topic, without its first level.
    pub sensors: BTreeMap<String, Rc<Sensor>>,
}

/// One sensor: its last values, the newest at the end.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sensor {
    pub unit: String,
    pub values: VecDeque<f64>,
    /// Why its last message could not be read.
    pub fault: Option<String>,
}

pub enum Action {
    Message(String, Result<Reading, String>),
    Connection(Event),
    /// The subscription was refused.
    Failed(String),
}

impl Reducible for Board {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut board = Rc::unwrap_or_clone(self);
        match action {
            Action::Message(topic, reading) => board.take(&topic, reading),
            Action::Connection(event) => board.hear(event),
            Action::Failed(error) => board.detail = error,
        }
        board.into()
    }
}

impl Board {
    fn take(&mut self, topic: &str, reading: Result<Reading, String>) {
        self.messages += 1;
        let name = topic.split_once('/').map_or(topic, |(_, name)| name);
        let sensor = Rc::make_mut(self.sensors.entry(name.into()).or_default());
        sensor.fault = reading.as_ref().err().cloned();
        if let Ok(Reading { value, unit }) = reading {
            sensor.unit = unit;
            sensor.values.push_back(value);
            if sensor.values.len() > KEPT {
                sensor.values.pop_front();
            }
        }
    }

    fn hear(&mut self, event: Event) {
        (self.state, self.detail) = match event {
            Event::Connected(it) => (State::Connected, format!("MQTT {}", version(it.version as u8))),
            Event::Lost(error) => (State::Reconnecting, error.to_string()),
            Event::Reconnecting { attempt, delay, error } => {
                let wait = delay.as_secs_f64();
                (State::Reconnecting, format!("attempt {attempt}, in {wait:.1} s: {error}"))
            }
            Event::Ended(error) => (State::Disconnected, error.map_or_else(String::new, |error| error.to_string())),
            Event::SubscriptionLost { error, .. } | Event::Warning(error) => (self.state, error.to_string()),
            _ => return,
        };
    }
}

fn version(number: u8) -> &'static str {
    match number {
        3 => "3.1",
        4 => "3.1.1",
        _ => "5.0",
    }
}
