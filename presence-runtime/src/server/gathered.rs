//! Gathered writes: small pieces leave as one, and it is noted when all have left.
//!
//! hyper hands over the head and the body of an answer side by side. For the system that is a dearer
//! call than one piece, by more than it takes to put two small pieces together; large ones, such as
//! the events that many streams share, are never copied.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::handover::Handover;

/// The most bytes that are put together.
const SMALL: usize = 1024;

/// A connection that is written to in few pieces.
#[derive(Debug)]
pub(super) struct Gathered<Io> {
    io: Io,
    handover: Arc<Handover>,
}

impl<Io> Gathered<Io> {
    /// The connection; whoever waits for it is told when all that was written has left.
    pub(super) const fn new(io: Io, handover: Arc<Handover>) -> Self {
        Self { io, handover }
    }

    pub(super) fn into_inner(self) -> Io {
        self.io
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Gathered<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Gathered<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length: usize = pieces.iter().map(|it| it.len()).sum();
        if length > SMALL {
            return Pin::new(&mut self.io).poll_write_vectored(context, pieces);
        }
        let mut whole = [0; SMALL];
        let mut end = 0;
        for piece in pieces {
            whole[end..][..piece.len()].copy_from_slice(piece);
            end += piece.len();
        }
        Pin::new(&mut self.io).poll_write(context, &whole[..end])
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.io).poll_flush(context);
        if done.is_ready() {
            self.handover.flushed();
        }
        done
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn pieces_arrive_whole_and_in_order_whatever_their_size() {
        for length in [1, SMALL / 2, SMALL / 2 + 1, 3 * SMALL] {
            let (near, mut far) = duplex(16 * SMALL);
            let (head, body) = (vec![b'h'; length], vec![b'b'; length]);
            let sent = async move {
                let mut pieces = &mut [IoSlice::new(&head), IoSlice::new(&body)][..];
                let mut near = Gathered::new(near, Arc::default());
                while !pieces.is_empty() {
                    let count = near.write_vectored(pieces).await.expect("it is open");
                    IoSlice::advance_slices(&mut pieces, count);
                }
                [head.clone(), body.clone()].concat()
            };
            let sent = sent.await;
            let mut got = Vec::new();
            far.read_to_end(&mut got).await.expect("it is open");
            assert_eq!(got, sent, "{length}");
        }
    }
}
