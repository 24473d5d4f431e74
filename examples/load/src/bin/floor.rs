//! The least a server can do: a bare loop that writes the same bytes to the same number of sockets.
//!
//! `floor PORT` serves WebSockets on `/?frame=BYTES&hz=RATE`: everybody who is connected gets a frame of that size so many times
//! a second, built once. What is said to it is read and thrown away. It knows no rooms, no members and no states; what a
//! presence server costs beyond this is what its presence costs.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(usize::MAX);

struct Floor {
    poll: Poll,
    listener: TcpListener,
    sockets: Vec<TcpStream>,
    frame: Vec<u8>,
    period: Duration,
}

fn main() -> io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or(7701);
    let mut listener = TcpListener::bind(([127, 0, 0, 1], port).into())?;
    let poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let period = Duration::from_millis(50);
    Floor {
        poll,
        listener,
        sockets: Vec::new(),
        frame: Vec::new(),
        period,
    }
    .run()
}

impl Floor {
    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(4096);
        let mut buffer = vec![0; 64 << 10];
        let mut next = Instant::now();
        loop {
            let wait = next.saturating_duration_since(Instant::now());
            match self.poll.poll(&mut events, Some(wait)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    Token(at) => self.read(at, &mut buffer),
                }
            }
            if Instant::now() >= next {
                next += self.period;
                for socket in &mut self.sockets {
                    // A socket that is full loses this one.
                    let _ = socket.write(&self.frame);
                }
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        while let Ok((mut socket, _)) = self.listener.accept() {
            socket.set_nodelay(true)?;
            let token = Token(self.sockets.len());
            self.poll
                .registry()
                .register(&mut socket, token, Interest::READABLE)?;
            self.sockets.push(socket);
        }
        Ok(())
    }

    fn read(&mut self, at: usize, buffer: &mut [u8]) {
        let socket = &mut self.sockets[at];
        while let Ok(len @ 1..) = socket.read(buffer) {
            if buffer.starts_with(b"GET ") {
                let head = String::from_utf8_lossy(&buffer[..len]).into_owned();
                buffer[..4].fill(0);
                let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
                // A fresh socket takes this much.
                let _ = socket.write(answer.as_bytes());
                self.frame = frame(number(&head, "frame=").unwrap_or(100.0) as usize);
                self.period = Duration::from_secs_f64(1.0 / number(&head, "hz=").unwrap_or(20.0));
            }
            if len < buffer.len() {
                return;
            }
        }
    }
}

fn number(head: &str, name: &str) -> Option<f64> {
    let rest = head.split_once(name)?.1;
    let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
    rest[..end].parse().ok()
}

/// A text frame that takes `len` bytes on the wire.
fn frame(len: usize) -> Vec<u8> {
    let mut frame = vec![0x81];
    match len {
        0..=127 => frame.push(len.saturating_sub(2) as u8),
        128..=65_538 => {
            frame.push(126);
            frame.extend_from_slice(&((len - 4) as u16).to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend_from_slice(&(len as u64 - 10).to_be_bytes());
        }
    }
    frame.resize(len.max(2), b'.');
    frame
}
