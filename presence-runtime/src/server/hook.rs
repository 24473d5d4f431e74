//! Hooks: what an application wants done when somebody joins, changes or leaves.
//!
//! Hooks see every single change of a topic, each once and in order, after it was made and after
//! subscribers were told. They run where the change was made, on no lock and one at a time for each
//! topic, so they should be short: who has more to do hands it to a task of its own. What panics in
//! a hook is logged and goes no further. A hook may use the hub; what it changes in its own topic is
//! seen by hooks afterwards.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

use super::config::ConfigError;
use super::entry::EntryOf;
use super::escaped::Escaped;
use crate::schema::{Presence, Schema, TopicName, TopicOf, Topics};
use crate::topic::{Event, Reason};

/// Somebody joined.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Joined<T> {
    /// Where.
    pub topic: TopicOf<T>,
    /// Who, as they came.
    pub entry: EntryOf<T>,
    /// Whether this is the user's only session here.
    pub first: bool,
}

/// Somebody changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Changed<T> {
    /// Where.
    pub topic: TopicOf<T>,
    /// Who, as they are since.
    pub entry: EntryOf<T>,
    /// The value until then; nothing when the activity or the list of whom they follow changed.
    pub before: Option<T>,
}

/// Somebody left.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Left<T> {
    /// Where.
    pub topic: TopicOf<T>,
    /// Who, as they were.
    pub entry: EntryOf<T>,
    /// Why.
    pub reason: Reason,
    /// Whether the user is here with no other session.
    pub last: bool,
}

/// The last member left.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Emptied<T> {
    /// Where.
    pub topic: TopicOf<T>,
}

/// Something to be done about an event, past the types.
pub(super) struct Hook {
    act: Box<Act>,
    /// Where the application registered it.
    at: &'static Location<'static>,
}

type Act = dyn Fn(&TopicName, &Event) + Send + Sync;

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook(..)")
    }
}

impl Hook {
    #[track_caller]
    fn new(act: impl Fn(&TopicName, &Event) + Send + Sync + 'static) -> Self {
        let at = Location::caller();
        Self {
            act: Box::new(act),
            at,
        }
    }

    #[track_caller]
    pub(super) fn on_join<T: Presence>(act: impl Fn(Joined<T>) + Send + Sync + 'static) -> Self {
        Self::new(move |topic, event| {
            if let Event::Joined { entry, first } = event {
                act(Joined {
                    topic: typed(topic),
                    entry: EntryOf::read(entry.clone()),
                    first: *first,
                });
            }
        })
    }

    #[track_caller]
    pub(super) fn on_change<T: Presence>(act: impl Fn(Changed<T>) + Send + Sync + 'static) -> Self {
        Self::new(move |topic, event| {
            if let Event::Updated { entry, before } = event {
                act(Changed {
                    topic: typed(topic),
                    entry: EntryOf::read(entry.clone()),
                    before: before.as_ref().and_then(|it| it.read()),
                });
            }
        })
    }

    #[track_caller]
    pub(super) fn on_leave<T: Presence>(act: impl Fn(Left<T>) + Send + Sync + 'static) -> Self {
        Self::new(move |topic, event| {
            if let Event::Left {
                entry,
                reason,
                last,
            } = event
            {
                act(Left {
                    topic: typed(topic),
                    entry: EntryOf::read(entry.clone()),
                    reason: *reason,
                    last: *last,
                });
            }
        })
    }

    #[track_caller]
    pub(super) fn on_empty<T: Presence>(act: impl Fn(Emptied<T>) + Send + Sync + 'static) -> Self {
        Self::new(move |topic, event| {
            if matches!(event, Event::Emptied) {
                act(Emptied {
                    topic: typed(topic),
                });
            }
        })
    }
}

fn typed<T: Presence>(topic: &TopicName) -> TopicOf<T> {
    TopicOf::of(topic).expect("a topic has a name of its own type")
}

/// Runs the hooks of a topic for an event, each by itself. Returns how many panicked.
pub(super) fn run(hooks: &[Hook], topic: &TopicName, event: &Event) -> u64 {
    let mut panics = 0;
    for Hook { act, at } in hooks {
        // What a hook leaves half done is its own; nothing of ours is lent to it.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(topic, event))) {
            panics += 1;
            let reason = Escaped(reason(&*panic));
            tracing::error!(%topic, hook = %at, %reason, "a hook panicked");
        }
    }
    panics
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

/// The hooks of a hub, by the type of their topics.
#[derive(Debug, Default)]
pub(super) struct Hooks(Vec<(&'static Schema, Arc<[Hook]>)>);

impl Hooks {
    /// The hooks of a type, in the order of registration; nothing where there are none.
    pub(super) fn of(&self, schema: &Schema) -> Option<Arc<[Hook]>> {
        let found = self.0.iter().find(|(of, _)| *of == schema)?;
        Some(found.1.clone())
    }

    /// Whether every hook's type is registered.
    ///
    /// # Errors
    /// At the first that is not.
    pub(super) fn check(&self, topics: &Topics) -> Result<(), ConfigError> {
        for (schema, _) in &self.0 {
            if !topics.iter().any(|it| it.schema == *schema) {
                return Err(ConfigError::Hook(schema.name()));
            }
        }
        Ok(())
    }
}

impl FromIterator<(&'static Schema, Hook)> for Hooks {
    fn from_iter<I: IntoIterator<Item = (&'static Schema, Hook)>>(all: I) -> Self {
        let mut by_type: Vec<(&'static Schema, Vec<Hook>)> = Vec::new();
        for (schema, hook) in all {
            match by_type.iter_mut().find(|(of, _)| *of == schema) {
                Some((_, hooks)) => hooks.push(hook),
                None => by_type.push((schema, vec![hook])),
            }
        }
        let frozen = by_type.into_iter().map(|(of, hooks)| (of, hooks.into()));
        Self(frozen.collect())
    }
}
