//! The world: three nodes and their engine, the offices where clients sit, and what befalls them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use presence_runtime::cluster::{Cluster, Engine, Found, Memory, NodeId, Timing};
use presence_runtime::server::serve;
use presence_runtime::{Hub, TopicName};
use serde_json::Value as Json;
use tokio::sync::Notify;
use turmoil::net::TcpListener;

use crate::dice::Dice;
use crate::eye::{Shared, entries, session};
use crate::faults::{self, Fault, Struck};
use crate::http;
use crate::packets::Sockets;
use crate::person::{Person, now};
use crate::promises::{Bounds, Log, Trouble, What};
use crate::rooms;
pub(crate) use crate::rooms::{TOPICS, TTL};

/// Nodes, and what they are called.
pub(crate) const NODES: usize = 3;
const NAMES: [&str; NODES] = ["node-0", "node-1", "node-2"];
/// Clients, and how many of them share a network.
const PEOPLE: usize = 12;
const OFFICE: usize = 4;
pub(crate) const OFFICES: usize = PEOPLE / OFFICE;
/// Whoever is no client.
const NOBODY: usize = usize::MAX;

/// Until then everything happens; afterwards it comes to rest.
pub(crate) const CHAOS: Duration = Duration::from_millis(14_000);
/// When everybody says what they know: ten seconds after the last fault, and a moment for the clients.
pub(crate) const REST: Duration = Duration::from_millis(24_500);
/// Whoever is told that the server goes comes back to another one.
pub(crate) const ELSEWHERE: bool = true;

/// How long after one node the next begins, which is no part of the time between what nodes do again and again.
const APART: Duration = Duration::from_millis(700);
const LATENCY: u64 = 40;
const STEP: u64 = 5;
/// Packets that are under way or unread before a writer has to wait.
const WINDOW: usize = 64;
/// For how long clients may be told nothing of a node that is out of reach.
const STALE: Duration = Duration::from_secs(5);
/// For how long a machine that stands still keeps what is sent to it.
const BACKLOG: Duration = Duration::from_millis(600);
pub(crate) const BOUNDS: Bounds = Bounds {
    grace: 500,
    silence: 1_300,
    tick: 50,
    // On its way, a step at both ends and one for the server's alarms, and as many between two nodes.
    lag: LATENCY + 8 * STEP,
};

thread_local! {
    /// The time, for who is outside of the simulation.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    /// The node that a client asked last for a topic.
    static ASKED: RefCell<BTreeMap<(usize, String), &'static str>> = RefCell::default();
    /// The values that clients asked a node to take.
    static SAID: RefCell<Vec<Said>> = const { RefCell::new(Vec::new()) };
}

/// The server to speak to next.
pub(crate) fn server(dice: &mut Dice) -> &'static str {
    NAMES[dice.below(NODES as u64) as usize]
}

/// A client asks a server for a topic.
pub(crate) fn watches(client: usize, topic: &str, server: &'static str) {
    ASKED.with_borrow_mut(|asked| asked.insert((client, topic.to_owned()), server));
}

/// A client asks a server to take a value.
pub(crate) fn says(client: usize, topic: &'static str, value: u64, server: &'static str) {
    let said = Said {
        client,
        topic,
        value,
        server,
    };
    SAID.with_borrow_mut(|all| all.push(said));
}

/// A value that a client asked a node to take.
#[derive(Debug, Clone, Copy)]
struct Said {
    client: usize,
    topic: &'static str,
    value: u64,
    server: &'static str,
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("no simulation is that long")
}

/// A place for nodes, one after the other.
struct Place {
    line: Memory,
    stop: Notify,
    cluster: RefCell<Option<Cluster>>,
}

struct World {
    engine: Memory,
    places: Vec<Rc<Place>>,
    log: Rc<RefCell<Log>>,
}

