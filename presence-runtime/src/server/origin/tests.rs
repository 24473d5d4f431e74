//! Which origins are taken, and which are not.

use http::Request;

use super::*;

fn head(headers: &[(&'static str, &str)]) -> Parts {
    let mut request = Request::post("/");
    for (name, text) in headers {
        let value = HeaderValue::from_bytes(text.as_bytes()).expect("a header value");
        request = request.header(*name, value);
    }
    request.body(()).expect("a request").into_parts().0
}

fn judged(listed: &[&str], host: &str, headers: &[(&'static str, &str)]) -> Result<Page, Code> {
    let listed: Vec<_> = listed.iter().map(ToString::to_string).collect();
    let origins = Origins::read(&listed).expect("exact origins");
    let page = origins.page(&head(headers), host);
    page.map_err(|fault| fault.code)
}

fn listed(origin: &str) -> Result<Page, Code> {
    Ok(Page::Listed(HeaderValue::try_from(origin).expect("ASCII")))
}

#[test]
fn the_own_origin_is_the_one_whose_authority_is_the_host() {
    for (origin, host) in [
        ("http://localhost:7700", "localhost:7700"),
        ("http://localhost", "localhost"),
        ("http://localhost", "localhost:80"),
        ("http://localhost:80", "localhost"),
        // Behind a proxy that ends TLS.
        ("https://board.example", "board.example"),
        ("https://board.example", "board.example:443"),
        ("HTTPS://Board.Example", "board.example"),
        ("http://[::1]:7700", "[::1]:7700"),
    ] {
        let own = judged(&[], host, &[("origin", origin)]);
        assert_eq!(own, Ok(Page::Own), "{origin} at {host}");
    }
    for (origin, host) in [
        ("http://localhost:7700", "localhost"),
        ("http://localhost", "localhost:7700"),
        ("http://localhost:3000", "127.0.0.1:7700"),
        ("http://127.0.0.1:7700", "localhost:7700"),
        ("https://board.example", "board.example:80"),
        ("https://board.example.", "board.example"),
        ("https://board.example.evil.example", "board.example"),
        ("https://evil.example", ""),
        ("https://", ""),
    ] {
        let refused = judged(&[], host, &[("origin", origin)]);
        assert_eq!(refused, Err(Code::ForbiddenOrigin), "{origin} at {host}");
    }
}

#[test]
fn other_origins_are_answered_exactly_as_listed() {
    let list = [
        "https://Good.example",
        "http://localhost:3000",
        "https://a.example:8443",
    ];
    let ask = |origin| judged(&list, "api.example", &[("origin", origin)]);
    for good in [
        "https://good.example",
        "https://good.example:443",
        "http://localhost:3000",
        "https://a.example:8443",
    ] {
        assert_eq!(ask(good), listed(good), "{good}");
    }
    for bad in [
        "http://good.example",
        "https://good.example:444",
        "https://good.example.evil.example",
        "https://evilgood.example",
        "https://sub.good.example",
        "https://good.example.",
        "https://good.example@evil.example",
        "https://evil.example/https://good.example",
        "https://good.example/",
        "https://good.example evil.example",
        "https://good.example,https://evil.example",
        "https://xn--god-1na.example",
        "https://g\u{f6}od.example",
        "http://localhost",
        "http://localhost:03000x",
        "http://localhost:+3000",
        "null",
        "*",
        "",
        "good.example",
    ] {
        assert_eq!(ask(bad), Err(Code::ForbiddenOrigin), "{bad}");
    }
    let twice = [
        ("origin", "https://good.example"),
        ("origin", "https://good.example"),
    ];
    let twice = judged(&list, "api.example", &twice);
    assert_eq!(twice, Err(Code::ForbiddenOrigin));
}

#[test]
fn a_request_without_origin_is_somebody_elses_where_its_browser_says_so() {
    let ask = |site, mode, dest| {
        let fetch = [
            ("sec-fetch-site", site),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", dest),
        ];
        let mut head = head(&fetch);
        let mut ask = |method| {
            head.method = method;
            let origins = Origins(Vec::new());
            origins.page(&head, "localhost").is_ok()
        };
        (ask(Method::GET), ask(Method::POST))
    };
    assert_eq!(ask("same-origin", "cors", "empty"), (true, true));
    assert_eq!(ask("none", "navigate", "document"), (true, true));
    assert_eq!(ask("cross-site", "navigate", "document"), (true, false));
    assert_eq!(ask("cross-site", "navigate", "iframe"), (false, false));
    assert_eq!(ask("cross-site", "no-cors", "image"), (false, false));
    assert_eq!(ask("same-site", "no-cors", "script"), (false, false));
    assert_eq!(judged(&[], "localhost", &[]), Ok(Page::Own));
}

#[test]
fn a_browser_is_believed_that_page_and_server_are_one_behind_any_proxy() {
    let ask = |origin, sites: &[&str]| {
        let sites = sites.iter().map(|it| ("sec-fetch-site", *it));
        let headers: Vec<_> = [("origin", origin)].into_iter().chain(sites).collect();
        judged(&[], "127.0.0.1:7700", &headers)
    };
    let page = "https://board.example";
    assert_eq!(ask(page, &["same-origin"]), Ok(Page::Own));
    for sites in [
        &["same-site"][..],
        &["cross-site"],
        &["none"],
        &["Same-Origin"],
        &["same-origin", "cross-site"],
        &["same-origin", "same-origin"],
        &[],
    ] {
        assert_eq!(ask(page, sites), Err(Code::ForbiddenOrigin), "{sites:?}");
    }
    assert_eq!(ask("null", &["same-origin"]), Err(Code::ForbiddenOrigin));
}

#[test]
fn what_is_no_exact_origin_cannot_be_listed() {
    for bad in [
        "*",
        "null",
        "https://*.example",
        "https://good.example/",
        "https://good.example/path",
        "good.example",
        "//good.example",
        "https://b\u{fc}cher.example",
        "https://ann@good.example",
        "https://good.example:0",
        "https://good.example:99999",
        "https://good.example.",
        "https://[::1",
        "",
    ] {
        let refused = Origins::read(&[bad.to_owned()]).expect_err(bad);
        let message = refused.to_string();
        assert!(
            message.starts_with("origins must be exact origins such as"),
            "{message}"
        );
        assert!(message.ends_with(&format!("found `{bad}`")), "{message}");
    }
    let good = [
        "HTTPS://Good.Example:443",
        "http://[0:0::1]:3000",
        "capacitor://localhost",
    ];
    let good = good.map(ToOwned::to_owned);
    let origins = Origins::read(&good).expect("exact origins");
    assert_eq!(
        origins.0,
        [
            "https://good.example",
            "http://[::1]:3000",
            "capacitor://localhost"
        ]
    );
}
