//! Enhanced authentication (OASIS 5.0, section 4.12): AUTH packets both ways. What stands in them is between the
//! application and the server.

use super::{Event, Session, State};
use crate::Error;
use crate::time::Instant;
use crate::wire::{Auth, On, Properties, Version, id, join};

impl Session {
    /// Answers the server's AUTH (reason 0x18) or starts a re-authentication (0x19). The authentication method of
    /// CONNECT is added where `properties` (a section in wire encoding) has none.
    pub fn authenticate(&mut self, now: Instant, reason: u8, properties: &[u8]) -> Result<(), Error> {
        if self.version() != Version::V5 {
            return Err(Error::NeedsVersion5);
        }
        let asked = self.options.authentication_method().ok_or(Error::NoAuthenticationMethod)?;
        let legal = match reason {
            0x18 => self.authenticating && matches!(self.state, State::Handshake | State::Connected),
            0x19 => self.state == State::Connected,
            _ => return Err(Error::ReasonCode),
        };
        if !legal {
            return Err(Error::NotConnected);
        }
        let [high, low] = (asked.len() as u16).to_be_bytes();
        let with_method = join(&[&[id::AUTHENTICATION_METHOD, high, low], asked.as_bytes(), properties]);
        let properties = Properties::decode(&with_method, On::Auth)
            .or_else(|_| Properties::decode(properties, On::Auth))
            .map_err(|_| Error::Property)?;
        if method(properties) != Some(asked) {
            return Err(Error::Property); // [MQTT-4.12.0-5]
        }
        let now = self.clock.advance(now);
        self.link.packet(now, &mut |out| Auth { reason, properties }.encode(out))?;
        self.authenticating = true;
        Ok(())
    }

    /// AUTH.
    pub(super) fn handle_auth<'a>(&mut self, packet: Auth<'a>) -> Result<Event<'a>, Error> {
        let connected = self.state == State::Connected;
        let legal = match packet.reason {
            0x18 => !connected || self.authenticating,
            0x00 => connected && self.authenticating,
            _ => false,
        };
        let asked = self.options.authentication_method();
        if asked.is_none() || method(packet.properties) != asked {
            return Err(Error::AuthenticationRefused); // [MQTT-4.12.0-5], [MQTT-4.12.0-6]
        }
        if !legal {
            return Err(Error::UnexpectedPacket);
        }
        self.authenticating = packet.reason == 0x18;
        Ok(Event::Auth { reason: packet.reason, properties: packet.properties })
    }
}

/// The authentication method that these properties name.
pub(super) fn method(properties: Properties<'_>) -> Option<&str> {
    properties.text(id::AUTHENTICATION_METHOD)
}
