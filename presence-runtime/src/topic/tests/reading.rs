//! What readers are told, in which order, and where they stand afterwards.

use super::*;
use crate::topic::{Activity, Part, Position, Reader, Told};

/// A thing told, in few words: the session's number and the value or the reason.
fn words(told: Told<'_>) -> String {
    let number = (1..=20)
        .find(|number| session(*number).id == told.member().session)
        .expect("one of the first twenty");
    match told {
        Told::Left(departure) => format!("-{number} {:?}", departure.reason),
        Told::Joined(entry) => format!("+{number} {}", x(entry.value())),
        Told::Updated { entry, since } => format!("{number} {} since {since}", x(entry.value())),
    }
}

fn x(value: &Value) -> u32 {
    value.read::<Dot>().expect("a dot").x
}

/// At most so many things of a part, and where the reader stands then.
fn take(mut part: Part<'_>, most: usize) -> (Vec<String>, Reader) {
    let mut things = Vec::new();
    while things.len() < most
        && let Some(told) = part.take()
    {
        things.push(words(told));
    }
    (things, part.stop())
}

/// The rest of what the reader is told, which then rests at the topic's position.
fn rest(topic: &Topic, reader: Reader) -> Vec<String> {
    let part = topic.part(&reader).expect("there is something to tell");
    let (things, reader) = take(part, usize::MAX);
    assert_eq!(reader.position(), Some(topic.position()));
    assert!(topic.part(&reader).is_none());
    things
}

fn told_since(topic: &Topic, sequence: u64) -> Vec<String> {
    let reader = reader_at(topic, sequence);
    let part = topic.part(&reader).expect("there is something to tell");
    assert!(!part.is_snapshot());
    rest(topic, reader)
}

fn reader_at(topic: &Topic, sequence: u64) -> Reader {
    Reader::at(Position {
        sequence,
        ..topic.position()
    })
}

fn set(topic: &mut Topic, number: u128, x: u32) {
    let who = person("ann", number);
    let ack = topic.heartbeat(&who, say(at(x), socket(1)), secs(0));
    ack.expect("nothing is wrong with it");
}

fn go(topic: &mut Topic, number: u128) {
    let who = person("ann", number);
    let left = topic.leave(&who, Leave::default(), secs(0));
    assert_eq!(left, Ok(Left::Now));
}

fn be_idle(topic: &mut Topic, number: u128) {
    let idle = Heartbeat {
        activity: Some(Activity::Idle),
        ..Heartbeat::renew(socket(1))
    };
    let ack = topic.heartbeat(&person("ann", number), idle, secs(0));
    ack.expect("nothing is wrong with it");
}

#[test]
fn a_reader_that_has_nothing_gets_a_snapshot_even_of_nobody() {
    let mut topic = topic();
    let part = topic.part(&Reader::NOTHING).expect("a snapshot");
    assert!(part.is_snapshot());
    assert_eq!(rest(&topic, Reader::default()), [""; 0]);
    set(&mut topic, 1, 10);
    set(&mut topic, 2, 20);
    set(&mut topic, 1, 11);
    assert_eq!(rest(&topic, Reader::NOTHING), ["+1 11", "+2 20"]);
}

#[test]
fn a_reader_learns_who_left_then_who_joined_then_who_changed() {
    let mut topic = topic();
    for number in 1..=4 {
        set(&mut topic, number, 0);
    }
    set(&mut topic, 3, 33);
    set(&mut topic, 5, 0);
    go(&mut topic, 2);
    set(&mut topic, 1, 11);
    set(&mut topic, 5, 55);
    go(&mut topic, 4);
    assert_eq!(
        told_since(&topic, 4),
        [
            "-2 Left",
            "-4 Left",
            "+5 55",
            "3 33 since 4",
            "1 11 since 4"
        ]
    );
    assert_eq!(
        told_since(&topic, 7),
        ["-4 Left", "1 11 since 7", "5 55 since 7"]
    );
}

#[test]
fn who_came_and_went_is_not_mentioned() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    set(&mut topic, 2, 0);
    go(&mut topic, 2);
    assert_eq!(told_since(&topic, 1), [""; 0]);
}

#[test]
fn who_left_and_returned_is_told_twice() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    go(&mut topic, 1);
    set(&mut topic, 1, 1);
    assert_eq!(told_since(&topic, 1), ["-1 Left", "+1 1"]);
    // Gone and back twice is no more than that.
    go(&mut topic, 1);
    set(&mut topic, 1, 2);
    assert_eq!(told_since(&topic, 1), ["-1 Left", "+1 2"]);
}

