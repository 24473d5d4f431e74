//! Values that come faster than they are taken.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::topic::{Change, Event, Rate, Reader, Reason};

/// A topic that takes four values of a member in a second, and listens.
fn paced() -> Topic {
    let mut topic = topic();
    topic.pace(Rate::new(4, Duration::from_secs(1)));
    topic.listen();
    topic
}

fn hear(topic: &mut Topic, who: &Actor, beat: Heartbeat, now: Time) -> Change {
    topic.advance(now);
    let ack = topic.heartbeat(who, beat, now);
    ack.expect("nothing is wrong with it").change
}

/// Has said 0 to 4 at once, which is joining and as many as there may be.
fn busy(topic: &mut Topic, who: &Actor) {
    for x in 0..=4 {
        hear(topic, who, say(at(x), socket(1)), secs(0));
        assert_eq!(seen(topic, who), x);
    }
    topic.take_events();
}

fn seen(topic: &Topic, who: &Actor) -> u32 {
    let entry = topic.entry(who.session.id).expect("present");
    entry.value().read::<Dot>().expect("a dot").x
}

/// The values that were told of since, and how somebody left.
fn told(topic: &mut Topic) -> Vec<String> {
    let events = topic.take_events().into_iter();
    let text = events.map(|event| match event {
        Event::Updated { entry, .. } => {
            let dot = entry.value.read::<Dot>().expect("a dot");
            dot.x.to_string()
        }
        Event::Left { reason, .. } => format!("{reason:?}"),
        other => format!("{other:?}"),
    });
    text.collect()
}

#[test]
fn the_newest_of_those_that_come_too_fast_is_taken_at_its_time() {
    let mut topic = paced();
    let ann = person("ann", 1);
    busy(&mut topic, &ann);
    let reader = Reader::at(topic.position());
    for x in 5..100 {
        let change = hear(
            &mut topic,
            &ann,
            say(at(x), socket(1)),
            millis(u64::from(x)),
        );
        assert_eq!(change, Change::Updated);
        assert_eq!(seen(&topic, &ann), 4);
    }
    assert!(topic.part(&reader).is_none(), "nobody is told yet");
    assert_eq!(topic.next_due(), Some(millis(250)));
    topic.advance(millis(249));
    assert_eq!(seen(&topic, &ann), 4);
    topic.advance(millis(250));
    assert_eq!(seen(&topic, &ann), 99);
    let by = topic.part(&reader).expect("something").take();
    assert_eq!(by.expect("an update").by(), Some(connection(1)));
    assert_eq!(told(&mut topic), ["99"]);
    // The next one too, and after a pause as many as at first.
    hear(&mut topic, &ann, say(at(100), socket(1)), millis(260));
    topic.advance(millis(500));
    assert_eq!(seen(&topic, &ann), 100);
    for x in 200..204 {
        hear(&mut topic, &ann, say(at(x), socket(1)), secs(2));
        assert_eq!(seen(&topic, &ann), x);
    }
}

#[test]
fn each_member_has_a_pace_of_its_own_and_the_application_has_none() {
    let mut topic = paced();
    let (ann, bob) = (person("ann", 1), person("bob", 2));
    busy(&mut topic, &ann);
    hear(&mut topic, &ann, say(at(5), socket(1)), secs(0));
    busy(&mut topic, &bob);
    let at_once = Heartbeat {
        paced: false,
        ..say(at(6), socket(1))
    };
    hear(&mut topic, &ann, at_once, secs(0));
    assert_eq!(seen(&topic, &ann), 6);
    // What was held is older, and never comes.
    topic.advance(secs(1));
    assert_eq!(seen(&topic, &ann), 6);
}

#[test]
fn what_is_no_other_value_needs_no_pace_and_what_is_stale_changes_nothing() {
    let mut topic = paced();
    let ann = person("ann", 1);
    busy(&mut topic, &ann);
    let held = nth(10, say(at(5), socket(1)));
    assert_eq!(hear(&mut topic, &ann, held, secs(0)), Change::Updated);
    let stale = nth(9, say(at(6), socket(1)));
    assert_eq!(hear(&mut topic, &ann, stale, secs(0)), Change::Stale);
    let renewal = Heartbeat::renew(socket(1));
    assert_eq!(hear(&mut topic, &ann, renewal, secs(0)), Change::Renewed);
    topic.advance(millis(250));
    assert_eq!(seen(&topic, &ann), 5);
    // Back to what everybody sees, before they saw anything else.
    hear(&mut topic, &ann, say(at(6), socket(1)), millis(251));
    let back = say(at(5), socket(1));
    assert_eq!(hear(&mut topic, &ann, back, millis(252)), Change::Renewed);
    topic.advance(secs(1));
    assert_eq!(told(&mut topic), ["5"]);
}

