//! Time: that of all logs, and how late this process is.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Measures how late this process gets its turn.
pub(super) async fn watch(lateness: Rc<Cell<u64>>) {
    const STEP: u64 = 20;
    loop {
        let before = now();
        sleep(Duration::from_millis(STEP)).await;
        lateness.set(lateness.get().max((now() - before).saturating_sub(STEP)));
    }
}

/// The time of all logs, in ms.
pub(crate) fn now() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    let began = BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_millis()).expect("no day is that long")
}
