//! A deterministic simulation of the real server with twenty clients on a bad network.
//!
//! Delays, held and lost packets, cut connections, takeovers, slow readers, crashes and restarts
//! come from one seed. `SEED=7 cargo test --test simulation` plays one again and says what
//! happened; `SEEDS=5000` plays as many.

#![cfg(feature = "server")]

mod dice;
#[path = "../live/eye.rs"]
mod eye;
mod http;
mod packets;
mod person;
#[allow(dead_code, reason = "not every test asks a log everything")]
#[path = "../promises/mod.rs"]
mod promises;
mod rooms;
mod socket;
mod surfer;
#[allow(dead_code, reason = "the live tests ask a view other things")]
#[path = "../live/view.rs"]
mod view;
mod world;

use crate::promises::{Log, check};

/// The seeds that are played when nobody says how many.
const SEEDS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, found {text:?}")),
    )
}

fn judge(seed: u64, log: &Log) {
    if let Err(broken) = check(log) {
        panic!(
            "{broken}; to play it again: SEED={seed} cargo test -p presence-runtime --test simulation"
        );
    }
}

#[test]
fn every_seed_keeps_the_promises() {
    if let Some(seed) = number("SEED") {
        let log = world::play(seed);
        for event in &log.events {
            eprintln!("{:6} {:2} {:?}", event.at, event.client, event.what);
        }
        return judge(seed, &log);
    }
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for seed in (thread..seeds).step_by(threads as usize) {
                    judge(seed, &world::play(seed));
                }
            });
        }
    });
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in [1, 2, 3] {
        let (one, other) = (world::play(seed), world::play(seed));
        let differs = one
            .events
            .iter()
            .zip(&other.events)
            .position(|(a, b)| a != b);
        if let Some(at) = differs {
            let near = at.saturating_sub(12)..at + 4;
            panic!(
                "seed {seed}: {:#?}\n{:#?}",
                &one.events[near.clone()],
                &other.events[near]
            );
        }
        assert_eq!(one.events.len(), other.events.len(), "seed {seed}");
        let another = world::play(seed + 100);
        assert_ne!(one, another, "seeds make a difference");
    }
}

/// What a seed plays has in it what the promises speak of; a quiet simulation proves nothing.
#[test]
fn a_few_seeds_have_everything_in_them() {
    use crate::promises::{Answer, End, Sight, What};
    let logs: Vec<_> = (0..8).map(world::play).collect();
    let events = || logs.iter().flat_map(|it| &it.events);
    let has = |what: fn(&What) -> bool| events().any(|it| what(&it.what));
    assert!(has(|it| matches!(
        it,
        What::Heard {
            answer: Answer::Stale,
            ..
        }
    )));
    assert!(has(|it| matches!(
        it,
        What::Heard {
            answer: Answer::Refused,
            ..
        }
    )));
    assert!(has(|it| matches!(
        it,
        What::Ended {
            end: End::Closed(4509),
            ..
        }
    )));
    assert!(has(|it| matches!(
        it,
        What::Ended {
            end: End::Silent,
            ..
        }
    )));
    assert!(has(|it| matches!(it, What::Stopped)));
    assert!(has(|it| matches!(it, What::Saw { exact: false, .. })));
    for reason in ["left", "disconnected", "expired", "unseen"] {
        let goes = events().any(|it| match &it.what {
            What::Saw { sights, .. } => sights
                .iter()
                .any(|it| matches!(it, Sight::Left { reason: why, .. } if why == reason)),
            _ => false,
        });
        assert!(goes, "nobody went as {reason}");
    }
}

/// The test of the tests: each of these mistakes turns its promise red within a few seeds.
#[cfg(feature = "mistakes")]
#[test]
fn every_mistake_breaks_its_promise() {
    use crate::promises::Promise;
    use presence_runtime::mistake::{Mistake, make};
    const SEEDS: u64 = 40;
    // From a seed on that is not long before the one which notices it at present.
    let mistakes = [
        (Mistake::G1, Promise::G1, 0),
        (Mistake::G2, Promise::G2, 25),
        (Mistake::G3, Promise::G3, 0),
        (Mistake::G5, Promise::G5, 0),
        (Mistake::G6, Promise::G6, 0),
        (Mistake::G9, Promise::G9, 50),
        (Mistake::G11, Promise::G11, 0),
        (Mistake::G16, Promise::G16, 0),
    ];
    let mut unnoticed = Vec::new();
    for (mistake, promise, from) in mistakes {
        make(Some(mistake));
        let breaks = |seed| {
            promises::all(&world::play(seed))
                .iter()
                .any(|it| it.promise == promise)
        };
        match (from..from + SEEDS).find(|seed| breaks(*seed)) {
            Some(seed) => eprintln!("{mistake:?} is noticed with seed {seed}"),
            None => unnoticed.push(mistake),
        }
        make(None);
    }
    assert_eq!(unnoticed, []);
}
