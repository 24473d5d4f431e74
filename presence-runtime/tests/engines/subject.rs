//! The engines that are tested.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use presence_runtime::cluster::{Engine, Memory, Redis};
use tokio::runtime::Builder;

use crate::server::Server;

/// An engine, and what may happen to it.
pub(crate) trait Subject: Sized + 'static {
    /// What is tested.
    type Engine: Engine + Clone;

    /// Runs a test with an engine that nobody has used.
    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F);

    /// The engine.
    fn engine(&self) -> Self::Engine;

    /// The engine forgets everything.
    async fn flush(&self);
}

/// The one in memory, whose time is virtual.
pub(crate) struct InMemory(Memory);

impl Subject for InMemory {
    type Engine = Memory;

    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build();
        let subject = Self(Memory::new());
        runtime.expect("a runtime").block_on(test(subject));
    }

    fn engine(&self) -> Memory {
        self.0.clone()
    }

    async fn flush(&self) {
        self.0.flush();
    }
}

/// The one over a Redis server, which all tests share.
pub(crate) struct InRedis(OverRedis);

/// The one over a Redis Cluster, which all tests share.
pub(crate) struct InCluster(OverRedis);

impl Subject for InRedis {
    type Engine = Redis;

    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let server = SERVER.get_or_init(Server::start);
        block_on(async { test(Self(OverRedis::new(server))).await });
    }

    fn engine(&self) -> Redis {
        self.0.redis.clone()
    }

    async fn flush(&self) {
        self.0.flush().await;
    }
}

impl Subject for InCluster {
    type Engine = Redis;

    fn run<F: Future<Output = ()>>(test: impl FnOnce(Self) -> F) {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let server = SERVER.get_or_init(Server::start_cluster);
        block_on(async { test(Self(OverRedis::new(server))).await });
    }

    fn engine(&self) -> Redis {
        self.0.redis.clone()
    }

    async fn flush(&self) {
        self.0.flush().await;
    }
}

/// Keys of its own at a server that others use too.
struct OverRedis {
    redis: Redis,
    prefix: String,
    server: &'static Server,
}

impl OverRedis {
    fn new(server: &'static Server) -> Self {
        static USED: AtomicUsize = AtomicUsize::new(0);
        let prefix = format!("test-{}", USED.fetch_add(1, Ordering::Relaxed));
        let redis = Redis::open(&server.url()).expect("a URL");
        let redis = redis.prefix(&prefix).expect("a prefix");
        Self {
            redis,
            prefix,
            server,
        }
    }

    async fn flush(&self) {
        let keys: Vec<Vec<u8>> = self.server.ask(redis::cmd("KEYS").arg("*")).await;
        let tag = format!("{{{}:", self.prefix);
        for key in keys.iter().filter(|it| it.starts_with(tag.as_bytes())) {
            let () = self.server.ask(redis::cmd("DEL").arg(key)).await;
        }
    }
}

/// Runs a test in real time.
pub(crate) fn block_on<F: Future<Output = ()>>(test: F) {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test);
}
