//! When entries go, and what keeps them.

use super::*;
use crate::topic::{Change, Departure, Reason};

fn beat(topic: &mut Topic, who: &Actor, beat: Heartbeat, now: Time) -> Change {
    let ack = topic.heartbeat(who, beat, now);
    ack.expect("nothing is wrong with it").change
}

/// Who goes by `now`, with the check that nobody goes a millisecond before.
fn goes_at(topic: &mut Topic, now: Time) -> Vec<Reason> {
    assert!(topic.next_due().is_some_and(|due| due <= now));
    assert_eq!(topic.advance(millis(now.as_millis() - 1)), []);
    reasons(&topic.advance(now))
}

fn reasons(departures: &[Departure]) -> Vec<Reason> {
    departures.iter().map(|it| it.reason).collect()
}

#[test]
fn a_member_expires_ttl_after_its_last_heartbeat() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), HTTP), secs(0));
    beat(&mut topic, &ann, Heartbeat::renew(HTTP), secs(20));
    assert_eq!(goes_at(&mut topic, secs(50)), [Reason::Expired]);
    assert_eq!(topic.advance(secs(1000)), []);
}

#[test]
fn renewing_does_not_grow_the_queue_of_deadlines() {
    let mut topic = topic();
    let ann = person("ann", 1);
    for second in 0..1000 {
        assert_eq!(topic.advance(secs(second)), []);
        beat(&mut topic, &ann, say(at(1), HTTP), secs(second));
        assert_eq!(topic.deadlines.len(), 1);
    }
}

#[test]
fn a_place_that_was_pushed_earlier_is_taken_once() {
    let mut topic = topic();
    let ann = person("ann", 1);
    for round in 0..10 {
        let start = round * 20;
        assert_eq!(topic.advance(secs(start)), []);
        beat(&mut topic, &ann, say(at(1), HTTP), secs(start));
        topic.bind_stream(&ann.member(), secs(start));
        topic.unbind_stream(&ann.member(), secs(start));
        beat(&mut topic, &ann, say(at(1), HTTP), secs(start + 5));
        assert!(topic.deadlines.len() <= 3, "{}", topic.deadlines.len());
    }
    assert_eq!(goes_at(&mut topic, secs(215)), [Reason::Expired]);
}

#[test]
fn shrinking_leases_do_not_grow_the_queue_without_bound() {
    let mut topic = topic();
    let ann = person("ann", 1);
    for less in 0..1000 {
        let ttl = Duration::from_millis(300_000 - less);
        beat(
            &mut topic,
            &ann,
            say(at(1), Lease::Deadline { ttl }),
            secs(0),
        );
        assert!(topic.deadlines.len() <= 18, "{}", topic.deadlines.len());
    }
    assert_eq!(goes_at(&mut topic, millis(299_001)), [Reason::Expired]);
}

#[test]
fn a_shorter_ttl_counts_at_once() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), HTTP), secs(0));
    let ttl = Duration::from_secs(5);
    beat(
        &mut topic,
        &ann,
        Heartbeat::renew(Lease::Deadline { ttl }),
        secs(1),
    );
    assert_eq!(goes_at(&mut topic, secs(6)), [Reason::Expired]);
}

#[test]
fn a_hidden_tab_has_150_seconds() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let hidden = Heartbeat {
        hidden: Some(true),
        ..say(at(1), HTTP)
    };
    beat(&mut topic, &ann, hidden, secs(0));
    assert_eq!(goes_at(&mut topic, secs(150)), [Reason::Expired]);
}

#[test]
fn a_member_leaves_once_when_its_connection_is_lost() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), socket(1)), secs(0));
    assert_eq!(topic.next_due(), None);
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(100));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(105));
    assert_eq!(goes_at(&mut topic, secs(110)), [Reason::Disconnected]);
    assert_eq!(topic.advance(secs(1000)), []);
    assert_eq!(topic.departures.after(0).count(), 1);
}

