//! What the browser tells a client, and what the client has it do: the socket of the present attempt, the timers, the
//! store's answers. Does what the driver says, in its order: what is to be written first, what is to be sent next, and then
//! one thing to tell.

use std::any::Any;

use wasm_bindgen_futures::spawn_local;

use super::Error;
use super::driver::Sending;
use super::options::Credentials;
use super::platform::{self, Happened, Socket};
use super::shared::{Shared, now};
use super::timer::Timer;
use crate::Error as Core;
use crate::time::Instant;
use crate::wire::Version;

/// A socket that holds more than this many bytes back gets no more for now.
const HIGH_MARK: u32 = 1024 * 1024;
/// How soon to look again, in milliseconds: a WebSocket does not tell when it has drained.
const LOOK_AGAIN: u64 = 20;

impl Shared {
    // What happened outside.

    pub(super) fn handle_socket(&self, number: u32, happened: Happened) {
        {
            let inner = &mut *self.inner.borrow_mut();
            let present = inner.socket.as_ref().is_some_and(|socket| socket.number == number);
            match happened {
                // What a socket says that is not the present one any more is stale, but for its end.
                Happened::Closed(..) if !present => {
                    if let Some(at) = inner.closing.iter().position(|socket| socket.number == number) {
                        discard(inner.closing.remove(at));
                    }
                }
                _ if !present => return,
                Happened::Opened => inner.driver.handle_open(now()),
                Happened::Received(bytes) => inner.driver.handle_input(now(), &bytes),
                Happened::Failed(why) => {
                    inner.failure = Some(Error::SocketFailed(why.into()));
                    inner.driver.handle_close(now(), Core::SocketError);
                }
                Happened::Closed(code, reason) => {
                    inner.closed = (code, reason);
                    inner.driver.handle_close(now(), Core::SocketClosed);
                }
            }
        }
        self.pump();
    }

    pub(super) fn handle_change(&self, change: platform::Change) {
        match change {
            platform::Change::Network => self.wake(true),
            platform::Change::Awake => self.wake(false),
            platform::Change::Hidden => {
                // A timer that was set before would be held back.
                let timer = self.inner.borrow_mut().timer.take();
                drop(timer);
                self.set_timer();
            }
        }
    }

