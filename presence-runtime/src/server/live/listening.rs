//! Who listens inside of the process: watchers, who are told when and read for themselves, and the
//! hooks, which are told of every single change.

use std::sync::Arc;

use super::{Freed, Live, State};
use crate::server::bell::Bell;
use crate::server::hook;
use crate::server::shared::Shared;
use crate::topic::Event;

/// Which of a topic's watchers somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WatcherKey(usize);

impl Live {
    /// Adds a watcher. Its bell rings whenever subscribers are written to.
    pub(crate) fn watch(&self, shared: &Shared, bell: Arc<Bell>) -> Result<WatcherKey, Freed> {
        self.locked(shared, |state, _| {
            state.used = true;
            WatcherKey(state.watchers.insert(bell))
        })
    }

    /// Removes a watcher. It may have been the last reason to keep the topic.
    pub(crate) fn unwatch(&self, shared: &Shared, key: WatcherKey) {
        let _ = self.locked(shared, |state, _| state.watchers.try_remove(key.0));
    }

    /// Does what the application wants done about these, and about what happens meanwhile. The
    /// caller has made sure that nobody else is at it, so all of a topic comes in its order.
    pub(super) fn run_hooks(&self, mut events: Vec<Event>) {
        let Some(hooks) = &self.hooks else {
            return;
        };
        while !events.is_empty() {
            for event in events {
                let panics = hook::run(hooks, &self.name, &event);
                if panics > 0 {
                    self.meter.hook_panics.add(panics);
                }
            }
            events = self.lock().next_events();
        }
    }
}

impl State {
    pub(super) fn bells(&self) -> Vec<Arc<Bell>> {
        let bells = self.watchers.iter().map(|(_, bell)| bell.clone());
        bells.collect()
    }

    /// What the hooks have to see next, for the one who runs them until there is nothing.
    pub(super) fn next_events(&mut self) -> Vec<Event> {
        let events = self.topic.take_events();
        self.hooking = !events.is_empty();
        events
    }
}
