//! What the system says of the process, under the names that everybody else gives it. On Linux only.

use std::fs;

use super::text::{Kind, Text};

/// The kernel counts processor time in these parts of a second, whatever it counts in by itself.
const TICKS: f64 = 100.0;

/// Writes what can be found out.
pub(super) fn write(text: &mut Text) {
    if let Some(seconds) = processor_seconds() {
        let help = "Processor time that was used, in user and system mode.";
        text.single("process_cpu_seconds_total", Kind::Counter, help, seconds);
    }
    if let Some(bytes) = resident_bytes() {
        let help = "Memory that is resident.";
        text.single("process_resident_memory_bytes", Kind::Gauge, help, bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        let help = "File descriptors that are open.";
        // One of them reads this.
        let count = open.count().saturating_sub(1);
        text.single("process_open_fds", Kind::Gauge, help, count);
    }
    if let Some(most) = most_descriptors() {
        let help = "The most file descriptors that may be open.";
        text.single("process_max_fds", Kind::Gauge, help, most);
    }
}

fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before it may have spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn most_descriptors() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|it| it.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
