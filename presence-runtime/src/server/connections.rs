//! Connections: how many there are, which of them speaks for which session, and their end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use tokio::sync::Notify;

use super::outlet::Outlet;
use crate::mistake::{Mistake, is_made};
use crate::schema::TopicName;
use crate::topic::{ConnectionId, Reason, SessionId, User};
use crate::wire::ServerMessage;
use crate::wire::websocket::CloseCode;

/// Over how long clients come back when the server goes.
const SPREAD_MS: u64 = 2_000;

/// The WebSockets and event streams of a hub.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    next: AtomicU64,
    /// In the order of connecting, so that a simulation ends them in the same order every time.
    outlets: Mutex<BTreeMap<ConnectionId, Weak<Outlet>>>,
    speakers: Mutex<HashMap<SessionId, ConnectionId>>,
    /// Those on which somebody showed who they are.
    users: Mutex<BTreeSet<(User, ConnectionId)>>,
    /// Told when the last connection has ended.
    ended: Notify,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Connected {
    among: Arc<Connections>,
    pub(super) id: ConnectionId,
}

impl Connections {
    /// No connection yet, and room for this many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            next: AtomicU64::new(1),
            outlets: Mutex::default(),
            speakers: Mutex::default(),
            users: Mutex::default(),
            ended: Notify::new(),
        }
    }

    /// A name that no other connection of the hub has. Presence inside of the process has one too,
    /// and does not count.
    pub(super) fn next_id(&self) -> ConnectionId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        ConnectionId(NonZeroU64::new(number).expect("64 bits are not used up"))
    }

    /// Counts a new connection; nothing when there are too many.
    pub(super) fn add(self: &Arc<Self>, outlet: &Arc<Outlet>) -> Option<Connected> {
        let id = self.next_id();
        let mut outlets = self.outlets();
        if outlets.len() >= self.most {
            return None;
        }
        outlets.insert(id, Arc::downgrade(outlet));
        Some(Connected {
            among: self.clone(),
            id,
        })
    }

    /// This connection speaks for the session from now on; an older one of the session ends.
    pub(super) fn take_over(&self, session: SessionId, connection: ConnectionId) {
        let older = self.speakers().insert(session, connection);
        if let Some(older) = older.and_then(|id| self.outlet(id))
            && !is_made(Mistake::G1)
        {
            older.close(CloseCode::TAKEN_OVER);
        }
    }

    /// This connection no longer speaks for the session. A newer one is left alone.
    pub(super) fn hand_back(&self, session: SessionId, connection: ConnectionId) {
        let mut speakers = self.speakers();
        if speakers.get(&session) == Some(&connection) {
            speakers.remove(&session);
        }
    }

    /// On this connection a user showed who they are.
    pub(super) fn let_in(&self, user: &User, connection: ConnectionId) {
        self.users().insert((user.clone(), connection));
    }

    /// This connection of a user is over.
    pub(super) fn let_out(&self, user: &User, connection: ConnectionId) {
        self.users().remove(&(user.clone(), connection));
    }

    /// Where the connections of a user write to.
    pub(super) fn of(&self, user: &User) -> Vec<Arc<Outlet>> {
        let first = (user.clone(), ConnectionId(NonZeroU64::MIN));
        let users = self.users();
        let of_user = users.range(first..).take_while(|(it, _)| it == user);
        let connections: Vec<_> = of_user.map(|(_, connection)| *connection).collect();
        drop(users);
        let outlets = connections.into_iter().filter_map(|it| self.outlet(it));
        outlets.collect()
    }

    /// Tells a session that its entry went without its doing.
    pub(super) fn tell_gone(&self, session: SessionId, topic: &TopicName, reason: Reason) {
        let speaker = self.speakers().get(&session).copied();
        if let Some(outlet) = speaker.and_then(|id| self.outlet(id)) {
            outlet.say(&ServerMessage::gone(topic.as_str(), reason));
        }
    }

    /// Ends all because the server goes; they may come back to the next one, but not all at once.
    pub(super) fn end(&self) {
        let outlets: Vec<_> = self.outlets().values().filter_map(Weak::upgrade).collect();
        let count = outlets.len() as u64;
        for (outlet, i) in outlets.iter().zip(0..) {
            let retry_after_ms = SPREAD_MS * i / count;
            let message = ServerMessage::Draining { retry_after_ms };
            outlet.say(&message);
            outlet.close(CloseCode::RESTART);
        }
    }

    /// Waits until none is left.
    pub(super) async fn all_ended(&self) {
        loop {
            let ended = self.ended.notified();
            if self.outlets().is_empty() {
                return;
            }
            ended.await;
        }
    }

    fn outlet(&self, connection: ConnectionId) -> Option<Arc<Outlet>> {
        self.outlets().get(&connection)?.upgrade()
    }

    fn outlets(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Weak<Outlet>>> {
        self.outlets
            .lock()
            .expect("nothing panics while it holds the outlets")
    }

    fn users(&self) -> MutexGuard<'_, BTreeSet<(User, ConnectionId)>> {
        self.users
            .lock()
            .expect("nothing panics while it holds the users")
    }

    fn speakers(&self) -> MutexGuard<'_, HashMap<SessionId, ConnectionId>> {
        self.speakers
            .lock()
            .expect("nothing panics while it holds the speakers")
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut outlets = self.among.outlets();
        outlets.remove(&self.id);
        if outlets.is_empty() {
            self.among.ended.notify_waiters();
        }
    }
}
