//! People on WebSockets.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use turmoil::net::TcpStream;

use crate::dice::Dice;
use crate::http::{Failed, PORT};
use crate::person::{Person, now};
use crate::promises::{End, Lease, Say, Trouble, What};
use crate::world::{BOUNDS, CHAOS, ELSEWHERE, REST, millis, server, watches};

/// How long somebody waits to get through.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a living server is silent at most: it pings who is silent, and answers who is not.
const SILENCE: Duration = Duration::from_millis(BOUNDS.silence + 300);

/// A connection and what is asked on it.
struct Socket {
    stream: WebSocketStream<TcpStream>,
    number: u64,
    asked: BTreeMap<u64, &'static str>,
    /// The topics of subscriptions that were not answered yet: what comes of those until then was
    /// on its way already, and has nothing to do with the position that the subscription named.
    subscribing: BTreeMap<u64, &'static str>,
}

/// What becomes of a connection that is over for its person.
enum Next {
    /// It is gone.
    Over,
    /// It stays a while beside the next one, as an old tab does.
    Lingers(Box<Socket>),
}

pub(crate) async fn live(mut person: Person) {
    let born = Instant::now() - Duration::from_millis(now());
    let mut number = 0;
    let mut old: Option<Socket> = None;
    while Instant::now() < born + REST {
        number += 1;
        let Ok(Ok(socket)) = timeout(PATIENCE, open(&mut person, number)).await else {
            sleep(person.dice.millis(20, 300)).await;
            continue;
        };
        person.shared.note(What::Opened { connection: number });
        let next = talk(&mut person, socket, born, &mut old).await;
        for eye in &person.eyes {
            eye.close();
        }
        if Instant::now() >= born + REST {
            break;
        }
        match next {
            Next::Over => sleep(person.dice.millis(0, 300)).await,
            Next::Lingers(socket) => old = Some(*socket),
        }
    }
    person.rest();
}

async fn open(person: &mut Person, number: u64) -> Result<Socket, Failed> {
    let server = server(&mut person.dice);
    for eye in &person.eyes {
        watches(person.shared.number, eye.topic, server);
    }
    let stream = TcpStream::connect((server, PORT)).await?;
    let (stream, _) = client_async("ws://server/presence/ws", stream).await?;
    let mut socket = Socket {
        stream,
        number,
        asked: BTreeMap::new(),
        subscribing: BTreeMap::new(),
    };
    let hello = json!({"protocol": 1, "session": person.shared.key()});
    socket.send("hello", hello).await?;
    match socket.stream.next().await {
        Some(Ok(Message::Text(_))) => Ok(socket),
        _ => Err("not welcomed".into()),
    }
}

impl Socket {
    async fn send(&mut self, kind: &str, mut message: Json) -> Result<(), Failed> {
        message.as_object_mut().expect("an object").remove("ttlMs");
        let rest = message.to_string();
        let text = format!("{{\"type\":\"{kind}\",{}", &rest[1..]);
        Ok(timeout(PATIENCE, self.stream.send(Message::text(text))).await??)
    }

    /// Says something of its person in a topic.
    async fn say(
        &mut self,
        person: &mut Person,
        topic: &'static str,
        n: u64,
        say: Say,
    ) -> Result<(), Failed> {
        let mut message = person.voice.say(topic, n, say, &mut person.dice);
        message["topic"] = topic.into();
        message["id"] = n.into();
        self.asked.insert(n, topic);
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        self.send(kind, message).await
    }

    async fn announce(&mut self, person: &mut Person, topic: &'static str) -> Result<(), Failed> {
        let n = person.voice.next();
        let lease = Lease::Connection(self.number);
        self.say(person, topic, n, Say::Announce(lease)).await
    }

    async fn subscribe(
        &mut self,
        person: &mut Person,
        at: usize,
        afresh: bool,
    ) -> Result<(), Failed> {
        let n = person.voice.next();
        let eye = &mut person.eyes[at];
        eye.close();
        let mut message = json!({"topic": eye.topic, "id": n});
        self.subscribing.insert(n, eye.topic);
        if let (Some(since), false) = (eye.position(), afresh) {
            message["since"] = since.into();
        }
        self.send("subscribe", message).await?;
        eye.open();
        Ok(())
    }
}

