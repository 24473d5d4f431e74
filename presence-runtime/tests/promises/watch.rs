//! Watches: when an observer can be expected to know a topic, and what it knew.
//!
//! A watch ends with any trouble of its observer or the server, and only a new subscription begins
//! another: a connection that was cut may look alive for a while.

use std::collections::{BTreeMap, BTreeSet};

use super::log::{Answer, Log, Say, Seen, Sight, Trouble, What};
use super::{Broken, Promise};

/// All watches of a log.
#[derive(Debug, Default)]
pub(crate) struct Watches<'a> {
    all: BTreeMap<&'a str, Vec<Watch>>,
    /// What each observer was told of each member of a topic, in order.
    told: BTreeMap<(&'a str, usize, usize), Told>,
    /// When somebody's network was troubled.
    storms: BTreeMap<usize, Vec<Storm>>,
    /// When nodes were troubled, of whom nobody is a client.
    nodes: Vec<Storm>,
}

/// How long nodes may take to agree once nothing is wrong any longer.
const AGREED: u64 = 10_000;

/// What an observer knew of a member, and since when.
type Told = Vec<(u64, Option<Seen>)>;

#[derive(Debug, Clone, Copy)]
struct Storm {
    trouble: Trouble,
    from: u64,
    until: u64,
}

#[derive(Debug, Clone, Copy)]
struct Watch {
    observer: usize,
    from: u64,
    until: u64,
}

impl<'a> Watches<'a> {
    pub(crate) fn of(log: &'a Log) -> Self {
        let mut watches = Self::default();
        let mut open: BTreeMap<(&str, usize), u64> = BTreeMap::new();
        let mut expected: BTreeMap<(&str, usize), ()> = BTreeMap::new();
        let mut troubled = BTreeSet::new();
        // Who connects to a server that is about to end is not told by the next one.
        let mut running = true;
        let end = log.events.last().map_or(0, |it| it.at);
        for event in &log.events {
            let (at, client) = (event.at, event.client);
            match &event.what {
                What::Watching { topic }
                    if running && !troubled.iter().any(|it: &(usize, Trouble)| it.0 == client) =>
                {
                    expected.insert((topic, client), ());
                }
                What::Saw { topic, sights, .. } => {
                    if expected.remove(&(topic.as_str(), client)).is_some() {
                        open.entry((topic, client)).or_insert(at);
                    }
                    watches.tell(topic, client, at, sights);
                }
                What::Blind { topic } => {
                    expected.remove(&(topic.as_str(), client));
                    watches.close(&mut open, at, |it| *it == (topic.as_str(), client));
                }
                What::Troubled(trouble) if trouble.is_of_nodes() => watches.nodes.push(Storm {
                    trouble: *trouble,
                    from: at,
                    until: end,
                }),
                What::Calm(trouble) if trouble.is_of_nodes() => {
                    let mut storms = watches.nodes.iter_mut();
                    if let Some(storm) = storms.find(|it| it.trouble == *trouble && it.until == end)
                    {
                        storm.until = at;
                    }
                }
                What::Troubled(trouble) => {
                    expected.retain(|it, ()| it.1 != client);
                    watches.close(&mut open, at, |it| it.1 == client);
                    troubled.insert((client, *trouble));
                    if trouble.is_of_network() {
                        let storms = watches.storms.entry(client).or_default();
                        storms.push(Storm {
                            trouble: *trouble,
                            from: at,
                            until: end,
                        });
                    }
                }
                What::Calm(trouble) => {
                    troubled.remove(&(client, *trouble));
                    let storms = watches.storms.entry(client).or_default();
                    if trouble.is_of_network()
                        && let Some(storm) = storms.last_mut()
                    {
                        storm.until = at;
                    }
                }
                What::Started => running = true,
                What::Stopped => {
                    running = false;
                    expected.clear();
                    watches.close(&mut open, at, |_| true);
                }
                _ => {}
            }
        }
        watches.close(&mut open, end, |_| true);
        watches
    }

    fn tell(&mut self, topic: &'a str, observer: usize, at: u64, sights: &[Sight]) {
        for sight in sights {
            let (member, seen) = match sight {
                Sight::Here { member, seen } => (*member, Some(*seen)),
                Sight::Left { member, .. } => (*member, None),
            };
            let told = self.told.entry((topic, observer, member)).or_default();
            told.push((at, seen));
        }
    }

