//! Questions of many tasks that are answered together, in one transaction.
//!
//! Owns the waiting: while many ask, the first gives the others a moment to ask, too. An answer comes only
//! once its transaction is committed. Never knows what is asked.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::store::{Store, StoreError};

/// How long the first waits for others while many ask,
const MOMENT: Duration = Duration::from_millis(20);
/// and after it was alone.
const ALONE: Duration = Duration::from_millis(1);

/// Answers several questions in their order.
type Answer<A, R> = for<'a> fn(&'a Store, &'a [A]) -> BoxFuture<'a, Result<Vec<R>, StoreError>>;

type Asked<A, R> = (A, oneshot::Sender<Result<R, StoreError>>);

/// The questions that wait for an answer.
pub(in crate::store) struct Together<A, R> {
    waiting: Mutex<Vec<Asked<A, R>>>,
    /// Whether more than one was answered the last time.
    are_many: AtomicBool,
}

impl<A, R> Default for Together<A, R> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            are_many: AtomicBool::default(),
        }
    }
}

impl<A, R> fmt::Debug for Together<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Together")
    }
}

impl<A: Send + Sync + 'static, R: Send + 'static> Together<A, R> {
    /// Asks, and waits for the answer. If `answer` fails, each question is asked on its own, and gets its
    /// own error.
    pub(in crate::store) async fn ask(
        self: &Arc<Self>,
        store: &Store,
        ask: A,
        answer: Answer<A, R>,
    ) -> Result<R, StoreError> {
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting();
            waiting.push((ask, tell));
            waiting.len() == 1
        };
        if is_first {
            let (together, store) = (Arc::clone(self), store.clone());
            // In a task of its own: whoever asked first may give up, the others do not.
            tokio::spawn(async move {
                let are_many = together.are_many.load(Ordering::Relaxed);
                tokio::time::sleep(if are_many { MOMENT } else { ALONE }).await;
                together.answer(&store, answer).await;
            });
        }
        let gone = |_| Err(sqlx::Error::WorkerCrashed.into());
        told.await.unwrap_or_else(gone)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Asked<A, R>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, store: &Store, answer: Answer<A, R>) {
        let asked = std::mem::take(&mut *self.waiting());
        self.are_many.store(asked.len() > 1, Ordering::Relaxed);
        let (asks, tells): (Vec<A>, Vec<_>) = asked.into_iter().unzip();
        // Whoever gave up needs no answer.
        let mut tells = tells.into_iter();
        match answer(store, &asks).await {
            Ok(answers) => {
                for (tell, answer) in tells.zip(answers) {
                    let _ = tell.send(Ok(answer));
                }
                return;
            }
            Err(error) if asks.len() == 1 => {
                let _ = tells.next().map(|tell| tell.send(Err(error)));
                return;
            }
            Err(_) => (),
        }
        for (ask, tell) in asks.iter().zip(tells) {
            let one = answer(store, std::slice::from_ref(ask)).await;
            let one =
                one.and_then(|mut one| one.pop().ok_or_else(|| sqlx::Error::RowNotFound.into()));
            let _ = tell.send(one);
        }
    }
}
