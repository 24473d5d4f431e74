//! The world: the server, the offices where clients sit, and what befalls the network.

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::join_all;
use presence_runtime::server::{Listener, serve};
use presence_runtime::{Config, Hub, Presence, Topics};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use turmoil::net::{TcpListener, TcpStream};

use crate::dice::Dice;
use crate::eye::{Shared, entries};
use crate::http;
use crate::person::{Person, now};
use crate::promises::{Bounds, Log, Trouble, What};

/// Clients, and how many of them share a network.
pub(crate) const PEOPLE: usize = 20;
const OFFICE: usize = 4;
/// Whoever is no client.
const NOBODY: usize = usize::MAX;

/// Until then everything happens; afterwards it comes to rest.
pub(crate) const CHAOS: Duration = Duration::from_millis(6_000);
/// When everybody says what they know. From one to the other a lease runs out, a connection is
/// found dead, and both are mended.
pub(crate) const REST: Duration = Duration::from_millis(12_000);

pub(crate) const TTL: u64 = 1_000;
const LATENCY: u64 = 40;
const STEP: u64 = 5;
/// Packets that are under way or unread before a writer has to wait, and their bytes.
const WINDOW: usize = 64;
const PACKET: usize = 1_400;
pub(crate) const BOUNDS: Bounds = Bounds {
    grace: 500,
    silence: 1_300,
    tick: 50,
    // On its way, and a step at both ends and one for the server's alarms.
    lag: LATENCY + 4 * STEP,
};

/// Where people meet; long values make messages of several parts.
pub(crate) const TOPICS: [&str; 2] = ["rooms:1", "notes:1"];

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "rooms:{room}", ttl = "1s", grace = "500ms", throttle = "50ms")]
struct Room {
    said: u32,
    #[serde(default)]
    #[presence(decay = "700ms")]
    typing: bool,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(
    topic = "notes:{room}",
    ttl = "1s",
    grace = "500ms",
    throttle = "50ms",
    max_bytes = 18_000
)]
struct Note {
    said: u32,
    #[serde(default)]
    typing: bool,
    #[presence(max_chars = 4_200)]
    text: String,
}

/// What may befall the network or the server, and for how long.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Packets of an office are lost.
    Partition(usize),
    /// Packets of an office come later.
    Hold(usize),
    /// The server dies.
    Crash,
    /// The server ends as it should.
    Stop,
}

/// Plays a seed. The log is complete, epochs are numbered.
pub(crate) fn play(seed: u64) -> Log {
    let mut dice = Dice::new(seed);
    let log = Rc::new(RefCell::new(Log::new(BOUNDS)));
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(STEP))
        .simulation_duration(Duration::from_secs(60))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(LATENCY))
        .tcp_capacity(WINDOW)
        .build();

    let stop = Rc::new(Notify::new());
    sim.host("server", {
        let (log, stop) = (log.clone(), stop.clone());
        move || run_server(log.clone(), stop.clone())
    });
    for office in 0..PEOPLE / OFFICE {
        let mut people = Vec::new();
        for number in office * OFFICE..(office + 1) * OFFICE {
            let shared = Shared {
                log: log.clone(),
                number,
                clock: now,
            };
            people.push(Person::new(shared, dice.split()));
        }
        sim.client(name(office), async move {
            join_all(people.into_iter().map(Person::live)).await;
            Ok(())
        });
    }
    sim.client("auditor", audit(log.clone()));

    let mut faults = faults(&mut dice);
    let mut mending: Vec<(Duration, Fault)> = Vec::new();
    loop {
        let now = sim.elapsed();
        while let Some(at) = mending.iter().position(|it| it.0 <= now) {
            let (_, fault) = mending.remove(at);
            mend(&mut sim, &log, fault);
        }
        if let Some((_, until, fault)) = faults.pop_if(|it| it.0 <= now) {
            strike(&mut sim, &log, &stop, fault);
            mending.push((until, fault));
        }
        if sim
            .step()
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        {
            break;
        }
    }
    drop(sim);
    let mut log = Rc::into_inner(log)
        .expect("the simulation is over")
        .into_inner();
    log.number_epochs();
    log
}

