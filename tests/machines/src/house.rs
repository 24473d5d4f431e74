//! A house: a Redis, three nodes and people at them, and what is seen of each other in the end.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::Failed;
use crate::dice::Dice;
use crate::eye::{Shared, entries};
use crate::node::Node;
use crate::plan::{NODES, Orders, Scene, TOPICS, Truth};
use crate::promises::{Bounds, Log, Seen, Sight, Trouble, What, all};
use crate::proxy::Wire;
use crate::redis::Redis;
use crate::sitter::{Sitter, name_what_was_said};
use crate::walker::Walker;

/// People on WebSockets, and those without.
const SITTERS: usize = 24;
const WALKERS: usize = 9;
/// Whoever is no client.
const NOBODY: usize = usize::MAX;
/// After anything that happened, all nodes know the truth within this time.
pub(crate) const CONVERGENCE: Duration = Duration::from_secs(10);
/// Members at other nodes are marked stale within this time.
pub(crate) const STALE: Duration = Duration::from_secs(5);

/// How soon a pointer's `typing` falls back.
const DECAY: Duration = Duration::from_secs(3);

/// The figures of the nodes, and what a busy machine may add: a round trip through Redis, and the wait for
/// a turn of one of four processes on two cores.
pub(crate) const BOUNDS: Bounds = Bounds {
    grace: 10_000,
    silence: 5_000,
    tick: 1_000,
    lag: 3_000,
};

/// Who left for an observer, when and why: by observer and member.
pub(crate) type Departures = BTreeMap<(usize, usize), Vec<(u64, String)>>;

#[derive(Debug)]
pub(crate) struct House {
    pub(crate) dice: Dice,
    pub(crate) redis: Redis,
    pub(crate) nodes: Vec<Node>,
    pub(crate) truth: Rc<RefCell<Truth>>,
    pub(crate) log: Rc<RefCell<Log>>,
    orders: watch::Sender<Orders>,
    people: JoinSet<()>,
    /// The longest that this process waited for its turn, in ms.
    lateness: Rc<Cell<u64>>,
    watch: AbortHandle,
    addrs: Rc<Vec<String>>,
    /// A node that only ever comes to look.
    newcomer: Node,
}

