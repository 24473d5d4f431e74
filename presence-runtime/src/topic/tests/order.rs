//! Who may change what, and in which order.

use std::sync::Arc;

use super::*;
use crate::topic::{Activity, Change, Counts, Reason};

fn change(topic: &mut Topic, who: &Actor, beat: Heartbeat) -> Change {
    let ack = topic.heartbeat(who, beat, secs(0));
    ack.expect("nothing is wrong with it").change
}

#[test]
fn a_member_joins_with_a_value_and_only_with_one() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let renew = topic.heartbeat(&ann, Heartbeat::renew(HTTP), secs(0));
    assert_eq!(renew, Err(Refusal::NotPresent));
    assert_eq!(topic.position().sequence, 0);
    let ack = topic.heartbeat(&ann, say(at(1), HTTP), secs(0));
    let expected = Ack {
        change: Change::Joined,
        member: ann.member(),
        version: 1,
        expires_in: Some(Duration::from_secs(30)),
    };
    assert_eq!(ack, Ok(expected));
    let entry = topic.entry(ann.session.id).expect("present");
    assert_eq!((entry.joined(), entry.version()), (1, 1));
    assert_eq!(entry.value(), &at(1));
    assert_eq!(entry.activity(), Activity::Active);
    assert!(entry.following().is_empty());
}

#[test]
fn only_what_others_can_see_takes_a_sequence() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let following: Arc<[User]> = Arc::from([person("bob", 2).user]);
    change(&mut topic, &ann, say(at(1), HTTP));
    assert_eq!(change(&mut topic, &ann, say(at(1), HTTP)), Change::Renewed);
    let hidden = Heartbeat {
        hidden: Some(true),
        activity: Some(Activity::Active),
        following: Some(Arc::default()),
        ..Heartbeat::renew(HTTP)
    };
    assert_eq!(change(&mut topic, &ann, hidden), Change::Renewed);
    assert!(topic.entry(ann.session.id).expect("present").is_hidden());
    assert_eq!(topic.position().sequence, 1);

    let idle = Heartbeat {
        activity: Some(Activity::Idle),
        ..Heartbeat::renew(HTTP)
    };
    assert_eq!(change(&mut topic, &ann, idle), Change::Updated);
    let follow = Heartbeat {
        following: Some(following.clone()),
        ..Heartbeat::renew(HTTP)
    };
    assert_eq!(change(&mut topic, &ann, follow), Change::Updated);
    assert_eq!(change(&mut topic, &ann, say(at(2), HTTP)), Change::Updated);
    let entry = topic.entry(ann.session.id).expect("present");
    assert_eq!(entry.activity_changed(), 2);
    assert_eq!(entry.following_changed(), 3);
    assert_eq!(entry.value_changed(), 4);
    assert_eq!((entry.joined(), entry.version()), (1, 4));
    assert_eq!(entry.following(), &following);
    assert_eq!(entry.activity(), Activity::Idle);
}

#[test]
fn an_n_that_is_not_above_the_last_changes_nothing() {
    let mut topic = topic();
    let ann = person("ann", 1);
    change(&mut topic, &ann, nth(5, say(at(1), HTTP)));
    for n in [0, 4, 5] {
        let ack = topic.heartbeat(&ann, nth(n, say(at(2), socket(1))), secs(10));
        let ack = ack.expect("stale is no refusal");
        assert_eq!((ack.change, ack.version), (Change::Stale, 1));
        assert_eq!(ack.expires_in, Some(Duration::from_secs(20)));
        assert_eq!(topic.leave(&ann, leave(n), secs(10)), Ok(Left::Stale));
    }
    let entry = topic.entry(ann.session.id).expect("present");
    assert_eq!((entry.value(), entry.lease()), (&at(1), HTTP));
    assert_eq!(topic.next_due(), Some(secs(30)));
    assert_eq!(
        change(&mut topic, &ann, nth(6, say(at(2), HTTP))),
        Change::Updated
    );
}

#[test]
fn without_n_arrivals_count() {
    let mut topic = topic();
    let ann = person("ann", 1);
    change(&mut topic, &ann, nth(5, say(at(1), HTTP)));
    change(&mut topic, &ann, say(at(2), HTTP));
    assert_eq!(topic.entry(ann.session.id).expect("present").n(), 6);
    assert_eq!(
        change(&mut topic, &ann, nth(6, say(at(3), HTTP))),
        Change::Stale
    );
    assert_eq!(
        change(&mut topic, &ann, nth(7, say(at(3), HTTP))),
        Change::Updated
    );
}

