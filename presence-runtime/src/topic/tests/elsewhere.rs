//! Members at other nodes, and what other nodes are told.

use std::sync::Arc;

use super::*;
use crate::topic::{
    Activity, Change, Elsewhere, Event, Lease, Member, News, Rate, Reader, Reason, Said, Taken,
    Told,
};

/// What another node says of a person with a dot at `x`.
fn said(who: &Actor, n: u64, x: u32) -> Elsewhere {
    Elsewhere {
        member: who.member(),
        digest: who.session.digest,
        n,
        said: Said::all(n),
        value: at(x),
        set_at: secs(0),
        activity: Activity::Active,
        following: Arc::new([]),
        hidden: false,
        joined_at: secs(0),
    }
}

fn published() -> Topic {
    let mut topic = topic();
    topic.publish();
    topic
}

fn gone(who: &Actor, n: u64, reason: Reason) -> News {
    let member = who.member();
    News::Gone {
        member,
        n,
        reason,
        last: None,
    }
}

fn told(topic: &Topic, reader: &mut Reader) -> Vec<(&'static str, Member)> {
    let Some(mut part) = topic.part(reader) else {
        return Vec::new();
    };
    let all = std::iter::from_fn(|| part.take());
    let told = all.map(|told| {
        let what = match told {
            Told::Left(_) => "left",
            Told::Joined(_) => "joined",
            Told::Updated { .. } => "updated",
        };
        (what, told.member().clone())
    });
    let told = told.collect();
    *reader = part.stop();
    told
}

#[test]
fn members_elsewhere_are_seen_and_are_no_news() {
    let (mut topic, mut reader) = (published(), Reader::NOTHING);
    let ann = person("ann", 1);
    assert_eq!(topic.hear_elsewhere(said(&ann, 1, 5), secs(0)), Taken::Here);
    assert_eq!(told(&topic, &mut reader), [("joined", ann.member())]);
    assert_eq!(topic.hear_elsewhere(said(&ann, 2, 6), secs(1)), Taken::Here);
    assert_eq!(told(&topic, &mut reader), [("updated", ann.member())]);
    // The same again is no change.
    topic.hear_elsewhere(said(&ann, 3, 6), secs(1));
    assert_eq!(told(&topic, &mut reader), []);
    assert_eq!((topic.counts().members, topic.elsewhere()), (1, 1));
    assert!(topic.lose_elsewhere(&ann.member(), 3, Reason::Left, secs(2)));
    assert_eq!(told(&topic, &mut reader), [("left", ann.member())]);
    assert_eq!((topic.counts().members, topic.elsewhere()), (0, 0));
    assert!(!topic.has_news());
}

#[test]
fn what_happens_here_is_news_once_however_often_it_changes() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 2));
    for x in 0..3 {
        topic
            .heartbeat(&ann, say(at(x), HTTP), secs(0))
            .expect("a beat");
    }
    topic
        .heartbeat(&bo, nth(7, say(at(1), HTTP)), secs(0))
        .expect("a beat");
    topic.leave(&bo, leave(8), secs(1)).expect("leaves");
    let news = topic.take_news();
    assert_eq!(news.len(), 2);
    assert!(news.contains(&News::Present(ann.session.id)));
    assert!(news.contains(&gone(&bo, 8, Reason::Left)));
    assert!(!topic.has_news());
    // A renewal is no news; a value that decays is.
    topic
        .heartbeat(&ann, Heartbeat::renew(HTTP), secs(1))
        .expect("a beat");
    assert!(!topic.has_news());
    topic.advance(secs(31));
    assert_eq!(topic.take_news(), [gone(&ann, 4, Reason::Expired)]);
    // Asked anew, everybody who is here is news, and nobody else.
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(40))
        .expect("a beat");
    topic.hear_elsewhere(said(&bo, 9, 1), secs(40));
    topic.take_news();
    topic.publish();
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
}

