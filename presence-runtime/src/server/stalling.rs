//! Stalling: a connection that breaks off when its client takes nothing for too long.
//!
//! WebSockets see to this themselves, and say so when they close. An event stream cannot: while
//! the socket is full nobody asks its body for more.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::config::Config;

/// How much longer than a WebSocket anything else may be stalled: a WebSocket says why it ends.
const SPARE: Duration = Duration::from_secs(1);

/// How long anything but a WebSocket may be stalled.
pub(super) const fn patience(config: &Config) -> Duration {
    config.stall_timeout.saturating_add(SPARE)
}

/// A connection on which a write fails once nothing could be written for some time.
#[derive(Debug)]
pub(super) struct Stalling<T> {
    io: T,
    patience: Duration,
    /// Rings when nothing could be written for too long; nothing while all goes well.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<T> Stalling<T> {
    pub(super) const fn new(io: T, patience: Duration) -> Self {
        Self {
            io,
            patience,
            alarm: None,
        }
    }

    /// The connection, on which somebody else watches the time.
    pub(super) fn into_inner(self) -> T {
        self.io
    }

    fn watch<R>(
        &mut self,
        context: &mut Context<'_>,
        done: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if done.is_ready() {
            self.alarm = None;
            return done;
        }
        let patience = self.patience;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(patience)));
        match alarm.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Stalling<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Stalling<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.io).poll_write(context, bytes);
        self.watch(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.watch(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.io).poll_flush(context);
        if done.is_pending() {
            return self.watch(context, done);
        }
        // A flush of nothing is no sign of life.
        done
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_write_fails_once_nothing_was_taken_for_the_time() {
        let (mut client, server) = duplex(1000);
        let mut server = Stalling::new(server, Duration::from_secs(31));
        let reading = async {
            let mut some = [0; 100];
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(29)).await;
                client.read_exact(&mut some).await.expect("it is open");
            }
            Instant::now()
        };
        let (last, written) = tokio::join!(reading, async {
            let written = server.write_all(&[0; 5000]).await;
            (written, Instant::now())
        });
        let (written, at) = written;
        assert_eq!(
            written.expect_err("it stalls").kind(),
            io::ErrorKind::TimedOut
        );
        assert_eq!((at - last).as_secs(), 31);
    }
}
