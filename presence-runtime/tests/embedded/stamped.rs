//! Fields that the server sets, through the hub itself.

use presence_runtime::wire::Code;
use presence_runtime::{Claims, Config, Hub, Presence, TopicOf, Topics};

use crate::topics::refused;

/// Who is in a meeting, and as what.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "meetings:{meeting}")]
struct Attendee {
    muted: bool,
    #[presence(server = "role", max_chars = 16)]
    role: String,
    #[presence(server = "team", max_chars = 16)]
    team: Option<String>,
}

fn hub() -> Hub {
    Hub::new(Topics::new().register::<Attendee>(), Config::default()).expect("valid topics")
}

fn meeting() -> TopicOf<Attendee> {
    Attendee::topic(7).expect("a topic")
}

fn said(role: &str) -> Attendee {
    Attendee {
        muted: true,
        role: role.to_owned(),
        team: Some("said".to_owned()),
    }
}

#[tokio::test]
async fn a_claim_overrules_what_was_said() {
    let hub = hub();
    let session = hub
        .member("ann")
        .claims(Claims::none().with("role", "host"));
    let here = session.join(meeting(), said("guest")).expect("may join");
    let seen = Attendee {
        role: "host".to_owned(),
        team: None,
        muted: true,
    };
    assert_eq!(hub.members(&meeting())[0].1, seen);
    here.update(|it| {
        it.muted = false;
        it.role = "owner".to_owned();
    })
    .expect("a valid change");
    assert_eq!(
        here.value(),
        Some(Attendee {
            muted: false,
            ..seen
        })
    );
}

#[tokio::test]
async fn without_the_claim_nobody_joins() {
    let hub = hub();
    let session = hub
        .member("ann")
        .claims(Claims::none().with("team", "blue"));
    let joined = session.join(meeting(), said("guest"));
    assert_eq!(refused(joined), Code::Forbidden);
    assert_eq!(hub.members(&meeting()), []);
}

#[tokio::test]
async fn a_process_that_claims_nothing_vouches_for_what_it_says() {
    let hub = hub();
    let here = hub.member("bot").join(meeting(), said("bot"));
    assert_eq!(here.expect("may join").value(), Some(said("bot")));
}

#[tokio::test]
async fn other_claims_restamp_who_is_present() {
    let hub = hub();
    let session = hub
        .member("ann")
        .claims(Claims::none().with("role", "host"));
    let here = session.join(meeting(), said("")).expect("may join");
    let other = Claims::none().with("role", "guest").with("team", "blue");
    here.restamp(other).expect("claims that fit");
    let seen = Attendee {
        muted: true,
        role: "guest".to_owned(),
        team: Some("blue".to_owned()),
    };
    assert_eq!(hub.members(&meeting())[0].1, seen);
    let none = here.restamp(Claims::none()).map_err(|fault| fault.code);
    assert_eq!(none, Err(Code::Forbidden));
    here.update(|it| it.muted = false).expect("a valid change");
    assert_eq!(
        here.value(),
        Some(Attendee {
            muted: false,
            ..seen
        })
    );
}
