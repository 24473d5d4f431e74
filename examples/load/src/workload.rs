//! What the simulated members do, and what is measured of it.

use std::io;
use std::time::{Duration, Instant};

use crate::args::{Args, Workload};
use crate::posts::Posts;
use crate::report::{Meter, Report};
use crate::swarm::Swarm;
use crate::tally::Tally;
use crate::usage::{self, Usage};

/// Nobody new for so long, and the run has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// A storm is over when nobody has been seen for the first time for so long.
const CALM: Duration = Duration::from_secs(3);
/// Sends between two reads, however late they are.
const AT_ONCE: usize = 256;
/// Entries that are to stay ask for this lease.
const LONG_TTL_MS: u32 = 300_000;
/// Connections that POST.
const POSTING: usize = 64;

pub(crate) fn run(args: &Args) -> io::Result<Report> {
    match args.workload {
        Workload::Steady => steady(args),
        Workload::Idle => idle(args),
        Workload::Storm => storm(args),
        Workload::Http => http(args),
        Workload::Entries => entries(args),
    }
}

fn steady(args: &Args) -> io::Result<Report> {
    let empty = args.pid.map(usage::of).unwrap_or_default();
    let mut swarm = Swarm::new(args)?;
    // Where few move the others are there all the same, if the server keeps who is there.
    let announce = args.movers.is_some() && args.dialect.is_kept();
    join(args, &mut swarm, |swarm, at| {
        if announce {
            swarm.update(at);
        }
    })?;
    pace(args, &mut swarm, args.warmup())?;
    swarm.tally = Tally::new(&swarm.plan);
    let meter = Meter::start(args);
    pace(args, &mut swarm, args.secs())?;
    Ok(meter.stop_swarm(empty, &swarm))
}

fn idle(args: &Args) -> io::Result<Report> {
    let empty = args.pid.map(usage::of).unwrap_or_default();
    let mut swarm = Swarm::new(args)?;
    swarm.ttl_ms = LONG_TTL_MS;
    let joining = Meter::start(args);
    join(args, &mut swarm, Swarm::update)?;
    let joined = joining.stop_swarm(empty, &swarm);
    swarm.run(Instant::now() + args.warmup(), |_| ())?;
    swarm.tally = Tally::new(&swarm.plan);
    let meter = Meter::start(args);
    swarm.run(Instant::now() + args.secs(), |_| ())?;
    let (join_secs, join_cpu_secs) = (joined.secs, joined.cpu_secs);
    Ok(Report {
        join_secs,
        join_cpu_secs,
        ..meter.stop_swarm(empty, &swarm)
    })
}

fn storm(args: &Args) -> io::Result<Report> {
    let empty = args.pid.map(usage::of).unwrap_or_default();
    let mut swarm = Swarm::new(args)?;
    swarm.tally = Tally::with_pairs(&swarm.plan);
    let pairs = swarm.plan.pairs();
    let meter = Meter::start(args);
    let start = Instant::now();
    join(args, &mut swarm, Swarm::update)?;
    let join_secs = start.elapsed().as_secs_f64();

    let give_up = Instant::now() + args.secs();
    let mut last = (0, start);
    while last.0 < pairs && Instant::now() < give_up && (last.0 == 0 || last.1.elapsed() < CALM) {
        swarm.turn(Duration::from_millis(1))?;
        last = swarm
            .tally
            .seen
            .as_ref()
            .map_or(last, |it| (it.pairs, it.last));
    }
    let report = meter.stop_swarm(empty, &swarm);
    let seen_ratio = last.0 as f64 / pairs.max(1) as f64;
    Ok(Report {
        secs: (last.1 - start).as_secs_f64(),
        join_secs,
        seen_ratio,
        ..report
    })
}

fn http(args: &Args) -> io::Result<Report> {
    let empty = args.pid.map(usage::of).unwrap_or_default();
    let plan = crate::plan::Plan::new(args);
    let mut posts = Posts::connect(args.addr, plan.members.len(), args.dialect, 0)?;
    posts.run(Instant::now() + args.warmup(), |at| plan.members.get(at))?;
    let meter = Meter::start(args);
    posts.run(Instant::now() + args.secs(), |at| plan.members.get(at))?;
    Ok(answered(&meter, empty, plan.members.len(), &posts))
}

fn entries(args: &Args) -> io::Result<Report> {
    let plan = crate::plan::Plan::new(args);
    let mut posts = Posts::connect(args.addr, POSTING, args.dialect, LONG_TTL_MS)?;
    // The connections are none of what an entry costs, nor is what a server sets up at the first request.
    posts.run(Instant::now() + args.warmup(), {
        let mut first = plan.members.iter().take(POSTING);
        move |_| first.next()
    })?;
    let empty = args.pid.map(usage::of).unwrap_or_default();
    let meter = Meter::start(args);
    let mut members = plan.members.iter().skip(POSTING);
    posts.run(Instant::now() + args.secs(), |_| members.next())?;
    Ok(answered(&meter, empty, posts.answered as usize, &posts))
}

fn answered(meter: &Meter, empty: Usage, members: usize, posts: &Posts) -> Report {
    Report {
        refused: posts.refused,
        p50_ms: posts.times.quantile_ms(0.5),
        p99_ms: posts.times.quantile_ms(0.99),
        max_ms: posts.times.quantile_ms(1.0),
        ..meter.stop(empty, members, posts.answered)
    }
}

/// Connects everybody, and calls `joined` for each as soon as it may send.
fn join(
    args: &Args,
    swarm: &mut Swarm,
    mut joined: impl FnMut(&mut Swarm, usize),
) -> io::Result<()> {
    let total = swarm.plan.members.len();
    let mut waiting: Vec<usize> = Vec::new();
    let mut done = 0;
    let mut give_up = Instant::now() + PATIENCE;
    while done < total {
        while swarm.links.len() < total && waiting.len() < args.connecting {
            waiting.push(swarm.links.len());
            swarm.connect()?;
        }
        swarm.turn(Duration::from_millis(1))?;
        let ready: Vec<usize> = waiting
            .extract_if(.., |at| swarm.links[*at].ready)
            .collect();
        for at in ready {
            joined(swarm, at);
            done += 1;
            give_up = Instant::now() + PATIENCE;
        }
        if Instant::now() > give_up {
            return Err(io::Error::other(format!("only {done} of {total} joined")));
        }
    }
    Ok(())
}

/// Has everybody who moves do so, spread over time or in bursts.
fn pace(args: &Args, swarm: &mut Swarm, time: Duration) -> io::Result<()> {
    let members = swarm.plan.members.iter();
    let movers: Vec<usize> = members
        .filter(|it| it.moves)
        .map(|it| it.id as usize)
        .collect();
    let start = Instant::now();
    let mut sent = 0;
    swarm.run(start + time, |swarm| {
        let rounds = start.elapsed().as_secs_f64() * args.hz;
        let rounds = if args.burst { rounds.ceil() } else { rounds };
        let due = (rounds * movers.len() as f64) as usize;
        // Not all at once when late: reading must not wait for that.
        for _ in 0..(due - sent).min(AT_ONCE) {
            swarm.update(movers[sent % movers.len()]);
            sent += 1;
        }
    })
}
