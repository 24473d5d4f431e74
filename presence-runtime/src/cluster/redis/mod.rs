//! The engine over Redis, 7.0 or newer: a script does at once what is to be done to a topic.
//!
//! Topics are divided into shards whose keys are in one slot of a Redis Cluster each. A topic has its
//! records, its log and its fences; a shard has the leases of the nodes, and an index of who is where.
//! `scripts/topic.lua` says how they are written. What is logged is published on a channel of the topic.

mod error;
mod feed;
mod link;
mod listing;
mod names;
mod ordering;
mod packed;
mod reaping;
mod script;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, IntoConnectionInfo, ProtocolVersion, cmd};

pub use self::error::RedisError;
pub use self::feed::RedisFeed;
use self::link::{Link, unexpected};
use self::names::{Keys, Names, SHARDS};
use self::script::Script;
use self::writing::{Writing, ms, verdict};
use super::{
    At, Beat, Engine, Everybody, Found, Held, Logged, Lost, NodeId, Ordered, Verdict, Write,
};
use crate::schema::TopicName;
use crate::topic::{Counts, SessionId, User};

const PREFIX: &str = "presence";
const PATIENCE: Duration = Duration::from_secs(2);
/// The oldest server that runs the scripts.
const OLDEST: u32 = 7;

/// A Redis server that the nodes of a cluster share. Clones share a connection, which is made when it is
/// needed.
#[derive(Debug, Clone)]
pub struct Redis {
    link: Arc<Link>,
    names: Names,
    /// How much was written: numbers the writes of this process.
    stamps: Arc<AtomicU64>,
}

impl Redis {
    /// The server at a URL: `redis://[user:password@]host[:port][/database]`, or `unix:///path`. Nothing
    /// is asked of it yet.
    ///
    /// # Errors
    /// When the text is no such URL.
    pub fn open(url: &str) -> Result<Self, RedisError> {
        for scheme in ["rediss://", "valkeys://"] {
            let begin = url.get(..scheme.len());
            if begin.is_some_and(|it| it.eq_ignore_ascii_case(scheme)) {
                return Err(RedisError::Tls(scheme));
            }
        }
        let bad = |error: &redis::RedisError| {
            let detail = error.to_string().to_lowercase();
            RedisError::Url(detail)
        };
        let info = url.into_connection_info().map_err(|error| bad(&error))?;
        let settings = info.redis_settings().clone();
        let database = settings.db();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        let info = info
            .set_redis_settings(settings)
            .set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(info).map_err(|error| bad(&error))?;
        Ok(Self {
            link: Arc::new(Link::new(client, PATIENCE)),
            names: Names::new(PREFIX, database).expect("the default is a prefix"),
            stamps: Arc::default(),
        })
    }

    /// How all keys begin, so that several clusters can use a server: 1 to 32 bytes of A-Z, a-z, 0-9, `_`
    /// and `-`. Defaults to `presence`.
    ///
    /// # Errors
    /// When it is no such prefix.
    pub fn prefix(self, prefix: &str) -> Result<Self, RedisError> {
        let database = self
            .link
            .client()
            .get_connection_info()
            .redis_settings()
            .db();
        let names = Names::new(prefix, database);
        let names = names.ok_or_else(|| RedisError::Prefix(prefix.chars().take(64).collect()))?;
        Ok(Self { names, ..self })
    }

    /// How long a round trip to the server may take before it counts as lost. Defaults to 2 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        let link = Arc::new(Link::new(self.link.client().clone(), patience));
        Self { link, ..self }
    }

    /// Connects now, and sees whether the server will do.
    ///
    /// # Errors
    /// When it does not answer, or is older than 7.0.
    pub async fn connect(&self) -> Result<(), RedisError> {
        let info: String = self.link.ask(cmd("INFO").arg("server").take()).await?;
        let version = info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"));
        let version = version.unwrap_or("one that does not say its version");
        let major = version
            .split('.')
            .next()
            .and_then(|it| it.parse::<u32>().ok());
        if major.is_none_or(|it| it < OLDEST) {
            return Err(RedisError::Version(version.chars().take(64).collect()));
        }
        Ok(())
    }

    /// Begins a call of a script of a topic.
    fn call(&self, script: Script, topic: &TopicName) -> Result<Cmd, Lost> {
        let Keys(keys) = self.names.topic(topic);
        let mut call = script.call(&keys);
        call.arg(topic.as_str()).arg(&fresh_epoch()?.to_be_bytes());
        Ok(call)
    }

    /// What a script answers in each shard, called with its leases.
    async fn in_all_shards(
        &self,
        script: Script,
        node: NodeId,
        time: Duration,
    ) -> Result<Vec<u8>, Lost> {
        let calls = (0..SHARDS).map(|shard| {
            let mut call = script.call(&[self.names.leases(shard)]);
            call.arg(&packed::node(node)).arg(ms(time));
            call
        });
        self.link.ask_all(calls.collect()).await
    }
}

impl Engine for Redis {
    type Feed = RedisFeed;

