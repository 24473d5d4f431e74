//! A kept HTTP connection over which updates of many members are POSTed, without waiting for answers.

use std::io::{Read, Write};

use mio::net::TcpStream;

#[derive(Debug)]
pub(crate) struct Uplink {
    stream: TcpStream,
    pub unsent: Vec<u8>,
    /// Answers other than success.
    pub refused: u64,
}

impl Uplink {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unsent: Vec::new(),
            refused: 0,
        }
    }

    pub(crate) fn send(&mut self, request: &[u8]) {
        self.unsent.extend_from_slice(request);
        self.flush();
    }

    /// Sends what waits, and reads the answers.
    pub(crate) fn turn(&mut self, buffer: &mut [u8]) {
        self.flush();
        while let Ok(len @ 1..) = self.stream.read(buffer) {
            let refused = memchr::memmem::find_iter(&buffer[..len], b"HTTP/1.1 4").count();
            if refused > 0 && self.refused == 0 {
                eprintln!(
                    "refused: {}",
                    String::from_utf8_lossy(&buffer[..len.min(600)])
                );
            }
            self.refused += refused as u64;
        }
    }

    fn flush(&mut self) {
        while let Ok(len @ 1..) = self.stream.write(&self.unsent) {
            self.unsent.drain(..len);
        }
    }
}
