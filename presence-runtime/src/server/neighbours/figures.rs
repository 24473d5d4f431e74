//! What is counted of a node among others.

/// How a node stands with the engine, and what it has done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// The engine answered when it was asked last.
    pub(crate) connected: bool,
    /// For how long the node has not heard itself through the engine, in milliseconds.
    pub(crate) silence: u64,
    /// Topics that are followed.
    pub(crate) followed: usize,
    /// What waits, by what it is.
    pub(crate) waiting: [(&'static str, u64); 4],
    /// Batches of writes that the engine took.
    pub(crate) batches: u64,
    /// Writes, by what became of them.
    pub(crate) writes: [(&'static str, u64); 6],
    /// Questions that the engine did not answer.
    pub(crate) losses: u64,
    /// Feeds that were begun.
    pub(crate) feeds: u64,
    /// Messages that others came before which were not heard.
    pub(crate) gaps: u64,
    /// Logs that were read, by how far.
    pub(crate) reads: [(&'static str, u64); 2],
    /// How often everything was said again.
    pub(crate) restorations: u64,
    /// Members of dead nodes that were removed.
    pub(crate) reaped: u64,
    /// Orders, by where they were given.
    pub(crate) orders: [(&'static str, u64); 2],
}
