//! A conversation as a socket sees it.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::Conversation;
use crate::server::dialogue::Dialogue;
use crate::topic::Loss;
use crate::wire::websocket::CloseCode;

impl Dialogue for Conversation {
    fn hear(&mut self, text: &str) -> Result<(), CloseCode> {
        Self::hear(self, text)
    }

    fn is_greeted(&self) -> bool {
        self.greeted
    }

    fn ends(&mut self, how: Loss) {
        if self.loss == Loss::Broken {
            self.loss = how;
        }
    }

    fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        Self::poll_answer(self, context)
    }

    fn hear_held(&mut self) -> Result<(), CloseCode> {
        Self::hear_held(self)
    }

    fn catch_up(&self) {
        Self::catch_up(self);
    }

    fn recheck(&mut self) {
        Self::recheck(self);
    }

    fn next_due(&self) -> Option<Instant> {
        self.validity.as_ref().map(|it| it.next_due())
    }

    fn see_to_validity(&mut self) -> Result<(), CloseCode> {
        Self::see_to_validity(self)
    }
}