#[test]
fn a_member_that_comes_back_within_grace_stays() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), socket(1)), secs(0));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(1));
    assert_eq!(topic.advance(secs(10)), []);
    assert_eq!(
        beat(&mut topic, &ann, say(at(1), socket(2)), secs(10)),
        Change::Renewed
    );
    assert_eq!(topic.advance(secs(1000)), []);
    assert_eq!(topic.position().sequence, 1);
}

#[test]
fn the_late_end_of_an_old_connection_changes_nothing() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), socket(1)), secs(0));
    beat(&mut topic, &ann, say(at(1), socket(2)), secs(1));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(2));
    assert_eq!(topic.advance(secs(1000)), []);
    assert_eq!(
        topic.entry(ann.session.id).map(|it| it.lease()),
        Some(socket(2))
    );
}

#[test]
fn a_stale_heartbeat_does_not_keep_a_lost_member() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, nth(5, say(at(1), socket(1))), secs(0));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(1));
    assert_eq!(
        beat(&mut topic, &ann, nth(5, say(at(2), socket(2))), secs(2)),
        Change::Stale
    );
    assert_eq!(goes_at(&mut topic, secs(11)), [Reason::Disconnected]);
}

#[test]
fn the_lease_is_of_the_transport_that_last_heartbeat() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), socket(1)), secs(0));
    beat(&mut topic, &ann, Heartbeat::renew(HTTP), secs(1));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(2));
    assert_eq!(goes_at(&mut topic, secs(31)), [Reason::Expired]);
}

#[test]
fn the_end_of_the_last_bound_stream_starts_grace() {
    let mut topic = topic();
    let ann = person("ann", 1);
    topic.bind_stream(&ann.member(), secs(0));
    topic.bind_stream(&ann.member(), secs(0));
    beat(&mut topic, &ann, say(at(1), HTTP), secs(0));
    topic.unbind_stream(&ann.member(), secs(1));
    topic.unbind_stream(&ann.member(), secs(2));
    // Whatever ends without having begun does nothing.
    topic.unbind_stream(&ann.member(), secs(3));
    assert_eq!(goes_at(&mut topic, secs(12)), [Reason::Disconnected]);
}

#[test]
fn a_stream_that_opens_again_ends_grace_but_renews_nothing() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), HTTP), secs(0));
    topic.bind_stream(&ann.member(), secs(0));
    topic.unbind_stream(&ann.member(), secs(1));
    topic.bind_stream(&ann.member(), secs(5));
    assert_eq!(goes_at(&mut topic, secs(30)), [Reason::Expired]);
}

#[test]
fn a_heartbeat_ends_the_grace_of_a_stream() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, say(at(1), HTTP), secs(0));
    topic.bind_stream(&ann.member(), secs(0));
    topic.unbind_stream(&ann.member(), secs(1));
    beat(&mut topic, &ann, Heartbeat::renew(HTTP), secs(2));
    assert_eq!(goes_at(&mut topic, secs(32)), [Reason::Expired]);
}

#[test]
fn a_delayed_leave_happens_at_its_time() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, nth(1, say(at(1), socket(1))), secs(0));
    let later = Leave {
        by: Some(connection(1)),
        ..leave_after(2, 2)
    };
    assert_eq!(topic.leave(&ann, later, secs(0)), Ok(Left::Later));
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(0));
    assert_eq!(goes_at(&mut topic, secs(2)), [Reason::Left]);
    let departure = topic.departures.after(0).next().expect("somebody left");
    assert_eq!(departure.by, Some(connection(1)));
}

#[test]
fn a_reload_does_not_flicker() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, nth(1, say(at(1), socket(1))), secs(0));
    assert_eq!(
        topic.leave(&ann, leave_after(2, 2), secs(0)),
        Ok(Left::Later)
    );
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(0));
    assert_eq!(
        beat(&mut topic, &ann, nth(3, say(at(1), socket(2))), secs(1)),
        Change::Renewed
    );
    assert_eq!(topic.advance(secs(1000)), []);
}

#[test]
fn a_leave_now_overtakes_a_delayed_one() {
    let mut topic = topic();
    let ann = person("ann", 1);
    beat(&mut topic, &ann, nth(1, say(at(1), socket(1))), secs(0));
    assert_eq!(
        topic.leave(&ann, leave_after(2, 2), secs(0)),
        Ok(Left::Later)
    );
    assert_eq!(topic.leave(&ann, leave(3), secs(1)), Ok(Left::Now));
    assert_eq!(topic.advance(secs(1000)), []);
}

