//! Why a WebSocket ends, in two bytes.

use std::fmt;

/// Why a connection ends: the codes of RFC 6455 and of the presence protocol. After 40xx a client
/// may come back, after 45xx it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The client said goodbye.
    pub const NORMAL: Self = Self(1000);
    /// The frames break RFC 6455.
    pub const PROTOCOL: Self = Self(1002);
    /// A binary message; the protocol is text.
    pub const UNSUPPORTED: Self = Self(1003);
    /// Text that is not UTF-8.
    pub const NOT_UTF8: Self = Self(1007);
    /// A message longer than allowed.
    pub const TOO_BIG: Self = Self(1009);
    /// The server goes; come back.
    pub const RESTART: Self = Self(1012);
    /// Who asks cannot be found out for now; come back (registered with IANA).
    pub const TRY_AGAIN: Self = Self(1013);
    /// No `hello` in time.
    pub const NO_HELLO: Self = Self(4008);
    /// The token has expired; come back with another one.
    pub const TOKEN_EXPIRED: Self = Self(4010);
    /// Too many connections.
    pub const TOO_MANY: Self = Self(4029);
    /// Nothing could be written for too long.
    pub const STALLED: Self = Self(4030);
    /// Nobody knows who this is, or nobody wants to any more.
    pub const UNAUTHENTICATED: Self = Self(4501);
    /// Who this is may not do this.
    pub const FORBIDDEN: Self = Self(4503);
    /// Another connection of the same session took over.
    pub const TAKEN_OVER: Self = Self(4509);
    /// The client does not speak this protocol.
    pub const WRONG_PROTOCOL: Self = Self(4526);
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The code of a close frame, if it is one that may stand there (RFC 6455, section 7.4).
pub(super) fn closing(payload: &[u8]) -> Result<CloseCode, CloseCode> {
    let [a, b, reason @ ..] = payload else {
        return if payload.is_empty() {
            Ok(CloseCode::NORMAL)
        } else {
            Err(CloseCode::PROTOCOL)
        };
    };
    let code = u16::from_be_bytes([*a, *b]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(CloseCode::PROTOCOL);
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(CloseCode(code)),
        Err(_) => Err(CloseCode::NOT_UTF8),
    }
}
