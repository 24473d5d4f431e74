//! Dialogues: what is done about the messages of a WebSocket, whoever carries them.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::config::Config;
use crate::topic::Loss;
use crate::wire::websocket::CloseCode;

/// One side of a WebSocket, without its bytes and its time. Its end is the end of the connection.
///
/// What is asked for beyond [`Dialogue::hear`] has answers for a dialogue that never waits.
pub(super) trait Dialogue: Send + 'static {
    /// Does what a text message asks for.
    ///
    /// # Errors
    /// The code to close with.
    fn hear(&mut self, text: &str) -> Result<(), CloseCode>;

    /// Does what a binary message asks for.
    ///
    /// # Errors
    /// The code to close with; unless binary messages mean something, 1003.
    fn hear_binary(&mut self, _: &[u8]) -> Result<(), CloseCode> {
        Err(CloseCode::UNSUPPORTED)
    }

    /// The longest message there may be, in bytes. Defaults to [`Config::max_body`].
    fn max_message(&self, config: &Config) -> usize {
        config.max_body
    }

    /// Whether the client has said who it is.
    fn is_greeted(&self) -> bool {
        true
    }

    /// Whether somebody else is being asked something, and nothing is to be heard.
    fn is_asking(&self) -> bool {
        false
    }

    /// Ready once they have answered.
    fn poll_answer(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Hears the message that waited for the answer.
    ///
    /// # Errors
    /// As [`Dialogue::hear`].
    fn hear_held(&mut self) -> Result<(), CloseCode> {
        Ok(())
    }

    /// Says what had to wait for the outlet to be free.
    fn catch_up(&self) {}

    /// Has it decided anew what the client may do.
    fn recheck(&mut self) {}

    /// Says how the connection ended. What is said first counts.
    fn ends(&mut self, _: Loss) {}

    /// When [`Dialogue::see_to_validity`] has something to do.
    fn next_due(&self) -> Option<Instant> {
        None
    }

    /// Sees to what the client showed of itself.
    ///
    /// # Errors
    /// The code to close with once that holds no longer.
    fn see_to_validity(&mut self) -> Result<(), CloseCode> {
        Ok(())
    }
}
