//! Leaving: every entry whose client falls silent goes once, with its reason, within its bound and
//! never early.

use std::ops::RangeInclusive;
use std::time::Duration;

use presence_runtime::Config;
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep, timeout};

use crate::on_both;
use crate::server::{Server, Transport, key, member};
use crate::socket::Socket;
use crate::topics::{self, millis, secs};
use crate::view::View;

const TOPIC: &str = "boards:1:cursors";

on_both!(
    a_leave_is_seen_at_once,
    a_silent_http_client_is_gone_within_a_second_of_its_ttl,
    a_cut_connection_is_gone_within_a_second_of_its_grace,
);

/// Somebody who watches and is never silent.
pub(crate) struct Observer {
    socket: Socket,
    pub(crate) view: View,
}

impl Observer {
    pub(crate) async fn of(server: &Server, topic: &str) -> Self {
        let mut socket = Socket::watching(server, topic).await;
        let mut view = View::default();
        view.apply(&socket.hear().await);
        Self { socket, view }
    }

    pub(crate) async fn sees_join(&mut self, key: &str) {
        while !self.view.members.contains_key(&member(key)) {
            self.view.apply(&self.socket.hear().await);
        }
    }

    /// Waits until the member has left. Returns why.
    pub(crate) async fn sees_leave(&mut self, key: &str) -> String {
        let leaving = async {
            loop {
                let Ok(message) = self.socket.hear_or_end().await else {
                    panic!("the observer lost its connection");
                };
                let events = self.view.apply(&message);
                let left = events.into_iter().find(|it| it.kind == "left");
                if let Some(left) = left {
                    assert_eq!(left.member, member(key));
                    break left.reason.expect("a reason");
                }
            }
        };
        timeout(secs(400), leaving).await.expect("a leave")
    }

    pub(crate) async fn sees_something(&mut self) {
        self.view.apply(&self.socket.hear().await);
    }

    /// Hears everything that has been said.
    pub(crate) async fn catches_up(&mut self) {
        while let Ok(Ok(message)) = timeout(millis(1), self.socket.hear_or_end()).await {
            self.view.apply(&message);
        }
    }

    /// Nobody comes, goes or changes for this long.
    pub(crate) async fn sees_nothing_for(&mut self, time: Duration) {
        self.socket.silent_for(time).await;
    }

    /// The member leaves for this reason, so long after `since`, and only once.
    pub(crate) async fn sees_leave_in(
        &mut self,
        key: &str,
        reason: &str,
        since: Instant,
        bounds: RangeInclusive<Duration>,
    ) {
        assert_eq!(self.sees_leave(key).await, reason);
        let took = since.elapsed();
        assert!(bounds.contains(&took), "{took:?}, not {bounds:?}");
        self.sees_nothing_for(millis(150)).await;
    }
}

fn value(x: u32) -> Json {
    json!({"value": {"x": x}})
}

async fn a_leave_is_seen_at_once(transport: Transport) {
    let server = Server::start(transport).await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    let began = Instant::now();
    socket.done(json!({"type": "leave", "topic": TOPIC})).await;
    observer
        .sees_leave_in(&ann, "left", began, Duration::ZERO..=millis(100))
        .await;
}

async fn a_silent_http_client_is_gone_within_a_second_of_its_ttl(transport: Transport) {
    let server = Server::start(transport).await;
    let mut observer = Observer::of(&server, "quick:1").await;
    let ann = key();
    server.announce("quick:1", &ann, &value(1)).await;
    sleep(millis(500)).await;
    let before = Instant::now();
    server.announce("quick:1", &ann, &json!({})).await;
    observer.sees_join(&ann).await;
    observer
        .sees_leave_in(&ann, "expired", before, secs(1)..=secs(2))
        .await;
}

