//! Permits: what the application lets a client do, and the end of what it does no longer.

use super::Conversation;
use super::asking::Answer;
use crate::server::access::{Action, Permit, Seal};
use crate::wire::{Fault, ServerMessage};

impl Conversation {
    /// Whether the client may do something in a topic; nothing while the application is asked.
    pub(super) fn permit<'a>(
        &mut self,
        topic: &'a str,
        action: Action,
        text: &str,
    ) -> Result<Option<Permit<'a>>, Fault> {
        if let Some(permit) = self.hub.access().permit_at_once(topic, action) {
            return Ok(Some(permit));
        }
        if let Some(Answer::Permit(permit)) = self.answer.take().map(|it| *it) {
            return permit.map(|seal| Some(seal.on(topic)));
        }
        if let Some(at) = self.find(topic)
            && let Some(seal) = self.places[at].seal(action)
        {
            return Ok(Some(seal.on(topic)));
        }
        let (hub, caller, name) = (self.hub.clone(), self.caller.clone(), topic.to_owned());
        let caller = caller.expect("nothing else is heard before `hello`");
        let question = async move {
            let permit = hub.permit(&caller, &name, action).await;
            Answer::Permit(permit.map(|it| it.seal()))
        };
        match self.ask(text, question) {
            Some(Answer::Permit(permit)) => permit.map(|seal| Some(seal.on(topic))),
            _ => Ok(None),
        }
    }

    /// Has it decided anew what the client may do.
    pub(super) fn recheck(&mut self) {
        if self.asking.is_some() {
            self.recheck = true;
            return;
        }
        let Some(caller) = self.caller.clone() else {
            return;
        };
        if self.hub.access().is_open() {
            return;
        }
        let (mut read, mut announced) = (Vec::new(), Vec::new());
        for place in &mut self.places {
            (place.read, place.announce) = (None, None);
            if place.subscription.is_some() {
                read.push(place.live.name().to_string());
            }
            if place.announced {
                announced.push(place.live.name().to_string());
            }
        }
        let hub = self.hub.clone();
        let question = async move {
            let mut permits = Vec::new();
            for (topics, action) in [(read, Action::Read), (announced, Action::Announce)] {
                let names = topics.iter().map(String::as_str);
                let found = hub.permits(&caller, names, action).await;
                let found = found.into_iter().map(|it| it.map(|it| it.seal()));
                let found: Vec<_> = found.collect();
                let all = topics.into_iter().zip(found);
                permits.extend(all.map(|(topic, permit)| (topic, action, permit)));
            }
            Answer::Permits(permits)
        };
        if let Some(Answer::Permits(permits)) = self.begin(None, Box::pin(question)) {
            self.keep_to(permits);
        }
    }

    /// Ends what is allowed no longer.
    pub(super) fn keep_to(&mut self, permits: Vec<(String, Action, Result<Seal, Fault>)>) {
        for (topic, action, permit) in permits {
            let Some(at) = self.find(&topic) else {
                continue;
            };
            let shared = self.hub.shared();
            let place = &mut self.places[at];
            match (permit, action) {
                (Ok(seal), _) => place.grant(seal),
                // No connection does that.
                (Err(_), Action::Inspect) => {}
                (Err(fault), Action::Read) => {
                    if let Some(key) = place.subscription.take() {
                        place.live.unsubscribe(shared, key);
                    }
                    let ended = ServerMessage::Ended {
                        topic: &topic,
                        error: &fault,
                    };
                    self.say(&ended);
                }
                (Err(_), Action::Announce) => {
                    place.announced = false;
                    let live = place.live.clone();
                    if let Some(actor) = self.actor() {
                        // The client is told `gone`.
                        let _ = live.dismiss(shared, &actor.member());
                    }
                }
            }
            self.forget_if_unused(at);
        }
    }
}
