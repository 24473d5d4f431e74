//! What may be wrong with a Redis server, or with how it is spoken of.

use super::super::Lost;

/// Why a Redis server cannot be used. It never says the URL, which may have a password in it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RedisError {
    /// The URL is none of a Redis server's.
    #[error("a Redis URL is redis://[user:password@]host[:port][/database], found one with {0}")]
    Url(String),
    /// The URL asks for TLS, which is not spoken here.
    #[error(
        "rediss:// asks for TLS, which nodes do not speak to Redis: found {0}, allowed are redis:// in a network \
         of its own, or to the near end of a tunnel, and unix://"
    )]
    Tls(&'static str),
    /// The prefix would not do for a key.
    #[error("a prefix has 1 to 32 bytes of A-Z a-z 0-9 _ -, found {0:?}")]
    Prefix(String),
    /// The server does not know what is asked of it.
    #[error("Redis 7.0 or newer is needed, found {0}")]
    Version(String),
    /// The server does not answer.
    #[error(transparent)]
    Lost(#[from] Lost),
}
