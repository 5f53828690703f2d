//! Which subscriptions the application has, and which of them the server is to hear of: asked when there is a connection,
//! asked again when an answer was lost with one, taken back when nobody wants the messages any more. Matches nothing
//! itself, and wakes nobody: who is to be told is given back.

use std::rc::Rc;

use super::channel::{Queue, Sender};
use super::driver::{Answered, Driver};
use super::table::Table;
use super::{Error, Message, Reason, Subscribe};
use crate::time::Instant;
use crate::wire::{Filters, FiltersBuf, NamesBuf, On, SubscribeOptions, Version};

/// Messages of one subscription, and its number.
pub(super) type Stream = Rc<Queue<Message>>;

/// One topic filter.
#[derive(Debug)]
struct Route {
    filter: Box<str>,
    streams: Vec<(u32, Stream)>,
    /// The server has it, or is asked for it.
    subscribed: bool,
}

/// A SUBSCRIBE that is not answered.
pub(super) struct Asking {
    route: u32,
    filters: FiltersBuf,
    section: Vec<u8>,
    sender: Sender<Result<Reason, Error>>,
}

/// Who is to be told of an answer, and what.
pub(super) type Settled = (Sender<Result<Reason, Error>>, Result<Reason, Error>);

/// All subscriptions of one client.
#[derive(Default)]
pub(super) struct Subscribing {
    routes: Table<u32, Box<Route>>,
    last: u32,
    /// By ticket.
    asking: Table<u32, Box<Asking>>,
    /// For a connection.
    // Boxed as in the table that they come from and go to.
    #[allow(clippy::vec_box)]
    waiting: Vec<Box<Asking>>,
    /// UNSUBSCRIBEs that are not answered, by ticket; and filters that wait for a connection to be taken back.
    leaving: Table<u32, Box<str>>,
    unwanted: Vec<Box<str>>,
}

impl Subscribing {
    /// A new stream for the messages of this filter: the numbers of its route and its own.
    pub(super) fn listen(&mut self, driver: &mut Driver, filter: &str, stream: &Stream) -> Result<[u32; 2], Error> {
        self.last += 1;
        let number = self.last;
        let known = self.routes.iter_mut().find(|(_, route)| *route.filter == *filter);
        if let Some((route, known)) = known {
            known.streams.push((number, stream.clone()));
            return Ok([route, number]);
        }
        driver.route(filter, number)?;
        let streams = vec![(number, stream.clone())];
        self.routes.insert(number, Box::new(Route { filter: filter.into(), streams, subscribed: false }));
        Ok([number, number])
    }

    /// The server is to be asked for it.
    pub(super) fn subscribe(
        &mut self,
        driver: &mut Driver,
        now: Instant,
        route: u32,
        subscribe: &Subscribe,
        sender: Sender<Result<Reason, Error>>,
    ) -> Result<Option<Settled>, Error> {
        let mut filters = FiltersBuf::new();
        filters.push(&subscribe.filter, SubscribeOptions::from_bits(Version::V5, subscribe.options)?)?;
        // Some options do not go with some filters.
        filters.as_filters(Version::V5)?;
        let section = subscribe.properties.encode(On::Subscribe)?;
        self.unwanted.retain(|filter| **filter != *subscribe.filter);
        let asking = Box::new(Asking { route, filters, section, sender });
        if let Some(route) = self.routes.get_mut(route) {
            route.subscribed = true;
        }
        if driver.is_connected() {
            return Ok(self.ask(driver, now, asking));
        }
        self.waiting.push(asking);
        Ok(None)
    }

    /// Sends a SUBSCRIBE. What is wrong with it here and now is its answer.
    fn ask(&mut self, driver: &mut Driver, now: Instant, asking: Box<Asking>) -> Option<Settled> {
        let filters = asking.filters.as_filters(driver.version());
        let asked = filters.and_then(|filters| driver.subscribe(now, filters, &asking.section));
        match asked {
            Ok(ticket) => self.asking.insert(ticket, asking),
            Err(error) => return Some((asking.sender, Err(error.into()))),
        }
        None
    }

