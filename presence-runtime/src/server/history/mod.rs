//! History: what became of members lately, in each topic and for a while after the topic itself is
//! forgotten. The answer to «why did Ann vanish?».

mod query;
mod rings;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use http::Response;

use self::query::Query;
use self::rings::Rings;
pub(super) use self::rings::{Kept, Whose};
use super::access::Permit;
use super::alarms::Alarms;
use super::body::Body;
use super::config::Config;
use super::hub::Hub;
use super::routes::{PAGE, json, known_as};
use crate::schema::TopicName;
use crate::topic::{Time, Transition};
use crate::wire::{Fault, HistoryBody};

/// What a hub remembers of its topics. Bounded in a topic, in all of them together, and in time.
#[derive(Debug)]
pub(super) struct History {
    rings: Mutex<Rings>,
    /// When the alarm is set for forgetting, in ms; [`NEVER`] where there is nothing to forget.
    alarm: AtomicU64,
    /// Nothing is remembered where this is 0.
    most: usize,
}

const NEVER: u64 = u64::MAX;
/// Where nobody comes, goes or asks, what is too old is forgotten this much later at most.
const LATE: Duration = Duration::from_secs(1);

impl History {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            rings: Mutex::new(Rings::new(
                config.history,
                config.max_history,
                config.history_time,
            )),
            alarm: AtomicU64::new(NEVER),
            most: config.history,
        }
    }

    /// Whether topics are to write transitions down at all.
    pub(super) const fn is_kept(&self) -> bool {
        self.most > 0
    }

    /// Takes over what became of members of a topic. Called under the topic's lock, so that it comes
    /// in order.
    pub(super) fn note(
        &self,
        name: &TopicName,
        transitions: Vec<Transition>,
        alarms: &Alarms<TopicName>,
        now: Time,
    ) {
        let mut rings = self.lock();
        rings.push(name, transitions, now);
        if self.alarm.load(Ordering::Relaxed) == NEVER {
            self.set_alarm(&mut rings, alarms, now);
        }
    }

    /// Forgets what is too old, if that is what the alarm was set for.
    pub(super) fn ring(&self, alarms: &Alarms<TopicName>, now: Time) {
        if self.alarm.load(Ordering::Relaxed) <= now.as_millis() {
            self.set_alarm(&mut self.lock(), alarms, now);
        }
    }

    /// Sees to it that what is left is forgotten in time.
    fn set_alarm(&self, rings: &mut Rings, alarms: &Alarms<TopicName>, now: Time) {
        let next = rings.forget(now).map(|(until, name)| {
            let at = until.max(now + LATE);
            // Whatever has this name is woken for nothing.
            alarms.set(at, name.clone());
            at.as_millis()
        });
        self.alarm.store(next.unwrap_or(NEVER), Ordering::Relaxed);
    }

    /// What became of some members of a topic, the newest first, of those before a number and at most
    /// so many.
    pub(super) fn of(
        &self,
        name: &TopicName,
        whose: &Whose,
        before: u64,
        most: usize,
        now: Time,
    ) -> Vec<Kept> {
        self.lock().of(name, whose, before, most, now)
    }

    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.rings
            .lock()
            .expect("nothing panics while it holds the history")
    }
}

impl Hub {
    /// What became of members of a topic lately, the newest first: who joined, who left and what led
    /// to it, also where nobody is any longer. How much is remembered is said by
    /// [`Config::history`](super::Config::history).
    ///
    /// ```
    /// # use presence_runtime::server::{Config, Hub};
    /// # use presence_runtime::{Presence, Topics};
    /// use presence_runtime::topic::{Cause, What};
    ///
    /// # #[derive(Presence, Debug)]
    /// # #[presence(topic = "boards:{board}:cursors")]
    /// # struct Cursor { x: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let hub = Hub::new(Topics::new().register::<Cursor>(), Config::default())?;
    /// let topic = Cursor::topic("42")?;
    /// let here = hub.member("bot").join(&topic, Cursor { x: 1.0 })?;
    /// here.leave();
    /// let last = hub.history(&topic).remove(0);
    /// assert!(matches!(last.what, What::Left { cause: Cause::Said, .. }));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn history(&self, topic: impl AsRef<TopicName>) -> Vec<Transition> {
        let kept = self.kept(topic.as_ref(), &Whose::default(), u64::MAX, usize::MAX);
        kept.into_iter().map(|it| it.transition).collect()
    }

    fn kept(&self, name: &TopicName, whose: &Whose, before: u64, most: usize) -> Vec<Kept> {
        // Whoever is due to go goes first.
        self.read(name, |_, _| ());
        let shared = self.shared();
        shared.history.of(name, whose, before, most, shared.now())
    }
}

/// `GET /{topic}/history`
pub(super) fn history(
    hub: &Hub,
    permit: &Permit<'_>,
    query: &str,
    headers: &http::HeaderMap,
) -> Result<Response<Body>, Fault> {
    let name = TopicName::parse(permit.topic())?;
    hub.registered(&name)?;
    let query = Query::parse(query)?;
    let mut kept = hub.kept(&name, &query.whose, query.before, PAGE + 1);
    let more = kept.len() > PAGE;
    kept.truncate(PAGE);
    let now = hub.shared().now();
    let mut body = HistoryBody::new(&name, hub.config().history, now);
    for it in &kept {
        body.push(&it.transition);
    }
    let last = kept.last().filter(|_| more);
    if let Some(last) = last {
        body.continue_before(last.number);
    }
    // The same until something else becomes of somebody, but for how long ago it was and what was
    // forgotten.
    let newest = kept.first().map_or(0, |it| it.number);
    Ok(known_as(&newest.to_string(), headers, || {
        json(body.to_json())
    }))
}
