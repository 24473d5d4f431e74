//! Writes, as scripts are called with them.

use std::time::Duration;

use redis::Cmd;

use super::super::{NodeId, Verdict, Write};
use super::names::{Keys, Names};
use super::packed::{letter, node, parts};
use super::script::Script;

/// What is the same for all writes of a call.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    pub(super) names: &'a Names,
    pub(super) node: NodeId,
    /// The epoch of logs that begin here.
    pub(super) epoch: u64,
}

impl Writing<'_> {
    /// The call that does this. A write with a smaller stamp was made earlier, whenever it arrives.
    pub(super) fn call(&self, write: &Write, stamp: u64) -> Cmd {
        let topic = match write {
            Write::Announce { topic, .. }
            | Write::Newer { topic, .. }
            | Write::Leave { topic, .. }
            | Write::Retain { topic, .. } => topic,
        };
        let Keys(keys) = self.names.topic(topic);
        let begin = |script: Script| {
            let mut call = script.call(&keys);
            call.arg(topic.as_str())
                .arg(&self.epoch.to_be_bytes())
                .arg(&node(self.node));
            call
        };
        match write {
            Write::Announce {
                record,
                max_members,
                fence,
                ..
            } => {
                let mut call = begin(Script::Announce);
                call.arg(record.member.session.as_str())
                    .arg(&record.n.to_be_bytes())
                    .arg(&record.digest)
                    .arg(record.member.user.as_str())
                    .arg(&[record.state])
                    .arg(parts(&record.parts))
                    .arg(ms(record.present))
                    .arg(ms(*fence))
                    .arg(max_members)
                    .arg(&stamp.to_be_bytes());
                call
            }
            Write::Newer { record, .. } => {
                let mut call = begin(Script::Newer);
                call.arg(record.member.session.as_str())
                    .arg(&record.digest)
                    .arg(record.member.user.as_str())
                    .arg(parts(&record.parts));
                call
            }
            Write::Leave {
                member,
                n,
                reason,
                fence,
                ..
            } => {
                let mut call = begin(Script::Leave);
                call.arg(member.session.as_str())
                    .arg(&n.to_be_bytes())
                    .arg(member.user.as_str())
                    .arg(letter(*reason))
                    .arg(ms(*fence));
                call
            }
            Write::Retain { sessions, .. } => {
                let mut call = begin(Script::Retain);
                call.arg(&stamp.to_be_bytes());
                for session in sessions {
                    call.arg(session.as_str());
                }
                call
            }
        }
    }
}

/// Milliseconds, as scripts are told them: what Lua counts exactly.
pub(super) fn ms(duration: Duration) -> u64 {
    const MOST: u128 = 1 << 50;
    u64::try_from(duration.as_millis().min(MOST)).expect("fits 50 bits")
}

/// What a script's answer says.
pub(super) const fn verdict(answer: i64) -> Option<Verdict> {
    match answer {
        0 => Some(Verdict::Done),
        1 => Some(Verdict::Stale),
        2 => Some(Verdict::Taken),
        3 => Some(Verdict::Full),
        4 => Some(Verdict::Unheld),
        5 => Some(Verdict::Newer),
        _ => None,
    }
}
