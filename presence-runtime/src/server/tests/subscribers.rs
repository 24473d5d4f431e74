//! Random histories of a topic and those who subscribe to it: filters that change, connections that
//! are busy, lost and resumed. The naive model of the core says what there is; every subscriber
//! has to see its part of that, from nothing but the messages it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::schema::TopicName;
use crate::server::meter::OfType;
use crate::server::outlet::{Form, Outlet};
use crate::server::round::Round;
use crate::server::subscriber::{Subscriber, Watching};
use crate::topic::tests::model::Command;
use crate::topic::tests::model::many::play_many;
use crate::topic::tests::model::naive::{Naive, number, who};
use crate::topic::{Activity, ConnectionId, Member, Reader};
use crate::wire::{Filter, parse_position};

/// How many histories are played.
const CASES: u64 = 10_000;
const CLIENTS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Do(Command),
    /// A flush for all, or for those who were passed by.
    Flush {
        late: bool,
    },
    /// A client takes so many of its messages; until it does, its connection is busy.
    Take {
        client: usize,
        messages: usize,
    },
    /// Another filter, or the same, with the position that is known or without.
    Filter {
        client: usize,
        filter: Filter,
        resume: bool,
    },
    /// A new connection that subscribes to the same.
    Reconnect {
        client: usize,
        resume: bool,
    },
    CatchUp {
        client: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use crate::topic::tests::model::command;
    let client = || 0..CLIENTS;
    let step = prop_oneof![
        200 => command().prop_map(Step::Do),
        80 => any::<bool>().prop_map(|late| Step::Flush { late }),
        60 => (client(), 1..3_usize)
            .prop_map(|(client, messages)| Step::Take { client, messages }),
        25 => (client(), filter(), any::<bool>())
            .prop_map(|(client, filter, resume)| Step::Filter { client, filter, resume }),
        15 => (client(), any::<bool>())
            .prop_map(|(client, resume)| Step::Reconnect { client, resume }),
        20 => client().prop_map(|client| Step::CatchUp { client }),
    ];
    vec(step, 1..70)
}

fn filter() -> impl Strategy<Value = Filter> {
    let users = vec(
        prop_oneof![Just("ann"), Just("bob"), Just("cid"), Just("dan")],
        0..3,
    );
    prop_oneof![
        Just(Filter::Everybody),
        Just(Filter::Count),
        Just(Filter::Following),
        users.prop_map(|users| Filter::Users(users.into_iter().map(str::to_owned).collect())),
    ]
}

/// Somebody who subscribes; the first is the session of the model's first person.
struct Client {
    subscriber: Subscriber,
    /// What its subscription asks for.
    filter: Filter,
    view: BTreeMap<usize, Shown>,
    at: Option<String>,
    members: u64,
    /// Nothing was heard since it subscribed.
    unanswered: bool,
}

/// An entry as it is shown to others.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    value: Json,
    activity: String,
    following: Vec<String>,
}

/// Nobody in the model speaks on this connection, so nothing is its own doing.
const CONNECTION: ConnectionId = ConnectionId(NonZeroU64::MAX);

fn watching(filter: &Filter) -> Watching {
    Watching::of(filter, Some(&who(0))).expect("nothing is wrong with it")
}

fn subscriber(filter: &Filter, reader: Reader) -> Subscriber {
    let outlet = Arc::new(Outlet::deferred(Form::Events));
    Subscriber::new(CONNECTION, outlet, watching(filter), reader)
}

impl Client {
    fn new() -> Self {
        let filter = Filter::Everybody;
        Self {
            subscriber: subscriber(&filter, Reader::NOTHING),
            filter,
            view: BTreeMap::new(),
            at: None,
            members: 0,
            unanswered: true,
        }
    }

    fn reader(&self, resume: bool) -> Reader {
        let at = self.at.as_ref().filter(|_| resume);
        at.map_or(Reader::NOTHING, |at| {
            Reader::at(parse_position(at).expect("a position"))
        })
    }

    fn filter(&mut self, filter: &Filter, resume: bool) {
        // What comes before the answer belongs to the filter before.
        self.take(usize::MAX);
        let reader = self.reader(resume && self.filter == *filter);
        self.subscriber.want(watching(filter), reader);
        if self.filter != *filter {
            // A position is resumed with the filter it was heard with.
            self.at = None;
        }
        self.filter = filter.clone();
        self.unanswered = true;
    }

    fn reconnect(&mut self, resume: bool) {
        let reader = self.reader(resume);
        self.subscriber = subscriber(&self.filter, reader);
        self.unanswered = true;
    }

    fn take(&mut self, messages: usize) {
        for _ in 0..messages {
            let Some(bytes) = self.subscriber.outlet.take() else {
                return;
            };
            let text = std::str::from_utf8(&bytes).expect("UTF-8");
            let data = text.lines().find_map(|it| it.strip_prefix("data: "));
            let json = data.expect("every event has data");
            self.hear(&serde_json::from_str(json).expect("JSON"));
        }
    }

