//! Events: every single change, in order, once somebody listens.

use super::*;
use crate::topic::{Activity, Event, Reason, Seen};

/// What happened, shortly: who did what.
fn told(topic: &mut Topic) -> Vec<String> {
    let short = |entry: &Seen| {
        let dot = entry.value.read::<Dot>().expect("a dot");
        format!("{} {}", entry.member.user, dot.x)
    };
    let events = topic.take_events();
    let text = events.iter().map(|event| match event {
        Event::Joined { entry, first } => format!("{} joined, first: {first}", short(entry)),
        Event::Updated { entry, before } => {
            let before = before.as_ref().and_then(Value::read::<Dot>);
            format!("{} updated from {:?}", short(entry), before.map(|it| it.x))
        }
        Event::Left {
            entry,
            reason,
            last,
        } => format!("{} {reason:?}, last: {last}", short(entry)),
        Event::Emptied => "emptied".to_owned(),
    });
    text.collect()
}

#[test]
fn nothing_is_written_down_until_somebody_listens() {
    let mut topic = topic();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(0))
        .expect("joined");
    assert_eq!(topic.take_events(), []);
    topic.listen();
    topic
        .heartbeat(&ann, say(at(2), HTTP), secs(0))
        .expect("updated");
    assert_eq!(told(&mut topic), ["ann 2 updated from Some(1)"]);
    assert_eq!(topic.take_events(), []);
}

#[test]
fn what_undid_itself_is_told_all_the_same() {
    let mut topic = topic();
    topic.listen();
    let ann = person("ann", 1);
    for x in [1, 2, 1] {
        topic
            .heartbeat(&ann, say(at(x), HTTP), secs(0))
            .expect("heard");
    }
    topic.leave(&ann, Leave::default(), secs(0)).expect("left");
    assert_eq!(
        told(&mut topic),
        [
            "ann 1 joined, first: true",
            "ann 2 updated from Some(1)",
            "ann 1 updated from Some(2)",
            "ann 1 Left, last: true",
            "emptied",
        ]
    );
}

#[test]
fn a_renewal_is_no_event_and_activity_is_one_without_a_value_before() {
    let mut topic = topic();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(0))
        .expect("joined");
    topic.listen();
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(1))
        .expect("renewed");
    assert_eq!(topic.take_events(), []);
    let idle = Heartbeat {
        activity: Some(Activity::Idle),
        ..Heartbeat::renew(HTTP)
    };
    topic.heartbeat(&ann, idle, secs(1)).expect("updated");
    assert_eq!(told(&mut topic), ["ann 1 updated from None"]);
}

#[test]
fn first_and_last_are_of_the_user_at_that_very_change() {
    let mut topic = topic();
    topic.listen();
    for number in [1, 2] {
        topic
            .heartbeat(&person("ann", number), say(at(1), HTTP), secs(0))
            .expect("joined");
    }
    topic.advance(secs(30));
    assert_eq!(
        told(&mut topic),
        [
            "ann 1 joined, first: true",
            "ann 1 joined, first: false",
            "ann 1 Expired, last: false",
            "ann 1 Expired, last: true",
            "emptied",
        ]
    );
}

#[test]
fn decay_tells_the_value_before() {
    let mut topic = topic();
    topic.listen();
    let typing = value(Dot {
        typing: true,
        ..Dot::default()
    });
    topic
        .heartbeat(&person("ann", 1), say(typing.clone(), HTTP), secs(0))
        .expect("joined");
    topic.take_events();
    topic.advance(secs(3));
    let events = topic.take_events();
    let [Event::Updated { entry, before }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(before.as_ref(), Some(&typing));
    assert_eq!(entry.value, at(0));
}

#[test]
fn every_way_out_is_told_with_its_reason() {
    let mut topic = topic();
    topic.listen();
    let beat = |topic: &mut Topic, number: u128, lease| {
        let who = person(&format!("u{number}"), number);
        topic
            .heartbeat(&who, say(at(0), lease), secs(0))
            .expect("joined");
    };
    for number in 1..=4 {
        beat(&mut topic, number, socket(1));
    }
    topic.take_events();
    topic.kick(session(1).id, secs(0));
    topic.disconnect(session(2).id, connection(1), Loss::Broken, secs(0));
    topic.advance(secs(10));
    topic.close(secs(10));
    let reasons: Vec<_> = topic
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Left { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(
        reasons,
        [
            Reason::Kicked,
            Reason::Disconnected,
            Reason::Shutdown,
            Reason::Shutdown
        ]
    );
}