#[test]
fn a_member_that_comes_over_neither_joins_nor_leaves() {
    let (mut topic, mut reader) = (published(), Reader::NOTHING);
    topic.listen();
    let ann = person("ann", 1);
    topic.hear_elsewhere(said(&ann, 5, 1), secs(0));
    told(&topic, &mut reader);
    let late = topic.heartbeat(&ann, nth(5, say(at(9), HTTP)), secs(1));
    assert_eq!(late.expect("an answer").change, Change::Stale);
    assert_eq!(topic.elsewhere(), 1);
    let ack = topic.heartbeat(&ann, nth(6, Heartbeat::renew(socket(1))), secs(1));
    assert_eq!(ack.expect("an answer").change, Change::Renewed);
    assert_eq!(told(&topic, &mut reader), []);
    assert_eq!(topic.elsewhere(), 0);
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
    // It went on at the other node: what is older is not heard, what is newer is.
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 5, 3), secs(2)),
        Taken::Older
    );
    assert!(!topic.lose_elsewhere(&ann.member(), 5, Reason::Disconnected, secs(2)));
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 7, 1), secs(2)),
        Taken::Over(socket(1))
    );
    assert!(!topic.has_news());
    // The end of the connection it had here changes nothing.
    topic.disconnect(ann.session.id, connection(1), Loss::Broken, secs(3));
    topic.advance(secs(100));
    assert_eq!(told(&topic, &mut reader), []);
    assert_eq!(topic.counts().members, 1);
    assert_eq!(topic.take_events(), [], "hooks hear of it where it is");
}

#[test]
fn who_says_leave_here_is_gone_everywhere() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 2));
    topic.hear_elsewhere(said(&ann, 5, 1), secs(0));
    topic.hear_elsewhere(said(&bo, 5, 1), secs(0));
    assert_eq!(topic.leave(&ann, leave(5), secs(1)), Ok(Left::Stale));
    assert_eq!(topic.leave(&ann, leave(6), secs(1)), Ok(Left::Now));
    assert_eq!(topic.take_news(), [gone(&ann, 6, Reason::Left)]);
    // Late news of it does not bring it back.
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 5, 1), secs(2)),
        Taken::Older
    );
    assert_eq!(topic.take_news(), [gone(&ann, 6, Reason::Left)]);
    // A page that ends is this node's until then.
    assert_eq!(
        topic.leave(&bo, leave_after(6, 2), secs(2)),
        Ok(Left::Later)
    );
    assert_eq!(topic.take_news(), [News::Present(bo.session.id)]);
    topic.advance(secs(4));
    assert_eq!(topic.take_news(), [gone(&bo, 6, Reason::Left)]);
    assert_eq!(topic.counts().members, 0);
}

#[test]
fn ownership_is_checked_of_members_elsewhere() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 1));
    topic.hear_elsewhere(said(&ann, 5, 1), secs(0));
    let taken = topic.heartbeat(&bo, nth(9, say(at(1), HTTP)), secs(1));
    assert_eq!(taken, Err(Refusal::SessionTaken));
    assert_eq!(
        topic.leave(&bo, leave(9), secs(1)),
        Err(Refusal::SessionTaken)
    );
    assert_eq!((topic.elsewhere(), topic.has_news()), (1, false));
}

#[test]
fn values_elsewhere_decay_there_and_here_once_they_came_over() {
    let mut topic = published();
    let ann = person("ann", 1);
    let typing = Dot {
        x: 1,
        typing: true,
        waving: false,
    };
    let typing = Elsewhere {
        value: value(typing),
        set_at: secs(9),
        ..said(&ann, 5, 1)
    };
    topic.hear_elsewhere(typing.clone(), secs(10));
    topic.advance(secs(20));
    let is = |topic: &Topic| topic.entry(ann.session.id).map(|it| it.value().decaying());
    assert_eq!(is(&topic), Some(1), "its node says when");
    // Said again there, and moved by a bare renewal: as old as it was.
    let again = Elsewhere {
        set_at: secs(20),
        n: 6,
        said: Said::all(6),
        ..typing
    };
    topic.hear_elsewhere(again, secs(20));
    topic
        .heartbeat(&ann, Heartbeat::renew(socket(1)), secs(21))
        .expect("a beat");
    topic.advance(secs(22));
    assert_eq!(is(&topic), Some(1));
    topic.advance(secs(23));
    assert_eq!(is(&topic), Some(0));
}

#[test]
fn who_is_in_doubt_goes_unless_heard_of() {
    let mut topic = published();
    let people: Vec<_> = (1..=3).map(|it| person("ann", it)).collect();
    for who in &people {
        topic.hear_elsewhere(said(who, 1, 1), secs(0));
    }
    topic.doubt_elsewhere(|it| it == people[0].session.id, secs(8));
    topic.hear_elsewhere(said(&people[1], 1, 1), secs(5));
    let left = topic.advance(secs(8));
    let left: Vec<_> = left.into_iter().map(|it| (it.member, it.reason)).collect();
    assert_eq!(left, [(people[2].member(), Reason::Disconnected)]);
    assert_eq!(
        topic.retain_elsewhere(|it| it == people[1].session.id, secs(9)),
        1
    );
    assert_eq!((topic.counts().members, topic.elsewhere()), (1, 1));
    assert!(!topic.has_news());
}

