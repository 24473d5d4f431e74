//! Ears: bytes become messages and are heard, so many at a time.
//!
//! Whoever says much is heard slowly rather than sent away: after some messages other connections have
//! their turn, beyond [`Config::max_messages_per_second`](super::Config::max_messages_per_second)
//! nothing is heard for a moment, and nothing either while the client has not read its answers. What
//! was read meanwhile waits here, the rest in the client's own system.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::task::yield_now;

use super::config::Config;
use super::dialogue::Dialogue;
use super::outlet::Outlet;
use crate::topic::{Loss, Pace, Rate, Time};
use crate::wire::websocket::{self, CloseCode, Decoder, Message, Opcode};

/// Messages and other frames that are heard before it is another connection's turn.
const TURN: u64 = 32;

/// What turns bytes into messages and hears them.
pub(super) struct Ears<D> {
    pub(super) dialogue: D,
    decoder: Decoder,
    outlet: Arc<Outlet>,
    /// The beginning of a frame whose end has not come yet, and before it whatever has yet to be heard.
    partial: BytesMut,
    /// Whole messages are waiting.
    is_behind: bool,
    /// How many were heard since that was charged, and how many may be.
    heard: u64,
    bytes: u64,
    most: u64,
    pace: Pace,
}

impl<D: Dialogue> Ears<D> {
    /// Ears that have yet to hear what is there already.
    pub(super) fn new(dialogue: D, outlet: Arc<Outlet>, config: &Config, early: Bytes) -> Self {
        Self {
            decoder: Decoder::new(dialogue.max_message(config)),
            dialogue,
            outlet,
            partial: early.into(),
            is_behind: false,
            heard: 0,
            bytes: 0,
            most: TURN.min(config.max_messages_per_second as u64),
            pace: Pace::default(),
        }
    }

    /// Whether there is something to be heard before more is read.
    pub(super) const fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Messages and their bytes that were heard since that was charged.
    pub(super) const fn heard(&self) -> (u64, u64) {
        (self.heard, self.bytes)
    }

    /// Charges what was heard. From when on more may be heard, if that is not now.
    pub(super) fn charge(&mut self, rate: Rate, now: Time) -> Option<Time> {
        let heard = std::mem::take(&mut self.heard);
        self.bytes = 0;
        self.pace.spend(heard, rate, now);
        let left = self.pace.left(rate, now);
        self.most = left.clamp(1, TURN);
        (left == 0).then(|| self.pace.next(rate))
    }

    /// Hears the message that had to wait for an answer of the application, and what came after it.
    pub(super) fn hear_held(&mut self) -> Result<(), CloseCode> {
        self.dialogue.hear_held()?;
        self.hear_waiting()
    }

    /// Hears what is waiting, once others had their turn. May be dropped and called again.
    pub(super) async fn hear_on(&mut self) -> Result<(), CloseCode> {
        yield_now().await;
        self.hear_waiting()
    }

    /// Where more bytes are read to, which [`Ears::hear_waiting`] hears then.
    pub(super) const fn waiting(&mut self) -> &mut BytesMut {
        &mut self.partial
    }

    /// Hears what is waiting.
    pub(super) fn hear_waiting(&mut self) -> Result<(), CloseCode> {
        let mut bytes = std::mem::take(&mut self.partial);
        let used = self.hear(&mut bytes)?;
        if used < bytes.len() {
            bytes.advance(used);
            self.partial = bytes;
        }
        Ok(())
    }

    /// Hears what is waiting and what was read behind that many bytes of `buffer`.
    pub(super) fn hear_read(&mut self, buffer: &mut [u8]) -> Result<(), CloseCode> {
        let waiting = std::mem::take(&mut self.partial);
        buffer[..waiting.len()].copy_from_slice(&waiting);
        let used = self.hear(buffer)?;
        if used < buffer.len() {
            self.partial = BytesMut::from(&buffer[used..]);
        }
        Ok(())
    }

