//! Programs that the driver starts, and ends by their id alone.

use std::io;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// A running program. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Program(Child);

impl Program {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// Ends it as a loss of power does.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Sends it a signal by name, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let id = self.0.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("no {name} for {id}")))
        }
    }

    /// Whether it ended well within this time.
    pub(crate) async fn ends_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) if Instant::now() < until => sleep(Duration::from_millis(20)).await,
                _ => return false,
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that is free, and stays so while its program is down: connections are made from others.
pub(crate) fn port() -> u16 {
    const FIRST: u16 = 20_000;
    const MANY: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % u32::from(MANY)).expect("small");
    loop {
        let next = (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % MANY;
        if TcpListener::bind(("127.0.0.1", FIRST + next)).is_ok() {
            return FIRST + next;
        }
    }
}
