//! G1: only the holder of a session changes or removes it; late packets and old connections change
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::log::{Answer, Lease, Log, Say, Saying, Sight, What};
use super::watch::Watches;
use super::{Broken, Promise};

pub(crate) fn check(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    let sayings = log.sayings();
    let connections = connections(log);
    for event in &log.events {
        let What::Saw { topic, sights, .. } = &event.what else {
            continue;
        };
        let broken = |what| Err(Broken::new(Promise::G1, event.at, event.client, what));
        for sight in sights {
            let said = |member: &usize| {
                let of = sayings.get(&(topic.as_str(), *member));
                of.map_or(&[] as &[Saying], |it| it)
            };
            match sight {
                Sight::Here { member, seen } => {
                    let source = said(member)
                        .iter()
                        .find(|it| it.n == seen.value && matches!(it.say, Say::Announce(_)));
                    match source {
                        Some(it) if it.at > event.at => {
                            return broken(format!(
                                "{topic}: value {} of client {member} was not said yet",
                                it.n
                            ));
                        }
                        Some(it)
                            if matches!(it.answer, Some((_, Answer::Stale | Answer::Refused))) =>
                        {
                            return broken(format!(
                                "{topic}: value {} of client {member} is seen although it was answered {:?}",
                                it.n, it.answer
                            ));
                        }
                        Some(_) => {}
                        None => {
                            return broken(format!(
                                "{topic}: client {member} never said value {}",
                                seen.value
                            ));
                        }
                    }
                }
                Sight::Left { member, reason } => {
                    let said = said(member);
                    let left = said
                        .iter()
                        .any(|it| it.at <= event.at && matches!(it.say, Say::Leave { .. }));
                    if reason == "left" && !left {
                        return broken(format!("{topic}: client {member} left and did not say so"));
                    }
                    if reason == "disconnected"
                        && watches
                            .during(topic, event.at.saturating_sub(recent(log)), event.at)
                            .any(|it| it == event.client)
                        && let Some(connection) =
                            living(log, watches, &connections, *member, said, event.at)
                    {
                        return broken(format!(
                            "{topic}: client {member} was disconnected, but its connection {connection} lives"
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

/// How long ago something may have happened that an observer hears of only now.
const fn recent(log: &Log) -> u64 {
    log.bounds.tick + 2 * log.bounds.lag
}

/// When connections of each client ended.
fn connections(log: &Log) -> BTreeMap<(usize, u64), u64> {
    let mut ends = BTreeMap::new();
    for event in &log.events {
        if let What::Ended { connection, .. } = &event.what {
            ends.entry((event.client, *connection)).or_insert(event.at);
        }
    }
    ends
}

/// The connection with which a member lives beyond doubt, after its last heartbeat.
fn living(
    log: &Log,
    watches: &Watches<'_>,
    ends: &BTreeMap<(usize, u64), u64>,
    member: usize,
    sayings: &[Saying],
    at: u64,
) -> Option<u64> {
    let before: Vec<_> = sayings.iter().filter(|it| it.at <= at).collect();
    let last = before.last()?;
    let (Lease::Connection(connection), done) = last.lease()? else {
        return None;
    };
    let since = at.saturating_sub(recent(log));
    let dropped = ends
        .get(&(member, connection))
        .is_some_and(|end| *end <= at);
    let opened =
        |it: &&super::log::Event| it.client == member && it.what == What::Opened { connection };
    let opened = log.events.iter().find(opened).map_or(0, |it| it.at);
    let slow = slow_clients(log);
    (done <= since
        && !dropped
        && !slow.contains(&member)
        && !watches.is_mistaken(opened, at)
        && !watches.is_stormy(member, done.saturating_sub(log.bounds.silence), at))
    .then_some(connection)
}

fn slow_clients(log: &Log) -> BTreeSet<usize> {
    let slow = log
        .events
        .iter()
        .filter(|it| it.what == What::Troubled(super::Trouble::Slow));
    slow.map(|it| it.client).collect()
}
