//! Names of topics, users, sessions and members, and the patterns that topics belong to.

use presence_runtime::TopicName;
use presence_runtime::schema::Segment::{Literal, Parameter};
use presence_runtime::schema::{Pattern, valid_parameter};
use presence_runtime::topic::{Member, SessionId, SessionKey, User};

const PATTERNS: [Pattern; 9] = [
    Pattern::new(&[Literal("a")]),
    Pattern::new(&[Parameter("x")]),
    Pattern::new(&[Literal("a"), Parameter("x")]),
    Pattern::new(&[Parameter("x"), Literal("a")]),
    Pattern::new(&[Parameter("x"), Parameter("y")]),
    Pattern::new(&[Literal("boards"), Parameter("board"), Literal("cursors")]),
    Pattern::new(&[Literal("boards"), Literal("ws"), Parameter("x")]),
    Pattern::new(&[Parameter("x"), Literal("ws"), Literal("cursors")]),
    Pattern::new(&[
        Parameter("x"),
        Parameter("y"),
        Parameter("z"),
        Literal(".."),
    ]),
];

/// The text, lossily, is taken for everything that a text can name.
pub fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let name = TopicName::parse(&text);
    assert_eq!(name.is_ok(), is_topic(text.as_bytes()), "{text:?}");
    if let Ok(name) = &name {
        assert_eq!(name.as_str(), text);
        check_patterns(name);
    }
    assert_eq!(
        valid_parameter(&text),
        is_parameter(text.as_bytes()),
        "{text:?}"
    );
    let user = User::parse(&text).ok();
    assert_eq!(user.is_some(), is_parameter(text.as_bytes()));
    assert!(user.is_none_or(|it| it.as_str() == text));
    let session = SessionId::parse(&text).ok();
    assert_eq!(session.is_some(), is_session(text.as_bytes()), "{text:?}");
    assert!(session.is_none_or(|it| it.as_str() == text));
    let is_key = text.len() == 32 && text.chars().all(|c| c.is_ascii_hexdigit());
    assert_eq!(SessionKey::parse(&text).is_ok(), is_key);
    check_member(&text);
}

fn check_member(text: &str) {
    let (user, session) = match text.rfind('.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, text),
    };
    let is_member = is_parameter(user.as_bytes()) && is_session(session.as_bytes());
    let member = Member::parse(text);
    assert_eq!(member.is_ok(), is_member, "{text:?}");
    let Ok(member) = member else { return };
    assert_eq!(
        (member.user.as_str(), member.session.as_str()),
        (user, session)
    );
    // A user who is just the session need not be named, and is the same one then.
    let shown = member.to_string();
    assert!(
        shown == text || user == session && shown == session,
        "{text}"
    );
    assert_eq!(Member::parse(&shown), Ok(member));
}

fn check_patterns(name: &TopicName) {
    let parts: Vec<_> = name.as_str().split(':').collect();
    for (at, pattern) in PATTERNS.into_iter().enumerate() {
        let matches = pattern.matches(name);
        assert_eq!(
            matches,
            naive(&pattern.to_string(), &parts),
            "{name} in {pattern}"
        );
        for other in &PATTERNS[at + 1..] {
            let both = matches && other.matches(name);
            assert!(
                !both || pattern.overlaps(*other) && other.overlaps(pattern),
                "{name}"
            );
        }
    }
}

/// Whether the segments belong to a pattern as it is written.
fn naive(pattern: &str, parts: &[&str]) -> bool {
    let (first, rest) = match pattern.split_once(':') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    let Some((part, others)) = parts.split_first() else {
        return false;
    };
    let fits = match first.starts_with('{') {
        true => is_parameter(part.as_bytes()),
        false => first == *part,
    };
    fits && rest.map_or(others.is_empty(), |rest| naive(rest, others))
}

fn is_topic(bytes: &[u8]) -> bool {
    const WORDS: [&str; 8] = [
        "ws",
        "users",
        "topics",
        "schemas",
        "changes",
        "openapi.json",
        ".",
        "..",
    ];
    let is_part = |part: &[u8]| !part.is_empty() && part.iter().copied().all(is_allowed);
    bytes.len() <= 256
        && bytes.split(|byte| *byte == b':').all(is_part)
        && !WORDS.iter().any(|word| word.as_bytes() == bytes)
}

fn is_parameter(bytes: &[u8]) -> bool {
    (1..=128).contains(&bytes.len()) && bytes.iter().copied().all(is_allowed)
}

fn is_allowed(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9') || b"_.~@-".contains(&byte)
}

fn is_session(bytes: &[u8]) -> bool {
    bytes.len() == 16
        && bytes
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}
