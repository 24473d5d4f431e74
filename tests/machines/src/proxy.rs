//! The wire between a node and Redis, which can be cut, blocked and slowed. It has threads to itself: whatever
//! the driver is at, nothing else holds it up.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::Failed;
use crate::dice::Dice;
use crate::program::port;

/// What a wire does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// It carries everything at once.
    Whole,
    /// Connections end, and nobody listens.
    Cut,
    /// Nothing arrives until this is over, and nobody is told.
    Blocked,
    /// A round trip takes 200 to 500 ms longer.
    Slow,
}

/// A wire to a port of this machine.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    wire: watch::Sender<Wire>,
    task: AbortHandle,
}

impl Proxy {
    pub(crate) async fn to(target: u16, dice: Dice) -> Result<Self, Failed> {
        let port = port();
        let (wire, state) = watch::channel(Wire::Whole);
        let listener = listen(port).await?;
        let task = tokio::spawn(carry(listener, port, target, state, dice));
        Ok(Self {
            port,
            wire,
            task: task.abort_handle(),
        })
    }

    pub(crate) fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(port: u16) -> Result<TcpListener, Failed> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|error| format!("port {port}: {error}"))
}

async fn carry(
    mut listener: TcpListener,
    port: u16,
    target: u16,
    mut wire: watch::Receiver<Wire>,
    mut dice: Dice,
) {
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                tokio::spawn(connect(stream, target, wire.clone(), dice.split()));
            }
            Ok(()) = wire.changed() => if *wire.borrow_and_update() == Wire::Cut {
                drop(listener);
                if wire.wait_for(|it| *it != Wire::Cut).await.is_err() {
                    return;
                }
                let Ok(again) = listen(port).await else { return };
                listener = again;
            },
        }
    }
}

async fn connect(near: TcpStream, target: u16, wire: watch::Receiver<Wire>, mut dice: Dice) {
    // Who connects to a Redis that is down is cut off at once.
    let Ok(far) = TcpStream::connect(("127.0.0.1", target)).await else {
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let mut cut = wire.clone();
    tokio::select! {
        () = pump(near_in, far_out, wire.clone(), dice.split()) => {}
        () = pump(far_in, near_out, wire, dice) => {}
        _ = cut.wait_for(|it| *it == Wire::Cut) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut wire: watch::Receiver<Wire>,
    mut dice: Dice,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        let now = *wire.borrow();
        match now {
            // Half of it each way.
            Wire::Slow => sleep(dice.millis(100, 250)).await,
            Wire::Whole | Wire::Cut => {}
            Wire::Blocked => {
                if wire.wait_for(|it| *it != Wire::Blocked).await.is_err() {
                    return;
                }
                // What was lost is sent again a little later.
                sleep(Duration::from_millis(50)).await;
            }
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
