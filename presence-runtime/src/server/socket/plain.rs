//! The plain socket under a connection, and how much the kernel holds of what goes through it.

use bytes::Bytes;
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::server::gathered::Gathered;
use crate::server::screen::Screened;
use crate::server::stalling::Stalling;

/// Bytes that the kernel takes for a connection before it counts as busy: as much as a part.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes that the kernel holds of what a client says before it is read: without a bound they are megabytes
/// of its memory for everybody who talks faster than they are heard.
const RECEIVE_BUFFER: usize = 64 * 1024;
/// Bytes that the kernel takes beyond what the client's system has room for. When half of them went,
/// there is room again: so a reader of a kilobyte a second makes some every few seconds.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 8 * 1024;

/// Bounds what the kernel holds for a client: or a slow reader would have megabytes before it, each
/// of them older than the next pong. A system that refuses has its own bounds.
pub(in crate::server) fn bound_buffers(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_notsent_lowat(UNSENT);
}

/// The plain socket under a connection, of our own server or of another one on hyper, and what was
/// read from it already.
pub(super) fn of(upgraded: Upgraded) -> Result<(TcpStream, Bytes), Upgraded> {
    let upgraded = match upgraded.downcast::<TokioIo<Screened<Gathered<Stalling<TcpStream>>>>>() {
        Ok(Parts { io, read_buf, .. }) => {
            let gathered = io.into_inner().into_inner();
            return Ok((gathered.into_inner().into_inner(), read_buf));
        }
        Err(upgraded) => upgraded,
    };
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>()?;
    let stream = io.into_inner();
    bound_buffers(&stream);
    Ok((stream, read_buf))
}
