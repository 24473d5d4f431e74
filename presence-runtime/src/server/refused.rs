//! Refusals: why a request is not done, and the answer that says so.

use http::{HeaderValue, Response, StatusCode, header};

use super::body::Body;
use super::meter::Meter;
use super::routes::{json, last};
use crate::wire::{Code, Fault};

/// Why there is no answer but a refusal. Whoever gives it counts it, by [`Refused::counted`].
#[derive(Debug)]
pub(super) enum Refused {
    Fault(Fault),
    /// The route has these methods.
    Method(&'static str),
    /// The body is encoded.
    Encoding,
    /// It is not certain where the request ends, so that its answer is the last one.
    Doubtful,
    /// No password is shown, or another one.
    Password,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refused {
    /// The answer, of which the figures tell.
    pub(super) fn counted(self, meter: &Meter) -> Response<Body> {
        meter.refused(self.code());
        self.answer()
    }

    /// The answer, where nobody counts or somebody has.
    pub(super) fn answer(self) -> Response<Body> {
        match self {
            Self::Fault(fault) => answer(&fault),
            Self::Method(allow) => {
                let message = format!("this route has the methods {allow}");
                let mut response = answer(&Fault::new(self.code(), message));
                let allow = HeaderValue::from_static(allow);
                response.headers_mut().insert(header::ALLOW, allow);
                response
            }
            Self::Encoding => {
                let message = "a body is sent as it is, without `Content-Encoding`";
                let mut response = answer(&Fault::new(self.code(), message));
                let identity = HeaderValue::from_static("identity");
                let headers = response.headers_mut();
                headers.insert(header::ACCEPT_ENCODING, identity);
                response
            }
            Self::Doubtful => {
                let message = "a request says once how long it is: by one `Content-Length`, or by `Transfer-Encoding: chunked`";
                last(answer(&Fault::new(self.code(), message)))
            }
            Self::Password => {
                let message = "these figures are for those who know the password";
                let mut response = answer(&Fault::new(self.code(), message));
                // Browsers ask their user for it.
                let scheme = HeaderValue::from_static("Basic realm=\"presence\"");
                let headers = response.headers_mut();
                headers.insert(header::WWW_AUTHENTICATE, scheme);
                response
            }
        }
    }

    pub(super) const fn code(&self) -> Code {
        match self {
            Self::Fault(fault) => fault.code,
            Self::Method(_) => Code::MethodNotAllowed,
            Self::Encoding => Code::UnsupportedMediaType,
            Self::Doubtful => Code::InvalidRequest,
            Self::Password => Code::Unauthenticated,
        }
    }
}

fn answer(fault: &Fault) -> Response<Body> {
    let mut response = json(fault.to_json());
    *response.status_mut() =
        StatusCode::from_u16(fault.code.status()).expect("codes have valid statuses");
    let headers = response.headers_mut();
    if let Some(wait) = fault.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1000)));
    }
    if fault.code.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        headers.insert(header::WWW_AUTHENTICATE, scheme);
    }
    if fault.code == Code::UpgradeRequired {
        let protocol = HeaderValue::from_static("websocket");
        headers.insert(header::UPGRADE, protocol);
        let version = HeaderValue::from_static("13");
        headers.insert(header::SEC_WEBSOCKET_VERSION, version);
    }
    response
}