    pub(super) fn handle_timeout(&self) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.timer = None;
            inner.driver.handle_timeout(now());
        }
        self.pump();
    }

    pub(super) fn handle_written(&self, write: u32, written: Result<(), Error>) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.driver.handle_written(write, written.is_ok());
            inner.store_failure = written.err();
        }
        self.pump();
    }

    // What is to be done.

    /// Sends what commands have produced, at the end of this turn.
    pub(super) fn flush_soon(&self) {
        if self.flushing.replace(true) {
            return;
        }
        let me = self.me.clone();
        spawn_local(async move {
            if let Some(shared) = me.upgrade() {
                shared.flushing.set(false);
                shared.pump();
            }
        });
    }

    /// Works off what there is: writes first, sends next, tells last.
    pub(super) fn pump(&self) {
        if self.pumping.replace(true) {
            return;
        }
        loop {
            self.write();
            self.send();
            let told = self.inner.borrow_mut().driver.poll_told();
            match told {
                Some(told) => self.handle(told),
                None => break,
            }
        }
        self.set_timer();
        self.pumping.set(false);
        self.finish();
    }

    fn write(&self) {
        let (write, changes, records) = {
            let inner = &mut *self.inner.borrow_mut();
            let Some((write, changes)) = inner.driver.poll_write(now()) else { return };
            (write, changes, inner.records.clone())
        };
        let Some(records) = records else {
            self.inner.borrow_mut().driver.handle_written(write, false);
            return;
        };
        let writing = records.write(changes);
        // What waits for it is still to be sent when the client is dropped.
        let Some(shared) = self.me.upgrade() else { return };
        spawn_local(async move {
            let written = writing.await;
            shared.handle_written(write, written);
        });
    }

    fn send(&self) {
        let inner = &mut *self.inner.borrow_mut();
        loop {
            let room = inner.socket.as_ref().is_some_and(|socket| socket.buffered() <= HIGH_MARK);
            let Some(sending) = inner.driver.poll_send(room) else { break };
            match sending {
                Sending::Message { socket, bytes } => {
                    if let Some(socket) = inner.socket.as_ref().filter(|it| it.number == socket) {
                        socket.send(&bytes);
                    }
                }
                Sending::Close { socket } => {
                    if let Some(mut socket) = inner.socket.take_if(|it| it.number == socket) {
                        socket.close();
                        inner.closing.push(socket);
                    }
                }
            }
        }
        if inner.look_again.is_none() && inner.socket.is_some() && inner.driver.is_held() {
            let me = self.me.clone();
            inner.look_again = Some(Timer::new(LOOK_AGAIN, move || {
                if let Some(shared) = me.upgrade() {
                    discard(shared.inner.borrow_mut().look_again.take());
                    shared.pump();
                }
            }));
        }
    }

    fn set_timer(&self) {
        let inner = &mut *self.inner.borrow_mut();
        let Some(at) = inner.driver.poll_timeout().map(Instant::as_millis) else {
            inner.timer = None;
            return;
        };
        // A timer that fires early asks again; only one that would fire late has to go.
        if inner.timer.as_ref().is_some_and(|(set, _)| *set <= at) {
            return;
        }
        let me = self.me.clone();
        let timer = Timer::new(at.saturating_sub(platform::now()), move || {
            if let Some(shared) = me.upgrade() {
                discard(shared.inner.borrow_mut().timer.take());
                shared.handle_timeout();
            }
        });
        inner.timer = Some((at, timer));
    }

    /// All is over: the store is given back, and who waits for that is told.
    pub(super) fn finish(&self) {
        let (records, closers, timer) = {
            let inner = &mut *self.inner.borrow_mut();
            let over = inner.ended.is_some() && (inner.driver.is_over() || inner.records.is_none());
            if !over {
                return;
            }
            let records = inner.records.take();
            inner.closing.retain(|socket| !socket.is_closed());
            if !inner.closing.is_empty() {
                drop(records);
                return;
            }
            (records, core::mem::take(&mut inner.closers), inner.closing_timer.take())
        };
        drop(records);
        discard(timer);
        for closer in closers {
            closer.send(());
        }
    }

    // Attempts.

    pub(super) fn open(&self, number: u32, version: Version, url: String) {
        {
            let inner = &mut *self.inner.borrow_mut();
            inner.attempt = number;
            inner.failure = None;
            inner.closed = (0, String::new());
        }
        let Some(ask) = &self.options.ask else { return self.open_socket(number, version, &url) };
        let asking = ask();
        let me = self.me.clone();
        spawn_local(async move {
            let credentials = asking.await;
            // Another attempt may be under way by now.
            let Some(shared) = me.upgrade().filter(|it| it.inner.borrow().attempt == number) else { return };
            match credentials.map_err(Error::CredentialsFailed).and_then(|it| shared.set_credentials(it)) {
                Ok(other) => shared.open_socket(number, version, other.as_ref().unwrap_or(&url)),
                Err(error) => shared.fail(error),
            }
            shared.pump();
        });
    }

    /// Gives the address, if there is another one.
    fn set_credentials(&self, it: Credentials) -> Result<Option<String>, Error> {
        let section = self.options.section()?;
        let inner = &mut *self.inner.borrow_mut();
        inner.driver.set_credentials(it.user_name.as_deref(), it.password.as_deref(), &section)?;
        Ok(it.url)
    }

    fn open_socket(&self, number: u32, version: Version, url: &str) {
        let protocol = if version == Version::V3_1 { "mqttv3.1" } else { "mqtt" };
        let me = self.me.clone();
        let opened = Socket::open(number, url, protocol, move |happened| {
            if let Some(shared) = me.upgrade() {
                shared.handle_socket(number, happened);
            }
        });
        match opened {
            Ok(socket) => self.inner.borrow_mut().socket = Some(socket),
            Err(error) => self.fail(error),
        }
    }

    /// The present attempt has failed before it had a socket.
    fn fail(&self, error: Error) {
        let inner = &mut *self.inner.borrow_mut();
        inner.failure = Some(error);
        inner.driver.handle_close(now(), Core::SocketError);
    }
}

/// Drops what may be running now in a later turn.
fn discard(it: impl Any) {
    let it: Box<dyn Any> = Box::new(it);
    spawn_local(async move { drop(it) });
}