#[test]
fn a_reader_of_another_order_gets_a_snapshot() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    let now = topic.position();
    let another_epoch = Position {
        epoch: now.epoch + 1,
        ..now
    };
    let the_future = Position {
        sequence: now.sequence + 1,
        ..now
    };
    for position in [another_epoch, the_future] {
        let part = topic.part(&position.into()).expect("a snapshot");
        assert!(part.is_snapshot(), "{position:?}");
    }
}

#[test]
fn a_reader_below_the_floor_gets_a_snapshot() {
    let mut topic = topic();
    for _ in 0..=256 {
        set(&mut topic, 1, 0);
        go(&mut topic, 1);
    }
    // Of 257 departures at 2, 4, 6 … the first is forgotten.
    let is_snapshot = |sequence| {
        let part = topic.part(&reader_at(&topic, sequence));
        part.expect("something to tell").is_snapshot()
    };
    assert!(is_snapshot(1));
    assert!(!is_snapshot(2));
}

#[test]
fn a_run_tells_nobody_who_joined_or_left_after_it_started() {
    let mut topic = topic();
    for number in 1..=3 {
        set(&mut topic, number, 0);
    }
    let part = topic.part(&Reader::NOTHING).expect("a snapshot");
    let (things, reader) = take(part, 1);
    assert_eq!(things, ["+1 0"]);
    assert!(reader.is_between());
    assert_eq!(reader.position(), None);

    set(&mut topic, 4, 0);
    set(&mut topic, 3, 33);
    go(&mut topic, 1);
    let part = topic.part(&reader).expect("the rest");
    assert!(part.is_snapshot());
    let (things, reader) = take(part, 10);
    assert_eq!(things, ["+2 0", "+3 33"]);
    assert_eq!(reader, reader_at(&topic, 3));
    assert_eq!(rest(&topic, reader), ["-1 Left", "+4 0", "3 33 since 3"]);
}

#[test]
fn a_run_can_be_stopped_after_every_thing() {
    let mut topic = topic();
    for number in 1..=4 {
        set(&mut topic, number, 0);
    }
    go(&mut topic, 1);
    set(&mut topic, 5, 0);
    go(&mut topic, 2);
    set(&mut topic, 6, 0);
    set(&mut topic, 4, 1);
    set(&mut topic, 3, 1);
    let whole = told_since(&topic, 4);
    assert_eq!(whole.len(), 6);
    let (mut pieces, mut reader) = (Vec::new(), reader_at(&topic, 4));
    while let Some(part) = topic.part(&reader) {
        let (things, next) = take(part, 1);
        assert_eq!(things.len(), 1);
        pieces.extend(things);
        reader = next;
    }
    assert_eq!(pieces, whole);
}

#[test]
fn looking_is_not_taking() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    let mut part = topic.part(&Reader::NOTHING).expect("a snapshot");
    for _ in 0..2 {
        assert_eq!(part.peek().map(words).as_deref(), Some("+1 0"));
    }
    let reader = part.stop();
    assert!(reader.is_between());
    assert_eq!(rest(&topic, reader), ["+1 0"]);
}

#[test]
fn who_changes_again_during_a_run_loses_no_change() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    set(&mut topic, 2, 0);
    set(&mut topic, 1, 1);
    be_idle(&mut topic, 2);
    let part = topic.part(&reader_at(&topic, 2)).expect("changes");
    let (things, reader) = take(part, 1);
    assert_eq!(things, ["1 1 since 2"]);
    assert!(reader.is_between());

    // What the run was to tell of 2 is its activity, and 2 moves beyond the run by its value.
    set(&mut topic, 2, 2);
    let part = topic.part(&reader).expect("the rest");
    let (things, reader) = take(part, 10);
    assert_eq!(things, ["2 2 since 2"]);
    assert_eq!(reader, reader_at(&topic, 4));
    assert_eq!(rest(&topic, reader), ["2 2 since 4"]);
}

#[test]
fn who_moved_on_during_a_run_is_told_in_parts_too() {
    let mut topic = topic();
    for number in 1..=4 {
        set(&mut topic, number, 0);
    }
    for number in 1..=4 {
        be_idle(&mut topic, number);
    }
    let part = topic.part(&reader_at(&topic, 4)).expect("changes");
    let (things, mut reader) = take(part, 1);
    assert_eq!(things, ["1 0 since 4"]);
    for number in [4, 2, 3] {
        set(&mut topic, number, 1);
    }
    for expected in ["2 1 since 4", "3 1 since 4", "4 1 since 4"] {
        let part = topic.part(&reader).expect("the rest");
        let (things, next) = take(part, 1);
        assert_eq!(things, [expected]);
        // Whatever they do next has its turn in the next run.
        set(&mut topic, 2, 2);
        reader = next;
    }
    assert_eq!(reader, reader_at(&topic, 8));
}

