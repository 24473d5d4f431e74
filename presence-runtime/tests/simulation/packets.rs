//! Simulated sockets as the server takes them.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use presence_runtime::server::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};

/// The bytes of a packet.
const PACKET: usize = 1_400;

/// Simulated sockets as the server takes them.
pub(crate) struct Sockets(pub(crate) TcpListener);

impl Listener for Sockets {
    type Io = Packets;

    async fn accept(&mut self) -> io::Result<Packets> {
        Ok(Packets(self.0.accept().await?.0))
    }

    fn peer(packets: &Packets) -> Option<IpAddr> {
        Some(packets.0.peer_addr().ok()?.ip())
    }
}

/// A simulated socket that cuts what is written into packets, so that a slow reader fills a window
/// of bytes and not of messages.
pub(crate) struct Packets(TcpStream);

impl AsyncRead for Packets {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Packets {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let packet = &bytes[..bytes.len().min(PACKET)];
        Pin::new(&mut self.0).poll_write(context, packet)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