/// One fault after another, the last first.
fn faults(dice: &mut Dice) -> Vec<(Duration, Duration, Fault)> {
    let mut faults = Vec::new();
    let mut at = dice.millis(300, 1_500);
    while at < CHAOS - Duration::from_millis(1_500) {
        let office = dice.below((PEOPLE / OFFICE) as u64) as usize;
        let (fault, takes) = match dice.below(10) {
            0..4 => (Fault::Partition(office), dice.millis(100, 1_500)),
            4..8 => (Fault::Hold(office), dice.millis(50, 1_500)),
            8 => (Fault::Crash, dice.millis(5, 400)),
            _ => (Fault::Stop, dice.millis(300, 600)),
        };
        faults.push((at, at + takes, fault));
        at += takes + dice.millis(50, 1_000);
    }
    faults.reverse();
    faults
}

fn strike(sim: &mut turmoil::Sim<'_>, log: &Rc<RefCell<Log>>, stop: &Notify, fault: Fault) {
    let at = millis(sim.elapsed());
    match fault {
        Fault::Partition(office) => sim.partition("server", name(office)),
        Fault::Hold(office) => sim.hold("server", name(office)),
        // As by a loss of power: nobody is told. (In what order a runtime drops its connections
        // follows from no seed, so they must not say anything.)
        Fault::Crash => {
            for office in 0..PEOPLE / OFFICE {
                sim.partition("server", name(office));
            }
            sim.crash("server");
        }
        Fault::Stop => stop.notify_one(),
    }
    if matches!(fault, Fault::Crash | Fault::Stop) {
        log.borrow_mut().push(at, NOBODY, What::Stopped);
    }
    note(log, at, fault, What::Troubled);
}

fn mend(sim: &mut turmoil::Sim<'_>, log: &Rc<RefCell<Log>>, fault: Fault) {
    let at = millis(sim.elapsed());
    match fault {
        Fault::Partition(office) => sim.repair("server", name(office)),
        Fault::Hold(office) => sim.release("server", name(office)),
        Fault::Crash => {
            sim.bounce("server");
            for office in 0..PEOPLE / OFFICE {
                sim.repair("server", name(office));
            }
        }
        Fault::Stop => sim.bounce("server"),
    }
    note(log, at, fault, What::Calm);
}

/// Writes down what a fault is to the clients whom it befalls.
fn note(log: &RefCell<Log>, at: u64, fault: Fault, what: fn(Trouble) -> What) {
    let (office, trouble) = match fault {
        Fault::Partition(office) => (office, Trouble::Loss),
        Fault::Hold(office) => (office, Trouble::Delay),
        Fault::Crash | Fault::Stop => return,
    };
    for client in office * OFFICE..(office + 1) * OFFICE {
        log.borrow_mut().push(at, client, what(trouble));
    }
}

fn name(office: usize) -> String {
    format!("office-{office}")
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("no simulation is that long")
}

/// The real server, with a hub of its own.
async fn run_server(log: Rc<RefCell<Log>>, stop: Rc<Notify>) -> turmoil::Result {
    let topics = Topics::new().register::<Room>().register::<Note>();
    let mut config = Config::default();
    // The longest note has 16,800 bytes of text.
    config.max_body = 32 * 1024;
    config.heartbeat = Duration::from_millis(300);
    config.ping = Duration::from_millis(500);
    config.pong_wait = Duration::from_millis(300);
    config.stall_timeout = Duration::from_millis(2_500);
    config.comment = Duration::from_millis(500);
    config.drain = Duration::from_millis(100);
    config.hosts = vec!["server".to_owned()];
    let hub = Hub::new(topics, config).expect("sensible figures");
    let listener = TcpListener::bind(("0.0.0.0", http::PORT)).await?;
    let began = millis(turmoil::sim_elapsed().expect("this is a simulation"));
    log.borrow_mut().push(began, NOBODY, What::Started);
    serve(hub, Sockets(listener), stop.notified()).await;
    Ok(())
}

/// Simulated sockets as the server takes them.
struct Sockets(TcpListener);

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
struct Packets(TcpStream);

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

/// Reads what the server has, when everybody has come to rest.
async fn audit(log: Rc<RefCell<Log>>) -> turmoil::Result {
    tokio::time::sleep(REST).await;
    for topic in TOPICS {
        let value = http::get(&format!("/presence/{topic}/value")).await;
        let (entries, _) = entries(&value.expect("the server is there"));
        let truth = What::Truth {
            topic: topic.to_owned(),
            entries,
        };
        log.borrow_mut().push(millis(REST), NOBODY, truth);
    }
    Ok(())
}
