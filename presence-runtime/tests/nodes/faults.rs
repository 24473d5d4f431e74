//! What befalls the network, the nodes and their engine.

use std::time::Duration;

use crate::dice::Dice;
use crate::promises::Trouble;
use crate::world::{CHAOS, NODES, OFFICES};

/// What happens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Packets between an office and a node are lost.
    Partition(usize, usize),
    /// Packets between an office and a node come later.
    Hold(usize, usize),
    /// A node dies, and another takes its place.
    Kill(usize),
    /// A node ends as it should, and another takes its place.
    Restart(usize),
    /// A node does not reach the engine.
    Cut(usize),
    /// A node neither says nor hears anything, from anybody.
    Freeze(usize),
    /// A node hears nothing of others, and does not notice at once.
    Deafen(usize),
    /// A few messages do not reach a node.
    Lose(usize, usize),
    /// The engine answers a node late.
    Slow(usize, Duration),
    /// The engine answers everybody late.
    SlowAll(Duration),
    /// Nobody reaches the engine.
    Away,
    /// The engine has forgotten everything.
    Flush,
    /// The engine is away, and has forgotten everything when it is back.
    Forget,
}

/// A fault, and from when until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Struck {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    pub(crate) fault: Fault,
}

impl Fault {
    /// What it is to nodes, if anything.
    pub(crate) const fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Partition(..) | Self::Hold(..) => None,
            Self::Kill(_) | Self::Restart(_) => Some(Trouble::Late),
            Self::Cut(_) | Self::Freeze(_) => Some(Trouble::Cut),
            _ => Some(Trouble::Apart),
        }
    }
}

/// What befalls a seed.
pub(crate) fn of(seed: u64) -> Vec<Struck> {
    draw(&mut Dice::new(seed))
}

/// One fault after another; what a seed has in store for all of them differs from seed to seed.
fn draw(dice: &mut Dice) -> Vec<Struck> {
    let mut faults = Vec::new();
    let quiet = dice.percent(15);
    let mut from = dice.millis(1_000, 2_500);
    while from < CHAOS {
        let (fault, takes) = one(dice, quiet);
        let until = from + takes;
        if until >= CHAOS {
            break;
        }
        faults.push(Struck { from, until, fault });
        if let Fault::Restart(first) = fault
            && dice.percent(50)
        {
            roll(&mut faults, first, dice);
        }
        let until = faults.last().map_or(until, |it| it.until);
        from = until + dice.millis(20, 1_500);
    }
    if !quiet && dice.percent(50) {
        end(&mut faults, dice);
    }
    faults
}

/// The last fault is over when nobody says much more: whatever nobody says again is known in the end, or never.
fn end(faults: &mut Vec<Struck>, dice: &mut Dice) {
    let node = dice.below(NODES as u64) as usize;
    let (fault, takes) = match dice.below(10) {
        0..4 => (Fault::Lose(node, 1 + dice.below(8) as usize), 100),
        4..6 => (Fault::Deafen(node), 300),
        6..8 => (Fault::Flush, 100),
        8 => (Fault::Cut(node), 500),
        _ => (Fault::Kill(node), 50),
    };
    let until = CHAOS
        .checked_sub(dice.millis(50, 300))
        .expect("it is longer");
    let from = until.checked_sub(Duration::from_millis(takes));
    let from = from.expect("it is longer");
    faults.retain(|it| it.until < from);
    faults.push(Struck { from, until, fault });
}

/// The other nodes are restarted as well, one after the other.
fn roll(faults: &mut Vec<Struck>, first: usize, dice: &mut Dice) {
    for step in 1..NODES {
        let from = faults.last().map_or(Duration::ZERO, |it| it.until) + dice.millis(200, 600);
        let until = from + dice.millis(300, 600);
        if until < CHAOS {
            let fault = Fault::Restart((first + step) % NODES);
            faults.push(Struck { from, until, fault });
        }
    }
}

fn one(dice: &mut Dice, quiet: bool) -> (Fault, Duration) {
    let office = dice.below(OFFICES as u64) as usize;
    let node = dice.below(NODES as u64) as usize;
    let soon = Duration::from_millis(100);
    match dice.below(if quiet { 20 } else { 100 }) {
        0..10 => (Fault::Partition(office, node), dice.millis(100, 1_500)),
        10..20 => (Fault::Hold(office, node), dice.millis(50, 1_500)),
        20..32 => (Fault::Kill(node), dice.millis(5, 4_000)),
        32..44 => (Fault::Restart(node), dice.millis(300, 600)),
        44..52 => (Fault::Cut(node), dice.millis(100, 9_000)),
        52..57 => (Fault::Freeze(node), dice.millis(500, 8_500)),
        57..64 => (Fault::Deafen(node), dice.millis(100, 6_000)),
        64..72 => (Fault::Lose(node, 1 + dice.below(5) as usize), soon),
        72..76 => (
            Fault::Slow(node, dice.millis(5, 2_500)),
            dice.millis(500, 5_000),
        ),
        76..80 => (
            Fault::SlowAll(dice.millis(5, 2_500)),
            dice.millis(500, 5_000),
        ),
        80..88 => (Fault::Away, dice.millis(100, 8_000)),
        88..95 => (Fault::Flush, soon),
        _ => (Fault::Forget, dice.millis(100, 5_000)),
    }
}