    fn close(
        &mut self,
        open: &mut BTreeMap<(&'a str, usize), u64>,
        until: u64,
        which: impl Fn(&(&'a str, usize)) -> bool,
    ) {
        open.retain(|key, from| {
            let ends = which(key);
            if ends {
                self.all.entry(key.0).or_default().push(Watch {
                    observer: key.1,
                    from: *from,
                    until,
                });
            }
            !ends
        });
    }

    /// Who watched a topic all this time.
    pub(crate) fn during(
        &self,
        topic: &str,
        from: u64,
        until: u64,
    ) -> impl Iterator<Item = usize> + '_ {
        let watches = self.all.get(topic).into_iter().flatten();
        watches
            .filter(move |it| it.from <= from && until <= it.until)
            .map(|it| it.observer)
    }

    /// What an observer knew of a member.
    pub(crate) fn known(
        &self,
        topic: &str,
        observer: usize,
        member: usize,
        at: u64,
    ) -> Option<Seen> {
        let told = self.told.get(&(topic, observer, member))?;
        let until = told.partition_point(|it| it.0 <= at);
        told[..until].last()?.1
    }

    /// Whether packets of a client may have been lost in this time.
    pub(crate) fn is_stormy(&self, client: usize, from: u64, until: u64) -> bool {
        let mut storms = self.storms.get(&client).into_iter().flatten();
        storms.any(|storm| storm.from <= until && from <= storm.until)
    }

    /// Whether nodes may not agree in this time.
    pub(crate) fn is_apart(&self, from: u64, until: u64) -> bool {
        let mut storms = self.nodes.iter();
        storms.any(|it| it.from <= until && from <= it.until + AGREED)
    }

    /// Whether one node may know less than another.
    pub(crate) fn is_divided(&self, at: u64) -> bool {
        let mut storms = self.nodes.iter();
        storms.any(|it| it.trouble != Trouble::Late && it.from <= at && at <= it.until + AGREED)
    }

    /// Whether a node may take a living member for gone by then, which is where it is since some time.
    pub(crate) fn is_mistaken(&self, since: u64, at: u64) -> bool {
        const MOVING: u64 = 1_000;
        let storms = self.nodes.iter();
        let mut storms = storms.filter(|it| it.from <= at && at <= it.until + AGREED);
        storms.any(|it| match it.trouble {
            Trouble::Cut => true,
            // Who has moved is not heard of where it was.
            Trouble::Apart => since + MOVING > it.from,
            _ => false,
        })
    }

    /// When the last of what a client sent by a time has come, unless it is lost.
    pub(crate) fn arrival(&self, client: usize, sent: u64, lag: u64) -> u64 {
        let storms = self.storms.get(&client).into_iter().flatten();
        let delays = storms.filter(|it| it.trouble == Trouble::Delay);
        // What the next delay catches on its way waits once more.
        delays.fold(sent, |at, delay| {
            let caught = delay.from <= at + lag && at < delay.until;
            if caught { delay.until } else { at }
        })
    }
}

/// G11: who reads hears of a change within a tick.
pub(crate) fn check_delivery(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    const SPARE: u64 = 20;
    for ((topic, member), sayings) in log.sayings() {
        for (i, saying) in sayings.iter().enumerate() {
            let Some((done, Answer::Joined | Answer::Updated)) = saying.answer else {
                continue;
            };
            // What was answered late was done at some time before.
            let late = done > saying.at + 3 * log.bounds.lag;
            if late || !matches!(saying.say, Say::Announce(_)) {
                continue;
            }
            let deadline = done + log.bounds.tick + SPARE + log.bounds.lag;
            if watches.is_apart(saying.at, deadline) {
                continue;
            }
            // Who goes meanwhile need not be seen.
            let goes = |it: &&super::log::Saying| it.at <= deadline && !it.is_heartbeat();
            if sayings[i + 1..].iter().find(goes).is_some()
                || ended(log, member, saying.at, deadline)
            {
                continue;
            }
            for observer in watches.during(topic, saying.at, deadline) {
                if observer == member {
                    continue;
                }
                let known = watches.known(topic, observer, member, deadline);
                if known.is_none_or(|it| it.value < saying.n) {
                    let what = format!(
                        "{topic}: value {} of client {member}, done by {done}, is not known yet: {known:?}",
                        saying.n
                    );
                    return Err(Broken::new(Promise::G11, deadline, observer, what));
                }
            }
        }
    }
    Ok(())
}

/// Whether something happened that may have removed a member who did not say so.
fn ended(log: &Log, member: usize, from: u64, until: u64) -> bool {
    log.events.iter().any(|it| {
        (from.saturating_sub(10_000)..=until).contains(&it.at)
            && (it.client == member && matches!(it.what, What::Ended { .. })
                || matches!(it.what, What::Stopped))
            && it.at + log.bounds.grace + 2_000 + log.bounds.silence >= from
    })
}
