//! The session over plain TCP, by the standard library alone: no browser, no async runtime, no second thread. It
//! subscribes, sends itself a message, and disconnects when that has come back, through any cut of its connection.
//!
//! `mosquitto` beside it, and then `cargo run --example native -- 127.0.0.1:1883 5`, or 4 for MQTT 3.1.1.

use std::io::{ErrorKind, Read, Write};
use std::{collections::VecDeque, env, iter, net::TcpStream, thread, time, time::Duration};

use wasmqtt::session::{Event, Options, Outgoing, Reconnect, Session};
use wasmqtt::wire::{Assembler, FiltersBuf, QoS, Version};
use wasmqtt::{Error, time::Instant};

const TOPIC: &str = "native/round-trip";

/// What follows from an event. The event itself borrows from the session, which must be free before it is told more.
enum Step {
    Open,
    Close,
    Greet,
    Disconnect,
    Return(Option<Error>),
}

/// The application: what it does about each event.
fn hear(event: Event<'_>) -> Option<Step> {
    println!("{event:?}");
    Some(match event {
        Event::Open { .. } => Step::Open,
        Event::Close => Step::Close,
        Event::Connected { .. } => Step::Greet,
        Event::Message(_) => Step::Disconnect,
        Event::Subscribed(answer) if answer.codes != [1] => Step::Return(Some(Error::SubscribeRefused)),
        Event::Failed(ending) | Event::Lost { ending, reconnecting: false } => Step::Return(ending.error),
        _ => return None,
    })
}

fn main() -> Result<(), Error> {
    let argument = |n, default: &str| env::args().nth(n).unwrap_or_else(|| default.into());
    let address = argument(1, "127.0.0.1:1883");
    let versions = vec![if argument(2, "5") == "4" { Version::V3_1_1 } else { Version::V5 }];
    let reconnect = Some(Reconnect { initial: true, ..Reconnect::default() });
    let started = time::Instant::now();
    let now = || Instant::from_millis(started.elapsed().as_millis() as u64);
    let (mut session, mut assembler) = (Session::new(), Assembler::new(u32::MAX));
    let (mut socket, mut steps, mut buffer) = (None::<TcpStream>, VecDeque::new(), [0; 4096]);
    session.connect(now(), Options { versions, reconnect, ..Options::default() })?;
    loop {
        // All that the session has to say and to send; then, one by one, what follows from it; then it waits.
        session.handle_timeout(now());
        steps.extend(iter::from_fn(|| session.poll_event()).filter_map(hear));
        while let (Some(bytes), Some(open)) = (session.poll_transmit(), &mut socket) {
            let _ = open.write_all(bytes); // Reading will tell what is wrong.
        }
        match steps.pop_front() {
            Some(Step::Open) => match TcpStream::connect(&address) {
                Ok(opened) => {
                    (socket, assembler) = (Some(opened), Assembler::new(u32::MAX));
                    session.handle_open(now());
                }
                Err(_) => session.handle_close(now(), Error::SocketError),
            },
            Some(Step::Close) => socket = None,
            Some(Step::Return(error)) => return error.map_or(Ok(()), Err),
            Some(_) if !session.is_connected() => {} // Lost again: the next connection begins anew.
            Some(Step::Greet) => {
                let mut filters = FiltersBuf::new();
                filters.push(TOPIC, QoS::AtLeastOnce.into())?;
                session.subscribe(now(), filters.as_filters(session.version())?, &[])?;
                let (qos, payload) = (QoS::AtLeastOnce, b"there and back");
                session.publish(now(), Outgoing { topic: TOPIC, payload, qos, retain: false, properties: &[] })?;
            }
            Some(Step::Disconnect) => session.disconnect(now(), 0, &[])?,
            None => {
                let wait = session.poll_timeout().map(|at| at.since(now()).max(Duration::from_millis(1)));
                let Some(open) = &mut socket else {
                    thread::sleep(wait.unwrap_or_default());
                    continue;
                };
                match open.set_read_timeout(wait).and_then(|()| open.read(&mut buffer)) {
                    Ok(0) => session.handle_close(now(), Error::SocketClosed),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    Err(_) => session.handle_close(now(), Error::SocketError),
                    Ok(len) => {
                        session.handle_received(now());
                        let mut bytes = &buffer[..len];
                        loop {
                            match assembler.next(&mut bytes) {
                                Ok(Some(frame)) => steps.extend(session.handle_packet(now(), frame).and_then(hear)),
                                Ok(None) => break,
                                Err(error) => break session.handle_malformed(now(), error),
                            }
                        }
                    }
                }
            }
        }
    }
}
