//! A real redis-server, which ends when this process does, however that ends.

use std::env;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to answer.
const START: Duration = Duration::from_secs(10);
/// Ports of a cluster's servers among themselves are so much higher.
const BUS: u16 = 10_000;
/// Sends the server what signals it reads, until nobody holds the other end of its input, and ends it then.
const GUARD: &str = r#"
dir=$(mktemp -d) && cd "$dir" || exit 1
"$@" >/dev/null 2>&1 & server=$!
while read -r signal; do kill -s "$signal" "$server"; echo; done
kill -s KILL "$server" 2>/dev/null; wait "$server" 2>/dev/null; cd / && rm -rf "$dir"
"#;

/// A server on a port of its own, with nothing on any disk.
pub(crate) struct Server {
    port: u16,
    cluster: bool,
    guard: Mutex<Child>,
}

impl Server {
    /// A server alone.
    pub(crate) fn start() -> Self {
        Self::of(false)
    }

    /// A server that is all of a Redis Cluster.
    pub(crate) fn start_cluster() -> Self {
        Self::of(true)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its answer to a command.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> T {
        let client = redis::Client::open(self.url()).expect("a URL");
        let connection = client.get_multiplexed_async_connection().await;
        let mut connection = connection.expect("it answers");
        command.query_async(&mut connection).await.expect("it does")
    }

    /// Sends a signal to the server.
    pub(crate) fn signal(&self, signal: &str) {
        use std::io::{Read, Write};
        let mut guard = self.guard.lock().expect("nobody panics here");
        let input = guard.stdin.as_mut().expect("it is piped");
        writeln!(input, "{signal}").expect("the guard listens");
        // It says so once that is done.
        let output = guard.stdout.as_mut().expect("it is piped");
        output.read_exact(&mut [0]).expect("the guard answers");
    }

    /// Kills it.
    pub(crate) fn kill(&self) {
        self.signal("KILL");
        while self.try_connection().is_some() {
            sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again, empty, on the same port.
    pub(crate) fn restart(&mut self) {
        let guard = guard(self.port, self.cluster);
        end(&mut self.guard.lock().expect("nobody panics here"));
        self.guard = Mutex::new(guard);
        self.wait();
    }

    fn of(cluster: bool) -> Self {
        let port = free_port();
        let server = Self {
            port,
            cluster,
            guard: Mutex::new(guard(port, cluster)),
        };
        server.wait();
        server
    }

    fn wait(&self) {
        let mut connection = self.until(|| self.try_connection());
        if self.cluster {
            let mut slots = redis::cmd("CLUSTER");
            slots.arg("ADDSLOTSRANGE").arg(0).arg(16383);
            let () = slots.query(&mut connection).expect("it owns the slots");
            self.until(|| {
                let info = redis::cmd("CLUSTER").arg("INFO").query(&mut connection);
                let info: String = info.expect("it answers");
                info.contains("cluster_state:ok").then_some(())
            });
        }
    }

    fn try_connection(&self) -> Option<redis::Connection> {
        let client = redis::Client::open(self.url()).expect("a URL");
        let mut connection = client.get_connection().ok()?;
        redis::cmd("PING").query::<()>(&mut connection).ok()?;
        Some(connection)
    }

    fn until<T>(&self, mut holds: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(it) = holds() {
                return it;
            }
            assert!(begun.elapsed() < START, "no server at {}", self.url());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.guard.lock().expect("nobody panics here"));
    }
}

fn end(guard: &mut Child) {
    drop(guard.stdin.take());
    let _ = guard.wait();
}

fn guard(port: u16, cluster: bool) -> Child {
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "guard"]).arg(program());
    guard.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    guard.args(["--save", "", "--appendonly", "no"]);
    if cluster {
        guard.args(["--cluster-enabled", "yes"]);
    }
    guard.stdin(Stdio::piped()).stdout(Stdio::piped());
    guard.spawn().expect("there is a shell")
}

/// `PRESENCE_REDIS_SERVER`, the one in the `PATH`, or what `tests/cluster/install.sh` brought.
fn program() -> PathBuf {
    if let Some(named) = env::var_os("PRESENCE_REDIS_SERVER") {
        return named.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let brought = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("redis");
    let mut places = env::split_paths(&path).chain([brought]);
    let found = places.find_map(|it| Some(it.join("redis-server")).filter(|it| it.is_file()));
    found.unwrap_or_else(|| {
        panic!(
            "no redis-server here: run `make test-engines`, or name one in PRESENCE_REDIS_SERVER"
        )
    })
}

fn free_port() -> u16 {
    loop {
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("an address").port();
        let bus = port.checked_add(BUS);
        if bus.is_some_and(|bus| TcpListener::bind(("127.0.0.1", bus)).is_ok()) {
            return port;
        }
    }
}
