//! Options as a JavaScript object has them: by the names and units of the JavaScript face.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::{Credentials, Error, Offline, Options, Overflow, Properties, Qos, Reconnect, Version, Will};

/// What may be off (false), on (true), or on in some way.
#[derive(Deserialize)]
#[serde(untagged)]
enum Switch<T> {
    Plain(bool),
    With(T),
}

impl<T: Default> Switch<T> {
    fn into_option(self) -> Option<T> {
        match self {
            Self::Plain(on) => on.then(T::default),
            Self::With(it) => Some(it),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Given {
    url: Option<String>,
    uris: Vec<String>,
    client_id: String,
    user_name: Option<String>,
    password: Option<String>,
    will: Option<GivenWill>,
    #[serde(deserialize_with = "seconds")]
    keep_alive_interval: Option<Duration>,
    #[serde(deserialize_with = "seconds")]
    timeout: Option<Duration>,
    clean_start: Option<bool>,
    mqtt_version: Option<u8>,
    properties: Properties,
    auto_ack: Option<bool>,
    batch: Option<bool>,
    max_inflight: Option<u16>,
    follow_server_reference: bool,
    reconnect: Option<Switch<GivenReconnect>>,
    offline: Option<Switch<GivenOffline>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenWill {
    topic: String,
    payload: String,
    #[serde(default)]
    qos: u8,
    #[serde(default)]
    retained: bool,
    #[serde(default)]
    properties: Properties,
}

/// Times in seconds; jitter from 0 to 1.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct GivenReconnect {
    #[serde(deserialize_with = "seconds")]
    min_delay: Option<Duration>,
    #[serde(deserialize_with = "seconds")]
    max_delay: Option<Duration>,
    jitter: Option<f64>,
    max_attempts: u32,
    give_up_on: Option<Vec<u8>>,
    initial: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct GivenOffline {
    max_messages: Option<u32>,
    max_bytes: Option<u32>,
    #[serde(deserialize_with = "seconds")]
    max_age: Option<Duration>,
    overflow: GivenOverflow,
    qos0: bool,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum GivenOverflow {
    #[default]
    Reject,
    DropOldest,
    DropNewest,
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let Some(seconds) = Option::<f64>::deserialize(from)? else { return Ok(None) };
    Duration::try_from_secs_f64(seconds).map(Some).map_err(serde::de::Error::custom)
}

fn invalid(what: &str) -> Error {
    Error::Invalid(what.into())
}

impl Given {
    pub(super) fn into_options(self) -> Result<Options, Error> {
        let mut urls = self.url.into_iter().chain(self.uris);
        let mut options = Options::new(urls.next().ok_or_else(|| invalid("a url is needed"))?);
        options.urls.extend(urls);
        options.client_id = self.client_id;
        options.credentials =
            Credentials { url: None, user_name: self.user_name, password: self.password.map(String::into_bytes) };
        options.will = self.will.map(GivenWill::into_will).transpose()?;
        options.keep_alive = self.keep_alive_interval.unwrap_or(options.keep_alive);
        options.timeout = self.timeout.unwrap_or(options.timeout);
        options.clean_start = self.clean_start;
        if let Some(version) = self.mqtt_version {
            options.versions = vec![match version {
                3 => Version::V3_1,
                4 => Version::V3_1_1,
                5 => Version::V5,
                _ => return Err(invalid("mqttVersion is 3, 4 or 5")),
            }];
        }
        options.properties = self.properties;
        options.auto_ack = self.auto_ack.unwrap_or(true);
        options.batch = self.batch.unwrap_or(true);
        options.max_in_flight = self.max_inflight.unwrap_or(u16::MAX);
        options.follow_server_reference = self.follow_server_reference;
        if let Some(reconnect) = self.reconnect {
            options.reconnect = reconnect.into_option().map(GivenReconnect::into_policy);
        }
        if let Some(offline) = self.offline {
            options.offline = offline.into_option().map(GivenOffline::into_limits);
        }
        Ok(options)
    }
}

impl GivenWill {
    fn into_will(self) -> Result<Will, Error> {
        let qos = match self.qos {
            0 => Qos::AtMostOnce,
            1 => Qos::AtLeastOnce,
            2 => Qos::ExactlyOnce,
            _ => return Err(invalid("a qos is 0, 1 or 2")),
        };
        Ok(Will::new(self.topic, self.payload).qos(qos).retain(self.retained).properties(self.properties))
    }
}

impl GivenReconnect {
    fn into_policy(self) -> Reconnect {
        let usual = Reconnect::default();
        let min_delay = self.min_delay.unwrap_or(usual.min_delay);
        Reconnect {
            min_delay,
            max_delay: self.max_delay.unwrap_or(usual.max_delay).max(min_delay),
            jitter: self.jitter.map_or(usual.jitter, |jitter| (jitter.clamp(0.0, 1.0) * 100.0) as u8),
            max_attempts: self.max_attempts,
            initial: self.initial,
            give_up_on: self.give_up_on.unwrap_or(usual.give_up_on),
        }
    }
}

impl GivenOffline {
    fn into_limits(self) -> Offline {
        let usual = Offline::default();
        Offline {
            max_messages: self.max_messages.unwrap_or(usual.max_messages),
            max_bytes: self.max_bytes.unwrap_or(usual.max_bytes),
            max_age: self.max_age.unwrap_or(usual.max_age),
            overflow: match self.overflow {
                GivenOverflow::Reject => Overflow::Reject,
                GivenOverflow::DropOldest => Overflow::DropOldest,
                GivenOverflow::DropNewest => Overflow::DropNewest,
            },
            qos0: self.qos0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> Result<Options, String> {
        let given: Given = serde_json::from_str(json).map_err(|error| error.to_string())?;
        given.into_options().map_err(|error| error.to_string())
    }

    #[test]
    fn options_have_the_units_of_the_javascript_face() {
        let given = options(
            r#"{"url":"ws://a/","clientId":"me","keepAliveInterval":1.5,"mqttVersion":4,"userName":"u","password":"p",
            "will":{"topic":"t","payload":"gone","qos":1,"retained":true},
            "reconnect":{"minDelay":0.25,"jitter":0.5},"offline":{"maxAge":2,"overflow":"drop-oldest"}}"#,
        )
        .unwrap();
        let built = given.build(0).unwrap();
        assert_eq!((built.keep_alive, built.versions), (2, vec![Version::V3_1_1]));
        let reconnect = built.reconnect.unwrap();
        assert_eq!((reconnect.min_delay, reconnect.jitter), (Duration::from_millis(250), 50));
        let offline = built.offline.unwrap();
        assert_eq!((offline.max_age, offline.overflow), (Duration::from_secs(2), Overflow::DropOldest));
        assert_eq!((built.user_name.as_deref(), built.password.as_deref()), (Some("u"), Some(&b"p"[..])));
        assert_eq!(built.will.unwrap().qos, Qos::AtLeastOnce);
    }

    #[test]
    fn switches_turn_off_what_is_on_as_a_rule() {
        let built = options(r#"{"url":"ws://a/","reconnect":false,"offline":true}"#).unwrap().build(0).unwrap();
        assert_eq!((built.reconnect, built.offline), (None, Some(Offline::default())));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for json in [r#"{"url":"ws://a/","clientID":"x"}"#, r#"{}"#, r#"{"url":"ws://a/","mqttVersion":6}"#] {
            assert!(options(json).is_err(), "{json}");
        }
    }
}
