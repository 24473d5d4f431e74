//! Agreement: whether all nodes answer alike and equal the truth, and whether the promises held.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{BOUNDS, CONVERGENCE, House, NOBODY, now};
use crate::Failed;
use crate::eye::entries;
use crate::node::Node;
use crate::plan::TOPICS;
use crate::promises::{Log, Seen, What, all};
use crate::sitter::name_what_was_said;

/// How soon a pointer's `typing` falls back.
const DECAY: Duration = Duration::from_secs(3);

impl House {
    /// Waits until all nodes that are open answer alike and equal the truth, while nobody says anything new.
    pub(crate) async fn agree(&self) -> Result<(), Failed> {
        let acted = self.orders.borrow().act;
        self.order(|it| it.act = false);
        let until = Instant::now() + CONVERGENCE;
        let found = loop {
            let found = self.compare().await;
            if found.is_ok() || Instant::now() > until {
                break found;
            }
            sleep(Duration::from_millis(200)).await;
        };
        self.order(|it| it.act = acted);
        found.map_err(|wrong| format!("not alike within {CONVERGENCE:?}: {wrong}"))
    }

    async fn compare(&self) -> Result<(), Failed> {
        let open = self.orders.borrow().open;
        for (node, _) in self.nodes.iter().zip(open).filter(|it| it.1) {
            self.compare_with(node).await?;
        }
        Ok(())
    }

    async fn compare_with(&self, node: &Node) -> Result<(), Failed> {
        for topic in TOPICS {
            let seen = self.seen(node, topic).await?;
            let seen: BTreeMap<_, _> = seen.into_iter().map(|(who, it)| (who, it.value)).collect();
            let truth = self.truth.borrow().of(topic);
            let all: BTreeSet<_> = seen.keys().chain(truth.keys()).collect();
            let differs = all
                .into_iter()
                .filter(|who| seen.get(who) != truth.get(who));
            let wrong: Vec<_> = differs
                .map(|who| (*who, seen.get(who), truth.get(who)))
                .collect();
            if !wrong.is_empty() {
                return Err(format!(
                    "{} has of {topic}, and there is (who, found, wanted): {wrong:?}",
                    node.addr
                ));
            }
        }
        Ok(())
    }

    async fn seen(&self, node: &Node, topic: &str) -> Result<BTreeMap<usize, Seen>, Failed> {
        let mut value = node.value(topic).await?;
        if value["entries"].as_array().is_none() {
            return Err(format!("{} says of {topic}: {value}", node.addr));
        }
        name_what_was_said(&mut value);
        Ok(entries(&value).0)
    }

    /// Has a node of its own come and look: what it knows, it knows from Redis alone.
    pub(crate) async fn agree_from_outside(&mut self) -> Result<(), Failed> {
        self.newcomer.begin().await?;
        self.order(|it| it.act = false);
        let until = Instant::now() + CONVERGENCE;
        let found = loop {
            let found = self.compare_with(&self.newcomer).await;
            if found.is_ok() || Instant::now() > until {
                break found;
            }
            sleep(Duration::from_millis(200)).await;
        };
        self.order(|it| it.act = true);
        self.newcomer.end().await?;
        found.map_err(|wrong| format!("who comes anew is not told: {wrong}"))
    }

    /// The last look at everything. What is wrong with what everybody saw, if something is.
    pub(crate) async fn close(&mut self) -> Result<(), Failed> {
        // What decays begins anew at another node.
        self.order(|it| {
            it.act = false;
            it.roam = false;
        });
        self.agree().await?;
        // What is on its way arrives, and what decays has done so.
        sleep(DECAY + Duration::from_millis(BOUNDS.tick)).await;
        for topic in TOPICS {
            let entries = self.seen(&self.nodes[0], topic).await?;
            for node in &self.nodes[1..] {
                let others = self.seen(node, topic).await?;
                if entries != others {
                    let differs = entries.iter().filter(|it| others.get(it.0) != Some(it.1));
                    return Err(format!(
                        "{} has of {topic} what {} has not: {:?}",
                        self.nodes[0].addr,
                        node.addr,
                        differs.collect::<Vec<_>>()
                    ));
                }
            }
            let truth = What::Truth {
                topic: topic.to_owned(),
                entries,
            };
            self.log.borrow_mut().push(now(), NOBODY, truth);
        }
        self.order(|it| it.over = true);
        while let Some(person) = self.people.join_next().await {
            person.map_err(|error| error.to_string())?;
        }
        // What holds the driver up holds nodes up as well.
        self.log.borrow_mut().bounds.lag += 2 * self.lateness.get();
        let log = self.log.replace(Log::new(BOUNDS));
        let judging = tokio::task::spawn_blocking(move || (all(&log), log));
        let (broken, log) = judging.await.map_err(|error| error.to_string())?;
        self.log.replace(log);
        if broken.is_empty() {
            return Ok(());
        }
        let broken: Vec<_> = broken.iter().map(ToString::to_string).collect();
        Err(broken.join("\n"))
    }
}
