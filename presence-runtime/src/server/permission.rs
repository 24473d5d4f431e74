//! Permission: what the hub does with what access decides.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::access::{Action, Caller, Permit};
use super::announcing::report;
use super::hub::Hub;
use super::live::Live;
use super::neighbours::Order;
use crate::schema::TopicName;
use crate::topic::{Member, User};
use crate::wire::websocket::CloseCode;
use crate::wire::{Code, Fault};

impl Hub {
    /// Decides anew what a user may do, because the application knows better by now: on every
    /// connection, subscriptions and presence end that the rules allow no longer, and the rest goes on.
    ///
    /// Presence announced over HTTP ends with its next heartbeat; event streams end and their clients
    /// come back. Nothing happens in open mode. A guest's user is the session; guests without one cannot
    /// be named, and what they watch ends with their connection.
    pub fn reauthorize(&self, user: impl AsRef<str>) {
        if let Ok(user) = User::parse(user.as_ref()) {
            self.reauthorize_here(&user);
            self.order(|| Order::Reauthorize(user));
        }
    }

    pub(super) fn reauthorize_here(&self, user: &User) {
        self.access().recall(user);
        for outlet in self.connections().of(user) {
            outlet.recheck();
        }
    }

    /// Ends everything of a user at once, because what they showed is worth nothing any more: their
    /// connections with 4501, their presence with the reason `kicked`, and so what this process says
    /// for them by [`Hub::member`]. Whether they may come back is up to authentication. Nothing happens in
    /// open mode.
    pub fn revoke(&self, user: impl AsRef<str>) {
        let Ok(user) = User::parse(user.as_ref()) else {
            return;
        };
        if self.access().is_open() {
            return;
        }
        self.revoke_here(&user, Duration::ZERO);
        self.order(|| Order::Revoke(user));
    }

    /// The same as it was ordered so long ago: what began since then stays.
    pub(super) fn revoke_here(&self, user: &User, age: Duration) {
        self.access().recall(user);
        for outlet in self.connections().older_of(user, age) {
            outlet.close(CloseCode::UNAUTHENTICATED);
        }
        for name in self.shared().whereabouts.of(user, None, usize::MAX) {
            let members = self.read(&name, |topic, now| {
                let ordered = now.before(age);
                let entries = topic.entries_of(user);
                let entries = entries.filter(|it| age.is_zero() || it.joined_at() < ordered);
                entries.map(|it| it.member().clone()).collect::<Vec<_>>()
            });
            for member in members.unwrap_or_default() {
                self.dismiss_member(&name, &member);
            }
        }
    }

    /// Whether a caller may do something in a topic. A presence that they announced there earlier ends
    /// when they may not announce any longer.
    ///
    /// # Errors
    /// As [`Access::permit`](super::access::Access::permit).
    pub(super) async fn permit<'a>(
        &self,
        caller: &Caller,
        topic: &'a str,
        action: Action,
    ) -> Result<Permit<'a>, Fault> {
        let permit = self.access().permit(self.topics(), caller, topic, action);
        let permit = permit.await;
        if let Err(fault) = &permit
            && fault.code == Code::Forbidden
            && action == Action::Announce
            && let (Ok(name), Some(actor)) = (TopicName::parse(topic), caller.actor())
        {
            self.dismiss_member(&name, &actor.member());
        }
        permit
    }

    /// The same in many topics. All of them together have the time of one.
    pub(super) async fn permits<'a>(
        &self,
        caller: &Caller,
        topics: impl Iterator<Item = &'a str>,
        action: Action,
    ) -> Vec<Result<Permit<'a>, Fault>> {
        let deadline = Instant::now() + self.config().access_timeout;
        self.permits_by(deadline, caller, topics, action).await
    }

    /// The same until a time.
    pub(super) async fn permits_by<'a>(
        &self,
        deadline: Instant,
        caller: &Caller,
        topics: impl Iterator<Item = &'a str>,
        action: Action,
    ) -> Vec<Result<Permit<'a>, Fault>> {
        let mut permits = Vec::new();
        for topic in topics {
            let permit = timeout_at(deadline, self.permit(caller, topic, action));
            permits.push(permit.await.unwrap_or_else(|_| {
                self.access().gave_up();
                Err(unavailable())
            }));
        }
        permits
    }

    /// Sets anew what the server sets of the value of whoever asks.
    ///
    /// # Errors
    /// `forbidden` when a claim is missing or does not fit; they are not present any more then.
    pub(super) fn restamp(&self, live: &Arc<Live>, caller: &Caller) -> Result<(), Fault> {
        let stamped = live.registered().schema.stamps().next().is_some();
        match caller.actor() {
            Some(actor) if stamped && !self.access().is_open() => {
                let done = live.restamp(self.shared(), &actor.member(), caller.claims());
                done.map_err(report)
            }
            _ => Ok(()),
        }
    }

    fn dismiss_member(&self, name: &TopicName, member: &Member) {
        if let Some(live) = self.existing(name.as_str()) {
            let _ = live.dismiss(self.shared(), member);
            self.free_if_idle(&live);
        }
    }
}

fn unavailable() -> Fault {
    let message = "what you may do cannot be found out for now; try again";
    Fault::new(Code::Unavailable, message)
}
