//! Patience: how long a connection waits for the head of its next request.
//!
//! hyper asks for a timer after every answer and drops it with the next request. Hardly one of them
//! ever rings, and each would cost the runtime's clockwork two visits. So all timers of a connection
//! are one: it keeps the time it was set to first, and is set anew when that has come too early.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time::Sleep as Alarm;

/// The timer of one connection.
#[derive(Debug)]
pub(super) struct Patience {
    alarm: Arc<Mutex<Pin<Box<Alarm>>>>,
    /// When the first wait is over, before there was one. A stranger gets less patience.
    first: Mutex<Option<Instant>>,
}

impl Patience {
    /// A timer whose first wait lasts so long, whatever it is asked for.
    pub(super) fn new(first: Duration) -> Self {
        let alarm = tokio::time::sleep(first);
        Self {
            first: Mutex::new(Some(alarm.deadline().into_std())),
            alarm: Arc::new(Mutex::new(Box::pin(alarm))),
        }
    }
}

impl Timer for Patience {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let mut first = self.first.lock().expect("nothing panics while it holds it");
        Box::pin(Wait {
            alarm: self.alarm.clone(),
            deadline: first.take().unwrap_or(deadline).into(),
        })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

/// One of the times that a connection waits; they follow each other.
struct Wait {
    alarm: Arc<Mutex<Pin<Box<Alarm>>>>,
    deadline: tokio::time::Instant,
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.lock().expect("nothing panics while it holds it");
        if alarm.deadline() > self.deadline {
            alarm.as_mut().reset(self.deadline);
        }
        loop {
            ready!(alarm.as_mut().poll(context));
            if alarm.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(self.deadline);
        }
    }
}

impl Sleep for Wait {}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, advance};

    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_wait_is_short_and_the_others_are_as_asked_for() {
        let patience = Patience::new(secs(5));
        let began = Instant::now();
        patience.sleep(secs(75)).await;
        assert_eq!(began.elapsed(), secs(5));
        patience.sleep(secs(75)).await;
        assert_eq!(began.elapsed(), secs(80));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_given_up_leaves_no_early_alarm_to_the_next() {
        let patience = Patience::new(secs(5));
        for _ in 0..10 {
            let mut wait = patience.sleep(secs(75));
            let waiting = std::future::poll_fn(|context| {
                Poll::Ready(wait.as_mut().poll(context).is_pending())
            });
            assert!(waiting.await);
            advance(secs(4)).await;
        }
        let began = Instant::now();
        patience.sleep(secs(75)).await;
        assert_eq!(began.elapsed(), secs(75));
        patience.sleep(secs(10)).await;
        assert_eq!(began.elapsed(), secs(85));
    }
}