    fn hear(&mut self, message: &Json) {
        self.unanswered = false;
        self.at = Some(message["at"].as_str().expect("one part").to_owned());
        self.members = message["counts"]["members"].as_u64().expect("a count");
        let list = |key| {
            message
                .get(key)
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
        };
        if message["type"] == "snapshot" {
            self.view.clear();
        }
        for left in list("left") {
            self.view.remove(&member(left));
        }
        for entry in list("entries").chain(list("joined")) {
            let text = |it: &Json| it.as_str().expect("a text").to_owned();
            let following = entry["following"].as_array().expect("a list");
            let shown = Shown {
                value: entry["value"].clone(),
                activity: text(&entry["activity"]),
                following: following.iter().map(text).collect(),
            };
            let before = self.view.insert(member(entry), shown);
            assert_eq!(before, None, "whoever joins was not there");
        }
        for update in list("updated") {
            let known = self.view.get_mut(&member(update));
            let known = known.expect("whoever changes is known");
            if let Some(value) = update.get("value") {
                known.value = value.clone();
            }
            if let Some(activity) = update.get("activity") {
                known.activity = activity.as_str().expect("a text").to_owned();
            }
            if let Some(following) = update.get("following") {
                let users = following.as_array().expect("a list").iter();
                known.following = users
                    .map(|it| it.as_str().expect("a text").to_owned())
                    .collect();
            }
        }
    }

    /// Whom it is to see.
    fn expected(&self, naive: &Naive) -> BTreeMap<usize, Shown> {
        let followed = || {
            let own = naive.present.get(&0);
            let users = own.map(|it| it.following.iter());
            users
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect()
        };
        let users: Option<BTreeSet<String>> = match &self.filter {
            Filter::Everybody => None,
            Filter::Count => Some(BTreeSet::new()),
            Filter::Following => Some(followed()),
            Filter::Users(users) => Some(users.iter().cloned().collect()),
        };
        let present = naive.present.iter().filter(|(number, _)| {
            users
                .as_ref()
                .is_none_or(|it| it.contains(who(**number).user.as_str()))
        });
        present
            .map(|(number, it)| {
                let dot = it.dot;
                let value =
                    serde_json::json!({"x": dot.x, "typing": dot.typing, "waving": dot.waving});
                let activity = match it.activity {
                    Activity::Active => "active",
                    Activity::Idle => "idle",
                    Activity::Away => "away",
                };
                let shown = Shown {
                    value,
                    activity: activity.to_owned(),
                    following: it.following.iter().map(ToString::to_string).collect(),
                };
                (*number, shown)
            })
            .collect()
    }
}

fn member(thing: &Json) -> usize {
    let text = thing["member"].as_str().expect("a member");
    let member = Member::parse(text).expect("a member");
    number(member.session)
}

struct World {
    naive: Naive,
    name: TopicName,
    clients: Vec<Client>,
}

impl World {
    fn flush(&mut self, late: bool) {
        let mut round = Round::default();
        for rounds in 0.. {
            let subscribers = self.clients.iter_mut().map(|it| &mut it.subscriber);
            let (topic, now) = (&self.naive.topic, self.naive.now);
            round.gather(topic, &self.name, subscribers, now, late);
            round.write(&OfType::default());
            if !round.more {
                break;
            }
            assert!(
                rounds < 20,
                "the topic stands still, and the flush never ends"
            );
        }
    }

    fn catch_up(&mut self, client: usize) {
        for _ in 0..4 {
            self.flush(false);
            self.clients[client].take(usize::MAX);
        }
        let client = &self.clients[client];
        assert!(!client.unanswered, "whoever subscribes is answered");
        assert_eq!(
            client.view,
            client.expected(&self.naive),
            "{:?}",
            client.filter
        );
        if matches!(client.filter, Filter::Everybody | Filter::Count) {
            let members = u64::try_from(self.naive.present.len()).expect("few");
            assert_eq!(client.members, members);
        }
    }
}

fn play(steps: &[Step]) {
    let mut world = World {
        naive: Naive::new(),
        name: TopicName::parse("dots").expect("a name"),
        clients: (0..CLIENTS).map(|_| Client::new()).collect(),
    };
    for step in steps {
        match *step {
            Step::Do(ref command) => command.obey(&mut world.naive),
            Step::Flush { late } => world.flush(late),
            Step::Take { client, messages } => world.clients[client].take(messages),
            Step::Filter {
                client,
                ref filter,
                resume,
            } => world.clients[client].filter(filter, resume),
            Step::Reconnect { client, resume } => world.clients[client].reconnect(resume),
            Step::CatchUp { client } => world.catch_up(client),
        }
    }
    for client in 0..CLIENTS {
        world.catch_up(client);
    }
}

#[test]
fn subscribers_see_their_part_of_the_naive_model() {
    play_many("subscribers_see", CASES, steps, |steps| play(steps));
}
