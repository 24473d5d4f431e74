//! A deterministic simulation of three real servers as nodes of a cluster, over an engine in memory, with
//! clients that go from one to another.
//!
//! The clients are those of the simulation of one server, and so are the promises. Beside the network,
//! nodes and their engine fail: nodes die, are stopped, drained and cut off; the engine is away, empty, slow,
//! deaf and forgetful. `SEED=7 cargo test --features redis --test nodes` plays a seed again and says what
//! happened; `SEEDS=5000` plays as many.

#[path = "../simulation/dice.rs"]
mod dice;
#[path = "../live/eye.rs"]
mod eye;
mod faults;
#[path = "../simulation/http.rs"]
mod http;
#[path = "../simulation/packets.rs"]
mod packets;
#[path = "../simulation/person.rs"]
mod person;
#[allow(dead_code, reason = "not every test asks a log everything")]
#[path = "../promises/mod.rs"]
mod promises;
#[path = "../simulation/rooms.rs"]
mod rooms;
#[path = "../simulation/socket.rs"]
mod socket;
#[path = "../simulation/surfer.rs"]
mod surfer;
#[allow(dead_code, reason = "the live tests ask a view other things")]
#[path = "../live/view.rs"]
mod view;
mod world;

use crate::promises::{Log, all, check};

/// The seeds that are played when nobody says how many.
const SEEDS: u64 = 42;

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
            "{broken}; to play it again: SEED={seed} cargo test -p presence-runtime --features redis --test nodes"
        );
    }
}

#[test]
fn every_seed_keeps_the_promises() {
    if let Some(seed) = number("SEED") {
        let (log, faults) = world::play(seed);
        for event in &log.events {
            eprintln!("{:6} {:2} {:?}", event.at, event.client, event.what);
        }
        eprintln!("{faults:#?}");
        return judge(seed, &log);
    }
    let from = number("FROM").unwrap_or_default();
    let seeds = from + number("SEEDS").unwrap_or(SEEDS);
    let threads = std::thread::available_parallelism().map_or(1, |it| it.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for seed in (from + thread..seeds).step_by(threads as usize) {
                    judge(seed, &world::play(seed).0);
                }
            });
        }
    });
}

/// Says of each seed what it breaks, and stops at none.
#[test]
#[ignore = "for whoever looks for faults"]
fn what_every_seed_breaks() {
    let from = number("FROM").unwrap_or_default();
    let mut broken = 0;
    for seed in from..from + number("SEEDS").unwrap_or(SEEDS) {
        for it in all(&world::play(seed).0) {
            eprintln!("{seed}: {it}");
            broken += 1;
        }
    }
    assert_eq!(broken, 0);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    for seed in [1, 2, 3] {
        let (one, other) = (world::play(seed).0, world::play(seed).0);
        let both = one.events.iter().zip(&other.events);
        let differs = both.clone().position(|(a, b)| a != b);
        if let Some(at) = differs {
            let near: Vec<_> = both.skip(at.saturating_sub(8)).take(12).collect();
            panic!("seed {seed}: {near:#?}");
        }
        assert_eq!(one.events.len(), other.events.len(), "seed {seed}");
        assert_ne!(one, world::play(seed + 100).0, "seeds make a difference");
    }
}

/// What a few seeds play has in it what is to be survived; a quiet simulation proves nothing.
#[test]
fn a_few_seeds_have_every_fault_in_them() {
    use crate::faults::Fault;
    let faults: Vec<_> = (0..40).flat_map(faults::of).map(|it| it.fault).collect();
    let has = |what: fn(&Fault) -> bool| assert!(faults.iter().any(what));
    has(|it| matches!(it, Fault::Partition(..)));
    has(|it| matches!(it, Fault::Hold(..)));
    has(|it| matches!(it, Fault::Kill(_)));
    has(|it| matches!(it, Fault::Restart(_)));
    has(|it| matches!(it, Fault::Cut(_)));
    has(|it| matches!(it, Fault::Freeze(_)));
    has(|it| matches!(it, Fault::Deafen(_)));
    has(|it| matches!(it, Fault::Lose(..)));
    has(|it| matches!(it, Fault::Slow(..)));
    has(|it| matches!(it, Fault::SlowAll(_)));
    has(|it| matches!(it, Fault::Away));
    has(|it| matches!(it, Fault::Flush));
    has(|it| matches!(it, Fault::Forget));
}

/// The test of the tests: each of these mistakes is noticed within as many seeds as are played every day.
#[cfg(feature = "mistakes")]
#[test]
fn every_mistake_is_noticed() {
    use presence_runtime::mistake::{Mistake, make};
    let mut unnoticed = Vec::new();
    // From a seed on that is not long before the one which notices it at present.
    for (mistake, from) in [
        (Mistake::Fence, 0),
        (Mistake::Epoch, 0),
        (Mistake::Gap, 0),
        (Mistake::Emptied, 35),
        (Mistake::Late, 85),
    ] {
        make(Some(mistake));
        match (from..from + SEEDS).find_map(|seed| Some((seed, check(&world::play(seed).0).err()?)))
        {
            Some((seed, broken)) => {
                eprintln!("{mistake:?} is noticed with seed {seed}: {broken}");
            }
            None => unnoticed.push(mistake),
        }
        make(None);
    }
    assert_eq!(unnoticed, []);
}