#[test]
fn the_last_n_is_remembered_for_grace_and_30_seconds_after_the_entry_left() {
    let ann = person("ann", 1);
    for (now, expected) in [(39_999, Change::Stale), (40_000, Change::Joined)] {
        let mut topic = topic();
        change(&mut topic, &ann, nth(5, say(at(1), HTTP)));
        assert_eq!(topic.leave(&ann, leave(6), secs(0)), Ok(Left::Now));
        assert!(!topic.is_empty());
        assert_eq!(topic.advance(millis(now)), []);
        let ack = topic.heartbeat(&ann, nth(6, say(at(1), HTTP)), millis(now));
        let ack = ack.expect("nothing is wrong with it");
        assert_eq!(ack.change, expected);
        assert_eq!(ack.version == 0, expected == Change::Stale);
    }
}

#[test]
fn a_leave_that_overtakes_the_heartbeat_before_it_keeps_the_member_out() {
    let mut topic = topic();
    let ann = person("ann", 1);
    assert_eq!(topic.leave(&ann, leave(2), secs(0)), Ok(Left::Absent));
    assert_eq!(
        change(&mut topic, &ann, nth(1, say(at(1), HTTP))),
        Change::Stale
    );
    assert_eq!(
        change(&mut topic, &ann, nth(2, Heartbeat::renew(HTTP))),
        Change::Stale
    );
    assert_eq!(topic.leave(&ann, leave(2), secs(0)), Ok(Left::Stale));
    assert_eq!(
        change(&mut topic, &ann, nth(3, say(at(1), HTTP))),
        Change::Joined
    );
    // The entry carries it from here on.
    assert!(topic.fences.is_empty());
}

#[test]
fn a_refused_renewal_does_not_advance_the_fence() {
    let mut topic = topic();
    let ann = person("ann", 1);
    assert_eq!(topic.leave(&ann, leave(2), secs(0)), Ok(Left::Absent));
    let renew = topic.heartbeat(&ann, nth(9, Heartbeat::renew(HTTP)), secs(0));
    assert_eq!(renew, Err(Refusal::NotPresent));
    assert_eq!(
        change(&mut topic, &ann, nth(3, say(at(1), HTTP))),
        Change::Joined
    );
}

#[test]
fn a_leave_of_nobody_leaves_nothing_behind() {
    let mut topic = topic();
    let ann = person("ann", 1);
    assert_eq!(
        topic.leave(&ann, Leave::default(), secs(0)),
        Ok(Left::Absent)
    );
    assert!(topic.is_empty());
    assert_eq!(topic.next_due(), None);
}

#[test]
fn a_session_belongs_to_its_key_and_its_user() {
    let mut topic = topic();
    let ann = person("ann", 1);
    change(&mut topic, &ann, say(at(1), HTTP));
    let mut forged = ann.clone();
    forged.session.digest[31] ^= 1;
    for other in [person("bob", 1), forged] {
        assert_eq!(
            topic.heartbeat(&other, nth(9, say(at(2), socket(1))), secs(0)),
            Err(Refusal::SessionTaken)
        );
        assert_eq!(
            topic.leave(&other, leave(9), secs(0)),
            Err(Refusal::SessionTaken)
        );
    }
    let entry = topic.entry(ann.session.id).expect("present");
    assert_eq!((entry.version(), entry.n(), entry.lease()), (1, 1, HTTP));
}

#[test]
fn a_topic_takes_as_many_members_as_it_may() {
    let settings = Settings {
        max_members: 2,
        ..SETTINGS
    };
    let mut topic = Topic::new(settings, DECAYS, 7);
    change(&mut topic, &person("ann", 1), say(at(1), HTTP));
    change(&mut topic, &person("ann", 2), say(at(1), HTTP));
    let third = person("bob", 3);
    let full = topic.heartbeat(&third, say(at(1), HTTP), secs(0));
    assert_eq!(full, Err(Refusal::Full { max: 2 }));
    // Those who are in may go on.
    assert_eq!(
        change(&mut topic, &person("ann", 2), say(at(2), HTTP)),
        Change::Updated
    );
    assert_eq!(
        topic.counts(),
        Counts {
            members: 2,
            users: 1
        }
    );
    assert_eq!(
        topic.leave(&person("ann", 1), leave(9), secs(0)),
        Ok(Left::Now)
    );
    assert_eq!(change(&mut topic, &third, say(at(1), HTTP)), Change::Joined);
    assert_eq!(
        topic.counts(),
        Counts {
            members: 2,
            users: 2
        }
    );
}