    /// A stream is dropped. When it was the last of its filter, that is taken back.
    pub(super) fn leave(&mut self, driver: &mut Driver, now: Instant, [route, stream]: [u32; 2]) {
        let Some(known) = self.routes.get_mut(route) else { return };
        known.streams.retain(|(number, _)| *number != stream);
        if !known.streams.is_empty() {
            return;
        }
        let Some(Route { filter, subscribed, .. }) = self.routes.remove(route).map(|it| *it) else { return };
        driver.unroute(&filter, route);
        let waited = self.waiting.len();
        self.waiting.retain(|asking| asking.route != route);
        let was_asked = subscribed && waited == self.waiting.len();
        if was_asked {
            self.unsubscribe(driver, now, filter);
        }
    }

    fn unsubscribe(&mut self, driver: &mut Driver, now: Instant, filter: Box<str>) {
        let mut names = NamesBuf::new();
        let pushed = names.push(&filter).and_then(|()| names.as_names());
        match pushed.and_then(|names| driver.unsubscribe(now, names, &[])) {
            Ok(ticket) => self.leaving.insert(ticket, filter),
            // No connection, or no identifier is free: the next connection takes it back.
            Err(_) => self.unwanted.push(filter),
        }
    }

    /// CONNACK. `resumed`: the server has the session, and sends again what was not acknowledged.
    pub(super) fn handle_connected(&mut self, driver: &mut Driver, now: Instant) -> Vec<Settled> {
        for filter in core::mem::take(&mut self.unwanted) {
            self.unsubscribe(driver, now, filter);
        }
        let waiting = core::mem::take(&mut self.waiting);
        waiting.into_iter().filter_map(|asking| self.ask(driver, now, asking)).collect()
    }

    /// The connection is lost: what it did not answer is asked of the next one.
    pub(super) fn handle_lost(&mut self) {
        // In the order in which they were asked.
        let mut later = core::mem::replace(&mut self.waiting, self.asking.take());
        self.waiting.append(&mut later);
        self.unwanted.append(&mut self.leaving.take());
    }

    /// SUBACK.
    pub(super) fn handle_subscribed(&mut self, answer: Answered) -> Option<Settled> {
        let asking = self.asking.remove(answer.ticket)?;
        let code = answer.codes.first().copied().unwrap_or(0x80);
        let reason = Reason::new(code, answer.properties);
        if code < 0x80 {
            return Some((asking.sender, Ok(reason)));
        }
        if let Some(route) = self.routes.get_mut(asking.route) {
            route.subscribed = false;
        }
        Some((asking.sender, Err(Error::SubscribeRefused(reason))))
    }

    /// UNSUBACK. A server that does not want to let go of a filter cannot be made to.
    pub(super) fn handle_unsubscribed(&mut self, ticket: u32) {
        self.leaving.remove(ticket);
    }

    /// The server does not grant what was asked for again: the streams of each filter, and why.
    pub(super) fn handle_resubscribed(
        &mut self,
        driver: &mut Driver,
        filters: &[u8],
        codes: &[u8],
    ) -> Vec<(String, u8, Vec<Stream>)> {
        let Ok(filters) = Filters::decode(Version::V5, filters) else { return Vec::new() };
        let mut refused = Vec::new();
        for ((filter, _), code) in filters.iter().zip(codes).filter(|(_, code)| **code >= 0x80) {
            let mut streams = Vec::new();
            let number = self.routes.iter().find(|(_, route)| *route.filter == *filter).map(|(number, _)| number);
            if let Some(number) = number {
                driver.unroute(filter, number);
                if let Some(route) = self.routes.remove(number) {
                    add_streams(&route, &mut streams);
                }
            }
            refused.push((filter.to_owned(), *code, streams));
        }
        refused
    }

    /// The streams that want a message.
    pub(super) fn streams(&self, routes: &[u32]) -> Vec<Stream> {
        let mut streams = Vec::new();
        for route in routes {
            if let Some(route) = self.routes.get(*route) {
                add_streams(route, &mut streams);
            }
        }
        streams
    }

    /// Every stream.
    pub(super) fn all(&self) -> Vec<Stream> {
        let mut streams = Vec::new();
        for (_, route) in self.routes.iter() {
            add_streams(route, &mut streams);
        }
        streams
    }

    /// No connection will come any more: whoever waits for an answer.
    pub(super) fn handle_ended(&mut self) -> Vec<Sender<Result<Reason, Error>>> {
        self.handle_lost();
        core::mem::take(&mut self.waiting).into_iter().map(|asking| asking.sender).collect()
    }
}

fn add_streams(route: &Route, to: &mut Vec<Stream>) {
    for (_, stream) in &route.streams {
        to.push(stream.clone());
    }
}