impl House {
    /// Everybody is there, and all nodes know it.
    pub(crate) async fn open(seed: u64, server: &Path, folder: &Path) -> Result<Self, Failed> {
        let mut house = Self::empty(seed, server, folder).await?;
        for number in 0..SITTERS + WALKERS {
            let scene = Scene {
                shared: Shared {
                    log: house.log.clone(),
                    number,
                    clock: now,
                },
                truth: house.truth.clone(),
                orders: house.orders.subscribe(),
                addrs: house.addrs.clone(),
            };
            let (at, dice) = (number % NODES, house.dice.split());
            if number < SITTERS {
                house
                    .people
                    .spawn_local(Sitter::new(scene, at, dice).live());
            } else {
                house
                    .people
                    .spawn_local(Walker::new(scene, at, dice).live());
            }
        }
        let all_are_there = async {
            while TOPICS
                .iter()
                .any(|topic| house.truth.borrow().of(topic).len() < SITTERS + WALKERS)
            {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let coming = timeout(CONVERGENCE, all_are_there).await;
        coming.map_err(|_| "not everybody came")?;
        house.agree().await?;
        Ok(house)
    }

    /// The same without anybody.
    pub(crate) async fn empty(seed: u64, server: &Path, folder: &Path) -> Result<Self, Failed> {
        let mut dice = Dice::new(seed);
        let redis = Redis::start().await?;
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            let mut node = Node::new(server, redis.port, dice.split(), folder).await?;
            node.begin().await?;
            nodes.push(node);
        }
        let lateness: Rc<Cell<u64>> = Rc::default();
        let watch = tokio::task::spawn_local(watch_time(lateness.clone()));
        let mut orders = Orders::busy();
        orders.come_and_go = false;
        orders.roam = false;
        Ok(Self {
            addrs: Rc::new(nodes.iter().map(|it| it.addr.clone()).collect()),
            newcomer: Node::new(server, redis.port, dice.split(), folder).await?,
            truth: Rc::default(),
            log: Rc::new(RefCell::new(Log::new(BOUNDS))),
            orders: watch::channel(orders).0,
            people: JoinSet::new(),
            lateness,
            watch: watch.abort_handle(),
            dice,
            redis,
            nodes,
        })
    }

    pub(crate) fn order(&self, change: impl FnOnce(&mut Orders)) {
        self.orders.send_modify(change);
    }

    /// Some node.
    pub(crate) fn any_node(&mut self) -> usize {
        usize::try_from(self.dice.below(NODES as u64)).expect("few")
    }

    /// Everybody.
    pub(crate) fn people(&self) -> std::ops::Range<usize> {
        0..SITTERS + WALKERS
    }

    /// Those who watch.
    pub(crate) fn sitters(&self) -> std::ops::Range<usize> {
        0..SITTERS
    }

    /// In how many topics everybody wants to be.
    pub(crate) fn topics_of_all(&self) -> Vec<usize> {
        let truth = self.truth.borrow();
        self.people().map(|it| truth.topics_of(it)).collect()
    }

    /// Whatever befalls the nodes from here on, what is seen of others may be late.
    pub(crate) fn trouble(&self) {
        self.note_all(|| What::Troubled(Trouble::Delay));
        self.order(|it| it.unsure = true);
    }

    /// It is over, and everybody watches anew.
    pub(crate) fn calm(&self) {
        self.note_all(|| What::Calm(Trouble::Delay));
        self.order(|it| {
            it.unsure = false;
            it.renewed += 1;
        });
    }

    fn note_all(&self, what: impl Fn() -> What) {
        for number in self.people() {
            self.log.borrow_mut().push(now(), number, what());
        }
    }

    /// Waits until all nodes that are open answer alike and equal the truth, while nobody says anything new.
    pub(crate) async fn agree(&self) -> Result<(), Failed> {
        let acted = self.orders.borrow().act;
        self.order(|it| it.act = false);
        let until = Instant::now() + CONVERGENCE;
        let found = loop {
            let found = self.compare().await;
            if found.is_ok() || Instant::now() > until {
                break found;
            }
            sleep(Duration::from_millis(200)).await;
        };
        self.order(|it| it.act = acted);
        found.map_err(|wrong| format!("not alike within {CONVERGENCE:?}: {wrong}"))
    }

    async fn compare(&self) -> Result<(), Failed> {
        let open = self.orders.borrow().open;
        for (node, _) in self.nodes.iter().zip(open).filter(|it| it.1) {
            self.compare_with(node).await?;
        }
        Ok(())
    }

    async fn compare_with(&self, node: &Node) -> Result<(), Failed> {
        for topic in TOPICS {
            let seen = self.seen(node, topic).await?;
            let seen: BTreeMap<_, _> = seen.into_iter().map(|(who, it)| (who, it.value)).collect();
            let truth = self.truth.borrow().of(topic);
            let all: BTreeSet<_> = seen.keys().chain(truth.keys()).collect();
            let differs = all
                .into_iter()
                .filter(|who| seen.get(who) != truth.get(who));
            let wrong: Vec<_> = differs
                .map(|who| (*who, seen.get(who), truth.get(who)))
                .collect();
            if !wrong.is_empty() {
                return Err(format!(
                    "{} has of {topic}, and there is (who, found, wanted): {wrong:?}",
                    node.addr
                ));
            }
        }
        Ok(())
    }

    async fn seen(&self, node: &Node, topic: &str) -> Result<BTreeMap<usize, Seen>, Failed> {
        let mut value = node.value(topic).await?;
        if value["entries"].as_array().is_none() {
            return Err(format!("{} says of {topic}: {value}", node.addr));
        }
        name_what_was_said(&mut value);
        Ok(entries(&value).0)
    }

    /// Has a node of its own come and look: what it knows, it knows from Redis alone.
    pub(crate) async fn agree_from_outside(&mut self) -> Result<(), Failed> {
        self.newcomer.begin().await?;
        self.order(|it| it.act = false);
        let until = Instant::now() + CONVERGENCE;
        let found = loop {
            let found = self.compare_with(&self.newcomer).await;
            if found.is_ok() || Instant::now() > until {
                break found;
            }
            sleep(Duration::from_millis(200)).await;
        };
        self.order(|it| it.act = true);
        self.newcomer.end().await?;
        found.map_err(|wrong| format!("who comes anew is not told: {wrong}"))
    }

    /// Waits until the wires of these nodes are as good or bad as they are to be.
    pub(crate) fn wire(&self, nodes: &[usize], wire: Wire) {
        for node in nodes {
            self.nodes[*node].proxy.set(wire);
        }
    }

    /// Whether `/readyz` of these nodes and everybody who sits there says this of other nodes within a time.
    pub(crate) async fn told(
        &self,
        nodes: &[usize],
        remote: &str,
        since: u64,
        within: Duration,
    ) -> Result<(), Failed> {
        let until = Instant::now() + within.saturating_sub(Duration::from_millis(now() - since));
        loop {
            let missing = self.untold(nodes, remote, since).await?;
            if missing.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!(
                    "not told `{remote}` within {within:?}: {}",
                    missing.join(", ")
                ));
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn untold(
        &self,
        nodes: &[usize],
        remote: &str,
        since: u64,
    ) -> Result<Vec<String>, Failed> {
        let mut missing = Vec::new();
        for node in nodes {
            let said = self.nodes[*node].remote().await?;
            if said != remote {
                missing.push(format!("/readyz of node {node}, which says {said}"));
            }
            let truth = self.truth.borrow();
            for person in truth.people_at(*node) {
                let told = |it: &&(u64, usize, String)| it.1 == person && it.0 >= since;
                let last = truth.status.iter().rev().find(told);
                if person < SITTERS && last.is_none_or(|it| it.2 != remote) {
                    missing.push(format!("client {person} at node {node}"));
                }
            }
        }
        Ok(missing)
    }

    /// Who left in somebody's eyes since then.
    pub(crate) fn departures(&self, since: u64) -> Departures {
        let log = self.log.borrow();
        let mut departures = Departures::new();
        for event in log.events.iter().filter(|it| it.at >= since) {
            let What::Saw { topic, sights, .. } = &event.what else {
                continue;
            };
            for sight in sights {
                if let Sight::Left { member, reason } = sight {
                    let left = departures.entry((event.client, *member)).or_default();
                    left.push((event.at, format!("{reason} {topic}")));
                }
            }
        }
        departures
    }

    /// Nobody saw anybody leave since then, and so nobody come back.
    pub(crate) fn nobody_left(&self, since: u64) -> Result<(), Failed> {
        let departures = self.departures(since);
        match departures.first_key_value() {
            None => Ok(()),
            Some(((observer, member), left)) => Err(format!(
                "{} saw somebody leave, client {observer} client {member} first: {left:?}",
                departures.len()
            )),
        }
    }

    /// Writes down what everybody did and saw, for whoever wants to know why.
    pub(crate) fn write_down(&self, file: &Path) {
        let log = self.log.borrow();
        let lines = log
            .events
            .iter()
            .map(|it| format!("{:6} {:2} {:?}\n", it.at, it.client, it.what));
        if let Err(error) = std::fs::write(file, lines.collect::<String>()) {
            eprintln!("nodes: {}: {error}", file.display());
        }
    }

    /// The last look at everything. What is wrong with what everybody saw, if something is.
    pub(crate) async fn close(&mut self) -> Result<(), Failed> {
        // What decays begins anew at another node.
        self.order(|it| {
            it.act = false;
            it.roam = false;
        });
        self.agree().await?;
        // What is on its way arrives, and what decays has done so.
        sleep(DECAY + Duration::from_millis(BOUNDS.tick)).await;
        for topic in TOPICS {
            let entries = self.seen(&self.nodes[0], topic).await?;
            for node in &self.nodes[1..] {
                let others = self.seen(node, topic).await?;
                if entries != others {
                    let differs = entries.iter().filter(|it| others.get(it.0) != Some(it.1));
                    return Err(format!(
                        "{} has of {topic} what {} has not: {:?}",
                        self.nodes[0].addr,
                        node.addr,
                        differs.collect::<Vec<_>>()
                    ));
                }
            }
            let truth = What::Truth {
                topic: topic.to_owned(),
                entries,
            };
            self.log.borrow_mut().push(now(), NOBODY, truth);
        }
        self.order(|it| it.over = true);
        while let Some(person) = self.people.join_next().await {
            person.map_err(|error| error.to_string())?;
        }
        // What holds the driver up holds nodes up as well.
        self.log.borrow_mut().bounds.lag += 2 * self.lateness.get();
        let log = self.log.replace(Log::new(BOUNDS));
        let judging = tokio::task::spawn_blocking(move || (all(&log), log));
        let (broken, log) = judging.await.map_err(|error| error.to_string())?;
        self.log.replace(log);
        if broken.is_empty() {
            return Ok(());
        }
        let broken: Vec<_> = broken.iter().map(ToString::to_string).collect();
        Err(broken.join("\n"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Measures how late this process gets its turn.
async fn watch_time(lateness: Rc<Cell<u64>>) {
    const STEP: u64 = 20;
    loop {
        let before = now();
        sleep(Duration::from_millis(STEP)).await;
        lateness.set(lateness.get().max((now() - before).saturating_sub(STEP)));
    }
}

/// The time of all logs, in ms.
pub(crate) fn now() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_millis()).expect("no day is that long")
}
