//! Rates: so many in so long, of which one moment remembers how much was used.

use std::time::Duration;

use super::Time;

/// So many in so long, and as many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    most: u64,
    /// Nanoseconds from one to the next.
    every: u64,
}

/// How much of a rate was used up: until when it is not whole again, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace(u64);

impl Rate {
    /// At most so many in this time; at least one, and at most one a nanosecond.
    #[must_use]
    pub fn new(most: usize, time: Duration) -> Self {
        let most = (most as u64).max(1);
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            most,
            every: (nanos / most).max(1),
        }
    }
}

impl Pace {
    /// Uses one.
    ///
    /// # Errors
    /// When none is left; tells from when on there is one again.
    pub fn take(&mut self, rate: Rate, now: Time) -> Result<(), Time> {
        if self.left(rate, now) == 0 {
            return Err(self.next(rate));
        }
        self.spend(1, rate, now);
        Ok(())
    }

    /// How many may be used now.
    #[must_use]
    pub const fn left(self, rate: Rate, now: Time) -> u64 {
        let used = self.0.saturating_sub(nanos(now));
        (rate.most * rate.every).saturating_sub(used) / rate.every
    }

    /// Uses so many.
    pub fn spend(&mut self, count: u64, rate: Rate, now: Time) {
        let from = self.0.max(nanos(now));
        self.0 = from.saturating_add(count.saturating_mul(rate.every));
    }

    /// From when on there is at least one.
    #[must_use]
    pub const fn next(self, rate: Rate) -> Time {
        let nanos = self.0.saturating_sub((rate.most - 1) * rate.every);
        Time::from_millis(nanos.div_ceil(NANOS))
    }

    /// Whether nothing of the rate is used up: it need not be remembered.
    #[must_use]
    pub const fn is_rested(self, now: Time) -> bool {
        self.0 <= nanos(now)
    }
}

const NANOS: u64 = 1_000_000;

const fn nanos(time: Time) -> u64 {
    time.as_millis().saturating_mul(NANOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn so_many_may_come_at_once_and_then_one_after_the_other() {
        let rate = Rate::new(4, SECOND);
        let mut pace = Pace::default();
        for left in (0..4).rev() {
            assert_eq!(pace.take(rate, at(7)), Ok(()));
            assert_eq!(pace.left(rate, at(7)), left);
        }
        assert_eq!(pace.take(rate, at(7)), Err(at(257)));
        assert_eq!(pace.take(rate, at(256)), Err(at(257)));
        assert_eq!(pace.take(rate, at(257)), Ok(()));
        assert_eq!(pace.take(rate, at(257)), Err(at(507)));
        // Who was refused has used nothing.
        assert_eq!(pace.left(rate, at(1_257)), 4);
    }

    #[test]
    fn in_any_time_there_are_no_more_than_the_rate_and_what_was_saved() {
        for most in [1, 3, 60, 1_000] {
            let rate = Rate::new(most, SECOND);
            let mut pace = Pace::default();
            let taken = (0..10_000).filter(|ms| pace.take(rate, at(*ms)).is_ok());
            let taken = taken.count();
            assert!(
                (10 * most..=11 * most).contains(&taken),
                "{taken} of {most}"
            );
        }
    }

    #[test]
    fn who_waits_as_told_is_not_refused_again() {
        let rate = Rate::new(60, SECOND);
        let mut pace = Pace::default();
        let mut now = at(0);
        for _ in 0..1_000 {
            match pace.take(rate, now) {
                Ok(()) => {}
                Err(next) => {
                    assert!(next > now);
                    now = next;
                    assert_eq!(pace.take(rate, now), Ok(()));
                }
            }
        }
        assert!(!pace.is_rested(now));
        assert!(pace.is_rested(now + SECOND));
    }
}
