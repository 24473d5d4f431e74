//! Acquaintance: what other nodes know is found out before it is needed, and only where it is wanted.

use tokio::time::timeout;

use super::node::Node;
use super::{Engine, Found, body};
use crate::schema::TopicName;
use crate::server::Hub;
use crate::server::neighbours::{Interest, Word};
use crate::topic::SessionId;

impl<E: Engine> Node<E> {
    /// Follows a topic, or no longer, as the hub wants it.
    pub(super) fn see_to(&self, hub: &Hub, topic: &TopicName) {
        match hub.interest(topic) {
            Interest::All => self.follow(hub, topic),
            Interest::Own => {
                self.places.unfollow(topic);
                hub.forget_elsewhere(topic);
            }
            Interest::None => self.places.unfollow(topic),
        }
    }

    fn follow(&self, hub: &Hub, topic: &TopicName) {
        // A topic that was forgotten and is live again has lost what was read.
        if !self.places.follow(topic) && !hub.is_acquainted(topic) {
            self.places.restart(topic);
        }
    }

    /// Finds out what is known of a session.
    pub(super) async fn find(&self, hub: &Hub, topic: TopicName, session: SessionId) {
        let Some((schema, is_heard)) = hub.type_of(&topic) else {
            return;
        };
        // Hooks are told whether a user comes first, which takes everybody.
        if is_heard || hub.interest(&topic) == Interest::All {
            return self.wait_for(hub, &topic).await;
        }
        let found = timeout(self.timing.patience, self.engine.find(&topic, session)).await;
        if hub.interest(&topic) == Interest::All {
            // What it was then may be older than what is heard by now.
            return self.wait_for(hub, &topic).await;
        }
        let word = match found {
            Ok(Ok(Found::Present(record))) => {
                let word = if record.node == self.id {
                    Word::Newer
                } else {
                    Word::Present
                };
                body::report(schema, &record).ok().map(word)
            }
            Ok(Ok(Found::Left { member, n, reason })) => Some(Word::Gone {
                member,
                n,
                reason,
                last: None,
            }),
            _ => None,
        };
        if let Some(word) = word
            && hub.open(&topic).is_ok()
        {
            hub.hear(&topic, [word]);
        }
    }

    /// Finds out who is there, if anybody is.
    pub(super) async fn find_all(&self, hub: &Hub, topic: TopicName) {
        if hub.interest(&topic) == Interest::None {
            let ends = self.engine.ends(std::slice::from_ref(&topic));
            let ends = timeout(self.timing.patience, ends).await;
            if !matches!(ends.as_ref().map(|it| it.as_deref()), Ok(Ok([Some(_)]))) {
                return;
            }
        }
        if hub.open(&topic).is_ok() {
            hub.want(&topic);
            self.wait_for(hub, &topic).await;
        }
    }

    async fn wait_for(&self, hub: &Hub, topic: &TopicName) {
        if hub.open(topic).is_ok() {
            hub.want(topic);
            self.follow(hub, topic);
            let _ = timeout(self.timing.patience, self.places.known(topic)).await;
        }
    }
}