#[test]
fn entries_go_in_the_order_of_time_however_late_the_visit() {
    let mut topic = topic();
    let people: Vec<Actor> = (1..=3).map(|number| person("ann", number)).collect();
    for who in &people {
        beat(&mut topic, who, say(at(1), HTTP), secs(0));
    }
    beat(&mut topic, &people[0], Heartbeat::renew(HTTP), secs(20));
    beat(&mut topic, &people[1], Heartbeat::renew(HTTP), secs(10));
    let left: Vec<u64> = topic
        .advance(secs(1000))
        .iter()
        .map(|it| it.joined)
        .collect();
    assert_eq!(left, [3, 2, 1]);
}

#[test]
fn fields_decay_each_at_its_time() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let both = Dot {
        x: 1,
        typing: true,
        waving: true,
    };
    beat(&mut topic, &ann, say(value(both), socket(1)), secs(0));
    let waving = Dot {
        typing: false,
        ..both
    };
    assert_eq!(topic.advance(millis(2_999)), []);
    assert_eq!(topic.position().sequence, 1);
    for (now, version, expected) in [
        (3, 2, waving),
        (
            5,
            3,
            Dot {
                x: 1,
                ..Dot::default()
            },
        ),
    ] {
        assert_eq!(topic.next_due(), Some(secs(now)));
        assert_eq!(topic.advance(secs(now)), []);
        let entry = topic.entry(ann.session.id).expect("present");
        assert_eq!(entry.value(), &value(expected));
        assert_eq!(entry.version(), version);
        assert_eq!(entry.changed_by(version - 1), None);
        assert_eq!(entry.updated_at(), secs(now));
    }
    assert_eq!(topic.next_due(), None);
}

#[test]
fn fields_of_one_moment_decay_together() {
    const TOGETHER: &[Decay] = &[
        Decay {
            key: "typing",
            after: TYPING,
        },
        Decay {
            key: "waving",
            after: TYPING,
        },
    ];
    let mut topic = Topic::new(SETTINGS, TOGETHER, 7);
    let ann = person("ann", 1);
    let both = Dot {
        typing: true,
        waving: true,
        ..Dot::default()
    };
    beat(&mut topic, &ann, say(value(both), socket(1)), secs(0));
    assert_eq!(topic.advance(secs(3)), []);
    assert_eq!(topic.position().sequence, 2);
    assert_eq!(
        topic.entry(ann.session.id).map(|it| it.value().clone()),
        Some(at(0))
    );
}

#[test]
fn naming_a_field_again_restarts_its_decay_and_renewing_does_not() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let typing = value(Dot {
        typing: true,
        ..Dot::default()
    });
    beat(
        &mut topic,
        &ann,
        nth(1, say(typing.clone(), socket(1))),
        secs(0),
    );
    assert_eq!(
        beat(
            &mut topic,
            &ann,
            nth(2, say(typing.clone(), socket(1))),
            secs(2)
        ),
        Change::Renewed
    );
    beat(
        &mut topic,
        &ann,
        nth(3, Heartbeat::renew(socket(1))),
        secs(4),
    );
    // An older call does not restart it either.
    assert_eq!(
        beat(&mut topic, &ann, nth(3, say(typing, socket(1))), secs(4)),
        Change::Stale
    );
    topic.advance(millis(4_999));
    assert_eq!(topic.position().sequence, 1);
    topic.advance(secs(5));
    assert_eq!(topic.position().sequence, 2);
}

#[test]
fn who_goes_at_the_moment_of_decay_just_goes() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let typing = value(Dot {
        typing: true,
        ..Dot::default()
    });
    let ttl = TYPING;
    beat(
        &mut topic,
        &ann,
        say(typing, Lease::Deadline { ttl }),
        secs(0),
    );
    assert_eq!(goes_at(&mut topic, secs(3)), [Reason::Expired]);
    assert_eq!(topic.position().sequence, 2);
}
