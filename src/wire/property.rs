//! The 27 properties of MQTT 5 (OASIS 5.0, section 2.2.2).

use super::read::Reader;
use super::write;
use crate::Error;

macro_rules! set { ($($on:ident)|+) => { 0 $(| 1 << On::$on as u16)+ } }

/// Which packet, or the will, a property section belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
#[allow(missing_docs)]
pub enum On {
    Connect,
    Will,
    ConnAck,
    Publish,
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    Subscribe,
    SubAck,
    Unsubscribe,
    UnsubAck,
    Disconnect,
    Auth,
}

/// A validated property section, without its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Properties<'a>(&'a [u8]);

/// One property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Property<'a> {
    PayloadFormatIndicator(u8),
    MessageExpiryInterval(u32),
    ContentType(&'a str),
    ResponseTopic(&'a str),
    CorrelationData(&'a [u8]),
    SubscriptionIdentifier(u32),
    SessionExpiryInterval(u32),
    AssignedClientIdentifier(&'a str),
    ServerKeepAlive(u16),
    AuthenticationMethod(&'a str),
    AuthenticationData(&'a [u8]),
    RequestProblemInformation(bool),
    WillDelayInterval(u32),
    RequestResponseInformation(bool),
    ResponseInformation(&'a str),
    ServerReference(&'a str),
    ReasonString(&'a str),
    ReceiveMaximum(u16),
    TopicAliasMaximum(u16),
    TopicAlias(u16),
    MaximumQoS(u8),
    RetainAvailable(bool),
    UserProperty(&'a str, &'a str),
    MaximumPacketSize(u32),
    WildcardSubscriptionAvailable(bool),
    SubscriptionIdentifierAvailable(bool),
    SharedSubscriptionAvailable(bool),
}

const USER: u8 = 0x26;
const SUB_ID: u8 = 0x0B;

impl<'a> Property<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<(u8, Self), Error> {
        use Property::*;
        let id = r.u8()?;
        Ok((
            id,
            match id {
                0x01 => PayloadFormatIndicator(flag(r)? as u8),
                0x02 => MessageExpiryInterval(r.u32()?),
                0x03 => ContentType(r.string()?),
                0x08 => {
                    let t = r.string()?;
                    if !crate::topic::is_name(t) {
                        return Err(Error::PropertyRange);
                    }
                    ResponseTopic(t)
                }
                0x09 => CorrelationData(r.binary()?),
                0x0B => SubscriptionIdentifier(nz32(r.variable()?)?),
                0x11 => SessionExpiryInterval(r.u32()?),
                0x12 => AssignedClientIdentifier(r.string()?),
                0x13 => ServerKeepAlive(r.u16()?),
                0x15 => AuthenticationMethod(r.string()?),
                0x16 => AuthenticationData(r.binary()?),
                0x17 => RequestProblemInformation(flag(r)?),
                0x18 => WillDelayInterval(r.u32()?),
                0x19 => RequestResponseInformation(flag(r)?),
                0x1A => ResponseInformation(r.string()?),
                0x1C => ServerReference(r.string()?),
                0x1F => ReasonString(r.string()?),
                0x21 => ReceiveMaximum(nz16(r.u16()?)?),
                0x22 => TopicAliasMaximum(r.u16()?),
                0x23 => TopicAlias(nz16(r.u16()?)?),
                0x24 => MaximumQoS(flag(r)? as u8),
                0x25 => RetainAvailable(flag(r)?),
                USER => UserProperty(r.string()?, r.string()?),
                0x27 => MaximumPacketSize(nz32(r.u32()?)?),
                0x28 => WildcardSubscriptionAvailable(flag(r)?),
                0x29 => SubscriptionIdentifierAvailable(flag(r)?),
                0x2A => SharedSubscriptionAvailable(flag(r)?),
                _ => return Err(Error::UnknownProperty),
            },
        ))
    }
}
fn flag(r: &mut Reader<'_>) -> Result<bool, Error> {
    match r.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::PropertyRange),
    }
}
fn nz16(n: u16) -> Result<u16, Error> {
    if n == 0 { Err(Error::PropertyRange) } else { Ok(n) }
}
fn nz32(n: u32) -> Result<u32, Error> {
    if n == 0 { Err(Error::PropertyRange) } else { Ok(n) }
}
fn allowed(id: u8) -> u16 {
    match id {
        0x01 | 0x02 | 0x03 | 0x08 | 0x09 => set!(Publish | Will),
        0x0B => set!(Publish | Subscribe),
        0x11 => set!(Connect | ConnAck | Disconnect),
        0x12 | 0x13 | 0x1A | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => set!(ConnAck),
        0x15 | 0x16 => set!(Connect | ConnAck | Auth),
        0x17 | 0x19 => set!(Connect),
        0x18 => set!(Will),
        0x1C => set!(ConnAck | Disconnect),
        0x1F => set!(ConnAck | PubAck | PubRec | PubRel | PubComp | SubAck | UnsubAck | Disconnect | Auth),
        0x21 | 0x22 | 0x27 => set!(Connect | ConnAck),
        0x23 => set!(Publish),
        0x26 => 0xffff,
        _ => 0,
    }
}
impl<'a> Properties<'a> {
    /// Validates.
    pub fn decode(section: &'a [u8], on: On) -> Result<Self, Error> {
        let mut r = Reader::new(section);
        let mut seen = 0u64;
        while !r.is_empty() {
            let (id, _) = Property::decode(&mut r)?;
            if allowed(id) & 1 << on as u16 == 0 {
                return Err(Error::MisplacedProperty);
            }
            let bit = 1u64 << id;
            if seen & bit != 0 && id != USER && !(id == SUB_ID && on == On::Publish) {
                return Err(Error::RepeatedProperty);
            }
            seen |= bit;
        }
        if seen & 1 << 0x16 != 0 && seen & 1 << 0x15 == 0 {
            return Err(Error::PropertyRange);
        }
        Ok(Self(section))
    }
    /// Bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
    /// Empty?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Iterates.
    pub fn iter(&self) -> PropertyIter<'a> {
        PropertyIter(Reader::new(self.0))
    }
}
/// Iterator.
pub struct PropertyIter<'a>(Reader<'a>);
impl<'a> Iterator for PropertyIter<'a> {
    type Item = Property<'a>;
    fn next(&mut self) -> Option<Property<'a>> {
        if self.0.is_empty() { None } else { Property::decode(&mut self.0).ok().map(|p| p.1) }
    }
}