#[test]
fn a_topic_with_nobody_here_is_empty_and_a_node_that_goes_takes_nobody_with_it() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 2));
    topic.hear_elsewhere(said(&ann, 1, 1), secs(0));
    assert!(topic.is_empty());
    topic
        .heartbeat(&bo, say(at(1), socket(1)), secs(0))
        .expect("a beat");
    assert!(!topic.is_empty());
    topic.close(secs(1));
    assert!(!topic.has_news());
}

#[test]
fn hooks_hear_of_those_who_are_here_and_count_users_everywhere() {
    let mut topic = published();
    topic.listen();
    let (there, here) = (person("ann", 1), person("ann", 2));
    topic.hear_elsewhere(said(&there, 1, 1), secs(0));
    topic
        .heartbeat(&here, say(at(1), HTTP), secs(0))
        .expect("a beat");
    let events = topic.take_events();
    assert!(
        matches!(&events[..], [Event::Joined { entry, first: false }] if entry.member == here.member()),
        "{events:?}"
    );
    topic
        .leave(&here, Leave::default(), secs(1))
        .expect("leaves");
    let events = topic.take_events();
    assert!(
        matches!(&events[..], [Event::Left { last: false, .. }]),
        "{events:?}"
    );
}

#[test]
fn who_was_kicked_here_is_not_brought_back_by_late_news() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic.kick(ann.session.id, secs(0));
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 1, 1), secs(1)),
        Taken::Older
    );
    topic.advance(secs(61));
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 1, 1), secs(61)),
        Taken::Here
    );
    assert_eq!(
        topic.entry(ann.session.id).map(|it| it.lease()),
        Some(Lease::Node)
    );
}

#[test]
fn what_was_said_last_is_kept_whichever_node_heard_it() {
    let (mut topic, mut reader) = (published(), Reader::NOTHING);
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, nth(1, say(at(1), HTTP)), secs(0))
        .expect("a beat");
    // A renewal overtook the value, which another node heard.
    topic
        .heartbeat(&ann, nth(6, Heartbeat::renew(HTTP)), secs(1))
        .expect("a beat");
    topic.take_news();
    told(&topic, &mut reader);
    let x = |topic: &Topic| topic.entry(ann.session.id).map(|it| it.value() == &at(4));
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 4, 4), secs(1)),
        Taken::Older
    );
    assert_eq!(
        x(&topic),
        Some(true),
        "it is here still, with its last value"
    );
    assert_eq!(topic.elsewhere(), 0);
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
    assert_eq!(told(&topic, &mut reader), [("updated", ann.member())]);
    // The other way round: the renewal went elsewhere, where the value was not heard.
    let renewed = Elsewhere {
        n: 7,
        ..said(&ann, 1, 1)
    };
    assert_eq!(topic.hear_elsewhere(renewed, secs(2)), Taken::Over(HTTP));
    assert_eq!(x(&topic), Some(true));
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
    let whole = Elsewhere {
        n: 7,
        ..said(&ann, 4, 4)
    };
    assert_eq!(topic.hear_elsewhere(whole, secs(2)), Taken::Here);
    assert_eq!((topic.elsewhere(), topic.has_news()), (1, false));
    // What was known before it changes nothing.
    topic.hear_elsewhere(said(&ann, 3, 3), secs(3));
    assert!(!topic.has_news());
    assert_eq!(x(&topic), Some(true));
    assert_eq!(told(&topic, &mut reader), []);
}

#[test]
fn a_leave_of_somebody_who_is_not_here_is_told() {
    let mut topic = published();
    let ann = person("ann", 1);
    assert_eq!(topic.leave(&ann, leave(6), secs(1)), Ok(Left::Absent));
    assert_eq!(topic.take_news(), [gone(&ann, 6, Reason::Left)]);
}

