//! Voices: what somebody says of themselves in topics, written down as it is said.

use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::eye::answer;
use crate::plan::{Scene, TOPICS};
use crate::promises::{Answer, Lease, Say, What};

/// The voice of a session: its `n` grows whichever way and wherever it speaks.
#[derive(Debug)]
pub(crate) struct Voice {
    scene: Scene,
    n: u64,
    /// Topics whose leave nobody answered.
    pub(crate) leaving: Vec<&'static str>,
}

impl Voice {
    pub(crate) fn new(scene: Scene) -> Self {
        Self {
            scene,
            n: 0,
            leaving: Vec::new(),
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.n += 1;
        self.n
    }

    /// Where the person wants to be.
    pub(crate) fn wanted(&self) -> Vec<&'static str> {
        let truth = self.scene.truth.borrow();
        let number = self.scene.number();
        let is_wanted = |topic: &&'static str| truth.wanted(topic, number).is_some();
        TOPICS.into_iter().filter(is_wanted).collect()
    }

    /// Says something, and returns the message without its topic.
    pub(crate) fn say(&mut self, topic: &'static str, say: Say, dice: &mut Dice) -> (u64, Json) {
        let n = self.next();
        let number = self.scene.number();
        let mut truth = self.scene.truth.borrow_mut();
        let mut message = json!({ "n": n });
        self.leaving.retain(|it| *it != topic);
        match say {
            Say::Announce(_) => {
                truth.wants(topic, number, Some(n));
                let typing = dice.percent(20);
                message["value"] =
                    json!({"x": n, "y": number, "label": "somebody", "typing": typing});
            }
            Say::Renew(_) => {}
            Say::Leave { after } => {
                truth.wants(topic, number, None);
                self.leaving.push(topic);
                if after > 0 {
                    message["afterMs"] = after.into();
                }
            }
        }
        if let Say::Announce(Lease::Deadline(ttl)) | Say::Renew(Lease::Deadline(ttl)) = say {
            message["ttlMs"] = ttl.into();
        }
        self.scene.note(What::Said {
            topic: topic.to_owned(),
            n,
            say,
        });
        (n, message)
    }

    /// Writes down an answer. Whether the value has to be said again.
    pub(crate) fn hear(&mut self, topic: &'static str, n: u64, json: &Json) -> bool {
        let heard = answer(json);
        self.scene.note(What::Heard {
            topic: topic.to_owned(),
            n,
            answer: heard,
        });
        if let Answer::Left(_) = heard {
            self.leaving.retain(|it| *it != topic);
        }
        let wanted = self.scene.truth.borrow();
        let wanted = wanted.wanted(topic, self.scene.number());
        // Renewals may overtake a value, which is said again then.
        let overtaken = heard == Answer::Stale && wanted == Some(n);
        overtaken || json["error"]["code"] == "not_present" && wanted.is_some()
    }
}
