//! A server of the real code, on a socket or in memory.
//!
//! In memory, connections are pipes and the clock is tokio's, which a paused runtime turns as soon
//! as everybody waits: a lease of 30 s costs nothing. Those connections are *deferred* outlets, the
//! ones over TCP *direct* ones.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use presence_runtime::server::{Listener, Peer, serve};
use presence_runtime::topic::{Session, SessionKey};
use presence_runtime::{Config, Hub, Service, Topics};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::topics;

/// Where a test's connections run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Memory,
    Tcp,
}

/// What a connection is to a client.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}
pub(crate) type Pipe = Box<dyn Wire>;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// The hub that it serves.
    pub(crate) hub: Hub,
    dial: Dial,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Dial {
    Memory(mpsc::UnboundedSender<DuplexStream>),
    Tcp(SocketAddr),
}

/// An address that is not this machine's.
pub(crate) const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

/// Bytes that a pipe holds until its reader takes them, as a socket's buffers do.
const PIPE: usize = 16 * 1024;

impl Server {
    pub(crate) async fn start(transport: Transport) -> Self {
        Self::with(transport, topics::all(), quick_config()).await
    }

    /// A server in memory, with the figures that a server has by default.
    pub(crate) async fn in_memory() -> Self {
        Self::with(Transport::Memory, topics::slow(), Config::default()).await
    }

    pub(crate) async fn with(transport: Transport, topics: Topics, config: Config) -> Self {
        let hub = Hub::new(topics, config).expect("sensible figures");
        Self::of(transport, hub).await
    }

    pub(crate) async fn of(transport: Transport, hub: Hub) -> Self {
        match transport {
            Transport::Memory => {
                let (dial, waiting) = mpsc::unbounded_channel();
                Self::run(Dial::Memory(dial), hub, Memory(waiting))
            }
            Transport::Tcp => {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let addr = listener.local_addr().expect("an address");
                Self::run(Dial::Tcp(addr), hub, listener)
            }
        }
    }

    /// A server in memory, mounted in another one that says from where everybody comes.
    pub(crate) fn mounted(topics: Topics, config: Config, peer: IpAddr) -> Self {
        let hub = Hub::new(topics, config).expect("sensible figures");
        let service = Service::open(hub.clone()).below("/presence");
        let (dial, mut waiting) = mpsc::unbounded_channel::<DuplexStream>();
        tokio::spawn(async move {
            while let Some(stream) = waiting.recv().await {
                let service = service.clone();
                let answer = service_fn(move |mut request| {
                    request.extensions_mut().insert(Peer(peer));
                    let service = service.clone();
                    async move { Ok::<_, Infallible>(service.answer(request).await) }
                });
                let io = TokioIo::new(stream);
                let connection = http1::Builder::new().serve_connection(io, answer);
                tokio::spawn(connection.with_upgrades());
            }
        });
        Self {
            hub,
            dial: Dial::Memory(dial),
            stop: None,
            served: None,
        }
    }

    /// A server in memory to which everybody comes from [`FAR`].
    pub(crate) fn far(topics: Topics, config: Config) -> Self {
        let hub = Hub::new(topics, config).expect("sensible figures");
        let (dial, waiting) = mpsc::unbounded_channel();
        Self::run(Dial::Memory(dial), hub, Far(Memory(waiting)))
    }

    fn run(dial: Dial, hub: Hub, listener: impl Listener) -> Self {
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(hub.clone(), listener, async {
            let _ = stopped.await;
        }));
        Self {
            hub,
            dial,
            stop: Some(stop),
            served: Some(served),
        }
    }

    /// A new connection.
    pub(crate) async fn dial(&self) -> Pipe {
        self.dial_with(PIPE).await
    }

    /// A new connection that holds so many bytes until they are read, if it is in memory.
    pub(crate) async fn dial_with(&self, capacity: usize) -> Pipe {
        match &self.dial {
            Dial::Memory(waiting) => {
                let (ours, theirs) = tokio::io::duplex(capacity);
                waiting.send(theirs).expect("the server listens");
                Box::new(ours)
            }
            Dial::Tcp(addr) => {
                let stream = TcpStream::connect(addr).await.expect("the server listens");
                stream.set_nodelay(true).expect("a TCP socket");
                Box::new(stream)
            }
        }
    }

    /// Where a server over TCP listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        match self.dial {
            Dial::Tcp(addr) => addr,
            Dial::Memory(_) => panic!("a server in memory has no address"),
        }
    }

    /// Tells the server to end. Returns when it has.
    pub(crate) async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(served) = self.served.take() {
            served.await.expect("serving does not panic");
        }
    }
}

/// Figures short enough for tests in real time.
pub(crate) fn quick_config() -> Config {
    let mut config = Config::default();
    config.heartbeat = topics::millis(300);
    config.drain = topics::millis(300);
    config
}

/// A listener whose connections are pipes.
pub(crate) struct Memory(pub(crate) mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for Memory {
    type Io = DuplexStream;

    async fn accept(&mut self) -> std::io::Result<DuplexStream> {
        match self.0.recv().await {
            Some(stream) => Ok(stream),
            // Nobody will dial any more.
            None => std::future::pending().await,
        }
    }
}

/// The same where everybody comes from [`FAR`].
struct Far(Memory);

impl Listener for Far {
    type Io = DuplexStream;

    async fn accept(&mut self) -> std::io::Result<DuplexStream> {
        self.0.accept().await
    }

    fn peer(_: &DuplexStream) -> Option<IpAddr> {
        Some(FAR)
    }
}

/// A session key nobody else in this process has.
pub(crate) fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The public id of a key's session.
pub(crate) fn session(key: &str) -> String {
    let key = SessionKey::parse(key).expect("32 hex digits");
    Session::of(&key).id.to_string()
}

/// The member that a key's session is, where everybody's user is their session.
pub(crate) fn member(key: &str) -> String {
    // Without authentication the user is the session, and has no name beside it.
    session(key)
}
