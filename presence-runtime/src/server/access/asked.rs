//! Asking the application: its code may panic, hang or block, and nobody else is to notice.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A task that ends when nobody waits for it any more.
struct Asked<T>(JoinHandle<T>);

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the application answers within a time; nothing when it panics or takes longer. It runs as a
/// task of its own, so that one that blocks its thread is given up all the same.
pub(super) async fn answer<T: Send + 'static>(
    what: &'static str,
    question: impl Future<Output = T> + Send + 'static,
    patience: Duration,
) -> Option<T> {
    let mut asked = Asked(tokio::spawn(question));
    match timeout(patience, &mut asked.0).await {
        Ok(Ok(answer)) => Some(answer),
        // The panic was reported where it happened; what it says may be a user's.
        Ok(Err(_)) => {
            tracing::error!(what, "the application panicked while it was asked");
            None
        }
        Err(_) => {
            tracing::error!(what, ?patience, "the application took too long to answer");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn who_answers_is_heard_and_who_hangs_or_panics_is_not() {
        assert_eq!(answer("it", async { 7 }, PATIENCE).await, Some(7));
        assert_eq!(answer("it", pending::<u8>(), PATIENCE).await, None);
        assert_eq!(
            answer("it", async { panic!("no") }, PATIENCE).await,
            None::<u8>
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_blocks_the_thread_is_given_up() {
        let block = async { std::thread::sleep(Duration::from_secs(1)) };
        assert_eq!(answer("it", block, PATIENCE).await, None);
    }

    #[tokio::test]
    async fn nobody_is_asked_on_behalf_of_somebody_who_left() {
        let (held, mut noticed) = tokio::sync::oneshot::channel::<()>();
        let asked = answer(
            "it",
            async move {
                let _held = held;
                pending::<()>().await
            },
            PATIENCE,
        );
        assert!(timeout(Duration::from_millis(5), asked).await.is_err());
        let gone = timeout(PATIENCE, &mut noticed).await;
        assert!(matches!(gone, Ok(Err(_))));
    }
}
