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
/// Connections that are told before others have their turn.
const TURN: usize = 64;

/// Whether a hub goes, and until when.
#[derive(Debug)]
pub(super) struct Drain {
    window: Duration,
    until: OnceLock<Instant>,
    /// When somebody asked last whether the hub is ready.
    watched: Mutex<Option<Instant>>,
    /// How many were told when to come back.
    told: AtomicU32,
}

impl Drain {
    /// Nobody goes yet.
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window,
            until: OnceLock::new(),
            watched: Mutex::default(),
            told: AtomicU32::new(0),
        }
    }

    /// Begins, unless it has. Until when it lasts.
    fn begin(&self) -> Result<Instant, Instant> {
        let until = Instant::now() + self.window;
        match self.until.set(until) {
            Ok(()) => Ok(until),
            Err(_) => Err(*self.until.get().expect("it was set before")),
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.until.get().is_some()
    }

    /// Whether somebody new may come.
    ///
    /// # Errors
    /// `overloaded` while the hub goes, with when it will have gone and others can have come back.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let Some(until) = self.until.get() else {
            return Ok(());
        };
        let left = until.saturating_duration_since(Instant::now());
        Err(Fault {
            retry_after_ms: Some(millis(left + self.pause())),
            ..Fault::new(
                Code::Overloaded,
                "the server is draining; come back elsewhere or later",
            )
        })
    }

    /// When the next one should come back: spread over the window, however many there will be. Steps of
    /// the golden ratio leave no gap and repeat nothing, and simulations play them again.
    fn pause(&self) -> Duration {
        const GOLDEN: u32 = 0x9e37_79b9;
        let told = self.told.fetch_add(1, Ordering::Relaxed);
        let part = f64::from(told.wrapping_mul(GOLDEN)) / f64::from(u32::MAX);
        self.window.mul_f64(part)
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
    /// Ends early when nobody is connected, unless somebody asked `/readyz` within the last minute: who
    /// sends others here needs the time to learn that it should not.
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
        let until = match drain.begin() {
            Ok(until) => until,
            Err(until) => {
                let _ = timeout_at(until, connections.all_ended()).await;
                return;
            }
        };
        // Nobody is added any more.
        let all = connections.all();
        tracing::info!(connections = all.len(), window = ?drain.window, "draining");
        for (i, outlet) in all.iter().enumerate() {
            if let Some(outlet) = outlet.upgrade() {
                let wait = millis(drain.pause());
                outlet.tell(&ServerMessage::draining(wait));
            }
            if i % TURN == TURN - 1 {
                yield_now().await;
            }
        }
        // What was said has a moment to leave: the body of an answer ends with what it has yet to hand out.
        let began = until - drain.window + HEAD_START;
        let step = drain.window.saturating_sub(HEAD_START)
            / u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
        for (i, outlet) in (0..).zip(&all) {
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
            let mut pauses: Vec<_> = (0..count).map(|_| drain.pause()).collect();
            pauses.sort_unstable();
            pauses.push(window);
            let gaps = pauses.windows(2).map(|two| two[1] - two[0]);
            let widest = gaps.max().expect("some pauses");
            assert!(widest <= 3 * window / count, "{count}: {widest:?}");
        }
        assert!(drain.check().is_ok());
        assert!(drain.begin().is_ok());
        tokio::time::advance(Duration::from_secs(2)).await;
        let fault = drain.check().expect_err("it goes");
        assert_eq!(fault.code, Code::Overloaded);
        let wait = fault.retry_after_ms.expect("a time");
        assert!((3_000..=8_000).contains(&wait), "{wait}");
        assert_eq!(drain.begin(), Err(Instant::now() + Duration::from_secs(3)));
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
