//! Faults: what a client is told when its request cannot be done.

use serde::Serialize;

use super::printable;
use super::server::millis;
use crate::schema::{Invalid, NameError, Rule, StampError, Violation};
use crate::topic::Refusal;

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// The request is not of the documented form.
    InvalidRequest,
    /// The value breaks rules of its type.
    InvalidValue,
    /// The body or value has too many bytes.
    TooLarge,
    /// The text is no topic name.
    InvalidTopic,
    /// No registered type has such a topic.
    UnknownTopic,
    /// The session key is missing or not 32 hex digits.
    InvalidSession,
    /// The session id belongs to another key or user.
    SessionTaken,
    /// `ttlMs` is out of range.
    InvalidTtl,
    /// There is nothing to renew: send the value again.
    NotPresent,
    /// The topic has as many members as it may have.
    TopicFull,
    /// The session was removed from this topic and has to wait.
    Kicked,
    /// Who asks is not known.
    Unauthenticated,
    /// The token was good once; another one is needed.
    TokenExpired,
    /// Who asks may not do this.
    Forbidden,
    /// The `Host` is not one this server answers to.
    InvalidHost,
    /// The page that asks is of an origin that may not use this server.
    ForbiddenOrigin,
    /// No such route.
    NotFound,
    /// The route has other methods.
    MethodNotAllowed,
    /// The request's target has too many bytes.
    UriTooLong,
    /// The body is not `application/json`, or is encoded.
    UnsupportedMediaType,
    /// The route speaks WebSocket.
    UpgradeRequired,
    /// The protocol version is not spoken here.
    UnsupportedProtocol,
    /// The request took too long to arrive.
    Timeout,
    /// The connection or session has as many topics as it may have, or the address has made as many
    /// new ones of late.
    TooManyTopics,
    /// The user or the address has as many connections as it may have.
    TooManyConnections,
    /// The process has as many topics, entries or connections as it may have.
    Overloaded,
    /// Something that the application is asked for cannot be had now.
    Unavailable,
    /// A mistake of the server.
    Internal,
}

impl Code {
    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequest
            | Self::InvalidTopic
            | Self::InvalidSession
            | Self::InvalidTtl
            | Self::UnsupportedProtocol => 400,
            Self::Unauthenticated | Self::TokenExpired => 401,
            Self::Forbidden | Self::ForbiddenOrigin | Self::Kicked => 403,
            Self::UnknownTopic | Self::NotPresent | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Timeout => 408,
            Self::SessionTaken => 409,
            Self::TooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::InvalidHost => 421,
            Self::InvalidValue => 422,
            Self::UpgradeRequired => 426,
            Self::TopicFull | Self::TooManyTopics | Self::TooManyConnections => 429,
            Self::Internal => 500,
            Self::Overloaded | Self::Unavailable => 503,
        }
    }
}

/// One detail of a fault: a place, the rule, what it asks for and what came.
pub type Detail = Violation;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct Fault {
    /// For programs.
    pub code: Code,
    /// For people.
    pub message: String,
    /// Places and rules, where there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// When to try again, in ms, where waiting helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Fault {
    /// A fault without details.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
            retry_after_ms: None,
        }
    }

    /// The request, rather than the value in it, is wrong in these ways.
    #[must_use]
    pub fn request(invalid: Invalid) -> Self {
        Self {
            message: format!("invalid request: {invalid}"),
            details: invalid.violations,
            ..Self::new(Code::InvalidRequest, "")
        }
    }

    /// A value that is too long for its topic.
    #[must_use]
    pub fn value_too_large(max_bytes: usize, found: usize) -> Self {
        let detail = Detail {
            path: String::new(),
            rule: Rule::MaxBytes,
            expected: format!("at most {max_bytes} bytes of canonical JSON"),
            found: format!("{found} bytes"),
        };
        Self {
            details: vec![detail],
            ..Self::new(Code::TooLarge, "the value is too large")
        }
    }

    /// The JSON body of the HTTP answer, in which nothing is invisible.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a Fault,
        }
        printable::to_string(&Body { error: self }).into_bytes()
    }
}

impl From<Invalid> for Fault {
    fn from(invalid: Invalid) -> Self {
        Self {
            message: format!("invalid value: {invalid}"),
            details: invalid.violations,
            ..Self::new(Code::InvalidValue, "")
        }
    }
}

impl From<StampError> for Fault {
    fn from(error: StampError) -> Self {
        match error {
            StampError::Invalid(invalid) => invalid.into(),
            StampError::Missing { .. } | StampError::Unfit { .. } => {
                Self::new(Code::Forbidden, error.to_string())
            }
            StampError::Panicked(_) => Self::new(Code::Internal, error.to_string()),
        }
    }
}

impl From<NameError> for Fault {
    fn from(error: NameError) -> Self {
        Self::new(Code::InvalidTopic, error.to_string())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::NotPresent => Code::NotPresent,
            Refusal::SessionTaken => Code::SessionTaken,
            Refusal::Full { .. } => Code::TopicFull,
            Refusal::Kicked { .. } => Code::Kicked,
            Refusal::InvalidTtl { .. } => Code::InvalidTtl,
        };
        let retry_after_ms = match refusal {
            Refusal::Kicked { retry_after } => Some(millis(retry_after)),
            _ => None,
        };
        Self {
            retry_after_ms,
            ..Self::new(code, refusal.to_string())
        }
    }
}
