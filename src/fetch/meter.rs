//! Counters of requests to portals, for monitoring.
//!
//! Owns the counts of this process, which begin anew with it, as Prometheus expects. Never stores
//! them.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The label of a request: the class of the status (`2xx`), or the reason for no answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: String,
}

#[derive(Debug)]
struct Meter {
    requests: Family<OutcomeLabel, Counter>,
    bytes: Counter,
    latency: Histogram,
}

static METER: LazyLock<Meter> = LazyLock::new(|| Meter {
    requests: Family::default(),
    bytes: Counter::default(),
    // From 10 ms to 80 s.
    latency: Histogram::new(exponential_buckets(0.01, 2.0, 14)),
});

/// Counts an answer, and the bytes of its body as sent.
pub(super) fn answered(status: u16, bytes: usize, took: Duration) {
    count(format!("{}xx", status / 100));
    METER.bytes.inc_by(bytes as u64);
    METER.latency.observe(took.as_secs_f64());
}

/// Counts a request without an answer, by the reason.
pub(super) fn failed(reason: &str) {
    count(reason.to_owned());
}

fn count(outcome: String) {
    METER
        .requests
        .get_or_create(&OutcomeLabel { outcome })
        .inc();
}

/// Registers the counters.
pub(crate) fn register(registry: &mut Registry) {
    registry.register(
        "dibao_fetches",
        "Requests to portals by outcome: the class of the status, or why there was no answer",
        METER.requests.clone(),
    );
    registry.register_with_unit(
        "dibao_fetched",
        "Bodies received from portals, as they were sent",
        Unit::Bytes,
        METER.bytes.clone(),
    );
    registry.register_with_unit(
        "dibao_fetch_duration",
        "From a request to the end of its answer",
        Unit::Seconds,
        METER.latency.clone(),
    );
}
