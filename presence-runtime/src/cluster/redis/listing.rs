//! Which topics there are: parts of a list by name, each in the index of a shard.

use super::super::Lost;
use super::Redis;
use super::link::unexpected;
use super::names::{Keys, SHARDS};
use super::script::Script;
use crate::schema::TopicName;
use crate::topic::{Counts, User};

/// Topics in which somebody is present.
pub(super) async fn topics(
    redis: &Redis,
    after: Option<&TopicName>,
    most: usize,
) -> Result<Vec<(TopicName, Counts)>, Lost> {
    let mut found = Vec::new();
    let mut after = after.cloned();
    while found.len() < most {
        let asked = most - found.len();
        let names = list(redis, b"t", after.as_ref(), asked).await?;
        let ended = names.len() < asked;
        after = names.last().cloned();
        let calls = names.iter().map(|topic| {
            let Keys([records, _, _, _, users, _, _]) = redis.names.topic(topic);
            Script::Count.call(&[records, users])
        });
        let counts: Vec<(usize, usize)> = redis.link.ask_all(calls.collect()).await?;
        // Somebody may have been the last to leave since the list was made.
        let live = names.into_iter().zip(counts).filter(|(_, (it, _))| *it > 0);
        found.extend(live.map(|(topic, (members, users))| (topic, Counts { members, users })));
        if ended {
            break;
        }
    }
    Ok(found)
}

/// Topics in which a user is present.
pub(super) async fn topics_of(
    redis: &Redis,
    user: &User,
    after: Option<&TopicName>,
    most: usize,
) -> Result<Vec<TopicName>, Lost> {
    let kind = [b"u", user.as_str().as_bytes(), b"\0"].concat();
    list(redis, &kind, after, most).await
}

/// What the indexes list after `kind`, by name. Of each shard about as much is asked for as its part of the
/// list is likely to be; a shard that has more ends what is known to be complete.
async fn list(
    redis: &Redis,
    kind: &[u8],
    after: Option<&TopicName>,
    most: usize,
) -> Result<Vec<TopicName>, Lost> {
    let mut found: Vec<TopicName> = Vec::new();
    let mut after = after.cloned();
    while found.len() < most {
        let each = (most - found.len()) / usize::from(SHARDS) * 2 + 8;
        let parts = parts(redis, kind, after.as_ref(), each).await?;
        let full = parts.iter().filter(|part| part.len() == each);
        let end = full.filter_map(|part| part.last()).min().cloned();
        let known = parts.into_iter().flatten();
        let complete = known.filter(|it| end.as_ref().is_none_or(|end| it <= end));
        let mut complete: Vec<_> = complete.collect();
        complete.sort_unstable();
        found.append(&mut complete);
        if end.is_none() {
            break;
        }
        after = end;
    }
    found.truncate(most);
    Ok(found)
}

async fn parts(
    redis: &Redis,
    kind: &[u8],
    after: Option<&TopicName>,
    most: usize,
) -> Result<Vec<Vec<TopicName>>, Lost> {
    let from = match after {
        Some(after) => [b"(", kind, after.as_str().as_bytes()].concat(),
        None => [b"[", kind].concat(),
    };
    // No name has such a byte in it.
    let to = [b"(", kind, b"\xff"].concat();
    let ask = (0..SHARDS).map(|shard| {
        let mut range = redis::cmd("ZRANGEBYLEX");
        range.arg(redis.names.index(shard)).arg(&from).arg(&to);
        range.arg("LIMIT").arg(0).arg(most);
        range
    });
    let parts: Vec<Vec<Vec<u8>>> = redis.link.ask_all(ask.collect()).await?;
    let names = parts.into_iter().map(|part| {
        let names = part.into_iter().map(|entry| name(&entry, kind));
        names.collect::<Option<_>>().ok_or_else(unexpected)
    });
    names.collect()
}

fn name(entry: &[u8], kind: &[u8]) -> Option<TopicName> {
    let name = std::str::from_utf8(entry.strip_prefix(kind)?).ok()?;
    TopicName::parse(name).ok()
}
