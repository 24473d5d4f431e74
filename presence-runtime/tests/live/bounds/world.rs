//! A world: a server with short figures, those who watch it, and the log of everybody.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use presence_runtime::{Config, Presence, Topics};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{Instant, sleep};

use super::person::{Person, Sitter};
use super::{BOUNDS, TOPIC};
use crate::eye::{self, Eye, Shared};
use crate::promises::{Lease, Log, Say, Sight, What, check};
use crate::server::{Server, Transport};
use crate::socket::Socket;
use crate::topics::millis;

/// Whoever is no client.
const NOBODY: usize = usize::MAX;
/// Who watches, on a WebSocket and on an event stream.
pub(super) const WATCHERS: [usize; 2] = [90, 91];

/// A type whose figures are short enough for tests in real time, and whose values say which
/// message they come from.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "halls:{hall}", ttl = "1s", grace = "300ms", throttle = "20ms")]
struct Hall {
    said: u32,
    #[serde(default)]
    #[presence(decay = "300ms")]
    typing: bool,
}

fn config() -> Config {
    let mut config = Config::default();
    config.heartbeat = millis(200);
    config.ping = millis(200);
    config.pong_wait = millis(100);
    config.comment = millis(200);
    config
}

pub(super) fn clock() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_millis()).expect("no test is that long")
}

/// A server, those who watch it, and the log of everybody.
pub(super) struct World {
    pub(super) server: Rc<Server>,
    pub(super) log: Rc<RefCell<Log>>,
    watching: Vec<(Rc<RefCell<Eye>>, JoinHandle<()>)>,
}

impl World {
    pub(super) async fn begin() -> Self {
        let log = Rc::new(RefCell::new(Log::new(BOUNDS)));
        log.borrow_mut().push(clock(), NOBODY, What::Started);
        let topics = Topics::new().register::<Hall>();
        let server = Rc::new(Server::with(Transport::Tcp, topics, config()).await);
        let mut world = Self {
            server,
            log,
            watching: Vec::new(),
        };
        for number in WATCHERS {
            let eye = Rc::new(RefCell::new(Eye::new(world.shared(number), TOPIC)));
            let watching = watch(eye.clone(), world.server.clone(), number == WATCHERS[0]);
            world.watching.push((eye, spawn_local(watching)));
        }
        sleep(millis(100)).await;
        world
    }

    pub(super) fn shared(&self, number: usize) -> Shared {
        Shared {
            log: self.log.clone(),
            number,
            clock,
        }
    }

    pub(super) fn person(&self, number: usize) -> Person {
        Person {
            shared: self.shared(number),
            n: 0,
        }
    }

    /// Somebody who is present by a socket on this connection.
    pub(super) async fn sitter(&self, number: usize, stream: TcpStream) -> Sitter {
        let person = self.person(number);
        let mut socket = Socket::over(Box::new(stream)).await;
        socket.greet(Some(&person.shared.key())).await;
        person.shared.note(What::Opened { connection: 1 });
        let mut sitter = Sitter { person, socket };
        sitter.say(Say::Announce(Lease::Connection(1))).await;
        sitter
    }

    /// What was seen of a member, by whom and when.
    pub(super) fn sights(&self, number: usize) -> Vec<(usize, u64, Sight)> {
        let log = self.log.borrow();
        let mut seen = Vec::new();
        for event in &log.events {
            if let What::Saw { sights, .. } = &event.what {
                let of = sights.iter().filter(|it| match it {
                    Sight::Here { member, .. } | Sight::Left { member, .. } => *member == number,
                });
                seen.extend(of.map(|it| (event.client, event.at, it.clone())));
            }
        }
        seen
    }

    /// Why a member left, as both who watch were told, and how long after `since`.
    pub(super) fn left(&self, number: usize, since: u64) -> (String, Duration) {
        let sights = self.sights(number);
        let told = WATCHERS.map(|watcher| {
            let mut left = sights.iter().filter_map(|(client, at, sight)| match sight {
                Sight::Left { reason, .. } if *client == watcher => {
                    Some((reason.clone(), millis(at - since)))
                }
                _ => None,
            });
            let first = left.next().expect("it left");
            assert!(left.next().is_none(), "it left twice");
            first
        });
        assert_eq!(told[0].0, told[1].0);
        told.into_iter().max_by_key(|it| it.1).expect("two")
    }

    /// Reads what there is and holds the promises against the log.
    pub(super) async fn end(self) -> Vec<usize> {
        sleep(millis(100)).await;
        let (entries, _) = eye::entries(&self.server.value(TOPIC).await);
        for (eye, watching) in self.watching {
            assert!(!watching.is_finished(), "who watches keeps the connection");
            eye.borrow().rest(None);
            watching.abort();
        }
        let present = entries.keys().copied().collect();
        let truth = What::Truth {
            topic: TOPIC.to_owned(),
            entries,
        };
        self.log.borrow_mut().push(clock(), NOBODY, truth);
        if let Err(broken) = check(&self.log.borrow()) {
            panic!("{broken}");
        }
        present
    }
}

async fn watch(eye: Rc<RefCell<Eye>>, server: Rc<Server>, by_socket: bool) {
    if by_socket {
        let mut socket = Socket::watching(&server, TOPIC).await;
        eye.borrow_mut().open();
        while let Ok(message) = socket.hear_or_end().await {
            eye.borrow_mut().see(message);
        }
    } else {
        let mut stream = server.events(TOPIC, None).await;
        eye.borrow_mut().open();
        while let Some(message) = stream.hear_or_end().await {
            eye.borrow_mut().see(message);
        }
    }
}

pub(super) async fn in_a_world<F: Future>(story: impl FnOnce(World) -> F) {
    let play = async { story(World::begin().await).await };
    LocalSet::new().run_until(play).await;
}
