//! Words: the settings that are no figures. What is checked, read from the environment and logged of them
//! is read from [`WORDS`], as that of figures is from [`LIMITS`](crate::server::limits::LIMITS).

use super::Config;
use crate::server::address::ProxyHeader;
use crate::server::escaped::Escaped;

/// A setting that is no figure.
#[derive(Debug)]
pub(in crate::server) struct Words {
    /// The field of [`Config`].
    pub(in crate::server) setting: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    List {
        get: fn(&Config) -> &[String],
        set: fn(&mut Config, Vec<String>),
    },
    ProxyHeader,
}

macro_rules! list {
    ($setting:ident) => {
        Words {
            setting: stringify!($setting),
            kind: Kind::List {
                get: |config| &config.$setting,
                set: |config, list| config.$setting = list,
            },
        }
    };
}

/// All of them.
pub(in crate::server) const WORDS: &[Words] = &[
    list!(hosts),
    list!(origins),
    list!(trusted_proxies),
    Words {
        setting: "proxy_header",
        kind: Kind::ProxyHeader,
    },
];

impl Words {
    /// Its entries, where it is a list.
    pub(super) fn list<'a>(&self, config: &'a Config) -> Option<&'a [String]> {
        match self.kind {
            Kind::List { get, .. } => Some(get(config)),
            Kind::ProxyHeader => None,
        }
    }

    /// What it is in a configuration, as [`Words::read`] reads it, on one line.
    pub(in crate::server) fn show(&self, config: &Config) -> String {
        match self.list(config) {
            Some(list) => {
                let entries: Vec<_> = list.iter().map(|it| Escaped(it).to_string()).collect();
                entries.join(",")
            }
            None => config.proxy_header.name().to_owned(),
        }
    }

    /// Makes it what a text says.
    ///
    /// # Errors
    /// What the text may be.
    pub(super) fn read(&self, config: &mut Config, text: &str) -> Result<(), &'static str> {
        match self.kind {
            Kind::List { set, .. } => {
                let entries = text.split(',').map(str::trim);
                let entries = entries.filter(|it| !it.is_empty());
                set(config, entries.map(str::to_owned).collect());
            }
            Kind::ProxyHeader => {
                let mut all = [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded].into_iter();
                let named = all.find(|it| it.name().eq_ignore_ascii_case(text.trim()));
                config.proxy_header = named.ok_or("`x-forwarded-for` or `forwarded`")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::server::limits::LIMITS;

    #[test]
    fn every_setting_is_a_figure_or_a_word() {
        let shown = format!("{:#?}", Config::default());
        let fields = shown.lines().filter_map(|line| {
            let (field, _) = line.strip_prefix("    ")?.split_once(':')?;
            (!field.starts_with(' ')).then_some(field)
        });
        let figures = LIMITS.iter().map(|it| it.setting);
        let settings: Vec<_> = figures.chain(WORDS.iter().map(|it| it.setting)).collect();
        let once: BTreeSet<_> = settings.iter().copied().collect();
        assert_eq!(once.len(), settings.len());
        assert_eq!(once, fields.collect());
    }
}