async fn talk(
    person: &mut Person,
    mut socket: Socket,
    born: Instant,
    old: &mut Option<Socket>,
) -> Next {
    let number = socket.number;
    let ended = |person: &Person, end| {
        person.shared.note(What::Ended {
            connection: number,
            end,
        });
        Next::Over
    };
    if greet(person, &mut socket).await.is_err() {
        return ended(person, End::Silent);
    }
    let mut heard = Instant::now();
    let mut act = Instant::now() + person.dice.millis(10, 200);
    // While slow: how many messages it goes on, and when to read the next.
    let mut slow = 0_u64;
    let mut read = Instant::now();
    loop {
        let paused = read > Instant::now();
        tokio::select! {
            biased;
            () = sleep_until(born + REST) => return Next::Over,
            () = sleep_until(act), if act < born + CHAOS => {
                act = Instant::now() + person.dice.millis(10, 300);
                match person.dice.below(100) {
                    0..3 => return ended(person, End::Dropped),
                    // Its end is heard of later, from the server.
                    3..6 => return Next::Lingers(Box::new(socket)),
                    6..9 if slow == 0 => {
                        slow = 3 + person.dice.below(15);
                        person.shared.note(What::Troubled(Trouble::Slow));
                    }
                    9..12 => *old = None,
                    choice => if do_something(person, &mut socket, choice).await.is_err() {
                        return ended(person, End::Silent);
                    }
                }
            }
            () = sleep_until(read), if paused => heard = Instant::now(),
            message = socket.stream.next(), if !paused => {
                heard = Instant::now();
                if slow > 0 {
                    slow = if heard < born + CHAOS { slow - 1 } else { 0 };
                    read = heard + person.dice.millis(50, 400);
                    if slow == 0 {
                        person.shared.note(What::Calm(Trouble::Slow));
                    }
                }
                let done = match message {
                    Some(Ok(Message::Text(text))) => {
                        let message: Json = serde_json::from_str(&text).expect("JSON");
                        if message["type"] == "draining" && ELSEWHERE {
                            return ended(person, End::Dropped);
                        }
                        hear(person, &mut socket, message).await
                    }
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(1005, |it| it.code.into());
                        return ended(person, End::Closed(code));
                    }
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => return ended(person, End::Broken),
                };
                if done.is_err() {
                    return ended(person, End::Silent);
                }
            }
            () = sleep_until(heard + SILENCE), if !paused => return ended(person, End::Silent),
            // The old connection is closed by the server as soon as the new one has said hello.
            message = hear_old(old), if old.is_some() => {
                let connection = old.as_ref().map_or(0, |it| it.number);
                if let Some(end) = message {
                    person.shared.note(What::Ended { connection, end });
                    *old = None;
                }
            }
        }
    }
}

/// What an old connection says before it ends is of no interest.
async fn hear_old(old: &mut Option<Socket>) -> Option<End> {
    let socket = old.as_mut()?;
    match socket.stream.next().await {
        Some(Ok(Message::Close(frame))) => {
            Some(End::Closed(frame.map_or(1005, |it| it.code.into())))
        }
        Some(Ok(_)) => None,
        Some(Err(_)) | None => Some(End::Dropped),
    }
}

/// Subscribes to everything and says again what the person wants to be present with.
async fn greet(person: &mut Person, socket: &mut Socket) -> Result<(), Failed> {
    for at in 0..person.eyes.len() {
        let afresh = person.dice.percent(10);
        socket.subscribe(person, at, afresh).await?;
    }
    let wanted: Vec<_> = person.voice.wanted.keys().copied().collect();
    for topic in wanted {
        socket.announce(person, topic).await?;
    }
    Ok(())
}

async fn do_something(person: &mut Person, socket: &mut Socket, choice: u64) -> Result<(), Failed> {
    let at = usize::from(person.dice.percent(30));
    let topic = person.eyes[at].topic;
    let lease = Lease::Connection(socket.number);
    match choice {
        0..60 => socket.announce(person, topic).await,
        60..66 => {
            // Two messages change places on their way.
            let (first, second) = (person.voice.next(), person.voice.next());
            socket
                .say(person, topic, second, Say::Announce(lease))
                .await?;
            socket.say(person, topic, first, Say::Announce(lease)).await
        }
        66..74 if person.voice.wanted.contains_key(topic) => {
            let n = person.voice.next();
            socket.say(person, topic, n, Say::Renew(lease)).await
        }
        74..84 => {
            let n = person.voice.next();
            socket.say(person, topic, n, Say::Leave { after: 0 }).await
        }
        84..88 => {
            let n = person.voice.next();
            let after = millis(person.dice.millis(50, 600));
            socket.say(person, topic, n, Say::Leave { after }).await
        }
        88..92 => {
            person.eyes[at].close();
            socket
                .send("unsubscribe", json!({ "topic": topic }))
                .await?;
            socket.subscribe(person, at, false).await
        }
        // A snapshot comes, after the rest of whatever has begun: nothing is passed over.
        92..95 => {
            let message = json!({"topic": topic, "id": person.voice.next()});
            socket.send("subscribe", message).await
        }
        95.. if person.voice.leaving.is_empty() => {
            let (n, activity) = (person.voice.next(), activity(&mut person.dice));
            let message = json!({"activity": activity, "n": n});
            socket.send("activity", message).await
        }
        _ => Ok(()),
    }
}

fn activity(dice: &mut Dice) -> &'static str {
    ["active", "idle", "away"][dice.below(3) as usize]
}

async fn hear(person: &mut Person, socket: &mut Socket, message: Json) -> Result<(), Failed> {
    match message["type"].as_str() {
        Some("snapshot" | "changes") => {
            let eye = person
                .eyes
                .iter_mut()
                .find(|it| message["topic"] == it.topic);
            let eye = eye.expect("a topic of the simulation");
            if !socket.subscribing.values().any(|it| *it == eye.topic) {
                eye.see(message);
            }
        }
        Some("ok" | "error") => {
            let n = message["id"].as_u64().unwrap_or_default();
            socket.subscribing.remove(&n);
            if let Some(topic) = socket.asked.remove(&n)
                && person.voice.hear(topic, n, &message)
            {
                return socket.announce(person, topic).await;
            }
        }
        Some("gone") => {
            let mut wanted = person.voice.wanted.keys().copied();
            if let Some(topic) = wanted.find(|it| message["topic"] == *it) {
                return socket.announce(person, topic).await;
            }
        }
        _ => {}
    }
    Ok(())
}
