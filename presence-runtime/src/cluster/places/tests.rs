use super::*;

fn at(sequence: u64) -> At {
    At { epoch: 7, sequence }
}

/// The next one to read, which is this one from here.
fn next(places: &Places, topic: &TopicName, from: Option<At>) -> Reading {
    let reading = places.next_unread().expect("something is unread");
    assert_eq!((&reading.topic, reading.from), (topic, from));
    reading
}

#[test]
fn a_reason_to_read_that_comes_while_somebody_reads_is_one_to_read_again() {
    let (places, topic) = (Places::default(), TopicName::parse("dots").expect("a name"));
    let topics = std::slice::from_ref(&topic);
    places.follow(&topic);
    places.take_unfollowed();
    places.followed(topics);
    let reasons: [&dyn Fn(); 2] = [&|| places.doubt(&topic), &|| places.followed(topics)];
    for reason in reasons {
        let reading = places.next_unread().expect("it is unread");
        reason();
        assert_eq!(places.next_unread(), None, "one reads at a time");
        places.read(&reading, Some(at(3)));
    }
    let reading = next(&places, &topic, Some(at(3)));
    places.read(&reading, Some(at(3)));
    assert_eq!(places.next_unread(), None);
}

#[test]
fn what_was_read_before_a_topic_was_followed_anew_is_of_no_use() {
    let (places, topic) = (Places::default(), TopicName::parse("dots").expect("a name"));
    let topics = std::slice::from_ref(&topic);
    places.follow(&topic);
    places.followed(topics);
    let old = next(&places, &topic, None);
    assert!(places.is_current(&old));
    places.unfollow(&topic);
    assert!(!places.is_current(&old));
    places.follow(&topic);
    places.followed(topics);
    let new = next(&places, &topic, None);
    assert!(!places.is_current(&old));
    assert!(!places.read(&old, Some(at(1))));
    assert!(
        !places.is_known(&topic),
        "it was read for who wanted it before"
    );
    assert_eq!(places.step(&topic, at(2)), Step::Skip, "it is being read");
    assert!(places.read(&new, Some(at(2))));
    assert_eq!(places.at(&topic), Some(at(2)));
}

#[test]
fn what_comes_while_somebody_reads_is_not_lost() {
    let (places, topic) = (Places::default(), TopicName::parse("dots").expect("a name"));
    assert_eq!(places.step(&topic, at(1)), Step::Skip, "it is not followed");
    assert!(places.follow(&topic));
    assert!(!places.follow(&topic));
    assert_eq!(places.take_unfollowed(), std::slice::from_ref(&topic));
    places.followed(std::slice::from_ref(&topic));
    let reading = next(&places, &topic, None);
    assert_eq!(places.step(&topic, at(5)), Step::Skip);
    assert!(!places.is_known(&topic));
    // Read before the fifth was logged: it is read on.
    places.read(&reading, Some(at(4)));
    assert!(places.is_known(&topic));
    let reading = next(&places, &topic, Some(at(4)));
    places.read(&reading, Some(at(5)));
    assert_eq!(places.next_unread(), None);
    assert_eq!(places.step(&topic, at(5)), Step::Skip);
    assert_eq!(places.step(&topic, at(6)), Step::Take);
    assert_eq!(places.step(&topic, at(8)), Step::Gap);
    let reading = next(&places, &topic, Some(at(6)));
    // What could not be read is read again.
    places.read(&reading, None);
    let reading = next(&places, &topic, Some(at(6)));
    places.read(
        &reading,
        Some(At {
            epoch: 8,
            sequence: 1,
        }),
    );
    assert_eq!(places.step(&topic, at(9)), Step::Gap, "another epoch");
}

#[test]
fn a_new_feed_is_told_of_all_and_everything_is_read_on() {
    let places = Places::default();
    let topics = ["a", "b", "c"].map(|it| TopicName::parse(it).expect("a name"));
    for topic in &topics {
        places.follow(topic);
    }
    places.take_unfollowed();
    places.followed(&topics);
    while let Some(reading) = places.next_unread() {
        places.read(&reading, Some(at(1)));
    }
    places.begin();
    assert_eq!(places.take_unfollowed(), topics);
    assert_eq!(
        places.next_unread(),
        None,
        "not before the feed brings them"
    );
    places.followed(&topics[..1]);
    next(&places, &topics[0], Some(at(1)));
    assert_eq!(places.some_after(None, 2), topics[..2]);
    assert_eq!(places.some_after(Some(&topics[1]), 2), topics[2..]);
    assert_eq!(places.some_after(Some(&topics[2]), 2), topics[..2]);
}
