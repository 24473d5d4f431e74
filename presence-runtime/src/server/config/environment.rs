//! The environment: settings that whoever starts the process gives, without building it anew.

use std::ffi::OsString;
use std::fmt;

use super::{Config, ConfigError, WORDS};
use crate::schema::judge::nearest;
use crate::server::escaped::Escaped;
use crate::server::limits::{LIMITS, Limit};

/// What the names of settings begin with.
const PREFIX: &str = "PRESENCE_";
/// What whoever joins a cluster commonly reads from the environment; it is no figure of a process.
const ENGINE: &str = "REDIS";

/// Why a variable of the environment is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VariableError {
    /// What it says is no such setting.
    #[error("`{name}` must be {expected}, found `{found}`")]
    Value {
        /// The variable.
        name: String,
        /// What it may be.
        expected: String,
        /// What it is, so that it can be shown.
        found: String,
    },
    /// There is no such setting, but one of nearly this name.
    #[error("there is no setting `{name}`; is it `{meant}`?")]
    Unknown {
        /// The variable.
        name: String,
        /// What was probably meant.
        meant: String,
    },
}

impl Config {
    /// The defaults, with what the environment says: every field is the variable of its name, such as
    /// `PRESENCE_MAX_CONNECTIONS=50000`, `PRESENCE_DRAIN=10s`, `PRESENCE_MAX_BODY=32KiB` or
    /// `PRESENCE_HOSTS=a.example,b.example`. Times are whole numbers with ms, s, min or h; bytes are whole
    /// numbers, with KiB or MiB; lists have commas; `PRESENCE_PROXY_HEADER` is `x-forwarded-for` or
    /// `forwarded`.
    ///
    /// Other variables that begin with `PRESENCE_` are left alone, with a warning: orchestrators make some of
    /// the names of services. One that is nearly the name of a setting is refused.
    ///
    /// # Errors
    /// At the first variable that is not what it may be, naming it. [`Hub`](crate::server::Hub)s check what remains.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::default().with_env(std::env::vars_os())
    }

    /// The same figures, with what these variables say. See [`Config::from_env`].
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn with_env(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            let Some(setting) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let variable = Variable {
                name,
                value: &value.to_string_lossy(),
            };
            self.take(setting, &variable)?;
        }
        Ok(self)
    }

    fn take(&mut self, setting: &str, variable: &Variable<'_>) -> Result<(), VariableError> {
        let is = |field: &str| field.to_ascii_uppercase() == setting;
        if let Some(limit) = LIMITS.iter().find(|it| is(it.setting)) {
            limit.set(self, variable.figure(limit)?);
            return Ok(());
        }
        if let Some(words) = WORDS.iter().find(|it| is(it.setting)) {
            let read = words.read(self, variable.value);
            return read.map_err(|expected| variable.refused(format_args!("{expected}")));
        }
        if setting != ENGINE {
            variable.refuse_if_meant(setting)?;
        }
        Ok(())
    }
}

/// A variable that may be a setting.
struct Variable<'a> {
    name: &'a str,
    value: &'a str,
}

