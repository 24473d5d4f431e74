//! What the routes about many topics do: where a user is, and in which topics somebody is.

use http::Response;
use percent_encoding::percent_decode_str;
use tokio::time::Instant;

use super::access::{Action, Caller};
use super::body::Body;
use super::hub::Hub;
use super::routes::{PAGE, json};
use crate::schema::TopicName;
use crate::topic::{Counts, Position, User};
use crate::wire::{Code, Fault, TopicsBody, UserBody, entry_with_expiry};

/// `GET /users/{user}`. A page ends with the topic that makes it [`PAGE`] entries.
pub(super) async fn user(
    hub: &Hub,
    user: &str,
    caller: &Caller,
    query: &str,
) -> Result<Response<Body>, Fault> {
    let user =
        User::parse(user).map_err(|error| Fault::new(Code::InvalidRequest, error.to_string()))?;
    let (names, more) = readable(hub, caller, after(query)?, Some(&user)).await?;
    let mut body = UserBody::new(&user, hub.shared().now());
    let mut found = 0;
    let last = names.len().saturating_sub(1);
    for (i, (name, _)) in names.iter().enumerate() {
        if let Some(wait) = hub.acquaint(name.as_str(), None, None) {
            wait.await;
        }
        let members = hub.read(name, |topic, now| {
            let entries = topic.entries_of(&user);
            entries.map(|it| entry_with_expiry(it, now)).collect()
        });
        let members: Vec<_> = members.unwrap_or_default();
        // Whoever went meanwhile is nowhere.
        if !members.is_empty() {
            found += members.len();
            body.push(name, members);
        }
        if (found >= PAGE && i < last) || (more && i == last) {
            body.continue_after(name);
            break;
        }
    }
    Ok(json(body.to_json()))
}

/// `GET /topics`
pub(super) async fn topics(
    hub: &Hub,
    caller: &Caller,
    query: &str,
) -> Result<Response<Body>, Fault> {
    let (names, more) = readable(hub, caller, after(query)?, None).await?;
    let mut body = TopicsBody::default();
    for (name, elsewhere) in &names {
        let found = hub.read(name, |topic, _| (topic.counts(), topic.position()));
        let (here, at) = found.unwrap_or((Counts::NOBODY, Position::NOWHERE));
        // Whoever is not known here is counted by other nodes, and who has just come only here.
        let counts = elsewhere
            .filter(|it| it.members > here.members)
            .unwrap_or(here);
        if counts.members > 0 {
            body.push(name, counts, at);
        }
    }
    if let Some((last, _)) = names.last().filter(|_| more) {
        body.continue_after(last);
    }
    Ok(json(body.to_json()))
}

/// The next [`PAGE`] topics that the caller may read, and whether there are more. Where a page goes on is
/// one of them: the name of any other would tell that it exists.
///
/// # Errors
/// `unavailable` when it takes too long to find out.
async fn readable(
    hub: &Hub,
    caller: &Caller,
    mut after: Option<TopicName>,
    user: Option<&User>,
) -> Result<(Vec<(TopicName, Option<Counts>)>, bool), Fault> {
    let mut found = Vec::new();
    let deadline = Instant::now() + hub.config().access_timeout;
    loop {
        let names = hub.whereabouts(user, after.as_ref(), PAGE + 1).await;
        let texts = names.iter().map(|it| it.0.as_str());
        let permits = hub.permits_by(deadline, caller, texts, Action::Read).await;
        for (name, permit) in names.iter().zip(permits) {
            match permit {
                Ok(_) if found.len() == PAGE => return Ok((found, true)),
                Ok(_) => found.push(name.clone()),
                Err(fault) if fault.code == Code::Unavailable => return Err(fault),
                Err(_) => {}
            }
        }
        if names.len() <= PAGE {
            return Ok((found, false));
        }
        after = names.last().map(|it| it.0.clone());
        // Somebody who may read little does not keep others waiting for their thread.
        tokio::task::yield_now().await;
    }
}

/// The topic after which a page begins.
fn after(query: &str) -> Result<Option<TopicName>, Fault> {
    let refused = || {
        let message = "the query is `after=` with the `next` of the page before";
        Fault::new(Code::InvalidRequest, message)
    };
    if query.is_empty() {
        return Ok(None);
    }
    let text = query.strip_prefix("after=").ok_or_else(refused)?;
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| refused())?;
    TopicName::parse(&text).map(Some).map_err(|_| refused())
}
