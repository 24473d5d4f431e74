//! Where a reader stands in the order of a topic's changes.

/// A place in the order of a topic's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The incarnation of the order.
    pub epoch: u64,
    /// The last change before this place.
    pub sequence: u64,
}

impl Position {
    /// A place in no topic's order, which none continues.
    pub const NOWHERE: Self = Self {
        epoch: 0,
        sequence: 0,
    };
}

/// What a reader has: nothing, everything up to a position, or the beginning of a run of parts.
///
/// Readers that are equal get equal parts, so that what one gets can be shared with all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reader(pub(super) Stand);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Stand {
    #[default]
    Nothing,
    At(Position),
    Between(Run),
}

/// A run of parts and how far it has come. What it will have told at its end is fixed when it
/// starts, however the topic changes between its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) epoch: u64,
    /// What the reader has; nothing in a snapshot.
    pub(super) since: Option<u64>,
    /// The topic's sequence when the run started: where the reader rests at its end.
    pub(super) until: u64,
    pub(super) stage: Stage,
    /// The sequence of the last thing told in this stage, in the stage's own order.
    pub(super) after: u64,
}

/// The stages of a run, in their order. A snapshot has the second only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Who left, in the order of leaving.
    Left,
    /// Who joined, in the order of joining.
    Joined,
    /// Who changed, in the order of changing.
    Updated,
    /// Who changed and changed again after the run had started, in the order of joining.
    Moved,
}

impl Reader {
    /// A reader that has nothing yet.
    pub const NOTHING: Self = Self(Stand::Nothing);

    /// A reader that has everything up to the position.
    #[must_use]
    pub const fn at(position: Position) -> Self {
        Self(Stand::At(position))
    }

    /// The position the reader rests at; nothing while it has nothing or is between two parts.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self.0 {
            Stand::At(position) => Some(position),
            Stand::Nothing | Stand::Between(_) => None,
        }
    }

    /// Whether the reader has some parts of a run and more follow.
    #[must_use]
    pub const fn is_between(&self) -> bool {
        matches!(self.0, Stand::Between(_))
    }
}

impl From<Position> for Reader {
    fn from(position: Position) -> Self {
        Self::at(position)
    }
}

impl Run {
    pub(super) const fn snapshot(now: Position) -> Self {
        Self {
            epoch: now.epoch,
            since: None,
            until: now.sequence,
            stage: Stage::Joined,
            after: 0,
        }
    }

    pub(super) const fn changes(since: u64, now: Position) -> Self {
        Self {
            epoch: now.epoch,
            since: Some(since),
            until: now.sequence,
            stage: Stage::Left,
            after: since,
        }
    }

    /// Where the next stage begins.
    pub(super) fn next_stage(self) -> Option<Self> {
        let since = self.since?;
        let (stage, after) = match self.stage {
            Stage::Left => (Stage::Joined, since),
            Stage::Joined => (Stage::Updated, since),
            Stage::Updated => (Stage::Moved, 0),
            Stage::Moved => return None,
        };
        Some(Self {
            stage,
            after,
            ..self
        })
    }
}