#[test]
fn who_left_elsewhere_before_anybody_here_heard_is_gone() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 2));
    topic
        .heartbeat(&ann, nth(5, say(at(1), HTTP)), secs(0))
        .expect("a beat");
    topic
        .heartbeat(&bo, nth(5, say(at(1), HTTP)), secs(0))
        .expect("a beat");
    topic.take_news();
    assert!(topic.concede(&ann.member(), 6, Reason::Expired, secs(1)));
    assert_eq!((topic.counts().members, topic.has_news()), (1, false));
    let why: Vec<_> = topic.departures_after(0).map(|it| it.reason).collect();
    assert_eq!(why, [Reason::Expired]);
    // What is newer here is said again.
    assert!(!topic.concede(&bo.member(), 4, Reason::Expired, secs(1)));
    assert_eq!(topic.take_news(), [News::Present(bo.session.id)]);
}

#[test]
fn who_is_not_known_to_be_here_is_said_to_be() {
    let mut topic = published();
    let (ann, bo) = (person("ann", 1), person("bo", 2));
    for who in [&ann, &bo] {
        topic
            .heartbeat(who, say(at(1), HTTP), secs(0))
            .expect("a beat");
    }
    topic.take_news();
    topic.say_unknown(|entry| *entry.member() == ann.member());
    assert_eq!(topic.take_news(), [News::Present(bo.session.id)]);
}

#[test]
fn who_renews_and_may_have_said_more_elsewhere_says_it_again() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic.hear_elsewhere(said(&ann, 5, 1), secs(0));
    topic.doubt_elsewhere(|_| false, secs(8));
    let renewed = topic.heartbeat(&ann, nth(6, Heartbeat::renew(HTTP)), secs(1));
    assert_eq!(renewed, Err(Refusal::NotPresent));
    let late = topic.heartbeat(&ann, nth(5, Heartbeat::renew(HTTP)), secs(1));
    assert_eq!(late.expect("an answer").change, Change::Stale);
    let again = topic.heartbeat(&ann, nth(7, say(at(2), HTTP)), secs(1));
    assert_eq!(again.expect("an answer").change, Change::Updated);
    assert_eq!(topic.elsewhere(), 0);
}

#[test]
fn that_somebody_left_is_told_again_to_whoever_has_them_still() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic.leave(&ann, leave(6), secs(1)).expect("leaves");
    topic.take_news();
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 5, 1), secs(2)),
        Taken::Older
    );
    assert_eq!(topic.take_news(), [gone(&ann, 6, Reason::Left)]);
    // What is heard late of an earlier end does not make less of it.
    topic.lose_elsewhere(&ann.member(), 4, Reason::Left, secs(3));
    assert_eq!(
        topic.hear_elsewhere(said(&ann, 5, 1), secs(3)),
        Taken::Older
    );
    // Who did not say so may be there indeed.
    let bo = person("bo", 2);
    topic.take_news();
    topic.lose_elsewhere(&bo.member(), 6, Reason::Disconnected, secs(3));
    assert_eq!(topic.hear_elsewhere(said(&bo, 5, 1), secs(3)), Taken::Older);
    assert!(!topic.has_news());
}

#[test]
fn who_was_elsewhere_since_and_is_gone_there_is_gone_here() {
    for reason in [Reason::Left, Reason::Disconnected, Reason::Expired] {
        let mut topic = published();
        let ann = person("ann", 1);
        topic
            .heartbeat(&ann, nth(5, say(at(1), HTTP)), secs(0))
            .expect("a beat");
        topic.take_news();
        // What is no newer than what is known here may not have heard of it.
        assert!(!topic.lose_elsewhere(&ann.member(), 5, reason, secs(1)));
        assert!(topic.lose_elsewhere(&ann.member(), 6, reason, secs(1)));
        assert!(!topic.has_news(), "whoever says so has told others");
        let renewed = topic.heartbeat(&ann, nth(7, Heartbeat::renew(HTTP)), secs(1));
        assert_eq!(renewed, Err(Refusal::NotPresent), "they may have said more");
    }
}

/// Seed 54 of the simulation of nodes.
#[test]
fn who_was_elsewhere_for_long_and_leaves_here_later_stays_until_then() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic.hear_elsewhere(said(&ann, 5, 1), secs(0));
    let later = secs(3_600);
    assert_eq!(topic.leave(&ann, leave_after(6, 5), later), Ok(Left::Later));
    assert!(topic.advance(secs(3_604)).is_empty());
    let left = topic.advance(secs(3_605));
    assert_eq!(left[0].reason, Reason::Left);
}

