//! The admin address: operations on a listener of their own, for few and known clients.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use super::accepting::Accepting;
use super::listen::{StartError, listen};
use super::operations::Operations;

/// How long the head of a request may take, and a connection be idle.
const PATIENCE: Duration = Duration::from_secs(30);
/// No connection lasts longer, whatever it is at.
const LONGEST: Duration = Duration::from_secs(3600);
/// More connections wait until others have ended.
const MOST: usize = 64;

/// A listener and what it answers with.
#[derive(Debug)]
pub(super) struct Admin {
    listener: TcpListener,
    addr: SocketAddr,
    operations: Operations,
}

/// An [`Admin`] that serves until this is dropped.
#[derive(Debug)]
pub(super) struct Serving(AbortHandle);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Admin {
    pub(super) fn bind(
        named: &str,
        addr: SocketAddr,
        operations: Operations,
    ) -> Result<Self, StartError> {
        let failed = |source| StartError::Bind {
            addr: named.to_owned(),
            source,
        };
        let listener = listen(addr).map_err(failed)?;
        Ok(Self {
            addr: listener.local_addr().map_err(failed)?,
            listener,
            operations,
        })
    }

    pub(super) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(super) fn serve(self) -> Serving {
        Serving(tokio::spawn(self.run()).abort_handle())
    }

    async fn run(self) {
        let room = Arc::new(Semaphore::new(MOST));
        // They end with this task.
        let mut connections = JoinSet::new();
        let mut accepting = Accepting::new(self.listener);
        loop {
            let place = room.clone().acquire_owned().await;
            let stream = accepting.next(self.operations.meter()).await;
            let operations = self.operations.clone();
            while connections.try_join_next().is_some() {}
            connections.spawn(async move {
                let _place = place;
                let answer = service_fn(move |request| {
                    let operations = operations.clone();
                    async move { Ok::<_, Infallible>(operations.answer(request)) }
                });
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
                let served = http.serve_connection(TokioIo::new(stream), answer);
                // A connection that breaks off is the client's affair.
                let _ = timeout(LONGEST, served).await;
            });
        }
    }
}
