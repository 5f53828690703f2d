//! Where to connect to: the application's addresses, and those that a server refers to (section 4.11).

use std::collections::VecDeque;

/// Reason codes by which a server sends a client on.
const USE_ANOTHER_SERVER: u8 = 0x9C;
const SERVER_MOVED: u8 = 0x9D;

/// The addresses of one client.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    urls: Vec<String>,
    /// Where the server has sent us on to, for the attempts to come.
    referred: VecDeque<String>,
    /// The one of them that the present attempt goes to.
    reference: Option<String>,
    /// Where the last attempt went.
    last: String,
}

impl Addresses {
    pub(super) fn new(urls: Vec<String>) -> Self {
        Self { urls, ..Self::default() }
    }

    /// The address of the next attempt.
    pub(super) fn next(&mut self, host: u32) -> String {
        let url = self.reference.as_ref().or_else(|| self.urls.get(host as usize));
        self.last = url.cloned().unwrap_or_default();
        self.last.clone()
    }

    /// The server sends us on.
    pub(super) fn refer(&mut self, reason: u8, reference: &str) {
        if !matches!(reason, USE_ANOTHER_SERVER | SERVER_MOVED) {
            return;
        }
        let urls: Vec<_> = reference.split_whitespace().map(|one| self.resolve(one)).collect();
        if urls.is_empty() {
            return;
        }
        if reason == SERVER_MOVED {
            for (n, url) in self.urls.iter_mut().enumerate() {
                url.clone_from(&urls[n % urls.len()]);
            }
        }
        self.referred = urls.into();
    }

    /// A whole address, or a host with or without a port in the place of the present one.
    fn resolve(&self, one: &str) -> String {
        let (scheme, rest) = split_scheme(&self.last);
        if scheme.is_empty() || !split_scheme(one).0.is_empty() {
            return one.into();
        }
        let (_, path) = split(rest, end_of(rest, b"/?#"));
        [scheme, one, path].concat()
    }

    /// Another attempt follows.
    pub(super) fn handle_reconnecting(&mut self) {
        self.reference = self.referred.pop_front();
    }

    pub(super) fn handle_connected(&mut self) {
        self.referred.clear();
    }
}

/// Names a session in a store: whose, and where; without credentials and queries, which change.
pub(super) fn session_name(client_id: &str, url: &str) -> String {
    let (url, _) = split(url, end_of(url, b"?#"));
    let (scheme, rest) = split_scheme(url);
    let (authority, path) = split(rest, end_of(rest, b"/"));
    let from = authority.bytes().rposition(|byte| byte == b'@').map_or(0, |at| at + 1);
    let (_, host) = split(authority, from);
    [client_id, "@", if scheme.is_empty() { SEPARATOR } else { scheme }, host, path].concat()
}

// By bytes, because all that is looked for is ASCII, and searching for text in text takes many times the code.

/// Between scheme and host.
const SEPARATOR: &str = "://";

/// The scheme with what separates it, if there is one, and the rest.
fn split_scheme(url: &str) -> (&str, &str) {
    let at = url.as_bytes().windows(SEPARATOR.len()).position(|here| here == SEPARATOR.as_bytes());
    split(url, at.map_or(0, |at| at + SEPARATOR.len()))
}

/// Where the first of these characters stands, or the end.
fn end_of(text: &str, stops: &[u8]) -> usize {
    text.bytes().position(|byte| stops.contains(&byte)).unwrap_or(text.len())
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_refers_to_whole_addresses_or_to_hosts() {
        let mut it = Addresses::new(vec!["wss://a/mqtt?x".into(), "wss://b/mqtt".into()]);
        assert_eq!(it.next(0), "wss://a/mqtt?x");
        it.refer(USE_ANOTHER_SERVER, "c:1 ws://d/e");
        it.handle_reconnecting();
        assert_eq!(it.next(1), "wss://c:1/mqtt?x");
        it.handle_reconnecting();
        assert_eq!(it.next(0), "ws://d/e");
        it.handle_reconnecting();
        assert_eq!(it.next(1), "wss://b/mqtt");
    }

    #[test]
    fn a_server_that_has_moved_is_not_asked_again() {
        let mut it = Addresses::new(vec!["wss://a/mqtt".into(), "wss://b/mqtt".into()]);
        it.next(0);
        it.refer(SERVER_MOVED, "c");
        it.handle_reconnecting();
        assert_eq!(it.next(1), "wss://c/mqtt");
        it.handle_connected();
        it.handle_reconnecting();
        assert_eq!(it.next(0), "wss://c/mqtt");
    }

    #[test]
    fn what_names_no_server_changes_nothing() {
        let mut it = Addresses::new(vec!["wss://a/mqtt".into()]);
        it.refer(USE_ANOTHER_SERVER, " ");
        it.refer(0x88, "c");
        it.handle_reconnecting();
        assert_eq!(it.next(0), "wss://a/mqtt");
    }

    #[test]
    fn a_session_is_named_without_what_is_secret() {
        for (url, name) in [
            ("wss://user:pw@host:1/mqtt?token=x", "me@wss://host:1/mqtt"),
            ("ws://host/a@b#c", "me@ws://host/a@b"),
            ("ws://host", "me@ws://host"),
            ("host/x", "me@://host/x"),
        ] {
            assert_eq!(session_name("me", url), name);
        }
    }
}
