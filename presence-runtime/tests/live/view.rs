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
    /// The parts of a snapshot whose end has not come.
    snapshot: Option<BTreeMap<String, Json>>,
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

    #[allow(dead_code, reason = "only the vectors print events")]
    pub(crate) fn to_json(&self) -> Json {
        match &self.reason {
            None => json!({ self.kind: self.member }),
            Some(reason) => json!({ self.kind: self.member, "reason": reason }),
        }
    }
}

impl View {
    /// Takes a message over. Returns what the application is told of it.
    #[track_caller]
    pub(crate) fn apply(&mut self, message: &Json) -> Vec<Event> {
        let more = message.get("more") == Some(&json!(true));
        assert_ne!(
            more,
            message.get("at").is_some(),
            "`at` is for the last part"
        );
        self.counts = message["counts"].clone();
        if let Some(at) = message["at"].as_str() {
            self.at = Some(at.to_owned());
        }
        match message["type"].as_str() {
            Some("snapshot") => self.snapshot(message, more),
            Some("changes") => self.changes(message),
            other => panic!("neither snapshot nor changes: {other:?}"),
        }
    }

    /// The value of a member.
    pub(crate) fn value(&self, member: &str) -> &Json {
        &self.members[member]["value"]
    }

    #[track_caller]
    fn snapshot(&mut self, message: &Json, more: bool) -> Vec<Event> {
        let parts = self.snapshot.get_or_insert_default();
        for entry in list(message, "entries") {
            let known = parts.insert(name(entry), entry.clone());
            assert_eq!(known, None, "twice in a snapshot");
        }
        if more {
            return Vec::new();
        }
        let after = self.snapshot.take().unwrap_or_default();
        let before = std::mem::replace(&mut self.members, after);
        let gone = before.keys().filter(|it| !self.members.contains_key(*it));
        let mut events: Vec<_> = gone.map(|it| Event::left(it, "unseen")).collect();
        for (member, entry) in &self.members {
            match before.get(member) {
                None => events.push(Event::new("joined", member)),
                Some(known) if !same(known, entry) => events.push(Event::new("updated", member)),
                Some(_) => {}
            }
        }
        events
    }

    #[track_caller]
    fn changes(&mut self, message: &Json) -> Vec<Event> {
        assert_eq!(self.snapshot, None, "changes within a snapshot");
        let mut events = Vec::new();
        for departure in list(message, "left") {
            let member = name(departure);
            let reason = departure["reason"].as_str().expect("a reason");
            // Who joined and left while a run of parts went on may never have been mentioned.
            if self.members.remove(&member).is_some() {
                events.push(Event::left(&member, reason));
            }
        }
        for entry in list(message, "joined") {
            let member = name(entry);
            // Where a connection's own doing is not told, its own entry may be known already.
            let known = self.members.insert(member.clone(), entry.clone());
            assert_eq!(known, None, "joined twice: {member}");
            events.push(Event::new("joined", &member));
        }
        for update in list(message, "updated") {
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
    ["value", "activity", "following", "joinedMs"]
        .iter()
        .all(|field| known[field] == entry[field])
}

fn list<'a>(message: &'a Json, key: &str) -> &'a [Json] {
    message
        .get(key)
        .map_or(&[], |it| it.as_array().expect("a list"))
}

fn name(entry: &Json) -> String {
    entry["member"].as_str().expect("a member").to_owned()
}
