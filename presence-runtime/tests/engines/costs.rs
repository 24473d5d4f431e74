//! What the engine over Redis costs: commands, and bytes through the server.
//!
//! `cargo test --release -p presence-runtime --features redis --test engines costs -- --nocapture --include-ignored`
//! says the figures that ARCHITECTURE.md has.

use std::time::{Duration, Instant};

use presence_runtime::cluster::{Cluster, Engine, Feed, Redis, Write};
use presence_runtime::topic::Reason;
use presence_runtime::{Hub, Topics};

use crate::kit::*;
use crate::server::Server;
use crate::subject::block_on;

const TIMES: u64 = 1000;

/// What went through a server, a time.
#[derive(Debug)]
struct Cost {
    /// What was asked of the server.
    calls: f64,
    /// What its scripts did for that.
    commands: f64,
    /// How long the server took for a call, in microseconds.
    micros: f64,
    bytes_in: f64,
    bytes_out: f64,
}

/// What something costs that is done so many times.
async fn cost(server: &Server, times: u64, done: impl Future<Output = ()>) -> Cost {
    let () = server.ask(redis::cmd("CONFIG").arg("RESETSTAT")).await;
    done.await;
    let info: String = server.ask(redis::cmd("INFO").arg("everything")).await;
    let figure = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name));
        let line = line.unwrap_or_default();
        let digits = line.split(',').next().unwrap_or_default();
        digits.parse::<f64>().unwrap_or_default() / times as f64
    };
    // What asking takes.
    let ours = ["info", "config|resetstat", "client|setinfo", "hello"];
    let lines = info
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_"));
    let all = lines.filter_map(|line| line.split_once(":calls="));
    let (mut calls, mut commands, mut micros) = (0.0, 0.0, 0.0);
    for (name, rest) in all.filter(|(name, _)| !ours.contains(name)) {
        let count: f64 = rest
            .split(',')
            .next()
            .and_then(|it| it.parse().ok())
            .expect("a number");
        match name {
            "evalsha" => {
                calls += count;
                let (_, each) = rest.split_once("usec_per_call=").expect("it is said");
                micros = each
                    .split(',')
                    .next()
                    .and_then(|it| it.parse().ok())
                    .expect("a number");
            }
            _ => commands += count,
        }
    }
    Cost {
        calls: calls / times as f64,
        commands: commands / times as f64,
        micros,
        bytes_in: figure("total_net_input_bytes:"),
        bytes_out: figure("total_net_output_bytes:"),
    }
}

fn patient(server: &Server) -> Redis {
    let redis = Redis::open(&server.url()).expect("a URL");
    redis.patience(Duration::from_secs(30))
}

/// Everything counted here is what a line of ARCHITECTURE.md says: 50 bytes of body, a user of 3, a topic of 17.
#[test]
fn what_a_write_costs() {
    let server = Server::start();
    block_on(async {
        let redis = patient(&server);
        let topic = topic("boards:42:cursors");
        hold(&redis, &[A, B]).await;
        let body = |n| format!("{n:050}");
        let said = |node, i, n| announce(&topic, record(node, &member("ann", i), n, &body(n)));
        let all = async |node, writes: Vec<Write>| {
            let verdicts = redis.write(node, &writes).await.expect("in reach");
            assert!(
                verdicts
                    .iter()
                    .all(|it| *it == presence_runtime::cluster::Verdict::Done)
            );
        };
        let each = |node, n| {
            (0..TIMES as usize)
                .map(|i| said(node, i, n))
                .collect::<Vec<_>>()
        };
        let mut said_of = Vec::new();
        let mut say = |what, most, cost: Cost| {
            eprintln!(
                "{what:<28} {:5.2} calls of {:4.1} us {:6.2} commands {:6.0} bytes in {:6.0} out",
                cost.calls, cost.micros, cost.commands, cost.bytes_in, cost.bytes_out
            );
            said_of.push((what, most, cost.commands));
        };
        say("join", 15.0, cost(&server, TIMES, all(A, each(A, 1))).await);
        say(
            "change",
            8.1,
            cost(&server, TIMES, all(A, each(A, 2))).await,
        );
        let mut feed = redis.feed(LISTENER).await.expect("in reach");
        feed.follow(std::slice::from_ref(&topic))
            .await
            .expect("in reach");
        let followed = cost(&server, TIMES, async {
            all(A, each(A, 3)).await;
            for _ in 0..TIMES {
                heard(&mut feed).await;
            }
        });
        say("change, one node follows", 8.1, followed.await);
        drop(feed);
        let same = (0..TIMES as usize)
            .map(|i| announce(&topic, record(A, &member("ann", i), 4, &body(3))));
        say(
            "unchanged",
            5.0,
            cost(&server, TIMES, all(A, same.collect())).await,
        );
        let read = async {
            read(&redis, &topic).await;
        };
        say("read of 1000 members", 10.0, cost(&server, 1, read).await);
        say(
            "move to another node",
            11.1,
            cost(&server, TIMES, all(B, each(B, 5))).await,
        );
        let held = async {
            redis.hold(A, LONG).await.expect("in reach");
        };
        say("hold", 256.1, cost(&server, 1, held).await);
        let reaped = async {
            redis.reap().await.expect("in reach");
        };
        say(
            "reap, nobody is dead",
            140.0,
            cost(&server, 1, reaped).await,
        );
        let left =
            (0..TIMES as usize / 2).map(|i| leave(&topic, &member("ann", i), 6, Reason::Left));
        say(
            "leave",
            20.1,
            cost(&server, TIMES / 2, all(B, left.collect())).await,
        );
        redis.release(B, Duration::ZERO).await.expect("in reach");
        tokio::time::sleep(Duration::from_millis(10)).await;
        let buried = async {
            redis.reap().await.expect("in reach");
        };
        say(
            "reap, a dead node's member",
            20.1,
            cost(&server, TIMES / 2, buried).await,
        );
        for (what, most, commands) in said_of {
            assert!(
                commands <= most,
                "{what}: {commands} commands, {most} at most"
            );
        }
    });
}

