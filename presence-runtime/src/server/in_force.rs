//! In force: every setting in one line of the log, for whoever reads it later.

use std::fmt::{self, Display, Formatter};

use super::config::{Config, WORDS};
use super::limits::LIMITS;

/// Every setting, as the environment would say it. There is no secret among them.
#[derive(Debug)]
pub(super) struct InForce<'a>(pub(super) &'a Config);

impl Display for InForce<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(config) = self;
        for limit in LIMITS {
            let figure = limit.unit.show(limit.get(config));
            write!(f, "{}={} ", limit.setting, figure.replace([' ', ','], ""))?;
        }
        let words = WORDS.iter();
        let words: Vec<_> = words
            .map(|it| format!("{}={}", it.setting, it.show(config)))
            .collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::address::ProxyHeader;

    #[test]
    fn what_is_logged_is_what_the_environment_would_say() {
        let mut config = Config::default();
        for limit in LIMITS {
            // An odd figure, unlike the default.
            let figure = limit.range.start() + limit.default() / 3 + 1;
            limit.set(&mut config, figure.min(*limit.range.end()));
        }
        config.hosts = vec!["a.example".to_owned(), "b.example".to_owned()];
        config.origins = vec!["https://a.example".to_owned()];
        config.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
        config.proxy_header = ProxyHeader::Forwarded;
        let line = InForce(&config).to_string();
        let variables = line.split(' ').map(|it| {
            let (setting, value) = it.split_once('=').expect("a setting and its value");
            let name = format!("PRESENCE_{}", setting.to_ascii_uppercase());
            (name.into(), value.into())
        });
        assert_eq!(Config::default().with_env(variables), Ok(config));
    }

    #[test]
    fn an_entry_is_no_line_of_its_own() {
        let config = Config {
            hosts: vec!["a\n2026 ERROR forged\u{1b}[31m".to_owned()],
            ..Config::default()
        };
        let line = InForce(&config).to_string();
        assert!(!line.contains(['\n', '\u{1b}']), "{line}");
    }
}
