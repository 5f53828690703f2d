//! What the driver told, and who of the application hears of it: streams of messages and of events, and whoever waits for
//! an answer. Runs what is the application's while nothing is borrowed.

use std::rc::Weak;

use wasm_bindgen_futures::spawn_local;

use super::driver::{Arrived, End, Told};
use super::properties::Section;
use super::receipt::Receipt;
use super::shared::{Inner, Shared, late, now};
use super::subscribing::Settled;
use super::{Connected, Error, Event, Message, Reason, State};
use crate::Error as Core;
use crate::wire::{On, Version};

/// AUTH: more is wanted (section 3.15.2.1).
const CONTINUE_AUTHENTICATION: u8 = 0x18;

impl Shared {
    pub(super) fn handle(&self, told: Told) {
        match told {
            Told::Open { socket, version, url, .. } => self.open(socket, version, url),
            Told::Connected { version, session_present, reconnected, properties, .. } => {
                self.handle_connected(Connected { session_present, reconnected, version, properties });
            }
            Told::Lost(end) => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.state = State::Reconnecting;
                    inner.connected = None;
                    inner.subscribing.handle_lost();
                    inner.error(end)
                };
                self.tell(Event::Lost(lost(error.as_ref())));
            }
            Told::Reconnecting { attempt, delay, end } => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.state = State::Reconnecting;
                    inner.error(end)
                };
                self.tell(Event::Reconnecting { attempt, delay, error: lost(error.as_ref()) });
            }
            Told::Ended(end) => {
                let error = {
                    let inner = &mut *self.inner.borrow_mut();
                    inner.error(end).or(inner.verdict.take())
                };
                self.end(error);
            }
            Told::Message(arrived) => self.handle_message(arrived),
            Told::Delivered { ticket, reason, properties } => {
                let answer = self.inner.borrow_mut().publishing.remove(ticket);
                let reason = Reason::new(reason, properties);
                let refused = reason.code() >= 0x80;
                settle(answer.map(|it| (it, if refused { Err(Error::PublishRefused(reason)) } else { Ok(reason) })));
            }
            Told::Undelivered { ticket, error } => {
                let answer = self.inner.borrow_mut().publishing.remove(ticket);
                settle(answer.map(|it| (it, Err(error.into()))));
            }
            Told::Subscribed(answer) => {
                let settled = self.inner.borrow_mut().subscribing.handle_subscribed(answer);
                settle(settled);
            }
            Told::Unsubscribed(answer) => self.inner.borrow_mut().subscribing.handle_unsubscribed(answer.ticket),
            Told::Resubscribed { filters, codes } => self.handle_resubscribed(&filters, &codes),
            Told::Auth { reason, properties } => self.handle_auth(reason, &properties),
            Told::Alive => {}
            Told::StoreFailed => {
                let failure = self.inner.borrow_mut().store_failure.take();
                self.tell(Event::Warning(failure.unwrap_or_else(late)));
            }
            Told::RecordDamaged => self.tell(Event::Warning(Core::RecordDamaged.into())),
        }
    }

    fn handle_connected(&self, connected: Connected) {
        let resumed = connected.session_present || connected.version == Version::V3_1 && self.options.keeps_session();
        let (settled, waiters, streams) = {
            let inner = &mut *self.inner.borrow_mut();
            inner.state = State::Connected;
            inner.connected = Some(connected.clone());
            let settled = inner.subscribing.handle_connected(&mut inner.driver, now());
            (settled, core::mem::take(&mut inner.waiters), inner.subscribing.all())
        };
        if resumed {
            // The server sends again what was not acknowledged.
            for stream in streams {
                stream.retain(|message| message.receipt().is_none_or(Receipt::is_given));
            }
        }
        settled.into_iter().for_each(|one| settle(Some(one)));
        for waiter in waiters {
            waiter.send(Ok(connected.clone()));
        }
        self.tell(Event::Connected(connected));
    }

    fn handle_message(&self, arrived: Arrived) {
        let Arrived { topic, payload, qos, retain, duplicate, properties, acknowledgement, routes } = arrived;
        let receipt = acknowledgement.map(|it| Receipt::new(self.me.clone(), it));
        let message = Message::new(topic, payload, qos, retain, duplicate, properties, receipt);
        let streams = self.inner.borrow().subscribing.streams(&routes);
        // One more than there are, so that none is the last while others have not got it.
        message.receipt().into_iter().for_each(Receipt::take);
        let claimed = !streams.is_empty();
        for stream in streams {
            message.receipt().into_iter().for_each(Receipt::take);
            if !stream.push(message.clone()) {
                message.receipt().into_iter().for_each(Receipt::release);
            }
        }
        message.receipt().into_iter().for_each(Receipt::release);
        if !claimed {
            self.tell(Event::Unclaimed(message));
        }
    }

    fn handle_resubscribed(&self, filters: &[u8], codes: &[u8]) {
        let refused = {
            let inner = &mut *self.inner.borrow_mut();
            inner.subscribing.handle_resubscribed(&mut inner.driver, filters, codes)
        };
        for (filter, code, streams) in refused {
            for stream in streams {
                stream.end();
            }
            let error = Error::SubscribeRefused(Reason::new(code, Section::default()));
            self.tell(Event::SubscriptionLost { filter, error });
        }
    }

    fn handle_auth(&self, reason: u8, challenge: &Section) {
        if reason != CONTINUE_AUTHENTICATION {
            return;
        }
        let Some(authenticate) = &self.options.authenticate else {
            return self.give_up(Core::AuthenticationRefused.into());
        };
        let number = self.inner.borrow().attempt;
        let asking = authenticate(challenge.decode());
        let me = self.me.clone();
        spawn_local(async move {
            let answer = asking.await.map_err(Error::CredentialsFailed);
            // The connection that asked may be gone by now.
            let Some(shared) = me.upgrade().filter(|it| it.inner.borrow().attempt == number) else { return };
            let answered = answer.and_then(|answer| {
                let section = answer.encode(On::Auth)?;
                let driver = &mut shared.inner.borrow_mut().driver;
                Ok(driver.authenticate(now(), CONTINUE_AUTHENTICATION, &section)?)
            });
            match answered {
                Ok(()) => shared.pump(),
                Err(error) => shared.give_up(error),
            }
        });
    }

    /// The application cannot or will not answer the server.
    fn give_up(&self, error: Error) {
        self.inner.borrow_mut().verdict = Some(error);
        // What could be refused is a reason or a property.
        let _: Result<(), Core> = self.end_now(0, &[]);
    }

    pub(super) fn tell(&self, event: Event) {
        let events: Vec<_> = self.inner.borrow().events.iter().filter_map(Weak::upgrade).collect();
        for queue in events {
            queue.push(event.clone());
        }
    }

    /// There is no connection, and none is tried any more. Everybody who waits is told.
    pub(super) fn end(&self, error: Option<Error>) {
        let ended = {
            let inner = &mut *self.inner.borrow_mut();
            if inner.ended.is_some() {
                None
            } else {
                inner.ended = Some(error.clone());
                inner.state = State::Disconnected;
                inner.connected = None;
                inner.watch.clear();
                let early = core::mem::take(&mut inner.early);
                let mut waiting: Vec<_> = early.into_iter().map(|(_, answer)| answer).collect();
                waiting.append(&mut inner.publishing.take());
                waiting.append(&mut inner.subscribing.handle_ended());
                Some((waiting, core::mem::take(&mut inner.waiters), inner.subscribing.all()))
            }
        };
        if let Some((waiting, waiters, streams)) = ended {
            for answer in waiting {
                answer.send(Err(lost(error.as_ref())));
            }
            for waiter in waiters {
                waiter.send(Err(lost(error.as_ref())));
            }
            for stream in streams {
                stream.end();
            }
            self.tell(Event::Ended(error));
            let events = core::mem::take(&mut self.inner.borrow_mut().events);
            for queue in events.iter().filter_map(Weak::upgrade) {
                queue.end();
            }
        }
        self.pump();
    }
}

impl Inner {
    /// Why it has ended, as the application is told; `None`: as it wanted.
    fn error(&mut self, end: End) -> Option<Error> {
        let reason = Reason::new(end.reason, end.properties);
        Some(match end.error? {
            Core::Refused => Error::Refused(reason),
            Core::ServerDisconnected => Error::Disconnected(reason),
            Core::SocketError => self.failure.take().unwrap_or(Error::SocketFailed(String::new())),
            Core::SocketClosed => {
                let (code, reason) = core::mem::take(&mut self.closed);
                Error::SocketClosed { code, reason }
            }
            error => Error::Core(error),
        })
    }
}

/// What somebody hears who waited for more.
pub(super) fn lost(error: Option<&Error>) -> Error {
    error.cloned().unwrap_or(Error::Core(Core::ConnectionLost))
}

pub(super) fn settle(settled: Option<Settled>) {
    if let Some((sender, result)) = settled {
        sender.send(result);
    }
}
