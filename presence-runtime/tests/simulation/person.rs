//! People: sessions with their knowledge of topics, whichever way they reach the server.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use presence_runtime::topic::{Session, SessionKey};
use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::http::seen;
use crate::promises::{Answer, Lease, Log, Place, Say, Seen, Sight, What};
use crate::view::View;
use crate::world::{PEOPLE, TOPICS, millis};
use crate::{socket, surfer};

/// What a person's parts share: where they write down what happens.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) log: Rc<RefCell<Log>>,
    pub(crate) number: usize,
}

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

/// What somebody knows of others in a topic.
#[derive(Debug)]
pub(crate) struct Eye {
    shared: Shared,
    pub(crate) topic: &'static str,
    view: View,
}

impl Person {
    pub(crate) fn new(shared: Shared, dice: Dice) -> Self {
        let eyes = TOPICS.map(|topic| Eye {
            shared: shared.clone(),
            topic,
            view: View::default(),
        });
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

impl Shared {
    pub(crate) fn note(&self, what: What) {
        self.log.borrow_mut().push(now(), self.number, what);
    }

    pub(crate) fn key(&self) -> String {
        key(self.number)
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
    pub(crate) fn hear(&self, topic: &'static str, n: u64, answer: &Json) -> bool {
        let heard = match (answer["change"].as_str(), answer["left"].as_bool()) {
            (Some("joined"), _) => Answer::Joined,
            (Some("updated"), _) => Answer::Updated,
            (Some("renewed"), _) => Answer::Renewed,
            (Some("stale"), _) => Answer::Stale,
            (_, Some(left)) => Answer::Left(left),
            _ => Answer::Refused,
        };
        self.shared.note(What::Heard {
            topic: topic.to_owned(),
            n,
            answer: heard,
        });
        let wanted = self.wanted.get(topic);
        // Renewals may overtake a value, which is said again then.
        let overtaken = heard == Answer::Stale && wanted == Some(&n);
        overtaken || answer["error"]["code"] == "not_present" && wanted.is_some()
    }
}

impl Eye {
    pub(crate) fn position(&self) -> Option<&str> {
        self.view.at.as_deref()
    }

    /// A new subscription: of a run of parts that was not complete nothing is left.
    pub(crate) fn open(&mut self) {
        self.view.forget_parts();
        self.shared.note(What::Watching {
            topic: self.topic.to_owned(),
        });
    }

    pub(crate) fn close(&self) {
        self.shared.note(What::Blind {
            topic: self.topic.to_owned(),
        });
    }

    /// Takes over a `snapshot` or `changes`, but for what is about the person.
    pub(crate) fn see(&mut self, mut message: Json) {
        for list in ["entries", "joined", "updated", "left"] {
            if let Some(things) = message.get_mut(list).and_then(Json::as_array_mut) {
                things.retain(|it| number(it) != self.shared.number);
            }
        }
        let whole = message.get("more").is_none();
        let exact = whole && !self.view.is_between();
        let before = self.seen();
        let view = &mut self.view;
        let events = match catch_unwind(AssertUnwindSafe(|| view.apply(&message))) {
            Ok(events) => events,
            Err(panic) => {
                let why = panic.downcast_ref::<String>().map_or("impossible", |it| it);
                return self.shared.note(What::Confused {
                    topic: self.topic.to_owned(),
                    why: why.to_owned(),
                });
            }
        };
        if !whole {
            return;
        }
        let mut sights = Vec::new();
        for event in events {
            if let Some(reason) = event.reason {
                sights.push(Sight::Left {
                    member: numbers()[&event.member],
                    reason,
                });
            }
        }
        let after = self.seen();
        let news = after.iter().filter(|it| before.get(it.0) != Some(it.1));
        sights.extend(news.map(|(member, seen)| Sight::Here {
            member: *member,
            seen: *seen,
        }));
        // Who left and returned with the same value is here as well.
        let back: Vec<_> = after
            .iter()
            .filter(|it| {
                sights
                    .iter()
                    .any(|sight| matches!(sight, Sight::Left { member, .. } if member == it.0))
            })
            .filter(|it| before.get(it.0) == Some(it.1))
            .map(|(member, seen)| Sight::Here {
                member: *member,
                seen: *seen,
            })
            .collect();
        sights.extend(back);
        self.shared.note(What::Saw {
            topic: self.topic.to_owned(),
            at: place(self.view.at.as_deref().expect("the message is whole")),
            exact,
            now_ms: message["nowMs"].as_u64().expect("a time"),
            members: message["counts"]["members"].as_u64().expect("a count"),
            sights,
        });
    }

    pub(crate) fn rest(&self, wanted: Option<u64>) {
        self.shared.note(What::Rested {
            topic: self.topic.to_owned(),
            view: self.seen(),
            wanted,
        });
    }

    fn seen(&self) -> BTreeMap<usize, Seen> {
        let members = self.view.members.values();
        members.map(|it| (number(it), seen(it))).collect()
    }
}

pub(crate) fn now() -> u64 {
    millis(turmoil::sim_elapsed().expect("this is a simulation"))
}

/// The number of whoever an entry, an update or a departure is about.
pub(crate) fn number(thing: &Json) -> usize {
    numbers()[thing["member"].as_str().expect("a member")]
}

fn key(number: usize) -> String {
    format!("{:032x}", number + 1)
}

fn numbers() -> &'static BTreeMap<String, usize> {
    static NUMBERS: OnceLock<BTreeMap<String, usize>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let member = |number| {
            let id = Session::of(&SessionKey::parse(&key(number)).expect("a key")).id;
            (format!("{id}.{id}"), number)
        };
        (0..PEOPLE).map(member).collect()
    })
}

fn place(text: &str) -> Place {
    let (epoch, sequence) = text.split_once('.').expect("a position");
    Place {
        epoch: u64::from_str_radix(epoch, 16).expect("an epoch"),
        sequence: sequence.parse().expect("a sequence"),
    }
}

fn value(topic: &str, said: u64, dice: &mut Dice) -> Json {
    let typing = dice.percent(30);
    if topic.starts_with("notes") {
        json!({"said": said, "typing": typing, "text": "x".repeat(4_000)})
    } else {
        json!({"said": said, "typing": typing})
    }
}
