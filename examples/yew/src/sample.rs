//! Sensors that are none: each goes its random way and publishes where it is once a second, until it is dropped.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use wasmqtt::web::{Client, Publish, Qos};

use crate::feed::Reading;

/// Topic, unit, where it begins, and how far it goes at most in a second.
const SENSORS: [(&str, &str, f64, f64); 6] = [
    ("sensors/kitchen/temperature", "°C", 21.5, 0.2),
    ("sensors/kitchen/humidity", "%", 48.0, 0.8),
    ("sensors/bedroom/temperature", "°C", 18.9, 0.15),
    ("sensors/bedroom/co2", "ppm", 640.0, 12.0),
    ("sensors/garden/temperature", "°C", 9.4, 0.3),
    ("sensors/cellar/power", "W", 310.0, 25.0),
];

pub struct Sample(Rc<Cell<bool>>);

impl Sample {
    pub fn start(client: Client) -> Self {
        let runs = Rc::new(Cell::new(true));
        spawn_local(run(client, runs.clone()));
        Self(runs)
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

async fn run(client: Client, runs: Rc<Cell<bool>>) {
    let mut values = SENSORS.map(|(_, _, start, _)| start);
    while runs.get() {
        for ((topic, unit, _, far), value) in SENSORS.iter().zip(&mut values) {
            *value += (js_sys::Math::random() * 2.0 - 1.0) * far;
            let reading = Reading { value: *value, unit: (*unit).into() };
            // With QoS 0 and no connection there is nothing to be told: the next second brings a newer one.
            if let Ok(message) = Publish::json(*topic, &reading) {
                drop(client.publish_with(message.qos(Qos::AtMostOnce)));
            }
        }
        TimeoutFuture::new(1_000).await;
    }
}
