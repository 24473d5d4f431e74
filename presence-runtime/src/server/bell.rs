//! Bells: how somebody who reads for themselves learns that there is something to read.

use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// A bell that somebody waits for. Ringing it twice before they look is ringing it once.
#[derive(Debug)]
pub(crate) struct Bell(Mutex<State>);

#[derive(Debug)]
struct State {
    rung: bool,
    waker: Option<Waker>,
}

impl Bell {
    /// A bell that has rung, because there is something to read at first.
    pub(crate) const fn rung() -> Self {
        Self(Mutex::new(State {
            rung: true,
            waker: None,
        }))
    }

    pub(crate) fn ring(&self) {
        let mut state = self.lock();
        state.rung = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until it has rung since this was last ready.
    pub(crate) fn poll_rung(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if std::mem::take(&mut state.rung) {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds a bell")
    }
}
