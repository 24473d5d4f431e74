//! Removes who is at nodes that are dead.

use std::collections::BTreeMap;

use super::super::Lost;
use super::link::unexpected;
use super::names::{Keys, SHARDS};
use super::script::Script;
use super::{Redis, fresh_epoch};
use crate::schema::TopicName;

/// Most members that are removed of a shard in one round.
const MOST: usize = 500;

/// A dead node, and where it has members: nodes are what the server calls them.
type Dead = Option<(Vec<u8>, Vec<Vec<u8>>)>;

/// Goes through all shards until nobody is left in any.
pub(super) async fn reap(redis: &Redis) -> Result<usize, Lost> {
    let mut removed = 0;
    let mut shards: Vec<u8> = (0..SHARDS).collect();
    while !shards.is_empty() {
        let ask = shards.iter().map(|shard| {
            let keys = [redis.names.index(*shard), redis.names.leases(*shard)];
            let mut call = Script::Dead.call(&keys);
            call.arg(MOST);
            call
        });
        let dead: Vec<Dead> = redis.link.ask_all(ask.collect()).await?;
        let mut next = Vec::new();
        for (shard, dead) in shards.into_iter().zip(dead) {
            let Some((node, places)) = dead else {
                continue;
            };
            next.push(shard);
            removed += bury(redis, &node, &places).await?;
        }
        shards = next;
    }
    Ok(removed)
}

async fn bury(redis: &Redis, node: &[u8], places: &[Vec<u8>]) -> Result<usize, Lost> {
    let mut topics: BTreeMap<TopicName, Vec<&[u8]>> = BTreeMap::new();
    for place in places {
        let (topic, session) = split(place, node).ok_or_else(unexpected)?;
        topics.entry(topic).or_default().push(session);
    }
    let epoch = fresh_epoch()?;
    let calls = topics.into_iter().map(|(topic, sessions)| {
        let Keys(keys) = redis.names.topic(&topic);
        let mut call = Script::Bury.call(&keys);
        call.arg(topic.as_str()).arg(&epoch.to_be_bytes()).arg(node);
        for session in sessions {
            call.arg(session);
        }
        call
    });
    let removed: Vec<usize> = redis.link.ask_all(calls.collect()).await?;
    Ok(removed.into_iter().sum())
}

/// The topic and the session of a place: `p node topic \0 session`.
fn split<'a>(place: &'a [u8], node: &[u8]) -> Option<(TopicName, &'a [u8])> {
    let rest = place.strip_prefix(b"p")?.strip_prefix(node)?;
    let end = rest.iter().position(|it| *it == 0)?;
    let topic = std::str::from_utf8(&rest[..end]).ok()?;
    Some((TopicName::parse(topic).ok()?, &rest[end + 1..]))
}
