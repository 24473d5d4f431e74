//! Types that are written as another one, and types whose own code judges.

use std::net::Ipv4Addr;

/// A wire form of its own, and code that judges.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "forms")]
pub(crate) struct Forms {
    #[presence(wire = "String", max_chars = 15)]
    pub(crate) address: Ipv4Addr,
    #[presence(wire = "String", max_chars = 15)]
    pub(crate) gateway: Option<Ipv4Addr>,
    #[presence(wire = "Hex", max_items = 2)]
    #[serde(default)]
    pub(crate) colours: Vec<Colour>,
    #[presence(validate = even)]
    pub(crate) even: u8,
    #[presence(wire = "String", max_chars = 15, validate = "local")]
    #[serde(default = "localhost")]
    pub(crate) local: Ipv4Addr,
    pub(crate) odd: Odd,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Colour(pub(crate) u32);

/// Six hex digits.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Hex(#[presence(min_chars = 6, max_chars = 6)] pub(crate) String);

impl From<&Colour> for Hex {
    fn from(colour: &Colour) -> Self {
        Self(format!("{:06x}", colour.0))
    }
}

impl TryFrom<Hex> for Colour {
    type Error = &'static str;

    fn try_from(hex: Hex) -> Result<Self, Self::Error> {
        match u32::from_str_radix(&hex.0, 16) {
            Ok(colour) => Ok(Self(colour)),
            Err(_) => Err("six hex digits"),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn even(number: &u8) -> Result<(), &'static str> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err("an even number")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn local(address: &Ipv4Addr) -> Result<(), String> {
    if address.is_loopback() {
        Ok(())
    } else {
        Err("an address of this machine".to_owned())
    }
}

fn localhost() -> Ipv4Addr {
    Ipv4Addr::LOCALHOST
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Odd(#[presence(max = 9, validate = odd)] pub(crate) u8);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn odd(number: &u8) -> Result<(), &'static str> {
    if even(number).is_err() {
        Ok(())
    } else {
        Err("an odd number")
    }
}
