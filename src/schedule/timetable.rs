//! When each column is due next.
//!
//! Owns jitter, skipped ticks and clocks that jump. Never reads a clock: the caller passes the time
//! in.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use chrono::TimeDelta;

use super::plan::Plan;
use crate::config::{Column, Cron};
use crate::fetch::host_of;
use crate::model::{ColumnName, Timestamp};

/// At most this many skipped ticks are counted for a run: a clock may jump by years.
const SKIPPED_AT_MOST: usize = 1000;

/// When each column is due next, and since when each running column runs. A step costs the same with
/// many columns: those that are due stand first in the queue, and those of a busy host leave it.
#[derive(Clone, Debug, Default)]
pub(super) struct Timetable {
    next: BTreeMap<ColumnName, Timestamp>,
    /// The columns that may be taken, by the time at which they are due.
    queue: BTreeSet<(Timestamp, ColumnName)>,
    /// The columns that are due and wait for the end of the runs at their host.
    waiting: HashMap<String, Vec<ColumnName>>,
    /// Since when a column runs, and its host.
    running: BTreeMap<ColumnName, (Timestamp, String)>,
    /// How many columns run at each host.
    busy: HashMap<String, usize>,
    /// The columns of each host.
    hosts: HashMap<String, Vec<ColumnName>>,
    /// The columns that were made due at once.
    hastened: BTreeSet<ColumnName>,
    /// The latest time that the timetable was told, until the clock was set back.
    seen: Option<Timestamp>,
}

impl Timetable {
    /// The timetable at the start. A column that never ran is due at once. A column that missed
    /// ticks while nothing ran is due once.
    pub(super) fn new(plan: &Plan, now: Timestamp) -> Self {
        let mut timetable = Self {
            hosts: by_host(&plan.columns),
            ..Self::default()
        };
        for column in plan.columns.iter() {
            timetable.set(&column.name, first(plan, &column.name, now));
        }
        timetable.keep_up(&plan.cron, now);
        timetable
    }

    /// Changes to another plan. A new column is due as at the start, and a column that is gone is
    /// not due any more; running columns continue. The others stay due when they were, or at the
    /// next tick of their job if that changed.
    pub(super) fn follow(&mut self, old: &Plan, new: &Plan, now: Timestamp) {
        let mut was = std::mem::take(&mut self.next);
        self.queue.clear();
        self.waiting.clear();
        self.hosts = by_host(&new.columns);
        self.seen = None;
        for Column { name, .. } in new.columns.iter() {
            let due = match was.remove(name) {
                Some(due) if due <= now => Some(due),
                Some(due) => match next_tick(&new.cron, name, now) {
                    tick if tick == next_tick(&old.cron, name, now) => Some(due),
                    tick => tick,
                },
                None if place(&old.columns, name).is_some() => next_tick(&new.cron, name, now),
                None => first(new, name, now),
            };
            self.set(name, due);
        }
        self.keep_up(&new.cron, now);
    }

    fn set(&mut self, column: &ColumnName, due: Option<Timestamp>) {
        let was = match due {
            Some(due) => self.next.insert(column.clone(), due),
            None => self.next.remove(column),
        };
        let is_queued = was.is_some_and(|was| self.queue.remove(&(was, column.clone())));
        // A column that was due already may wait for its host.
        let may_queue = was.is_none() || is_queued;
        if let Some(due) = due.filter(|_| may_queue && !self.running.contains_key(column)) {
            self.queue.insert((due, column.clone()));
        }
    }

    /// Makes all columns of these hosts due at once. Those that run are left to their runs.
    pub(super) fn hasten(&mut self, hosts: &BTreeSet<String>, now: Timestamp) {
        let columns = hosts.iter().filter_map(|host| self.hosts.get(host));
        let columns: Vec<ColumnName> = columns.flatten().cloned().collect();
        for column in columns {
            if self.next(&column).is_some_and(|due| due > now) {
                self.set(&column, Some(now));
                self.hastened.insert(column);
            }
        }
    }

