//! G6: what an observer was told adds up to the server's set: no gap, no duplicate, and who cannot
//! be sure has made sure in the end.

use std::collections::{BTreeMap, BTreeSet};

use super::log::{Log, Place, Seen, Sight, What};
use super::{Broken, Promise};

type View = BTreeMap<usize, Seen>;

pub(crate) fn check(log: &Log) -> Result<(), Broken> {
    let mut views: BTreeMap<(&str, usize), View> = BTreeMap::new();
    let mut places: BTreeMap<(&str, Place), (usize, View)> = BTreeMap::new();
    let mut rested = Vec::new();
    let mut truths: BTreeMap<&str, &View> = BTreeMap::new();
    let mut unsaid = BTreeSet::new();
    for event in &log.events {
        let (at, client) = (event.at, event.client);
        let broken = |what| Err(Broken::new(Promise::G6, at, client, what));
        match &event.what {
            What::Confused { topic, why } => return broken(format!("{topic}: {why}")),
            What::Saw {
                topic,
                at: place,
                exact,
                members,
                sights,
                ..
            } => {
                let view = views.entry((topic, client)).or_default();
                apply(view, sights);
                if !exact {
                    continue;
                }
                let count = view.len() as u64;
                // The client's own entry is not among what it is told.
                if *members != count && *members != count + 1 {
                    return broken(format!(
                        "{topic}: {members} members at {place:?}, but {view:?}"
                    ));
                }
                let (other, same) = places
                    .entry((topic, *place))
                    .or_insert_with(|| (client, view.clone()));
                if !agree((client, view), (*other, same)) {
                    let wrong = difference(view, same);
                    return broken(format!(
                        "{topic}: at {place:?} it knew, and client {other} did: {wrong:?}"
                    ));
                }
            }
            What::Rested {
                topic,
                view,
                wanted,
            } => rested.push((at, client, topic.as_str(), view, *wanted)),
            What::Unsaid { topic, value } => {
                unsaid.insert((topic.as_str(), client, *value));
            }
            What::Truth { topic, entries } => {
                // Every node is asked, where there are several.
                if let Some(other) = truths.insert(topic, entries)
                    && other != entries
                {
                    let wrong = difference(entries, other);
                    return broken(format!("{topic}: one node says, and another: {wrong:?}"));
                }
            }
            _ => {}
        }
    }
    for (at, client, topic, view, wanted) in rested {
        let broken = |what| Err(Broken::new(Promise::G6, at, client, what));
        let truth = truths.get(topic).copied().cloned().unwrap_or_default();
        if !agree((client, view), (client, &truth)) {
            let wrong = difference(view, &truth);
            return broken(format!(
                "{topic}: in the end it knows, and there is: {wrong:?}"
            ));
        }
        let own = truth.get(&client).map(|it| it.value);
        // What nobody knows any longer nobody can say, until the client does.
        let is_lost = wanted.is_some_and(|it| unsaid.contains(&(topic, client, it)));
        if own != wanted && !is_lost {
            return broken(format!(
                "{topic}: is there with {own:?}, but wants {wanted:?}"
            ));
        }
    }
    Ok(())
}

fn apply(view: &mut View, sights: &[Sight]) {
    for sight in sights {
        match sight {
            Sight::Here { member, seen } => {
                view.insert(*member, *seen);
            }
            Sight::Left { member, .. } => {
                view.remove(member);
            }
        }
    }
}

/// What one view has and another has in its place, by member.
fn difference(one: &View, other: &View) -> Vec<(usize, Option<Seen>, Option<Seen>)> {
    let members = one.keys().chain(other.keys()).copied();
    let members: std::collections::BTreeSet<_> = members.collect();
    let both = members
        .into_iter()
        .map(|it| (it, one.get(&it).copied(), other.get(&it).copied()));
    both.filter(|it| it.1 != it.2).collect()
}

/// Whether two clients know the same of everybody but themselves.
fn agree((one, ones): (usize, &View), (other, others): (usize, &View)) -> bool {
    let of_third = |it: &(&usize, &Seen)| *it.0 != one && *it.0 != other;
    ones.iter()
        .filter(of_third)
        .eq(others.iter().filter(of_third))
}
