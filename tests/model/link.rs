//! One connection between client and server: bytes on their way, each with the time at which it arrives. Cut or silent,
//! it carries nothing more.

use std::collections::VecDeque;

use super::schedule::Way;

/// How the socket comes to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    Opens(u64),
    Fails(u64),
    Never,
}

pub struct Link {
    /// None: it is open.
    pub opening: Option<Opening>,
    /// When the client hears that it is closed.
    pub closes: Option<u64>,
    /// Nothing passes, and nobody is told.
    pub silent: bool,
    /// It is cut when it has carried so many more bytes that way.
    pub cut_after: Option<(Way, usize)>,
    pipes: [VecDeque<(u64, Vec<u8>)>; 2],
}

impl Link {
    pub fn new(opening: Opening) -> Self {
        Self { opening: Some(opening), closes: None, silent: false, cut_after: None, pipes: Default::default() }
    }

    pub fn is_up(&self) -> bool {
        self.opening.is_none() && self.closes.is_none() && !self.silent
    }

    /// Nothing overtakes what went before it.
    pub fn send(&mut self, way: Way, bytes: Vec<u8>, arrives: u64) {
        if self.is_up() && !bytes.is_empty() {
            let pipe = &mut self.pipes[way as usize];
            let arrives = pipe.back().map_or(arrives, |(last, _)| arrives.max(*last));
            pipe.push_back((arrives, bytes));
        }
    }

    pub fn next(&self, way: Way) -> Option<u64> {
        let cut = self.cut_after.is_some_and(|(cut, left)| cut == way && left == 0);
        let arrival = self.pipes[way as usize].front().map(|(at, _)| *at);
        if cut && self.is_up() { Some(arrival.unwrap_or(0)) } else { arrival }
    }

    /// What arrives next. None: the cut is due.
    pub fn take(&mut self, way: Way) -> Option<Vec<u8>> {
        let pipe = &mut self.pipes[way as usize];
        if let Some((cut, left)) = &mut self.cut_after
            && *cut == way
        {
            if *left == 0 {
                return None;
            }
            let (at, mut bytes) = pipe.pop_front()?;
            if bytes.len() > *left {
                pipe.push_front((at, bytes.split_off(*left)));
            }
            *left -= bytes.len();
            return Some(bytes);
        }
        pipe.pop_front().map(|(_, bytes)| bytes)
    }

    /// What is on its way is lost.
    pub fn drop_all(&mut self) {
        self.pipes = Default::default();
        self.cut_after = None;
    }
}
