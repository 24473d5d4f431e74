//! Event streams whose values would be lines of their own, read as the HTML standard says by somebody who
//! knows nothing of ours.

use std::time::Duration;

use presence_runtime::{Config, Presence, Topics};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::server::{FAR, Pipe, Server, Transport, key};

/// What could end a line or a frame, or be taken for one.
const NASTY: [&str; 12] = [
    "a\nb",
    "a\r\n\r\nevent: forged\ndata: {}\n\n",
    "\n\ndata: {\"type\":\"forged\"}\n\n",
    "a\u{2028}b\u{2029}c",
    "a\u{85}b",
    "\u{feff}data: x",
    "data: x",
    "event: forged",
    ": comment",
    "id: 9.9",
    "retry: 1",
    "0\r\n\r\n",
];

/// Text with whatever lines it likes.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "anything:{room}")]
struct Anything {
    #[presence(max_chars = 100)]
    text: String,
}

/// An event, by the standard's parsing and dispatching.
#[derive(Debug, Default, Clone, PartialEq)]
struct Event {
    name: String,
    data: Vec<String>,
}

/// The events of a stream, and the fields that are none of the standard's.
fn events(text: &str) -> (Vec<Event>, Vec<String>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (mut events, mut unknown, mut event) = (Vec::new(), Vec::new(), Event::default());
    for line in text.split_inclusive('\n') {
        // What is not whole when the stream ends is none.
        let Some(line) = line.strip_suffix('\n') else {
            break;
        };
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match (line.is_empty(), field) {
            (true, _) => {
                let event = std::mem::take(&mut event);
                if !event.data.is_empty() {
                    events.push(event);
                }
            }
            (_, "event") => event.name = value,
            (_, "data") => event.data.push(value),
            (_, "" | "id" | "retry") => {}
            (_, other) => unknown.push(other.to_owned()),
        }
    }
    (events, unknown)
}

/// The body of an answer without the chunks it came in, as far as it came.
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size in hex digits");
        if size == 0 || rest.len() < size + 2 {
            break;
        }
        whole.push_str(&rest[..size]);
        assert_eq!(&rest[size..size + 2], "\r\n");
        body = &rest[size + 2..];
    }
    whole
}

/// Everything that an event stream says until nothing more comes.
async fn listen(mut pipe: Pipe, version: &str) -> Json {
    let asking =
        format!("GET /presence/anything:1/changes HTTP/{version}\r\nhost: localhost\r\n\r\n");
    pipe.write_all(asking.as_bytes()).await.expect("it is open");
    let (mut said, mut bytes) = (Vec::new(), vec![0; 64 * 1024]);
    while let Ok(read) = timeout(Duration::from_millis(400), pipe.read(&mut bytes)).await {
        said.extend_from_slice(&bytes[..read.expect("it is open")]);
    }
    let said = String::from_utf8(said).expect("text");
    let (head, body) = said.split_once("\r\n\r\n").expect("a head");
    let body = match head.contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    let (mut events, unknown) = events(&body);
    assert_eq!(unknown, [""; 0], "{body}");
    assert_eq!(events.len(), 1, "{body}");
    let event = events.remove(0);
    assert_eq!((event.name.as_str(), event.data.len()), ("snapshot", 1));
    serde_json::from_str(&event.data[0]).expect("JSON")
}

#[tokio::test]
async fn no_value_is_a_line_of_an_event_stream() {
    let topics = || Topics::new().register::<Anything>();
    let tcp = Server::with(Transport::Tcp, topics(), Config::default()).await;
    let memory = Server::with(Transport::Memory, topics(), Config::default()).await;
    let mounted = Server::mounted(topics(), Config::default(), FAR);
    // Handed over in chunks and without, the body of an answer, and that of another server's.
    for (server, version) in [
        (&tcp, "1.1"),
        (&tcp, "1.0"),
        (&memory, "1.1"),
        (&memory, "1.0"),
        (&mounted, "1.1"),
    ] {
        let mut expected = Vec::new();
        for nasty in NASTY {
            let value = json!({"text": nasty});
            let body = json!({"value": value}).to_string();
            let answer = server
                .post("/presence/anything:1/heartbeat", &key(), &body)
                .await;
            match answer.status {
                200 => expected.push(value),
                // A control character beside the ends of lines is refused.
                status => assert_eq!((status, nasty), (422, "a\u{85}b")),
            }
        }
        assert!(expected.len() >= 11, "{expected:?}");
        let snapshot = listen(server.dial().await, version).await;
        let entries = snapshot["entries"].as_array().expect("a list");
        let values: Vec<_> = entries.iter().map(|it| it["value"].clone()).collect();
        assert!(expected.iter().all(|it| values.contains(it)), "{values:?}");
    }
}
