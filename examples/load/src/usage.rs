//! CPU time and memory of processes, as the kernel counts them.

use std::collections::HashMap;
use std::fs;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub cpu_secs: f64,
    pub rss_bytes: u64,
}

/// Of a process and its descendants.
pub(crate) fn of(root: u32) -> Usage {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
            && let Some(parent) = stat(pid).and_then(|fields| fields.get(1)?.parse().ok())
        {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut total = Usage::default();
    let mut queue = vec![root];
    while let Some(pid) = queue.pop() {
        total.cpu_secs += cpu_secs(pid).unwrap_or_default();
        total.rss_bytes += rss_bytes(pid).unwrap_or_default();
        queue.extend(children.remove(&pid).unwrap_or_default());
    }
    total
}

pub(crate) fn own_cpu_secs() -> f64 {
    cpu_secs(std::process::id()).unwrap_or_default()
}

/// To the nanosecond where the kernel tells of each thread, else in its hundredths of a second.
fn cpu_secs(pid: u32) -> Option<f64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let exact = threads.map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    if let Some(nanos) = exact.sum::<Option<u64>>().filter(|it| *it > 0) {
        return Some(nanos as f64 / 1e9);
    }
    let fields = stat(pid)?;
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some((ticks(11)? + ticks(12)?) as f64 / 100.0)
}

fn rss_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The fields of /proc/PID/stat after the name, which may have spaces.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}
