//! Patience: how long a connection waits for its next request.
//!
//! Hardly a wait is ever too long, and setting a timer for each would cost the runtime's clockwork two
//! visits a request. So a connection has one alarm: it keeps the time it was set to first, and is set
//! anew when that has come too early.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::screen::Wait;

/// The patience of one connection.
#[derive(Debug)]
pub(super) struct Patience {
    alarm: Pin<Box<Sleep>>,
    /// The alarm knows whom to wake.
    is_set: bool,
    /// When the wait is over.
    until: Instant,
    later: Duration,
}

impl Patience {
    /// That of a connection which waits from now on: for this long at first, because a stranger gets less
    /// patience, and for that long later.
    pub(super) fn new(first: Duration, later: Duration) -> Self {
        let alarm = Box::pin(sleep(first));
        Self {
            is_set: false,
            until: alarm.deadline(),
            alarm,
            later,
        }
    }

    /// Ready once it has waited too long. The task that asks is always the same one.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>, wait: Wait) -> Poll<()> {
        match wait {
            Wait::None => return Poll::Pending,
            Wait::Begins => self.until = Instant::now() + self.later,
            Wait::GoesOn => {}
        }
        let until = self.until;
        if self.alarm.deadline() > until {
            self.set(until);
        }
        loop {
            if self.is_set && !self.alarm.is_elapsed() {
                return Poll::Pending;
            }
            self.is_set = true;
            ready!(self.alarm.as_mut().poll(context));
            if self.alarm.deadline() >= until {
                return Poll::Ready(());
            }
            self.set(until);
        }
    }

    fn set(&mut self, until: Instant) {
        self.alarm.as_mut().reset(until);
        self.is_set = false;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::advance;

    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// Waits until it is over.
    async fn end(patience: &mut Patience) {
        poll_fn(|context| patience.poll_end(context, Wait::GoesOn)).await;
    }

    /// Looks at it once.
    async fn look(patience: &mut Patience, wait: Wait) {
        let look = poll_fn(|context| Poll::Ready(patience.poll_end(context, wait)));
        assert!(look.await.is_pending());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_wait_is_short_and_the_others_are_as_asked_for() {
        for (first, later) in [(5, 75), (75, 5)] {
            let mut patience = Patience::new(secs(first), secs(later));
            let began = Instant::now();
            end(&mut patience).await;
            assert_eq!(began.elapsed(), secs(first));
            let mut patience = Patience::new(secs(first), secs(later));
            look(&mut patience, Wait::Begins).await;
            let began = Instant::now();
            end(&mut patience).await;
            assert_eq!(began.elapsed(), secs(later));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_given_up_leaves_no_early_alarm_to_the_next() {
        let mut patience = Patience::new(secs(5), secs(75));
        for _ in 0..30 {
            look(&mut patience, Wait::GoesOn).await;
            advance(secs(4)).await;
            look(&mut patience, Wait::Begins).await;
        }
        let began = Instant::now();
        end(&mut patience).await;
        assert_eq!(began.elapsed(), secs(75));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_while_a_request_is_answered() {
        let mut patience = Patience::new(secs(5), secs(75));
        look(&mut patience, Wait::None).await;
        advance(secs(1000)).await;
        look(&mut patience, Wait::None).await;
        look(&mut patience, Wait::Begins).await;
        let began = Instant::now();
        end(&mut patience).await;
        assert_eq!(began.elapsed(), secs(75));
    }
}
