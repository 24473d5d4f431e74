//! Mistakes that a test makes on purpose, one for each promise of the runtime, to see that what
//! checks the promise notices. Without the feature `mistakes` nobody can make one, and asking
//! costs nothing.

/// A mistake, by the promise that it breaks or by what is mistaken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// The late end of an old connection ends what the new one announced.
    G1,
    /// The end of a connection is not noticed.
    G2,
    /// Leases run out early.
    G3,
    /// A late packet brings an old value back.
    G5,
    /// Readers are not told who expired.
    G6,
    /// Only who takes everything at once is no stalled reader.
    G9,
    /// A tick takes longer than it says.
    G11,
    /// Time is what the wall clock shows.
    G16,
    /// Between nodes: the node that had a member ends it after it has gone to another.
    Fence,
    /// Between nodes: the log of an engine that was emptied is taken for the one before.
    Epoch,
    /// Between nodes: what comes after a gap is taken for what comes next.
    Gap,
    /// Between nodes: whom an engine that was emptied does not know yet is gone.
    Emptied,
    /// Between nodes: what is said of a member that is at another one is not kept.
    Late,
}

#[cfg(feature = "mistakes")]
mod made {
    use std::cell::Cell;

    use super::Mistake;

    thread_local! {
        static MADE: Cell<Option<Mistake>> = const { Cell::new(None) };
    }

    /// Makes a mistake on this thread from now on, or none.
    pub fn make(mistake: Option<Mistake>) {
        MADE.set(mistake);
    }

    pub(crate) fn is_made(mistake: Mistake) -> bool {
        MADE.get() == Some(mistake)
    }
}

#[cfg(feature = "mistakes")]
pub(crate) use made::is_made;
#[cfg(feature = "mistakes")]
pub use made::make;

/// Whether the mistake is to be made. It never is.
#[cfg(not(feature = "mistakes"))]
#[inline(always)]
pub(crate) const fn is_made(_: Mistake) -> bool {
    false
}