#[test]
#[ignore = "a measurement that takes half a minute"]
fn what_an_idle_node_costs() {
    const SECONDS: u64 = 10;
    let server = Server::start();
    block_on(async {
        let idle = async || tokio::time::sleep(Duration::from_secs(SECONDS)).await;
        let mut nodes = Vec::new();
        for count in 1..=2 {
            let hub = Hub::builder(Topics::new())
                .build()
                .expect("sensible figures");
            let cluster = Cluster::join(&hub, patient(&server)).expect("the first time");
            nodes.push((hub, cluster));
            // It looks for dead nodes once it has held its lease for a while.
            idle().await;
            let cost = cost(&server, SECONDS, idle()).await;
            eprintln!(
                "{count} idle: {:5.1} calls {:6.1} commands {:6.0} bytes in {:6.0} out a second",
                cost.calls, cost.commands, cost.bytes_in, cost.bytes_out
            );
        }
    });
}

#[test]
#[ignore = "a measurement: how fast, on a machine that does nothing else"]
fn how_fast_it_is() {
    let server = Server::start();
    block_on(async {
        let redis = patient(&server);
        hold(&redis, &[A]).await;
        for topics in [1, 1000] {
            let topics: Vec<_> = (0..topics)
                .map(|i| topic(&format!("boards:{i}:cursors")))
                .collect();
            let writes = |n: u64| {
                let body = format!("{n:050}");
                let all = (0..1000).map(|i| {
                    announce(
                        &topics[i % topics.len()],
                        record(A, &member("ann", i), n, &body),
                    )
                });
                all.collect::<Vec<_>>()
            };
            redis.write(A, &writes(1)).await.expect("in reach");
            let begun = Instant::now();
            for n in 2..22 {
                redis.write(A, &writes(n)).await.expect("in reach");
            }
            let each = begun.elapsed() / 20_000;
            eprintln!(
                "{} topics: a change takes {each:?} in a pipeline",
                topics.len()
            );
        }
        let topic = topic("boards:42:cursors");
        let mut feed = redis.feed(LISTENER).await.expect("in reach");
        feed.follow(std::slice::from_ref(&topic))
            .await
            .expect("in reach");
        let mut took: Vec<_> = Vec::new();
        for n in 0..2000 {
            let begun = Instant::now();
            let say = announce(&topic, record(A, &member("ann", 1), n, &n.to_string()));
            redis.write(A, &[say]).await.expect("in reach");
            feed.next().await.expect("in reach");
            took.push(begun.elapsed());
        }
        took.sort_unstable();
        eprintln!(
            "written and heard: median {:?}, p99 {:?}",
            took[1000], took[1980]
        );
    });
}
