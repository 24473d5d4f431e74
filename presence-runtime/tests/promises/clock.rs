//! G16: time is the monotonic clock's. The server's readings, which come with every message, keep
//! the pace of the log's time, whatever the wall clock does.

use std::collections::BTreeMap;

use super::log::{Log, What};
use super::watch::Watches;
use super::{Broken, Promise};

pub(crate) fn check(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    let mut began = None;
    let mut latest: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for event in &log.events {
        let broken = |what| Err(Broken::new(Promise::G16, event.at, event.client, what));
        match &event.what {
            What::Started => {
                began = Some(event.at);
                latest.clear();
            }
            What::Blind { topic } => {
                latest.remove(&(event.client, topic.as_str()));
            }
            What::Saw { topic, now_ms, .. } => {
                let Some(began) = began else { continue };
                // Without trouble a message is on its way for a tick and a lag at most, and who has
                // watched for longer than that hears of no server before this one.
                let late = log.bounds.tick + 2 * log.bounds.lag;
                let most = event.at.saturating_sub(began) + 1;
                let least = most.saturating_sub(late);
                let mut watching = watches.during(topic, event.at.saturating_sub(late), event.at);
                if !(least..=most).contains(now_ms) && watching.any(|it| it == event.client) {
                    return broken(format!(
                        "{topic}: the server says {now_ms} ms, but {least} to {most} have passed"
                    ));
                }
                let before = latest.insert((event.client, topic), *now_ms);
                if before.is_some_and(|it| it > *now_ms) {
                    return broken(format!("{topic}: {now_ms} ms after {before:?}"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
