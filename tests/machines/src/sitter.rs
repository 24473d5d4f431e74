//! Sitters: people on a WebSocket, who watch both topics and come back when they are cut off.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::Failed;
use crate::dice::Dice;
use crate::eye::Eye;
use crate::house::BOUNDS;
use crate::line::Line;
use crate::plan::{Scene, TOPICS};
use crate::promises::{End, Lease, Say, What};
use crate::voice::Voice;

/// How long a living server is silent at most: it pings who is silent.
const SILENCE: Duration = Duration::from_millis(BOUNDS.silence + 1_000);

/// A person on a WebSocket.
#[derive(Debug)]
pub(crate) struct Sitter {
    scene: Scene,
    dice: Dice,
    voice: Voice,
    eyes: Vec<Eye>,
    at: usize,
    /// The subscriptions as the driver last asked for them.
    renewed: u32,
}

/// A connection and what is asked on it.
struct Socket {
    line: Line,
    number: u64,
    asked: BTreeMap<u64, &'static str>,
    /// Subscriptions that were not answered yet: what comes of those topics was on its way already.
    subscribing: BTreeMap<u64, &'static str>,
}

impl Sitter {
    pub(crate) fn new(scene: Scene, at: usize, dice: Dice) -> Self {
        let eyes = TOPICS.map(|topic| Eye::new(scene.shared.clone(), topic));
        Self {
            voice: Voice::new(scene.clone()),
            eyes: eyes.into(),
            at,
            renewed: 0,
            scene,
            dice,
        }
    }

