//! The world: the server, the offices where clients sit, and what befalls the network.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use presence_runtime::Hub;
use presence_runtime::server::serve;
use tokio::sync::Notify;
use turmoil::net::TcpListener;

use crate::dice::Dice;
use crate::eye::{Shared, entries};
use crate::http;
use crate::packets::Sockets;
use crate::person::{Person, now};
use crate::promises::{Bounds, Log, Trouble, What};
use crate::rooms;
pub(crate) use crate::rooms::{TOPICS, TTL};

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

const LATENCY: u64 = 40;
const STEP: u64 = 5;
/// Packets that are under way or unread before a writer has to wait.
const WINDOW: usize = 64;
/// Whoever is told that the server goes waits for it to come back.
pub(crate) const ELSEWHERE: bool = false;
pub(crate) const BOUNDS: Bounds = Bounds {
    grace: 500,
    silence: 1_300,
    tick: 50,
    // On its way, and a step at both ends and one for the server's alarms.
    lag: LATENCY + 4 * STEP,
};

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

/// The server to speak to next.
pub(crate) const fn server(_: &mut Dice) -> &'static str {
    "server"
}

/// A client asks a server for a topic.
pub(crate) const fn watches(_: usize, _: &str, _: &str) {}

/// A client asks a server to take a value.
pub(crate) const fn says(_: usize, _: &str, _: u64, _: &str) {}

fn name(office: usize) -> String {
    format!("office-{office}")
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("no simulation is that long")
}

/// The real server, with a hub of its own.
async fn run_server(log: Rc<RefCell<Log>>, stop: Rc<Notify>) -> turmoil::Result {
    let hub = Hub::new(rooms::topics(), rooms::config()).expect("sensible figures");
    let listener = TcpListener::bind(("0.0.0.0", http::PORT)).await?;
    let began = millis(turmoil::sim_elapsed().expect("this is a simulation"));
    log.borrow_mut().push(began, NOBODY, What::Started);
    serve(hub, Sockets(listener), stop.notified()).await;
    Ok(())
}

/// Reads what the server has, when everybody has come to rest.
async fn audit(log: Rc<RefCell<Log>>) -> turmoil::Result {
    tokio::time::sleep(REST).await;
    for topic in TOPICS {
        let value = http::get("server", &format!("/presence/{topic}/value")).await;
        let (entries, _) = entries(&value.expect("the server is there"));
        let truth = What::Truth {
            topic: topic.to_owned(),
            entries,
        };
        log.borrow_mut().push(millis(REST), NOBODY, truth);
    }
    Ok(())
}
