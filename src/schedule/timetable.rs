//! When each column is due next. Pure: the present is handed in.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::{Column, Cron};
use crate::fetch::host_of;
use crate::model::{ColumnName, Instant};

/// Skipped ticks are counted up to this many a run: a clock that leaps years is not counted out.
const SKIPPED_AT_MOST: usize = 1000;

/// When each column is due next, and which are running since when.
#[derive(Clone, Debug, Default)]
pub struct Timetable {
    next: BTreeMap<ColumnName, Instant>,
    running: BTreeMap<ColumnName, Instant>,
    busy_hosts: BTreeMap<ColumnName, String>,
}

impl Timetable {
    /// The timetable at start. A column that never ran is due at once; one whose ticks were
    /// missed while nothing ran is due once, not once for each.
    pub fn new(
        columns: &[Column],
        cron: &Cron,
        last_run: impl Fn(&ColumnName) -> Option<Instant>,
        now: Instant,
    ) -> Self {
        let next = columns
            .iter()
            .filter_map(|column| {
                let due = match last_run(&column.name) {
                    None => Some(now),
                    // A clock that was set back must not silence a column.
                    Some(last) => next_tick(cron, &column.name, last.min(now)),
                };
                due.map(|due| (column.name.clone(), due))
            })
            .collect();
        Self {
            next,
            ..Self::default()
        }
    }

    /// When this column is due next; `None` while it runs, or for one that never is.
    pub fn next(&self, column: &ColumnName) -> Option<Instant> {
        self.next
            .get(column)
            .copied()
            .filter(|_| !self.running.contains_key(column))
    }

    /// Brings forward what a clock that was set back would leave waiting: nothing is due later than
    /// the tick after next.
    pub fn keep_up(&mut self, cron: &Cron, now: Instant) {
        for (column, next) in &mut self.next {
            let tick = next_tick(cron, column, now);
            let bound = tick.and_then(|tick| next_tick(cron, column, tick));
            if let (Some(tick), Some(bound)) = (tick, bound)
                && *next > bound
            {
                *next = tick;
            }
        }
    }

    /// Takes the columns that are due at `now`, grouped by host; hosts that are busy have to wait.
    pub fn take_due(&mut self, columns: &[Column], now: Instant) -> Vec<Vec<Column>> {
        let busy: BTreeSet<&String> = self.busy_hosts.values().collect();
        let mut due: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for column in columns {
            let host = host_of(&column.url);
            let is_due = self.next(&column.name).is_some_and(|next| next <= now);
            if is_due && !busy.contains(&host) {
                due.entry(host).or_default().push(column.clone());
            }
        }
        for (host, columns) in &due {
            for column in columns {
                self.running.insert(column.name.clone(), now);
                self.busy_hosts.insert(column.name.clone(), host.clone());
            }
        }
        due.into_values().collect()
    }

    /// When the first of the other columns is due that share the host of these.
    pub fn next_beside(&self, taken: &[Column], columns: &[Column]) -> Option<Instant> {
        let host = taken.first().map(|column| host_of(&column.url))?;
        columns
            .iter()
            .filter(|column| host_of(&column.url) == host)
            .filter_map(|column| self.next(&column.name))
            .min()
    }

    /// Notes that the runs of these columns have ended, and when each is due again: at the first
    /// tick after now, so that ticks missed meanwhile do not pile up. Gives how many these were.
    pub fn ended(&mut self, columns: &[ColumnName], cron: &Cron, now: Instant) -> usize {
        let mut skipped = 0;
        for column in columns {
            if let Some(began) = self.running.remove(column) {
                skipped += ticks(cron, column, began)
                    .take(SKIPPED_AT_MOST)
                    .take_while(|tick| *tick <= now)
                    .count();
            }
            self.busy_hosts.remove(column);
            match next_tick(cron, column, now) {
                Some(next) => self.next.insert(column.clone(), next),
                None => self.next.remove(column),
            };
        }
        skipped
    }

    /// How long until something may be due.
    pub fn until_next(&self, now: Instant) -> Duration {
        self.next
            .iter()
            .filter(|(column, _)| !self.running.contains_key(*column))
            .map(|(_, next)| (next.to_chrono() - now.to_chrono()).max(TimeDelta::zero()))
            .min()
            .and_then(|wait| wait.to_std().ok())
            // Due, but its host is busy: the end of that run wakes the scheduler.
            .map_or(Duration::MAX, |wait| wait.max(Duration::from_secs(1)))
    }
}

/// The ticks after `after`, without jitter.
fn ticks(cron: &Cron, column: &ColumnName, after: Instant) -> impl Iterator<Item = Instant> {
    std::iter::successors(cron.next(column, after), |tick| cron.next(column, *tick))
}

