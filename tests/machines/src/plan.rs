//! What the driver asks of people, and what they want: the truth that nodes are held against.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::sync::watch;

use crate::dice::Dice;
use crate::eye::Shared;
use crate::promises::What;

/// How many nodes there are.
pub(crate) const NODES: usize = 3;
/// Where people meet.
pub(crate) const TOPICS: [&str; 2] = ["boards:1:cursors", "boards:2:cursors"];

/// What the driver asks of everybody.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    /// Nodes that take people in. Who is at another goes elsewhere.
    pub(crate) open: [bool; NODES],
    /// Whether people say new things.
    pub(crate) act: bool,
    /// Whether they leave topics at times, and let connections go.
    pub(crate) come_and_go: bool,
    /// Whether they change nodes on a whim.
    pub(crate) roam: bool,
    /// Whether who is at a node that is not open stays until it is sent off.
    pub(crate) stay: bool,
    /// Whether a node may be behind another for long.
    pub(crate) unsure: bool,
    /// Whether walkers say something as rarely as the server allows.
    pub(crate) stroll: bool,
    /// Who is to be nowhere.
    pub(crate) away: BTreeSet<usize>,
    /// How often everybody is asked to subscribe anew.
    pub(crate) renewed: u32,
    /// The day is over.
    pub(crate) over: bool,
}

impl Orders {
    /// Everything happens.
    pub(crate) fn busy() -> Self {
        Self {
            open: [true; NODES],
            act: true,
            come_and_go: true,
            roam: true,
            stay: false,
            unsure: false,
            stroll: false,
            away: BTreeSet::new(),
            renewed: 0,
            over: false,
        }
    }

    /// A node that takes people in; the same one if it does.
    pub(crate) fn choose(&self, now: usize, dice: &mut Dice) -> usize {
        if self.open[now] {
            return now;
        }
        self.another(now, dice)
    }

    /// Another node than this, where there is one.
    pub(crate) fn another(&self, now: usize, dice: &mut Dice) -> usize {
        let open = (0..NODES).filter(|it| self.open[*it] && *it != now);
        let open: Vec<_> = open.collect();
        if open.is_empty() {
            return now;
        }
        open[usize::try_from(dice.below(open.len() as u64)).expect("few")]
    }
}

/// What everybody wants, and where they are.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// The value that somebody wants to be present with, by topic.
    wanted: BTreeMap<(&'static str, usize), u64>,
    /// The node at which somebody is.
    pub(crate) at: BTreeMap<usize, usize>,
    /// What connections were told of other nodes: when, who, and what.
    pub(crate) status: Vec<(u64, usize, String)>,
}

impl Truth {
    pub(crate) fn wants(&mut self, topic: &'static str, number: usize, n: Option<u64>) {
        match n {
            Some(n) => self.wanted.insert((topic, number), n),
            None => self.wanted.remove(&(topic, number)),
        };
    }

    pub(crate) fn wanted(&self, topic: &'static str, number: usize) -> Option<u64> {
        self.wanted.get(&(topic, number)).copied()
    }

    /// Everybody who wants to be in a topic.
    pub(crate) fn of(&self, topic: &'static str) -> BTreeMap<usize, u64> {
        let all = self.wanted.iter().filter(|it| it.0.0 == topic);
        all.map(|(key, n)| (key.1, *n)).collect()
    }

    /// In how many topics somebody wants to be.
    pub(crate) fn topics_of(&self, number: usize) -> usize {
        self.wanted.keys().filter(|it| it.1 == number).count()
    }

    pub(crate) fn people_at(&self, node: usize) -> BTreeSet<usize> {
        let people = self.at.iter().filter(|it| *it.1 == node);
        people.map(|it| *it.0).collect()
    }
}

/// What everybody in a house shares.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) shared: Shared,
    pub(crate) truth: Rc<RefCell<Truth>>,
    pub(crate) orders: watch::Receiver<Orders>,
    pub(crate) addrs: Rc<Vec<String>>,
}

impl Scene {
    pub(crate) fn number(&self) -> usize {
        self.shared.number
    }

    pub(crate) fn note(&self, what: What) {
        self.shared.note(what);
    }

    pub(crate) fn is_away(&self) -> bool {
        self.orders.borrow().away.contains(&self.number())
    }

    /// Where the person is from now on.
    pub(crate) fn arrive(&self, node: usize) {
        self.truth.borrow_mut().at.insert(self.number(), node);
    }

    /// The person wants to be nowhere.
    pub(crate) fn vanish(&self) {
        let mut truth = self.truth.borrow_mut();
        truth.at.remove(&self.number());
        for topic in TOPICS {
            truth.wants(topic, self.number(), None);
        }
    }
}
