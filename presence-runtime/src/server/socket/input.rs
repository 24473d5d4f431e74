//! Reading: what a client says, into the ears of its dialogue.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, Interest, ReadBuf, ReadHalf};
use tokio::net::tcp::OwnedReadHalf;

use super::end::End;
use crate::server::dialogue::Dialogue;
use crate::server::ears::Ears;

/// Bytes that are read at once.
const READ: usize = 64 * 1024;
/// Bytes of an unfinished frame that are copied to where the rest of it is read. More of them are read
/// on to: or a long message that comes in small pieces would be copied with every one.
const COPIED: usize = 4 * 1024;

thread_local! {
    /// Where every direct connection of the thread reads.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where what a client says is read from.
pub(super) enum Input {
    Direct(OwnedReadHalf),
    Deferred(ReadHalf<TokioIo<Upgraded>>),
}

impl Input {
    /// Reads once and hears what came; or waits for the application, where it is asked, and hears on;
    /// or hears what was read before. Whoever is not heard for now is noticed all the same when they are gone.
    /// May be dropped and called again.
    pub(super) async fn hear<D: Dialogue>(
        &mut self,
        ears: &mut Ears<D>,
        is_heard: bool,
    ) -> Result<(), End> {
        if !is_heard {
            self.is_reset().await;
            return Err(End::Lost);
        }
        if ears.dialogue.is_asking() {
            poll_fn(|context| ears.dialogue.poll_answer(context)).await;
            return ears.hear_held().map_err(End::Closed);
        }
        if ears.is_behind() {
            return ears.hear_on().await.map_err(End::Closed);
        }
        match self {
            Self::Direct(stream) if ears.waiting().len() < COPIED => {
                poll_fn(|context| {
                    BUFFER.with_borrow_mut(|buffer| hear_direct(context, stream, ears, buffer))
                })
                .await
            }
            Self::Direct(stream) => {
                ears.waiting().reserve(READ);
                hear_more(stream, ears).await
            }
            Self::Deferred(stream) => hear_more(stream, ears).await,
        }
    }

    /// Waits until the connection is reset, whatever was said before it.
    async fn is_reset(&mut self) {
        match self {
            Self::Direct(stream) => {
                // In a box, because hardly anybody has to wait for it.
                let _ = Box::pin(stream.ready(Interest::ERROR)).await;
            }
            // A pipe tells of its end in its place.
            Self::Deferred(_) => pending().await,
        }
    }

    /// Reads until the client has closed its side.
    pub(super) async fn discard(&mut self) {
        match self {
            Self::Direct(stream) => {
                let mut waste = [0; 1024];
                while let Ok(1..) = stream.read(&mut waste).await {}
            }
            Self::Deferred(stream) => {
                let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
            }
        }
    }
}

/// Reads behind what is waiting, and hears that.
async fn hear_more<D: Dialogue>(
    stream: &mut (impl AsyncRead + Unpin),
    ears: &mut Ears<D>,
) -> Result<(), End> {
    let count = stream.read_buf(ears.waiting()).await;
    match count {
        Ok(1..) => ears.hear_waiting().map_err(End::Closed),
        Ok(0) | Err(_) => Err(End::Lost),
    }
}

fn hear_direct<D: Dialogue>(
    context: &mut Context<'_>,
    stream: &mut OwnedReadHalf,
    ears: &mut Ears<D>,
    buffer: &mut Vec<u8>,
) -> Poll<Result<(), End>> {
    let kept = ears.waiting().len();
    buffer.resize(READ + kept, 0);
    // A read that does not fill the buffer has emptied the socket, and saves asking it again.
    let mut read = ReadBuf::new(&mut buffer[kept..]);
    let done = ready!(Pin::new(stream).poll_read(context, &mut read));
    let count = read.filled().len();
    if done.is_err() || count == 0 {
        return Poll::Ready(Err(End::Lost));
    }
    let heard = ears.hear_read(&mut buffer[..kept + count]);
    Poll::Ready(heard.map_err(End::Closed))
}
