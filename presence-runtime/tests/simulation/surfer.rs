//! People on HTTP: requests that may overtake each other, and an event stream for each topic.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, join, join_all};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use crate::dice::Dice;
use crate::eye::{Eye, Shared, entries};
use crate::http::{self, Events, Failed};
use crate::person::{Person, Voice, now};
use crate::promises::{Lease, Say, What};
use crate::world::{CHAOS, REST, TOPICS, TTL, millis, says, server, watches};

/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_millis(800);
/// Streams that are silent longer are dead: there is a comment twice a second.
const SILENCE: Duration = Duration::from_millis(1_200);
/// Requests under way at once.
const MOST: usize = 4;
const HEARTBEAT: Duration = Duration::from_millis(300);

pub(crate) async fn live(person: Person) {
    let born = Instant::now() - Duration::from_millis(now());
    let Person {
        shared,
        mut dice,
        voice,
        eyes,
    } = person;
    let voice = RefCell::new(voice);
    let reading = eyes
        .into_iter()
        .map(|eye| read(&shared, eye, dice.split(), born, &voice));
    let reading = join_all(reading.collect::<Vec<_>>());
    join(reading, speak(&shared, &voice, dice, born)).await;
}

/// Watches a topic to the end.
async fn read(
    shared: &Shared,
    mut eye: Eye,
    mut dice: Dice,
    born: Instant,
    voice: &RefCell<Voice>,
) {
    while Instant::now() < born + REST {
        let server = server(&mut dice);
        watches(shared.number, eye.topic, server);
        let since = eye.position().map(str::to_owned);
        let since = since.filter(|_| !dice.percent(10));
        let opening = timeout(PATIENCE, Events::open(server, eye.topic, since.as_deref()));
        if let Ok(Ok(mut stream)) = opening.await {
            eye.open();
            let bored = match dice.percent(50) {
                true if Instant::now() < born + CHAOS => Instant::now() + dice.millis(100, 2_000),
                _ => born + REST,
            };
            while let Ok(Ok(Some(message))) =
                timeout_at(bored.min(born + REST), timeout(SILENCE, stream.next())).await
            {
                // A server also says that it goes, or does not hear of other nodes.
                if matches!(message["type"].as_str(), Some("snapshot" | "changes")) {
                    eye.see(message);
                }
            }
            eye.close();
        }
        if Instant::now() < born + REST {
            sleep(dice.millis(10, 300)).await;
        }
    }
    eye.rest(voice.borrow().wanted.get(eye.topic).copied());
}

type Asked<'a> = LocalBoxFuture<'a, (&'static str, u64, Result<Json, Failed>)>;

/// Announces, renews and leaves to the end.
async fn speak(shared: &Shared, voice: &RefCell<Voice>, mut dice: Dice, born: Instant) {
    let mut asked: FuturesUnordered<Asked<'_>> = FuturesUnordered::new();
    let mut act = Instant::now();
    let mut renew = Instant::now() + HEARTBEAT;
    let mut ask = |asked: &FuturesUnordered<Asked<'_>>, topic, n, say| {
        let message = voice.borrow_mut().say(topic, n, say, &mut dice);
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        let (path, key) = (format!("/presence/{topic}/{kind}"), shared.key());
        let server = server(&mut dice);
        if matches!(say, Say::Announce(_)) {
            says(shared.number, topic, n, server);
        }
        let posting = async move {
            let answer = timeout(PATIENCE, http::post(server, &path, &key, &message)).await;
            (
                topic,
                n,
                answer.unwrap_or_else(|_| Err("no answer in time".into())),
            )
        };
        asked.push(posting.boxed_local());
        millis(dice.millis(20, 400))
    };
    let announce = Say::Announce(Lease::Deadline(TTL));
    // What was said last and not answered; it is said again with the next heartbeat.
    let mut again = BTreeSet::new();
    let mut choices = Dice::new(shared.number as u64 + now());
    loop {
        tokio::select! {
            biased;
            () = sleep_until(born + REST) => return,
            () = sleep_until(act), if act < born + CHAOS && asked.len() < MOST => {
                let topic = TOPICS[usize::from(choices.percent(30))];
                let n = voice.borrow_mut().next();
                let pause = match choices.below(100) {
                    0..65 => ask(&asked, topic, n, announce),
                    65..72 => {
                        let second = voice.borrow_mut().next();
                        ask(&asked, topic, second, announce);
                        ask(&asked, topic, n, announce)
                    }
                    72..80 => ask(&asked, topic, n, Say::Leave { after: 0 }),
                    80..84 => ask(&asked, topic, n, Say::Leave { after: 300 }),
                    84..90 => {
                        look(shared, topic, server(&mut choices)).await;
                        20
                    }
                    // Silent for longer than its lease.
                    90..93 => 1_500,
                    _ => 100,
                };
                act = Instant::now() + Duration::from_millis(pause);
                if pause == 1_500 {
                    renew = act;
                }
            }
            () = sleep_until(renew) => {
                renew = Instant::now() + HEARTBEAT;
                let wanted: Vec<_> = voice.borrow().wanted.keys().copied().collect();
                for topic in wanted.into_iter().take(MOST.saturating_sub(asked.len())) {
                    let n = voice.borrow_mut().next();
                    let renew = Say::Renew(Lease::Deadline(TTL));
                    let say = if again.remove(topic) { announce } else { renew };
                    ask(&asked, topic, n, say);
                }
            }
            Some((topic, n, answer)) = asked.next(), if !asked.is_empty() => match answer {
                Ok(answer) => {
                    if voice.borrow().hear(topic, n, &answer) {
                        let n = voice.borrow_mut().next();
                        ask(&asked, topic, n, announce);
                    }
                }
                // Whether it was done nobody knows.
                Err(_) => {
                    again.insert(topic);
                }
            }
        }
    }
}

/// Reads the whole topic once.
async fn look(shared: &Shared, topic: &'static str, server: &str) {
    let path = format!("/presence/{topic}/value");
    if let Ok(Ok(value)) = timeout(PATIENCE, http::get(server, &path)).await {
        let (entries, expired) = entries(&value);
        shared.note(What::Read {
            topic: topic.to_owned(),
            entries,
            expired,
        });
    }
}
