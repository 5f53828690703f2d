//! A property section, as bytes that were validated once.
//!
//! It stays in its wire encoding, in and out: that is how it is received, sent, kept and handed to JavaScript.

use alloc::vec::Vec;

use super::read::Reader;
use super::value::{self, Value, id};
use super::{On, Property};
use crate::Error;

/// A validated property section, without its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Properties<'a>(&'a [u8]);

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Self = Self(&[]);

    /// Validates `section`: each property known, whole, in its range, allowed on this packet, and there once (user
    /// properties, and the subscription identifiers of a PUBLISH, may repeat).
    pub fn decode(section: &'a [u8], on: On) -> Result<Self, Error> {
        let mut reader = Reader::new(section);
        let mut seen = 0_u64;
        while !reader.is_empty() {
            let (id, _) = value::decode(&mut reader)?;
            if !value::is_carrier(on, id) {
                return Err(Error::MisplacedProperty);
            }
            let may_repeat = id == id::USER_PROPERTY || (id == id::SUBSCRIPTION_IDENTIFIER && on == On::Publish);
            if seen & 1 << id != 0 && !may_repeat {
                return Err(Error::RepeatedProperty);
            }
            seen |= 1 << id;
        }
        if seen & 1 << id::AUTHENTICATION_DATA != 0 && seen & 1 << id::AUTHENTICATION_METHOD == 0 {
            return Err(Error::PropertyRange); // section 3.1.2.11.10
        }
        Ok(Self(section))
    }

    /// A section that was validated before.
    pub(crate) const fn validated(section: &'a [u8]) -> Self {
        Self(section)
    }

    /// The section in wire encoding.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The properties in order.
    pub fn iter(&self) -> PropertyIter<'a> {
        PropertyIter(Reader::new(self.0))
    }

    fn value(&self, wanted: u8) -> Option<Value<'a>> {
        let mut reader = Reader::new(self.0);
        loop {
            let (id, value) = value::decode(&mut reader).ok()?;
            if id == wanted {
                return Some(value);
            }
        }
    }

    /// Is there a property with this identifier?
    pub(crate) fn contains(&self, id: u8) -> bool {
        self.value(id).is_some()
    }

    /// The number in the property with this identifier.
    pub(crate) fn number(&self, id: u8) -> Option<u32> {
        match self.value(id)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text in the property with this identifier.
    pub(crate) fn text(&self, id: u8) -> Option<&'a str> {
        match self.value(id)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Iterates over a section.
#[derive(Clone)]
pub struct PropertyIter<'a>(Reader<'a>);

impl<'a> Iterator for PropertyIter<'a> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        value::decode(&mut self.0).ok().and_then(|(id, value)| Property::from_parts(id, value))
    }
}

/// A property section being put together.
///
/// ```
/// use wasmqtt::wire::{On, Property, PropertiesBuf};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::ContentType("application/json"))?;
/// properties.push(Property::UserProperty("trace", "x1"))?;
/// assert_eq!(properties.as_properties(On::Publish)?.iter().count(), 2);
/// assert!(properties.as_properties(On::Subscribe).is_err(), "no SUBSCRIBE has a content type");
/// # Ok::<(), wasmqtt::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PropertiesBuf(Vec<u8>);

impl PropertiesBuf {
    /// An empty section.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a property. On an error the section stays as it was.
    pub fn push(&mut self, property: Property<'_>) -> Result<(), Error> {
        let (id, value) = property.parts();
        value::encode(id, value, &mut self.0)
    }

    /// The section in wire encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The section, if it may stand on this packet.
    pub fn as_properties(&self, on: On) -> Result<Properties<'_>, Error> {
        Properties::decode(&self.0, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_stands_once_unless_it_may_repeat() {
        let user = [0x26, 0, 1, b'a', 0, 1, b'b', 0x26, 0, 1, b'a', 0, 1, b'b'];
        assert_eq!(Properties::decode(&user, On::Auth).map(|it| it.iter().count()), Ok(2));
        let identifiers = [0x0B, 1, 0x0B, 2, 0x0B, 3];
        assert_eq!(Properties::decode(&identifiers, On::Publish).map(|it| it.iter().count()), Ok(3));
        assert_eq!(Properties::decode(&identifiers, On::Subscribe), Err(Error::RepeatedProperty));
        assert_eq!(Properties::decode(&[1, 0, 1, 0], On::Publish), Err(Error::RepeatedProperty));
    }

    #[test]
    fn what_cannot_be_said_leaves_the_section_as_it_was() {
        let long = "x".repeat(65_536);
        let mut section = PropertiesBuf::new();
        for (property, error) in [
            (Property::ContentType(&long), Error::StringTooLong),
            (Property::CorrelationData(long.as_bytes()), Error::StringTooLong),
            (Property::UserProperty("name", &long), Error::StringTooLong),
            (Property::UserProperty("na\0me", "value"), Error::StringNotUtf8),
            (Property::ReasonString("\0"), Error::StringNotUtf8),
        ] {
            assert_eq!(section.push(property), Err(error));
            assert_eq!(section, PropertiesBuf::new());
        }
    }
}
