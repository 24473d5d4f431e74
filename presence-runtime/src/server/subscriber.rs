//! Subscribers of a topic: what each has, whom it is told of, and where its bytes go.

use std::sync::Arc;

use super::outlet::Outlet;
use super::users::users;
use crate::topic::{Actor, ConnectionId, Reader, SessionId, Topic, User};
use crate::wire::{Code, Fault, Filter, Scope};

/// What a client asked to watch, with the names in it read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Watching {
    /// The same at all times.
    Scope(Scope),
    /// Those whom this session follows in the topic, as it is at any time.
    FollowedBy(SessionId),
}

impl Watching {
    /// What a filter means when this is who asks.
    ///
    /// # Errors
    /// `invalid_request` for a text that is no user, `invalid_session` for `following` without a
    /// session.
    pub(crate) fn of(filter: &Filter, who: Option<&Actor>) -> Result<Self, Fault> {
        Ok(match filter {
            Filter::Everybody => Self::Scope(Scope::Everybody),
            Filter::Count => Self::Scope(Scope::Count),
            Filter::Users(texts) => Self::Scope(Scope::users(&users(texts)?)),
            Filter::Following => Self::FollowedBy(follower(who)?.session.id),
        })
    }
}

/// A subscriber. What it wants to watch is taken up between two runs of parts: a client that has
/// the first parts of a run is owed the rest of the same.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) connection: ConnectionId,
    pub(crate) outlet: Arc<Outlet>,
    /// What it has.
    pub(crate) reader: Reader,
    /// Its turn has come and it lacks something still: its outlet was busy, or took only the
    /// beginning.
    pub(crate) owed: bool,
    /// It has heard nothing since it subscribed. It waits for that: nothing else says that it missed
    /// nothing.
    pub(crate) unanswered: bool,
    /// Whom it is told of.
    scope: Scope,
    /// What the scope was made of; nothing before the first turn.
    watching: Option<Watching>,
    /// Whom the session follows, when the scope was made of that.
    followed: Option<Arc<[User]>>,
    /// What it wants to watch instead, and what it has of that. Rarely anything, so in a box.
    wanted: Option<Box<(Watching, Reader)>>,
}

impl Subscriber {
    /// Somebody who wants to watch this and has this of it.
    pub(crate) fn new(
        connection: ConnectionId,
        outlet: Arc<Outlet>,
        watching: Watching,
        reader: Reader,
    ) -> Self {
        Self {
            connection,
            outlet,
            reader: Reader::NOTHING,
            owed: false,
            unanswered: true,
            scope: Scope::Count,
            watching: None,
            followed: None,
            wanted: Some(Box::new((watching, reader))),
        }
    }

    /// Wants to watch something else from now on, or from another position.
    pub(crate) fn want(&mut self, watching: Watching, reader: Reader) {
        self.wanted = Some(Box::new((watching, reader)));
    }

    /// Whether it wants something else than it is being told.
    pub(crate) const fn wants(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whom it is told of.
    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Finds out whom it is to be told of next. Where that is not whom it was told of, it starts
    /// anew with a snapshot: nothing it has of others helps.
    pub(crate) fn see_to_scope(&mut self, topic: &Topic) {
        if !self.reader.is_between() {
            if let Some(wanted) = self.wanted.take() {
                let (watching, reader) = *wanted;
                self.take_up(topic, watching, reader);
            } else if let Some(Watching::FollowedBy(session)) = self.watching {
                self.follow(topic, session);
            }
        }
    }

    fn take_up(&mut self, topic: &Topic, watching: Watching, reader: Reader) {
        let other = self.watching.as_ref().is_some_and(|it| *it != watching);
        self.reader = if other { Reader::NOTHING } else { reader };
        match &watching {
            Watching::Scope(scope) => {
                self.scope = scope.clone();
                self.followed = None;
            }
            Watching::FollowedBy(session) => {
                let followed = followed(topic, *session);
                self.scope = Scope::users(followed.as_deref().unwrap_or_default());
                self.followed = followed;
                // What a position stands for depends on the list at that time.
                let changed = topic.entry(*session).map(|it| it.following_changed());
                let known = self.reader.position().map(|it| it.sequence);
                if changed.is_none() || changed > known {
                    self.reader = Reader::NOTHING;
                }
            }
        }
        self.watching = Some(watching);
        self.unanswered = true;
    }

    fn follow(&mut self, topic: &Topic, session: SessionId) {
        let followed = followed(topic, session);
        let same = match (&self.followed, &followed) {
            (Some(known), Some(now)) => Arc::ptr_eq(known, now),
            (known, now) => known.is_none() && now.is_none(),
        };
        if same {
            return;
        }
        let scope = Scope::users(followed.as_deref().unwrap_or_default());
        self.followed = followed;
        if self.scope != scope {
            self.scope = scope;
            self.reader = Reader::NOTHING;
        }
    }
}

/// Whom a session follows. The same list as long as it does not change.
fn followed(topic: &Topic, session: SessionId) -> Option<Arc<[User]>> {
    topic.entry(session).map(|entry| entry.following().clone())
}

/// Who watches whom they follow has to be somebody.
///
/// # Errors
/// `invalid_session` without a key.
fn follower(actor: Option<&Actor>) -> Result<&Actor, Fault> {
    actor.ok_or_else(|| {
        let message = "the filter `following` needs a session key: whose list would it be?";
        Fault::new(Code::InvalidSession, message)
    })
}
