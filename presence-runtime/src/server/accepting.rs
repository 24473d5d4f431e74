//! Accepting: one connection after another, also where there is none for now.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::meter::Meter;
use super::socket::bound_buffers;

/// How long to wait after a connection could not be accepted, for want of file descriptors say.
const PAUSE: Duration = Duration::from_millis(50);

/// Where connections come from. TCP is one; simulations bring their own.
pub trait Listener: Send + 'static {
    /// A connection.
    type Io: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next connection.
    ///
    /// # Errors
    /// When there is none for now; the server tries again a little later.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Io>> + Send;

    /// The other end of a connection, for limits by address. Defaults to nobody knows.
    fn peer(_: &Self::Io) -> Option<IpAddr> {
        None
    }
}

impl Listener for TcpListener {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<TcpStream> {
        let (stream, _) = Self::accept(self).await?;
        // A small message must not wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        bound_buffers(&stream);
        Ok(stream)
    }

    fn peer(stream: &TcpStream) -> Option<IpAddr> {
        Some(stream.peer_addr().ok()?.ip())
    }
}

/// A listener that is accepted from until this is dropped.
#[derive(Debug)]
pub(super) struct Accepting<L> {
    listener: L,
    /// Nobody could be accepted last, and the log says so.
    is_out_of_breath: bool,
}

impl<L: Listener> Accepting<L> {
    pub(super) const fn new(listener: L) -> Self {
        Self {
            listener,
            is_out_of_breath: false,
        }
    }

    /// Waits for the next connection, however long there is none. May be dropped and called again.
    pub(super) async fn next(&mut self, meter: &Meter) -> L::Io {
        loop {
            match self.listener.accept().await {
                Ok(io) => {
                    self.is_out_of_breath = false;
                    return io;
                }
                // Whoever gave up before being let in is no reason to keep others waiting.
                Err(error) if is_of_one(&error) => {}
                Err(error) => {
                    meter.accept_failures.add(1);
                    if !std::mem::replace(&mut self.is_out_of_breath, true) {
                        tracing::warn!(%error, "cannot accept connections for now");
                    }
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Whether an error is of one connection rather than of all that are to come.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::ErrorKind;

    use tokio::time::Instant;

    use super::*;
    use crate::schema::Topics;

    /// What comes of accepting, one time after another.
    struct Scripted(VecDeque<Option<ErrorKind>>);

    impl Listener for Scripted {
        type Io = tokio::io::DuplexStream;

        async fn accept(&mut self) -> io::Result<Self::Io> {
            match self.0.pop_front().expect("nobody asks for more") {
                Some(kind) => Err(kind.into()),
                None => Ok(tokio::io::duplex(1).0),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_gave_up_keeps_nobody_waiting_and_want_of_descriptors_is_counted() {
        let meter = Meter::new(&Topics::new());
        let gave_up = Some(ErrorKind::ConnectionAborted);
        let want = Some(ErrorKind::OutOfMemory);
        let script = [gave_up, gave_up, None, want, gave_up, want, None];
        let mut accepting = Accepting::new(Scripted(script.into()));
        let began = Instant::now();
        accepting.next(&meter).await;
        assert_eq!(
            (began.elapsed(), meter.accept_failures.get()),
            (Duration::ZERO, 0)
        );
        accepting.next(&meter).await;
        assert_eq!(
            (began.elapsed(), meter.accept_failures.get()),
            (2 * PAUSE, 2)
        );
        assert!(accepting.listener.0.is_empty());
    }
}
