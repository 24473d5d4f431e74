//! Other nodes, as far as the server knows of them: somebody who is told that there is something to say or
//! to find out, and who writes into topics what other nodes say. A hub without them is asked one question
//! more a change, and nothing else.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::hub::Hub;
pub(crate) use super::hub::WeakHub;
use super::live::{Freed, Live};
use crate::schema::{Schema, TopicName, Value};
use crate::topic::{
    Activity, ConnectionId, Counts, Elsewhere, Entry, Lease, Member, News, Reason, SessionId,
    Taken, Time, User,
};
use crate::wire::{Fault, ServerMessage};

/// Something that takes a while.
pub(crate) type Pending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is found out, if it can be.
pub(crate) type Found<T> = Pin<Box<dyn Future<Output = Option<Vec<T>>> + Send>>;

/// Those who speak with other nodes. Nothing here waits.
pub(crate) trait Neighbours: fmt::Debug + Send + Sync {
    /// There is something new of this topic: news, or who watches.
    fn look(&self, topic: &TopicName);

    /// Finds out what other nodes know of a session in a topic, or of everybody. It takes a second or two at
    /// most, whatever becomes of it.
    fn acquaint(&self, hub: &Hub, topic: TopicName, session: Option<SessionId>) -> Pending;

    /// The topics in which somebody is present at any node, by name, after this one; `most` of them at most.
    /// Nothing when that cannot be found out.
    fn topics(&self, after: Option<TopicName>, most: usize) -> Found<(TopicName, Counts)>;

    /// The same of the topics in which a user is.
    fn topics_of(&self, user: User, after: Option<TopicName>, most: usize) -> Found<TopicName>;

    /// What an application ordered here holds on all nodes.
    fn order(&self, order: Order);

    /// Whether members at other nodes may have changed without anybody here knowing.
    fn is_stale(&self) -> bool;

    /// This node goes. Its members have a while to come back elsewhere.
    fn farewell(&self) -> Pending;
}

/// What an application orders, on whatever node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    Kick {
        topic: TopicName,
        session: SessionId,
    },
    KickUser {
        topic: TopicName,
        user: User,
    },
    RemoveSession(SessionId),
    Reauthorize(User),
    Revoke(User),
}

/// What other nodes are told of a topic.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) said: Vec<Said>,
    pub(crate) max_members: usize,
    pub(crate) grace: Duration,
}

/// What other nodes are told of a member.
#[derive(Debug)]
pub(crate) enum Said {
    Present(Report),
    Gone {
        member: Member,
        n: u64,
        reason: Reason,
    },
}

/// How a member stands that is at this node.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) member: Member,
    pub(crate) digest: [u8; 32],
    pub(crate) n: u64,
    /// The `n` of what it said last.
    pub(crate) said: u64,
    pub(crate) present: Duration,
    pub(crate) value: Value,
    pub(crate) activity: Activity,
    pub(crate) following: Arc<[User]>,
    pub(crate) hidden: bool,
    /// Whether it speaks through a connection.
    pub(crate) connected: bool,
}

impl Report {
    fn of(entry: &Entry, now: Time) -> Self {
        Self {
            member: entry.member().clone(),
            digest: *entry.digest(),
            n: entry.n(),
            said: entry.said(),
            present: now.saturating_since(entry.joined_at()),
            value: entry.value().clone(),
            activity: entry.activity(),
            following: entry.following().clone(),
            hidden: entry.is_hidden(),
            connected: matches!(entry.lease(), Lease::Connection(_)),
        }
    }
}

/// What another node says of a topic.
#[derive(Debug)]
pub(crate) enum Hearsay {
    /// A member is there.
    Present(Report),
    /// A member is here, and said something newer elsewhere.
    Newer(Report),
    /// A member is gone.
    Gone {
        member: Member,
        n: u64,
        reason: Reason,
    },
}

/// What became of a session that was announced here.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It is present at another node.
    At(Report),
    /// It has left.
    Left { member: Member, n: u64 },
}

/// What this node wants to know of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Everything: somebody watches.
    All,
    /// Nothing of others; its own members are there.
    Own,
    /// The topic is not live here.
    None,
}

impl Hub {
    /// Tells neighbours of all that happens from now on. Whether there were none before.
    pub(crate) fn meet(&self, neighbours: Weak<dyn Neighbours>) -> bool {
        let new = self.shared().meet(neighbours);
        if new {
            for live in self.all_live() {
                live.meet(self.shared());
            }
        }
        new
    }

    /// The same hub, for somebody who does not keep it.
    pub(crate) fn weak(&self) -> WeakHub {
        self.downgrade()
    }

    /// What there is to tell others of a topic.
    pub(crate) fn publication(&self, topic: &TopicName) -> Option<Publication> {
        let live = self.existing(topic.as_str())?;
        let settings = live.registered().settings;
        let said = live.take_said(self.shared()).ok()?;
        Some(Publication {
            said,
            max_members: settings.max_members,
            grace: settings.grace,
        })
    }

