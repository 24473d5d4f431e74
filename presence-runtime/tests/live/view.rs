//! A client's view of a topic: what it must make of the messages it hears. It is the reference for
//! every client, and it checks that the server tells it nothing impossible.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// Who is present, as far as a client was told.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct View {
    /// Entries by member.
    pub(crate) members: BTreeMap<String, Json>,
    /// The position of the last message that had one.
    pub(crate) at: Option<String>,
    /// How many there are, as the server counts.
    pub(crate) counts: Json,
    /// The parts of a message whose last one has not come.
    parts: Vec<Json>,
}

/// What a client tells the application: `joined`, `updated` or `left` with a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) member: String,
    pub(crate) reason: Option<String>,
}

impl Event {
    fn new(kind: &'static str, member: &str) -> Self {
        Self {
            kind,
            member: member.to_owned(),
            reason: None,
        }
    }

    fn left(member: &str, reason: &str) -> Self {
        Self {
            reason: Some(reason.to_owned()),
            ..Self::new("left", member)
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        match &self.reason {
            None => json!({ self.kind: self.member }),
            Some(reason) => json!({ self.kind: self.member, "reason": reason }),
        }
    }
}

impl View {
    /// Takes a message over. Returns what the application is told of it; nothing before the last
    /// part has come, because half a run is no state.
    #[track_caller]
    pub(crate) fn apply(&mut self, message: &Json) -> Vec<Event> {
        if let Some(part) = self.parts.first() {
            assert_eq!(part["type"], message["type"], "one run at a time");
        }
        self.parts.push(message.clone());
        let Some(at) = message["at"].as_str() else {
            assert_eq!(message["more"], true, "only the last part has `at`");
            return Vec::new();
        };
        assert_eq!(message.get("more"), None, "the last part has `at`");
        self.at = Some(at.to_owned());
        self.counts = message["counts"].clone();
        let parts = std::mem::take(&mut self.parts);
        match message["type"].as_str() {
            Some("snapshot") => self.snapshot(&parts),
            Some("changes") => self.changes(&parts),
            other => panic!("neither snapshot nor changes: {other:?}"),
        }
    }

    /// Whether some parts of a message have come and the last one has not.
    #[allow(dead_code, reason = "the live tests never stop in between")]
    pub(crate) fn is_between(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The connection is new; the parts of a message that was not complete are of no use.
    #[allow(dead_code, reason = "the live tests never stop in between")]
    pub(crate) fn forget_parts(&mut self) {
        self.parts.clear();
    }

    /// The value of a member.
    pub(crate) fn value(&self, member: &str) -> &Json {
        &self.members[member]["value"]
    }

    #[track_caller]
    fn snapshot(&mut self, parts: &[Json]) -> Vec<Event> {
        let mut before = std::mem::take(&mut self.members);
        let mut events = Vec::new();
        for entry in list(parts, "entries") {
            let member = name(entry);
            match before.remove(&member) {
                None => events.push(Event::new("joined", &member)),
                Some(known) if !same(&known, entry) => events.push(Event::new("updated", &member)),
                Some(_) => {}
            }
            let known = self.members.insert(member, entry.clone());
            assert_eq!(known, None, "twice in a snapshot");
        }
        let unseen = before.keys().map(|member| Event::left(member, "unseen"));
        events.splice(0..0, unseen);
        events
    }

    #[track_caller]
    fn changes(&mut self, parts: &[Json]) -> Vec<Event> {
        let mut events = Vec::new();
        for departure in list(parts, "left") {
            let member = name(departure);
            let reason = departure["reason"].as_str().expect("a reason");
            // Who joined and left while a run of parts went on may never have been mentioned.
            if self.members.remove(&member).is_some() {
                events.push(Event::left(&member, reason));
            }
        }
        for entry in list(parts, "joined") {
            let member = name(entry);
            let known = self.members.insert(member.clone(), entry.clone());
            assert_eq!(known, None, "joined twice: {member}");
            events.push(Event::new("joined", &member));
        }
        for update in list(parts, "updated") {
            let member = name(update);
            let known = self.members.get_mut(&member);
            let known = known.unwrap_or_else(|| panic!("updated before joined: {member}"));
            for field in ["value", "activity", "following"] {
                if let Some(new) = update.get(field) {
                    known[field] = new.clone();
                }
            }
            events.push(Event::new("updated", &member));
        }
        events
    }
}

/// Whether nothing that an update could tell is different.
fn same(known: &Json, entry: &Json) -> bool {
    ["value", "activity", "following"]
        .iter()
        .all(|field| known[field] == entry[field])
}

/// The things in this list of all parts.
fn list<'a>(parts: &'a [Json], key: &'a str) -> impl Iterator<Item = &'a Json> {
    let lists = parts.iter().filter_map(move |part| part.get(key));
    lists.flat_map(|list| list.as_array().expect("a list"))
}

fn name(entry: &Json) -> String {
    entry["member"].as_str().expect("a member").to_owned()
}