/// The first tick after `after`, with the job's jitter: the same for the same column and tick,
/// spread over columns.
fn next_tick(cron: &Cron, column: &ColumnName, after: Instant) -> Option<Instant> {
    let tick = cron.next(column, after)?;
    let jitter = u64::try_from(cron.job(column).jitter.as_millis()).unwrap_or(u64::MAX);
    let mut hasher = DefaultHasher::new();
    (column.as_str(), tick.millis()).hash(&mut hasher);
    let delay = if jitter == 0 {
        0
    } else {
        hasher.finish() % jitter
    };
    Some(tick.plus(TimeDelta::milliseconds(i64::try_from(delay).unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn columns() -> Vec<Column> {
        ["a/one", "a/two", "b/one"]
            .map(|name| {
                let host = &name[..1];
                let text = format!("url = \"http://{host}.gov.cn/{name}/\"");
                Column::parse(name.parse().unwrap(), Path::new("test.toml"), &text).unwrap()
            })
            .into()
    }

    fn cron(text: &str) -> Cron {
        Cron::parse(Path::new("cron.toml"), text).unwrap()
    }

    fn at(hour: u32, minute: u32) -> Instant {
        let day = chrono::NaiveDate::from_ymd_opt(2025, 12, 30).unwrap();
        Instant::start_of(day).plus(TimeDelta::minutes(i64::from(hour * 60 + minute)))
    }

    const EVERY_20: &str = "[[job]]\ncolumns = [\"*/*\"]\ncron = \"*/20 7-21 * * *\"";

    #[test]
    fn columns_of_one_host_are_taken_together_and_not_again_while_they_run() {
        let (columns, cron) = (columns(), cron(EVERY_20));
        let mut table = Timetable::new(&columns, &cron, |_| None, at(9, 5));
        let due = table.take_due(&columns, at(9, 5));
        assert_eq!(due.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!(table.take_due(&columns, at(12, 0)).is_empty());
        assert_eq!(table.next_beside(&due[0], &columns), None);
        assert_eq!(table.ended(&[columns[1].name.clone()], &cron, at(9, 6)), 0);
        assert_eq!(table.next_beside(&due[0], &columns), Some(at(9, 20)));
        assert_eq!(table.next_beside(&due[1], &columns), None);
        assert_eq!(table.ended(&[columns[2].name.clone()], &cron, at(9, 6)), 0);
        assert_eq!(table.next(&columns[2].name), Some(at(9, 20)));
        assert_eq!(table.next(&columns[0].name), None, "still running");
    }

    #[test]
    fn missed_ticks_are_made_up_for_once() {
        let (columns, cron) = (columns(), cron(EVERY_20));
        let mut table = Timetable::new(&columns, &cron, |_| Some(at(8, 0)), at(12, 5));
        assert_eq!(table.take_due(&columns, at(12, 5)).len(), 2);
        let names: Vec<ColumnName> = columns.iter().map(|column| column.name.clone()).collect();
        table.ended(&names, &cron, at(12, 6));
        assert!(table.take_due(&columns, at(12, 19)).is_empty());
        assert_eq!(table.take_due(&columns, at(12, 20)).len(), 2);
    }

    #[test]
    fn ticks_that_come_while_a_column_runs_are_skipped_and_counted() {
        let (columns, cron) = (columns(), cron(EVERY_20));
        let mut table = Timetable::new(&columns, &cron, |_| None, at(9, 5));
        let names: Vec<ColumnName> = table.take_due(&columns, at(9, 5))[0]
            .iter()
            .map(|column| column.name.clone())
            .collect();
        // 9:20, 9:40 and 10:00, for two columns.
        assert_eq!(table.ended(&names, &cron, at(10, 5)), 6);
        assert_eq!(table.ended(&names, &cron, at(10, 5)), 0, "counted once");
        table.take_due(&columns, at(10, 20));
        let year = TimeDelta::days(3650);
        let leapt = table.ended(&names[..1], &cron, at(10, 20).plus(year));
        assert_eq!(leapt, SKIPPED_AT_MOST);
    }

    #[test]
    fn night_is_quiet_and_the_zone_is_beijing() {
        let (columns, cron) = (columns(), cron(EVERY_20));
        let table = Timetable::new(&columns, &cron, |_| Some(at(21, 45)), at(21, 50));
        let next = table.next(&columns[0].name).unwrap();
        assert_eq!(next.to_string(), "2025-12-31T07:00:00+08:00");
    }

    #[test]
    fn a_clock_that_is_set_back_silences_no_column() {
        let (columns, cron) = (columns(), cron(EVERY_20));
        let day = TimeDelta::days(1);
        let later = at(9, 5).plus(day);
        let mut table = Timetable::new(&columns, &cron, |_| Some(later), later);
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20).plus(day)));
        table.keep_up(&cron, later);
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20).plus(day)));
        table.keep_up(&cron, at(9, 5));
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20)));
    }

    #[test]
    fn jitter_spreads_columns_and_stays_within_its_bound() {
        let text = format!("{EVERY_20}\njitter = \"3m\"");
        let (columns, cron) = (columns(), cron(&text));
        let table = Timetable::new(&columns, &cron, |_| Some(at(9, 1)), at(9, 2));
        let waits: BTreeSet<i64> = columns
            .iter()
            .map(|column| table.next(&column.name).unwrap().millis() - at(9, 20).millis())
            .collect();
        assert_eq!(waits.len(), 3);
        assert!(waits.iter().all(|wait| (0..180_000).contains(wait)));
    }

    #[test]
    fn a_column_that_no_job_names_runs_hourly() {
        let (columns, cron) = (columns(), cron(""));
        let table = Timetable::new(&columns, &cron, |_| Some(at(9, 30)), at(9, 30));
        let next = table.next(&columns[0].name).unwrap();
        assert!(next >= at(10, 0) && next < at(10, 5));
    }
}
