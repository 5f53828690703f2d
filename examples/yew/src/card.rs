//! One sensor: its name, its value, how that has changed, and a sparkline. It draws what it is given.

use std::rc::Rc;

use yew::prelude::*;

use crate::board::Sensor;

/// The sparkline's own measure; it is stretched to the width of the card.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 60.0;

#[derive(Properties, PartialEq)]
pub struct CardProps {
    pub name: String,
    pub sensor: Rc<Sensor>,
}

#[function_component]
pub fn Card(CardProps { name, sensor }: &CardProps) -> Html {
    let (place, kind) = name.split_once('/').unwrap_or((name, ""));
    let values: Vec<f64> = sensor.values.iter().copied().collect();
    let last = values.last().map_or("–".into(), |last| format!("{last:.1}"));
    let change = values.first().zip(values.last()).map_or(0.0, |(first, last)| last - first);
    html! {
        <article data-sensor={name.clone()}>
            <h2>{ place }<small>{ kind }</small></h2>
            <p class="value"><b>{ last }</b>{ &sensor.unit }<span class="change">{ arrow(change) }</span></p>
            <Sparkline values={values} />
            if let Some(fault) = &sensor.fault {
                <p class="fault">{ fault }</p>
            }
        </article>
    }
}

fn arrow(change: f64) -> String {
    match change {
        change if change >= 0.05 => format!("▲ {change:.1}"),
        change if change <= -0.05 => format!("▼ {:.1}", -change),
        _ => "●".into(),
    }
}

#[derive(Properties, PartialEq)]
struct SparklineProps {
    values: Vec<f64>,
}

#[function_component]
fn Sparkline(SparklineProps { values }: &SparklineProps) -> Html {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &it| (low.min(it), high.max(it)));
    // One value alone is a level line, too.
    let shown = if let [only] = values[..] { &[only; 2][..] } else { values };
    let step = WIDTH / shown.len().saturating_sub(1).max(1) as f64;
    // A line that is level runs through the middle.
    let height = |value: f64| if high > low { (high - value) / (high - low) } else { 0.5 } * (HEIGHT - 8.0) + 4.0;
    let points: Vec<_> =
        shown.iter().enumerate().map(|(at, &value)| format!("{:.1},{:.1}", at as f64 * step, height(value))).collect();
    let line = points.join(" ");
    html! {
        <>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" aria-hidden="true">
                <polygon points={format!("0,{HEIGHT} {line} {WIDTH},{HEIGHT}")} />
                <polyline points={line} />
            </svg>
            if !values.is_empty() {
                <p class="range"><span>{ format!("min {low:.1}") }</span><span>{ format!("max {high:.1}") }</span></p>
            }
        </>
    }
}
