//! Sessions: a secret key names one tab or device, and its public id is all that others see.

use std::fmt;

use sha2::{Digest, Sha256};

use super::InvalidMember;

/// What is hashed before the key, so that the digest is of use nowhere else.
const DOMAIN: &[u8] = b"presence-session-1:";
const KEY_DIGITS: usize = 32;
const ID_CHARS: usize = 16;
/// RFC 4648 base32 in lower case.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The secret that a client proves its session with: 32 hex digits, case ignored.
///
/// It never shows in `Debug` and has no `Display`: keys do not reach a log.
#[derive(Clone)]
pub struct SessionKey([u8; KEY_DIGITS]);

/// The text is no session key. It is not repeated here, because it may nearly be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session key is exactly 32 hex digits, found something else")]
pub struct InvalidKey;

impl SessionKey {
    /// Reads a key.
    ///
    /// # Errors
    /// When the text is not exactly 32 hex digits.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let digits: [u8; KEY_DIGITS] = text.as_bytes().try_into().map_err(|_| InvalidKey)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(InvalidKey);
        }
        Ok(Self(digits.map(|digit| digit.to_ascii_lowercase())))
    }
}

/// Takes as long for any two keys: how long it takes tells nothing of either.
impl PartialEq for SessionKey {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        pairs.fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

impl Eq for SessionKey {}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// One tab or device, as the holder of its key proves it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Session {
    /// The public name. It only names: two keys may share it.
    pub id: SessionId,
    /// What ownership compares: SHA-256 of `presence-session-1:` and the key in lower case.
    pub digest: [u8; 32],
}

impl Session {
    /// The session that the key opens.
    #[must_use]
    pub fn of(key: &SessionKey) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(key.0)
            .finalize()
            .into();
        Self {
            id: SessionId::of(&digest),
            digest,
        }
    }
}

impl From<&SessionKey> for Session {
    fn from(key: &SessionKey) -> Self {
        Self::of(key)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.id)
    }
}

/// The public name of a session: the first 16 base32 characters of its digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; ID_CHARS]);

impl SessionId {
    /// Reads an id.
    ///
    /// # Errors
    /// When the text is not 16 characters of a-z and 2-7.
    pub fn parse(text: &str) -> Result<Self, InvalidMember> {
        let chars = text.as_bytes().try_into();
        let chars: [u8; ID_CHARS] = chars.map_err(|_| InvalidMember::Session)?;
        if chars.iter().all(|c| BASE32.contains(c)) {
            Ok(Self(chars))
        } else {
            Err(InvalidMember::Session)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base32 is ASCII")
    }

    /// Five bits a character, so 10 bytes of the digest are 16 characters.
    fn of(digest: &[u8; 32]) -> Self {
        let mut bits = digest[..10]
            .iter()
            .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut chars = [0; ID_CHARS];
        for c in chars.iter_mut().rev() {
            *c = BASE32[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(chars)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "00112233445566778899aabbccddeeff";

    fn id(key: &str) -> String {
        Session::of(&SessionKey::parse(key).expect("a key"))
            .id
            .to_string()
    }

    // Computed with Python: base64.b32encode(sha256(b"presence-session-1:" + key)).lower()[:16].
    #[test]
    fn the_id_is_the_beginning_of_the_digest_in_base32() {
        assert_eq!(id(KEY), "g7j3dno6j6q54b34");
        assert_eq!(id(&"f".repeat(32)), "uet77v6m62bz7gcg");
        let session = Session::of(&SessionKey::parse(KEY).expect("a key"));
        assert_eq!(session.digest[..4], [0x37, 0xd3, 0xb1, 0xb5]);
    }

    #[test]
    fn the_case_of_a_key_makes_no_difference() {
        assert_eq!(id(KEY), id(&KEY.to_ascii_uppercase()));
    }

    #[test]
    fn a_key_is_exactly_32_hex_digits() {
        let long = format!("{KEY}0");
        let other = format!("{}g", &KEY[1..]);
        let wide = format!("{}ä", &KEY[2..]);
        for bad in [
            "",
            &KEY[1..],
            &long,
            &other,
            &wide,
            &format!(" {}", &KEY[1..]),
        ] {
            assert_eq!(SessionKey::parse(bad), Err(InvalidKey), "{bad:?}");
        }
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = SessionKey::parse(KEY).expect("a key");
        assert_eq!(format!("{key:?}"), "SessionKey(..)");
        let session = format!("{:?}", Session::of(&key));
        assert_eq!(session, "Session(g7j3dno6j6q54b34)");
        assert!(!InvalidKey.to_string().contains(KEY));
    }

    #[test]
    fn an_id_is_16_characters_of_base32() {
        let id = SessionId::parse("g7j3dno6j6q54b34").expect("an id");
        assert_eq!(id.as_str(), "g7j3dno6j6q54b34");
        for bad in [
            "",
            "g7j3dno6j6q54b3",
            "g7j3dno6j6q54b345",
            "G7j3dno6j6q54b34",
            "g7j3dno6j6q54b31",
        ] {
            assert_eq!(
                SessionId::parse(bad),
                Err(InvalidMember::Session),
                "{bad:?}"
            );
        }
    }
}
