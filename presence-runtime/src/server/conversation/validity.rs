//! Validity: how long what a client showed is good.

use tokio::time::Instant;

use super::Conversation;
use crate::server::access::Caller;
use crate::server::config::Config;
use crate::wire::websocket::CloseCode;
use crate::wire::{ServerMessage, millis};

/// How long what a client showed is good.
#[derive(Debug)]
pub(super) struct Validity {
    until: Instant,
    /// When to tell it, unless it was told.
    warn_at: Option<Instant>,
}

impl Validity {
    pub(super) fn of(caller: &Caller, config: &Config) -> Option<Box<Self>> {
        let left = caller.expires_in()?;
        let until = caller.until()?;
        let warning = config.token_warning.min(left / 2);
        Some(Box::new(Self {
            until,
            warn_at: Some(until - warning),
        }))
    }

    pub(super) const fn next_due(&self) -> Instant {
        match self.warn_at {
            Some(warn_at) => warn_at,
            None => self.until,
        }
    }
}

impl Conversation {
    /// Tells the client that its token is about to expire.
    ///
    /// # Errors
    /// The code to close with once it has.
    pub(super) fn see_to_validity(&mut self) -> Result<(), CloseCode> {
        let Some(validity) = &mut self.validity else {
            return Ok(());
        };
        let now = Instant::now();
        if validity.until <= now {
            return Err(CloseCode::TOKEN_EXPIRED);
        }
        if validity.warn_at.take_if(|at| *at <= now).is_some() {
            let expires_in_ms = millis(validity.until - now);
            self.say(&ServerMessage::Expiring { expires_in_ms });
        }
        Ok(())
    }
}
