//! Clocks: where the core's time comes from.

use std::fmt;

use tokio::time::Instant;

use crate::mistake::{Mistake, is_made};
use crate::topic::Time;

/// A monotonic clock. It never goes back and knows nothing of dates.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Milliseconds since some moment before the hub began.
    fn now(&self) -> Time;
}

/// The machine's monotonic clock as tokio sees it, so that a paused or simulated runtime rules it.
#[derive(Debug)]
pub struct Monotonic(Instant);

impl Monotonic {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Time {
        if is_made(Mistake::G16) {
            return wall();
        }
        Time::from_millis(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// What a clock shows that somebody may set.
#[expect(
    clippy::disallowed_types,
    reason = "this is the mistake that must be noticed"
)]
fn wall() -> Time {
    use std::time::SystemTime;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |it| it.as_millis());
    Time::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
