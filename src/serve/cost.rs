//! What a request costs: the time of the store, and the rows that it reads.
//!
//! Owns the weight of both. Never refuses anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A request costs this at least,
pub(super) const LEAST: f64 = 0.25;
/// one more for so many microseconds of the store,
const MICROS: f64 = 10_000.0;
/// and one more for so many rows.
const ROWS: f64 = 400.0;

tokio::task_local! {
    static METER: Arc<Meter>;
}

/// Adds up what a request costs.
#[derive(Debug, Default)]
pub(super) struct Meter {
    micros: AtomicU64,
    rows: AtomicU64,
}

impl Meter {
    /// Answers a request, and says what it cost beyond the least.
    pub(super) async fn of<T>(answer: impl Future<Output = T>) -> (T, f64) {
        let meter = Arc::new(Self::default());
        let answered = METER.scope(Arc::clone(&meter), answer).await;
        let micros = meter.micros.load(Ordering::Relaxed) as f64;
        let rows = meter.rows.load(Ordering::Relaxed) as f64;
        (answered, micros / MICROS + rows / ROWS)
    }
}

/// Counts the time of the store within a request.
pub(super) async fn timed<T>(read: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let done = read.await;
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    // Whoever reads the store without a request pays nothing.
    let _ = METER.try_with(|meter| meter.micros.fetch_add(micros, Ordering::Relaxed));
    done
}

/// Counts rows that a request reads.
pub(super) fn add_rows(rows: usize) {
    let _ = METER.try_with(|meter| meter.rows.fetch_add(rows as u64, Ordering::Relaxed));
}