/// Plays a seed. The log is complete, epochs are numbered.
pub(crate) fn play(seed: u64) -> (Log, Vec<Struck>) {
    let mut dice = Dice::new(seed);
    NOW.set(Duration::ZERO);
    ASKED.take();
    SAID.take();
    let engine = Memory::with_clock(|| turmoil::sim_elapsed().unwrap_or_else(|| NOW.get()));
    let place = || {
        Rc::new(Place {
            line: engine.line(),
            stop: Notify::new(),
            cluster: RefCell::default(),
        })
    };
    let world = World {
        places: (0..NODES).map(|_| place()).collect(),
        log: Rc::new(RefCell::new(Log::new(BOUNDS))),
        engine,
    };
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(STEP))
        .simulation_duration(Duration::from_secs(60))
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(LATENCY))
        .tcp_capacity(WINDOW)
        .build();
    let born = Rc::new(Cell::new(0));
    for (name, place) in NAMES.iter().zip(&world.places) {
        let (place, born) = (place.clone(), born.clone());
        sim.host(*name, move || run_node(place.clone(), born.clone()));
    }
    for office in 0..OFFICES {
        let mut people = Vec::new();
        for number in office * OFFICE..(office + 1) * OFFICE {
            let shared = Shared {
                log: world.log.clone(),
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
    sim.client("auditor", audit(world.log.clone()));

    let faults = faults::of(seed);
    let mut coming = faults.iter().copied().rev().collect::<Vec<_>>();
    let mut mending: Vec<Struck> = Vec::new();
    loop {
        let now = sim.elapsed();
        NOW.set(now);
        while let Some(at) = mending.iter().position(|it| it.until <= now) {
            let struck = mending.remove(at);
            world.mend(&mut sim, struck.fault);
        }
        if let Some(struck) = coming.pop_if(|it| it.from <= now) {
            world.strike(&mut sim, struck.fault);
            mending.push(struck);
        }
        for struck in &mending {
            if let Fault::Freeze(node) = struck.fault
                && is_at(struck.from + BACKLOG, now)
            {
                // No machine keeps what comes for ever.
                for office in 0..OFFICES {
                    sim.partition(NAMES[node], name(office));
                }
            }
        }
        world.look(&mending, now);
        if sim
            .step()
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"))
        {
            break;
        }
    }
    for place in &world.places {
        place.cluster.take();
    }
    drop(sim);
    let log = Rc::into_inner(world.log).expect("the simulation is over");
    let mut log = log.into_inner();
    log.number_epochs();
    (log, faults)
}

impl World {
    fn strike(&self, sim: &mut turmoil::Sim<'_>, fault: Fault) {
        match fault {
            Fault::Partition(office, node) => sim.partition(NAMES[node], name(office)),
            Fault::Hold(office, node) => sim.hold(NAMES[node], name(office)),
            // As by a loss of power: nobody is told. (In what order a runtime drops its connections
            // follows from no seed, so they must not say anything.)
            Fault::Kill(node) => {
                for office in 0..OFFICES {
                    sim.partition(NAMES[node], name(office));
                }
                self.bury(node, sim.elapsed());
                sim.crash(NAMES[node]);
                self.places[node].cluster.take();
            }
            Fault::Restart(node) => self.places[node].stop.notify_one(),
            Fault::Freeze(node) => {
                for office in 0..OFFICES {
                    sim.hold(NAMES[node], name(office));
                }
                self.places[node].line.fail(true);
            }
            Fault::Cut(node) => self.places[node].line.fail(true),
            Fault::Deafen(node) => self.places[node].line.deafen(true),
            Fault::Lose(node, messages) => self.places[node].line.drop_messages(messages),
            Fault::Slow(node, slow) => self.places[node].line.slow(slow),
            Fault::SlowAll(slow) => self.all(|line| line.slow(slow)),
            Fault::Away | Fault::Forget => self.all(|line| line.fail(true)),
            Fault::Flush => self.engine.flush(),
        }
        self.note(millis(sim.elapsed()), fault, What::Troubled);
    }

    fn mend(&self, sim: &mut turmoil::Sim<'_>, fault: Fault) {
        match fault {
            Fault::Partition(office, node) => sim.repair(NAMES[node], name(office)),
            Fault::Hold(office, node) => sim.release(NAMES[node], name(office)),
            Fault::Kill(node) => {
                sim.bounce(NAMES[node]);
                for office in 0..OFFICES {
                    sim.repair(NAMES[node], name(office));
                }
            }
            Fault::Restart(node) => {
                // It has ended by itself, or is ended.
                self.bury(node, sim.elapsed());
                sim.bounce(NAMES[node]);
            }
            Fault::Freeze(node) => {
                for office in 0..OFFICES {
                    sim.release(NAMES[node], name(office));
                }
                self.places[node].line.fail(false);
            }
            Fault::Cut(node) => self.places[node].line.fail(false),
            Fault::Deafen(node) => self.places[node].line.deafen(false),
            Fault::Lose(node, _) => self.places[node].line.drop_messages(0),
            Fault::Slow(node, _) => self.places[node].line.slow(Duration::ZERO),
            Fault::SlowAll(_) => self.all(|line| line.slow(Duration::ZERO)),
            Fault::Away => self.all(|line| line.fail(false)),
            Fault::Flush => {}
            Fault::Forget => {
                self.engine.flush();
                self.all(|line| line.fail(false));
            }
        }
        self.note(millis(sim.elapsed()), fault, What::Calm);
    }

    /// Writes down what a node was to tell others, and has not: whoever said it has been told that it is done,
    /// and nobody knows it any longer.
    fn bury(&self, node: usize, now: Duration) {
        let said = SAID.with_borrow_mut(|all| {
            let there = all.extract_if(.., |it| it.server == NAMES[node]);
            there.collect::<Vec<_>>()
        });
        for it in said {
            let topic = TopicName::parse(it.topic).expect("a topic of the simulation");
            let found = self.engine.find(&topic, session(it.client)).now_or_never();
            let told = match found.expect("the line is whole").expect("and fast") {
                Found::Present(record) => {
                    let [value, ..] = &record.parts;
                    let body: Json = serde_json::from_slice(&value.body).expect("JSON");
                    body["v"]["said"].as_u64().expect("a value")
                }
                Found::Left { n, .. } => n,
                Found::Nothing => 0,
            };
            if told < it.value {
                let what = What::Unsaid {
                    topic: it.topic.to_owned(),
                    value: it.value,
                };
                self.log.borrow_mut().push(millis(now), it.client, what);
            }
        }
    }

    fn all(&self, act: impl Fn(&Memory)) {
        for place in &self.places {
            act(&place.line);
        }
    }

    /// Writes down what a fault is to nodes, and to the clients whom it befalls.
    fn note(&self, at: u64, fault: Fault, what: fn(Trouble) -> What) {
        let mut log = self.log.borrow_mut();
        if let Some(trouble) = fault.trouble() {
            log.push(at, NOBODY, what(trouble));
        }
        let (clients, trouble) = match fault {
            Fault::Partition(office, _) => (office_of(office), Trouble::Loss),
            Fault::Hold(office, _) => (office_of(office), Trouble::Delay),
            Fault::Kill(node) => (at_node(node), Trouble::Loss),
            Fault::Freeze(node) => (at_node(node), Trouble::Delay),
            _ => return,
        };
        for client in clients {
            if !matches!(fault, Fault::Kill(_)) {
                log.push(at, client, what(trouble));
            } else if what(trouble) == What::Troubled(trouble) {
                // It has lost what it had, and whatever it finds instead is as good as ever.
                log.push(at, client, What::Troubled(trouble));
                log.push(at, client, What::Calm(trouble));
            }
        }
    }

    /// Who is out of reach of the engine says so in time.
    fn look(&self, faults: &[Struck], now: Duration) {
        for struck in faults {
            let out_of_reach = |node: usize| match struck.fault {
                Fault::Cut(at) | Fault::Freeze(at) | Fault::Deafen(at) => at == node,
                Fault::Away | Fault::Forget => true,
                _ => false,
            };
            if !is_at(struck.from + STALE, now) {
                continue;
            }
            for (node, place) in self.places.iter().enumerate() {
                let cluster = place.cluster.borrow();
                if out_of_reach(node) && cluster.as_ref().is_some_and(|it| !it.is_stale()) {
                    let why = format!("{} is not stale after {STALE:?}", NAMES[node]);
                    let topic = TOPICS[0].to_owned();
                    let what = What::Confused { topic, why };
                    self.log.borrow_mut().push(millis(now), NOBODY, what);
                }
            }
        }
    }
}

/// Whether a time has just come.
fn is_at(time: Duration, now: Duration) -> bool {
    time <= now && now < time + Duration::from_millis(STEP)
}

fn office_of(office: usize) -> Vec<usize> {
    (office * OFFICE..(office + 1) * OFFICE).collect()
}

/// Who asked this node last for any topic.
fn at_node(node: usize) -> Vec<usize> {
    let asked = |asked: &BTreeMap<(usize, String), &'static str>| {
        let mut clients: Vec<_> = asked
            .iter()
            .filter(|it| *it.1 == NAMES[node])
            .map(|it| it.0.0)
            .collect();
        clients.dedup();
        clients
    };
    ASKED.with_borrow(asked)
}

fn name(office: usize) -> String {
    format!("office-{office}")
}

/// The real server, with a hub of its own, as a node.
async fn run_node(place: Rc<Place>, born: Rc<Cell<u64>>) -> turmoil::Result {
    let number = born.get() + 1;
    born.set(number);
    if number <= NODES as u64 {
        // They are not started all at once, and do not do everything at the same moment ever after.
        tokio::time::sleep(APART * u32::try_from(number - 1).expect("a few")).await;
    }
    let hub = Hub::new(rooms::topics(), rooms::config()).expect("sensible figures");
    let id = NodeId::new(number);
    let cluster = Cluster::join_as(&hub, place.line.clone(), Timing::default(), id);
    let before = place
        .cluster
        .replace(Some(cluster.expect("the first time")));
    drop(before);
    let listener = TcpListener::bind(("0.0.0.0", http::PORT)).await?;
    serve(hub, Sockets(listener), place.stop.notified()).await;
    place.cluster.take();
    Ok(())
}

/// Reads what every node has, when everybody has come to rest.
async fn audit(log: Rc<RefCell<Log>>) -> turmoil::Result {
    tokio::time::sleep(REST).await;
    let asked = TOPICS
        .iter()
        .flat_map(|topic| NAMES.map(|node| (topic, node)));
    let answers = asked.map(async |(topic, node)| {
        let value = http::get(node, &format!("/presence/{topic}/value")).await;
        let (entries, _) = entries(&value.expect("the server is there"));
        let topic = (*topic).to_owned();
        What::Truth { topic, entries }
    });
    for truth in join_all(answers).await {
        log.borrow_mut().push(millis(REST), NOBODY, truth);
    }
    Ok(())
}
