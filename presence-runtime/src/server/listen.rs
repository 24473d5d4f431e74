//! The standalone server: the routes below `/presence` on a listener of its own.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{fmt, io};

use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::accepting::{Accepting, Listener};
use super::address::Peer;
use super::admin::Admin;
use super::config::{Config, ConfigError};
use super::hub::Hub;
use super::operations::Operations;
use super::pages::Pages;
use super::service::Service;
use super::site::{PREFIX, Site, converse};
use crate::schema::Topics;

/// How long connections may take to end when the server does.
const FAREWELL: Duration = Duration::from_secs(5);
/// Connections the kernel keeps while they wait to be accepted: a room that reconnects at once
/// must not lose its first packets.
const BACKLOG: i32 = 4096;
/// Why a server does not start. `Debug` is the same sentence as `Display`: it is what a `main` that
/// returns the error prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Bind {
        /// The address asked for.
        addr: String,
        /// What the system says.
        source: io::Error,
    },
    /// Everybody in the network could speak for anybody.
    #[error(
        "{0} is open to the network, and there is no authentication: add some to the hub's builder, bind \
         127.0.0.1, or name the hosts that open mode may answer to in `Config::hosts`"
    )]
    Exposed(SocketAddr),
    /// Everybody in the network could read the figures.
    #[error(
        "{0} is open to the network, and no password is asked for: use `Operations::guarded`, bind 127.0.0.1, \
         or name the hosts that it may answer to in `Config::hosts`"
    )]
    ExposedOperations(SocketAddr),
}

impl fmt::Debug for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A presence server on its own.
#[derive(Debug)]
pub struct Server {
    hub: Hub,
    pages: Pages,
    operations: Option<Operations>,
    admin: Option<Admin>,
    inspector: bool,
    listener: TcpListener,
    addr: SocketAddr,
}

impl Server {
    /// Listens on an address, in open mode: everybody may read and announce everywhere. For anything
    /// else make a hub, and see [`Server::bind_hub`].
    ///
    /// # Errors
    /// When a setting is wrong, the address is taken, or it is not a loopback address although no
    /// [`Config::hosts`] are named.
    pub async fn bind(addr: &str, topics: Topics, config: Config) -> Result<Self, StartError> {
        Self::bind_hub(addr, Hub::new(topics, config)?).await
    }

    /// The same for a hub that was made before, with hooks, authentication and rules say.
    ///
    /// # Errors
    /// As [`Server::bind`].
    pub async fn bind_hub(addr: &str, hub: Hub) -> Result<Self, StartError> {
        let open = hub.access().is_open();
        let named = !open || !hub.config().hosts.is_empty();
        let failed = |source| StartError::Bind {
            addr: addr.to_owned(),
            source,
        };
        let wanted = resolve(addr).await?;
        if !wanted.ip().is_loopback() && !named {
            return Err(StartError::Exposed(wanted));
        }
        let listener = listen(wanted).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        if open {
            tracing::warn!(%addr, "open mode: everybody who reaches this address may read and announce");
        }
        Ok(Self {
            hub,
            pages: Pages::default(),
            operations: None,
            admin: None,
            inspector: false,
            listener,
            addr,
        })
    }

    /// Answers all of these where everything else is answered, rather than `/healthz` and `/readyz` alone.
    /// They come before pages.
    #[must_use]
    pub fn with_operations(mut self, operations: Operations) -> Self {
        self.operations = Some(operations);
        self
    }

    /// Answers them on an address of their own, until the server has ended.
    ///
    /// # Errors
    /// When the address is taken, or is not a loopback address although no password is asked for and no
    /// [`Config::hosts`] are named.
    pub async fn with_admin(
        mut self,
        addr: &str,
        operations: Operations,
    ) -> Result<Self, StartError> {
        let wanted = resolve(addr).await?;
        let named = !operations.is_open() || !self.hub.config().hosts.is_empty();
        if !wanted.ip().is_loopback() && !named {
            return Err(StartError::ExposedOperations(wanted));
        }
        self.admin = Some(Admin::bind(addr, wanted, operations)?);
        Ok(self)
    }

