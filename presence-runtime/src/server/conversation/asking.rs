//! Asking: a question to the application or to other nodes, and the message that has to wait for it.
//!
//! Meanwhile the connection hears nothing: the message that asked is held, and heard again with the answer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::Conversation;
use crate::server::access::{Action, Caller, Seal};
use crate::wire::websocket::CloseCode;
use crate::wire::{ClientMessage, Fault};

/// What the application says.
pub(super) enum Answer {
    /// Who somebody is.
    Caller(Result<Caller, Fault>),
    /// Whether they may do something.
    Permit(Result<Seal, Fault>),
    /// What other nodes know is known here.
    Acquainted,
    /// What they may do by now of what they did before.
    Permits(Vec<(String, Action, Result<Seal, Fault>)>),
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(..)")
    }
}

/// A question to the application, and the message that has to wait for it.
pub(super) struct Asking {
    question: Pin<Box<dyn Future<Output = Answer> + Send>>,
    held: Option<String>,
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asking(..)")
    }
}

impl Conversation {
    /// Asks the application; nothing when it has to find out, and the message is held until then.
    pub(super) fn ask(
        &mut self,
        text: &str,
        question: impl Future<Output = Answer> + Send + 'static,
    ) -> Option<Answer> {
        self.begin(Some(text), Box::pin(question))
    }

    /// The same for a message, or for none: then nothing is held.
    pub(super) fn begin(
        &mut self,
        text: Option<&str>,
        mut question: Pin<Box<dyn Future<Output = Answer> + Send>>,
    ) -> Option<Answer> {
        let mut nobody = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = question.as_mut().poll(&mut nobody) {
            return Some(answer);
        }
        let held = text.map(str::to_owned);
        self.asking = Some(Box::new(Asking { question, held }));
        None
    }

    /// Ready once the application has answered.
    pub(super) fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(asking) = &mut self.asking else {
            return Poll::Ready(());
        };
        let Poll::Ready(answer) = asking.question.as_mut().poll(context) else {
            return Poll::Pending;
        };
        self.answer = Some(Box::new(answer));
        Poll::Ready(())
    }

    /// Hears the message that waited for the answer.
    ///
    /// # Errors
    /// As [`Conversation::hear`].
    pub(super) fn hear_held(&mut self) -> Result<(), CloseCode> {
        let held = self.asking.take().and_then(|it| it.held);
        match (held, self.answer.take()) {
            (Some(text), answer) => {
                self.answer = answer;
                self.hear(&text)?;
                self.answer = None;
            }
            (None, Some(answer)) => {
                if let Answer::Permits(permits) = *answer {
                    self.keep_to(permits);
                }
            }
            (None, None) => {}
        }
        if self.asking.is_none() && std::mem::take(&mut self.recheck) {
            self.recheck();
        }
        Ok(())
    }

    /// Whether other nodes are asked for what they know of the session before it announces or leaves.
    pub(super) fn waits_for_neighbours(&mut self, message: &ClientMessage<'_>, text: &str) -> bool {
        if self.answer.is_some() {
            // They were asked before anything else was.
            self.answer.take_if(|it| matches!(**it, Answer::Acquainted));
            return false;
        }
        let topic = match message {
            ClientMessage::Heartbeat(it) => &it.topic,
            ClientMessage::Leave(it) => &it.topic,
            ClientMessage::Follow(it) => &it.topic,
            _ => return false,
        };
        let Some(session) = self.actor().map(|it| it.session.id) else {
            return false;
        };
        let Some(acquaintance) = self
            .hub
            .acquaint(topic, Some(session), Some(self.connection))
        else {
            return false;
        };
        let question = async move {
            acquaintance.await;
            Answer::Acquainted
        };
        self.ask(text, question).is_none()
    }
}
