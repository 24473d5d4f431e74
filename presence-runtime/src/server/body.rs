//! Bodies: those of requests as they are read, those of answers, whole or a stream of events.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::handover::Handover;
use super::outlet::{Duty, Form};
use super::screen::{GoingOn, Screen};
use super::stream::EventStream;
use super::wakes;
use crate::wire::comment;

/// How often a body is looked for in vain once its client has said everything.
const LAST_TURNS: u32 = 4;

/// Why the body of a request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It did not arrive in time.
    Late,
    /// It has more bytes than allowed.
    TooLong,
    /// The connection broke off.
    Broken,
}

/// Reads a body of at most so many bytes in at most this time. One that has arrived already needs
/// no timer, and one in one piece is not copied. `is_over` says whether the client has closed their side.
///
/// # Errors
/// When it is too late, too long or broken off.
pub(super) async fn collect(
    body: impl http_body::Body,
    most: usize,
    time: Duration,
    is_over: impl Fn() -> bool,
) -> Result<Bytes, Unread> {
    // Nobody is asked to go on who said that it will be too much.
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLong);
    }
    let pieces = AtomicUsize::new(0);
    let mut reading = pin!(gather(body, most, &pieces));
    match poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        Poll::Ready(done) => done,
        Poll::Pending => {
            let (mut before, mut turns) = (0, 0);
            let reading = poll_fn(|context| {
                let done = reading.as_mut().poll(context);
                if done.is_ready() || !is_over() {
                    return done;
                }
                // All there is has been read from the connection, and is on its way here piece by piece.
                let come = pieces.load(Ordering::Relaxed);
                turns = if come > before { 0 } else { turns + 1 };
                before = come;
                if turns > LAST_TURNS {
                    return Poll::Ready(Err(Unread::Broken));
                }
                context.waker().wake_by_ref();
                Poll::Pending
            });
            timeout(time, reading).await.unwrap_or(Err(Unread::Late))
        }
    }
}

async fn gather(
    body: impl http_body::Body,
    most: usize,
    pieces: &AtomicUsize,
) -> Result<Bytes, Unread> {
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while !body.is_end_stream() {
        let piece = poll_fn(|context| wakes::poll_piece(body.as_mut(), context));
        let Some(frame) = piece.await else {
            break;
        };
        pieces.fetch_add(1, Ordering::Relaxed);
        let Ok(mut data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        let count = data.remaining();
        if count > most - first.len().max(whole.len()) {
            return Err(Unread::TooLong);
        }
        let piece = data.copy_to_bytes(count);
        if first.is_empty() {
            first = piece;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&piece);
        }
    }
    Ok(if whole.is_empty() {
        first
    } else {
        whole.into()
    })
}

/// The body of an answer.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Option<Bytes>),
    Events(Box<Events>),
    /// Events that somebody else writes once the head has gone.
    HandedOver(Arc<Handover>),
}

/// A stream whose server asks for its bytes.
#[derive(Debug)]
struct Events {
    stream: EventStream,
    next_comment: Pin<Box<Sleep>>,
    /// Told when the first event is there.
    screen: Option<Arc<Screen>>,
    going_on: Option<GoingOn>,
}

impl Body {
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Whole(
            Some(bytes.into()).filter(|it: &Bytes| !it.is_empty()),
        ))
    }

    pub(super) fn events(stream: EventStream) -> Self {
        let next_comment = Box::pin(sleep(stream.config().comment));
        let mut events = Events {
            stream,
            next_comment,
            screen: None,
            going_on: None,
        };
        events.put_off_comment();
        Self(Kind::Events(Box::new(events)))
    }

    /// The body on a connection of a server of its own: events are handed over where they are written
    /// in chunks. The screen is told when there is an answer.
    pub(super) fn served(self, handover: &Arc<Handover>, screen: &Arc<Screen>) -> Self {
        if !matches!(self.0, Kind::Events(_)) {
            screen.answered();
        }
        match self.0 {
            Kind::Events(events) if events.stream.outlet().form() == Form::Chunks => {
                handover.promise(events.stream);
                Self(Kind::HandedOver(handover.clone()))
            }
            Kind::Events(mut events) => {
                events.screen = Some(screen.clone());
                events.going_on = Some(screen.goes_on());
                Self(Kind::Events(events))
            }
            kind => Self(kind),
        }
    }
}

impl Events {
    fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        let outlet = self.stream.outlet();
        loop {
            match outlet.poll_duty(context, false) {
                Poll::Ready(Duty::Close(_) | Duty::Recheck) => return Poll::Ready(None),
                Poll::Ready(Duty::CatchUp) => self.stream.catch_up(),
                Poll::Ready(Duty::Drain) => {
                    if let Some(bytes) = outlet.take() {
                        if let Some(screen) = self.screen.take() {
                            screen.answered();
                        }
                        self.put_off_comment();
                        return Poll::Ready(Some(bytes));
                    }
                }
                Poll::Pending => break,
            }
        }
        if self.next_comment.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        if self.is_over() {
            return Poll::Ready(None);
        }
        self.put_off_comment();
        Poll::Ready(Some(comment()))
    }

    /// Whether what the client showed has expired.
    fn is_over(&self) -> bool {
        self.stream.until().is_some_and(|it| it <= Instant::now())
    }

    fn put_off_comment(&mut self) {
        let next = Instant::now() + self.stream.config().comment;
        let until = self.stream.until().unwrap_or(next);
        self.next_comment.as_mut().reset(next.min(until));
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(bytes.take()),
            Kind::Events(events) => events.poll_bytes(context),
            Kind::HandedOver(handover) => {
                handover.begin();
                Poll::Pending
            }
        };
        bytes.map(|it| it.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |it| it.len() as u64))
            }
            Kind::Events(_) | Kind::HandedOver(_) => SizeHint::default(),
        }
    }
}
