//! Whether figures make sense: each by itself, and with the topics that there are.

use super::{Config, ConfigError, WORDS};
use crate::schema::{Registered, Topics};
use crate::server::access::host::is_host;
use crate::server::address::{Proxies, ProxyHeader};
use crate::server::escaped::Escaped;
use crate::server::limits::LIMITS;
use crate::server::origin::Origins;

/// What may stand around a value in a message beside the topic: its type, `id`, `n`, `activity`.
const AROUND_VALUE: usize = 128;

impl Config {
    /// Whether the figures make sense, by themselves and with these topics.
    ///
    /// # Errors
    /// At the first mistake, naming the setting and what it may be.
    pub fn check(&self, topics: &Topics) -> Result<(), ConfigError> {
        topics.check()?;
        for limit in LIMITS {
            limit.check(self)?;
        }
        self.check_lists()?;
        Origins::read(&self.origins)?;
        Proxies::read(&self.trusted_proxies, self.proxy_header)?;
        topics.iter().try_for_each(|it| self.check_type(it))
    }

    fn check_type(&self, it: &Registered) -> Result<(), ConfigError> {
        let name = it.schema.name();
        if it.settings.ttl < 2 * self.heartbeat {
            return Err(ConfigError::Heartbeat {
                name,
                heartbeat: self.heartbeat,
                ttl: it.settings.ttl,
            });
        }
        let longest = it.schema.max_json().unwrap_or(usize::MAX);
        let needed =
            longest.min(it.settings.max_bytes) + it.schema.pattern().longest() + AROUND_VALUE;
        if self.max_body < needed {
            return Err(ConfigError::Body {
                name,
                max_bytes: it.settings.max_bytes,
                needed,
                max_body: self.max_body,
            });
        }
        Ok(())
    }

    /// Whether lists name something, and nothing twice.
    fn check_lists(&self) -> Result<(), ConfigError> {
        let wrong = |setting, allowed: &str, found: String| ConfigError::Setting {
            setting,
            allowed: allowed.to_owned(),
            found,
        };
        for host in &self.hosts {
            if !is_host(host) {
                let allowed = "names of hosts such as `board.example`, or addresses as `Host` has them, without \
                               scheme, port or `*`";
                return Err(wrong("hosts", allowed, format!("`{}`", Escaped(host))));
            }
        }
        for words in WORDS {
            let Some(list) = words.list(self) else {
                continue;
            };
            let is_again = |i: usize, it: &String| {
                list[..i]
                    .iter()
                    .any(|earlier| earlier.eq_ignore_ascii_case(it))
            };
            let again = list.iter().enumerate().find(|(i, it)| is_again(*i, it));
            if let Some((_, again)) = again {
                let found = format!("`{}` twice", Escaped(again));
                return Err(wrong(words.setting, "different entries", found));
            }
        }
        if self.trusted_proxies.is_empty() && self.proxy_header != ProxyHeader::default() {
            let allowed =
                "left alone while `trusted_proxies` names nobody whose header it could be";
            let found = format!("{:?}", self.proxy_header);
            return Err(wrong("proxy_header", allowed, found));
        }
        Ok(())
    }

    /// Whether the figures make sense where the application is asked who somebody is.
    ///
    /// # Errors
    /// When a connection that waits for the answer would be taken for lost.
    pub(crate) fn check_access(&self) -> Result<(), ConfigError> {
        if self.access_timeout >= self.ping {
            return Err(ConfigError::Setting {
                setting: "access_timeout",
                allowed: "shorter than `ping`, or whoever waits for it is taken for lost"
                    .to_owned(),
                found: format!("{:?}", self.access_timeout),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn checked(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        let checked = config.check(&Topics::new());
        checked.map_or_else(|error| error.to_string(), |()| "right".to_owned())
    }

    #[test]
    fn lists_name_something_and_nothing_twice() {
        for right in ["board.example", "localhost", "10.0.0.7", "[::1]", "a_b"] {
            assert_eq!(
                checked(|it| it.hosts = vec![right.to_owned()]),
                "right",
                "{right}"
            );
        }
        for wrong in [
            "",
            "*",
            "*.example",
            "board.example:7700",
            "https://board.example",
            "a b",
            "a/b",
            "::1",
        ] {
            let error = checked(|it| it.hosts = vec!["board.example".to_owned(), wrong.to_owned()]);
            let whole = error.starts_with("hosts must be names of hosts such as")
                && error.ends_with(&format!("found `{wrong}`"));
            assert!(whole, "{error}");
        }
        let twice = || vec!["Board.example".to_owned(), "board.example".to_owned()];
        assert_eq!(
            checked(|it| it.hosts = twice()),
            "hosts must be different entries, found `board.example` twice"
        );
        let twice = vec!["10.0.0.0/8".to_owned(); 2];
        let error = checked(|it| it.trusted_proxies = twice);
        assert_eq!(
            error,
            "trusted_proxies must be different entries, found `10.0.0.0/8` twice"
        );
        let twice = vec!["https://a.example".to_owned(); 2];
        let error = checked(|it| it.origins = twice);
        assert_eq!(
            error,
            "origins must be different entries, found `https://a.example` twice"
        );
        for (setting, wrong) in [
            ("origins", "https://*.example"),
            ("trusted_proxies", "10.0.0.0/33"),
            ("trusted_proxies", ""),
        ] {
            let error = checked(|it| match setting {
                "origins" => it.origins = vec![wrong.to_owned()],
                _ => it.trusted_proxies = vec![wrong.to_owned()],
            });
            assert!(
                error.starts_with(setting) && error.ends_with(&format!("found `{wrong}`")),
                "{error}"
            );
        }
    }

    #[derive(crate::Presence)]
    #[presence(topic = "notes:{note}", crate = "crate")]
    struct Note {
        #[presence(max_chars = 100)]
        text: String,
    }

    #[test]
    fn a_message_has_room_for_the_longest_value_of_every_type() {
        let check = |max_body, max_bytes| {
            let config = Config {
                max_body,
                ..Config::default()
            };
            let topics = Topics::new().register::<Note>();
            let checked = config.check(&topics.max_bytes(max_bytes));
            checked.map_err(|error| error.to_string())
        };
        // `notes:` and the longest parameter.
        let around = 6 + 128 + AROUND_VALUE;
        assert_eq!(check(300 + around, 300), Ok(()));
        assert_eq!(
            check(299 + around, 300),
            Err(
                "`Note`: max_body must be at least 562 bytes, for values as long as its max_bytes of 300 allows and \
                 what stands around them, found 561"
                    .to_owned()
            )
        );
        // No value is as long as that.
        assert_eq!(check(411 + around, 2_000), Ok(()));
        let error = check(256, 2_000).expect_err("too little");
        assert!(
            error.contains("max_body") && error.contains("max_bytes"),
            "{error}"
        );
        assert!(check(2_000, 32_768).is_ok() && check(1 << 20, 32_768).is_ok());
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let error = checked(|it| it.proxy_header = ProxyHeader::Forwarded);
        assert!(
            error.starts_with("proxy_header must be left alone"),
            "{error}"
        );
        let error = checked(|it| it.ping = Duration::ZERO);
        assert_eq!(error, "ping must be 100 ms to 1 h, found 0 ms");
        let error = checked(|it| it.ping = Duration::from_micros(99_999));
        assert_eq!(error, "ping must be 100 ms to 1 h, found 99 ms");
        let error = checked(|it| it.ping = Duration::MAX);
        assert!(error.starts_with("ping must be 100 ms to 1 h"), "{error}");
    }
}