    /// Where [`Server::with_admin`] listens, if it does.
    #[must_use]
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().map(Admin::addr)
    }

    /// Hands out a page at `/presence/inspector` that shows what is going on, see
    /// [`Service::with_inspector`].
    #[must_use]
    pub const fn with_inspector(mut self) -> Self {
        self.inspector = true;
        self
    }

    /// Hands out these pages wherever no presence route is.
    #[must_use]
    pub fn with_pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// Where it listens; the port is the real one when 0 was asked for.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The hub behind it.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Serves until `shutdown` is ready, then drains as [`Hub::drain`] does, while requests are still
    /// answered. Afterwards connections have 5 s to end; what was asked before is answered.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        // Ends with this function, so that who watches sees the end.
        let _admin = self.admin.map(Admin::serve);
        let mut service = Service::open(self.hub.clone()).below(PREFIX);
        if self.inspector {
            service = service.with_inspector();
        }
        let site = Site {
            service,
            operations: self.operations.map(Arc::new),
            pages: Arc::new(self.pages),
            is_stopping: Arc::default(),
        };
        serve_site(site, self.listener, shutdown).await;
        self.hub.close();
    }
}

async fn resolve(addr: &str) -> Result<SocketAddr, StartError> {
    let found = tokio::net::lookup_host(addr).await;
    let first = found.and_then(|mut it| it.next().ok_or(io::ErrorKind::NotFound.into()));
    first.map_err(|source| StartError::Bind {
        addr: addr.to_owned(),
        source,
    })
}

pub(super) fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let domain = socket2::Domain::for_address(addr);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves a hub below `/presence` on any listener until `shutdown` is ready.
pub async fn serve(hub: Hub, listener: impl Listener, shutdown: impl Future<Output = ()>) {
    let site = Site {
        service: Service::open(hub).below(PREFIX),
        operations: None,
        pages: Arc::default(),
        is_stopping: Arc::default(),
    };
    serve_site(site, listener, shutdown).await;
}

async fn serve_site<L: Listener>(site: Site, listener: L, shutdown: impl Future<Output = ()>) {
    let mut accepting = Accepting::new(listener);
    let hub = site.service.hub().clone();
    let gone = {
        let hub = hub.clone();
        async move {
            shutdown.await;
            hub.send_off().await;
        }
    };
    // Told in the order of connecting, where `watch` would tell in a random one.
    let (stop, stopped) = broadcast::channel(1);
    let mut gone = pin!(gone);
    loop {
        let io = tokio::select! {
            biased;
            () = &mut gone => break,
            io = accepting.next(&hub.shared().meter) => io,
        };
        let peer = L::peer(&io).map(Peer);
        let from = hub.proxies().address_of_connection(peer);
        if let Some(entered) = hub.shared().doors.enter(from, &hub.shared().meter) {
            tokio::spawn(converse(io, peer, entered, site.clone(), stop.subscribe()));
        }
    }
    drop(accepting);
    hub.connections().end();
    drop(stopped);
    site.is_stopping.store(true, Ordering::Relaxed);
    // Connections hold a receiver each; all are dropped when the last has ended.
    let _ = stop.send(());
    let ended = async {
        stop.closed().await;
        hub.connections().all_ended().await;
    };
    let _ = timeout(FAREWELL, ended).await;
    // Until now requests were answered that may have announced somebody here.
    hub.farewell().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `main` that returns an error prints it by `Debug`.
    #[tokio::test]
    async fn what_is_wrong_is_a_sentence_in_main() {
        let mut config = Config::default();
        let error = Server::bind("0.0.0.0:0", Topics::new(), config.clone())
            .await
            .expect_err("it is open to the network");
        let printed = format!("{error:?}");
        assert!(printed.contains("there is no authentication"), "{printed}");

        config.max_connections = 0;
        let error = Hub::new(Topics::new(), config).expect_err("nobody could come");
        let printed = format!("{error:?}");
        assert!(printed.starts_with("max_connections must be "), "{printed}");
    }
}
