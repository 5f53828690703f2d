//! Options as a JavaScript object has them: by the names and units of the JavaScript face. A key that is not known is
//! refused, for it is one that was meant to do something.

use super::object::{Value, unknown};
use super::{Options, Overflow, Properties, Qos, Reconnect, Version, Will};
use crate::session::Offline;

/// The options that an object asks for, or what is wrong with it.
pub(super) fn options(given: Value) -> Result<Options, String> {
    let mut options = Options::new("");
    let mut urls = Vec::new();
    let mut will = None;
    given.read(&mut |name, value| {
        match name {
            "url" => urls.insert(0, value.text()?),
            "uris" => {
                for url in value.list()? {
                    urls.push(url.text()?);
                }
            }
            "clientId" => options.client_id = value.text()?,
            "userName" => options.credentials.user_name = Some(value.text()?),
            "password" => options.credentials.password = Some(value.bytes()?),
            "will" => will = Some(last_will(value)?),
            "keepAliveInterval" => options.keep_alive = value.seconds()?,
            "timeout" => options.timeout = value.seconds()?,
            "cleanStart" => options.clean_start = Some(value.flag()?),
            "mqttVersion" => options.versions = vec![version(value)?],
            "properties" => options.properties = Properties::read(value)?,
            "autoAck" => options.auto_ack = value.flag()?,
            "batch" => options.batch = value.flag()?,
            "maxInflight" => options.max_in_flight = value.whole()?,
            "followServerReference" => options.follow_server_reference = value.flag()?,
            "reconnect" => options.reconnect = switch(value, reconnect)?,
            "offline" => options.offline = switch(value, offline)?,
            _ => return unknown(),
        }
        Ok(())
    })?;
    if urls.is_empty() {
        return Err("a url is needed".into());
    }
    options.urls = urls;
    options.will = will;
    Ok(options)
}

/// What may be off (false), on (true), or on in some way.
fn switch<T: Default>(value: Value, read: fn(Value) -> Result<T, String>) -> Result<Option<T>, String> {
    match value {
        Value::Flag(on) => Ok(on.then(T::default)),
        it => read(it).map(Some),
    }
}

fn version(value: Value) -> Result<Version, String> {
    Ok(match value.whole::<u8>()? {
        3 => Version::V3_1,
        4 => Version::V3_1_1,
        5 => Version::V5,
        _ => return Err("3, 4 or 5 is needed".into()),
    })
}

fn qos(value: Value) -> Result<Qos, String> {
    Ok(match value.whole::<u8>()? {
        0 => Qos::AtMostOnce,
        1 => Qos::AtLeastOnce,
        2 => Qos::ExactlyOnce,
        _ => return Err("0, 1 or 2 is needed".into()),
    })
}

fn last_will(given: Value) -> Result<Will, String> {
    let (mut topic, mut payload) = (None, None);
    let mut will = Will::new("", "");
    given.read(&mut |name, value| {
        match name {
            "topic" => topic = Some(value.text()?),
            "payload" => payload = Some(value.bytes()?),
            "qos" => will.qos = qos(value)?,
            "retained" => will.retain = value.flag()?,
            "properties" => will.properties = Properties::read(value)?,
            _ => return unknown(),
        }
        Ok(())
    })?;
    let (Some(topic), Some(payload)) = (topic, payload) else { return Err("topic and payload are needed".into()) };
    Ok(Will { topic, payload, ..will })
}

/// Times in seconds; jitter from 0 to 1.
fn reconnect(given: Value) -> Result<Reconnect, String> {
    let mut it = Reconnect::default();
    given.read(&mut |name, value| {
        match name {
            "minDelay" => it.min_delay = value.seconds()?,
            "maxDelay" => it.max_delay = value.seconds()?,
            "jitter" => it.jitter = (value.number()?.clamp(0.0, 1.0) * 100.0) as u8,
            "maxAttempts" => it.max_attempts = value.whole()?,
            "giveUpOn" => it.give_up_on = value.bytes()?,
            "initial" => it.initial = value.flag()?,
            _ => return unknown(),
        }
        Ok(())
    })?;
    it.max_delay = it.max_delay.max(it.min_delay);
    Ok(it)
}

fn offline(given: Value) -> Result<Offline, String> {
    let mut it = Offline::default();
    given.read(&mut |name, value| {
        match name {
            "maxMessages" => it.max_messages = value.whole()?,
            "maxBytes" => it.max_bytes = value.whole()?,
            "maxAge" => it.max_age = value.seconds()?,
            "overflow" => {
                it.overflow = match &*value.text()? {
                    "reject" => Overflow::Reject,
                    "drop-oldest" => Overflow::DropOldest,
                    "drop-newest" => Overflow::DropNewest,
                    _ => return Err("reject, drop-oldest or drop-newest is needed".into()),
                }
            }
            "qos0" => it.qos0 = value.flag()?,
            _ => return unknown(),
        }
        Ok(())
    })?;
    Ok(it)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn options(json: &str) -> Result<Options, String> {
        super::options(serde_json::from_str(json).map_err(|error| error.to_string())?)
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
    fn what_is_null_is_not_there() {
        let null = r#"{"url":"ws://a/","timeout":null,"will":null,"reconnect":null,"properties":{"contentType":null}}"#;
        let built = options(null).unwrap().build(0).unwrap();
        assert_eq!((built.will.is_none(), built.reconnect), (true, Some(Reconnect::default())));
    }

    #[test]
    fn what_is_not_known_or_of_another_shape_is_refused_by_its_name() {
        for (json, why) in [
            (r#"{}"#, "a url is needed"),
            (r#"{"url":"ws://a/","clientID":"x"}"#, "clientID: there is no such key"),
            (r#"{"url":"ws://a/","mqttVersion":6}"#, "mqttVersion: 3, 4 or 5 is needed"),
            (r#"{"url":"ws://a/","timeout":-1}"#, "timeout: a number of seconds is needed"),
            (r#"{"url":"ws://a/","will":{"topic":"t"}}"#, "will: topic and payload are needed"),
            (
                r#"{"url":"ws://a/","properties":{"receiveMaximum":65536}}"#,
                "properties: receiveMaximum: a whole number in range is needed",
            ),
        ] {
            assert_eq!(options(json).err().as_deref(), Some(why), "{json}");
        }
    }
}
