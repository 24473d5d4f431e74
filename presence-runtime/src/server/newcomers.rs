//! Newcomers: how many new topics each address has made of late.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use super::address::Address;
use crate::topic::{Pace, Rate, Time};

/// As many addresses are remembered; those beyond share one rate until others are forgotten.
const MOST: usize = 65_536;
/// How often it is looked for addresses to forget, at most.
const TIDY: Duration = Duration::from_secs(1);

/// How much each address has used of its rate. Forgotten are those who have all of it again.
#[derive(Debug)]
pub(super) struct Newcomers {
    rate: Rate,
    most: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    paces: HashMap<Address, Pace>,
    /// Of all who are too many to be remembered.
    others: Pace,
    /// Nobody looks for those to forget before.
    tidy_at: Time,
}

impl Newcomers {
    /// So many a minute and address.
    pub(super) fn new(most: usize) -> Self {
        Self {
            rate: Rate::new(most, Duration::from_secs(60)),
            most: MOST,
            used: Mutex::default(),
        }
    }

    /// One more by this address.
    ///
    /// # Errors
    /// Beyond its rate: how long to wait.
    pub(super) fn add(&self, address: Address, now: Time) -> Result<(), Duration> {
        let mut used = self.used.lock().expect("nothing panics while it holds it");
        let known = used.paces.contains_key(&address);
        if !known && now >= used.tidy_at {
            used.paces.retain(|_, pace| !pace.is_rested(now));
            used.tidy_at = now + TIDY;
        }
        let full = used.paces.len() >= self.most;
        let pace = if full && !known {
            &mut used.others
        } else {
            used.paces.entry(address).or_default()
        };
        let taken = pace.take(self.rate, now);
        taken.map_err(|next| next.saturating_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::address::tests::numbered;

    fn newcomers(rate: usize, most: usize) -> Newcomers {
        Newcomers {
            most,
            ..Newcomers::new(rate)
        }
    }

    #[test]
    fn each_address_has_a_rate_of_its_own_and_is_told_when_to_come_back() {
        let newcomers = newcomers(3, MOST);
        let now = Time::from_millis(5_000);
        for address in [numbered(1), numbered(2)] {
            for _ in 0..3 {
                assert_eq!(newcomers.add(address, now), Ok(()));
            }
            let wait = newcomers.add(address, now).expect_err("too many");
            assert_eq!(wait, Duration::from_secs(20));
            assert_eq!(newcomers.add(address, now + wait), Ok(()));
        }
    }

    #[test]
    fn who_is_too_many_shares_a_rate_and_who_has_waited_is_forgotten() {
        let newcomers = newcomers(1, 100);
        let now = Time::from_millis(0);
        for number in 0..100 {
            assert_eq!(newcomers.add(numbered(number), now), Ok(()));
        }
        assert_eq!(newcomers.add(numbered(100), now), Ok(()));
        assert!(newcomers.add(numbered(101), now).is_err());
        assert!(newcomers.add(numbered(7), now).is_err());
        let later = now + Duration::from_secs(60);
        for number in 101..110 {
            assert_eq!(newcomers.add(numbered(number), later), Ok(()));
        }
        assert_eq!(newcomers.used.lock().expect("no panic").paces.len(), 9);
    }
}
