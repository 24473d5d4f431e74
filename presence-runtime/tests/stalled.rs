//! G9: what a thousand readers cost who stop reading in a busy room.
//!
//! The server is a process of its own, and what is counted is its resident memory (`VmRSS`): every
//! byte that it touched for them, the heap with all that an allocator wastes included. What the
//! kernel holds for their sockets is not in it; that is bounded by the server's socket options.
//!
//! It is the worst case: each reader asks for a set of users of its own, so that no part is shared,
//! and the room is so large that every part is as long as parts get.

#![cfg(all(feature = "server", target_os = "linux"))]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::spawn;
use std::time::{Duration, Instant};

use presence_runtime::{Config, Presence, Server, Topics};

/// How many stop reading.
const READERS: usize = 1_000;
/// What may be buffered for one of them.
const BOUND: u64 = 64 * 1024;
/// What comes to that: its subscription, with the names of 21 users, and what an allocator rounds
/// up, a page or more for a piece of this size.
const OVERHEAD: u64 = 12 * 1024;
/// What a connection may cost that has said hello and nothing else.
const IDLE: u64 = 16 * 1024;
/// In which role this program runs again.
const ROLE: &str = "PRESENCE_STALLED_ROLE";
const BOTS: usize = 20;

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "notes:{room}", max_bytes = 16_100)]
struct Note {
    #[presence(max_chars = 4_000)]
    text: String,
}

#[test]
fn a_thousand_stalled_readers_cost_at_most_their_bound() {
    match std::env::var(ROLE).as_deref() {
        Ok("server") => serve(),
        Ok("readers") => stall(),
        _ => {
            // With as many descriptors as this takes; one process may have fewer to begin with.
            let done = again("readers").status().expect("this program runs");
            assert!(done.success(), "see above");
        }
    }
}

/// This test in another role, and in a process of its own.
fn again(role: &str) -> Command {
    let mut command = Command::new("sh");
    let this = std::env::current_exe().expect("a program");
    command
        .arg("-c")
        .arg("ulimit -n 4096 2>/dev/null; exec \"$0\" --exact --nocapture a_thousand_stalled_readers_cost_at_most_their_bound")
        .arg(this)
        .env(ROLE, role);
    command
}

/// Says where it listens, and keeps a room busy until its input ends.
fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let topics = Topics::new().register::<Note>();
        let server = Server::bind("127.0.0.1:0", topics, Config::default()).await;
        let server = server.expect("a port");
        let (hub, addr) = (server.hub().clone(), server.addr());
        tokio::spawn(server.run(std::future::pending()));
        let topic = Note::topic("1").expect("a topic");
        let note = |round: usize| Note {
            text: format!("{round:08}{}", "x".repeat(3_900)),
        };
        let here: Vec<_> = (0..BOTS)
            .map(|it| hub.member(format!("bot{it}")))
            .map(|it| it.join(topic.clone(), note(0)).expect("there is room"))
            .collect();
        let mut out = std::io::stdout();
        writeln!(out, "listening {addr}").expect("somebody listens");
        out.flush().expect("somebody listens");
        let ended = spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let mut round = 0;
        while !ended.is_finished() {
            round += 1;
            for here in &here {
                here.set(note(round)).expect("it is here");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

/// A server in another process.
struct Process {
    child: Child,
    addr: SocketAddr,
}

impl Process {
    fn start() -> Self {
        let mut child = again("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let addr = loop {
            let line = said.next().expect("it says where it listens");
            let line = line.expect("it speaks UTF-8");
            if let Some((_, addr)) = line.split_once("listening ") {
                break addr.parse().expect("an address");
            }
        };
        Self { child, addr }
    }

    /// Its resident memory, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let kib = line.and_then(|it| it.trim().strip_suffix(" kB"));
        1024 * kib.expect("in kB").trim().parse::<u64>().expect("a number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A WebSocket that has said hello.
fn greet(addr: SocketAddr) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
    let socket = socket.expect("a descriptor");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.connect(&addr.into()).expect("it listens");
    let mut stream = TcpStream::from(socket);
    let handshake = "GET /presence/ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                     sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).expect("it is open");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    say(&mut stream, r#"{"type":"hello","protocol":1}"#);
    stream
}

fn subscribe(stream: &mut TcpStream, filter: &str) {
    let subscribe = format!(r#"{{"type":"subscribe","topic":"notes:1","filter":{filter}}}"#);
    say(stream, &subscribe);
}

/// Sends a text frame, masked with zeros.
fn say(stream: &mut TcpStream, text: &str) {
    let length = u16::try_from(text.len()).expect("short");
    let mut frame = vec![0x81];
    if length < 126 {
        frame.push(0x80 | length as u8);
    } else {
        frame.push(0x80 | 126);
        frame.extend(length.to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    stream.write_all(&frame).expect("it is open");
}

fn stall() {
    let server = Process::start();
    // Somebody who reads, as fast as the room changes: 800 KB a second.
    let mut reader = greet(server.addr);
    subscribe(&mut reader, r#""everybody""#);
    let mut bytes = vec![0; 64 * 1024];
    let mut read_for = |time: Duration| {
        let (began, mut count) = (Instant::now(), 0);
        while began.elapsed() < time {
            count += reader.read(&mut bytes).expect("it goes on");
        }
        count
    };
    read_for(Duration::from_secs(1));
    let before = server.memory();
    let addr = server.addr;
    let connecting = spawn(move || (0..READERS).map(|_| greet(addr)).collect::<Vec<_>>());
    while !connecting.is_finished() {
        read_for(Duration::from_millis(100));
    }
    let mut readers = connecting.join().expect("all are connected");
    read_for(Duration::from_secs(1));
    let connected = server.memory();
    let bots: Vec<_> = (0..BOTS).map(|it| format!("\"bot{it}\"")).collect();
    for (number, reader) in readers.iter_mut().enumerate() {
        let filter = format!(r#"{{"users":[{},"reader{number}"]}}"#, bots.join(","));
        subscribe(reader, &filter);
    }
    read_for(Duration::from_secs(3));
    let stalled = server.memory();

    let idle = connected.saturating_sub(before) / READERS as u64;
    let each = stalled.saturating_sub(connected) / READERS as u64;
    eprintln!("{idle} bytes for each of {READERS} connections, {each} more when it is stalled");
    assert!(idle <= IDLE, "{idle} bytes for a connection");
    assert!(
        each <= BOUND + OVERHEAD,
        "{each} bytes for a stalled reader"
    );
    // Each of them holds a part, or this measured nothing.
    assert!(each >= BOUND / 2, "{each} bytes each: they are not stalled");
    for mut reader in readers {
        say(&mut reader, r#"{"type":"unsubscribe","topic":"notes:1"}"#);
        let mut byte = [0];
        assert_eq!(reader.peek(&mut byte).expect("it is open"), 1);
    }
    // Who reads did not suffer.
    let read = read_for(Duration::from_secs(2));
    assert!(read > 200_000, "{read} bytes in 2 s");
}