    /// Everybody who is here has to be told again.
    pub(crate) fn publish_again(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            let _ = live.with(self.shared(), |topic, _| topic.publish());
        }
    }

    /// The sessions that are present here rather than elsewhere.
    pub(crate) fn here(&self, topic: &TopicName) -> Vec<SessionId> {
        let here = self.read(topic, |topic, _| {
            let here = topic.entries().filter(|it| !it.is_elsewhere());
            here.map(|it| it.member().session).collect()
        });
        here.unwrap_or_default()
    }

    /// Takes in what other nodes say of a topic; nothing where it is not live.
    pub(crate) fn hear(&self, topic: &TopicName, said: impl IntoIterator<Item = Hearsay>) {
        if let Some(live) = self.existing(topic.as_str()) {
            self.hear_in(&live, said);
        }
    }

    fn hear_in(&self, live: &Live, said: impl IntoIterator<Item = Hearsay>) {
        let mut over = Vec::new();
        let _ = live.with(self.shared(), |topic, now| {
            for said in said {
                match said {
                    Hearsay::Present(report) => {
                        let (member, connected) = (report.member.clone(), report.connected);
                        let taken = topic.hear_elsewhere(report.elsewhere(now), now);
                        if let (Taken::Over(Lease::Connection(_)), true) = (taken, connected) {
                            over.push(member);
                        }
                    }
                    Hearsay::Newer(report) => {
                        topic.adopt(report.elsewhere(now), now);
                    }
                    Hearsay::Gone { member, n, reason } => {
                        topic.lose_elsewhere(&member, n, reason, now);
                    }
                }
            }
        });
        for member in over {
            self.connections().take_over(&member);
        }
    }

    /// Takes in everybody at other nodes. Who is not among them is gone; at once, or once the time is over
    /// in which their nodes will have said otherwise.
    ///
    /// `here` are those that are said to be at this node: all others have yet to be.
    pub(crate) fn hear_all(
        &self,
        topic: &TopicName,
        reports: Vec<Report>,
        here: &HashSet<SessionId>,
        patience: Option<Duration>,
    ) {
        let Some(live) = self.existing(topic.as_str()) else {
            return;
        };
        let named: HashSet<_> = reports.iter().map(|it| it.member.session).collect();
        self.hear_in(&live, reports.into_iter().map(Hearsay::Present));
        let _ = live.with(self.shared(), |topic, _| {
            topic.say_unknown(|entry| here.contains(&entry.member().session));
        });
        let _ = live.with(self.shared(), |topic, now| match patience {
            None => {
                topic.retain_elsewhere(|it| named.contains(&it), now);
            }
            Some(patience) => topic.doubt_elsewhere(|it| named.contains(&it), now + patience),
        });
    }

    /// Has a topic for what other nodes say of it.
    ///
    /// # Errors
    /// As [`Hub::live`].
    pub(crate) fn open(&self, topic: &TopicName) -> Result<(), Fault> {
        self.live(topic, None).map(drop)
    }

    /// Somebody asks for everybody in a topic: it is wanted for a while.
    pub(crate) fn want(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.want(self.shared());
        }
    }

    /// What this node wants to know of a topic.
    pub(crate) fn interest(&self, topic: &TopicName) -> Interest {
        let live = self.existing(topic.as_str());
        live.map_or(Interest::None, |it| it.interest(self.shared()))
    }

    /// What is known of other nodes is all there is: whoever waited for it is told.
    pub(crate) fn settle(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.acquaint(self.shared());
        }
    }

    /// Whether everybody at other nodes was heard and not forgotten since, as a topic does that is made anew.
    /// So it is where it is not live.
    pub(crate) fn is_acquainted(&self, topic: &TopicName) -> bool {
        let live = self.existing(topic.as_str());
        live.is_none_or(|it| it.is_acquainted())
    }

    /// There is nothing to wait for: what is known here has to do.
    pub(crate) fn settle_all(&self) {
        for live in self.all_live() {
            live.set_awaiting(self.shared(), false);
        }
    }

    /// Nobody here wants to know of others: they are forgotten.
    pub(crate) fn forget_elsewhere(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.forget_elsewhere(self.shared());
            self.free_if_idle(&live);
        }
    }

    /// The engine has refused what was announced here as old, and knows this of the session. What is there
    /// where something newer was said here, which its node has to hear of.
    pub(crate) fn settle_stale(&self, topic: &TopicName, found: Settled) -> Option<Report> {
        let live = self.existing(topic.as_str())?;
        match found {
            Settled::At(report) => {
                let (session, n) = (report.member.session, report.n);
                let (hidden, connected) = (report.hidden, report.connected);
                self.hear_in(&live, [Hearsay::Present(report)]);
                let newer = live.with(self.shared(), |topic, now| {
                    let entry = topic.entry(session)?;
                    // What has a greater `n` is announced again.
                    (!entry.is_elsewhere() && entry.n() == n).then(|| Report::of(entry, now))
                });
                let newer = newer.ok().flatten()?;
                Some(Report {
                    hidden,
                    connected,
                    ..newer
                })
            }
            Settled::Left { member, n } => {
                let _ = live.with(self.shared(), |topic, now| topic.concede(&member, n, now));
                None
            }
        }
    }

    /// A member that was announced here may not be there.
    pub(crate) fn send_away(&self, topic: &TopicName, member: &Member) {
        if let Some(live) = self.existing(topic.as_str()) {
            let _ = live.dismiss(self.shared(), member);
        }
    }

    /// Does what was ordered at another node.
    pub(crate) fn obey(&self, order: &Order) {
        match order {
            Order::Kick { topic, session } => {
                let _ = self.kick_here(topic, *session);
            }
            Order::KickUser { topic, user } => {
                let _ = self.kick_user_here(topic, user);
            }
            Order::RemoveSession(session) => {
                self.remove_session_here(*session);
            }
            Order::Reauthorize(user) => self.reauthorize_here(user),
            Order::Revoke(user) => self.revoke_here(user),
        }
    }

    /// The same on all other nodes.
    pub(super) fn order(&self, order: impl FnOnce() -> Order) {
        if let Some(neighbours) = self.shared().neighbours() {
            neighbours.order(order());
        }
    }

    /// Waits until what other nodes know of a session in a topic is known here, or of everybody; nothing
    /// where it is.
    pub(super) fn acquaint(
        &self,
        topic: &str,
        session: Option<SessionId>,
        connection: Option<ConnectionId>,
    ) -> Option<Pending> {
        let neighbours = self.shared().neighbours()?;
        if let Some(live) = self.existing(topic)
            && live.knows(session.zip(connection))
        {
            if session.is_none() {
                live.want(self.shared());
            }
            return None;
        }
        let name = TopicName::parse(topic).ok()?;
        self.registered(&name).ok()?;
        Some(neighbours.acquaint(self, name, session))
    }

    /// The topics in which somebody is present, or this user, at any node: by name, after this one, `most`
    /// of them at most. With each what other nodes know of how many are there.
    pub(super) async fn whereabouts(
        &self,
        user: Option<&User>,
        after: Option<&TopicName>,
        most: usize,
    ) -> Vec<(TopicName, Option<Counts>)> {
        let whereabouts = &self.shared().whereabouts;
        let here = match user {
            Some(user) => whereabouts.of(user, after, most),
            None => whereabouts.topics(after, most),
        };
        let mut all: BTreeMap<_, _> = here.into_iter().map(|it| (it, None)).collect();
        if let Some(neighbours) = self.shared().neighbours()
            && !neighbours.is_stale()
        {
            let after = after.cloned();
            match user {
                Some(user) => {
                    let found = neighbours.topics_of(user.clone(), after, most).await;
                    let found = found.unwrap_or_default().into_iter();
                    all.extend(found.map(|it| (it, None)));
                }
                None => {
                    let found = neighbours.topics(after, most).await;
                    let found = found.unwrap_or_default().into_iter();
                    all.extend(found.map(|(topic, counts)| (topic, Some(counts))));
                }
            }
        }
        all.into_iter().take(most).collect()
    }

    /// The schema of the values of a topic, and whether hooks are to be told of it.
    pub(crate) fn type_of(&self, topic: &TopicName) -> Option<(&'static Schema, bool)> {
        let registered = self.registered(topic).ok()?;
        Some((registered.schema, self.has_hooks(registered.schema)))
    }

    /// Whether members at other nodes may have changed without anybody here knowing.
    pub(super) fn is_stale(&self) -> bool {
        self.shared().neighbours().is_some_and(|it| it.is_stale())
    }

    /// Tells everybody whether members at other nodes are up to date.
    pub(crate) fn tell_status(&self, stale: bool) {
        let message = ServerMessage::status(stale);
        for outlet in self.connections().all() {
            if let Some(outlet) = outlet.upgrade() {
                outlet.tell(&message);
            }
        }
    }

    /// All topics that are live here.
    pub(crate) fn live_topics(&self) -> Vec<TopicName> {
        self.all_live().iter().map(|it| it.name().clone()).collect()
    }
}

impl Report {
    fn elsewhere(self, now: Time) -> Elsewhere {
        Elsewhere {
            member: self.member,
            digest: self.digest,
            n: self.n,
            said: self.said,
            value: self.value,
            activity: self.activity,
            following: self.following,
            hidden: self.hidden,
            joined_at: now.before(self.present),
        }
    }
}

impl Live {
    /// What there is to tell others.
    fn take_said(&self, shared: &super::shared::Shared) -> Result<Vec<Said>, Freed> {
        self.heed(shared, |topic, now| {
            let news = topic.take_news().into_iter();
            let said = news.filter_map(|news| match news {
                News::Present(session) => {
                    let entry = topic.entry(session)?;
                    Some(Said::Present(Report::of(entry, now)))
                }
                News::Gone { member, n, reason } => Some(Said::Gone { member, n, reason }),
            });
            said.collect()
        })
    }
}
