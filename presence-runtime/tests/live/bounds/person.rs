//! People: sessions that say things of themselves, over HTTP or by a socket, and note what they said.

use serde_json::{Value as Json, json};

use super::TOPIC;
use super::world::clock;
use crate::eye::{self, Shared};
use crate::promises::{End, Lease, Say, What};
use crate::server::Server;
use crate::socket::Socket;

/// A session that says things of itself.
pub(super) struct Person {
    pub(super) shared: Shared,
    pub(super) n: u64,
}

impl Person {
    /// The next message, without a topic. It is in the log.
    fn next(&mut self, say: Say) -> Json {
        self.n += 1;
        self.shared.note(What::Said {
            topic: TOPIC.to_owned(),
            n: self.n,
            say,
        });
        let mut message = json!({"n": self.n});
        match say {
            Say::Announce(_) => message["value"] = json!({"said": self.n, "typing": true}),
            Say::Renew(_) | Say::Leave { after: 0 } => {}
            Say::Leave { after } => message["afterMs"] = after.into(),
        }
        if let Say::Announce(Lease::Deadline(ttl)) | Say::Renew(Lease::Deadline(ttl)) = say {
            message["ttlMs"] = ttl.into();
        }
        message
    }

    fn hear(&self, answer: &Json) {
        self.shared.note(What::Heard {
            topic: TOPIC.to_owned(),
            n: self.n,
            answer: eye::answer(answer),
        });
    }

    /// Says something over HTTP.
    pub(super) async fn post(&mut self, server: &Server, say: Say) {
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        let body = self.next(say).to_string();
        let path = format!("/presence/{TOPIC}/{kind}");
        let answer = server.post(&path, &self.shared.key(), &body).await;
        self.hear(&answer.good());
    }
}

/// Somebody who is present by a socket.
pub(super) struct Sitter {
    pub(super) person: Person,
    pub(super) socket: Socket,
}

impl Sitter {
    pub(super) async fn say(&mut self, say: Say) {
        let mut message = self.person.next(say);
        let kind = match say {
            Say::Leave { .. } => "leave",
            Say::Announce(_) | Say::Renew(_) => "heartbeat",
        };
        message["type"] = kind.into();
        message["topic"] = TOPIC.into();
        let answer = self.socket.done(message).await;
        self.person.hear(&answer);
    }

    /// The connection ends in this way, now.
    pub(super) fn ends(&self, end: End) -> u64 {
        self.person.shared.note(What::Ended { connection: 1, end });
        clock()
    }
}
