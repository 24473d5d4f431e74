//! Hearing: what other nodes say, written into the topics of this one.

use std::collections::HashSet;
use std::time::Duration;

use super::Report;
use crate::schema::TopicName;
use crate::server::hub::Hub;
use crate::server::live::Live;
use crate::topic::{Lease, Member, Reason, SessionId, Taken};

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

impl Hub {
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

    /// Nobody here wants to know of others: they are forgotten.
    pub(crate) fn forget_elsewhere(&self, topic: &TopicName) {
        if let Some(live) = self.existing(topic.as_str()) {
            live.forget_elsewhere(self.shared());
            self.free_if_idle(&live);
        }
    }

    /// The engine has refused what was announced here as old: the session is at another node. What is there
    /// where something newer was said here, which its node has to hear of.
    pub(crate) fn settle_stale(
        &self,
        topic: &TopicName,
        there: &Report,
        announced: Report,
    ) -> Option<Report> {
        let mut newest = 0;
        if let Some(live) = self.existing(topic.as_str()) {
            self.hear_in(&live, [Hearsay::Present(there.clone())]);
            let known = live.with(self.shared(), |topic, now| {
                let entry = topic.entry(there.member.session)?;
                // Somebody elsewhere may have said what is newer still.
                newest = entry.said();
                (!entry.is_elsewhere()).then(|| (entry.n(), Report::of(entry, now)))
            });
            if let Ok(Some((n, report))) = known {
                // What has a greater `n` is announced again.
                return (n == there.n).then_some(Report {
                    hidden: there.hidden,
                    connected: there.connected,
                    ..report
                });
            }
        }
        // It is not here any longer, and what it said last was not heard where it is.
        (announced.said > there.said && announced.said >= newest).then_some(Report {
            n: there.n,
            hidden: there.hidden,
            connected: there.connected,
            present: there.present,
            ..announced
        })
    }

    /// The engine has refused what was announced here as old: the member has left.
    pub(crate) fn concede(&self, topic: &TopicName, member: &Member, n: u64) {
        if let Some(live) = self.existing(topic.as_str()) {
            let _ = live.with(self.shared(), |topic, now| topic.concede(member, n, now));
        }
    }

    /// A member that was announced here may not be there.
    pub(crate) fn send_away(&self, topic: &TopicName, member: &Member) {
        if let Some(live) = self.existing(topic.as_str()) {
            let _ = live.dismiss(self.shared(), member);
        }
    }
}
