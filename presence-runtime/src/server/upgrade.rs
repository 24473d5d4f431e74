//! The WebSocket handshake (RFC 6455, section 4.2).

use data_encoding::BASE64;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use hyper::upgrade::Upgraded;
use sha1::{Digest, Sha1};

use super::access::Credentials;
use super::address::Address;
use super::body::Body;
use super::hub::Hub;
use super::socket;
use crate::wire::{Code, Fault};

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Answers an upgrade request and serves the connection once the answer has gone.
///
/// # Errors
/// `upgrade_required` when it is no WebSocket handshake of version 13, `invalid_request` when it is one
/// with a mistake.
pub(super) fn upgrade(
    hub: &Hub,
    from: Option<Address>,
    head: Parts,
) -> Result<Response<Body>, Fault> {
    // Open mode looks at nothing of it, and every connection would keep it until `hello`.
    let shown = match hub.access().is_open() {
        true => Credentials::default(),
        false => Credentials::of(head.headers.clone()),
    };
    let hub = hub.clone();
    switch(head, move |upgraded| {
        socket::serve(hub, from, shown, upgraded)
    })
}

/// Answers an upgrade request and hands the connection to whoever serves it once the answer has gone.
///
/// # Errors
/// `upgrade_required` when it is no proper WebSocket handshake.
pub(super) fn switch(
    head: Parts,
    serve: impl FnOnce(Upgraded) + Send + 'static,
) -> Result<Response<Body>, Fault> {
    let accept = accept(&head)?;
    let upgraded = hyper::upgrade::on(Request::from_parts(head, ()));
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            serve(upgraded);
        }
    });
    let mut response = Response::new(Body::whole(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

fn accept(head: &Parts) -> Result<HeaderValue, Fault> {
    let headers = &head.headers;
    let asked = head.method == Method::GET
        && head.version == Version::HTTP_11
        && has_token(headers, header::CONNECTION, "upgrade")
        && has_token(headers, header::UPGRADE, "websocket")
        && only(headers, header::SEC_WEBSOCKET_VERSION) == Some(b"13");
    if !asked {
        let message = "this route speaks WebSocket, version 13, over HTTP/1.1";
        return Err(Fault::new(Code::UpgradeRequired, message));
    }
    // What follows the head are frames.
    let length = headers.get(header::CONTENT_LENGTH);
    if length.is_some_and(|it| it != "0") || headers.contains_key(header::TRANSFER_ENCODING) {
        let message = "a WebSocket handshake has no body";
        return Err(Fault::new(Code::InvalidRequest, message));
    }
    let key = only(headers, header::SEC_WEBSOCKET_KEY);
    let is_nonce = |it: &&[u8]| BASE64.decode(it).is_ok_and(|nonce| nonce.len() == 16);
    let Some(key) = key.filter(is_nonce) else {
        let message = "a WebSocket handshake has one `Sec-WebSocket-Key`: 16 bytes in base64";
        return Err(Fault::new(Code::InvalidRequest, message));
    };
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    Ok(HeaderValue::try_from(BASE64.encode(&digest)).expect("base64 is a header value"))
}

/// What a header says that is there once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&[u8]> {
    let mut values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    values.next().filter(|_| values.next().is_none())
}

fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    let values = headers.get_all(name);
    let mut texts = values.iter().filter_map(|value| value.to_str().ok());
    texts.any(|text| {
        text.split(',')
            .any(|it| it.trim().eq_ignore_ascii_case(token))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake() -> Parts {
        let request = Request::get("/ws")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "WebSocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn accepts_the_example_of_the_rfc() {
        let accept = accept(&handshake()).expect("a handshake");
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn every_part_of_the_handshake_is_needed_once() {
        for name in [
            "connection",
            "upgrade",
            "sec-websocket-version",
            "sec-websocket-key",
        ] {
            let mut head = handshake();
            let value = head.headers.remove(name).expect(name);
            assert!(accept(&head).is_err(), "without {name}");
            head.headers.insert(name, HeaderValue::from_static("8"));
            assert!(accept(&head).is_err(), "a wrong {name}");
            if name.starts_with("sec") {
                head.headers.insert(name, value.clone());
                head.headers.append(name, value);
                assert!(accept(&head).is_err(), "two of {name}");
            }
        }
        for wrong in [
            |head: &mut Parts| head.method = Method::POST,
            |head: &mut Parts| head.version = Version::HTTP_10,
            |head: &mut Parts| {
                let five = HeaderValue::from_static("5");
                head.headers.insert(header::CONTENT_LENGTH, five);
            },
        ] {
            let mut head = handshake();
            wrong(&mut head);
            assert!(accept(&head).is_err(), "{head:?}");
        }
    }
}
