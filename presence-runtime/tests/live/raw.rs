//! A client that writes and reads bytes: what no client of good manners would send, and what HTTP
//! looks like below one.

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::http::PATIENCE;
use crate::server::Server;

/// A connection to a server over TCP.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    text: String,
}

/// An answer as it was written.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The status line and the headers, as they came.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// What a header says, whose name is given in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1);
        lines.find_map(|line| {
            let (found, text) = line.split_once(": ")?;
            (found == name).then_some(text)
        })
    }

    /// The code of an answer that refuses.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let body: Json = serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("JSON, not {:?}: {error}", self.body));
        let code = body["error"]["code"].as_str();
        code.unwrap_or_else(|| panic!("an error: {body}"))
            .to_owned()
    }
}

impl Raw {
    /// A connection on which this is said.
    pub(crate) async fn open(server: &Server, request: impl AsRef<[u8]>) -> Self {
        Self::over(TcpSocket::new_v4().expect("a socket"), server, request).await
    }

    pub(crate) async fn over(
        socket: TcpSocket,
        server: &Server,
        request: impl AsRef<[u8]>,
    ) -> Self {
        let stream = socket.connect(server.addr()).await.expect("it listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let mut raw = Self {
            stream,
            text: String::new(),
        };
        raw.say(request).await;
        raw
    }

    /// Says something; who has been sent away already is not heard.
    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Says that no more comes.
    pub(crate) async fn half_close(&mut self) {
        self.stream.shutdown().await.expect("a connection");
    }

    /// Reads until this has come, and returns what came before.
    pub(crate) async fn until(&mut self, wanted: &str) -> String {
        let reading = async {
            while !self.text.contains(wanted) {
                assert!(self.read().await, "ended after {:?}", self.text);
            }
        };
        let done = timeout(PATIENCE, reading).await;
        done.unwrap_or_else(|_| panic!("{wanted:?} in {:?}", self.text));
        let (before, rest) = self.text.split_once(wanted).expect("it came");
        let (before, rest) = (before.to_owned(), rest.to_owned());
        self.text = rest;
        before
    }

    /// The next answer to a request that was no `HEAD`.
    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let mut answer = Answer {
            body: String::new(),
            ..head
        };
        let length = answer.header("content-length").unwrap_or("0");
        let length: usize = length.parse().expect("a length");
        let reading = async {
            while self.text.len() < length {
                assert!(self.read().await, "ended after {:?}", self.text);
            }
        };
        let done = timeout(PATIENCE, reading).await;
        done.unwrap_or_else(|_| panic!("{length} bytes in {:?}", self.text));
        let rest = self.text.split_off(length);
        answer.body = std::mem::replace(&mut self.text, rest);
        answer
    }

    /// The head of the next answer.
    pub(crate) async fn head(&mut self) -> Answer {
        let head = self.until("\r\n\r\n").await;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Answer {
            status: status.unwrap_or_else(|| panic!("a status line in {head:?}")),
            head,
            body: String::new(),
        }
    }

    /// What comes until the end.
    pub(crate) async fn rest(mut self) -> String {
        let reading = async { while self.read().await {} };
        let done = timeout(PATIENCE, reading).await;
        done.unwrap_or_else(|_| panic!("an end after {:?}", self.text));
        self.text
    }

    async fn read(&mut self) -> bool {
        let mut bytes = vec![0; 64 * 1024];
        let count = self.stream.read(&mut bytes).await.unwrap_or(0);
        self.text
            .push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }
}

/// Asks on a connection of its own.
pub(crate) async fn ask(server: &Server, request: impl AsRef<[u8]>) -> Answer {
    Raw::open(server, request).await.answer().await
}
