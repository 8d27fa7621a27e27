//! `/metrics`: the state of the service for Prometheus, in OpenMetrics 1.0.
//!
//! Owns the names and values of the metrics. Most are read from the store at each scrape, so they
//! include other processes and earlier ones. Never counts fetches of other processes.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::overview::Overview;
use super::problem::Problem;
use super::source::Source;
use crate::model::{ColumnStatus, Standing};
use crate::store::Worker;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ColumnLabel {
    column: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabel {
    column: String,
    verdict: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HeldLabel {
    column: String,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StandingLabel {
    standing: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkerLabel {
    worker: String,
}

type Gauges<L> = Family<L, Gauge>;
/// A counter that is made at each scrape and set to the count in the store.
type Counters<L> = Family<L, Counter>;

#[derive(Default)]
struct Columns {
    articles: Gauges<ColumnLabel>,
    waiting: Gauges<ColumnLabel>,
    held: Gauges<HeldLabel>,
    healthy: Gauges<ColumnLabel>,
    last_run: Gauges<ColumnLabel>,
    last_ok: Gauges<ColumnLabel>,
    last_new: Gauges<ColumnLabel>,
    next_run: Gauges<ColumnLabel>,
    revisions: Counters<ColumnLabel>,
    withdrawals: Counters<ColumnLabel>,
    pages: Counters<VerdictLabel>,
}

pub(super) async fn metrics(State(source): State<Source>) -> Result<Response, Problem> {
    let mut registry = Registry::default();
    crate::fetch::register(&mut registry);
    let is_open = source.open_store().is_some();
    let open = ConstGauge::new(i64::from(is_open));
    let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("dibao_build", "The version of dibao", build);
    registry.register("dibao_store_open", "Whether the store is open", open);
    if is_open {
        add_overview(&*source.overview().await?, &mut registry);
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = encode(&mut text, &registry);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn add_overview(overview: &Overview, registry: &mut Registry) {
    let columns = Columns::default();
    for column in &overview.columns {
        let status = &column.status;
        columns.set(status);
        let figures = overview.figures.get(status.column.as_str());
        let figures = figures.copied().unwrap_or_default();
        let label = column_label(&status.column);
        add(&columns.revisions, &label, figures.revisions);
        add(&columns.withdrawals, &label, figures.withdrawals);
    }
    columns.register(registry);
    let standings: Gauges<StandingLabel> = Family::default();
    for standing in Standing::ALL {
        let count = overview.columns.iter();
        let count = count
            .filter(|column| column.status.standing == standing)
            .count();
        let standing = standing.name().to_owned();
        let gauge = standings.get_or_create(&StandingLabel { standing });
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    registry.register("dibao_columns", "Columns by how they stand", standings);
    let incidents: Gauges<ReasonLabel> = Family::default();
    for incident in &overview.incidents {
        let reason = incident.reason.clone();
        incidents.get_or_create(&ReasonLabel { reason }).inc();
    }
    registry.register("dibao_incidents", "Incidents that are open", incidents);
    let failing = i64::try_from(overview.failing_receivers).unwrap_or(i64::MAX);
    registry.register(
        "dibao_receivers_failing",
        "Hubs and webhooks that take nothing at present, by what they are told of",
        ConstGauge::new(failing),
    );
    registry.register(
        "dibao_changes",
        "Changes so far: the sequence number of the last",
        ConstCounter::new(u64::try_from(overview.last_seq).unwrap_or_default()),
    );
    registry.register(
        "dibao_unpublished_changes",
        "Changes that are stored and not published yet",
        ConstGauge::new(overview.last_seq - overview.published_seq),
    );
    if let Some(workers) = &overview.workers {
        add_workers(workers, registry);
    }
}

/// The processes that share the store, and the hosts that each holds.
fn add_workers(workers: &[Worker], registry: &mut Registry) {
    let hosts: Gauges<WorkerLabel> = Family::default();
    let count = i64::try_from(workers.len()).unwrap_or(i64::MAX);
    for Worker {
        holder, hosts: of, ..
    } in workers
    {
        let worker = holder.clone();
        let gauge = hosts.get_or_create(&WorkerLabel { worker });
        gauge.set(i64::try_from(*of).unwrap_or(i64::MAX));
    }
    registry.register(
        "dibao_workers",
        "Processes that share the store and are alive",
        ConstGauge::new(count),
    );
    registry.register(
        "dibao_worker_hosts",
        "Hosts that a process holds: their leases",
        hosts,
    );
}

fn add<L: Clone + std::hash::Hash + Eq>(counters: &Counters<L>, label: &L, count: i64) {
    let count = u64::try_from(count).unwrap_or_default();
    counters.get_or_create(label).inc_by(count);
}

fn column_label(column: &crate::model::ColumnName) -> ColumnLabel {
    ColumnLabel {
        column: column.to_string(),
    }
}

impl Columns {
    fn set(&self, status: &ColumnStatus) {
        let label = column_label(&status.column);
        self.articles.get_or_create(&label).set(status.articles);
        self.waiting.get_or_create(&label).set(status.waiting);
        for held in &status.held {
            let label = HeldLabel {
                column: label.column.clone(),
                reason: held.reason.clone(),
            };
            self.held.get_or_create(&label).set(held.articles);
        }
        if let Some(healthy) = status.healthy {
            self.healthy.get_or_create(&label).set(healthy.into());
        }
        for (gauge, at) in [
            (&self.last_run, status.last_run_at),
            (&self.last_ok, status.last_ok_at),
            (&self.last_new, status.last_new_at),
            (&self.next_run, status.next_run_at),
        ] {
            if let Some(at) = at {
                gauge
                    .get_or_create(&label)
                    .set(at.millis().div_euclid(1000));
            }
        }
        for count in &status.verdicts {
            let label = VerdictLabel {
                column: label.column.clone(),
                verdict: count.verdict.clone(),
            };
            add(&self.pages, &label, count.count);
        }
    }

    fn register(self, registry: &mut Registry) {
        let plain = [
            (
                "dibao_articles",
                "Articles of a column, withdrawn ones aside",
                self.articles,
            ),
            (
                "dibao_queue",
                "Items that are listed and not read yet",
                self.waiting,
            ),
            (
                "dibao_healthy",
                "Whether a column's last run went well",
                self.healthy,
            ),
        ];
        for (name, help, gauges) in plain {
            registry.register(name, help, gauges);
        }
        registry.register(
            "dibao_held_articles",
            "Articles that were read and are held back, by reason",
            self.held,
        );
        let times = [
            (
                "dibao_last_run_timestamp",
                "When a column's last run ended",
                self.last_run,
            ),
            (
                "dibao_last_ok_timestamp",
                "When its last run ended that went well",
                self.last_ok,
            ),
            (
                "dibao_last_new_timestamp",
                "When it last had a new article",
                self.last_new,
            ),
            (
                "dibao_next_run_timestamp",
                "When it is due next",
                self.next_run,
            ),
        ];
        for (name, help, gauges) in times {
            registry.register_with_unit(name, help, Unit::Seconds, gauges);
        }
        let counters = [
            (
                "dibao_revisions",
                "Edits by the portal after publication",
                self.revisions,
            ),
            (
                "dibao_withdrawals",
                "How often an article was taken down",
                self.withdrawals,
            ),
        ];
        for (name, help, counters) in counters {
            registry.register(name, help, counters);
        }
        let help = "What came of a column's pages since the store was begun, by verdict";
        registry.register("dibao_pages", help, self.pages);
    }
}