#[test]
fn a_run_ends_however_fast_everybody_changes() {
    let mut topic = topic();
    for number in 1..=5 {
        set(&mut topic, number, 0);
    }
    for number in 1..=5 {
        be_idle(&mut topic, number);
    }
    let mut reader = reader_at(&topic, 5);
    for round in 1..=10 {
        let part = topic.part(&reader).expect("the rest");
        let (things, next) = take(part, 1);
        assert_eq!(things.len(), 1);
        reader = next;
        if !reader.is_between() {
            break;
        }
        for number in 1..=5 {
            set(&mut topic, number, round);
        }
    }
    assert_eq!(reader, reader_at(&topic, 10));
}

#[test]
fn a_run_whose_departures_are_forgotten_starts_over() {
    let mut topic = topic();
    for number in 1..=3 {
        set(&mut topic, number, 0);
    }
    go(&mut topic, 1);
    go(&mut topic, 2);
    let part = topic.part(&reader_at(&topic, 3)).expect("changes");
    let (things, reader) = take(part, 1);
    assert_eq!(things, ["-1 Left"]);
    for _ in 0..256 {
        set(&mut topic, 4, 0);
        go(&mut topic, 4);
    }
    let part = topic.part(&reader).expect("a snapshot");
    assert!(part.is_snapshot());
    assert_eq!(rest(&topic, reader), ["+3 0"]);
}

#[test]
fn a_run_past_the_departures_goes_on_without_them() {
    let mut topic = topic();
    set(&mut topic, 1, 0);
    set(&mut topic, 2, 0);
    set(&mut topic, 3, 0);
    let part = topic.part(&reader_at(&topic, 1)).expect("changes");
    let (things, reader) = take(part, 1);
    assert_eq!(things, ["+2 0"]);
    for _ in 0..=256 {
        set(&mut topic, 4, 0);
        go(&mut topic, 4);
    }
    let part = topic.part(&reader).expect("the rest");
    assert!(!part.is_snapshot());
    let (things, reader) = take(part, 10);
    assert_eq!(things, ["+3 0"]);
    // Only now it is too far behind to be told the difference.
    let part = topic.part(&reader).expect("a snapshot");
    assert!(part.is_snapshot());
}

#[test]
fn everything_told_names_whose_message_caused_it() {
    let mut topic = topic();
    let (ann, bob, cid) = (person("ann", 1), person("bob", 2), person("cid", 3));
    for who in [&ann, &bob, &cid] {
        let ack = topic.heartbeat(who, say(at(0), socket(1)), secs(0));
        ack.expect("nothing is wrong with it");
    }
    let by = Some(connection(8));
    topic
        .leave(&ann, Leave { by, ..leave(9) }, secs(0))
        .expect("it is hers");
    let typing = value(Dot {
        typing: true,
        ..Dot::default()
    });
    for (who, number) in [(&bob, 9), (&cid, 10)] {
        let ack = topic.heartbeat(who, say(typing.clone(), socket(number)), secs(number));
        ack.expect("nothing is wrong with it");
    }
    topic.advance(secs(12));
    let reader = reader_at(&topic, 3);
    let mut part = topic.part(&reader).expect("changes");
    let by: Vec<_> = std::iter::from_fn(|| part.take())
        .map(|it| it.by())
        .collect();
    // The decay of what bob typed is nobody's message.
    assert_eq!(by, [Some(connection(8)), Some(connection(10)), None]);
}

#[test]
fn what_a_connection_did_beside_what_the_server_did_is_not_its_own_doing_alone() {
    let mut topic = topic();
    let dot = Dot {
        typing: true,
        ..Dot::default()
    };
    let joined = topic.heartbeat(&person("ann", 1), say(value(dot), socket(1)), secs(0));
    joined.expect("nothing is wrong with it");
    let known = topic.position().sequence;
    // It decays, and becomes idle before anybody was told.
    topic.advance(secs(0) + TYPING);
    let idle = Heartbeat {
        activity: Some(Activity::Idle),
        by: Some(connection(1)),
        ..Heartbeat::renew(socket(1))
    };
    let done = topic.heartbeat(&person("ann", 1), idle, secs(4));
    done.expect("nothing is wrong with it");
    let by = |since| {
        let reader = reader_at(&topic, since);
        let mut part = topic.part(&reader).expect("there is something to tell");
        part.take().expect("a change").by()
    };
    assert_eq!(by(known), None, "it has to be told that it decayed");
    assert_eq!(by(known + 1), Some(connection(1)));
    assert_eq!(by(0), None);
}
