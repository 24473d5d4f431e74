//! Hosts: the names under which this server answers.

use crate::wire::{Code, Fault};

/// The hosts that are this machine for everybody.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether this is one of the local hosts or of these.
///
/// # Errors
/// `invalid_host`.
pub(super) fn check(host: Option<&str>, hosts: &[String]) -> Result<(), Fault> {
    let name = without_port(host.unwrap_or_default());
    let mut known = LOCAL.into_iter().chain(hosts.iter().map(String::as_str));
    if known.any(|it| it.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let message = "this server answers to localhost, 127.0.0.1 and [::1]; name other hosts in `Config::hosts`";
    Err(Fault::new(Code::InvalidHost, message))
}

/// Whether this names a host at all.
///
/// # Errors
/// `invalid_host`.
pub(super) fn check_form(host: Option<&str>) -> Result<(), Fault> {
    let authority = host.unwrap_or_default().parse::<http::uri::Authority>();
    match authority {
        Ok(it) if !it.as_str().contains('@') => Ok(()),
        _ => Err(Fault::new(
            Code::InvalidHost,
            "a request names one host, once",
        )),
    }
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_mode_answers_to_local_and_named_hosts_only() {
        let hosts = ["Board.example".to_owned()];
        for good in [
            "localhost",
            "LOCALHOST:7700",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:80",
            "board.example:443",
        ] {
            assert_eq!(check(Some(good), &hosts), Ok(()), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "::1",
            "0.0.0.0",
        ] {
            let fault = check(Some(bad), &hosts).expect_err(bad);
            assert_eq!(fault.code, Code::InvalidHost, "{bad}");
        }
        assert!(check(None, &hosts).is_err());
    }

    #[test]
    fn where_everybody_shows_who_they_are_any_host_will_do() {
        assert_eq!(check_form(Some("board.example:443")), Ok(()));
        assert_eq!(check_form(Some("[::1]:80")), Ok(()));
        for bad in [None, Some(""), Some("a b"), Some("ann:pass@board.example")] {
            assert!(check_form(bad).is_err(), "{bad:?}");
        }
    }
}
