//! JSON Web Tokens and credentials: nobody comes in without the key.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, HeaderValue};
use presence_runtime::access::{Authenticate, Credentials, Jwt, JwtKey};

/// One key, and several that have names.
static JUDGES: LazyLock<[Jwt; 2]> = LazyLock::new(|| {
    let key = |secret: &[u8]| JwtKey::hs256(secret).expect("long enough");
    let one = Jwt::builder().key(key(b"nobody could ever guess this one"));
    let two = Jwt::builder()
        .key(key(b"nobody could ever guess the next").with_id("a"))
        .key(key(b"nobody can guess what was before").with_id("b"));
    [one, two].map(|it| it.build().expect("keys"))
});

/// The first line is `Authorization`, the second `Cookie`.
pub fn tokens(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in ["authorization", "cookie"] {
        let line = lines.next().unwrap_or_default();
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.insert(name, value);
        }
    }
    let shown = Credentials::of(headers.clone());
    if let Some(token) = shown.token() {
        let header = headers["authorization"].to_str().expect("text");
        let (scheme, rest) = header.split_once(' ').expect("a scheme");
        assert!(scheme.eq_ignore_ascii_case("bearer"));
        assert!(rest.trim() == token, "{header:?}");
    }
    if let (Some(value), Some(cookies)) = (shown.cookie("login"), headers.get("cookie")) {
        let cookies = cookies.to_str().expect("text");
        assert!(
            cookies.contains(&format!("login={value}")) || cookies.contains(value),
            "{cookies:?}"
        );
        assert!(!value.contains(';'));
    }
    for judge in &*JUDGES {
        let mut asked = pin!(judge.authenticate(shown.clone()));
        let answer = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Err(refused)) = answer else {
            panic!("a token that nobody signed was taken");
        };
        assert!(!refused.to_string().is_empty());
    }
}
