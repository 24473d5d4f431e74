//! A Redis of the driver's own, which remembers nothing when it is started again.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::Failed;
use crate::program::{Program, port};

/// How long it may take to begin.
const BEGINNING: usize = 100;

#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) port: u16,
    program: Option<Program>,
}

impl Redis {
    pub(crate) async fn start() -> Result<Self, Failed> {
        let mut redis = Self {
            port: port(),
            program: None,
        };
        redis.begin().await?;
        Ok(redis)
    }

    /// Starts it, empty.
    pub(crate) async fn begin(&mut self) -> Result<(), Failed> {
        let named = std::env::var_os("PRESENCE_REDIS_SERVER");
        let mut command = Command::new(named.unwrap_or_else(|| "redis-server".into()));
        command
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--loglevel", "warning"])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let program = Program::start(&mut command);
        self.program = Some(program.map_err(|error| format!("redis-server: {error}"))?);
        for _ in 0..BEGINNING {
            if self.ask("PING").await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(format!("no Redis at port {}", self.port))
    }

    pub(crate) fn kill(&mut self) {
        self.program = None;
    }

    /// What it answers to a command of plain words, as it is written on the line.
    pub(crate) async fn ask(&self, command: &str) -> Result<String, Failed> {
        let asking = async {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
            let request = format!("{command}\r\nQUIT\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        match timeout(Duration::from_secs(2), asking).await {
            Ok(Ok(answer)) if answer.starts_with('-') => Err(format!("{command}: {answer}")),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(format!("{command}: {error}")),
            Err(_) => Err(format!("{command}: no answer")),
        }
    }
}
