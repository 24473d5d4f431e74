//! What the routes about many topics do: where a user is, and in which topics somebody is.

use http::Response;
use percent_encoding::percent_decode_str;

use super::access::{Action, Caller};
use super::body::Body;
use super::hub::Hub;
use super::routes::{PAGE, json};
use crate::schema::TopicName;
use crate::topic::User;
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
    let mut names = hub
        .shared()
        .whereabouts
        .of(&user, after(query)?.as_ref(), PAGE + 1);
    let more = names.len() > PAGE;
    names.truncate(PAGE);
    let permits = hub
        .permits(caller, names.iter().map(TopicName::as_str), Action::Read)
        .await;
    let mut body = UserBody::new(&user, hub.shared().now());
    let mut found = 0;
    let last = names.len().saturating_sub(1);
    for (i, (name, permit)) in names.iter().zip(permits).enumerate() {
        let members = hub.read(name, |topic, now| {
            let entries = topic.entries_of(&user);
            entries.map(|it| entry_with_expiry(it, now)).collect()
        });
        let members: Vec<_> = members.unwrap_or_default();
        // Whoever went meanwhile is nowhere.
        if !members.is_empty() && permit.is_ok() {
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
    let after = after(query)?;
    let mut names = hub.shared().whereabouts.topics(after.as_ref(), PAGE + 1);
    let mut body = TopicsBody::default();
    if names.len() > PAGE {
        names.truncate(PAGE);
        body.continue_after(&names[PAGE - 1]);
    }
    let permits = hub
        .permits(caller, names.iter().map(TopicName::as_str), Action::Read)
        .await;
    for (name, permit) in names.iter().zip(permits) {
        let counts = hub.read(name, |topic, _| topic.counts());
        let counts = counts.filter(|it| it.members > 0);
        if let Some(counts) = counts
            && permit.is_ok()
        {
            body.push(name, counts);
        }
    }
    Ok(json(body.to_json()))
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
