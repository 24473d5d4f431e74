//! Reports: how members stand that are at one node, as others are told.

use std::sync::Arc;
use std::time::Duration;

use crate::schema::{TopicName, Value};
use crate::server::hub::Hub;
use crate::server::live::{Freed, Live};
use crate::server::shared::Shared;
use crate::topic::{
    Activity, Elsewhere, Entry, Lease, Member, News, Reason, Said, SessionId, Time, User,
};

/// What other nodes are told of a topic.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) words: Vec<Word>,
    pub(crate) max_members: usize,
    pub(crate) grace: Duration,
}

/// What one node tells others of a member.
#[derive(Debug)]
pub(crate) enum Word {
    /// It is there.
    Present(Report),
    /// It is at another node, which has not heard all of this.
    Newer(Report),
    /// It is gone.
    Gone {
        member: Member,
        n: u64,
        reason: Reason,
        /// How it was when it was taken for gone, where nobody was told of that.
        last: Option<Report>,
    },
}

/// How a member stands that is at this node.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) member: Member,
    pub(crate) digest: [u8; 32],
    pub(crate) n: u64,
    /// Which messages its parts are from.
    pub(crate) said: Said,
    pub(crate) present: Duration,
    pub(crate) value: Value,
    /// For how long it has said that.
    pub(crate) set: Duration,
    pub(crate) activity: Activity,
    pub(crate) following: Arc<[User]>,
    pub(crate) hidden: bool,
    /// Whether it speaks through a connection.
    pub(crate) connected: bool,
}

impl Report {
    fn of(entry: &Entry, now: Time) -> Self {
        let connected = matches!(entry.lease(), Lease::Connection(_));
        Self::from_elsewhere(entry.into(), connected, now)
    }

    fn from_elsewhere(stands: Elsewhere, connected: bool, now: Time) -> Self {
        Self {
            member: stands.member,
            digest: stands.digest,
            n: stands.n,
            said: stands.said,
            present: now.saturating_since(stands.joined_at),
            value: stands.value,
            set: now.saturating_since(stands.set_at),
            activity: stands.activity,
            following: stands.following,
            hidden: stands.hidden,
            connected,
        }
    }

    pub(super) fn elsewhere(self, now: Time) -> Elsewhere {
        Elsewhere {
            member: self.member,
            digest: self.digest,
            n: self.n,
            said: self.said,
            value: self.value,
            set_at: now.before(self.set),
            activity: self.activity,
            following: self.following,
            hidden: self.hidden,
            joined_at: now.before(self.present),
        }
    }
}

impl Hub {
    /// What there is to tell others of a topic.
    pub(crate) fn publication(&self, topic: &TopicName) -> Option<Publication> {
        let live = self.existing(topic.as_str())?;
        let settings = live.registered().settings;
        let words = live.take_words(self.shared()).ok()?;
        Some(Publication {
            words,
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
}

impl Live {
    /// What there is to tell others.
    fn take_words(&self, shared: &Shared) -> Result<Vec<Word>, Freed> {
        self.heed(shared, |topic, now| {
            let news = topic.take_news().into_iter();
            let words = news.filter_map(|news| match news {
                News::Present(session) => {
                    let entry = topic.entry(session)?;
                    let report = Report::of(entry, now);
                    let elsewhere = entry.is_elsewhere();
                    Some(if elsewhere {
                        Word::Newer(report)
                    } else {
                        Word::Present(report)
                    })
                }
                News::Gone {
                    member,
                    n,
                    reason,
                    last,
                } => Some(Word::Gone {
                    member,
                    n,
                    reason,
                    last: last.map(|it| Report::from_elsewhere(*it, false, now)),
                }),
            });
            words.collect()
        })
    }
}
