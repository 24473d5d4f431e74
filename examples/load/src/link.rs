//! One member's connection.

use std::io::{ErrorKind, Read, Write};

use mio::net::TcpStream;

use crate::args::Transport;
use crate::dialect::Dialect;
use crate::frame;
use crate::plan::Member;
use crate::stamp;
use crate::tally::Tally;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    Opening,
    Open,
    Closed,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub stream: TcpStream,
    pub member: Member,
    pub phase: Phase,
    /// Updates may be sent.
    pub ready: bool,
    /// Updates sent so far.
    pub step: u32,
    /// The start of a message whose end has not come.
    partial: Vec<u8>,
    pub unsent: Vec<u8>,
}

/// What a connection needs to know to understand what it reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tongue {
    pub dialect: Dialect,
    pub transport: Transport,
}

impl Link {
    pub(crate) fn new(stream: TcpStream, member: Member, request: String) -> Self {
        Self {
            stream,
            member,
            phase: Phase::Opening,
            ready: false,
            step: 0,
            partial: Vec::new(),
            unsent: request.into_bytes(),
        }
    }

    /// Reads what there is by way of `buffer`, which is larger than any message.
    pub(crate) fn read(&mut self, buffer: &mut [u8], tongue: Tongue, now: u64, tally: &mut Tally) {
        while self.phase != Phase::Closed && !(self.member.stalled && self.ready) {
            let kept = self.partial.len();
            buffer[..kept].copy_from_slice(&self.partial);
            match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => self.phase = Phase::Closed,
                Ok(len) => {
                    tally.bytes += len as u64;
                    let used = self.take(&buffer[..kept + len], tongue, now, tally);
                    self.partial.clear();
                    self.partial.extend_from_slice(&buffer[used..kept + len]);
                    // Less than there was room for: the socket is empty, and another call would only say so.
                    if kept + len < buffer.len() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.phase = Phase::Closed,
            }
        }
    }

    /// Handles the whole messages in `input`; returns how much that was.
    fn take(&mut self, input: &[u8], tongue: Tongue, now: u64, tally: &mut Tally) -> usize {
        let mut used = 0;
        if self.phase == Phase::Opening {
            let Some(end) = memchr::memmem::find(input, b"\r\n\r\n") else {
                return 0;
            };
            if !matches!(input.get(9..12), Some(b"101" | b"200")) {
                eprintln!("refused: {}", String::from_utf8_lossy(&input[..end]));
            }
            self.phase = Phase::Open;
            used = end + 4;
            match tongue.transport {
                Transport::Ws => self.greet(tongue.dialect),
                Transport::Sse => self.ready = true,
            }
        }
        match tongue.transport {
            Transport::Ws => {
                while let Some(frame) = frame::read(&input[used..]) {
                    used += frame.len;
                    self.hear(&frame, tongue.dialect, now, tally);
                }
            }
            // Whole lines; the sizes of chunks between them do no harm.
            Transport::Sse => {
                if let Some(end) = memchr::memrchr(b'\n', &input[used..]) {
                    tally.messages += 1;
                    let lines = &input[used..=used + end];
                    stamp::scan(lines, |from, at| tally.deliver(&self.member, from, at, now));
                    used += end + 1;
                }
            }
        }
        self.flush();
        used
    }

    fn greet(&mut self, dialect: Dialect) {
        let unsent = &mut self.unsent;
        let say = &mut |message: &[u8]| frame::write(unsent, opcode(dialect), message);
        self.ready = dialect.open(&self.member, say);
    }

    fn hear(&mut self, frame: &frame::Frame<'_>, dialect: Dialect, now: u64, tally: &mut Tally) {
        match frame.opcode {
            frame::PING => frame::write(&mut self.unsent, frame::PONG, frame.payload),
            frame::PONG => {}
            frame::CLOSE => eprintln!("closed: {}", String::from_utf8_lossy(frame.payload)),
            _ => {
                tally.messages += 1;
                let unsent = &mut self.unsent;
                let say = &mut |message: &[u8]| frame::write(unsent, opcode(dialect), message);
                self.ready |= dialect.hear(&self.member, frame.payload, say);
                stamp::scan(frame.payload, |from, at| {
                    tally.deliver(&self.member, from, at, now)
                });
            }
        }
    }

    /// Queues a message and sends what can be sent.
    pub(crate) fn send(&mut self, dialect: Dialect, message: &[u8]) {
        frame::write(&mut self.unsent, opcode(dialect), message);
        self.flush();
    }

    /// Sends what can be sent now.
    pub(crate) fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(len) => drop(self.unsent.drain(..len)),
                // Not writable yet, or lost, which a read will notice.
                Err(_) => return,
            }
        }
    }
}

fn opcode(dialect: Dialect) -> u8 {
    if dialect.is_binary() {
        frame::BINARY
    } else {
        frame::TEXT
    }
}
