//! The WebSocket handshake (RFC 6455, section 4.2).

use data_encoding::BASE64;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
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
/// `upgrade_required` when it is no proper WebSocket handshake.
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

/// Answers an upgrade request and does this with the connection once the answer has gone.
///
/// # Errors
/// `upgrade_required` when it is no proper WebSocket handshake.
pub(super) fn switch<F: Future<Output = ()> + Send + 'static>(
    head: Parts,
    serve: impl FnOnce(Upgraded) -> F + Send + 'static,
) -> Result<Response<Body>, Fault> {
    let accept = accept(&head.method, &head.headers)?;
    let upgraded = hyper::upgrade::on(Request::from_parts(head, ()));
    tokio::spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            serve(upgraded).await;
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

fn accept(method: &Method, headers: &HeaderMap) -> Result<HeaderValue, Fault> {
    let version = headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .map(HeaderValue::as_bytes);
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes);
    let key = key.filter(|it| BASE64.decode(it).is_ok_and(|nonce| nonce.len() == 16));
    let asked = method == Method::GET
        && has_token(headers, header::CONNECTION, "upgrade")
        && has_token(headers, header::UPGRADE, "websocket")
        && version == Some(b"13");
    match key {
        Some(key) if asked => {
            let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
            Ok(HeaderValue::try_from(BASE64.encode(&digest)).expect("base64 is a header value"))
        }
        _ => {
            let message = "this route speaks WebSocket, version 13";
            Err(Fault::new(Code::UpgradeRequired, message))
        }
    }
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

    fn handshake() -> HeaderMap {
        let pairs = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        pairs
            .into_iter()
            .map(|(name, value)| (name.parse().expect(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn accepts_the_example_of_the_rfc() {
        let accept = accept(&Method::GET, &handshake()).expect("a handshake");
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn every_part_of_the_handshake_is_needed() {
        assert!(accept(&Method::POST, &handshake()).is_err());
        for name in [
            "connection",
            "upgrade",
            "sec-websocket-version",
            "sec-websocket-key",
        ] {
            let mut headers = handshake();
            headers.remove(name);
            assert!(accept(&Method::GET, &headers).is_err(), "without {name}");
            headers.insert(name, HeaderValue::from_static("8"));
            assert!(accept(&Method::GET, &headers).is_err(), "a wrong {name}");
        }
    }
}