#[test]
fn who_leaves_has_said_everything() {
    type Way = fn(&mut Topic, &Actor);
    let ways: [(Way, Reason); 4] = [
        (
            |topic, who| {
                topic.leave(who, Leave::default(), millis(9)).expect("left");
            },
            Reason::Left,
        ),
        (
            |topic, who| {
                topic.kick(who.session.id, millis(9));
            },
            Reason::Kicked,
        ),
        (|topic, _| topic.close(millis(9)), Reason::Shutdown),
        (
            |topic, who| {
                topic.disconnect(who.session.id, connection(1), Loss::Broken, millis(9));
                topic.advance(secs(11));
            },
            Reason::Disconnected,
        ),
    ];
    for (way, reason) in ways {
        let mut topic = paced();
        let ann = person("ann", 1);
        busy(&mut topic, &ann);
        hear(&mut topic, &ann, say(at(5), socket(1)), millis(1));
        way(&mut topic, &ann);
        let reason = format!("{reason:?}");
        assert_eq!(told(&mut topic), ["5", &reason, "Emptied"]);
    }
}

#[test]
fn what_decays_runs_from_when_it_was_said() {
    let mut topic = paced();
    let ann = person("ann", 1);
    busy(&mut topic, &ann);
    let typing = value(Dot {
        x: 5,
        typing: true,
        waving: false,
    });
    hear(&mut topic, &ann, say(typing, socket(1)), millis(100));
    topic.advance(millis(250));
    let is_typing = |topic: &Topic| {
        let entry = topic.entry(ann.session.id).expect("present");
        entry.value().read::<Dot>().expect("a dot").typing
    };
    assert!(is_typing(&topic));
    topic.advance(millis(3_099));
    assert!(is_typing(&topic));
    topic.advance(millis(3_100));
    assert!(!is_typing(&topic));
}

#[test]
fn who_changes_a_value_settles_it_first() {
    let mut topic = paced();
    let ann = person("ann", 1);
    busy(&mut topic, &ann);
    hear(&mut topic, &ann, say(at(5), socket(1)), millis(1));
    topic.settle(ann.session.id, millis(2));
    assert_eq!(seen(&topic, &ann), 5);
    assert!(topic.restamp(ann.session.id, at(6), millis(2)));
    topic.advance(secs(1));
    assert_eq!(told(&mut topic), ["5", "6"]);
    // It was taken before its time, and that is counted too.
    for x in 7..12 {
        hear(&mut topic, &ann, say(at(x), socket(1)), secs(1));
    }
    assert_eq!(seen(&topic, &ann), 9);
}

proptest! {
    #[test]
    fn whatever_comes_is_seen_in_order_and_soon_and_no_faster_than_the_rate(
        gaps in vec(prop_oneof![0..3_u64, 0..40_u64, 200..300_u64, 900..1_100_u64], 1..200),
        most in 1..70_usize,
    ) {
        let mut topic = topic();
        topic.pace(Rate::new(most, Duration::from_secs(1)));
        topic.listen();
        let ann = person("ann", 1);
        let soon = 1_000_u64.div_ceil(most as u64);
        let mut now = 0;
        let mut said = Vec::new();
        let mut changes = Vec::new();
        let mut look = |topic: &mut Topic, now: u64, said: &[(u64, u32)]| {
            let x = seen(topic, &ann);
            let newest = said.iter().rfind(|it| it.0 + soon <= now);
            prop_assert!(newest.is_none_or(|(_, due)| x >= *due), "{x} at {now}");
            let told = topic.take_events().len();
            changes.extend(std::iter::repeat_n(now, told));
            Ok(())
        };
        for (gap, x) in gaps.into_iter().zip(0..) {
            let until = now + gap;
            while let Some(due) = topic.next_due().filter(|it| *it <= millis(until)) {
                now = due.as_millis();
                topic.advance(due);
                look(&mut topic, now, &said)?;
            }
            now = until;
            hear(&mut topic, &ann, say(at(x), socket(1)), millis(now));
            said.push((now, x));
            look(&mut topic, now, &said)?;
        }
        topic.advance(millis(now + soon));
        prop_assert_eq!(Some(seen(&topic, &ann)), said.last().map(|it| it.1));
        // Joining is one, then as many as may come at once, and as many as come in a second.
        for window in changes.windows(2 * most + 2) {
            prop_assert!(window[2 * most + 1] - window[0] >= 990);
        }
    }
}
