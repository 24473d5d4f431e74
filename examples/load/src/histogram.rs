//! Counts of microseconds in buckets at most 1.6 % wide.

/// Buckets to each power of two.
const FINE: u64 = 64;

#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            buckets: vec![0; 40 * FINE as usize],
            count: 0,
            max: 0,
        }
    }

    pub(crate) fn record(&mut self, us: u64) {
        let at = bucket(us).min(self.buckets.len() - 1);
        self.buckets[at] += 1;
        self.count += 1;
        self.max = self.max.max(us);
    }

    /// The time within which this part of everything lies, in ms; 0 of nothing.
    pub(crate) fn quantile_ms(&self, part: f64) -> f64 {
        let mut left = (part * self.count as f64).ceil() as u64;
        for (at, count) in self.buckets.iter().enumerate() {
            left = left.saturating_sub(*count);
            if left == 0 && self.count > 0 {
                return top(at).min(self.max) as f64 / 1e3;
            }
        }
        self.max as f64 / 1e3
    }
}

fn bucket(us: u64) -> usize {
    let shift = (us.max(1).ilog2() + 1).saturating_sub(FINE.ilog2() + 1);
    (u64::from(shift) * FINE + (us >> shift)) as usize
}

/// The largest time of a bucket.
fn top(bucket: usize) -> u64 {
    let shift = (bucket as u64 / FINE).saturating_sub(1);
    ((bucket as u64 - shift * FINE + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_narrow_and_in_order() {
        let mut next = 0;
        for at in 0..20 * FINE as usize {
            let (low, high) = (next, top(at));
            assert_eq!((bucket(low), bucket(high)), (at, at));
            assert!((high - low) as f64 <= low as f64 / 60.0);
            next = high + 1;
        }
    }

    #[test]
    fn quantiles_are_of_what_was_recorded() {
        let mut times = Histogram::new();
        assert_eq!(times.quantile_ms(0.99), 0.0);
        (1..=1000).for_each(|ms| times.record(ms * 1000));
        assert!((times.quantile_ms(0.5) - 500.0).abs() < 10.0);
        assert!((times.quantile_ms(0.99) - 990.0).abs() < 20.0);
        assert_eq!(times.quantile_ms(1.0), 1000.0);
    }
}