    async fn write(&self, node: NodeId, writes: &[Write]) -> Result<Vec<Verdict>, Lost> {
        let writing = Writing {
            names: &self.names,
            node,
            epoch: fresh_epoch()?,
        };
        let first = self
            .stamps
            .fetch_add(writes.len() as u64, Ordering::Relaxed);
        let stamped = writes.iter().zip(first..);
        let calls = stamped.map(|(write, stamp)| writing.call(write, stamp));
        let answers: Vec<i64> = self.link.ask_all(calls.collect()).await?;
        let verdicts = answers.into_iter().map(verdict);
        verdicts.collect::<Option<_>>().ok_or_else(unexpected)
    }

    async fn read(&self, topic: &TopicName) -> Result<Everybody, Lost> {
        type Answer = (Vec<u8>, u64, u64, Vec<(Vec<u8>, Vec<u8>)>);
        let (epoch, sequence, now, records): Answer =
            self.link.ask(self.call(Script::Read, topic)?).await?;
        let records = records
            .iter()
            .map(|(session, record)| packed::record(packed::session(session)?, record, now));
        Ok(Everybody {
            at: At {
                epoch: packed::epoch(&epoch).ok_or_else(unexpected)?,
                sequence,
            },
            records: records.collect::<Option<_>>().ok_or_else(unexpected)?,
        })
    }

    async fn find(&self, topic: &TopicName, session: SessionId) -> Result<Found, Lost> {
        type Answer = (u64, Option<Vec<u8>>, Option<Vec<u8>>);
        let mut call = self.call(Script::Find, topic)?;
        call.arg(session.as_str());
        let (now, record, fence): Answer = self.link.ask(call).await?;
        let found = match (record, fence) {
            (Some(record), _) => packed::record(session, &record, now).map(Found::Present),
            (None, Some(fence)) => packed::fence(session, &fence),
            (None, None) => Some(Found::Nothing),
        };
        found.ok_or_else(unexpected)
    }

    async fn since(&self, topic: &TopicName, at: At) -> Result<Option<Vec<Logged>>, Lost> {
        let mut call = self.call(Script::Since, topic)?;
        call.arg(&at.epoch.to_be_bytes()).arg(at.sequence);
        let answer: Option<(u64, Vec<Vec<u8>>)> = self.link.ask(call).await?;
        let Some((now, turns)) = answer else {
            return Ok(None);
        };
        let logged = turns.iter().zip(at.sequence + 1..).map(|(turn, sequence)| {
            let at = At { sequence, ..at };
            let turn = packed::turn(turn, now)?;
            Some(Logged { at, turn })
        });
        let logged: Option<_> = logged.collect();
        logged.map(Some).ok_or_else(unexpected)
    }

    async fn ends(&self, topics: &[TopicName]) -> Result<Vec<Option<At>>, Lost> {
        let asks = topics.iter().map(|topic| {
            let Keys([_, meta, ..]) = self.names.topic(topic);
            cmd("HMGET").arg(meta).arg("e").arg("q").take()
        });
        let answers: Vec<(Option<Vec<u8>>, Option<u64>)> =
            self.link.ask_all(asks.collect()).await?;
        let ends = answers.into_iter().map(|(epoch, sequence)| {
            let epoch = packed::epoch(&epoch?)?;
            let sequence = sequence?;
            Some(At { epoch, sequence })
        });
        Ok(ends.collect())
    }

    async fn hold(&self, node: NodeId, lease: Duration) -> Result<Held, Lost> {
        let held = self.in_all_shards(Script::Hold, node, lease).await?;
        let kept = held.iter().all(|it| it & 1 == 1);
        Ok(Held {
            beat: if kept { Beat::Kept } else { Beat::Anew },
            overdue: held.iter().any(|it| it & 2 == 2),
        })
    }

    async fn release(&self, node: NodeId, after: Duration) -> Result<(), Lost> {
        self.in_all_shards(Script::Release, node, after).await?;
        Ok(())
    }

    async fn reap(&self) -> Result<usize, Lost> {
        reaping::reap(self).await
    }

    async fn order(&self, what: Bytes, age: Duration) -> Result<(), Lost> {
        ordering::order(self, &what, age).await
    }

    async fn orders(&self, after: Option<At>, most: usize) -> Result<Vec<Ordered>, Lost> {
        ordering::orders(self, after, most).await
    }

    async fn tell(&self, message: Bytes) -> Result<(), Lost> {
        let publish = cmd("PUBLISH").arg(self.names.told()).arg(&*message).take();
        self.link.ask(publish).await
    }

    async fn feed(&self, node: NodeId) -> Result<RedisFeed, Lost> {
        RedisFeed::open(Arc::clone(&self.link), self.names.clone(), node).await
    }

    async fn topics(
        &self,
        after: Option<&TopicName>,
        most: usize,
    ) -> Result<Vec<(TopicName, Counts)>, Lost> {
        listing::topics(self, after, most).await
    }

    async fn topics_of(
        &self,
        user: &User,
        after: Option<&TopicName>,
        most: usize,
    ) -> Result<Vec<TopicName>, Lost> {
        listing::topics_of(self, user, after, most).await
    }
}

/// The epoch of a log, should one begin.
fn fresh_epoch() -> Result<u64, Lost> {
    let number = getrandom::u64().map_err(Lost::new)?;
    Ok(number.max(1))
}
