//! Heartbeats over kept HTTP connections, each sent when the one before is answered.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::dialect::Dialect;
use crate::histogram::Histogram;
use crate::plan::Member;
use crate::stamp;

#[derive(Debug)]
pub(crate) struct Posts {
    poll: Poll,
    conns: Vec<Conn>,
    dialect: Dialect,
    ttl_ms: u32,
    pub answered: u64,
    pub refused: u64,
    pub times: Histogram,
}

#[derive(Debug)]
struct Conn {
    stream: TcpStream,
    connected: bool,
    /// When the request was sent that waits for its answer.
    sent: Option<Instant>,
    step: u32,
}

impl Posts {
    pub(crate) fn connect(
        addr: SocketAddr,
        conns: usize,
        dialect: Dialect,
        ttl_ms: u32,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let connect = |at| {
            let mut stream = TcpStream::connect(addr)?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut stream, Token(at), interest)?;
            Ok(Conn {
                stream,
                connected: false,
                sent: None,
                step: 0,
            })
        };
        let conns = (0..conns).map(connect).collect::<io::Result<_>>()?;
        let times = Histogram::new();
        Ok(Self {
            poll,
            conns,
            dialect,
            ttl_ms,
            answered: 0,
            refused: 0,
            times,
        })
    }

    /// Posts for the member whom `next` names for a connection, until `end` or until it names nobody and all is answered.
    pub(crate) fn run<'m>(
        &mut self,
        end: Instant,
        mut next: impl FnMut(usize) -> Option<&'m Member>,
    ) -> io::Result<()> {
        (self.answered, self.refused, self.times) = (0, 0, Histogram::new());
        let mut events = Events::with_capacity(1024);
        let mut buffer = [0; 4096];
        let mut named = true;
        // What was left waiting or idle by a run before; the others post once they are connected.
        for at in 0..self.conns.len() {
            if self.conns[at].connected && self.conns[at].sent.is_none() {
                named &= self.post(at, next(at))?;
            }
        }
        while Instant::now() < end && (named || self.conns.iter().any(|it| it.sent.is_some())) {
            self.poll
                .poll(&mut events, Some(Duration::from_millis(50)))?;
            for event in &events {
                let Token(at) = event.token();
                let conn = &mut self.conns[at];
                let fresh = !conn.connected && event.is_writable();
                conn.connected |= fresh;
                let answered =
                    conn.sent.is_some() && event.is_readable() && self.answer(at, &mut buffer)?;
                if fresh || answered {
                    named &= self.post(at, next(at))?;
                }
            }
        }
        Ok(())
    }

    /// Reads an answer; false if there is none yet.
    fn answer(&mut self, at: usize, buffer: &mut [u8]) -> io::Result<bool> {
        let conn = &mut self.conns[at];
        match conn.stream.read(buffer) {
            Ok(0) => Err(ErrorKind::ConnectionReset.into()),
            Ok(len) => {
                self.answered += 1;
                let status = buffer[..len].get(9..11);
                if status != Some(b"20") {
                    if self.refused == 0 {
                        eprintln!("refused: {}", String::from_utf8_lossy(&buffer[..len]));
                    }
                    self.refused += 1;
                }
                let sent = conn.sent.take().expect("an answer follows a request");
                self.times.record(sent.elapsed().as_micros() as u64);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Posts for a member; false if there is none.
    fn post(&mut self, at: usize, member: Option<&Member>) -> io::Result<bool> {
        let Some(member) = member else {
            return Ok(false);
        };
        let conn = &mut self.conns[at];
        let (mut state, mut request) = (Vec::with_capacity(64), Vec::with_capacity(320));
        stamp::write_state(&mut state, member.id, conn.step, 0);
        self.dialect.post(member, self.ttl_ms, &state, &mut request);
        conn.step += 1;
        conn.sent = Some(Instant::now());
        conn.stream.write_all(&request)?;
        Ok(true)
    }
}
