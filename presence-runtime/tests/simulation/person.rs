//! People: sessions with their knowledge of topics, whichever way they reach the server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::eye::{Eye, Shared, answer};
use crate::promises::{Answer, Lease, Say, What};
use crate::world::{TOPICS, millis};
use crate::{socket, surfer};

/// A session.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) shared: Shared,
    pub(crate) dice: Dice,
    pub(crate) voice: Voice,
    pub(crate) eyes: Vec<Eye>,
}

/// What somebody says, and how far that has come.
#[derive(Debug)]
pub(crate) struct Voice {
    shared: Shared,
    n: u64,
    /// The value that the person wants to be present with, by topic.
    pub(crate) wanted: BTreeMap<&'static str, u64>,
    /// Where it is going to leave; anything it said there before that would keep it.
    pub(crate) leaving: BTreeSet<&'static str>,
}

impl Person {
    pub(crate) fn new(shared: Shared, dice: Dice) -> Self {
        let eyes = TOPICS.map(|topic| Eye::new(shared.clone(), topic));
        Self {
            voice: Voice {
                shared: shared.clone(),
                n: 0,
                wanted: BTreeMap::new(),
                leaving: BTreeSet::new(),
            },
            eyes: eyes.into(),
            dice,
            shared,
        }
    }

    /// Comes, does this and that, and says in the end what they know.
    pub(crate) async fn live(self) {
        tokio::time::sleep(Duration::from_millis(10 * self.shared.number as u64)).await;
        if self.shared.number % 10 < 7 {
            socket::live(self).await;
        } else {
            surfer::live(self).await;
        }
    }

    pub(crate) fn rest(&self) {
        for eye in &self.eyes {
            eye.rest(self.voice.wanted.get(eye.topic).copied());
        }
    }
}

impl Voice {
    /// The place of the next thing this person says.
    pub(crate) fn next(&mut self) -> u64 {
        self.n += 1;
        self.n
    }

    /// Writes down that something is said, and returns the message without its topic.
    pub(crate) fn say(&mut self, topic: &'static str, n: u64, say: Say, dice: &mut Dice) -> Json {
        let mut message = json!({ "n": n });
        match say {
            Say::Announce(_) => {
                // A message that comes late does not say what is wanted.
                let wanted = self.wanted.entry(topic).or_default();
                *wanted = n.max(*wanted);
                self.leaving.remove(topic);
                message["value"] = value(topic, n, dice);
            }
            Say::Renew(_) => {}
            Say::Leave { after } => {
                self.wanted.remove(topic);
                if after > 0 {
                    self.leaving.insert(topic);
                    message["afterMs"] = after.into();
                }
            }
        }
        if let Say::Announce(Lease::Deadline(ttl)) | Say::Renew(Lease::Deadline(ttl)) = say {
            message["ttlMs"] = ttl.into();
        }
        self.shared.note(What::Said {
            topic: topic.to_owned(),
            n,
            say,
        });
        message
    }

    /// Writes down an answer. Whether the value has to be said again.
    pub(crate) fn hear(&self, topic: &'static str, n: u64, json: &Json) -> bool {
        let heard = answer(json);
        self.shared.note(What::Heard {
            topic: topic.to_owned(),
            n,
            answer: heard,
        });
        let wanted = self.wanted.get(topic);
        // Renewals may overtake a value, which is said again then.
        let overtaken = heard == Answer::Stale && wanted == Some(&n);
        overtaken || json["error"]["code"] == "not_present" && wanted.is_some()
    }
}

pub(crate) fn now() -> u64 {
    millis(turmoil::sim_elapsed().expect("this is a simulation"))
}

fn value(topic: &str, said: u64, dice: &mut Dice) -> Json {
    let typing = dice.percent(30);
    if topic.starts_with("notes") {
        json!({"said": said, "typing": typing, "text": "x".repeat(4_000)})
    } else {
        json!({"said": said, "typing": typing})
    }
}
