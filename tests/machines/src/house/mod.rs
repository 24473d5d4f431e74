//! A house: a Redis, three nodes and people at them, and what is seen of each other in the end.

mod agreement;
mod telling;
mod time;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

pub(crate) use self::time::now;
use crate::Failed;
use crate::dice::Dice;
use crate::eye::Shared;
use crate::node::Node;
use crate::plan::{NODES, Orders, Scene, TOPICS, Truth};
use crate::promises::{Bounds, Log, Trouble, What};
use crate::proxy::Wire;
use crate::redis::Redis;
use crate::sitter::Sitter;
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

/// The figures of the nodes, and what a busy machine may add: a round trip through Redis, and the wait for
/// a turn of one of four processes on two cores.
pub(crate) const BOUNDS: Bounds = Bounds {
    grace: 10_000,
    silence: 5_000,
    tick: 1_000,
    lag: 3_000,
};

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
        let watch = tokio::task::spawn_local(time::watch(lateness.clone()));
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

    /// Waits until the wires of these nodes are as good or bad as they are to be.
    pub(crate) fn wire(&self, nodes: &[usize], wire: Wire) {
        for node in nodes {
            self.nodes[*node].proxy.set(wire);
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
            eprintln!("machines: {}: {error}", file.display());
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.watch.abort();
    }
}
