//! The pulse: whether there is life in a WebSocket.
//!
//! Whoever says something lives. So does whoever makes room: bytes that had to wait and went are as
//! good a sign as a pong. A pong, though, waits behind everything its sender has not read. A reader
//! of a kilobyte a second with 64 KiB before it is alive and silent for a minute, so somebody known
//! to be slow has as long as that takes; everybody else has the time of two pings. So has somebody
//! who makes no room while bytes wait for it: a slow reader makes some every few seconds.
//!
//! Known to be slow is who made room for bytes that had to wait, or whose last pong came late.

use std::time::Duration;

use tokio::time::Instant;

use super::config::Config;
use crate::mistake::{Mistake, is_made};
use crate::topic::Time;
use crate::wire::websocket::CloseCode;

/// The slowest reader that is waited for, in bytes a second.
const SLOWEST: u64 = 1024;
/// The most bytes that a client may have before it and not have read, in the buffers of two
/// systems and whatever is between them.
const MOST_UNREAD: u64 = 256 * 1024;

/// Whether there is life in a connection.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    /// When something was heard, and how many bytes had been written by then.
    heard: (Instant, u64),
    /// When room was made for bytes that had to wait, if that was later than anything heard.
    room: Option<Instant>,
    /// When the oldest ping went that nothing was heard after.
    pinged: Option<Instant>,
    /// What was heard last came long after a ping.
    late: bool,
    progress: Progress,
    /// Since when nothing at all could be written, while something waits.
    stuck: Option<Instant>,
    hello_timeout: Duration,
    ping: Duration,
    pong_wait: Duration,
    silence: Duration,
    stall: Duration,
}

/// How far writing has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Bytes written so far.
    pub(super) written: u64,
    /// Whether more are waiting.
    pub(super) waiting: bool,
    /// How often bytes went after they had found no room.
    pub(super) rooms: u64,
}

/// What the time asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Fine,
    Ping,
    /// Nobody is there to hear a goodbye.
    Lost,
    End(CloseCode),
}

