//! The guard: authentication and rules, where the application brought them.

use std::sync::Arc;
use std::time::Duration;

use super::asked::{Asker, Question};
use super::authenticate::{Authenticator, Credentials, Unauthenticated};
use super::decisions::Decisions;
use super::recalls::Recalls;
use super::rule::{Action, Rule, Rules};
use super::{Caller, Identity};
use crate::schema::{Schema, TopicName};
use crate::topic::User;

/// What decides once authentication is on.
#[derive(Debug)]
pub(super) struct Guard {
    authenticator: Authenticator,
    rules: Rules,
    asker: Asker,
    decisions: Decisions,
    recalls: Recalls,
}

impl Guard {
    pub(super) fn new(authenticator: Authenticator, rules: Rules, patience: Duration) -> Self {
        Self {
            authenticator,
            rules,
            asker: Asker::new(patience),
            decisions: Decisions::default(),
            recalls: Recalls::default(),
        }
    }

    /// Who shows these credentials.
    pub(super) async fn identify(
        &self,
        credentials: Credentials,
    ) -> Result<Arc<Identity>, Unauthenticated> {
        let found = self.authenticator.ask(credentials, &self.asker).await?;
        match found.expires_in {
            Some(left) if left.is_zero() => Err(Unauthenticated::Expired),
            _ => Ok(Arc::new(found)),
        }
    }

    /// Whether somebody may do something. Without a rule nobody may.
    pub(super) async fn allows(
        &self,
        caller: &Caller,
        schema: &Schema,
        topic: &TopicName,
        action: Action,
    ) -> bool {
        let (Some(rule), Some(identity)) = (self.rules.of(schema), caller.identity()) else {
            return false;
        };
        match rule {
            Rule::Plain(rule) => {
                let verdict = || rule(identity, topic, action);
                let answer = self.asker.answer_at_once(Question::Rule, verdict);
                answer.unwrap_or(false)
            }
            Rule::Asking(rule) => {
                let Some(user) = caller.user() else {
                    return self.find_out(rule(identity.clone(), topic, action)).await;
                };
                let asked = match self.decisions.get(user, identity, topic, action) {
                    Ok(known) => return known,
                    Err(asked) => asked,
                };
                let allowed = self.find_out(rule(identity.clone(), topic, action)).await;
                self.decisions
                    .put(asked, user, identity, (topic, action), allowed);
                allowed
            }
        }
    }

    /// Whose rights have changed of late.
    pub(super) const fn recalls(&self) -> &Recalls {
        &self.recalls
    }

    /// Nothing counts any longer that was decided about a user.
    pub(super) fn recall(&self, user: &User) {
        self.recalls.add(user);
        self.decisions.forget(user);
    }

    /// Who asks the application.
    pub(super) const fn asker(&self) -> &Asker {
        &self.asker
    }

    async fn find_out(&self, verdict: impl Future<Output = bool> + Send + 'static) -> bool {
        let answer = self.asker.answer(Question::Rule, verdict).await;
        answer.unwrap_or(false)
    }
}
