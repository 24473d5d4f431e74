//! What somebody knows of others in a topic, and how they write it into a log: the same in a
//! simulation and over sockets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::OnceLock;

use presence_runtime::topic::{Session, SessionId, SessionKey};
use serde_json::Value as Json;

use crate::promises::{Answer, Log, Place, Seen, Sight, What};
use crate::view::View;

/// There are no more people in a log.
const MOST_PEOPLE: usize = 100;

/// What a person's parts share: where they write down what happens.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) log: Rc<RefCell<Log>>,
    pub(crate) number: usize,
    /// The time of the log, in ms.
    pub(crate) clock: fn() -> u64,
}

/// What somebody knows of others in a topic.
#[derive(Debug)]
pub(crate) struct Eye {
    shared: Shared,
    pub(crate) topic: &'static str,
    view: View,
}

impl Shared {
    pub(crate) fn note(&self, what: What) {
        self.log
            .borrow_mut()
            .push((self.clock)(), self.number, what);
    }

    pub(crate) fn key(&self) -> String {
        key(self.number)
    }
}

impl Eye {
    pub(crate) fn new(shared: Shared, topic: &'static str) -> Self {
        Self {
            shared,
            topic,
            view: View::default(),
        }
    }

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

/// The number of whoever an entry, an update or a departure is about.
pub(crate) fn number(thing: &Json) -> usize {
    numbers()[thing["member"].as_str().expect("a member")]
}

fn key(number: usize) -> String {
    format!("{:032x}", number + 1)
}

/// The session of a number.
pub(crate) fn session(number: usize) -> SessionId {
    Session::of(&SessionKey::parse(&key(number)).expect("a key")).id
}

fn numbers() -> &'static BTreeMap<String, usize> {
    static NUMBERS: OnceLock<BTreeMap<String, usize>> = OnceLock::new();
    NUMBERS.get_or_init(|| {
        let member = |number| (session(number).to_string(), number);
        (0..MOST_PEOPLE).map(member).collect()
    })
}

fn place(text: &str) -> Place {
    let (epoch, sequence) = text.split_once('.').expect("a position");
    Place {
        epoch: u64::from_str_radix(epoch, 16).expect("an epoch"),
        sequence: sequence.parse().expect("a sequence"),
    }
}

/// What an entry shows.
pub(crate) fn seen(entry: &Json) -> Seen {
    Seen {
        value: entry["value"]["said"].as_u64().expect("a number"),
        decays: entry["value"]["typing"].as_bool().expect("a flag"),
    }
}

/// Who is in a topic, and whether somebody is shown whose time is over.
pub(crate) fn entries(value: &Json) -> (BTreeMap<usize, Seen>, bool) {
    let entries = value["entries"].as_array().expect("entries");
    let expired = entries.iter().any(|it| it["expiresInMs"] == 0);
    let seen = entries.iter().map(|it| (number(it), seen(it)));
    (seen.collect(), expired)
}

/// What the server says to something said.
pub(crate) fn answer(answer: &Json) -> Answer {
    match (answer["change"].as_str(), answer["left"].as_bool()) {
        (Some("joined"), _) => Answer::Joined,
        (Some("updated"), _) => Answer::Updated,
        (Some("renewed"), _) => Answer::Renewed,
        (Some("stale"), _) => Answer::Stale,
        (_, Some(left)) => Answer::Left(left),
        _ => Answer::Refused,
    }
}
