//! Walkers: people on HTTP, whose every request may reach another node.

use std::collections::BTreeMap;

use tokio::time::timeout;

use crate::dice::Dice;
use crate::http::post;
use crate::plan::{Orders, Scene, TOPICS};
use crate::promises::{Lease, Say};
use crate::voice::Voice;

/// Longer than anything takes that keeps a walker from being answered.
const TTL: u64 = 20_000;

/// A person without a connection.
#[derive(Debug)]
pub(crate) struct Walker {
    scene: Scene,
    dice: Dice,
    voice: Voice,
    at: usize,
}

impl Walker {
    pub(crate) fn new(scene: Scene, at: usize, dice: Dice) -> Self {
        Self {
            voice: Voice::new(scene.clone()),
            scene,
            dice,
            at,
        }
    }

    /// Lives until the day is over.
    pub(crate) async fn live(mut self) {
        let mut orders = self.scene.orders.clone();
        // What was said and not answered, which is said again.
        let mut again: BTreeMap<&'static str, Say> = BTreeMap::new();
        let mut is_new = true;
        loop {
            let now = orders.borrow_and_update().clone();
            if now.over {
                return;
            }
            if now.away.contains(&self.scene.number()) {
                self.scene.vanish();
                (again, is_new) = (BTreeMap::new(), true);
                let number = self.scene.number();
                let back = orders.wait_for(|it| it.over || !it.away.contains(&number));
                if back.await.is_err() {
                    return;
                }
                continue;
            }
            self.at = if now.roam && self.dice.percent(60) {
                now.another(self.at, &mut self.dice)
            } else {
                now.choose(self.at, &mut self.dice)
            };
            self.scene.arrive(self.at);
            for topic in TOPICS {
                let say = again
                    .remove(topic)
                    .or_else(|| self.choose(&now, topic, is_new));
                if let Some(say) = say
                    && let Some(say) = self.ask(topic, say).await
                {
                    again.insert(topic, say);
                }
            }
            is_new = false;
            let pause = if !again.is_empty() {
                self.at = now.another(self.at, &mut self.dice);
                self.dice.millis(50, 500)
            } else if now.stroll {
                self.dice.millis(5_000, 10_000)
            } else {
                self.dice.millis(300, 1_200)
            };
            // Who is told something else while they stroll hears it.
            let stirred = orders.wait_for(|it| it.over || now.stroll && !it.stroll);
            let _ = timeout(pause, stirred).await;
        }
    }

    /// What there is to say of a topic.
    fn choose(&mut self, now: &Orders, topic: &'static str, is_new: bool) -> Option<Say> {
        let lease = Lease::Deadline(TTL);
        let is_there = self.voice.wanted().contains(&topic);
        match self.dice.below(100) {
            _ if is_new => Some(Say::Announce(lease)),
            0..4 if now.act && now.come_and_go && is_there => Some(Say::Leave { after: 0 }),
            4..50 if now.act && (is_there || now.come_and_go) => Some(Say::Announce(lease)),
            _ => is_there.then_some(Say::Renew(lease)),
        }
    }

    /// Says something. What has to be said again, if something has.
    async fn ask(&mut self, topic: &'static str, say: Say) -> Option<Say> {
        let (n, message) = self.voice.say(topic, say, &mut self.dice);
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        let path = format!("/presence/{topic}/{kind}");
        let addr = &self.scene.addrs[self.at];
        let announce = Say::Announce(Lease::Deadline(TTL));
        match post(addr, &path, &self.scene.shared.key(), &message).await {
            Ok(answer) => self.voice.hear(topic, n, &answer).then_some(announce),
            // Whether it was done nobody knows.
            Err(_) if matches!(say, Say::Renew(_)) => Some(announce),
            Err(_) => Some(say),
        }
    }
}
