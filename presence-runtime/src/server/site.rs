//! The site: what a server of its own answers on a connection, until that ends or is handed over.

use std::any::{Any, TypeId};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::broadcast;
use tokio::time::timeout;
use tracing::Instrument;

use super::address::Peer;
use super::body::Body;
use super::doors::Entered;
use super::gathered::Gathered;
use super::handover::Handover;
use super::line::Line;
use super::operations::{self, Operations};
use super::pages::Pages;
use super::patience::Patience;
use super::refused::Refused;
use super::routes;
use super::screen::{Screen, Screened};
use super::service::{Service, is_plain};
use super::socket;
use super::stalling::{Stalling, patience};
use super::streaming;
use super::wakes::Wakes;

/// Where the presence routes are.
pub(super) const PREFIX: &str = "/presence";
/// The most bytes that are taken in of whoever is not answered any more.
const MAX_UNREAD: u64 = 4 * 1024 * 1024;
/// The most headers of a request.
pub(super) const MAX_HEADERS: usize = 100;
/// The most a connection over HTTP may have to buffer in user space.
const MAX_BUFFER: usize = 64 * 1024;

/// What a standalone server answers with.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) service: Service,
    /// Nothing where it is `/healthz` and `/readyz` alone.
    pub(super) operations: Option<Arc<Operations>>,
    pub(super) pages: Arc<Pages>,
    /// Set before its connections are told to end.
    pub(super) is_stopping: Arc<AtomicBool>,
}

impl Site {
    async fn answer(&self, line: &Line, request: Request<Incoming>) -> Response<Body> {
        let below = request.uri().path().strip_prefix(PREFIX);
        if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return self.service.answer_on(line, request).await;
        }
        let hub = self.service.hub();
        let done = if line.is_doubtful() || !is_plain(request.headers()) {
            Err(Refused::Doubtful)
        } else {
            self.answer_beside(&request.into_parts().0)
        };
        done.unwrap_or_else(|refused| refused.counted(&hub.shared().meter))
    }

    /// Answers what is no presence route.
    fn answer_beside(&self, head: &Parts) -> Result<Response<Body>, Refused> {
        let hub = self.service.hub();
        let path = head.uri.path();
        if let Some(operations) = &self.operations
            && Operations::serves(path)
        {
            return operations.done(head);
        }
        if let Some(done) = operations::basics(hub, head) {
            return done;
        }
        hub.access().host(head)?;
        self.pages.page(&head.method, path)
    }
}

/// Answers whoever is on a connection until it ends, or is somebody else's.
pub(super) async fn converse<Io: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    io: Io,
    peer: Option<Peer>,
    entered: Entered,
    site: Site,
    mut stopped: broadcast::Receiver<()>,
) {
    let config = site.service.hub().config();
    let mut http = http1::Builder::new();
    // Whoever says nothing is noticed here, and whoever takes long to say it by the screen.
    http.header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .max_header_size(config.max_head)
        .max_buf_size(MAX_BUFFER);
    let handover = Arc::<Handover>::default();
    let screen = Arc::<Screen>::default();
    let line = Line {
        peer,
        screen: Some(screen.clone()),
        is_handed_over: TypeId::of::<Io>() == TypeId::of::<TcpStream>(),
        ..Line::default()
    };
    let (site, line, promised, screened) = (&site, &line, &handover, &screen);
    let entered = &entered;
    let answer = service_fn(|request| {
        screened.asked();
        async {
            let mut response = match &entered.refusal {
                None => site.answer(line, request).await,
                // It was counted when it came.
                Some(fault) => routes::last(Refused::from(fault.clone()).answer()),
            };
            if site.service.hub().connections().drain.has_begun() {
                // Whoever comes again may find another server.
                response = routes::last(response);
            }
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                screened.upgraded();
            }
            Ok::<_, Infallible>(response.map(|body| body.served(promised, screened)))
        }
    });
    let io = Gathered::new(Stalling::new(io, patience(config)), handover.clone());
    let io = Screened::new(io, screen.clone(), config.header_timeout);
    let mut connection = http
        .serve_connection(TokioIo::new(io), answer)
        .with_upgrades();
    let mut patience = Patience::new(config.header_timeout, config.idle_timeout);
    let mut stopping = pin!(stopped.recv());
    let (mut is_watched, mut is_stopped) = (false, false);
    let mut wakes = None;
    let stream = poll_fn(|context| {
        let waker = wakes.get_or_insert_with(|| Wakes::of(context.waker()));
        loop {
            // A connection that breaks off is the client's affair.
            let served = Pin::new(&mut connection).poll(&mut Context::from_waker(waker));
            if served.is_ready() {
                return Poll::Ready(None);
            }
            if let Some(stream) = handover.take() {
                return Poll::Ready(Some(stream));
            }
            // Once it knows whom to wake, it need not be asked with every request.
            let is_told = !is_watched || site.is_stopping.load(Ordering::Relaxed);
            is_watched = true;
            if is_stopped || !is_told || stopping.as_mut().poll(context).is_pending() {
                break;
            }
            is_stopped = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        patience.poll_end(context, screen.wait()).map(|()| None)
    })
    .await;
    // Whoever was upgraded is somebody else's.
    let Some(io) = connection.into_parts().map(|it| it.io.into_inner()) else {
        return;
    };
    let Some(stream) = stream else {
        if !screen.is_over() && !is_stopped {
            Box::pin(part(io)).await;
        }
        return;
    };
    if let Some(socket) = tcp(io.into_inner().into_inner().into_inner()) {
        // A task of its own: this one keeps room for hyper.
        let span = stream.span().clone();
        tokio::spawn(streaming::serve(stream, socket).instrument(span));
    }
}

/// Takes in what a client still says to whom no more is said: a socket that is closed with unread bytes
/// would take back the answer that says why.
async fn part(mut io: impl AsyncRead + AsyncWrite + Unpin) {
    let parting = async {
        io.shutdown().await?;
        tokio::io::copy(&mut io.take(MAX_UNREAD), &mut tokio::io::sink()).await
    };
    let _ = timeout(socket::FAREWELL, parting).await;
}

/// The socket, where a connection is one.
fn tcp(io: impl Any) -> Option<TcpStream> {
    (&mut Some(io) as &mut dyn Any)
        .downcast_mut::<Option<TcpStream>>()?
        .take()
}
