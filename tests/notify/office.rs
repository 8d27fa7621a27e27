//! A dibao that tells people, with a clock that it is given.
//!
//! Owns the articles and the configuration. Never asks a portal.

use chrono::TimeDelta;
use dibao::config::ServiceConfig;
use dibao::model::Clock;
use dibao::notify::{Notifier, Published};
use dibao::pipeline;
use dibao::store::FailingReceiver;
use tokio_util::sync::CancellationToken;

use crate::published::desk::{COLUMNS, Desk};
use crate::support::replica::{column_at, hourly};
use crate::support::{page, text};

pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) service: ServiceConfig,
    notifier: Notifier,
    number: u32,
}

impl Office {
    /// An office with these settings, whose receivers begin now.
    pub(crate) async fn new(settings: &str) -> Self {
        let desk = Desk::new(1).await;
        let file = desk.path("dibao.toml");
        std::fs::write(&file, settings).unwrap();
        let service = ServiceConfig::load(&file).unwrap();
        let notifier = Notifier::new("dibao-test", &service).unwrap();
        notifier.begin(&desk.store, desk.now).await.unwrap();
        Self {
            desk,
            service,
            notifier,
            number: 0,
        }
    }

    /// A new article in a column.
    pub(crate) async fn add(&mut self, column: usize, title: &str) {
        self.number += 1;
        let portal = COLUMNS[column].split('/').next().unwrap();
        let url = format!("http://www.{portal}.gov.cn/n{}.html", self.number);
        let mut page = page(&url, None, title, &text(self.number + 40_000));
        page.portal = portal.to_owned();
        self.desk.collect(column, &page, false).await;
    }

    /// The same, found by a backfill.
    pub(crate) async fn add_older(&mut self, column: usize, title: &str) {
        self.number += 1;
        let url = format!("http://www.lucheng.gov.cn/o{}.html", self.number);
        let page = page(&url, None, title, &text(self.number + 40_000));
        self.desk.collect(column, &page, true).await;
    }

    pub(crate) fn column(&mut self, column: usize, more: &str) {
        let url = self.desk.columns[column].url.clone();
        self.desk.columns[column] = column_at(COLUMNS[column], url.as_str(), more);
    }

    pub(crate) async fn tell(&self) {
        let now = self.desk.now;
        let (clock, stop) = (Clock::from_fn(move || now), CancellationToken::new());
        let store = &self.desk.store;
        let columns = pipeline::column_infos(store, &self.desk.columns, &hourly()).await;
        let (columns, site) = (columns.unwrap(), self.desk.site());
        let published = Published {
            store,
            site: &site,
            columns: &columns,
            files: &[],
            clock: &clock,
        };
        self.notifier.tell(&published, &stop).await.unwrap();
    }

    pub(crate) fn later(&mut self, minutes: i64) {
        self.desk.now = self.desk.now.plus(TimeDelta::minutes(minutes));
    }

    pub(crate) async fn failing(&self) -> Vec<FailingReceiver> {
        self.desk.store.notices().failing_receivers().await.unwrap()
    }
}