    /// Lives until the day is over, and says in the end what they know.
    pub(crate) async fn live(mut self) {
        let mut number = 0;
        let mut orders = self.scene.orders.clone();
        loop {
            if self.scene.is_away() {
                self.scene.vanish();
                let number = self.scene.number();
                if orders
                    .wait_for(|it| it.over || !it.away.contains(&number))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            if orders.borrow_and_update().over {
                break;
            }
            self.at = orders.borrow().choose(self.at, &mut self.dice);
            number += 1;
            let key = self.scene.shared.key();
            let Ok(line) = Line::open(&self.scene.addrs[self.at], &key).await else {
                // The next try goes elsewhere.
                sleep(self.dice.millis(20, 300)).await;
                self.at = orders.borrow().another(self.at, &mut self.dice);
                continue;
            };
            self.scene.arrive(self.at);
            if orders.borrow().unsure {
                self.scene.note(What::Elsewhere);
            }
            self.scene.note(What::Opened { connection: number });
            let socket = Socket {
                line,
                number,
                asked: BTreeMap::new(),
                subscribing: BTreeMap::new(),
            };
            let end = self.talk(socket).await;
            for eye in &self.eyes {
                eye.close();
            }
            let Some(end) = end else { break };
            self.scene.note(What::Ended {
                connection: number,
                end,
            });
            let orders = orders.borrow().clone();
            // What somebody knows of one node has reached another by the time that they are there.
            sleep(self.dice.millis(300, 1_200)).await;
            if end != End::Dropped || orders.roam {
                self.at = orders.another(self.at, &mut self.dice);
            }
        }
        for eye in &self.eyes {
            let wanted = self
                .scene
                .truth
                .borrow()
                .wanted(eye.topic, self.scene.number());
            eye.rest(wanted);
        }
    }

    /// Talks until the connection ends, or the day does.
    async fn talk(&mut self, mut socket: Socket) -> Option<End> {
        if self.greet(&mut socket).await.is_err() {
            return Some(End::Silent);
        }
        let mut orders = self.scene.orders.clone();
        orders.mark_changed();
        let mut heard = Instant::now();
        let mut act = Instant::now() + self.dice.millis(50, 500);
        loop {
            let acting = orders.borrow().act;
            let done = tokio::select! {
                Ok(()) = orders.changed() => {
                    let now = orders.borrow_and_update().clone();
                    if now.over {
                        return None;
                    }
                    if !now.open[self.at] && !now.stay || now.away.contains(&self.scene.number()) {
                        return Some(End::Dropped);
                    }
                    self.renew(&mut socket, now.renewed).await
                }
                () = sleep_until(act), if acting => {
                    act = Instant::now() + self.dice.millis(200, 1_000);
                    match self.act(&mut socket).await {
                        Ok(true) => Ok(()),
                        Ok(false) => return Some(End::Dropped),
                        Err(error) => Err(error),
                    }
                }
                message = socket.line.hear() => {
                    heard = Instant::now();
                    match message {
                        Ok(message) => self.hear(&mut socket, message).await,
                        Err(end) => return Some(end),
                    }
                }
                () = sleep_until(heard + SILENCE) => return Some(End::Silent),
            };
            if done.is_err() {
                return Some(End::Silent);
            }
        }
    }

    /// Subscribes to everything, and says again what was not heard for certain.
    async fn greet(&mut self, socket: &mut Socket) -> Result<(), Failed> {
        for at in 0..self.eyes.len() {
            socket
                .subscribe(&mut self.eyes[at], &mut self.voice)
                .await?;
        }
        self.renewed = self.scene.orders.borrow().renewed;
        for topic in self.voice.leaving.clone() {
            self.say(socket, topic, Say::Leave { after: 0 }).await?;
        }
        let mut wanted = self.voice.wanted();
        if wanted.is_empty() && socket.number == 1 {
            wanted = TOPICS.into();
        }
        for topic in wanted {
            self.announce(socket, topic).await?;
        }
        Ok(())
    }

    /// Subscribes anew if the driver asks for it.
    async fn renew(&mut self, socket: &mut Socket, renewed: u32) -> Result<(), Failed> {
        if self.renewed < renewed {
            self.renewed = renewed;
            for eye in &mut self.eyes {
                eye.close();
                let topic = json!({ "topic": eye.topic });
                socket.line.send("unsubscribe", &topic).await?;
                socket.subscribe(eye, &mut self.voice).await?;
            }
        }
        Ok(())
    }

    /// Does something. Whether the connection stays.
    async fn act(&mut self, socket: &mut Socket) -> Result<bool, Failed> {
        let orders = self.scene.orders.borrow().clone();
        let topic = TOPICS[usize::from(self.dice.percent(30))];
        let is_there = self.voice.wanted().contains(&topic);
        match self.dice.below(100) {
            0..3 if orders.roam => return Ok(false),
            3..7 if orders.come_and_go => {
                self.say(socket, topic, Say::Leave { after: 0 }).await?;
            }
            7..12 if is_there => {
                let lease = Lease::Connection(socket.number);
                self.say(socket, topic, Say::Renew(lease)).await?;
            }
            // Who is not there does not come while nobody comes.
            _ if is_there || orders.come_and_go => self.announce(socket, topic).await?,
            _ => {}
        }
        Ok(true)
    }

    async fn announce(&mut self, socket: &mut Socket, topic: &'static str) -> Result<(), Failed> {
        let lease = Lease::Connection(socket.number);
        self.say(socket, topic, Say::Announce(lease)).await
    }

    async fn say(
        &mut self,
        socket: &mut Socket,
        topic: &'static str,
        say: Say,
    ) -> Result<(), Failed> {
        let (n, mut message) = self.voice.say(topic, say, &mut self.dice);
        message["topic"] = topic.into();
        message["id"] = n.into();
        socket.asked.insert(n, topic);
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        socket.line.send(kind, &message).await
    }

    async fn hear(&mut self, socket: &mut Socket, mut message: Json) -> Result<(), Failed> {
        match message["type"].as_str() {
            Some("snapshot" | "changes") => {
                let mut eyes = self.eyes.iter_mut();
                let eye = eyes.find(|it| message["topic"] == it.topic);
                let eye = eye.ok_or("a topic that nobody asked for")?;
                if !socket.subscribing.values().any(|it| *it == eye.topic) {
                    name_what_was_said(&mut message);
                    eye.see(message);
                }
            }
            Some("ok" | "error") => {
                let n = message["id"].as_u64().unwrap_or_default();
                socket.subscribing.remove(&n);
                if let Some(topic) = socket.asked.remove(&n)
                    && self.voice.hear(topic, n, &message)
                {
                    return self.announce(socket, topic).await;
                }
            }
            Some("gone") => {
                let wanted = self.voice.wanted();
                if let Some(topic) = wanted.into_iter().find(|it| message["topic"] == *it) {
                    return self.announce(socket, topic).await;
                }
            }
            Some("status") => {
                let remote = message["remote"].as_str().unwrap_or_default().to_owned();
                let told = ((self.scene.shared.clock)(), self.scene.number(), remote);
                self.scene.truth.borrow_mut().status.push(told);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Socket {
    async fn subscribe(&mut self, eye: &mut Eye, voice: &mut Voice) -> Result<(), Failed> {
        let n = voice.next();
        let mut message = json!({"topic": eye.topic, "id": n});
        self.subscribing.insert(n, eye.topic);
        if let Some(since) = eye.position() {
            message["since"] = since.into();
        }
        self.line.send("subscribe", &message).await?;
        eye.open();
        Ok(())
    }
}

/// Eyes read what was `said`; the pointers of this server say it by where they are.
pub(crate) fn name_what_was_said(message: &mut Json) {
    for list in ["entries", "joined", "updated"] {
        let things = message.get_mut(list).and_then(Json::as_array_mut);
        for thing in things.into_iter().flatten() {
            if let Some(x) = thing["value"]["x"].as_f64() {
                // Small whole numbers.
                thing["value"]["said"] = (x as u64).into();
            }
        }
    }
}