async fn a_cut_connection_is_gone_within_a_second_of_its_grace(transport: Transport) {
    let server = Server::start(transport).await;
    let mut observer = Observer::of(&server, "quick:1").await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce("quick:1", json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    let began = Instant::now();
    drop(socket);
    observer
        .sees_leave_in(&ann, "disconnected", began, millis(200)..=millis(1200))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_http_entry_stays_for_its_ttl_and_is_never_shown_afterwards() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    server.announce(TOPIC, &ann, &value(1)).await;
    observer.sees_join(&ann).await;
    observer.sees_nothing_for(secs(20)).await;
    let renewed = Instant::now();
    server.announce(TOPIC, &ann, &json!({})).await;
    for _ in 0..29 {
        observer.sees_nothing_for(secs(1)).await;
        let value = server.value(TOPIC).await;
        let left = 30_000 - u64::try_from(renewed.elapsed().as_millis()).expect("small");
        assert_eq!(value["entries"][0]["expiresInMs"], left);
    }
    observer
        .sees_leave_in(&ann, "expired", renewed, secs(30)..=secs(31))
        .await;

    // Nobody watches: the read itself removes what is due.
    let server = Server::in_memory().await;
    server.announce(TOPIC, &ann, &value(1)).await;
    sleep(millis(29_999)).await;
    assert_eq!(server.value(TOPIC).await["counts"]["members"], 1);
    sleep(millis(1)).await;
    assert_eq!(server.value(TOPIC).await["counts"]["members"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_chooses_its_ttl_within_bounds() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    for ttl in [1_000, 2_500, 300_000] {
        let (ann, began) = (key(), Instant::now());
        let body = json!({"value": {"x": 1}, "ttlMs": ttl});
        let ack = server.announce(TOPIC, &ann, &body).await;
        assert_eq!(ack["expiresInMs"], ttl);
        assert!(
            ack["heartbeatMs"].as_u64().expect("a number") * 2 <= ttl,
            "{ack}"
        );
        let ttl = millis(ttl);
        observer
            .sees_leave_in(&ann, "expired", began, ttl..=ttl + secs(1))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hidden_tab_stays_150_seconds_until_it_shows_again() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let hidden = json!({"value": {"x": 1}, "hidden": true, "activity": "away"});
    let began = Instant::now();
    let ack = server.announce(TOPIC, &ann, &hidden).await;
    assert_eq!(ack["expiresInMs"], 150_000);
    observer
        .sees_leave_in(&ann, "expired", began, secs(150)..=secs(151))
        .await;

    server.announce(TOPIC, &ann, &hidden).await;
    observer.sees_join(&ann).await;
    observer.sees_nothing_for(secs(100)).await;
    let shown = Instant::now();
    server
        .announce(TOPIC, &ann, &json!({"hidden": false, "activity": "active"}))
        .await;
    observer
        .sees_leave_in(&ann, "expired", shown, secs(30)..=secs(31))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_only_answers_pings_stays() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    tokio::join!(
        observer.sees_nothing_for(secs(300)),
        socket.silent_for(secs(300)),
    );
}

#[tokio::test(start_paused = true)]
async fn a_socket_is_pinged_although_it_might_have_said_hello_later() {
    let mut config = Config::default();
    config.ping = secs(1);
    config.pong_wait = secs(1);
    let server = Server::with(Transport::Memory, topics::slow(), config).await;
    let mut socket = Socket::hello(&server, &key()).await;
    socket.silent_for(secs(60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_falls_silent_is_gone_after_two_pings_a_wait_and_grace() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    // Nobody polls the socket from here on, so nothing answers the pings.
    let began = Instant::now();
    observer
        .sees_leave_in(&ann, "disconnected", began, secs(33)..=secs(35))
        .await;
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn a_socket_closed_without_a_leave_has_its_grace() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    let began = Instant::now();
    socket.close().await;
    observer
        .sees_leave_in(&ann, "disconnected", began, secs(10)..=secs(11))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_back_within_grace_is_not_missed() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    let mut socket = Socket::hello(&server, &ann).await;
    socket.announce(TOPIC, json!({"x": 1})).await;
    observer.sees_join(&ann).await;
    drop(socket);
    sleep(secs(9)).await;
    let mut socket = Socket::hello(&server, &ann).await;
    let again = socket.announce(TOPIC, json!({"x": 1})).await;
    assert_eq!(again["change"], "renewed");
    tokio::join!(
        observer.sees_nothing_for(secs(60)),
        socket.silent_for(secs(60)),
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_bound_stream_starts_grace_and_its_return_ends_it() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    server.announce(TOPIC, &ann, &value(1)).await;
    observer.sees_join(&ann).await;
    let mut stream = server.events(TOPIC, Some(&ann)).await;
    stream.hear().await;
    drop(stream);
    sleep(secs(5)).await;
    let mut stream = server.events(TOPIC, Some(&ann)).await;
    stream.hear().await;
    sleep(secs(10)).await;
    let began = Instant::now();
    drop(stream);
    observer
        .sees_leave_in(&ann, "disconnected", began, secs(10)..=secs(11))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_renews_nothing() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let (ann, began) = (key(), Instant::now());
    server.announce(TOPIC, &ann, &value(1)).await;
    observer.sees_join(&ann).await;
    let mut stream = server.events(TOPIC, Some(&ann)).await;
    stream.hear().await;
    observer
        .sees_leave_in(&ann, "expired", began, secs(30)..=secs(31))
        .await;
    assert_eq!(stream.hear().await["left"][0]["reason"], "expired");
    assert!(stream.comments >= 2, "{} comments", stream.comments);
}

#[tokio::test(start_paused = true)]
async fn an_entry_has_the_lease_of_whoever_heartbeat_it_last() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let ann = key();
    server.announce(TOPIC, &ann, &value(1)).await;
    observer.sees_join(&ann).await;
    let mut socket = Socket::hello(&server, &ann).await;
    socket
        .done(json!({"type": "heartbeat", "topic": TOPIC}))
        .await;
    tokio::join!(
        observer.sees_nothing_for(secs(60)),
        socket.silent_for(secs(60)),
    );
    // Over HTTP again: the end of the socket means nothing now.
    let began = Instant::now();
    server.announce(TOPIC, &ann, &json!({})).await;
    drop(socket);
    observer
        .sees_leave_in(&ann, "expired", began, secs(30)..=secs(31))
        .await;
}
