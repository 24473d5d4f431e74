//! Hearing: what other nodes say, written into the topics of this one.

use std::collections::HashSet;
use std::time::Duration;

use super::{Report, Word};
use crate::schema::TopicName;
use crate::server::hub::Hub;
use crate::server::live::Live;
use crate::topic::{Lease, Member, Reason, SessionId, Taken, Topic};

impl Hub {
    /// Takes in what other nodes say of a topic; nothing where it is not live.
    pub(crate) fn hear(&self, topic: &TopicName, words: impl IntoIterator<Item = Word>) {
        if let Some(live) = self.existing(topic.as_str()) {
            self.hear_in(&live, words);
        }
    }

    fn hear_in(&self, live: &Live, words: impl IntoIterator<Item = Word>) {
        let mut over = Vec::new();
        let _ = live.with(self.shared(), |topic, now| {
            for word in words {
                match word {
                    Word::Present(report) => {
                        let (member, connected) = (report.member.clone(), report.connected);
                        let taken = topic.hear_elsewhere(report.elsewhere(now), now);
                        if let (Taken::Over(Lease::Connection(_)), true) = (taken, connected) {
                            over.push(member);
                        }
                    }
                    Word::Newer(report) => {
                        topic.adopt(&report.elsewhere(now), now);
                    }
                    Word::Gone {
                        member, n, reason, ..
                    } => {
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
        self.hear_in(&live, reports.into_iter().map(Word::Present));
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

    /// Nobody here wants to know of others: they are forgotten.
    pub(crate) fn forget_elsewhere(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.forget_elsewhere(self.shared());
            self.free_if_idle(&live);
        }
    }

    /// The engine has refused what was announced here as old: the member is gone.
    pub(crate) fn concede(&self, topic: &TopicName, member: &Member, n: u64, reason: Reason) {
        if let Some(live) = self.existing(topic.as_str()) {
            let concede = |topic: &mut Topic, now| topic.concede(member, n, reason, now);
            let _ = live.with(self.shared(), concede);
        }
    }

    /// A member that was announced here may not be there.
    pub(crate) fn send_away(&self, topic: &TopicName, member: &Member) {
        if let Some(live) = self.existing(topic.as_str()) {
            let _ = live.dismiss(self.shared(), member);
        }
    }
}