impl Pulse {
    pub(super) fn new(config: &Config) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            heard: (now, 0),
            room: None,
            pinged: None,
            late: false,
            progress: Progress::default(),
            stuck: None,
            hello_timeout: config.hello_timeout,
            ping: config.ping,
            pong_wait: config.pong_wait,
            silence: config.silence(),
            stall: config.stall_timeout,
        }
    }

    /// The client said something.
    pub(super) fn heard(&mut self) {
        let now = Instant::now();
        self.heard = (now, self.progress.written);
        self.room = None;
        let pinged = self.pinged.take();
        self.late = pinged.is_some_and(|pinged| now >= pinged + self.pong_wait);
    }

    /// When something was heard last.
    pub(super) const fn last_heard(&self) -> Instant {
        self.heard.0
    }

    /// The same as time since the beginning.
    pub(super) fn time_heard(&self) -> Time {
        let since = self.heard.0 - self.began;
        Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// The moment of such a time.
    pub(super) fn instant(&self, time: Time) -> Instant {
        self.began + Duration::from_millis(time.as_millis())
    }

    /// A ping is on its way.
    pub(super) fn pinged(&mut self) {
        self.pinged.get_or_insert_with(Instant::now);
    }

    /// Takes note of how far writing has come.
    pub(super) fn wrote(&mut self, progress: Progress) {
        let before = std::mem::replace(&mut self.progress, progress);
        if progress.rooms != before.rooms {
            self.room = Some(Instant::now());
        }
        if !progress.waiting {
            self.stuck = None;
        } else if !before.waiting || progress.written != before.written && !is_made(Mistake::G9) {
            self.stuck = Some(Instant::now());
        }
    }

    /// When to check at the latest because bytes wait; unlike [`Pulse::next_check`] it may come nearer.
    pub(super) fn next_due(&self, greeted: bool) -> Option<Instant> {
        let since = self.stuck.filter(|_| greeted)?;
        Some((since + self.stall).min(self.life() + self.patience()))
    }

    /// When to check next, whatever is heard meanwhile.
    pub(super) fn next_check(&self, greeted: bool) -> Instant {
        if !greeted {
            return self.began + self.hello_timeout;
        }
        let silent = self.life().elapsed();
        let checks = [self.ping, 2 * self.ping, self.patience()];
        let next = checks.into_iter().find(|check| *check > silent);
        self.life() + next.unwrap_or_default()
    }

    /// What is to be done now.
    pub(super) fn check(&self, greeted: bool) -> Check {
        let now = Instant::now();
        if !greeted {
            return if now >= self.began + self.hello_timeout {
                Check::End(CloseCode::NO_HELLO)
            } else {
                Check::Fine
            };
        }
        if self.stuck.is_some_and(|since| now >= since + self.stall) {
            return Check::End(CloseCode::STALLED);
        }
        let silent = now.duration_since(self.life());
        if silent >= self.patience() {
            Check::Lost
        } else if silent >= self.ping && self.stuck.is_none() {
            Check::Ping
        } else {
            Check::Fine
        }
    }

    /// The last sign of life.
    fn life(&self) -> Instant {
        self.room
            .map_or(self.heard.0, |room| room.max(self.heard.0))
    }

    /// How long the next sign may take.
    fn patience(&self) -> Duration {
        let slow = self.room.is_some() || self.late;
        if !slow {
            return self.silence;
        }
        let unread = self.progress.written.saturating_sub(self.heard.1);
        let reading = Duration::from_secs(unread.min(MOST_UNREAD).div_ceil(SLOWEST));
        // It was right to be silent before there was no room.
        let waiting = self
            .stuck
            .map(|since| since.saturating_duration_since(self.life()));
        self.silence + waiting.map_or(reading, |waiting| waiting.min(reading))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    const fn written(written: u64, waiting: bool, rooms: u64) -> Progress {
        Progress {
            written,
            waiting,
            rooms,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_has_two_pings_and_a_wait() {
        let mut pulse = Pulse::new(&Config::default());
        pulse.wrote(written(60_000, false, 0));
        advance(secs(10)).await;
        assert_eq!(pulse.check(true), Check::Ping);
        advance(secs(13)).await;
        assert_eq!(pulse.check(true), Check::Ping);
        advance(secs(1)).await;
        assert_eq!(pulse.check(true), Check::Lost);
    }

    #[tokio::test(start_paused = true)]
    async fn who_made_room_has_as_long_as_it_takes_to_read_a_kilobyte_a_second() {
        let mut pulse = Pulse::new(&Config::default());
        pulse.wrote(written(60 * 1024, true, 0));
        advance(secs(20)).await;
        pulse.wrote(written(61 * 1024, false, 1));
        advance(secs(24 + 61)).await;
        assert_eq!(pulse.check(true), Check::Lost);
        advance(secs(0)).await;
        pulse.heard();
        pulse.wrote(written(61 * 1024 + 2, false, 1));
        advance(secs(24)).await;
        assert_eq!(
            pulse.check(true),
            Check::Lost,
            "its pong has come, it is not slow"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_waited_for_longer_than_buffers_hold() {
        let mut pulse = Pulse::new(&Config::default());
        pulse.wrote(written(10_000_000, false, 7));
        advance(secs(24 + 255)).await;
        assert_eq!(pulse.check(true), Check::Ping);
        advance(secs(1)).await;
        assert_eq!(pulse.check(true), Check::Lost);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_at_all_is_stalled_after_thirty_seconds() {
        let mut pulse = Pulse::new(&Config::default());
        pulse.wrote(written(1, true, 0));
        for _ in 0..3 {
            advance(secs(9)).await;
            pulse.heard();
        }
        assert_eq!(pulse.check(true), Check::Fine);
        pulse.wrote(written(2, true, 1));
        advance(secs(20)).await;
        pulse.heard();
        advance(secs(9)).await;
        pulse.wrote(written(2, true, 1));
        assert_eq!(pulse.check(true), Check::Fine);
        assert_eq!(pulse.next_due(true), Some(Instant::now() + secs(1)));
        advance(secs(1)).await;
        assert_eq!(pulse.check(true), Check::End(CloseCode::STALLED));
        // Before `hello` there is one time only: another one that is over would be seen to for ever.
        assert_eq!(pulse.check(false), Check::End(CloseCode::NO_HELLO));
        assert_eq!(pulse.next_due(false), None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_and_says_nothing_is_lost_as_soon_as_anybody_silent() {
        let mut pulse = Pulse::new(&Config::default());
        advance(secs(2)).await;
        pulse.wrote(written(1, true, 0));
        advance(secs(21)).await;
        assert_eq!(pulse.check(true), Check::Fine);
        // It makes room for some of it, and is cut off then.
        pulse.wrote(written(8_000, true, 1));
        advance(secs(23)).await;
        assert_eq!(pulse.check(true), Check::Fine);
        assert!(pulse.next_check(true).duration_since(Instant::now()) <= secs(1));
        advance(secs(1)).await;
        assert_eq!(pulse.check(true), Check::Lost);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_known_to_be_slow_may_find_no_room_before_the_time_of_two_pings_is_over() {
        let mut pulse = Pulse::new(&Config::default());
        pulse.wrote(written(60 * 1024, true, 0));
        pulse.wrote(written(61 * 1024, false, 1));
        // It reads a kilobyte a second of that, and then there is more than fits.
        advance(secs(40)).await;
        pulse.wrote(written(62 * 1024, true, 1));
        assert_eq!(pulse.check(true), Check::Fine);
        assert_eq!(pulse.next_due(true), Some(Instant::now() + secs(24)));
        // Nobody makes it any room.
        advance(secs(24)).await;
        assert_eq!(pulse.check(true), Check::Lost);
    }

    #[tokio::test(start_paused = true)]
    async fn whose_last_pong_came_late_has_as_long_as_the_next_may_take() {
        let mut pulse = Pulse::new(&Config::default());
        // Two kilobytes a second, of which it reads one: all of them fit into some buffer.
        advance(secs(10)).await;
        assert_eq!(pulse.check(true), Check::Ping);
        pulse.pinged();
        advance(secs(10)).await;
        pulse.wrote(written(40 * 1024, false, 0));
        pulse.heard();
        pulse.wrote(written(80 * 1024, false, 0));
        advance(secs(40)).await;
        assert_eq!(pulse.check(true), Check::Ping);
        advance(secs(24)).await;
        assert_eq!(pulse.check(true), Check::Lost);
    }
}
