//! Whereabouts: in which topics each user is present and in which anybody is, and how many entries
//! there are of all and of each session.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::config::Config;
use super::meter::OfType;
use crate::schema::TopicName;
use crate::topic::{Lease, Member, Position, Topic, User};
use crate::wire::{Code, Fault};

/// Where users are. One place for each user and topic, however many sessions stand behind it, so
/// there are never more places than entries.
#[derive(Debug)]
pub(super) struct Whereabouts {
    places: Mutex<Places>,
    entries: AtomicUsize,
    most: usize,
    /// Sessions with as many entries as they may have, so that mostly nobody looks further.
    full: AtomicUsize,
    most_of_session: usize,
}

#[derive(Debug, Default)]
struct Places {
    users: BTreeSet<(User, TopicName)>,
    topics: BTreeSet<TopicName>,
    /// How many entries each session of a user has.
    sessions: HashMap<Member, usize>,
    /// How many users are anywhere.
    users_present: usize,
}

impl Whereabouts {
    /// Nobody is anywhere, and there is room for as many as the figures say.
    pub(super) fn new(config: &Config) -> Self {
        Self {
            places: Mutex::default(),
            entries: AtomicUsize::new(0),
            most: config.max_entries,
            full: AtomicUsize::new(0),
            most_of_session: config.max_topics_per_session,
        }
    }

    /// Whether a session that is not present in a topic might have to be refused there.
    pub(super) fn is_tight(&self) -> bool {
        self.is_full() || self.full.load(Ordering::Relaxed) > 0
    }

    /// Whether there are as many entries as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.entries.load(Ordering::Relaxed) >= self.most
    }

    /// Whether a session may have another entry. Of those that join at the same moment in several
    /// topics, each may find room for one.
    ///
    /// # Errors
    /// `overloaded` when the process has as many entries as it may have; `too_many_topics` when the
    /// session has, where no connection counts them.
    pub(super) fn check_room(&self, member: &Member, lease: Lease) -> Result<(), Fault> {
        if self.is_full() {
            let message = "the server has as many entries as it may have";
            return Err(Fault::new(Code::Overloaded, message));
        }
        let most = self.most_of_session;
        let has = || self.lock().sessions.get(member).copied();
        if matches!(lease, Lease::Deadline { .. }) && has().unwrap_or_default() >= most {
            let message = format!("a session is in at most {most} topics over HTTP");
            return Err(Fault::new(Code::TooManyTopics, message));
        }
        Ok(())
    }

    /// Takes over who came to a topic and who went since a position. Called under the topic's
    /// lock, so that nobody's coming overtakes their going.
    pub(super) fn note(&self, name: &TopicName, topic: &Topic, since: Position, meter: &OfType) {
        let mut places = self.lock();
        for entry in topic.entries_after(since.sequence) {
            places.come(&entry.member().user, name);
            self.count_in(&mut places, entry.member());
            meter.joins.add(1);
            meter.entries.add(1);
        }
        for departure in topic.departures_after(since.sequence) {
            let user = &departure.member.user;
            // Another session of theirs may still be here.
            if topic.entries_of(user).next().is_none() {
                places.go(user, name);
            }
            meter.left(departure.reason);
            // Whoever came and went since then was never counted.
            if departure.joined <= since.sequence {
                self.count_out(&mut places, &departure.member);
                meter.entries.remove(1);
            } else {
                meter.joins.add(1);
            }
        }
        if topic.counts().members == 0 {
            places.topics.remove(name);
        } else if !places.topics.contains(name) {
            places.topics.insert(name.clone());
        }
    }

    /// How many users and sessions are present anywhere.
    pub(super) fn counts(&self) -> (usize, usize) {
        let places = self.lock();
        (places.users_present, places.sessions.len())
    }

    fn count_in(&self, places: &mut Places, member: &Member) {
        self.entries.fetch_add(1, Ordering::Relaxed);
        let count = places.sessions.entry(member.clone()).or_default();
        *count += 1;
        if *count == self.most_of_session {
            self.full.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count_out(&self, places: &mut Places, member: &Member) {
        self.entries.fetch_sub(1, Ordering::Relaxed);
        let Some(count) = places.sessions.get_mut(member) else {
            return;
        };
        if *count == self.most_of_session {
            self.full.fetch_sub(1, Ordering::Relaxed);
        }
        *count -= 1;
        if *count == 0 {
            places.sessions.remove(member);
        }
    }

    /// The topics in which a user is, at most this many, after a name and in the order of names.
    pub(super) fn of(&self, user: &User, after: Option<&TopicName>, most: usize) -> Vec<TopicName> {
        let from = match after {
            Some(name) => Bound::Excluded((user.clone(), name.clone())),
            None => Bound::Included((user.clone(), least())),
        };
        let places = self.lock();
        let of_user = places.users.range((from, Bound::Unbounded));
        of_user
            .take_while(|(found, _)| found == user)
            .map(|(_, name)| name.clone())
            .take(most)
            .collect()
    }

    /// The topics in which somebody is, at most this many, after a name and in the order of names.
    pub(super) fn topics(&self, after: Option<&TopicName>, most: usize) -> Vec<TopicName> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let places = self.lock();
        let topics = places
            .topics
            .range::<TopicName, _>((from, Bound::Unbounded));
        topics.take(most).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places
            .lock()
            .expect("nothing panics while it holds the whereabouts")
    }
}

