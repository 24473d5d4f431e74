//! What the HTTP routes do, once a request has been read.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use percent_encoding::percent_decode_str;

use super::access::{Action, Caller, Permit};
use super::body::Body;
use super::hub::Hub;
use super::line::Line;
use super::origin;
use super::outlet::Form;
use super::stream::EventStream;
use super::subscriber::Watching;
use super::users::users;
use crate::schema::TopicName;
use crate::topic::{Counts, Heartbeat, Lease, Leave, Left, Position, Reader};
use crate::wire::{
    Acked, ChangesBody, Code, Fault, Filter, HeartbeatBody, LeaveBody, Secret, ValueBody,
    entry_with_expiry, format_position, known, parse_position,
};

/// Most entries of one answer.
pub(super) const PAGE: usize = 1000;

/// `POST /{topic}/heartbeat`
pub(super) fn heartbeat(
    hub: &Hub,
    line: &Line,
    permit: &Permit<'_>,
    caller: &Caller,
    body: &[u8],
) -> Result<Response<Body>, Fault> {
    let topic = permit.topic();
    // The name of a topic that is live was looked at when it became so.
    let existing = line.existing(hub, topic);
    let registered = match &existing {
        Some(live) => *live.registered(),
        None => *hub.registered(&TopicName::parse(topic)?)?,
    };
    let body = HeartbeatBody::parse(body)?;
    let theirs = body.schema.map(|it| known(it, "/schema")).transpose()?;
    let mismatch = theirs.and_then(|it| registered.schema.mismatch(&it));
    let who = caller.announcer()?;
    let ttl = body.ttl_ms.map(Duration::from_millis);
    let mut beat = Heartbeat::renew(Lease::Deadline {
        ttl: ttl.unwrap_or(registered.settings.ttl),
    });
    beat.n = body.n;
    beat.activity = body.activity.map(Into::into);
    beat.hidden = body.hidden;
    beat.following = body.following.as_deref().map(users).transpose()?;
    beat.value = body
        .value
        .map(|it| Hub::value(&registered, it.get(), caller.claims()))
        .transpose()?;
    let is_stamped = beat.value.is_some();
    // Their body may have taken its time.
    hub.access().still(caller)?;
    let mut live = match existing {
        Some(live) => live,
        None => hub.live(&TopicName::parse(topic)?, caller.from())?,
    };
    let done = hub.heartbeat(&mut live, who, beat);
    if done.is_err() {
        hub.free_if_idle(&live);
    }
    let ack = done?;
    if !is_stamped {
        // Another token than the value came with may say other things of its owner.
        hub.restamp(&live, caller)?;
    }
    let acked = Acked {
        ack,
        figures: hub.figures(&registered, ttl),
        mismatch,
    };
    Ok(json(acked.to_json()))
}

/// `POST /{topic}/leave`
pub(super) async fn leave(
    hub: &Hub,
    permit: &Permit<'_>,
    caller: &Caller,
    body: &[u8],
) -> Result<Response<Body>, Fault> {
    let name = TopicName::parse(permit.topic())?;
    hub.registered(&name)?;
    let body = LeaveBody::parse(body)?;
    let caller = caller.with_key(body.session.as_ref().map(Secret::as_str))?;
    let who = caller.announcer()?;
    if let Some(wait) = hub.acquaint(name.as_str(), Some(who.session.id), None) {
        wait.await;
    }
    let leave = Leave {
        n: body.n,
        after: body.after_ms.map(Duration::from_millis),
        by: None,
    };
    let left = matches!(
        hub.leave(&name, who, leave, caller.from())?,
        Left::Now | Left::Later
    );
    Ok(json(format!("{{\"left\":{left}}}")))
}

/// `GET /{topic}/value`
pub(super) fn value(
    hub: &Hub,
    permit: &Permit<'_>,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response<Body>, Fault> {
    let name = TopicName::parse(permit.topic())?;
    hub.registered(&name)?;
    let after = after(query)?;
    let page = hub.read(&name, |topic, now| {
        let mut entries: Vec<_> = topic.entries_after(after).take(PAGE + 1).collect();
        let more = entries.len() > PAGE;
        entries.truncate(PAGE);
        let next = entries.last().filter(|_| more).map(|it| it.joined());
        let entries = entries
            .into_iter()
            .map(|it| entry_with_expiry(it, now))
            .collect();
        let body = ValueBody::new(
            name.as_str(),
            topic.position(),
            now,
            topic.counts(),
            entries,
        );
        (
            topic.position(),
            next.map_or(body.to_json(), |next| body.continued(next).to_json()),
        )
    });
    let (at, body) = page.unwrap_or_else(|| {
        // Nobody is there.
        let (at, counts) = (Position::NOWHERE, Counts::NOBODY);
        (
            at,
            ValueBody::new(name.as_str(), at, hub.shared().now(), counts, Vec::new()).to_json(),
        )
    });
    // Weak: how long entries still live changes without a change of the topic.
    Ok(known_as(&format_position(at), headers, || json(body)))
}

