//! Time as the pure rooms know it: a reading that somebody else took.

use std::ops::Add;
use std::time::Duration;

/// A moment, in milliseconds since the hub's start on its monotonic clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The moment this many milliseconds after the hub's start.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the hub's start.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it is yet to come.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Time {
    /// The moment to which adding the duration comes to this one; the hub's start at the earliest.
    pub(crate) fn before(self, duration: Duration) -> Self {
        let Self(millis) = Self(0) + duration;
        Self(self.0.saturating_sub(millis))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    /// Rounds up to whole milliseconds, so that nothing is due early, and stops at the end of time.
    fn add(self, duration: Duration) -> Self {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Self(
            self.0
                .saturating_add(u64::try_from(millis).unwrap_or(u64::MAX)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_is_never_due_early() {
        let time = Time::from_millis(5);
        assert_eq!(time + Duration::from_micros(1_001), Time::from_millis(7));
        assert_eq!(time + Duration::from_millis(2), Time::from_millis(7));
        assert_eq!(time + Duration::ZERO, time);
    }

    #[test]
    fn the_end_of_time_is_not_passed() {
        assert_eq!(
            Time::from_millis(1) + Duration::MAX,
            Time::from_millis(u64::MAX)
        );
    }

    #[test]
    fn what_is_yet_to_come_was_no_time_ago() {
        let (early, late) = (Time::from_millis(3), Time::from_millis(10));
        assert_eq!(late.saturating_since(early), Duration::from_millis(7));
        assert_eq!(early.saturating_since(late), Duration::ZERO);
    }
}