    /// When this column is due next; `None` while it runs, and if it never is due.
    pub(super) fn next(&self, column: &ColumnName) -> Option<Timestamp> {
        self.next
            .get(column)
            .copied()
            .filter(|_| !self.running.contains_key(column))
    }

    /// Corrects the timetable. An overdue column outside its job's hours (its host was busy, or the
    /// machine asleep) waits for the hours to begin. After the clock was set back, no column is due
    /// later than the tick after its next one.
    pub(super) fn keep_up(&mut self, cron: &Cron, now: Timestamp) {
        let overdue = self.queue.iter().take_while(|(due, _)| *due <= now);
        let closed: Vec<(ColumnName, Timestamp)> = overdue
            .map(|(_, column)| (column.clone(), cron.opening(column, now)))
            .filter(|(_, opening)| *opening > now)
            .collect();
        for (column, opening) in closed {
            self.set(&column, Some(opening));
        }
        let is_in_order = self.seen.replace(now).is_some_and(|seen| seen <= now);
        if is_in_order {
            return;
        }
        let is_late = |(column, next): (&ColumnName, &Timestamp)| {
            if *next <= now {
                return None;
            }
            let tick = next_tick(cron, column, now)?;
            let bound = next_tick(cron, column, tick)?;
            (*next > bound).then(|| (column.clone(), tick))
        };
        let late: Vec<(ColumnName, Timestamp)> = self.next.iter().filter_map(is_late).collect();
        for (column, tick) in late {
            self.set(&column, Some(tick));
        }
    }

    /// Takes those of `columns`, which are sorted by name, that are due at `now`, and gives their
    /// places, grouped by host. The columns of busy hosts wait.
    pub(super) fn take_due(&mut self, columns: &[Column], now: Timestamp) -> Vec<Vec<usize>> {
        let mut due: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut others = Vec::new();
        while let Some((at, _)) = self.queue.first()
            && *at <= now
            && let Some((at, name)) = self.queue.pop_first()
        {
            let place = place(columns, &name);
            let Some((place, column)) = place.and_then(|at| Some((at, columns.get(at)?))) else {
                others.push((at, name));
                continue;
            };
            let host = host_of(&column.url);
            match self.busy.contains_key(&host) {
                true => self.waiting.entry(host).or_default().push(name),
                false => due.entry(host).or_default().push(place),
            }
        }
        self.queue.extend(others);
        for (host, places) in &mut due {
            places.sort_unstable();
            for column in places.iter().filter_map(|place| columns.get(*place)) {
                self.running
                    .insert(column.name.clone(), (now, host.clone()));
            }
            self.busy.insert(host.clone(), places.len());
        }
        due.into_values().collect()
    }

    /// Whether this column was made due at once. It is forgotten with that.
    pub(super) fn was_hastened(&mut self, column: &ColumnName) -> bool {
        self.hastened.remove(column)
    }

    /// When the next of the columns on the host of this one is due that is not running.
    pub(super) fn next_beside(&self, taken: &Column) -> Option<Timestamp> {
        let columns = self.hosts.get(&host_of(&taken.url))?.iter();
        columns.filter_map(|column| self.next(column)).min()
    }

    /// Notes that the runs of these columns have ended. Each is due again at the first tick after
    /// now: ticks that were missed meanwhile are skipped. Returns the number of skipped ticks.
    pub(super) fn ended(&mut self, columns: &[ColumnName], plan: &Plan, now: Timestamp) -> usize {
        let mut skipped = 0;
        self.seen = self.seen.max(Some(now));
        for column in columns {
            let began = self.running.remove(column);
            if let Some((_, host)) = &began {
                self.leave(host);
            }
            self.set(column, None);
            if place(&plan.columns, column).is_none() {
                continue;
            }
            if let Some((began, _)) = began {
                skipped += ticks(&plan.cron, column, began)
                    .take(SKIPPED_AT_MOST)
                    .take_while(|tick| *tick <= now)
                    .count();
            }
            self.set(column, next_tick(&plan.cron, column, now));
        }
        skipped
    }

