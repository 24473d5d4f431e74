//! What people may do on boards, as it is and as it changes.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_board_that_is_not_for_somebody_and_none_at_all_answer_alike() {
    let addr = start().await;
    let mut ann = enter(addr, "ann").await;
    let token = ann.token().await;
    let topics = [
        "boards:payroll:cursors",
        "boards:nowhere:cursors",
        "rooms:1:status",
        "no:such",
    ];
    let mut answers = Vec::new();
    for topic in topics {
        let subscribed = ann.subscribe(topic).await;
        assert_eq!(subscribed["code"], "forbidden", "{topic}");
        assert_eq!(ann.announce(topic).await, subscribed, "{topic}");
        let read = ann
            .presence("GET", &format!("{topic}/value"), &token, "")
            .await;
        let body = r#"{"value":{"x":1,"y":2,"label":"a"}}"#;
        let beat = ann
            .presence("POST", &format!("{topic}/heartbeat"), &token, body)
            .await;
        assert_eq!(read.status, 403, "{read:?}");
        answers.push((subscribed, read, beat));
    }
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
    // The application's own routes keep to that.
    let mut own = Vec::new();
    for board in ["payroll", "nowhere", "a:b"] {
        own.push(ann.get(&format!("/boards/{board}")).await);
    }
    assert_eq!(own[0].status, 403);
    assert!(own.iter().all(|it| *it == own[0]), "{own:?}");
}

#[tokio::test]
async fn a_viewer_sees_who_is_there_and_is_not_there() {
    let addr = start().await;
    let (mut ann, mut cleo) = (enter(addr, "ann").await, enter(addr, "cleo").await);
    ann.announce(BOARD).await;
    assert_eq!(cleo.subscribe(BOARD).await["type"], "ok");
    let seen = cleo.hear("snapshot").await;
    let users = seen["entries"].as_array().expect("a list").iter();
    let users: Vec<_> = users.filter_map(|it| it["user"].as_str()).collect();
    assert_eq!(users, ["bot", "ann"]);
    assert_eq!(cleo.announce(BOARD).await["code"], "forbidden");
}

#[tokio::test]
async fn a_role_that_changes_takes_effect_on_connections_that_are_open() {
    let addr = start().await;
    let (ann, mut bob) = (enter(addr, "ann").await, enter(addr, "bob").await);
    bob.announce(BOARD).await;
    bob.subscribe(BOARD).await;
    let appoint = |role: &'static str| {
        let body = json!({"user": "bob", "role": (!role.is_empty()).then_some(role)});
        ann.post("/boards/roadmap/roles", body)
    };

    assert_eq!(appoint("viewer").await.status, 204);
    assert_eq!(
        bob.hear("gone").await,
        json!({"type": "gone", "topic": BOARD, "reason": "kicked"})
    );
    assert_eq!(bob.announce(BOARD).await["code"], "forbidden");
    assert_eq!(bob.get("/boards/roadmap").await.status, 200);

    assert_eq!(appoint("").await.status, 204);
    let ended = bob.hear("ended").await;
    assert_eq!(
        (&ended["topic"], &ended["error"]["code"]),
        (&json!(BOARD), &json!("forbidden"))
    );
    assert_eq!(bob.get("/boards/roadmap").await.status, 403);

    assert_eq!(appoint("editor").await.status, 204);
    assert_eq!(bob.announce(BOARD).await["change"], "joined");
    assert_eq!(bob.subscribe(BOARD).await["type"], "ok");
}