impl Variable<'_> {
    fn figure(&self, limit: &Limit) -> Result<u64, VariableError> {
        let figure = limit.unit.read(self.value);
        let figure = figure.filter(|it| limit.range.contains(it));
        figure.ok_or_else(|| {
            let (range, example) = (limit.allowed(), limit.unit.example());
            self.refused(format_args!("{range}, written as `{example}`"))
        })
    }

    fn refuse_if_meant(&self, setting: &str) -> Result<(), VariableError> {
        let figures = LIMITS.iter().map(|it| it.setting);
        let settings: Vec<_> = figures.chain(WORDS.iter().map(|it| it.setting)).collect();
        let Some(meant) = nearest::to(setting, &settings) else {
            tracing::warn!(variable = %Escaped(self.name), "no setting has this name; it changes nothing");
            return Ok(());
        };
        Err(VariableError::Unknown {
            name: self.name.to_owned(),
            meant: format!("{PREFIX}{}", meant.to_ascii_uppercase()),
        })
    }

    fn refused(&self, expected: fmt::Arguments<'_>) -> VariableError {
        VariableError::Value {
            name: self.name.to_owned(),
            expected: expected.to_string(),
            found: Escaped(self.value).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::address::ProxyHeader;

    fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let config = Config::default().with_env(variables);
        config.map_err(|error| error.to_string())
    }

    #[test]
    fn every_setting_is_a_variable() {
        for limit in LIMITS {
            let name = format!("PRESENCE_{}", limit.setting.to_ascii_uppercase());
            for figure in [*limit.range.start(), limit.default(), *limit.range.end()] {
                let config = read(&[(&name, &limit.unit.show(figure))]).expect(&name);
                assert_eq!(limit.get(&config), figure, "{name}");
            }
            for wrong in [
                "",
                "x",
                "-1",
                "1.5",
                "99999999999999999999",
                "5 s 5",
                "10 parsecs",
            ] {
                let error = read(&[(&name, wrong)]).expect_err(&name);
                assert!(error.starts_with(&format!("`{name}` must be ")), "{error}");
                assert!(error.ends_with(&format!("found `{wrong}`")), "{error}");
            }
        }
        let config = read(&[
            ("PRESENCE_HOSTS", "a.example, b.example"),
            ("PRESENCE_ORIGINS", "https://a.example"),
            ("PRESENCE_TRUSTED_PROXIES", "10.0.0.0/8,"),
            ("PRESENCE_PROXY_HEADER", "Forwarded"),
            ("HOME", "/root"),
        ]);
        let config = config.expect("all of it is right");
        assert_eq!(config.hosts, ["a.example", "b.example"]);
        assert_eq!(config.origins, ["https://a.example"]);
        assert_eq!(config.trusted_proxies, ["10.0.0.0/8"]);
        assert_eq!(config.proxy_header, ProxyHeader::Forwarded);
        assert_eq!(
            Config {
                hosts: vec![],
                origins: vec![],
                trusted_proxies: vec![],
                proxy_header: ProxyHeader::default(),
                ..config
            },
            Config::default()
        );
    }

    #[test]
    fn messages_name_the_variable_the_range_and_what_was_found() {
        for (name, value, message) in [
            (
                "PRESENCE_DRAIN",
                "2h",
                "`PRESENCE_DRAIN` must be 100 ms to 1 h, written as `500ms`, `10s`, `5min` or `1h`, found `2h`",
            ),
            (
                "PRESENCE_PING",
                "10",
                "`PRESENCE_PING` must be 100 ms to 1 h, written as `500ms`, `10s`, `5min` or `1h`, found `10`",
            ),
            (
                "PRESENCE_MAX_BODY",
                "2MiB",
                "`PRESENCE_MAX_BODY` must be 256 bytes to 1 MiB, written as `16384`, `16KiB` or `1MiB`, found `2MiB`",
            ),
            (
                "PRESENCE_MAX_TOPICS",
                "many\x1b[0m",
                "`PRESENCE_MAX_TOPICS` must be 1 to 10,000,000, written as `20000`, found `many\\u{1b}[0m`",
            ),
            (
                "PRESENCE_PROXY_HEADER",
                "x-real-ip",
                "`PRESENCE_PROXY_HEADER` must be `x-forwarded-for` or `forwarded`, found `x-real-ip`",
            ),
            (
                "PRESENCE_MAX_CONECTIONS",
                "5",
                "there is no setting `PRESENCE_MAX_CONECTIONS`; is it `PRESENCE_MAX_CONNECTIONS`?",
            ),
            (
                "PRESENCE_ORIGIN",
                "x",
                "there is no setting `PRESENCE_ORIGIN`; is it `PRESENCE_ORIGINS`?",
            ),
            (
                "PRESENCE_drain",
                "5s",
                "there is no setting `PRESENCE_drain`; is it `PRESENCE_DRAIN`?",
            ),
        ] {
            assert_eq!(read(&[(name, value)]), Err(message.to_owned()));
        }
    }

    #[test]
    fn what_orchestrators_and_tests_set_is_left_alone() {
        let names = [
            "PRESENCE_SERVICE_HOST",
            "PRESENCE_SERVICE_PORT",
            "PRESENCE_SERVICE_PORT_HTTP",
            "PRESENCE_PORT",
            "PRESENCE_PORT_7700_TCP",
            "PRESENCE_PORT_7700_TCP_ADDR",
            "PRESENCE_PORT_7700_TCP_PROTO",
            "PRESENCE_SERVER",
            "PRESENCE_APP",
            "PRESENCE_URL",
        ];
        let all: Vec<_> = names
            .iter()
            .map(|name| (*name, "tcp://10.0.0.1:7700"))
            .collect();
        assert_eq!(read(&all), Ok(Config::default()));
    }
}