    /// Hears messages at the front of `bytes`. Returns how many bytes they had.
    fn hear(&mut self, bytes: &mut [u8]) -> Result<usize, CloseCode> {
        let mut used = 0;
        while !self.dialogue.is_asking() {
            // Whoever says one thing at a time is never asked whether that was too much.
            self.is_behind = used > 0
                && used < bytes.len()
                && (self.heard >= self.most || self.outlet.is_full());
            if self.is_behind {
                break;
            }
            let Some((count, message)) = self.decoder.next(&mut bytes[used..])? else {
                break;
            };
            used += count;
            self.heard += 1;
            self.bytes += count as u64;
            match message {
                None | Some(Message::Pong) => {}
                Some(Message::Text(text)) => self.dialogue.hear(text)?,
                Some(Message::Binary(bytes)) => self.dialogue.hear_binary(bytes)?,
                Some(Message::Ping(payload)) => {
                    self.outlet
                        .write(Bytes::from(websocket::frame(Opcode::Pong, payload)));
                }
                Some(Message::Close(code)) => {
                    self.dialogue.ends(Loss::Closed);
                    return Err(code);
                }
            }
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Topics;
    use crate::server::access::Credentials;
    use crate::server::conversation::Conversation;
    use crate::server::hub::Hub;
    use crate::server::outlet::Form;

    /// A text frame of a client, masked with nothing.
    fn frame(text: &str) -> Vec<u8> {
        let length = u8::try_from(text.len()).expect("a short text");
        let header = [0x81, 0x80 | length, 0, 0, 0, 0];
        [&header, text.as_bytes()].concat()
    }

    fn ears(config: Config) -> (Ears<Conversation>, Arc<Outlet>) {
        let hub = Hub::new(Topics::new(), config).expect("sensible figures");
        let outlet = Arc::new(Outlet::deferred(Form::WebSocket));
        let id = hub.connections().next_id();
        let shown = Box::new(Credentials::default());
        let conversation = Conversation::new(hub.clone(), id, None, outlet.clone(), shown);
        let mut ears = Ears::new(conversation, outlet.clone(), hub.config(), Bytes::new());
        let mut hello = frame(r#"{"type":"hello","protocol":1}"#);
        ears.hear_read(&mut hello).expect("a hello");
        assert!(ears.dialogue.is_greeted());
        while outlet.take().is_some() {}
        (ears, outlet)
    }

    #[tokio::test]
    async fn a_read_of_tiny_wrong_messages_makes_no_more_answers_than_an_outlet_holds() {
        const FULL: usize = 64 * 1024;
        let config = Config {
            max_messages_per_second: 1_000_000,
            ..Config::default()
        };
        let rate = Rate::new(1_000_000, std::time::Duration::from_secs(1));
        let (mut ears, outlet) = ears(config);
        // Some 9,000 of them, each of which is answered with 100 bytes or more.
        let mut read = frame("?").repeat(FULL / 7);
        ears.hear_read(&mut read).expect("nothing to go for");
        let (mut taken, mut turns) = (0, 1);
        loop {
            while ears.is_behind() && !outlet.is_full() {
                assert_eq!(ears.charge(rate, Time::from_millis(turns)), None);
                ears.hear_waiting().expect("nothing to go for");
                turns += 1;
            }
            let mut pending = 0;
            while let Some(bytes) = outlet.take() {
                pending += bytes.len();
            }
            assert!(pending < FULL + 1024, "{pending} bytes");
            taken += pending;
            if !ears.is_behind() {
                break;
            }
        }
        // All of them were answered in the end.
        assert!(taken > FULL / 7 * 100, "{taken} bytes");
        assert!(turns >= (FULL as u64 / 7) / TURN, "{turns} turns");
    }

    #[tokio::test]
    async fn beyond_its_rate_nothing_is_heard_until_its_time() {
        let config = Config {
            max_messages_per_second: 10,
            ..Config::default()
        };
        let rate = Rate::new(10, std::time::Duration::from_secs(1));
        let (mut ears, outlet) = ears(config);
        // `hello` was the first.
        let mut read = frame("?").repeat(25);
        ears.hear_read(&mut read).expect("nothing to go for");
        let answers = || std::iter::from_fn(|| outlet.take()).count();
        assert_eq!(answers(), 9);
        for number in 0..16 {
            let now = Time::from_millis(100 * number);
            let next = Time::from_millis(100 * (number + 1));
            assert_eq!(ears.charge(rate, now), Some(next));
            assert!(ears.is_behind());
            ears.hear_waiting().expect("nothing to go for");
            assert_eq!(answers(), 1, "{number}");
        }
        assert!(!ears.is_behind());
    }
}
