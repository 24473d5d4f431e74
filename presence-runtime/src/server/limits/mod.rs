//! Limits: every figure of a process that bounds something, and what happens at it.
//!
//! What is not allowed at the start, what the documents list and what tests try at the edge are all
//! read from [`LIMITS`].

mod table;
mod unit;

use std::ops::RangeInclusive;

pub use self::table::{BOUNDS, LIMITS};
pub use self::unit::Unit;
use super::config::{Config, ConfigError};
use crate::wire::Code;
use crate::wire::websocket::CloseCode;

/// A figure of [`Config`] and what it bounds.
#[derive(Debug)]
pub struct Limit {
    /// The field of [`Config`].
    pub setting: &'static str,
    /// What it is the most of.
    pub bounds: &'static str,
    /// What one of it is.
    pub unit: Unit,
    /// What it may be.
    pub range: RangeInclusive<u64>,
    /// What happens to what is beyond.
    pub beyond: Beyond,
    get: fn(&Config) -> u64,
    set: fn(&mut Config, u64),
}

/// What happens to what is beyond a limit. All that is named may: a request is answered with the
/// code, a WebSocket is closed with the other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// How it is answered.
    pub code: Option<Code>,
    /// How a WebSocket ends.
    pub close: Option<CloseCode>,
    /// What else, for people.
    pub otherwise: &'static str,
}

impl Limit {
    /// What it is in a configuration, in its unit.
    #[must_use]
    pub fn get(&self, config: &Config) -> u64 {
        (self.get)(config)
    }

    /// Makes it another one.
    pub fn set(&self, config: &mut Config, figure: u64) {
        (self.set)(config, figure);
    }

    /// What it is unless it is set.
    #[must_use]
    pub fn default(&self) -> u64 {
        self.get(&Config::default())
    }

    /// Its row in the documents.
    #[must_use]
    pub fn row(&self) -> String {
        let Self {
            setting, bounds, ..
        } = self;
        let default = self.unit.show(self.default());
        let range = self.allowed();
        let beyond = self.beyond.show();
        format!("| `{setting}` | {bounds} | {default} | {range} | {beyond} |")
    }

    /// What it may be, for people.
    pub(super) fn allowed(&self) -> String {
        let (first, last) = (self.range.start(), self.range.end());
        format!("{} to {}", self.unit.show(*first), self.unit.show(*last))
    }

    /// Whether it is what it may be.
    ///
    /// # Errors
    /// When it is out of range.
    pub(super) fn check(&self, config: &Config) -> Result<(), ConfigError> {
        let found = self.get(config);
        if self.range.contains(&found) {
            return Ok(());
        }
        Err(ConfigError::Setting {
            setting: self.setting,
            allowed: self.allowed(),
            found: self.unit.show(found),
        })
    }
}

/// A figure that is a topic type's, or nobody's to set, and what it bounds.
#[derive(Debug)]
pub struct Bound {
    /// What it is called.
    pub name: &'static str,
    /// What it is the most of.
    pub bounds: &'static str,
    /// What one of it is.
    pub unit: Unit,
    /// What it is; of a type, unless that says otherwise.
    pub figure: u64,
    /// Where it is set, for people.
    pub set: &'static str,
    /// What happens to what is beyond.
    pub beyond: Beyond,
}

impl Bound {
    /// Its row in the documents.
    #[must_use]
    pub fn row(&self) -> String {
        let Self {
            name, bounds, set, ..
        } = self;
        let (figure, beyond) = (self.unit.show(self.figure), self.beyond.show());
        format!("| {name} | {bounds} | {figure} | {set} | {beyond} |")
    }
}

impl Beyond {
    fn show(&self) -> String {
        let code = self.code.map(|code| {
            let name = serde_json::to_string(&code).expect("a code is a string");
            format!("`{}` ({})", name.trim_matches('"'), code.status())
        });
        let close = self.close.map(|it| format!("close {it}"));
        let otherwise = Some(self.otherwise.to_owned()).filter(|it| !it.is_empty());
        let beyond: Vec<_> = [code, close, otherwise].into_iter().flatten().collect();
        beyond.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Topics;

    #[test]
    fn every_figure_is_checked_at_the_start_at_both_ends() {
        // Its own heartbeat would be too long for no topic type here.
        let topics = Topics::new();
        for limit in LIMITS {
            let with = |figure| {
                let mut config = Config::default();
                limit.set(&mut config, figure);
                assert_eq!(limit.get(&config), figure, "{}", limit.setting);
                config.check(&topics)
            };
            let (first, last) = (*limit.range.start(), *limit.range.end());
            for good in [first, limit.default(), last] {
                assert_eq!(with(good), Ok(()), "{} {good}", limit.setting);
            }
            for bad in first.checked_sub(1).into_iter().chain([last + 1]) {
                let error = with(bad).expect_err(limit.setting).to_string();
                assert!(error.starts_with(limit.setting), "{error}");
            }
        }
    }

    #[test]
    fn the_documents_list_every_limit_as_it_is() {
        let document = include_str!("../../../../ARCHITECTURE.md");
        let missing = LIMITS.iter().map(Limit::row);
        let missing: Vec<_> = missing.filter(|row| !document.contains(row)).collect();
        assert!(
            missing.is_empty(),
            "ARCHITECTURE.md lacks\n{}",
            missing.join("\n")
        );
        let rows = document.lines().filter(|it| {
            let setting = it.strip_prefix("| `").and_then(|it| it.split('`').next());
            LIMITS.iter().any(|limit| Some(limit.setting) == setting)
        });
        assert_eq!(rows.count(), LIMITS.len());
    }

    #[test]
    fn the_documents_list_every_other_bound_as_it_is() {
        let document = include_str!("../../../../ARCHITECTURE.md");
        let missing = BOUNDS.iter().map(Bound::row);
        let missing: Vec<_> = missing.filter(|row| !document.contains(row)).collect();
        assert!(
            missing.is_empty(),
            "ARCHITECTURE.md lacks\n{}",
            missing.join("\n")
        );
    }
}
