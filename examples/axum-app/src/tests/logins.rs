//! Cookies, tokens and their end.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn who_is_logged_in_gets_a_token_and_is_present_under_their_own_name() {
    let addr = start().await;
    let mut ann = enter(addr, "ann").await;
    let joined = ann.announce(BOARD).await;
    assert_eq!(joined["change"], "joined", "{joined}");
    assert!(
        joined["member"]
            .as_str()
            .is_some_and(|it| it.starts_with("ann.")),
        "{joined}"
    );
    let seen = ann.get("/boards/roadmap").await;
    assert!(
        seen.body
            .contains(r#"{"user":"ann","label":"me","typing":false}"#),
        "{seen:?}"
    );
}

#[tokio::test]
async fn nobody_is_let_in_without_a_login_of_their_own() {
    let addr = start().await;
    let mut nobody = Visitor::new(addr);
    for user in ["eve", "bot", ""] {
        let refused = nobody.post("/login", json!({"user": user})).await;
        assert_eq!((refused.status, refused.cookie), (401, None), "{user}");
    }
    let mut ann = Visitor::new(addr);
    ann.log_in("ann").await;
    // A cookie that was made up, one that is nearly Ann's, and Ann's beside another of the name.
    let other = format!("{}0", ann.cookie);
    let twice = format!("{}; login=0", ann.cookie);
    for cookie in ["", "login=ann", &other, &twice] {
        cookie.clone_into(&mut nobody.cookie);
        assert_eq!(nobody.get("/me").await.status, 401, "{cookie}");
        assert_eq!(
            nobody.post("/token", Value::Null).await.status,
            401,
            "{cookie}"
        );
        assert_eq!(nobody.get("/boards/roadmap").await.status, 401, "{cookie}");
    }
    // The cookie is none of presence's business, nor is a token any of the application's.
    let token = ann.token().await;
    assert_eq!(
        ann.presence("GET", &format!("{BOARD}/value"), "", "")
            .await
            .status,
        401
    );
    nobody.cookie = format!("login={token}");
    assert_eq!(nobody.get("/me").await.status, 401);
}

#[tokio::test]
async fn scripts_do_not_get_the_cookie_and_tokens_do_not_tell_it() {
    let addr = start().await;
    let mut ann = Visitor::new(addr);
    let answer = ann.post("/login", json!({"user": "ann"})).await;
    let line = answer.cookie.expect("a cookie");
    assert!(line.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{line}");
    ann.log_in("ann").await;
    let secret = ann.cookie.trim_start_matches("login=").to_owned();
    let token = ann.token().await;
    let claims = token.split('.').nth(1).expect("claims");
    assert!(!token.contains(&secret) && !claims.is_empty());
    let me = ann.get("/me").await;
    assert!(!me.body.contains(&secret), "{me:?}");
}

#[tokio::test]
async fn logging_out_ends_every_connection_and_every_token() {
    let addr = start().await;
    let mut ann = enter(addr, "ann").await;
    ann.announce(BOARD).await;
    let mut phone = enter(addr, "ann").await;
    let mut bob = enter(addr, "bob").await;
    let token = ann.token().await;
    let out = ann.post("/logout", Value::Null).await;
    assert_eq!(
        out.cookie.as_deref().map(|it| it.contains("Max-Age=0")),
        Some(true)
    );
    assert_eq!((ann.closed().await, phone.closed().await), (4501, 4501));
    let used = ann
        .presence("GET", &format!("{BOARD}/value"), &token, "")
        .await;
    assert_eq!(used.status, 401, "{used:?}");
    assert_eq!(phone.post("/token", Value::Null).await.status, 401);
    // Nobody else notices but that Ann is gone.
    assert!(bob.announce(BOARD).await["change"].is_string());
    assert!(!bob.get("/boards/roadmap").await.body.contains("ann"));
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires_and_who_does_not_is_cut_off() {
    let addr = start_with(Duration::from_secs(2)).await;
    let mut ann = enter(addr, "ann").await;
    let mut bob = enter(addr, "bob").await;
    ann.announce(BOARD).await;
    let warned = ann.hear("expiring").await;
    assert!(
        warned["expiresInMs"].as_u64().is_some_and(|it| it <= 1_000),
        "{warned}"
    );
    let token = ann.token().await;
    let renewed = ann.does(json!({"type": "token", "token": token})).await;
    assert_eq!(renewed["type"], "ok", "{renewed}");
    assert_eq!(bob.closed().await, 4010);
    let here = ann.does(json!({"type": "heartbeat", "topic": BOARD})).await;
    assert_eq!(here["change"], "renewed", "{here}");
    // Somebody else's token is not taken, and changes nothing.
    let token = bob.token().await;
    let refused = ann.does(json!({"type": "token", "token": token})).await;
    assert_eq!(refused["code"], "forbidden");
}