/// An answer that is the same as long as it is known by a name, which consists of ASCII.
pub(super) fn known_as(
    name: &str,
    headers: &HeaderMap,
    answer: impl FnOnce() -> Response<Body>,
) -> Response<Body> {
    let etag = HeaderValue::try_from(format!("W/\"{name}\"")).expect("the name is ASCII");
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|it| *it == etag);
    let mut response = if known {
        let mut response = Response::new(Body::whole(""));
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        answer()
    };
    response.headers_mut().insert(header::ETAG, etag);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /{topic}/changes`
pub(super) fn changes(
    hub: &Hub,
    permit: &Permit<'_>,
    caller: &Caller,
    head: &Parts,
    form: Form,
) -> Result<Response<Body>, Fault> {
    let query = head.uri.query().unwrap_or_default();
    let watching = Watching::of(&filter(query)?, caller.actor())?;
    let last = head.headers.get("last-event-id");
    let last = last.and_then(|it| it.to_str().ok());
    if head.method == Method::HEAD {
        return Ok(as_events(Response::new(Body::whole(""))));
    }
    let mut stream = EventStream::open(hub, caller, form)?;
    stream.watch(permit, &watching, reader(last))?;
    Ok(events(stream))
}

/// `POST /changes`
pub(super) async fn changes_of_many(
    hub: &Hub,
    caller: &Caller,
    body: &[u8],
    form: Form,
) -> Result<Response<Body>, Fault> {
    let body = ChangesBody::parse(body)?;
    let most = hub.config().max_topics_per_connection;
    if body.topics.is_empty() || body.topics.len() > most {
        let message = format!(
            "a stream has 1 to {most} topics, found {}",
            body.topics.len()
        );
        return Err(Fault::new(Code::TooManyTopics, message));
    }
    let names = body.topics.iter().map(|it| &*it.topic);
    let permits = hub.permits(caller, names, Action::Read).await;
    let mut stream = EventStream::open(hub, caller, form)?;
    for (watched, permit) in body.topics.iter().zip(permits) {
        let watching = Watching::of(&watched.filter, caller.actor())?;
        stream.watch(&permit?, &watching, reader(watched.since.as_deref()))?;
    }
    Ok(events(stream))
}

/// `GET /openapi.json`
pub(super) fn openapi(hub: &Hub, _: &Caller) -> Response<Body> {
    json(hub.openapi())
}

/// `GET /schemas/{name}`: what may be sent; of `{name}.output`, what is received.
pub(super) fn schema(hub: &Hub, _: &Caller, name: &str) -> Result<Response<Body>, Fault> {
    let (name, is_output) = match name.strip_suffix(".output") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let found = hub.topics().iter().find(|it| it.schema.name() == name);
    let Some(found) = found else {
        let names: Vec<_> = hub.topics().iter().map(|it| it.schema.name()).collect();
        let message = format!("no schema has this name; there are {}", names.join(", "));
        return Err(Fault::new(Code::NotFound, message));
    };
    let schema = if is_output {
        found.schema.output_schema()
    } else {
        found.json_schema()
    };
    let schema = serde_json::to_vec_pretty(&schema).expect("a schema has string keys only");
    let mut response = json(schema);
    let kind = HeaderValue::from_static("application/schema+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

/// An answer that is the last one on its connection.
pub(super) fn last(mut response: Response<Body>) -> Response<Body> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// An answer of JSON that nobody keeps.
pub(super) fn json(body: impl Into<Bytes>) -> Response<Body> {
    // Copied, which takes no hash.
    static HEAD: LazyLock<HeaderMap> = LazyLock::new(|| {
        let mut headers = HeaderMap::with_capacity(6);
        origin::vary(&mut headers);
        let kind = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers
    });
    let mut response = Response::new(Body::whole(body));
    *response.headers_mut() = HEAD.clone();
    response
}

fn events(stream: EventStream) -> Response<Body> {
    let is_last = stream.outlet().form() == Form::Chunks;
    let response = as_events(Response::new(Body::events(stream)));
    // No other request is answered on a connection that was handed over.
    if is_last { last(response) } else { response }
}

fn as_events(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-transform"),
    );
    // nginx would otherwise gather events until a buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// A position nobody gave out is as good as none: a snapshot comes.
fn reader(since: Option<&str>) -> Reader {
    let position = since.and_then(|text| parse_position(text).ok());
    position.map_or(Reader::NOTHING, Reader::at)
}

/// `filter=everybody`, `filter=count` or `filter=following`, or `user=` for each of some users.
pub(super) fn filter(query: &str) -> Result<Filter, Fault> {
    let refused = || {
        let message = "the query of `changes` is `filter=` with everybody, count or following, or `user=` for each user";
        Fault::new(Code::InvalidRequest, message)
    };
    let (mut named, mut users) = (None, Vec::new());
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (key, text) = pair.split_once('=').ok_or_else(refused)?;
        let text = percent_decode_str(text).decode_utf8();
        let text = text.map_err(|_| refused())?;
        match key {
            "filter" if named.is_none() => {
                named = Some(Filter::named(&text).ok_or_else(refused)?);
            }
            "user" => users.push(text.into_owned()),
            _ => return Err(refused()),
        }
    }
    match (named, users.is_empty()) {
        (Some(named), true) => Ok(named),
        (None, false) => Ok(Filter::Users(users)),
        (None, true) => Ok(Filter::Everybody),
        (Some(_), false) => Err(refused()),
    }
}

pub(super) fn after(query: Option<&str>) -> Result<u64, Fault> {
    let Some(query) = query else {
        return Ok(0);
    };
    match query.strip_prefix("after=").map(str::parse) {
        Some(Ok(after)) => Ok(after),
        _ => {
            let message = "the query of `value` is `after=` with the `next` of the page before";
            Err(Fault::new(Code::InvalidRequest, message))
        }
    }
}