#[tokio::test]
async fn an_owner_sends_somebody_away_for_a_while_and_nobody_else_can() {
    let addr = start().await;
    let (mut ann, mut bob) = (enter(addr, "ann").await, enter(addr, "bob").await);
    bob.announce(BOARD).await;
    let mut tab = bob.another_tab();
    tab.connect().await;
    tab.announce(BOARD).await;
    let kick = json!({"user": "bob"});
    for board in ["roadmap", "payroll", "nowhere"] {
        let refused = bob
            .post(&format!("/boards/{board}/kick"), kick.clone())
            .await;
        assert_eq!(refused.status, 403, "{refused:?}");
        let body = json!({"user": "ann", "role": "viewer"});
        let refused = bob.post(&format!("/boards/{board}/roles"), body).await;
        assert_eq!(refused.status, 403, "{refused:?}");
    }
    let kicked = ann.post("/boards/roadmap/kick", kick.clone()).await;
    assert_eq!(kicked.status, 204);
    // All tabs are, and neither comes back, nor does another one.
    for visitor in [&mut bob, &mut tab] {
        assert_eq!(visitor.hear("gone").await["reason"], "kicked");
    }
    let mut fresh = bob.another_tab();
    fresh.connect().await;
    for visitor in [&mut bob, &mut tab, &mut fresh] {
        let refused = visitor.announce(BOARD).await;
        assert_eq!(refused["code"], "kicked");
        let wait = refused["retryAfterMs"].as_u64();
        assert!(wait.is_some_and(|it| it > 50_000), "{refused}");
    }
    assert_eq!(ann.post("/boards/roadmap/kick", kick).await.status, 404);
    assert_eq!(ann.announce(BOARD).await["change"], "joined");
    // On other boards he is as welcome as before.
    let elsewhere = bob.announce("boards:launch:cursors").await;
    assert_eq!(elsewhere["change"], "joined");
}

#[tokio::test]
async fn tabs_of_a_person_are_members_of_one_user_and_go_one_by_one() {
    let addr = start().await;
    let (mut ann, mut bob) = (enter(addr, "ann").await, enter(addr, "bob").await);
    bob.subscribe(BOARD).await;
    let counts = |it: &serde_json::Value| it["counts"].clone();
    // The bot is there before.
    while counts(&bob.hear("snapshot").await)["members"] != 1 {
        bob.subscribe(BOARD).await;
    }
    ann.announce(BOARD).await;
    let mut tab = ann.another_tab();
    tab.connect().await;
    tab.announce(BOARD).await;
    let mut last = bob.hear("changes").await;
    while counts(&last) != json!({"members": 3, "users": 2}) {
        last = bob.hear("changes").await;
    }
    tab.does(json!({"type": "leave", "topic": BOARD})).await;
    tab.hang_up();
    while counts(&last) != json!({"members": 2, "users": 2}) {
        last = bob.hear("changes").await;
    }
    assert!(bob.get("/boards/roadmap").await.body.contains("ann"));
    ann.does(json!({"type": "leave", "topic": BOARD})).await;
    // Who counts people rather than tabs has seen Ann once.
    let visits = bob.get("/boards/roadmap/visits").await.json();
    let visits = visits.as_array().cloned().unwrap_or_default();
    let anns = visits.iter().filter(|it| it["user"] == "ann");
    let anns: Vec<_> = anns.map(|it| it["what"].clone()).collect();
    assert_eq!(anns, ["came", "went"]);
}

#[tokio::test]
async fn the_bot_counts_the_people_and_can_be_sent_away() {
    let addr = start().await;
    let mut ann = enter(addr, "ann").await;
    ann.subscribe(BOARD).await;
    ann.announce(BOARD).await;
    let (mut label, mut tries) = (String::new(), 0..500);
    while label != "1 person here" {
        tries.next().expect("it counts in time");
        let seen = ann.get("/boards/roadmap").await.json();
        let people = seen.as_array().cloned().unwrap_or_default();
        let bot = people.into_iter().find(|it| it["user"] == "bot");
        let said = bot.unwrap_or_default()["label"].clone();
        label = said.as_str().unwrap_or_default().to_owned();
    }
    let kick = json!({"user": "bot"});
    assert_eq!(ann.post("/boards/roadmap/kick", kick).await.status, 204);
    assert!(!ann.get("/boards/roadmap").await.body.contains("bot"));
}