#[test]
fn a_ttl_out_of_range_is_refused_and_not_clamped() {
    let mut topic = topic();
    let ann = person("ann", 1);
    for (millis, good) in [
        (999, false),
        (1000, true),
        (300_000, true),
        (300_001, false),
    ] {
        let found = Duration::from_millis(millis);
        let lease = Lease::Deadline { ttl: found };
        let refusal = Refusal::InvalidTtl {
            found,
            min: Duration::from_secs(1),
            max: Duration::from_secs(300),
        };
        let ack = topic.heartbeat(&ann, say(at(1), lease), secs(0));
        assert_eq!(ack.err(), (!good).then_some(refusal), "{found:?}");
    }
}

#[test]
fn a_kicked_session_goes_and_is_refused_for_60_seconds() {
    let mut topic = topic();
    let ann = person("ann", 1);
    change(&mut topic, &ann, say(at(1), socket(1)));
    assert!(topic.kick(ann.session.id, secs(5)));
    assert!(!topic.kick(person("bob", 2).session.id, secs(5)));
    assert_eq!(topic.counts().members, 0);
    let departure = topic.departures.after(0).next().expect("somebody left");
    assert_eq!((departure.reason, departure.by), (Reason::Kicked, None));
    topic.advance(millis(64_999));
    let refused = topic.heartbeat(&ann, say(at(1), socket(2)), millis(64_999));
    let retry_after = Duration::from_millis(1);
    assert_eq!(refused, Err(Refusal::Kicked { retry_after }));
    topic.advance(secs(65));
    let ack = topic.heartbeat(&ann, say(at(1), socket(2)), secs(65));
    assert_eq!(ack.map(|ack| ack.change), Ok(Change::Joined));
}

#[test]
fn a_kicked_user_goes_with_all_sessions_and_comes_back_with_none_for_60_seconds() {
    let mut topic = topic();
    for (user, number) in [("ann", 1), ("ann", 2), ("bob", 3)] {
        change(&mut topic, &person(user, number), say(at(1), HTTP));
    }
    let ann = person("ann", 1).user;
    assert_eq!(topic.kick_user(&ann, secs(5)).len(), 2);
    assert_eq!(topic.kick_user(&ann, secs(5)).len(), 0);
    assert_eq!(topic.counts().members, 1);
    // Not even with a session that nobody has seen before.
    let refused = topic.heartbeat(&person("ann", 9), say(at(1), HTTP), millis(64_999));
    let retry_after = Duration::from_millis(1);
    assert_eq!(refused, Err(Refusal::Kicked { retry_after }));
    let other = topic.heartbeat(&person("carl", 4), say(at(1), HTTP), secs(6));
    assert_eq!(other.map(|ack| ack.change), Ok(Change::Joined));
    topic.advance(secs(65));
    let ack = topic.heartbeat(&person("ann", 9), say(at(1), HTTP), secs(65));
    assert_eq!(ack.map(|ack| ack.change), Ok(Change::Joined));
}

#[test]
fn everybody_leaves_when_the_topic_closes() {
    let mut topic = topic();
    for number in 1..=3 {
        change(&mut topic, &person("ann", number), say(at(1), HTTP));
    }
    topic.close(secs(1));
    assert_eq!(
        topic.counts(),
        Counts {
            members: 0,
            users: 0
        }
    );
    let left: Vec<_> = topic
        .departures
        .after(0)
        .map(|it| (it.joined, it.reason))
        .collect();
    let expected: Vec<_> = (1..=3).map(|joined| (joined, Reason::Shutdown)).collect();
    assert_eq!(left, expected);
}

#[test]
fn a_topic_is_empty_when_it_has_nothing_to_remember() {
    let mut topic = topic();
    let ann = person("ann", 1);
    assert!(topic.is_empty());
    change(&mut topic, &ann, say(at(1), HTTP));
    topic.kick(ann.session.id, secs(0));
    topic.kick_user(&ann.user, secs(0));
    topic.bind_stream(&ann.member(), secs(0));
    topic.advance(millis(59_999));
    assert!(!topic.is_empty());
    topic.advance(secs(60));
    assert!(!topic.is_empty());
    topic.unbind_stream(&ann.member(), secs(60));
    assert!(topic.is_empty());
    assert_eq!(topic.next_due(), None);
}