impl Places {
    /// A user is in a topic.
    fn come(&mut self, user: &User, name: &TopicName) {
        let is_new = !self.has(user);
        self.users.insert((user.clone(), name.clone()));
        self.users_present += usize::from(is_new);
    }

    /// A user is in a topic no longer.
    fn go(&mut self, user: &User, name: &TopicName) {
        let was_there = self.users.remove(&(user.clone(), name.clone()));
        self.users_present -= usize::from(was_there && !self.has(user));
    }

    fn has(&self, user: &User) -> bool {
        let mut from = self.users.range((user.clone(), least())..);
        from.next().is_some_and(|(found, _)| found == user)
    }
}

/// The name before which there is no other: `-` is the first character of the alphabet.
fn least() -> TopicName {
    TopicName::parse("-").expect("a name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Presence, Value};
    use crate::topic::{Actor, Heartbeat, Lease, Leave, Session, SessionKey, Time};

    #[derive(crate::Presence, Debug, Clone, PartialEq)]
    #[presence(topic = "dots:{dot}", crate = "crate")]
    struct Dot {
        x: u32,
    }

    struct Place {
        name: TopicName,
        topic: Topic,
    }

    impl Place {
        fn new(name: &str) -> Self {
            Self {
                name: TopicName::parse(name).expect("a name"),
                topic: Topic::new(*Dot::SCHEMA.settings(), &[], 7),
            }
        }

        /// Does something as the lock's holder would, with what it says to the whereabouts.
        fn act(&mut self, whereabouts: &Whereabouts, act: impl FnOnce(&mut Topic)) {
            let before = self.topic.position();
            act(&mut self.topic);
            if self.topic.turnover() > before.sequence {
                whereabouts.note(&self.name, &self.topic, before, &OfType::default());
            }
        }

        fn join(&mut self, whereabouts: &Whereabouts, who: &Actor) {
            self.act(whereabouts, |topic| {
                let mut beat = Heartbeat::renew(Lease::Deadline {
                    ttl: std::time::Duration::from_secs(30),
                });
                beat.value = Some(Value::new(&Dot { x: 1 }).expect("valid"));
                let done = topic.heartbeat(who, beat, Time::from_millis(0));
                done.expect("nothing is wrong with it");
            });
        }

        fn leave(&mut self, whereabouts: &Whereabouts, who: &Actor) {
            self.act(whereabouts, |topic| {
                let done = topic.leave(who, Leave::default(), Time::from_millis(0));
                done.expect("nothing is wrong with it");
            });
        }
    }

    fn person(user: &str, number: u128) -> Actor {
        let key = SessionKey::parse(&format!("{number:032x}")).expect("32 hex digits");
        Actor {
            session: Session::of(&key),
            user: User::parse(user).expect("a user"),
        }
    }

    fn names(whereabouts: &Whereabouts, user: &str, after: Option<&str>) -> Vec<String> {
        let user = User::parse(user).expect("a user");
        let after = after.map(|it| TopicName::parse(it).expect("a name"));
        let found = whereabouts.of(&user, after.as_ref(), 10);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_user_is_where_any_session_is() {
        let whereabouts = Whereabouts::new(&Config::default());
        let (mut one, mut two) = (Place::new("dots:1"), Place::new("dots:2"));
        let (first, second) = (person("ann", 1), person("ann", 2));
        one.join(&whereabouts, &first);
        one.join(&whereabouts, &second);
        two.join(&whereabouts, &second);
        two.join(&whereabouts, &person("anna", 3));
        assert_eq!(
            whereabouts.topics(None, 10),
            [one.name.clone(), two.name.clone()]
        );
        assert_eq!(whereabouts.topics(None, 1), [one.name.clone()]);
        assert_eq!(whereabouts.topics(Some(&one.name), 10), [two.name.clone()]);
        assert_eq!(names(&whereabouts, "ann", None), ["dots:1", "dots:2"]);
        assert_eq!(names(&whereabouts, "ann", Some("dots:1")), ["dots:2"]);
        assert_eq!(names(&whereabouts, "ann", Some("dots:2")), [""; 0]);
        assert_eq!(names(&whereabouts, "an", None), [""; 0]);
        one.leave(&whereabouts, &first);
        assert_eq!(names(&whereabouts, "ann", None), ["dots:1", "dots:2"]);
        one.leave(&whereabouts, &second);
        assert_eq!(names(&whereabouts, "ann", None), ["dots:2"]);
        two.act(&whereabouts, |topic| topic.close(Time::from_millis(0)));
        assert!(whereabouts.lock().users.is_empty());
        assert!(whereabouts.lock().sessions.is_empty());
        assert_eq!(whereabouts.entries.load(Ordering::Relaxed), 0);
        assert!(whereabouts.lock().topics.is_empty());
    }

    #[test]
    fn who_comes_and_goes_at_once_is_nowhere_and_who_goes_and_comes_is_there() {
        let whereabouts = Whereabouts::new(&Config::default());
        let mut place = Place::new("dots:1");
        let ann = person("ann", 1);
        let beat = || Heartbeat {
            value: Some(Value::new(&Dot { x: 1 }).expect("valid")),
            ..Heartbeat::renew(Lease::Deadline {
                ttl: std::time::Duration::from_secs(30),
            })
        };
        let now = Time::from_millis(0);
        place.act(&whereabouts, |topic| {
            topic.heartbeat(&ann, beat(), now).expect("joins");
            topic.leave(&ann, Leave::default(), now).expect("leaves");
        });
        assert_eq!(names(&whereabouts, "ann", None), [""; 0]);
        place.join(&whereabouts, &ann);
        place.act(&whereabouts, |topic| {
            topic.leave(&ann, Leave::default(), now).expect("leaves");
            topic.heartbeat(&ann, beat(), now).expect("joins");
        });
        assert_eq!(names(&whereabouts, "ann", None), ["dots:1"]);
        assert_eq!(whereabouts.entries.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_session_is_full_exactly_while_it_has_as_many_entries_as_it_may() {
        let config = Config {
            max_topics_per_session: 2,
            ..Config::default()
        };
        let whereabouts = Whereabouts::new(&config);
        let ann = person("ann", 1);
        let http = Lease::Deadline {
            ttl: std::time::Duration::from_secs(30),
        };
        let room = |who: &Actor| whereabouts.check_room(&who.member(), http).is_ok();
        let mut places = ["dots:1", "dots:2", "dots:3"].map(Place::new);
        for _ in 0..3 {
            assert!(!whereabouts.is_tight());
            places[0].join(&whereabouts, &ann);
            assert!(room(&ann));
            places[1].join(&whereabouts, &ann);
            assert!(whereabouts.is_tight());
            assert!(!room(&ann));
            assert!(room(&person("ann", 2)));
            // Over a WebSocket, which counts its topics itself, there may be more.
            places[2].join(&whereabouts, &ann);
            assert!(!room(&ann));
            for place in &mut places {
                place.leave(&whereabouts, &ann);
            }
            assert!(room(&ann));
        }
        assert!(whereabouts.lock().sessions.is_empty());
    }
}
