//! Rules: who may do what in the topics of a type.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::Identity;
use crate::schema::{Presence, Schema, TopicName, TopicOf};

/// What somebody wants to do in a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// See who is present, now or as it changes.
    Read,
    /// Be present.
    Announce,
    /// See what became of members lately and why, also of those who are gone. A matter of whoever runs
    /// the application rather than of its users.
    Inspect,
}

type Plain = dyn Fn(&Identity, &TopicName, Action) -> bool + Send + Sync;
type Asking = dyn Fn(Arc<Identity>, &TopicName, Action) -> Verdict + Send + Sync;
type Verdict = Pin<Box<dyn Future<Output = bool> + Send>>;

/// A rule past its type.
#[derive(Clone)]
pub(crate) enum Rule {
    /// Knows at once.
    Plain(Arc<Plain>),
    /// Has to find out.
    Asking(Arc<Asking>),
}

impl Rule {
    pub(crate) fn plain<T: Presence>(
        rule: impl Fn(&Identity, T::Parameters, Action) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::Plain(Arc::new(move |who, name, action| {
            TopicOf::<T>::of(name).is_some_and(|topic| rule(who, topic.parameters(), action))
        }))
    }

    pub(crate) fn asking<T: Presence, Found>(
        rule: impl Fn(Arc<Identity>, T::Parameters, Action) -> Found + Send + Sync + 'static,
    ) -> Self
    where
        Found: Future<Output = bool> + Send + 'static,
    {
        let rule = Arc::new(rule);
        Self::Asking(Arc::new(move |who, name, action| {
            let topic = TopicOf::<T>::of(name);
            let rule = rule.clone();
            Box::pin(async move {
                match topic {
                    Some(topic) => rule(who, topic.parameters(), action).await,
                    None => false,
                }
            })
        }))
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rule(..)")
    }
}

/// The rules of a hub, by the type of their topics.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    of_types: Vec<(&'static Schema, Rule)>,
    others: Option<Rule>,
}

impl Rules {
    /// Sets the rule of a type. The last one counts.
    pub(crate) fn set(&mut self, schema: &'static Schema, rule: Rule) {
        self.of_types.retain(|(of, _)| *of != schema);
        self.of_types.push((schema, rule));
    }

    /// Sets the rule of all types without one of their own.
    pub(crate) fn set_others(&mut self, rule: Rule) {
        self.others = Some(rule);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of_types.is_empty() && self.others.is_none()
    }

    /// The types with a rule of their own.
    pub(crate) fn types(&self) -> impl Iterator<Item = &'static Schema> {
        self.of_types.iter().map(|(of, _)| *of)
    }

    /// The rule for topics of a type; nothing where nobody may do anything.
    pub(super) fn of(&self, schema: &Schema) -> Option<&Rule> {
        let own = self.of_types.iter().find(|(of, _)| *of == schema);
        own.map(|(_, rule)| rule).or(self.others.as_ref())
    }
}