    /// One column less runs at this host. After the last, the columns that wait for it may be taken.
    fn leave(&mut self, host: &str) {
        let Some(columns) = self.busy.get_mut(host) else {
            return;
        };
        *columns -= 1;
        if *columns > 0 {
            return;
        }
        self.busy.remove(host);
        for column in self.waiting.remove(host).unwrap_or_default() {
            if let Some(due) = self.next(&column) {
                self.queue.insert((due, column));
            }
        }
    }

    /// The time until a column may be due.
    pub(super) fn until_next(&self, now: Timestamp) -> Duration {
        let next = self.queue.first();
        next.map(|(next, _)| (next.to_chrono() - now.to_chrono()).max(TimeDelta::zero()))
            .and_then(|wait| wait.to_std().ok())
            .map_or(Duration::MAX, |wait| wait.max(Duration::from_secs(1)))
    }
}

/// The place of a column among columns that are sorted by name.
fn place(columns: &[Column], name: &ColumnName) -> Option<usize> {
    let place = columns.binary_search_by(|column| column.name.cmp(name));
    place.ok()
}

fn by_host(columns: &[Column]) -> HashMap<String, Vec<ColumnName>> {
    let mut hosts: HashMap<String, Vec<ColumnName>> = HashMap::new();
    for column in columns {
        let host = hosts.entry(host_of(&column.url)).or_default();
        host.push(column.name.clone());
    }
    hosts
}

/// When a column is due for the first time after the start, or after it came into the plan.
fn first(plan: &Plan, column: &ColumnName, now: Timestamp) -> Option<Timestamp> {
    match plan.last_runs.get(column) {
        None => Some(now),
        // The clock may have been set back: the column must run nevertheless.
        Some(last) => next_tick(&plan.cron, column, (*last).min(now)),
    }
}

/// The ticks after `after`, without jitter.
fn ticks(cron: &Cron, column: &ColumnName, after: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(cron.next(column, after), |tick| cron.next(column, *tick))
}

