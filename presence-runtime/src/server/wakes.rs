//! Wakes: what wakes the task of a connection over HTTP, but for one wake that is for nothing.
//!
//! hyper's half of a connection is woken for every piece of a body that is taken, so that it may bring
//! the next one. Both halves are the same task here, and behind the last piece comes nothing: the
//! task would be polled twice for every request.

use std::cell::Cell;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use http_body::{Body, Frame};

thread_local! {
    /// The waker of the connection whose body this thread takes a piece of.
    static TAKING: Cell<*const ()> = const { Cell::new(ptr::null()) };
    /// It was woken meanwhile.
    static IS_WOKEN: Cell<bool> = const { Cell::new(false) };
}

/// The waker of a connection's task.
#[derive(Debug)]
pub(super) struct Wakes(Waker);

impl Wakes {
    /// What wakes the same task.
    pub(super) fn of(task: &Waker) -> Waker {
        Waker::from(Arc::new(Self(task.clone())))
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if TAKING.get() == Arc::as_ptr(self).cast() {
            IS_WOKEN.set(true);
        } else {
            self.0.wake_by_ref();
        }
    }
}

/// This thread takes a piece until this is dropped, also by a body that panics: the wakes of whoever comes
/// after would be taken for those that are spared.
struct Taking;

impl Taking {
    fn of(connection: &Waker) -> Self {
        TAKING.set(connection.data());
        IS_WOKEN.set(false);
        Self
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        TAKING.set(ptr::null());
    }
}

/// A piece of a body, or why there is none.
type Piece<B> = Result<Frame<<B as Body>::Data>, <B as Body>::Error>;

/// Takes a piece of a body. The wake that comes of it on this thread is passed on only where another
/// piece may come; who else wakes the task meanwhile does so from another thread, and is heard.
pub(super) fn poll_piece<B: Body>(
    mut body: Pin<&mut B>,
    context: &mut Context<'_>,
) -> Poll<Option<Piece<B>>> {
    let taking = Taking::of(context.waker());
    let piece = body.as_mut().poll_frame(context);
    drop(taking);
    if IS_WOKEN.get() && !body.is_end_stream() {
        context.waker().wake_by_ref();
    }
    piece
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use bytes::Bytes;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Wakes somebody when a piece is taken.
    struct Waking {
        whom: Waker,
        elsewhere: bool,
        is_last: bool,
    }

    impl Body for Waking {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let whom = self.whom.clone();
            if self.elsewhere {
                thread::spawn(|| whom.wake()).join().expect("it wakes");
            } else {
                whom.wake();
            }
            Poll::Ready(None)
        }

        fn is_end_stream(&self) -> bool {
            self.is_last
        }
    }

    /// Panics when a piece is taken.
    struct Broken;

    impl Body for Broken {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            panic!("on purpose")
        }
    }

    #[test]
    fn a_body_that_panics_leaves_nobody_asleep() {
        let count = Arc::new(Count::default());
        let own = Wakes::of(&Waker::from(count.clone()));
        let taking = AssertUnwindSafe(|| {
            let mut context = Context::from_waker(&own);
            poll_piece(Pin::new(&mut Broken), &mut context).is_ready()
        });
        assert!(catch_unwind(taking).is_err());
        own.wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn only_the_wake_for_what_comes_behind_the_last_piece_is_spared() {
        let count = Arc::new(Count::default());
        let woken = || count.0.load(Ordering::Relaxed);
        let own = Wakes::of(&Waker::from(count.clone()));
        let other = Wakes::of(&Waker::from(count.clone()));
        let take = |whom: &Waker, elsewhere, is_last| {
            let before = woken();
            let whom = whom.clone();
            let mut body = Waking {
                whom,
                elsewhere,
                is_last,
            };
            let mut context = Context::from_waker(&own);
            let piece = poll_piece(Pin::new(&mut body), &mut context);
            assert!(piece.is_ready());
            woken() - before
        };
        assert_eq!(take(&own, false, true), 0);
        assert_eq!(take(&own, false, false), 1);
        assert_eq!(take(&own, true, true), 1);
        assert_eq!(take(&other, false, true), 1);
        let before = woken();
        own.wake();
        assert_eq!(woken(), before + 1);
    }
}
