//! Draining: a hub that goes, and everybody who is told to come back elsewhere or later.
//!
//! Whoever asks learns at once that the hub is no longer ready. Every connection is told when to come
//! back, and ends at a time of its own, so that neither the end nor the return is everybody's at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::hub::Hub;
use crate::wire::websocket::CloseCode;
use crate::wire::{Code, Fault, ServerMessage, millis};

/// Whoever asked whether the hub is ready within this time asks again.
const WATCHED_FOR: Duration = Duration::from_secs(60);
/// How long before the first connection ends all were told.
const HEAD_START: Duration = Duration::from_millis(50);
/// So far apart connections end at most, where nobody asks whether the hub is ready: a handful that comes back
/// together hurts nobody, and a server that is restarted all day should not take its time over them.
const STEP: Duration = Duration::from_millis(20);
/// Connections that are told before others have their turn.
const TURN: usize = 64;

/// Whether a hub goes, and until when.
#[derive(Debug)]
pub(super) struct Drain {
    /// The longest that it may last.
    most: Duration,
    going: OnceLock<Going>,
    /// When somebody asked last whether the hub is ready.
    watched: Mutex<Option<Instant>>,
    /// How many were told when to come back.
    told: AtomicU32,
}

/// How long a hub takes to go, and until when.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Going {
    window: Duration,
    until: Instant,
}

impl Drain {
    /// Nobody goes yet.
    pub(super) fn new(most: Duration) -> Self {
        Self {
            most,
            going: OnceLock::new(),
            watched: Mutex::default(),
            told: AtomicU32::new(0),
        }
    }

    /// Begins with so many connections, unless it has.
    fn begin(&self, connections: usize) -> Result<Going, Going> {
        let count = u32::try_from(connections).unwrap_or(u32::MAX);
        let window = match self.is_watched() {
            true => self.most,
            false => self.most.min(HEAD_START + STEP.saturating_mul(count)),
        };
        let until = Instant::now() + window;
        let going = Going { window, until };
        match self.going.set(going) {
            Ok(()) => Ok(going),
            Err(_) => Err(*self.going.get().expect("it was set before")),
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.going.get().is_some()
    }

    /// Whether somebody new may come.
    ///
    /// # Errors
    /// `overloaded` while the hub goes, with when it will have gone and others can have come back.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let Some(going) = self.going.get() else {
            return Ok(());
        };
        let left = going.until.saturating_duration_since(Instant::now());
        Err(Fault {
            retry_after_ms: Some(millis(left + self.pause(going.window))),
            ..Fault::new(
                Code::Overloaded,
                "the server is draining; come back elsewhere or later",
            )
        })
    }

    /// When the next one should come back: spread over the window, however many there will be. Steps of
    /// the golden ratio leave no gap and repeat nothing, and simulations play them again.
    fn pause(&self, window: Duration) -> Duration {
        const GOLDEN: u32 = 0x9e37_79b9;
        let told = self.told.fetch_add(1, Ordering::Relaxed);
        let part = f64::from(told.wrapping_mul(GOLDEN)) / f64::from(u32::MAX);
        window.mul_f64(part)
    }

    /// Somebody asks whether the hub is ready.
    pub(super) fn watched(&self) {
        *self.watched.lock().expect("nothing panics with it") = Some(Instant::now());
    }

    /// Whether somebody who sends others here is going to ask again, and has to learn that the hub goes.
    fn is_watched(&self) -> bool {
        let watched = *self.watched.lock().expect("nothing panics with it");
        watched.is_some_and(|at| at.elapsed() < WATCHED_FOR)
    }
}

