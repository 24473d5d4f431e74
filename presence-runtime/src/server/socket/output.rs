//! Writing: what an outlet holds, to its client.

use std::future::poll_fn;
use std::pin::Pin;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWrite, AsyncWriteExt, WriteHalf};

use crate::server::outlet::Outlet;

/// Where what a client is told is written to.
pub(super) enum Output {
    /// The outlet writes itself.
    Direct,
    Deferred(WriteHalf<TokioIo<Upgraded>>),
}

impl Output {
    /// Writes some of what is pending. Returns whether nothing is left. May be dropped and called
    /// again.
    pub(super) async fn drain(&mut self, outlet: &Outlet) -> std::io::Result<bool> {
        match self {
            Self::Direct => outlet.drain().await,
            Self::Deferred(stream) => {
                let Some(bytes) = outlet.front() else {
                    // TLS and the like keep bytes back until they are told that no more come.
                    stream.flush().await?;
                    return Ok(outlet.front().is_none());
                };
                let count = poll_fn(|context| {
                    let writing = Pin::new(&mut *stream).poll_write(context, &bytes);
                    if writing.is_pending() {
                        outlet.is_stuck();
                    }
                    writing
                })
                .await?;
                if count == 0 {
                    return Err(std::io::ErrorKind::WriteZero.into());
                }
                outlet.wrote(count);
                Ok(false)
            }
        }
    }

    pub(super) async fn end(&mut self, outlet: &Outlet) {
        match self {
            Self::Direct => outlet.end(),
            Self::Deferred(stream) => {
                let _ = stream.shutdown().await;
            }
        }
    }
}
