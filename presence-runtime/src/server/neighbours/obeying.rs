//! Obeying: what was ordered at another node, done here as it was ordered then, however late it is heard of.
//!
//! What began after an order is none of its business. A kick also says who may not come for a while, so that as
//! long as it does nobody is there whom it means, as on the node where it was ordered. So an order may be
//! obeyed again at any time: nothing comes of it that did not come of it before.

use std::time::Duration;

use super::Order;
use crate::server::hub::Hub;
use crate::topic::KICK;

impl Hub {
    /// Does what was ordered at another node this long ago.
    pub(crate) fn obey(&self, order: &Order, age: Duration) {
        match order {
            // A topic that is not live has to refuse, and has nobody to remove.
            Order::Kick { topic, .. } | Order::KickUser { topic, .. }
                if age >= KICK && self.existing(topic.as_str()).is_none() => {}
            Order::Kick { topic, session } => {
                let _ = self.kick_here(topic, *session, age);
            }
            Order::KickUser { topic, user } => {
                let _ = self.kick_user_here(topic, user, age);
            }
            Order::RemoveSession(session) => {
                self.remove_session_here(*session, age);
            }
            Order::Reauthorize(user) => self.reauthorize_here(user),
            Order::Revoke(user) => self.revoke_here(user, age),
        }
    }

    /// What was ordered this long ago, before this node was there: all that comes of it is who is refused.
    pub(crate) fn take_note(&self, order: &Order, age: Duration) {
        if age < KICK && matches!(order, Order::Kick { .. } | Order::KickUser { .. }) {
            self.obey(order, age);
        }
    }
}
