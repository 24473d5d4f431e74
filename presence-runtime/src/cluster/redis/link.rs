//! The connection to the server. It is made when it is needed, and anew after anything went wrong with it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, Value};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::super::Lost;
use super::script::Script;

/// How many commands go in one round trip at most: what is sent and answered is held in memory.
const MOST_AT_ONCE: usize = 256;

/// The way to the server.
pub(super) struct Link {
    client: Client,
    patience: Duration,
    open: Mutex<Option<Open>>,
    /// How many connections were made; numbers them.
    made: AtomicU64,
}

#[derive(Clone)]
struct Open {
    number: u64,
    connection: MultiplexedConnection,
}

impl Link {
    pub(super) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            patience,
            open: Mutex::default(),
            made: AtomicU64::new(0),
        }
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// The answer to one command.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, Lost> {
        let mut answers = self.ask_all(vec![command]).await?;
        answers.pop().ok_or_else(unexpected)
    }

    /// The answers to many, in order, in as few round trips as their number allows.
    pub(super) async fn ask_all<T: FromRedisValue>(
        &self,
        commands: Vec<Cmd>,
    ) -> Result<Vec<T>, Lost> {
        let mut answers = Vec::with_capacity(commands.len());
        for some in commands.chunks(MOST_AT_ONCE) {
            let some = self.round_trip(some).await?.into_iter().map(read);
            for answer in some {
                answers.push(answer?);
            }
        }
        Ok(answers)
    }

    async fn round_trip(&self, commands: &[Cmd]) -> Result<Vec<Value>, Lost> {
        let mut answers = self.send(commands).await?;
        let missing: Vec<_> = (0..answers.len())
            .filter(|it| is_error(&answers[*it], "NOSCRIPT"))
            .collect();
        if missing.is_empty() {
            return Ok(answers);
        }
        let again: Vec<_> = missing.iter().map(|it| commands[*it].clone()).collect();
        for (at, answer) in missing.into_iter().zip(self.send(&again).await?) {
            answers[at] = answer;
        }
        Ok(answers)
    }

    async fn send(&self, commands: &[Cmd]) -> Result<Vec<Value>, Lost> {
        let mut all = redis::pipe();
        for command in commands {
            all.add_command(command.clone());
        }
        let mut open = self.within(self.connected()).await?;
        let answers = self.within(asked(&mut open.connection, &all)).await;
        // What is out of step, was lost, lost its scripts or is no master any longer is made anew.
        let useless = |answer| is_error(answer, "NOSCRIPT") || is_error(answer, "READONLY");
        if answers
            .as_ref()
            .map_or(true, |them| them.iter().any(useless))
        {
            self.forget(&open).await;
        }
        answers
    }

    async fn connected(&self) -> Result<Open, Lost> {
        let mut open = self.open.lock().await;
        if let Some(open) = &*open {
            return Ok(open.clone());
        }
        let config = config();
        let made = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let mut connection = made.await.map_err(|error| lost(&error))?;
        asked(&mut connection, &Script::load()).await?;
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Ok(open.insert(Open { number, connection }).clone())
    }

    async fn forget(&self, used: &Open) {
        let mut open = self.open.lock().await;
        if open.as_ref().is_some_and(|it| it.number == used.number) {
            *open = None;
        }
    }

    /// What a future yields, if it does so in time.
    pub(super) async fn within<T>(
        &self,
        future: impl Future<Output = Result<T, Lost>>,
    ) -> Result<T, Lost> {
        let in_time = timeout(self.patience, future).await;
        in_time.map_err(|_| Lost::new("no answer in time"))?
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field(
                "server",
                &self.client.get_connection_info().addr().to_string(),
            )
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// How connections are made. How long anything takes is watched here and nowhere else.
pub(super) fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
}

async fn asked(
    connection: &mut MultiplexedConnection,
    commands: &Pipeline,
) -> Result<Vec<Value>, Lost> {
    let answers = connection.req_packed_commands(commands, 0, commands.len());
    let answers = answers.await.map_err(|error| lost(&error))?;
    if answers.len() == commands.len() {
        Ok(answers)
    } else {
        Err(unexpected())
    }
}

fn read<T: FromRedisValue>(answer: Value) -> Result<T, Lost> {
    if let Value::ServerError(error) = &answer {
        return Err(Lost::new(format_args!("it answered {}", error.code())));
    }
    T::from_redis_value(answer).map_err(|_| unexpected())
}

fn is_error(answer: &Value, code: &str) -> bool {
    matches!(answer, Value::ServerError(error) if error.code() == code)
}

/// What is known of an error, but for what may hold a key or a value.
pub(super) fn lost(error: &RedisError) -> Lost {
    if error.is_io_error() {
        return Lost::new(error);
    }
    match error.code() {
        Some(code) => Lost::new(format_args!("{}, {code}", error.category())),
        None => Lost::new(error.category()),
    }
}

pub(super) fn unexpected() -> Lost {
    Lost::new("an answer that is not understood")
}
