//! All connections, on one thread: it takes turns at reading everything and at sending what is due, and sleeps between.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use crate::args::{Args, Transport};
use crate::dialect::{self, Dialect};
use crate::frame;
use crate::link::{Link, Phase, Tongue};
use crate::plan::Plan;
use crate::stamp;
use crate::tally::Tally;
use crate::uplink::Uplink;

/// Larger than any message, so that a socket is usually emptied by one read.
const BUFFER: usize = 1 << 20;
/// An update is skipped while more than this waits for its socket.
const MAX_UNSENT: usize = 64 << 10;
/// How often sockets are looked at. Waiting for each of them instead would have the kernel wake the generator on the server's account.
const TURN: Duration = Duration::from_micros(250);
/// The sockets that POST for those who listen to event streams.
const UPLINKS: usize = 8;
const INTEREST: Interest = Interest::READABLE.add(Interest::WRITABLE);

#[derive(Debug)]
pub(crate) struct Swarm {
    addr: SocketAddr,
    host: String,
    tongue: Tongue,
    pub plan: Plan,
    poll: Poll,
    events: Events,
    pub links: Vec<Link>,
    uplinks: Vec<Uplink>,
    buffer: Vec<u8>,
    state: Vec<u8>,
    message: Vec<u8>,
    epoch: Instant,
    floor: String,
    /// The lease that POSTed updates ask for; 0 leaves it to the server.
    pub ttl_ms: u32,
    pub tally: Tally,
}

impl Swarm {
    pub(crate) fn new(args: &Args) -> io::Result<Self> {
        let plan = Plan::new(args);
        let mut swarm = Self {
            addr: args.addr,
            host: args.addr.to_string(),
            tongue: Tongue {
                dialect: args.dialect,
                transport: args.transport,
            },
            tally: Tally::new(&plan),
            plan,
            poll: Poll::new()?,
            events: Events::with_capacity(4096),
            links: Vec::new(),
            uplinks: Vec::new(),
            buffer: vec![0; BUFFER],
            state: Vec::new(),
            message: Vec::new(),
            epoch: Instant::now(),
            floor: format!("&frame={}&hz={}", args.frame, args.floor_hz),
            ttl_ms: 0,
        };
        let uplinks = if args.transport == Transport::Sse {
            UPLINKS
        } else {
            0
        };
        for at in 0..uplinks {
            let mut stream = TcpStream::connect(args.addr)?;
            let token = Token(usize::MAX - 1 - at);
            swarm
                .poll
                .registry()
                .register(&mut stream, token, INTEREST)?;
            swarm.uplinks.push(Uplink::new(stream));
        }
        Ok(swarm)
    }

    /// Starts to connect the next member.
    pub(crate) fn connect(&mut self) -> io::Result<()> {
        let member = self.plan.members[self.links.len()].clone();
        let mut stream = if member.stalled {
            unreceptive(self.addr)?
        } else {
            TcpStream::connect(self.addr)?
        };
        let token = Token(self.links.len());
        self.poll
            .registry()
            .register(&mut stream, token, INTEREST)?;
        let request = match self.tongue.transport {
            Transport::Sse => dialect::stream_request(&self.host, &member),
            Transport::Ws => {
                let mut target = self.tongue.dialect.target(&member);
                if self.tongue.dialect == Dialect::Floor {
                    target += &self.floor;
                }
                frame::upgrade(&self.host, &target)
            }
        };
        self.links.push(Link::new(stream, member, request));
        Ok(())
    }

    /// Sends the next state of a member.
    pub(crate) fn update(&mut self, at: usize) {
        let now = self.epoch.elapsed().as_micros() as u64;
        let link = &mut self.links[at];
        self.state.clear();
        self.message.clear();
        stamp::write_state(&mut self.state, link.member.id, link.step, now);
        let uplinks = self.uplinks.len();
        let unsent = if uplinks > 0 {
            &self.uplinks[at % uplinks].unsent
        } else {
            &link.unsent
        };
        if link.phase == Phase::Closed || unsent.len() > MAX_UNSENT {
            self.tally.skipped += 1;
            return;
        }
        let dialect = self.tongue.dialect;
        if uplinks > 0 {
            dialect.post(&link.member, self.ttl_ms, &self.state, &mut self.message);
            self.uplinks[at % uplinks].send(&self.message);
        } else {
            dialect.update(&link.member, link.step, &self.state, &mut self.message);
            link.send(dialect, &self.message);
        }
        link.step += 1;
        self.tally.sent += 1;
        self.tally.due += self.plan.audience(&link.member);
    }

    /// Reads whatever has come, waiting at most `timeout` for the first of it.
    pub(crate) fn turn(&mut self, timeout: Duration) -> io::Result<()> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let Token(at) = event.token();
            if let Some(link) = self.links.get_mut(at) {
                if event.is_writable() {
                    link.flush();
                }
                if event.is_readable() {
                    let now = self.epoch.elapsed().as_micros() as u64;
                    link.read(&mut self.buffer, self.tongue, now, &mut self.tally);
                }
            } else {
                self.uplinks[usize::MAX - 1 - at].turn(&mut self.buffer);
            }
        }
        Ok(())
    }

    /// Takes turns until `end`, doing `work` in each.
    pub(crate) fn run(&mut self, end: Instant, mut work: impl FnMut(&mut Self)) -> io::Result<()> {
        let mut next = Instant::now();
        while next < end {
            self.turn(Duration::ZERO)?;
            work(self);
            next = Instant::now().max(next + TURN);
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    pub(crate) fn closed(&self) -> usize {
        self.links
            .iter()
            .filter(|it| it.phase == Phase::Closed)
            .count()
    }

    /// POSTs that were not answered with success.
    pub(crate) fn refused(&self) -> u64 {
        self.uplinks.iter().map(|it| it.refused).sum()
    }
}

/// A connection for which the kernel keeps little: who stalls is to be noticed soon.
fn unreceptive(addr: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    socket.set_recv_buffer_size(4096)?;
    socket.connect(&addr.into())?;
    socket.set_nonblocking(true)?;
    Ok(TcpStream::from_std(socket.into()))
}
