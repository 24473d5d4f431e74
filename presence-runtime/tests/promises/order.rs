//! G5: no observer sees an older value of a member after a newer one.

use std::collections::BTreeMap;

use super::log::{Log, Sight, What};
use super::{Broken, Promise};

pub(crate) fn check(log: &Log) -> Result<(), Broken> {
    let mut newest = BTreeMap::new();
    for event in &log.events {
        if event.what == What::Elsewhere {
            newest.retain(|it: &(usize, _, _), _| it.0 != event.client);
        }
        let What::Saw { topic, sights, .. } = &event.what else {
            continue;
        };
        for sight in sights {
            let Sight::Here { member, seen } = sight else {
                continue;
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
