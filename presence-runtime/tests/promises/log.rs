//! The log: what clients did and saw, in the order of time.

use std::collections::BTreeMap;

/// What clients did and saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Log {
    pub(crate) bounds: Bounds,
    pub(crate) events: Vec<Event>,
}

/// The figures that promises are made of, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) grace: u64,
    /// Two pings and the wait for the pong.
    pub(crate) silence: u64,
    /// The longest tick.
    pub(crate) tick: u64,
    /// The most that a message takes on its way when nothing is wrong.
    pub(crate) lag: u64,
}

/// Something that happened to a client; what happens to the server happens to none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) at: u64,
    pub(crate) client: usize,
    pub(crate) what: What,
}

/// What happened. A client is one session, and its number stands for its member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    /// The client said something of itself in a topic. The `n` of a session never repeats.
    Said { topic: String, n: u64, say: Say },
    /// It was answered.
    Heard {
        topic: String,
        n: u64,
        answer: Answer,
    },
    /// A connection of it was welcomed.
    Opened { connection: u64 },
    /// A connection of it ended, as far as it can tell.
    Ended { connection: u64, end: End },
    /// From its next sight on it knows a topic.
    Watching { topic: String },
    /// It does not know a topic any longer.
    Blind { topic: String },
    /// It was told something of others, by a whole message.
    Saw {
        topic: String,
        at: Place,
        /// Whether what it knows now is what was at that place: so after a message of one part.
        exact: bool,
        now_ms: u64,
        members: u64,
        sights: Vec<Sight>,
    },
    /// What it was told makes no sense.
    Confused { topic: String, why: String },
    /// It read the whole of a topic.
    Read {
        topic: String,
        entries: BTreeMap<usize, Seen>,
        /// Shows whom it has lost already.
        expired: bool,
    },
    /// It speaks with another node from here on, which may be behind the one before.
    Elsewhere,
    /// A node that was to tell others what the client said of itself is killed before it has.
    Unsaid { topic: String, value: u64 },
    /// Something is wrong with it or its network from here on.
    Troubled(Trouble),
    /// Nothing is wrong any longer.
    Calm(Trouble),
    /// What it knows of others at the end, and the value it wants to be present with.
    Rested {
        topic: String,
        view: BTreeMap<usize, Seen>,
        wanted: Option<u64>,
    },
    /// What the server has at the end.
    Truth {
        topic: String,
        entries: BTreeMap<usize, Seen>,
    },
    /// The server began, with a clock that stands at zero.
    Started,
    /// The server ended.
    Stopped,
}

/// What a client says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// With a value, which is the message's own `n`.
    Announce(Lease),
    Renew(Lease),
    Leave {
        after: u64,
    },
}

/// The lease of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lease {
    Connection(u64),
    /// So many ms.
    Deadline(u64),
}

/// What the server says to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Joined,
    Updated,
    Renewed,
    Stale,
    Left(bool),
    Refused,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client let it go.
    Dropped,
    /// The client heard nothing for too long.
    Silent,
    /// It broke off.
    Broken,
    /// The server closed it with a code.
    Closed(u16),
}

/// What may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// Packets are lost.
    Loss,
    /// Packets come later, when the trouble is over.
    Delay,
    /// The client is slow to read.
    Slow,
    /// A node goes or has gone, and others are told later: nobody's in particular.
    Late,
    /// Nodes do not hear of each other at once: nobody's in particular.
    Apart,
    /// A node is taken for dead although it lives: nobody's in particular.
    Cut,
}

impl Trouble {
    pub(crate) const fn is_of_network(self) -> bool {
        matches!(self, Self::Loss | Self::Delay)
    }

    pub(crate) const fn is_of_nodes(self) -> bool {
        matches!(self, Self::Late | Self::Apart | Self::Cut)
    }
}

/// A place in the order of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) epoch: u64,
    pub(crate) sequence: u64,
}

/// What an observer knows of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The value: the `n` it was announced with.
    pub(crate) value: u64,
    /// Something of the value that the server changes by itself.
    pub(crate) decays: bool,
}

/// A change that an observer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sight {
    Here { member: usize, seen: Seen },
    Left { member: usize, reason: String },
}

impl Log {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            events: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, at: u64, client: usize, what: What) {
        self.events.push(Event { at, client, what });
    }

    /// Puts small numbers in the place of the epochs, which are random: what is left is the same
    /// whenever the same happens.
    pub(crate) fn number_epochs(&mut self) {
        let mut known = BTreeMap::new();
        for event in &mut self.events {
            if let What::Saw { at, .. } = &mut event.what {
                let next = known.len() as u64;
                at.epoch = *known.entry(at.epoch).or_insert(next);
            }
        }
    }

    /// The sayings in a topic by one client, with what was answered and when.
    pub(crate) fn sayings(&self) -> BTreeMap<(&str, usize), Vec<Saying>> {
        let mut all: BTreeMap<(&str, usize), Vec<Saying>> = BTreeMap::new();
        for event in &self.events {
            match &event.what {
                What::Said { topic, n, say } => {
                    let of_client = all.entry((topic, event.client)).or_default();
                    of_client.push(Saying {
                        at: event.at,
                        n: *n,
                        say: *say,
                        answer: None,
                    });
                }
                What::Heard { topic, n, answer } => {
                    let of_client = all.entry((topic, event.client)).or_default();
                    let said = of_client.iter_mut().rev().find(|it| it.n == *n);
                    said.expect("nobody is answered who said nothing").answer =
                        Some((event.at, *answer));
                }
                _ => {}
            }
        }
        all
    }
}

/// Something a client said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saying {
    pub(crate) at: u64,
    pub(crate) n: u64,
    pub(crate) say: Say,
    /// When it was answered, and what.
    pub(crate) answer: Option<(u64, Answer)>,
}

impl Saying {
    /// The lease that it has for certain, and since when at the latest.
    pub(crate) fn lease(&self) -> Option<(Lease, u64)> {
        let (at, answer) = self.answer?;
        match (self.say, answer) {
            (
                Say::Announce(lease) | Say::Renew(lease),
                Answer::Joined | Answer::Updated | Answer::Renewed,
            ) => Some((lease, at)),
            _ => None,
        }
    }

    pub(crate) const fn is_heartbeat(&self) -> bool {
        matches!(self.say, Say::Announce(_) | Say::Renew(_))
    }
}
