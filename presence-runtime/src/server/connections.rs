//! Connections: how many there are, which of them speaks for which session, and their end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::address::Address;
use super::config::Config;
use super::drain::Drain;
use super::meter::{Meter, OfTransport};
use super::outlet::{Form, Outlet};
use super::tally::Tally;
use crate::mistake::{Mistake, is_made};
use crate::schema::TopicName;
use crate::topic::{ConnectionId, Member, Reason, SessionId, User};
use crate::wire::websocket::CloseCode;
use crate::wire::{Code, Fault, ServerMessage};

/// The WebSockets and event streams of a hub.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    most_of_user: usize,
    next: AtomicU64,
    /// In the order of connecting, so that a simulation ends them in the same order every time.
    outlets: Mutex<BTreeMap<ConnectionId, Open>>,
    speakers: Mutex<HashMap<Member, ConnectionId>>,
    addresses: Mutex<Tally<Address>>,
    /// Those of which is known whose they are.
    users: Mutex<BTreeSet<(User, ConnectionId)>>,
    /// Told when the last connection has ended.
    ended: Notify,
    pub(super) drain: Drain,
    meter: Arc<Meter>,
}

/// Where a connection writes to, and since when.
#[derive(Debug, Clone)]
struct Open {
    outlet: Weak<Outlet>,
    since: Instant,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(super) struct Connected {
    among: Arc<Connections>,
    pub(super) id: ConnectionId,
    form: Form,
    from: Option<Address>,
}

impl Connections {
    /// No connection yet, and room for as many as the figures say.
    pub(super) fn new(config: &Config, meter: Arc<Meter>) -> Self {
        Self {
            most: config.max_connections,
            most_of_user: config.max_connections_per_user,
            next: AtomicU64::new(1),
            outlets: Mutex::default(),
            speakers: Mutex::default(),
            addresses: Mutex::new(Tally::new(config.max_connections_per_address)),
            users: Mutex::default(),
            ended: Notify::new(),
            drain: Drain::new(config.drain),
            meter,
        }
    }

    /// A name that no other connection of the hub has. Presence inside of the process has one too,
    /// and does not count.
    pub(super) fn next_id(&self) -> ConnectionId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        ConnectionId(NonZeroU64::new(number).expect("64 bits are not used up"))
    }

