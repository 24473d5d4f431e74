//! A network in a test's hands: sockets of 127.0.0.1 that end as sockets do, and one that just
//! falls silent.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A new connection to a server.
pub(crate) async fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).await.expect("it listens");
    stream.set_nodelay(true).expect("a TCP socket");
    stream
}

/// A new connection that is reset when it is dropped: what is under way is lost, and the other side
/// learns of it by an error.
pub(crate) async fn connect_to_reset(addr: SocketAddr) -> TcpStream {
    let stream = connect(addr).await;
    SockRef::from(&stream)
        .set_linger(Some(Duration::ZERO))
        .expect("a TCP socket");
    stream
}

/// A relay before a server. Once it is [`Relay::silence`]d it carries nothing any more, in neither
/// direction, and closes nothing: both sides keep a connection that looks open.
#[derive(Debug)]
pub(crate) struct Relay {
    addr: SocketAddr,
    silent: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    /// A relay for one connection.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (silent, heard) = watch::channel(false);
        let task = tokio::spawn(async move {
            let (client, _) = listener.accept().await.expect("a client");
            client.set_nodelay(true).expect("a TCP socket");
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = connect(server).await.into_split();
            tokio::join!(
                carry(from_client, to_server, heard.clone()),
                carry(from_server, to_client, heard),
            );
        });
        Self { addr, silent, task }
    }

    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Carries nothing from now on.
    pub(crate) fn silence(&self) {
        self.silent.send_replace(true);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries bytes until one side ends, or keeps both open for ever once it is silent.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut silent: watch::Receiver<bool>) {
    let mut bytes = vec![0; 16 * 1024];
    let carrying = async {
        loop {
            match from.read(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(count) => {
                    if to.write_all(&bytes[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = fall_silent(&mut silent) => std::future::pending().await,
        () = carrying => {}
    }
}

async fn fall_silent(silent: &mut watch::Receiver<bool>) {
    if silent.wait_for(|it| *it).await.is_err() {
        // The relay is dropped, and this ends with it.
        std::future::pending().await
    }
}