/// The first tick after `after`, with the job's jitter. The jitter is always the same for one
/// column and tick, and differs between columns.
fn next_tick(cron: &Cron, column: &ColumnName, after: Timestamp) -> Option<Timestamp> {
    let tick = cron.next(column, after)?;
    let jitter = u64::try_from(cron.leeway(column, tick).as_millis()).unwrap_or(u64::MAX);
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

    /// Every column by this timetable; all ran last at this time, or never.
    fn plan(text: &str, last_run: Option<Timestamp>) -> Plan {
        let columns = columns();
        let names = columns.iter().map(|column| column.name.clone());
        Plan {
            cron: Cron::parse(Path::new("cron.toml"), text).unwrap(),
            last_runs: names
                .zip(std::iter::repeat(last_run))
                .filter_map(|(name, last)| Some((name, last?)))
                .collect(),
            columns: columns.into(),
        }
    }

    fn at(hour: u32, minute: u32) -> Timestamp {
        let day = chrono::NaiveDate::from_ymd_opt(2025, 12, 30).unwrap();
        Timestamp::start_of(day).plus(TimeDelta::minutes(i64::from(hour * 60 + minute)))
    }

    const EVERY_20: &str = "[[job]]\ncolumns = [\"*/*\"]\ncron = \"*/20 7-21 * * *\"";

    #[test]
    fn columns_of_one_host_are_taken_together_and_not_again_while_they_run() {
        let plan = plan(EVERY_20, None);
        let (columns, mut table) = (&plan.columns, Timetable::new(&plan, at(9, 5)));
        let due = table.take_due(columns, at(9, 5));
        assert_eq!(due.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!(table.take_due(columns, at(12, 0)).is_empty());
        assert_eq!(table.next_beside(&columns[due[0][0]]), None);
        assert_eq!(table.ended(&[columns[1].name.clone()], &plan, at(9, 6)), 0);
        assert_eq!(table.next_beside(&columns[due[0][0]]), Some(at(9, 20)));
        assert_eq!(table.next_beside(&columns[due[1][0]]), None);
        assert_eq!(table.ended(&[columns[2].name.clone()], &plan, at(9, 6)), 0);
        assert_eq!(table.next(&columns[2].name), Some(at(9, 20)));
        assert_eq!(table.next(&columns[0].name), None, "still running");
    }

    #[test]
    fn missed_ticks_are_made_up_for_once() {
        let plan = plan(EVERY_20, Some(at(8, 0)));
        let (columns, mut table) = (&plan.columns, Timetable::new(&plan, at(12, 5)));
        assert_eq!(table.take_due(columns, at(12, 5)).len(), 2);
        let names: Vec<ColumnName> = columns.iter().map(|column| column.name.clone()).collect();
        table.ended(&names, &plan, at(12, 6));
        assert!(table.take_due(columns, at(12, 19)).is_empty());
        assert_eq!(table.take_due(columns, at(12, 20)).len(), 2);
    }

    #[test]
    fn ticks_that_come_while_a_column_runs_are_skipped_and_counted() {
        let plan = plan(EVERY_20, None);
        let (columns, mut table) = (&plan.columns, Timetable::new(&plan, at(9, 5)));
        let names: Vec<ColumnName> = table.take_due(columns, at(9, 5))[0]
            .iter()
            .map(|place| columns[*place].name.clone())
            .collect();
        // 9:20, 9:40 and 10:00, for two columns.
        assert_eq!(table.ended(&names, &plan, at(10, 5)), 6);
        assert_eq!(table.ended(&names, &plan, at(10, 5)), 0, "counted once");
        table.take_due(columns, at(10, 20));
        let year = TimeDelta::days(3650);
        let leapt = table.ended(&names[..1], &plan, at(10, 20).plus(year));
        assert_eq!(leapt, SKIPPED_AT_MOST);
    }

    #[test]
    fn night_is_quiet_and_the_zone_is_beijing() {
        let plan = plan(EVERY_20, Some(at(21, 45)));
        let (columns, table) = (&plan.columns, Timetable::new(&plan, at(21, 50)));
        let next = table.next(&columns[0].name).unwrap();
        assert_eq!(next.to_string(), "2025-12-31T07:00:00+08:00");
    }

    #[test]
    fn a_clock_that_is_set_back_silences_no_column() {
        let day = TimeDelta::days(1);
        let later = at(9, 5).plus(day);
        let plan = plan(EVERY_20, Some(later));
        let (columns, mut table) = (&plan.columns, Timetable::new(&plan, later));
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20).plus(day)));
        table.keep_up(&plan.cron, later);
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20).plus(day)));
        table.keep_up(&plan.cron, at(9, 5));
        assert_eq!(table.next(&columns[0].name), Some(at(9, 20)));
    }

    #[test]
    fn jitter_spreads_columns_and_stays_within_its_bound() {
        let text = format!("{EVERY_20}\njitter = \"3m\"");
        let plan = plan(&text, Some(at(9, 1)));
        let (columns, table) = (&plan.columns, Timetable::new(&plan, at(9, 2)));
        let waits: BTreeSet<i64> = columns
            .iter()
            .map(|column| table.next(&column.name).unwrap().millis() - at(9, 20).millis())
            .collect();
        assert_eq!(waits.len(), 3);
        assert!(waits.iter().all(|wait| (0..180_000).contains(wait)));
    }

    #[test]
    fn a_column_that_no_job_names_runs_hourly() {
        let plan = plan("", Some(at(9, 30)));
        let (columns, table) = (&plan.columns, Timetable::new(&plan, at(9, 30)));
        let next = table.next(&columns[0].name).unwrap();
        assert!(next >= at(10, 0) && next < at(10, 5));
    }
    const QUIET: &str = "quiet_hours = \"23:00-06:00\"\n\
                         [[job]]\ncolumns = [\"*/*\"]\ncron = \"*/20 * * * *\"\njitter = \"10m\"";

    #[test]
    fn what_is_overdue_in_quiet_hours_waits_for_their_end_and_comes_once() {
        let one = columns()[0].name.clone();
        let end = at(6, 0);
        // A column that never ran; one that missed half a day; one that woke up at night.
        for last_run in [None, Some(at(0, 30).plus(-TimeDelta::hours(12)))] {
            let table = Timetable::new(&plan(QUIET, last_run), at(0, 30));
            let due = table.next(&one).unwrap();
            assert!(
                (end..end.plus(TimeDelta::minutes(10))).contains(&due),
                "{due}"
            );
        }
        let plan = plan(QUIET, Some(at(12, 5)));
        let mut table = Timetable::new(&plan, at(12, 6));
        let woken = at(0, 30).plus(TimeDelta::days(1));
        table.keep_up(&plan.cron, woken);
        assert!(table.take_due(&plan.columns, woken).is_empty());
        let morning = end.plus(TimeDelta::days(1));
        assert_eq!(table.take_due(&plan.columns, morning).len(), 2);
        let names: Vec<ColumnName> = plan.columns.iter().map(|c| c.name.clone()).collect();
        let over = morning.plus(TimeDelta::minutes(1));
        assert_eq!(table.ended(&names, &plan, over), 0);
        table.keep_up(&plan.cron, over);
        assert!(table.take_due(&plan.columns, over).is_empty(), "once");
    }

    #[test]
    fn a_run_that_is_put_off_by_jitter_stays_within_its_hours() {
        let text = QUIET.replace("10m", "20m");
        let plan = plan(&text, Some(at(22, 30)));
        let table = Timetable::new(&plan, at(22, 35));
        for column in plan.columns.iter() {
            let due = table.next(&column.name).unwrap();
            assert!((at(22, 40)..at(23, 0)).contains(&due), "{due}");
        }
    }

    #[test]
    fn another_plan_takes_effect_at_the_next_tick_and_disturbs_no_run() {
        let old = plan(EVERY_20, Some(at(9, 1)));
        let [one, two, three] = [0, 1, 2].map(|at: usize| old.columns[at].name.clone());
        let mut table = Timetable::new(&old, at(9, 2));
        assert_eq!(table.take_due(&old.columns[2..], at(9, 20)).len(), 1);
        // The first column's job is another one, the second stays, the third, which runs, is gone,
        // and a fourth is new.
        let job = "[[job]]\ncolumns = [\"a/one\"]\ncron = \"50 * * * *\"\n";
        let mut new = plan(&format!("{job}{EVERY_20}"), Some(at(9, 1)));
        let mut columns = new.columns.to_vec();
        columns[2].name = "c/new".parse().unwrap();
        let fourth = columns[2].clone();
        new.columns = columns.into();
        table.follow(&old, &new, at(9, 5));
        assert_eq!(table.next(&one), Some(at(9, 50)));
        assert_eq!(table.next(&two), Some(at(9, 20)));
        assert_eq!(table.next(&three), None, "it runs");
        assert_eq!(table.next(&fourth.name), Some(at(9, 5)), "it never ran");
        let due = table.take_due(&new.columns, at(9, 5));
        assert!(due.is_empty(), "its host is still asked by the third");
        assert_eq!(
            table.ended(std::slice::from_ref(&three), &new, at(9, 45)),
            0
        );
        assert_eq!(table.next(&three), None, "it is in no plan");
        assert_eq!(table.take_due(&new.columns, at(9, 45)).len(), 2);
    }
}
