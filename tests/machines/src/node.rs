//! A node: the example server as a process, with a wire of its own to Redis.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use crate::Failed;
use crate::dice::Dice;
use crate::http;
use crate::program::{Program, port};
use crate::proxy::Proxy;

/// How long a node may take to begin, and to end when it is asked to.
const BEGINNING: Duration = Duration::from_secs(20);
pub(crate) const DRAIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) addr: String,
    pub(crate) proxy: Proxy,
    /// What else its command line says.
    pub(crate) more: Vec<String>,
    program: Option<Program>,
    server: PathBuf,
    log: PathBuf,
}

impl Node {
    /// A node that is not there yet.
    pub(crate) async fn new(
        server: &Path,
        redis: u16,
        dice: Dice,
        folder: &Path,
    ) -> Result<Self, Failed> {
        let port = port();
        Ok(Self {
            addr: format!("127.0.0.1:{port}"),
            proxy: Proxy::to(redis, dice).await?,
            more: Vec::new(),
            program: None,
            server: server.to_owned(),
            log: folder.join(format!("{port}.log")),
        })
    }

    /// Starts it, and waits until it serves.
    pub(crate) async fn begin(&mut self) -> Result<(), Failed> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(|error| format!("{}: {error}", self.log.display()))?;
        let errors = log
            .try_clone()
            .map_err(|error| format!("the log: {error}"))?;
        let redis = format!("redis://127.0.0.1:{}", self.proxy.port);
        let mut command = Command::new(&self.server);
        command
            .args(["--addr", &self.addr, "--redis", &redis])
            .args(&self.more)
            .envs([("PRESENCE_PING", "2s"), ("PRESENCE_PONG_WAIT", "1s")])
            // Shorter than a ping.
            .env("PRESENCE_ACCESS_TIMEOUT", "1s")
            .env("PRESENCE_DRAIN", format!("{}s", DRAIN.as_secs()))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        let program = Program::start(&mut command);
        self.program =
            Some(program.map_err(|error| format!("{}: {error}", self.server.display()))?);
        let until = Instant::now() + BEGINNING;
        while http::get(&self.addr, "/healthz").await.is_err() {
            if Instant::now() > until {
                return Err(format!("no node at {}", self.addr));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    pub(crate) fn signal(&self, name: &str) -> Result<(), Failed> {
        let program = self.program.as_ref().ok_or("the node is not there")?;
        program.signal(name).map_err(|error| error.to_string())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn end(&mut self) -> Result<(), Failed> {
        self.signal("TERM")?;
        let program = self.program.as_mut().expect("it was signalled");
        if program.ends_within(DRAIN + Duration::from_secs(8)).await {
            self.program = None;
            return Ok(());
        }
        Err(format!("{} did not end well when asked to", self.addr))
    }

    /// Everybody in a topic.
    pub(crate) async fn value(&self, topic: &str) -> Result<Json, Failed> {
        http::get(&self.addr, &format!("/presence/{topic}/value")).await
    }

    /// What `/readyz` says of other nodes: `live` or `stale`.
    pub(crate) async fn remote(&self) -> Result<String, Failed> {
        let said = http::get(&self.addr, "/readyz").await?;
        let remote = said["remote"]
            .as_str()
            .ok_or("a node that knows no others")?;
        Ok(remote.to_owned())
    }
}
