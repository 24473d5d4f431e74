//! Feeds over Redis: a connection each, on which the server pushes what is published.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::mpsc;

use super::super::{Feed, Heard, Lost, NodeId};
use super::link::{Link, config, lost};
use super::names::Names;
use super::packed;
use crate::schema::TopicName;

/// The most that waits to be heard. Whoever is slower loses what comes then.
const MOST_WAITING: usize = 4096;
/// How many channels go in one command at most.
const MOST_AT_ONCE: usize = 500;

/// Hears what is published through a Redis server.
pub struct RedisFeed {
    link: Arc<Link>,
    names: Names,
    connection: MultiplexedConnection,
    pushed: mpsc::Receiver<(Vec<u8>, Vec<u8>)>,
    followed: HashMap<Vec<u8>, TopicName>,
    told: Vec<u8>,
    ordered: Vec<u8>,
    befell: Vec<u8>,
    broken: bool,
}

impl RedisFeed {
    pub(super) async fn open(link: Arc<Link>, names: Names, node: NodeId) -> Result<Self, Lost> {
        let (sender, pushed) = mpsc::channel(MOST_WAITING);
        let sender = Mutex::new(Some(sender));
        let push = move |info: PushInfo| push(&sender, info);
        let config = config().set_push_sender(push);
        let made = link
            .client()
            .get_multiplexed_async_connection_with_config(&config);
        let made = async { made.await.map_err(|error| lost(&error)) };
        let mut connection = link.within(made).await?;
        let told = names.told().into_bytes();
        let ordered = names.ordered().into_bytes();
        let befell = names.node(node);
        let subscribed = async {
            connection
                .subscribe(&[&told, &ordered, &befell])
                .await
                .map_err(|error| lost(&error))
        };
        link.within(subscribed).await?;
        Ok(Self {
            link,
            names,
            connection,
            pushed,
            followed: HashMap::new(),
            told,
            ordered,
            befell,
            broken: false,
        })
    }

    fn channel(&self, topic: &TopicName) -> Vec<u8> {
        self.names.topic(topic).channel().into_bytes()
    }

    /// Whoever stops waiting for this does not know what is followed: the feed is broken until it is known.
    async fn subscribe(&mut self, channels: &[Vec<u8>], on: bool) -> Result<(), Lost> {
        if self.broken {
            return Err(Lost::new("the feed is broken"));
        }
        self.broken = true;
        for some in channels.chunks(MOST_AT_ONCE) {
            let connection = &mut self.connection;
            let changed = async {
                let changed = if on {
                    connection.subscribe(some).await
                } else {
                    connection.unsubscribe(some).await
                };
                changed.map_err(|error| lost(&error))
            };
            self.link.within(changed).await?;
        }
        self.broken = false;
        Ok(())
    }

    fn heard(&self, channel: &[u8], payload: Vec<u8>) -> Option<Heard> {
        if channel == self.told {
            return Some(Heard::Told(Bytes::from(payload)));
        }
        if channel == self.ordered {
            return Some(Heard::Ordered);
        }
        if channel == self.befell {
            let (topic, turn) = packed::befell(&payload)?;
            return Some(Heard::Befell(topic, turn));
        }
        let topic = self.followed.get(channel)?;
        let logged = packed::published(&payload)?;
        Some(Heard::Logged(topic.clone(), logged))
    }
}

impl Feed for RedisFeed {
    async fn follow(&mut self, topics: &[TopicName]) -> Result<(), Lost> {
        let mut channels = Vec::with_capacity(topics.len());
        for topic in topics {
            let channel = self.channel(topic);
            if self
                .followed
                .insert(channel.clone(), topic.clone())
                .is_none()
            {
                channels.push(channel);
            }
        }
        self.subscribe(&channels, true).await
    }

    async fn unfollow(&mut self, topics: &[TopicName]) -> Result<(), Lost> {
        let channels = topics.iter().map(|topic| self.channel(topic));
        let mut channels: Vec<_> = channels.collect();
        channels.retain(|channel| self.followed.remove(channel).is_some());
        self.subscribe(&channels, false).await
    }

    async fn next(&mut self) -> Result<Heard, Lost> {
        while !self.broken {
            let Some((channel, payload)) = self.pushed.recv().await else {
                self.broken = true;
                break;
            };
            if let Some(heard) = self.heard(&channel, payload) {
                return Ok(heard);
            }
        }
        Err(Lost::new("the feed is broken"))
    }
}

impl fmt::Debug for RedisFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisFeed")
            .field("followed", &self.followed.len())
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

type Sender = mpsc::Sender<(Vec<u8>, Vec<u8>)>;

/// Hands on what was published, and the end of the connection by ending what it hands on to.
fn push(sender: &Mutex<Option<Sender>>, info: PushInfo) -> Result<(), redis::aio::SendError> {
    let mut sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
    if info.kind == PushKind::Disconnection {
        *sender = None;
    }
    if info.kind == PushKind::Message
        && let Some(sender) = &*sender
        && let Ok([Value::BulkString(channel), Value::BulkString(payload)]) =
            <[Value; 2]>::try_from(info.data)
    {
        // Full: whoever follows sees the gap.
        let _ = sender.try_send((channel, payload));
    }
    Ok(())
}
