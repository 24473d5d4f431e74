//! G2 and G3: who goes is gone within their bound, and nobody goes early.

use std::collections::BTreeMap;

use super::log::{Answer, End, Lease, Log, Say, Saying, Sight, What};
use super::watch::Watches;
use super::{Broken, Promise};

/// What any removal that takes time may take longer than its time.
const SLACK: u64 = 1_000;
/// How long a leave may take to be seen.
const AT_ONCE: u64 = 100;

/// G2: by WebSocket.
pub(crate) fn check_sockets(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    let mut ends = BTreeMap::new();
    for event in &log.events {
        if let What::Ended { connection, end } = event.what {
            ends.entry((event.client, connection))
                .or_insert((event.at, end));
        }
    }
    for ((topic, member), sayings) in log.sayings() {
        for (i, saying) in sayings.iter().enumerate() {
            let end = match (saying.say, saying.answer, saying.lease()) {
                (Say::Leave { after }, Some((done, Answer::Left(true))), _) => {
                    let slack = if after == 0 { AT_ONCE } else { after + SLACK };
                    Some((done, slack + log.bounds.tick))
                }
                (_, _, Some((Lease::Connection(connection), _))) => {
                    ends.get(&(member, connection)).map(|(at, end)| {
                        let told = matches!(end, End::Dropped | End::Closed(_))
                            && !watches.is_stormy(member, *at, at + log.bounds.lag);
                        let heard = if told { 0 } else { log.bounds.silence };
                        // Whatever comes late is a sign of life.
                        let last = watches.arrival(member, *at, log.bounds.lag);
                        (*at, last - at + heard + log.bounds.grace + SLACK)
                    })
                }
                _ => None,
            };
            if let Some((since, bound)) = end {
                let deadline = since + bound + log.bounds.lag;
                gone_by(
                    Promise::G2,
                    topic,
                    member,
                    &sayings[i + 1..],
                    (since, deadline),
                    watches,
                )?;
            }
        }
    }
    Ok(())
}

/// G3: by HTTP.
pub(crate) fn check_leases(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    let sayings = log.sayings();
    for ((topic, member), sayings) in &sayings {
        for (i, saying) in sayings.iter().enumerate() {
            if let Some((Lease::Deadline(ttl), done)) = saying.lease() {
                let deadline = done + ttl + SLACK + log.bounds.lag;
                gone_by(
                    Promise::G3,
                    topic,
                    *member,
                    &sayings[i + 1..],
                    (done, deadline),
                    watches,
                )?;
            }
        }
    }
    for event in &log.events {
        match &event.what {
            What::Saw { topic, sights, .. } => {
                for sight in sights {
                    let Sight::Left { member, reason } = sight else {
                        continue;
                    };
                    let said = sayings.get(&(topic.as_str(), *member));
                    let said = said.map_or(&[] as &[Saying], |it| it);
                    if reason == "expired"
                        && !is_over(said, event.at)
                        && !watches.is_mistaken(event.at, event.at)
                    {
                        let what = format!("{topic}: client {member} expired early");
                        return Err(Broken::new(Promise::G3, event.at, event.client, what));
                    }
                }
            }
            What::Read { topic, expired, .. } if *expired => {
                let what = format!("{topic}: a read shows an entry without time to live");
                return Err(Broken::new(Promise::G3, event.at, event.client, what));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Nobody who watches all this time knows the member at its end, unless it said more.
fn gone_by(
    promise: Promise,
    topic: &str,
    member: usize,
    later: &[Saying],
    (since, deadline): (u64, u64),
    watches: &Watches<'_>,
) -> Result<(), Broken> {
    if later
        .iter()
        .any(|it| it.at <= deadline && it.is_heartbeat())
    {
        return Ok(());
    }
    if watches.is_apart(since, deadline) {
        return Ok(());
    }
    for observer in watches.during(topic, since, deadline) {
        if observer == member {
            continue;
        }
        if let Some(seen) = watches.known(topic, observer, member, deadline) {
            let what = format!(
                "{topic}: client {member}, gone since {since}, is still seen with value {}",
                seen.value
            );
            return Err(Broken::new(promise, deadline, observer, what));
        }
    }
    Ok(())
}

/// Whether a lease of HTTP was over by then: the last one, or the one before a return that the
/// observer hears of later.
fn is_over(sayings: &[Saying], at: u64) -> bool {
    let over = |it: &Saying, by: u64| match it.lease() {
        Some((Lease::Deadline(ttl), _)) => it.at + ttl <= by,
        _ => false,
    };
    let mut leases: Vec<_> = sayings.iter().filter(|it| it.lease().is_some()).collect();
    leases.sort_unstable_by_key(|it| it.n);
    let heard = |it: &&&Saying| it.lease().is_some_and(|(_, done)| done <= at);
    let last = leases.iter().rev().find(heard);
    let returned = leases.windows(2).any(|pair| match pair[1].answer {
        Some((done, Answer::Joined)) => pair[1].at <= at && over(pair[0], done),
        _ => false,
    });
    // Of what was not answered nothing is known.
    let unknown = |it: &Saying| it.at <= at && it.answer.is_none();
    returned || last.is_none_or(|it| over(it, at)) || sayings.iter().any(unknown)
}
