//! Whoever says more than is heard for now: what waits is bounded, and forgotten with who said it.

use serde_json::json;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use crate::floods::frame;
use crate::leaving::Observer;
use crate::network::connect_to_reset;
use crate::server::{Server, Transport, key, quick_config};
use crate::socket::Socket;
use crate::topics::{self, millis, secs};

const TOPIC: &str = "quick:1";
/// What the two kernels and the server hold together of what nobody hears yet.
const BOUND: usize = 512 * 1024;

#[tokio::test]
async fn what_is_not_heard_yet_is_bounded_and_goes_with_who_said_it() {
    let mut config = quick_config();
    config.max_messages_per_second = 10;
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let stream = connect_to_reset(server.addr()).await;
    let small = SockRef::from(&stream).set_send_buffer_size(16 * 1024);
    small.expect("a TCP socket");
    let mut socket = Socket::over(Box::new(stream)).await;
    socket.greet(Some(&ann)).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;

    let mut pipe = socket.into_pipe();
    let beat = json!({"type": "heartbeat", "topic": TOPIC}).to_string();
    let beats = frame(0x81, &beat).repeat(1_000);
    let mut taken = 0;
    while let Ok(written) = timeout(millis(500), pipe.write(&beats[taken % beats.len()..])).await {
        taken += written.expect("it is open");
        assert!(taken <= BOUND, "{taken} bytes and more");
    }
    // Ten of them are heard in a second, which would take minutes.
    assert!(taken > 10 * beat.len() * 60, "{taken} bytes");
    let began = Instant::now();
    drop(pipe);
    observer
        .sees_leave_in(&ann, "disconnected", began, millis(100)..=secs(2))
        .await;
}
