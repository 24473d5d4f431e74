//! The rings against what they promise: bounds, order, and that what is left tells who is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::rings::{Kept, Rings, Whose};
use crate::schema::TopicName;
use crate::topic::{Cause, Lease, Member, Session, SessionKey, Time, Transition, User, What};

const HOUR: Duration = Duration::from_secs(3600);

fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

fn topic(number: usize) -> TopicName {
    TopicName::parse(&format!("dots:{number}")).expect("a name")
}

fn member(user: &str, number: u128) -> Member {
    let key = SessionKey::parse(&format!("{number:032x}")).expect("32 hex digits");
    Member {
        user: User::parse(user).expect("a user"),
        session: Session::of(&key).id,
    }
}

fn joined(member: &Member, now: Time) -> Transition {
    Transition {
        at: now,
        member: member.clone(),
        what: What::Joined {
            lease: Lease::Deadline {
                ttl: Duration::from_secs(30),
            },
        },
    }
}

fn left(member: &Member, now: Time) -> Transition {
    Transition {
        at: now,
        member: member.clone(),
        what: What::Left {
            cause: Cause::Said,
            joined: now,
        },
    }
}

fn all(rings: &mut Rings, name: &TopicName, now: Time) -> Vec<Kept> {
    rings.of(name, &Whose::default(), u64::MAX, usize::MAX, now)
}

#[test]
fn the_newest_come_first_page_by_page_and_of_whom_one_asks() {
    let mut rings = Rings::new(10, 100, HOUR);
    let (ann, bob, name) = (member("ann", 1), member("bob", 2), topic(1));
    rings.push(&name, vec![joined(&ann, at(1)), joined(&bob, at(1))], at(1));
    rings.push(&topic(2), vec![joined(&ann, at(2))], at(2));
    rings.push(&name, vec![left(&ann, at(3))], at(3));
    let numbers = |kept: Vec<Kept>| -> Vec<u64> { kept.iter().map(|it| it.number).collect() };
    assert_eq!(numbers(all(&mut rings, &name, at(3))), [4, 2, 1]);
    let everybody = Whose::default();
    assert_eq!(
        numbers(rings.of(&name, &everybody, u64::MAX, 2, at(3))),
        [4, 2]
    );
    assert_eq!(numbers(rings.of(&name, &everybody, 2, 2, at(3))), [1]);
    let anns = Whose {
        user: Some(ann.user.clone()),
        member: None,
    };
    assert_eq!(numbers(rings.of(&name, &anns, u64::MAX, 9, at(3))), [4, 1]);
    let bobs = Whose {
        user: None,
        member: Some(bob),
    };
    assert_eq!(numbers(rings.of(&name, &bobs, u64::MAX, 9, at(3))), [2]);
    assert_eq!(numbers(all(&mut rings, &topic(3), at(3))), [0; 0]);
}

#[test]
fn a_topic_that_is_over_is_remembered_for_a_while_and_then_gone_from_memory() {
    let mut rings = Rings::new(10, 100, HOUR);
    let ann = member("ann", 1);
    rings.push(
        &topic(1),
        vec![joined(&ann, at(5)), left(&ann, at(9))],
        at(9),
    );
    assert_eq!(
        rings.forget(at(3_600_004)),
        Some((at(3_600_005), &topic(1)))
    );
    assert_eq!(
        rings.forget(at(3_600_008)),
        Some((at(3_600_009), &topic(1)))
    );
    assert_eq!(rings.len(), (1, 1));
    assert_eq!(rings.forget(at(3_600_009)), None);
    assert_eq!(rings.len(), (0, 0));
}

#[test]
fn whoever_comes_and_goes_all_the_time_pushes_out_what_became_of_themselves() {
    let mut rings = Rings::new(64, 1_000, HOUR);
    let name = topic(1);
    let victim = member("ann", 1);
    rings.push(
        &name,
        vec![joined(&victim, at(1)), left(&victim, at(2))],
        at(2),
    );
    for number in 0..10_000 {
        // With a session of its own each time.
        let restless = member("eve", 2 + number);
        rings.push(
            &name,
            vec![joined(&restless, at(3)), left(&restless, at(3))],
            at(3),
        );
    }
    let anns = Whose {
        user: Some(victim.user),
        member: None,
    };
    assert_eq!(rings.of(&name, &anns, u64::MAX, 9, at(3)).len(), 2);
    assert_eq!(rings.len(), (64, 1));
}

#[test]
fn the_oldest_of_all_topics_makes_room_for_the_newest() {
    let mut rings = Rings::new(10, 100, HOUR);
    let ann = member("ann", 1);
    for number in 0..1_000 {
        let now = at(number as u64);
        rings.push(&topic(number), vec![joined(&ann, now)], now);
    }
    assert_eq!(rings.len(), (100, 100));
    assert_eq!(all(&mut rings, &topic(899), at(1_000)), []);
    assert_eq!(all(&mut rings, &topic(900), at(1_000)).len(), 1);
}

proptest! {
    /// Whatever comes, no bound is passed, what is left is in order, and whoever it tells of is there
    /// exactly if their newest transition says so.
    #[test]
    fn what_is_left_tells_who_is_there(
        most_of_topic in prop_oneof![1..12_usize, 60..90_usize],
        most in prop_oneof![1..40_usize, 100..200_usize],
        steps in vec((0..3_usize, 0..6_u128, 0..6_u64), 1..600),
    ) {
        let time = Duration::from_millis(500);
        let mut rings = Rings::new(most_of_topic, most, time);
        let mut present: BTreeSet<(usize, u128)> = BTreeSet::new();
        let mut now = 0;
        for (place, who, passed) in steps {
            now += passed;
            let someone = member(["ann", "bob", "cid"][who as usize % 3], who);
            let turn = if present.remove(&(place, who)) {
                left(&someone, at(now))
            } else {
                present.insert((place, who));
                joined(&someone, at(now))
            };
            rings.push(&topic(place), vec![turn], at(now));
            let (count, topics) = rings.len();
            prop_assert!(count <= most && topics <= count);
            for place in 0..3 {
                let kept = all(&mut rings, &topic(place), at(now));
                prop_assert!(kept.len() <= most_of_topic);
                prop_assert!(kept.is_sorted_by(|a, b| a.number > b.number));
                let mut newest = BTreeMap::new();
                for it in &kept {
                    prop_assert!(it.transition.at + time > at(now), "too old");
                    newest.entry(it.transition.member.clone()).or_insert(it.transition.what);
                }
                for (someone, what) in newest {
                    let here = present.iter().any(|(of, who)| {
                        *of == place && member(someone.user.as_str(), *who) == someone
                    });
                    prop_assert_eq!(matches!(what, What::Joined { .. }), here);
                }
            }
        }
    }
}