    /// Whether there are as many as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.outlets().len() >= self.most
    }

    /// Counts a new connection from an address.
    ///
    /// # Errors
    /// `overloaded` or `too_many_connections` when there are too many; `overloaded` while the hub drains.
    pub(super) fn add(
        self: &Arc<Self>,
        outlet: &Arc<Outlet>,
        from: Option<Address>,
    ) -> Result<Connected, Fault> {
        let mut outlets = self.outlets();
        self.drain.check()?;
        if outlets.len() >= self.most {
            let message = "the server has as many connections as it may have";
            return Err(Fault::new(Code::Overloaded, message));
        }
        if let Some(from) = from
            && !self.addresses().add(from)
        {
            return Err(crowded("your address"));
        }
        let id = self.next_id();
        let open = Open {
            outlet: Arc::downgrade(outlet),
            since: Instant::now(),
        };
        outlets.insert(id, open);
        let form = outlet.form();
        self.of_transport(form).open.add(1);
        self.of_transport(form).opened.add(1);
        Ok(Connected {
            among: self.clone(),
            id,
            form,
            from,
        })
    }

    /// This connection is a user's from now on. Where it speaks for a session, an older one of the
    /// user's with it ends, and gives it its place among the user's.
    ///
    /// # Errors
    /// `too_many_connections` when the user has as many as one may have; nothing has changed then.
    pub(super) fn let_in(
        &self,
        user: &User,
        session: Option<SessionId>,
        connection: ConnectionId,
    ) -> Result<(), Fault> {
        let member = session.map(|session| Member {
            user: user.clone(),
            session,
        });
        let mut speakers = self.speakers();
        let older = member.as_ref().and_then(|it| speakers.get(it).copied());
        let mut users = self.users();
        let given = older.is_some_and(|it| users.remove(&(user.clone(), it)));
        if !given && of_user(&users, user).count() >= self.most_of_user {
            return Err(crowded("your user"));
        }
        users.insert((user.clone(), connection));
        drop(users);
        if let Some(member) = member {
            speakers.insert(member, connection);
        }
        drop(speakers);
        if let Some(older) = older.and_then(|id| self.outlet(id))
            && !is_made(Mistake::G1)
        {
            older.close(CloseCode::TAKEN_OVER);
        }
        Ok(())
    }

    /// This connection no longer speaks for the member. A newer one is left alone.
    pub(super) fn hand_back(&self, member: &Member, connection: ConnectionId) {
        let mut speakers = self.speakers();
        if speakers.get(member) == Some(&connection) {
            speakers.remove(member);
        }
    }

    /// This connection of a user is over.
    pub(super) fn let_out(&self, user: &User, connection: ConnectionId) {
        self.users().remove(&(user.clone(), connection));
    }

    /// Where the connections of a user write to.
    pub(super) fn of(&self, user: &User) -> Vec<Arc<Outlet>> {
        let users = self.users();
        let connections: Vec<_> = of_user(&users, user).collect();
        drop(users);
        let outlets = connections.into_iter().filter_map(|it| self.outlet(it));
        outlets.collect()
    }

    /// The same of those that were open this long ago.
    pub(super) fn older_of(&self, user: &User, age: Duration) -> Vec<Arc<Outlet>> {
        let users = self.users();
        let connections: Vec<_> = of_user(&users, user).collect();
        drop(users);
        let outlets = self.outlets();
        let open = connections.iter().filter_map(|it| outlets.get(it));
        let older = open.filter(|it| it.since.elapsed() >= age);
        older.filter_map(|it| it.outlet.upgrade()).collect()
    }

    /// Ends the connection that speaks for a member: another one does, at another node.
    pub(super) fn take_over(&self, member: &Member) {
        let speaker = self.speakers().get(member).copied();
        if let Some(outlet) = speaker.and_then(|id| self.outlet(id)) {
            outlet.close(CloseCode::TAKEN_OVER);
        }
    }

    /// Tells a member that its entry went without its doing.
    pub(super) fn tell_gone(&self, member: &Member, topic: &TopicName, reason: Reason) {
        let speaker = self.speakers().get(member).copied();
        if let Some(outlet) = speaker.and_then(|id| self.outlet(id)) {
            outlet.say(&ServerMessage::gone(topic.as_str(), reason));
        }
    }

    /// Where all that are open write to, in the order of connecting. Keeps none of them.
    pub(super) fn all(&self) -> Vec<Weak<Outlet>> {
        let outlets = self.outlets();
        outlets.values().map(|it| it.outlet.clone()).collect()
    }

    /// Ends those that are left when the server goes.
    pub(super) fn end(&self) {
        for outlet in self.all().iter().filter_map(Weak::upgrade) {
            outlet.close(CloseCode::RESTART);
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.outlets().len()
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

    fn of_transport(&self, form: Form) -> &OfTransport {
        match form {
            Form::WebSocket => &self.meter.sockets,
            Form::Events | Form::Chunks => &self.meter.streams,
        }
    }

    fn outlet(&self, connection: ConnectionId) -> Option<Arc<Outlet>> {
        self.outlets().get(&connection)?.outlet.upgrade()
    }

    fn outlets(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Open>> {
        self.outlets
            .lock()
            .expect("nothing panics while it holds the outlets")
    }

    fn users(&self) -> MutexGuard<'_, BTreeSet<(User, ConnectionId)>> {
        self.users
            .lock()
            .expect("nothing panics while it holds the users")
    }

    fn addresses(&self) -> MutexGuard<'_, Tally<Address>> {
        self.addresses
            .lock()
            .expect("nothing panics while it holds the addresses")
    }

    fn speakers(&self) -> MutexGuard<'_, HashMap<Member, ConnectionId>> {
        self.speakers
            .lock()
            .expect("nothing panics while it holds the speakers")
    }
}

fn of_user<'a>(
    users: &'a BTreeSet<(User, ConnectionId)>,
    user: &'a User,
) -> impl Iterator<Item = ConnectionId> + 'a {
    let first = (user.clone(), ConnectionId(NonZeroU64::MIN));
    let of_user = users.range(first..).take_while(move |(it, _)| it == user);
    of_user.map(|(_, connection)| *connection)
}

fn crowded(whose: &str) -> Fault {
    let message = format!("{whose} has as many connections as it may have");
    Fault::new(Code::TooManyConnections, message)
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.among.of_transport(self.form).open.remove(1);
        if let Some(from) = &self.from {
            self.among.addresses().remove(from);
        }
        let mut outlets = self.among.outlets();
        outlets.remove(&self.id);
        if outlets.is_empty() {
            self.among.ended.notify_waiters();
        }
    }
}
