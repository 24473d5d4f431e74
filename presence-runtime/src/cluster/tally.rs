//! What a node counts of what it does.

use super::Verdict;
use crate::server::meter::Count;

/// The counts of a node.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Writes that wait for the engine.
    pub(super) waiting: Count,
    pub(super) batches: Count,
    verdicts: [Count; VERDICTS.len()],
    pub(super) feeds: Count,
    pub(super) gaps: Count,
    /// Logs that were read on from where they had been read to.
    pub(super) continued: Count,
    /// Topics of which everybody was read.
    pub(super) read: Count,
    pub(super) restorations: Count,
    pub(super) reaped: Count,
    pub(super) ordered: Count,
    pub(super) obeyed: Count,
}

const VERDICTS: [(Verdict, &str); 6] = [
    (Verdict::Done, "done"),
    (Verdict::Newer, "newer"),
    (Verdict::Stale, "stale"),
    (Verdict::Taken, "taken"),
    (Verdict::Full, "full"),
    (Verdict::Unheld, "unheld"),
];

impl Tally {
    /// This became of a batch.
    pub(super) fn written(&self, verdicts: &[Verdict]) {
        self.batches.add(1);
        for ((verdict, _), count) in VERDICTS.iter().zip(&self.verdicts) {
            let many = verdicts.iter().filter(|it| *it == verdict).count();
            count.add(many as u64);
        }
    }

    pub(super) fn writes(&self) -> [(&'static str, u64); 6] {
        std::array::from_fn(|i| (VERDICTS[i].1, self.verdicts[i].get()))
    }
}