#[test]
fn a_node_that_has_forgotten_what_its_member_said_is_told() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic.hear_elsewhere(said(&ann, 6, 6), secs(0));
    let before = Elsewhere {
        n: 7,
        ..said(&ann, 5, 5)
    };
    topic.hear_elsewhere(before.clone(), secs(1));
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
    let entry = topic.entry(ann.session.id).expect("an entry");
    assert_eq!(
        (entry.n(), entry.said(), entry.value()),
        (7, Said::all(6), &at(6))
    );
    // What is late says nothing about its node.
    topic.hear_elsewhere(said(&ann, 5, 5), secs(2));
    assert!(!topic.has_news());
}

#[test]
fn every_part_is_from_the_message_that_said_it_last() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, nth(1, say(at(1), HTTP)), secs(0))
        .expect("a beat");
    let idle = Heartbeat {
        activity: Some(Activity::Idle),
        ..Heartbeat::renew(HTTP)
    };
    topic
        .heartbeat(&ann, nth(6, idle), secs(0))
        .expect("a beat");
    topic.take_news();
    // A value that another node heard before this one heard that she is idle.
    let value = Elsewhere {
        said: Said {
            value: 5,
            ..Said::all(1)
        },
        ..said(&ann, 5, 5)
    };
    assert_eq!(topic.hear_elsewhere(value, secs(1)), Taken::Older);
    let is = |topic: &Topic| {
        let entry = topic.entry(ann.session.id).expect("an entry");
        (entry.value().clone(), entry.activity(), entry.said())
    };
    let both = Said {
        value: 5,
        activity: 6,
        following: 1,
    };
    assert_eq!(is(&topic), (at(5), Activity::Idle, both));
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
    // At another node by now, which knows of the value alone.
    let value = Elsewhere {
        said: Said {
            value: 7,
            ..Said::all(1)
        },
        ..said(&ann, 7, 7)
    };
    assert_eq!(topic.hear_elsewhere(value, secs(2)), Taken::Over(HTTP));
    let both = Said { value: 7, ..both };
    assert_eq!(is(&topic), (at(7), Activity::Idle, both));
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
}

#[test]
fn a_value_that_was_held_when_its_member_went_elsewhere_is_not_lost() {
    let mut topic = published();
    topic.pace(Rate::new(1, Duration::from_secs(1)));
    let ann = person("ann", 1);
    for n in 1..=3 {
        let x = u32::try_from(n).expect("small");
        topic
            .heartbeat(&ann, nth(n, say(at(x), HTTP)), secs(0))
            .expect("a beat");
    }
    let entry = topic.entry(ann.session.id).expect("an entry");
    assert_eq!((entry.n(), entry.said().value), (3, 2), "it is held");
    topic.take_news();
    let moved = Elsewhere {
        n: 4,
        ..said(&ann, 2, 2)
    };
    assert_eq!(topic.hear_elsewhere(moved, secs(0)), Taken::Over(HTTP));
    let entry = topic.entry(ann.session.id).expect("an entry");
    assert_eq!((entry.said().value, entry.value()), (3, &at(3)));
    assert_eq!(topic.take_news(), [News::Present(ann.session.id)]);
}

/// Seed 1177 of the simulation of nodes: the engine was slow, so that nothing was told before the lease was over.
#[test]
fn what_nobody_was_told_of_who_is_taken_for_gone_is_told_with_that() {
    let mut topic = published();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, nth(5, say(at(5), HTTP)), secs(0))
        .expect("a beat");
    topic.advance(secs(40));
    let news = topic.take_news();
    let [News::Gone { last, .. }] = &news[..] else {
        panic!("one is gone: {news:?}");
    };
    let last = last.as_ref().expect("nobody was told");
    assert_eq!((last.said, &last.value), (Said::all(5), &at(5)));
    // What was told is not told again, and who says that they leave has nothing more to say.
    for leaves in [false, true] {
        topic
            .heartbeat(&ann, say(at(6), HTTP), secs(50))
            .expect("a beat");
        if leaves {
            topic
                .leave(&ann, Leave::default(), secs(51))
                .expect("leaves");
        } else {
            topic.take_news();
            topic.advance(secs(90));
        }
        let news = topic.take_news();
        assert!(
            matches!(&news[..], [News::Gone { last: None, .. }]),
            "{news:?}"
        );
    }
}
