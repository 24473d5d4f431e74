//! The registry: which topic types an application has, and which of them a topic belongs to.

use std::time::Duration;

use super::{Presence, Schema, Settings, TopicName};

/// The topic types of an application.
///
/// A setter after [`Topics::register`] overrides a figure of the type registered last.
#[derive(Debug, Clone, Default)]
pub struct Topics {
    registered: Vec<Registered>,
}

/// A topic type with the figures in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The type's contract.
    pub schema: &'static Schema,
    /// The figures in force: the type's, where registration did not override them.
    pub settings: Settings,
}

/// Why a set of topic types cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicsError {
    /// Two patterns can match the same topic.
    #[error(
        "`{first}` ({first_pattern}) and `{second}` ({second_pattern}) can match the same topic"
    )]
    Overlap {
        /// The type registered first.
        first: &'static str,
        /// Its pattern.
        first_pattern: String,
        /// The type registered later.
        second: &'static str,
        /// Its pattern.
        second_pattern: String,
    },
    /// Two types have the same name.
    #[error("two topic types are named `{0}`; give one `#[presence(name = \"…\")]`")]
    Name(&'static str),
    /// The default of a field breaks the field's own rules.
    #[error("`{name}`: the default of `{field}` breaks the rules of `{field}`")]
    Default {
        /// The type's name.
        name: &'static str,
        /// The field's key in JSON.
        field: &'static str,
    },
    /// A figure is out of range.
    #[error("`{name}`: {setting} must be {allowed}, found {found}")]
    Setting {
        /// The type's name.
        name: &'static str,
        /// The figure's name.
        setting: &'static str,
        /// What it may be.
        allowed: &'static str,
        /// What it is.
        found: String,
    },
}

impl Topics {
    /// No topic type yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a topic type with the figures of its attributes.
    #[must_use]
    pub fn register<T: Presence>(mut self) -> Self {
        self.registered.push(Registered {
            schema: T::SCHEMA,
            settings: *T::SCHEMA.settings(),
        });
        self
    }

    /// Overrides how long an entry lives after its last heartbeat over HTTP.
    #[must_use]
    pub fn ttl(self, ttl: Duration) -> Self {
        self.set(|settings| settings.ttl = ttl)
    }

    /// Overrides the longest ttl a heartbeat may ask for.
    #[must_use]
    pub fn max_ttl(self, max_ttl: Duration) -> Self {
        self.set(|settings| settings.max_ttl = max_ttl)
    }

    /// Overrides how long a lost connection may take to come back.
    #[must_use]
    pub fn grace(self, grace: Duration) -> Self {
        self.set(|settings| settings.grace = grace)
    }

    /// Overrides the shortest time between two flushes of a topic.
    #[must_use]
    pub fn throttle(self, throttle: Duration) -> Self {
        self.set(|settings| settings.throttle = throttle)
    }

    /// Overrides the most bytes of a value's canonical JSON.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        self.set(|settings| settings.max_bytes = max_bytes)
    }

    /// Overrides the most members of a topic.
    #[must_use]
    pub fn max_members(self, max_members: usize) -> Self {
        self.set(|settings| settings.max_members = max_members)
    }

    /// The registered types in order.
    pub fn iter(&self) -> impl Iterator<Item = &Registered> {
        self.registered.iter()
    }

    /// The type a topic belongs to.
    #[must_use]
    pub fn of(&self, topic: &TopicName) -> Option<&Registered> {
        self.registered
            .iter()
            .find(|it| it.schema.pattern().matches(topic))
    }

    /// Whether every topic belongs to one type only, every figure makes sense and every default
    /// keeps the rules of its field.
    ///
    /// # Errors
    /// At the first mistake, naming the type and the setting.
    pub fn check(&self) -> Result<(), TopicsError> {
        for (i, it) in self.registered.iter().enumerate() {
            check_settings(it)?;
            if let Some(field) = (it.schema.bad_default)() {
                return Err(TopicsError::Default {
                    name: it.schema.name(),
                    field,
                });
            }
            for earlier in &self.registered[..i] {
                if earlier.schema.name() == it.schema.name() {
                    return Err(TopicsError::Name(it.schema.name()));
                }
                if earlier.schema.pattern().overlaps(it.schema.pattern()) {
                    return Err(TopicsError::Overlap {
                        first: earlier.schema.name(),
                        first_pattern: earlier.schema.pattern().to_string(),
                        second: it.schema.name(),
                        second_pattern: it.schema.pattern().to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        let last = self
            .registered
            .last_mut()
            .expect("a setter follows the `register` whose type it is about");
        change(&mut last.settings);
        self
    }
}

fn check_settings(it: &Registered) -> Result<(), TopicsError> {
    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);
    let Settings {
        ttl,
        max_ttl,
        grace,
        throttle,
        max_bytes,
        max_members,
    } = it.settings;
    let rules: [(&'static str, bool, &'static str, String); 6] = [
        (
            "ttl",
            (SECOND..=max_ttl).contains(&ttl),
            "1 s to max_ttl",
            format!("{ttl:?}"),
        ),
        (
            "max_ttl",
            (SECOND..=24 * HOUR).contains(&max_ttl),
            "1 s to 24 h",
            format!("{max_ttl:?}"),
        ),
        ("grace", grace <= HOUR, "0 s to 1 h", format!("{grace:?}")),
        (
            "throttle",
            throttle <= SECOND,
            "0 ms to 1 s",
            format!("{throttle:?}"),
        ),
        (
            "max_bytes",
            (2..=32_768).contains(&max_bytes),
            "2 to 32768",
            max_bytes.to_string(),
        ),
        (
            "max_members",
            (1..=1_000_000).contains(&max_members),
            "1 to 1000000",
            max_members.to_string(),
        ),
    ];
    match rules.into_iter().find(|(_, holds, ..)| !holds) {
        None => Ok(()),
        Some((setting, _, allowed, found)) => Err(TopicsError::Setting {
            name: it.schema.name(),
            setting,
            allowed,
            found,
        }),
    }
}
