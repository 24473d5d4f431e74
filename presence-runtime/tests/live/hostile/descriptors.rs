//! A process that has run out of file descriptors: whoever is connected goes on, whoever comes waits,
//! and nothing spins.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use presence_runtime::server::Operations;
use presence_runtime::{Config, Server};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::server::key;
use crate::socket::Socket;
use crate::topics::{self, millis, secs};

const TOPIC: &str = "boards:1:cursors";
/// Says that this process is the one with few descriptors.
const FEW: &str = "PRESENCE_TEST_FEW_DESCRIPTORS";

/// A server in a process of its own, which ends when this does.
struct Poor {
    process: Child,
    addr: SocketAddr,
    admin: SocketAddr,
    /// How often it warned that there are no descriptors.
    warnings: Arc<AtomicU32>,
}

impl Poor {
    fn start() -> Self {
        let itself = std::env::current_exe().expect("a path");
        let name = "hostile::descriptors::a_server_with_few_descriptors";
        let mut process = Command::new("sh")
            .args(["-c", "ulimit -n 40; exec \"$0\" \"$@\""])
            .arg(itself)
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env(FEW, "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let stdout = process.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let mut addr = || {
            let addr = lines.find_map(|line| {
                let (_, addr) = line.split_once("listens at ")?;
                addr.parse().ok()
            });
            addr.expect("an address")
        };
        let (addr, admin) = (addr(), addr());
        let warnings = Arc::<AtomicU32>::default();
        let warned = warnings.clone();
        std::thread::spawn(move || {
            let warnings = lines.filter(|it| it.contains("WARN") && it.contains("open files"));
            for _ in warnings {
                warned.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self {
            process,
            addr,
            admin,
            warnings,
        }
    }

    /// The time of processors it has used so far, in ms; of Linux, elsewhere nobody asks.
    fn used(&self) -> i64 {
        let path = format!("/proc/{}/stat", self.process.id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let after = text.rsplit(')').next().unwrap_or_default();
        let fields: Vec<i64> = after.split(' ').filter_map(|it| it.parse().ok()).collect();
        // User and system time, in hundredths of a second. The state before them is a letter.
        fields.get(10..12).map_or(0, |it| 10 * (it[0] + it[1]))
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.expect("it listens")
    }

    async fn answers(&self) -> bool {
        let mut stream = self.connect().await;
        let asking = b"GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(asking).await.expect("a connection");
        let mut start = [0; 12];
        let answered = timeout(millis(700), stream.read_exact(&mut start)).await;
        matches!(answered, Ok(Ok(_))) && &start == b"HTTP/1.1 200"
    }
}

impl Drop for Poor {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other process of the test below"]
async fn a_server_with_few_descriptors() {
    if std::env::var_os(FEW).is_none() {
        return;
    }
    let server = Server::bind("127.0.0.1:0", topics::slow(), Config::default());
    let server = server.await.expect("an address");
    let operations = Operations::open(server.hub().clone());
    let server = server.with_admin("127.0.0.1:0", operations).await;
    let server = server.expect("an address");
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let admin = server.admin_addr().expect("it has one");
    let told = format!("listens at {}\nlistens at {admin}\n", server.addr());
    std::io::Write::write_all(&mut std::io::stdout(), told.as_bytes()).expect("a pipe");
    let over = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    server
        .run(async {
            let _ = over.await;
        })
        .await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_descriptors_serves_who_is_there_and_lets_others_in_later() {
    let server = tokio::task::spawn_blocking(Poor::start)
        .await
        .expect("no panic");
    let mut bob = Socket::over(Box::new(server.connect().await)).await;
    bob.greet(None).await;
    bob.subscribe(TOPIC).await;
    let mut ann = Socket::over(Box::new(server.connect().await)).await;
    ann.greet(Some(&key())).await;
    assert!(server.answers().await);
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(server.connect().await);
    }
    sleep(millis(200)).await;
    assert!(!server.answers().await, "there are descriptors left");
    let _admin = TcpStream::connect(server.admin).await.expect("it listens");
    let (used, began) = (server.used(), Instant::now());
    for x in 0..20 {
        ann.announce(TOPIC, json!({"x": x})).await;
        while !bob
            .hear()
            .await
            .to_string()
            .contains(&format!("\"x\":{x}.0"))
        {}
        sleep(millis(50)).await;
    }
    let (used, took) = (server.used() - used, began.elapsed());
    let most = i64::try_from(took.as_millis()).expect("a short time") / 3;
    assert!(used < most, "{used} ms of {took:?}");
    // Once for each address.
    assert_eq!(server.warnings.load(Ordering::Relaxed), 2);
    drop(crowd);
    let began = Instant::now();
    while !server.answers().await {
        assert!(began.elapsed() < secs(8), "nobody is let in");
    }
    ann.announce(TOPIC, json!({"x": 99})).await;
}