impl Hub {
    /// Goes in order. From now on [`Hub::readiness`] is `Draining`, and new WebSockets and event streams are
    /// refused with `overloaded` (503) and `Retry-After`; everything else is answered as ever. Those that
    /// are open hear `draining` at once and end over [`Config::drain`](super::Config::drain), WebSockets
    /// with 1012; then the hub closes, as [`Hub::close`] does.
    ///
    /// Where nobody asked `/readyz` within the last minute it takes 20 ms for each connection at most, and ends
    /// with the last: who sends others here needs the time to learn that it should not.
    ///
    /// [`Server::run`](super::Server::run) does this. An application that serves the hub itself waits for
    /// it before it stops to accept connections:
    ///
    /// ```no_run
    /// # async fn serve(hub: presence_runtime::Hub, listener: tokio::net::TcpListener, app: axum::Router) -> std::io::Result<()> {
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async move {
    ///         presence_runtime::interrupted().await;
    ///         hub.drain().await;
    ///     })
    ///     .await
    /// # }
    /// ```
    pub async fn drain(&self) {
        self.send_off().await;
        self.farewell().await;
        self.close();
    }

    /// Leaves those who were here to other nodes, where there are some.
    pub(super) async fn farewell(&self) {
        if let Some(neighbours) = self.shared().neighbours() {
            neighbours.farewell().await;
        }
    }

    /// Sends everybody off who is connected. Returns when the time is over, or nobody is left.
    pub(super) async fn send_off(&self) {
        let connections = self.connections();
        let drain = &connections.drain;
        let Going { window, until } = match drain.begin(connections.count()) {
            Ok(going) => going,
            Err(Going { until, .. }) => {
                let _ = timeout_at(until, connections.all_ended()).await;
                return;
            }
        };
        // Nobody is added any more.
        let all = connections.all();
        tracing::info!(connections = all.len(), ?window, "draining");
        for (i, outlet) in all.iter().enumerate() {
            if let Some(outlet) = outlet.upgrade() {
                let wait = millis(drain.pause(window));
                outlet.tell(&ServerMessage::draining(wait));
            }
            if i % TURN == TURN - 1 {
                yield_now().await;
            }
        }
        // What was said has a moment to leave: the body of an answer ends with what it has yet to hand out.
        let began = until - window + HEAD_START;
        let step =
            window.saturating_sub(HEAD_START) / u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
        for (i, outlet) in (0..).zip(&all) {
            // Who has gone by itself is not waited for.
            if outlet.strong_count() == 0 {
                continue;
            }
            sleep_until(began + step * i).await;
            if let Some(outlet) = outlet.upgrade() {
                outlet.close(CloseCode::RESTART);
            }
        }
        if drain.is_watched() {
            sleep_until(until).await;
        } else {
            let _ = timeout_at(until, connections.all_ended()).await;
        }
        tracing::info!("drained");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_are_spread_evenly_over_the_window() {
        let window = Duration::from_secs(5);
        let drain = Drain::new(window);
        for count in [10, 90, 900] {
            let drain = Drain::new(window);
            let mut pauses: Vec<_> = (0..count).map(|_| drain.pause(window)).collect();
            pauses.sort_unstable();
            pauses.push(window);
            let gaps = pauses.windows(2).map(|two| two[1] - two[0]);
            let widest = gaps.max().expect("some pauses");
            assert!(widest <= 3 * window / count, "{count}: {widest:?}");
        }
        assert!(drain.check().is_ok());
        assert!(drain.begin(10_000).is_ok());
        tokio::time::advance(Duration::from_secs(2)).await;
        let fault = drain.check().expect_err("it goes");
        assert_eq!(fault.code, Code::Overloaded);
        let wait = fault.retry_after_ms.expect("a time");
        assert!((3_000..=8_000).contains(&wait), "{wait}");
        let until = Instant::now() + Duration::from_secs(3);
        assert_eq!(drain.begin(0), Err(Going { window, until }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_handful_does_not_take_the_whole_time_unless_somebody_has_to_learn_it() {
        let most = Duration::from_secs(5);
        let window = |count, watched| {
            let drain = Drain::new(most);
            if watched {
                drain.watched();
            }
            drain.begin(count).expect("it has not begun").window
        };
        assert_eq!(window(0, false), HEAD_START);
        assert_eq!(window(2, false), HEAD_START + 2 * STEP);
        assert_eq!(window(1_000, false), most);
        assert_eq!(window(usize::MAX, false), most);
        assert_eq!(window(2, true), most);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_watched_for_a_minute_after_somebody_asked() {
        let drain = Drain::new(Duration::from_secs(5));
        assert!(!drain.is_watched());
        drain.watched();
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(drain.is_watched());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!drain.is_watched());
    }
}
