//! Asking the application: its code may panic, hang or block, and nobody else is to notice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::server::meter::Count;

/// What the application is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Question {
    /// Who somebody is.
    Authentication,
    /// What somebody may do.
    Rule,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Silence {
    /// Its code panicked.
    Panicked,
    /// It took too long.
    Late,
}

const QUESTIONS: [(Question, &str); 2] = [
    (Question::Authentication, "authentication"),
    (Question::Rule, "rule"),
];

const SILENCES: [(Silence, &str); 2] = [(Silence::Panicked, "panic"), (Silence::Late, "timeout")];

/// Asks the application, and counts what it did not answer.
#[derive(Debug)]
pub(in crate::server) struct Asker {
    patience: Duration,
    silences: [[Count; SILENCES.len()]; QUESTIONS.len()],
}

impl Asker {
    /// One that waits so long for an answer.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            silences: Default::default(),
        }
    }

    /// What the application answers in time; nothing when it panics or takes longer. It runs as a task of its
    /// own, so that one that blocks its thread is given up all the same.
    pub(super) async fn answer<T: Send + 'static>(
        &self,
        what: Question,
        question: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let mut asked = Asked(tokio::spawn(question));
        match timeout(self.patience, &mut asked.0).await {
            Ok(Ok(answer)) => return Some(answer),
            // What a panic says may be a user's.
            Ok(Err(_)) => {
                self.count(what, Silence::Panicked);
                tracing::error!(?what, "the application panicked while it was asked");
            }
            Err(_) => {
                self.count(what, Silence::Late);
                tracing::error!(?what, patience = ?self.patience, "the application took too long to answer");
            }
        }
        None
    }

    /// The same for what is known at once.
    pub(super) fn answer_at_once<T>(
        &self,
        what: Question,
        question: impl FnOnce() -> T,
    ) -> Option<T> {
        // What it leaves half done is its own; nothing of ours is lent to it but to read.
        let answer = catch_unwind(AssertUnwindSafe(question)).ok();
        if answer.is_none() {
            self.count(what, Silence::Panicked);
            tracing::error!(?what, "the application panicked while it was asked");
        }
        answer
    }

    /// There was no answer.
    pub(super) fn count(&self, what: Question, why: Silence) {
        self.silences[what as usize][why as usize].add(1);
    }

    /// How often there was no answer so far, by what was asked and why.
    pub(in crate::server) fn silences(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        let by_question = QUESTIONS.iter().zip(&self.silences);
        by_question.flat_map(|((_, what), counts)| {
            let by_reason = SILENCES.iter().zip(counts);
            by_reason.map(|((_, why), count)| (*what, *why, count.get()))
        })
    }
}

/// A task that ends when nobody waits for it any more.
struct Asked<T>(JoinHandle<T>);

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn who_answers_is_heard_and_who_hangs_or_panics_is_not() {
        let asker = Asker::new(PATIENCE);
        assert_eq!(asker.answer(Question::Rule, async { 7 }).await, Some(7));
        assert_eq!(asker.answer(Question::Rule, pending::<u8>()).await, None);
        let panics = async { panic!("no") };
        assert_eq!(
            asker.answer(Question::Authentication, panics).await,
            None::<u8>
        );
        assert_eq!(asker.answer_at_once(Question::Rule, || 7), Some(7));
        assert_eq!(
            asker.answer_at_once(Question::Rule, || panic!("no")),
            None::<u8>
        );
        let counted: Vec<_> = asker.silences().collect();
        let expected = [
            ("authentication", "panic", 1),
            ("authentication", "timeout", 0),
            ("rule", "panic", 1),
            ("rule", "timeout", 1),
        ];
        assert_eq!(counted, expected);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_blocks_the_thread_is_given_up() {
        let block = async { std::thread::sleep(Duration::from_secs(1)) };
        assert_eq!(
            Asker::new(PATIENCE).answer(Question::Rule, block).await,
            None
        );
    }

    #[tokio::test]
    async fn nobody_is_asked_on_behalf_of_somebody_who_left() {
        let (held, mut noticed) = tokio::sync::oneshot::channel::<()>();
        let asker = Asker::new(PATIENCE);
        let asked = asker.answer(Question::Rule, async move {
            let _held = held;
            pending::<()>().await
        });
        assert!(timeout(Duration::from_millis(5), asked).await.is_err());
        let gone = timeout(PATIENCE, &mut noticed).await;
        assert!(matches!(gone, Ok(Err(_))));
    }
}
