//! Every limit at its edge: below it, at it and beyond it, over a real server. Which there are and what
//! happens beyond them is read from the tables that document them.

mod crowds;
mod sizes;
mod times;

use std::collections::BTreeSet;

use presence_runtime::Config;
use presence_runtime::server::{BOUNDS, Beyond, LIMITS};
use presence_runtime::wire::Code;
use serde_json::Value as Json;

use crate::http::Answer;
use crate::socket::{Socket, code};

/// A limit that is tried.
#[derive(Debug, Clone)]
pub(super) struct Try {
    /// What it is set to, where it can be.
    pub(super) most: u64,
    /// How much is asked for.
    pub(super) wanted: u64,
    /// A configuration in which it is set.
    pub(super) config: Config,
}

/// How somebody fares who asks for as much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Good,
    /// Answered with this status and code.
    Refused(u16, String),
    /// Answered with this code, on a WebSocket.
    Told(String),
    /// The WebSocket ended with this code.
    Closed(u16),
    /// What the table says in words.
    Otherwise,
}

impl Outcome {
    /// Of an answer over HTTP.
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            200 => Self::Good,
            _ => {
                let (status, code) = answer.refusal();
                Self::Refused(status, code)
            }
        }
    }

    /// Of an answer on a WebSocket.
    pub(super) fn told(answer: &Json) -> Self {
        match answer["type"].as_str() {
            Some("error") => Self::Told(code(answer)),
            _ => Self::Good,
        }
    }

    /// Of somebody who goes on talking on a WebSocket until it ends.
    pub(super) async fn end_of(socket: &mut Socket) -> Self {
        Self::Closed(socket.closed().await.expect("a code"))
    }

    /// Whether it is one of those that the table says.
    fn is_of(&self, beyond: &Beyond) -> bool {
        let name = |code: Code| {
            let text = serde_json::to_string(&code).expect("a code is a string");
            text.trim_matches('"').to_owned()
        };
        match self {
            Self::Good => false,
            Self::Refused(status, code) => {
                beyond.code.map(|it| (it.status(), name(it))) == Some((*status, code.clone()))
            }
            Self::Told(code) => beyond.code.map(name).as_ref() == Some(code),
            Self::Closed(code) => beyond.close.map(|it| it.0) == Some(*code),
            Self::Otherwise => !beyond.otherwise.is_empty(),
        }
    }
}

/// Of what the table says in words.
pub(super) fn or_otherwise(good: bool) -> Vec<Outcome> {
    vec![if good {
        Outcome::Good
    } else {
        Outcome::Otherwise
    }]
}

/// Tries a limit that is `most` by `step` below it, at it, and by `step` beyond it. A time is not tried at
/// the very instant.
pub(super) async fn try_edges(
    name: &str,
    (most, step): (u64, u64),
    probe: impl AsyncFn(Try) -> Vec<Outcome>,
) {
    let limit = LIMITS.iter().find(|it| it.setting == name);
    let bound = BOUNDS.iter().find(|it| it.name == name);
    let beyond = match (limit, bound) {
        (Some(limit), None) => &limit.beyond,
        (None, Some(bound)) => &bound.beyond,
        _ => panic!("`{name}` is in none of the tables, or in both"),
    };
    let mut config = Config::default();
    if let Some(limit) = limit {
        limit.set(&mut config, most);
    }
    let wanted = [most - step, most, most + step];
    for wanted in wanted.into_iter().filter(|it| step == 1 || *it != most) {
        let config = config.clone();
        let outcomes = probe(Try {
            most,
            wanted,
            config,
        })
        .await;
        assert!(!outcomes.is_empty());
        for outcome in outcomes {
            let fits = if wanted > most {
                outcome.is_of(beyond)
            } else {
                outcome == Outcome::Good
            };
            assert!(
                fits,
                "{name}: {wanted} of {most}: {outcome:?}, beyond it {beyond:?}"
            );
        }
    }
}

/// A test of every limit's edge, and their names.
macro_rules! probes {
    ($($name:ident = $edge:expr),+ $(,)?) => {
        pub(super) const PROBED: &[&str] = &[$(stringify!($name)),+];

        mod edges {
            $(
                #[tokio::test(start_paused = true)]
                async fn $name() {
                    crate::limits::try_edges(stringify!($name), $edge, super::$name).await;
                }
            )+
        }
    };
}
use probes;

#[test]
fn every_limit_is_tried_at_its_edge() {
    let tried = [crowds::PROBED, sizes::PROBED, times::PROBED].concat();
    let known: BTreeSet<_> = LIMITS.iter().map(|it| it.setting).collect();
    let fixed: BTreeSet<_> = BOUNDS.iter().map(|it| it.name).collect();
    assert!(known.is_disjoint(&fixed));
    assert_eq!(tried.len(), known.len() + fixed.len(), "each once");
    let tried: BTreeSet<_> = tried.into_iter().collect();
    assert_eq!(tried, &known | &fixed);
}
