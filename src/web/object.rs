//! What a JavaScript object holds, or JSON, before anybody knows what it is for. One small type that serde can read, in the
//! place of a visitor for everything that options and properties are made of, which would be ten times the code.

use std::fmt;
use std::time::Duration;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Objects may hold themselves; no options are nested as deeply as this.
const DEEPEST: u8 = 8;

/// A value.
pub(super) enum Value {
    /// `null` and `undefined`.
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// What is needed in the place of what was given.
type Needed = String;

fn needed<T>(what: &str) -> Result<T, Needed> {
    Err([what, " is needed"].concat())
}

impl Value {
    /// Gives what an object has to `take`, by name. What is nothing is not there.
    pub(super) fn read(self, take: &mut dyn FnMut(&str, Self) -> Result<(), Needed>) -> Result<(), Needed> {
        let Self::Object(fields) = self else { return needed("an object") };
        for (name, value) in fields {
            if !matches!(value, Self::Nothing) {
                take(&name, value).map_err(|why| [&name, ": ", &why].concat())?;
            }
        }
        Ok(())
    }

    pub(super) fn flag(self) -> Result<bool, Needed> {
        let Self::Flag(flag) = self else { return needed("true or false") };
        Ok(flag)
    }

    pub(super) fn number(self) -> Result<f64, Needed> {
        let Self::Number(number) = self else { return needed("a number") };
        Ok(number)
    }

    /// A whole number that the type has.
    pub(super) fn whole<T: TryFrom<u32>>(self) -> Result<T, Needed> {
        let number = self.number()?;
        let whole = number as u32;
        match T::try_from(whole) {
            Ok(it) if f64::from(whole) == number => Ok(it),
            _ => needed("a whole number in range"),
        }
    }

    pub(super) fn seconds(self) -> Result<Duration, Needed> {
        Duration::try_from_secs_f64(self.number()?).or_else(|_| needed("a number of seconds"))
    }

    pub(super) fn text(self) -> Result<String, Needed> {
        let Self::Text(text) = self else { return needed("text") };
        Ok(text)
    }

    /// Bytes, a list of them, or text in UTF-8.
    pub(super) fn bytes(self) -> Result<Vec<u8>, Needed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Text(text) => Ok(text.into_bytes()),
            it => it.list()?.into_iter().map(Self::whole).collect(),
        }
    }

    pub(super) fn list(self) -> Result<Vec<Self>, Needed> {
        let Self::List(list) = self else { return needed("a list") };
        Ok(list)
    }
}

/// A key that nobody knows.
pub(super) fn unknown() -> Result<(), Needed> {
    Err("there is no such key".into())
}

impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Level(DEEPEST).deserialize(from)
    }
}

/// How much deeper it may go.
struct Level(u8);

impl Level {
    fn below<E: de::Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("it is nested too deeply"))
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain data")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.into()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = from.next_element_seed(self.below()?)? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = from.next_key()? {
            fields.push((name, from.next_value_seed(self.below()?)?));
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_without_end_is_refused() {
        let deep = |levels| serde_json::from_str::<Value>(&("[".repeat(levels) + &"]".repeat(levels))).is_ok();
        assert_eq!((deep(8), deep(10)), (true, false));
    }

    #[test]
    fn a_number_must_be_one_that_its_type_has() {
        let byte = |number| Value::Number(number).whole::<u8>().ok();
        assert_eq!([0.0, 255.0].map(byte), [Some(0), Some(255)]);
        assert_eq!([-1.0, 0.5, 256.0, f64::NAN, f64::INFINITY].map(byte), [None; 5]);
        assert_eq!(Value::Number(4_294_967_295.0).whole::<u32>(), Ok(u32::MAX));
        assert!(Value::Number(4_294_967_296.0).whole::<u32>().is_err());
    }
}
