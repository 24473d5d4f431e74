//! machines SERVER APP: three nodes as processes over a Redis, what befalls them, and clients who know the truth.
//!
//! Each scene has a house of its own: a Redis, three nodes of SERVER with a wire each, and people on
//! WebSockets and HTTP who come, move, go and change nodes. After what befalls them all nodes answer alike
//! and equal what people want, and the promises hold in what everybody wrote down. APP is a server where
//! people log in.
//!
//! What people do and whom it befalls follows from a seed: `--seed 7 --only kill_redis` plays one again, as
//! far as processes let it. Everything is on loopback, and ends with the driver.

mod costs;
#[path = "../../../presence-runtime/tests/simulation/dice.rs"]
mod dice;
#[path = "../../../presence-runtime/tests/live/eye.rs"]
#[allow(dead_code, reason = "simulations read more")]
mod eye;
mod faults;
mod fences;
mod house;
mod http;
mod line;
mod node;
mod plan;
mod probe;
mod program;
#[path = "../../../presence-runtime/tests/promises/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "simulations have more to write down"
)]
mod promises;
mod proxy;
mod redis;
mod sitter;
#[path = "../../../presence-runtime/tests/live/view.rs"]
#[allow(dead_code, reason = "the live tests ask a view other things")]
mod view;
mod voice;
mod walker;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::Instant;

use crate::house::House;

/// What went wrong.
type Failed = String;

/// Three nodes as processes over a Redis, what befalls them, and clients who know the truth.
#[derive(Debug, Clone, Parser)]
struct Args {
    /// A server whose open topics are those of the examples
    server: PathBuf,
    /// A server where people log in
    app: PathBuf,
    /// Measure instead what a cluster costs, with this server of a generator of load
    #[arg(long, value_name = "BENCH_SERVER")]
    costs: Option<PathBuf>,
    /// The first seed
    #[arg(long, env = "SEED", default_value_t = 1)]
    seed: u64,
    /// Scenes whose name has this in it
    #[arg(long, env = "ONLY")]
    only: Option<String>,
    /// For how many seconds new scenes begin, each time with the next seed; each of them once at least
    #[arg(long, env = "CLUSTER_SECS", default_value_t = 0)]
    secs: u64,
    /// How many scenes are played at once
    #[arg(long, env = "HOUSES", default_value_t = 4)]
    houses: usize,
}

/// Whatever may happen in a house, the longest first.
const SCENES: [&str; 12] = [
    "stop_a_node",
    "kill_redis",
    "roll",
    "forget",
    "kill_a_node",
    "cut_a_node_off",
    "block_a_node",
    "stop_a_node_that_is_waited_for",
    "old_connections",
    "slow",
    "late",
    "other_users",
];

async fn play(scene: &str, args: &Args, folder: &Path, seed: u64) -> Result<(), Failed> {
    let (server, app) = (&*args.server, &*args.app);
    match scene {
        "late" => return fences::late(&mut House::empty(seed, server, folder).await?).await,
        "old_connections" => {
            return fences::old_connections(&mut House::empty(seed, server, folder).await?).await;
        }
        "other_users" => return fences::other_users(app, seed, folder).await,
        _ => {}
    }
    let mut house = House::open(seed, server, folder).await?;
    let played = befall(scene, &mut house).await;
    if played.is_err() {
        house.write_down(&folder.join(format!("{scene}-{seed}.log")));
    }
    played
}

/// What befalls a house, between times in which nothing does.
async fn befall(scene: &str, house: &mut House) -> Result<(), Failed> {
    faults::nothing(house).await?;
    house.order(|it| {
        it.roam = false;
        it.come_and_go = false;
    });
    match scene {
        "stop_a_node" => faults::stop_a_node(house).await?,
        "kill_redis" => faults::kill_redis(house).await?,
        "roll" => faults::roll(house).await?,
        "forget" => faults::forget(house).await?,
        "kill_a_node" => faults::kill_a_node(house).await?,
        "cut_a_node_off" => faults::cut_a_node_off(house).await?,
        "block_a_node" => faults::block_a_node(house).await?,
        "stop_a_node_that_is_waited_for" => faults::stop_a_node_that_is_waited_for(house).await?,
        "slow" => faults::slow(house).await?,
        other => return Err(format!("there is no scene {other}")),
    }
    faults::nothing(house).await?;
    house.close().await
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let args = Args::parse();
    let folder = std::env::temp_dir().join(format!("machines-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        eprintln!("machines: {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    if let Some(server) = &args.costs {
        let measuring = costs::measure(server, &folder);
        return match LocalSet::new().run_until(measuring).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("machines: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let failed = LocalSet::new().run_until(play_all(&args, &folder)).await;
    if failed == 0 {
        let _ = std::fs::remove_dir_all(&folder);
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "machines: {failed} scenes failed; what nodes said and people wrote down is in {}",
        folder.display()
    );
    ExitCode::FAILURE
}

/// Plays all scenes, some at a time. How many failed.
async fn play_all(args: &Args, folder: &Path) -> usize {
    let began = Instant::now();
    let wanted = |scene: &&str| args.only.as_ref().is_none_or(|it| scene.contains(&**it));
    let (mut seed, mut failed) = (args.seed, 0);
    let mut waiting: VecDeque<_> = SCENES.into_iter().filter(wanted).collect();
    let mut playing = JoinSet::new();
    let last = began + Duration::from_secs(args.secs);
    loop {
        while playing.len() < args.houses.max(1)
            && let Some(scene) = waiting.pop_front()
        {
            let (args, folder) = (args.clone(), folder.to_owned());
            playing.spawn_local(async move {
                let opened = Instant::now();
                let played = play(scene, &args, &folder, seed).await;
                (scene, seed, opened.elapsed(), played)
            });
            if waiting.is_empty() && Instant::now() < last {
                seed += 1;
                waiting.extend(SCENES.into_iter().filter(wanted));
            }
        }
        match playing.join_next().await {
            None => return failed,
            Some(Ok((scene, seed, time, Ok(())))) => {
                eprintln!(
                    "{scene}, seed {seed}: fine after {:.1} s",
                    time.as_secs_f64()
                );
            }
            Some(Ok((scene, seed, _, Err(wrong)))) => {
                failed += 1;
                eprintln!(
                    "{scene}, seed {seed}: {wrong}\n  to play it again: make test-cluster SEED={seed} ONLY={scene}"
                );
            }
            Some(Err(error)) => {
                failed += 1;
                eprintln!("machines: {error}");
            }
        }
    }
}
