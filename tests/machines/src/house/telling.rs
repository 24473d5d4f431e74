//! Telling: what clients and `/readyz` say of other nodes, and who seems to have left.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{House, SITTERS, now};
use crate::Failed;
use crate::promises::{Sight, What};

/// Who left for an observer, when and why: by observer and member.
pub(crate) type Departures = BTreeMap<(usize, usize), Vec<(u64, String)>>;

impl House {
    /// Whether `/readyz` of these nodes and everybody who sits there says this of other nodes within a time.
    pub(crate) async fn told(
        &self,
        nodes: &[usize],
        remote: &str,
        since: u64,
        within: Duration,
    ) -> Result<(), Failed> {
        let until = Instant::now() + within.saturating_sub(Duration::from_millis(now() - since));
        loop {
            let missing = self.untold(nodes, remote, since).await?;
            if missing.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!(
                    "not told `{remote}` within {within:?}: {}",
                    missing.join(", ")
                ));
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn untold(
        &self,
        nodes: &[usize],
        remote: &str,
        since: u64,
    ) -> Result<Vec<String>, Failed> {
        let mut missing = Vec::new();
        for node in nodes {
            let said = self.nodes[*node].remote().await?;
            if said != remote {
                missing.push(format!("/readyz of node {node}, which says {said}"));
            }
            let truth = self.truth.borrow();
            for person in truth.people_at(*node) {
                let told = |it: &&(u64, usize, String)| it.1 == person && it.0 >= since;
                let last = truth.status.iter().rev().find(told);
                if person < SITTERS && last.is_none_or(|it| it.2 != remote) {
                    missing.push(format!("client {person} at node {node}"));
                }
            }
        }
        Ok(missing)
    }

    /// Who left in somebody's eyes since then.
    pub(crate) fn departures(&self, since: u64) -> Departures {
        let log = self.log.borrow();
        let mut departures = Departures::new();
        for event in log.events.iter().filter(|it| it.at >= since) {
            let What::Saw { topic, sights, .. } = &event.what else {
                continue;
            };
            for sight in sights {
                if let Sight::Left { member, reason } = sight {
                    let left = departures.entry((event.client, *member)).or_default();
                    left.push((event.at, format!("{reason} {topic}")));
                }
            }
        }
        departures
    }

    /// Nobody saw anybody leave since then, and so nobody come back.
    pub(crate) fn nobody_left(&self, since: u64) -> Result<(), Failed> {
        let departures = self.departures(since);
        match departures.first_key_value() {
            None => Ok(()),
            Some(((observer, member), left)) => Err(format!(
                "{} saw somebody leave, client {observer} client {member} first: {left:?}",
                departures.len()
            )),
        }
    }
}
