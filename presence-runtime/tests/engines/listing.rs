//! Lists: which topics are live, and where somebody is.

use presence_runtime::TopicName;
use presence_runtime::cluster::Engine;
use presence_runtime::topic::{Counts, Reason, User};

use crate::kit::*;
use crate::subject::Subject;

async fn names<E: Engine>(engine: &E) -> Vec<String> {
    let topics = engine.topics(None, 1000).await.expect("in reach");
    topics.iter().map(|(it, _)| it.to_string()).collect()
}

async fn of<E: Engine>(engine: &E, user: &str) -> Vec<String> {
    let user = User::parse(user).expect("a user");
    let topics = engine.topics_of(&user, None, 1000).await.expect("in reach");
    topics.iter().map(ToString::to_string).collect()
}

pub(crate) async fn topics_are_listed_by_name<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A]).await;
    let mut expected: Vec<_> = (0..200).map(|i| format!("rooms:{i}")).collect();
    for name in &expected {
        write(
            &engine,
            A,
            announce(&topic(name), record(A, &member("ann", 1), 1, "here")),
        )
        .await;
    }
    // A topic that is only read, or was left, is not live.
    read(&engine, &topic("rooms:read")).await;
    write(
        &engine,
        A,
        leave(&topic("rooms:7"), &member("ann", 1), 1, Reason::Left),
    )
    .await;
    expected.retain(|it| it != "rooms:7");
    expected.sort_unstable();
    assert_eq!(names(&engine).await, expected);
}

pub(crate) async fn a_user_s_topics_are_listed_by_name<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A, B]).await;
    let say = async |node, name: &str, i, n| {
        write(
            &engine,
            node,
            announce(&topic(name), record(node, &member("ann", i), n, "here")),
        )
        .await
    };
    say(A, "rooms:2", 1, 1).await;
    say(A, "rooms:10", 2, 1).await;
    say(B, "rooms:10", 3, 1).await;
    say(B, "rooms:2", 1, 2).await;
    assert_eq!(of(&engine, "ann").await, ["rooms:10", "rooms:2"]);
    let go = async |node, name: &str, i, n| {
        write(
            &engine,
            node,
            leave(&topic(name), &member("ann", i), n, Reason::Left),
        )
        .await
    };
    go(A, "rooms:10", 2, 1).await;
    assert_eq!(
        of(&engine, "ann").await,
        ["rooms:10", "rooms:2"],
        "with another session"
    );
    go(B, "rooms:10", 3, 1).await;
    assert_eq!(of(&engine, "ann").await, ["rooms:2"]);
    go(B, "rooms:2", 1, 2).await;
    assert_eq!(of(&engine, "ann").await, [""; 0]);
    assert_eq!(names(&engine).await, [""; 0]);
}

pub(crate) async fn hostile_names_are_told_apart<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A]).await;
    let users = [
        "a", "an", "ann", "ann.", "ann-", "ann@", "ann~", "anna", "b", "u", "~", "-", ".",
    ];
    let topics = [
        "a", "an", "ann", "ann:a", "ann:~", "~", "-", "...", "t", "uann", "pann", "{a}", "a*",
    ];
    let topics: Vec<_> = topics
        .iter()
        .filter_map(|it| TopicName::parse(it).ok())
        .collect();
    for (i, user) in users.iter().enumerate() {
        for topic in topics.iter().skip(i % 3) {
            write(
                &engine,
                A,
                announce(topic, record(A, &member(user, i), 1, "here")),
            )
            .await;
        }
    }
    let mut sorted: Vec<_> = topics.iter().map(ToString::to_string).collect();
    sorted.sort_unstable();
    assert_eq!(names(&engine).await, sorted);
    for (i, user) in users.iter().enumerate() {
        let mut expected: Vec<_> = topics.iter().skip(i % 3).map(ToString::to_string).collect();
        expected.sort_unstable();
        assert_eq!(of(&engine, user).await, expected, "{user}");
    }
    for nobody in ["an.", "nn", "t", "p", "ann:a", "~~", "--"] {
        if User::parse(nobody).is_ok() {
            assert_eq!(of(&engine, nobody).await, [""; 0], "{nobody}");
        }
    }
}

pub(crate) async fn long_lists_come_in_pages<S: Subject>(it: S) {
    const TOPICS: usize = 1000;
    let engine = it.engine();
    hold(&engine, &[A]).await;
    let mut all: Vec<_> = (0..TOPICS).map(|i| topic(&format!("rooms:{i}"))).collect();
    let writes: Vec<_> = all
        .iter()
        .map(|it| announce(it, record(A, &member("ann", 1), 1, "here")))
        .collect();
    engine.write(A, &writes).await.expect("in reach");
    all.sort_unstable();
    let ann = User::parse("ann").expect("a user");
    for most in [1, 7, 64, 333, TOPICS, TOPICS + 1] {
        // Pages of one would be a thousand.
        let known = if most < 7 { TOPICS - 5 } else { 0 };
        let (mut pages, mut theirs) = (all[..known].to_vec(), all[..known].to_vec());
        while pages.len() < TOPICS {
            let page = engine.topics(pages.last(), most).await.expect("in reach");
            assert_eq!(page.len(), most.min(TOPICS - pages.len()));
            pages.extend(page.into_iter().map(|(it, _)| it));
            let page = engine
                .topics_of(&ann, theirs.last(), most)
                .await
                .expect("in reach");
            theirs.extend(page);
        }
        assert_eq!(pages, all, "pages of {most}");
        assert_eq!(theirs, all, "pages of {most}");
        assert_eq!(
            engine.topics(pages.last(), most).await.expect("in reach"),
            []
        );
    }
    assert_eq!(engine.topics(None, 0).await.expect("in reach"), []);
    // Between names, and before all of them.
    let next = engine
        .topics_of(&ann, Some(&topic("rooms:5-")), 1)
        .await
        .expect("in reach");
    assert_eq!(next, [topic("rooms:50")]);
    let first = engine
        .topics_of(&ann, Some(&topic("a")), 1)
        .await
        .expect("in reach");
    assert_eq!(first, [topic("rooms:0")]);
}

pub(crate) async fn counts_are_of_members_and_users<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A, B]).await;
    let room = topic("rooms:1");
    for (i, user) in ["ann", "bob", "ann", "an"].into_iter().enumerate() {
        let node = if i % 2 == 0 { A } else { B };
        write(
            &engine,
            node,
            announce(&room, record(node, &member(user, i), 1, "here")),
        )
        .await;
    }
    let counts = async || {
        let topics = engine.topics(None, 10).await.expect("in reach");
        topics
            .into_iter()
            .map(|(_, it)| (it.members, it.users))
            .collect::<Vec<_>>()
    };
    assert_eq!(counts().await, [(4, 3)]);
    write(
        &engine,
        B,
        announce(&room, record(B, &member("ann", 0), 2, "there")),
    )
    .await;
    assert_eq!(counts().await, [(4, 3)], "a move counts nothing");
    write(&engine, B, leave(&room, &member("ann", 0), 3, Reason::Left)).await;
    assert_eq!(counts().await, [(3, 3)]);
    write(&engine, A, leave(&room, &member("ann", 2), 3, Reason::Left)).await;
    assert_eq!(counts().await, [(2, 2)]);
    let one = Counts {
        members: 2,
        users: 2,
    };
    assert_eq!(
        engine.topics(None, 1).await.expect("in reach"),
        [(room, one)]
    );
}
