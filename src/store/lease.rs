//! Leases: across processes, one at a time may send requests to a host.

use chrono::TimeDelta;

use super::{Store, StoreError};
use crate::model::Instant;

/// A lease that is not renewed for this long has run out.
const LEASE: TimeDelta = TimeDelta::seconds(120);

/// A process that holds leases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    machine: String,
    process: u32,
}

impl Holder {
    /// This process on this machine.
    pub fn this_process() -> Self {
        let machine = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .or_else(|_| std::fs::read_to_string("/etc/machine-id"))
            .unwrap_or_default();
        // Containers of one machine number their processes each for itself.
        let namespace = std::fs::read_link("/proc/self/ns/pid")
            .map(|link| link.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            machine: format!("{} {namespace}", machine.trim()),
            process: std::process::id(),
        }
    }

    /// Another process of the same machine, by its number.
    pub fn process(number: u32) -> Self {
        Self {
            process: number,
            ..Self::this_process()
        }
    }

    fn text(&self) -> String {
        format!("{}/{}", self.machine, self.process)
    }

    /// Whether the holder named by `text` is a process of this machine that has died. Where that
    /// cannot be told, its lease has to run out by itself.
    fn is_dead(&self, text: &str) -> bool {
        let Some((machine, process)) = text.rsplit_once('/') else {
            return false;
        };
        let proc = std::path::Path::new("/proc");
        !machine.is_empty()
            && machine == self.machine
            && proc.join("self").exists()
            && !proc.join(process).exists()
    }
}

impl Store {
    /// Takes or renews the lease of `host` for `holder`. `Ok(Some(expiry))` when somebody else
    /// has it: then nothing was taken.
    pub async fn lease(
        &self,
        host: &str,
        holder: &Holder,
        now: Instant,
    ) -> Result<Option<Instant>, StoreError> {
        let mut tx = self.begin().await?;
        let held: Option<(String, i64)> =
            sqlx::query_as("SELECT holder, expires_ms FROM leases WHERE host = ?")
                .bind(host)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some((other, expires)) = held
            && other != holder.text()
            && expires > now.millis()
            && !holder.is_dead(&other)
        {
            return Ok(Instant::from_millis(expires));
        }
        sqlx::query("INSERT OR REPLACE INTO leases (host, holder, expires_ms) VALUES (?, ?, ?)")
            .bind(host)
            .bind(holder.text())
            .bind(now.plus(LEASE).millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Gives the lease of `host` back.
    pub async fn release(&self, host: &str, holder: &Holder) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM leases WHERE host = ? AND holder = ?")
            .bind(host)
            .bind(holder.text())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
