//! What the server does to an entry because it knows its owner better.

use super::*;
use crate::topic::{Change, Reader, Reason, Refusal};

#[test]
fn a_restamp_changes_the_value_and_nothing_else() {
    let mut topic = topic();
    let ann = person("ann", 1);
    let session = ann.session.id;
    let typing = value(Dot {
        typing: true,
        ..Dot::default()
    });
    let beat = nth(7, say(typing, HTTP));
    topic.heartbeat(&ann, beat, secs(0)).expect("a heartbeat");
    let reader = Reader::at(topic.position());

    let restamped = Dot {
        x: 9,
        typing: true,
        ..Dot::default()
    };
    assert!(topic.restamp(session, value(restamped), secs(1)));
    let entry = topic.entry(session).expect("present");
    assert_eq!(entry.value().read::<Dot>().map(|it| it.x), Some(9));
    assert_eq!(entry.expires_in(secs(1)), Some(Duration::from_secs(29)));
    // Everybody hears of it, the owner too.
    let mut part = topic.part(&reader).expect("something new");
    let told = part.take().expect("an update");
    assert_eq!(told.by(), None);

    // The order of messages goes on where it was, and so does what decays.
    let ack = topic.heartbeat(&ann, nth(7, say(at(1), HTTP)), secs(1));
    assert_eq!(ack.map(|it| it.change), Ok(Change::Stale));
    topic.advance(secs(0) + DECAYS[0].after);
    let entry = topic.entry(session).expect("present");
    assert_eq!(
        entry.value().read::<Dot>().map(|it| (it.x, it.typing)),
        Some((9, false))
    );
}

#[test]
fn a_restamp_with_the_same_value_and_one_of_nobody_are_no_changes() {
    let mut topic = topic();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(0))
        .expect("a heartbeat");
    let position = topic.position();
    assert!(!topic.restamp(ann.session.id, at(1), secs(1)));
    assert!(!topic.restamp(session(2).id, at(2), secs(1)));
    assert_eq!(topic.position(), position);
}

#[test]
fn who_is_dismissed_may_come_back_at_once() {
    let mut topic = topic();
    let ann = person("ann", 1);
    topic
        .heartbeat(&ann, say(at(1), HTTP), secs(0))
        .expect("a heartbeat");
    assert!(topic.dismiss(ann.session.id, secs(1)));
    assert!(!topic.dismiss(ann.session.id, secs(1)));
    let departure = topic.departures_after(0).next().expect("somebody left");
    assert_eq!(departure.reason, Reason::Kicked);
    let renewed = topic.heartbeat(&ann, Heartbeat::renew(HTTP), secs(1));
    assert_eq!(renewed, Err(Refusal::NotPresent));
    let back = topic.heartbeat(&ann, say(at(1), HTTP), secs(1));
    assert_eq!(back.map(|it| it.change), Ok(Change::Joined));
}
