//! G5: no observer sees an older value of a member after a newer one; from one node to another only
//! while those do not hear of each other.

use std::collections::BTreeMap;

use super::log::{Log, Sight, What};
use super::watch::Watches;
use super::{Broken, Promise};

pub(crate) fn check(log: &Log, watches: &Watches<'_>) -> Result<(), Broken> {
    let mut newest = BTreeMap::new();
    let mut epochs = BTreeMap::new();
    for event in &log.events {
        if event.what == What::Elsewhere {
            newest.retain(|it: &(usize, _, _), _| it.0 != event.client);
        }
        if let What::Unsaid { topic, value } = &event.what {
            let lost = |member, newest: u64| member == event.client && newest == *value;
            newest.retain(|(_, of, member), it: &mut u64| *of != topic || !lost(*member, *it));
        }
        let What::Saw {
            topic, sights, at, ..
        } = &event.what
        else {
            continue;
        };
        let before = epochs.insert((event.client, topic), at.epoch);
        if before.is_some_and(|it| it != at.epoch) && watches.is_divided(event.at) {
            newest.retain(|(client, of, _), _| (*client, *of) != (event.client, topic));
        }
        for sight in sights {
            let (member, seen) = match sight {
                Sight::Here { member, seen } => (member, seen),
                Sight::Left { member, .. } => {
                    // Whoever comes back may do so through a node that has not heard all that was said.
                    if watches.is_divided(event.at) {
                        newest.remove(&(event.client, topic, *member));
                    }
                    continue;
                }
            };
            let newest = newest.entry((event.client, topic, *member)).or_insert(0);
            if seen.value < *newest {
                let what = format!(
                    "{topic}: value {} of client {member} after {newest}",
                    seen.value
                );
                return Err(Broken::new(Promise::G5, event.at, event.client, what));
            }
            *newest = seen.value;
        }
    }
    Ok(())
}
