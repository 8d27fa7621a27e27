//! `cron.toml`: when each column is due.
//!
//! Owns the jobs and their expressions. Never reads a clock.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone};
use chrono_tz::Tz;
use serde::Deserialize;

use super::compile::Compile;
use super::error::{ConfigError, ConfigErrors};
use super::expression::{Refused, expression};
use super::hours::{Hours, HoursSpec};
use super::keys::{self, Keys};
use super::patterns::Patterns;
use crate::model::{ColumnName, Timestamp};

/// The timetable: jobs in order. A column belongs to the first job whose pattern matches it.
#[derive(Clone, Debug)]
pub struct Cron {
    timezone: Tz,
    jobs: Vec<Job>,
    hourly: Job,
}

/// When a set of columns is due.
#[derive(Clone, Debug)]
pub struct Job {
    pub(super) columns: Patterns,
    expression: croner::Cron,
    hours: Option<Hours>,
    /// The shortest time between two ticks, once somebody has asked.
    interval: OnceLock<Option<TimeDelta>>,
    /// The expression as text.
    pub cron: String,
    /// Each run starts up to this much later; the delay differs from column to column.
    pub jitter: Duration,
    /// A run that takes longer stops, keeps its results, and continues at the next tick.
    pub timeout: Duration,
}

const JITTER: Duration = Duration::ZERO;
const TIMEOUT: Duration = Duration::from_secs(600);

const KEYS: Keys = Keys {
    names: &["timezone", "working_hours", "working_days", "quiet_hours"],
    tables: &[(
        "job",
        Keys {
            names: &[
                "columns",
                "cron",
                "jitter",
                "timeout",
                "working_hours",
                "working_days",
                "quiet_hours",
            ],
            tables: &[],
        },
    )],
};

#[derive(Deserialize)]
struct CronSpec {
    timezone: Option<String>,
    #[serde(flatten)]
    hours: HoursSpec,
    #[serde(default)]
    job: Vec<JobSpec>,
}

#[derive(Deserialize)]
struct JobSpec {
    columns: Vec<String>,
    cron: String,
    jitter: Option<String>,
    timeout: Option<String>,
    #[serde(flatten)]
    hours: HoursSpec,
}

impl Cron {
    /// Every key that the timetable may have, by its whole name: `timezone`, `job.cron`.
    pub fn keys() -> Vec<String> {
        KEYS.paths()
    }

    /// Reads `cron.toml`. A missing file means that every column runs hourly.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse(file, &text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Self::parse(file, ""),
            Err(e) => {
                let problem = format!("cannot be read: {e}");
                let remedy = "make it readable, or name another with --cron";
                Err(ConfigError::new(file, problem, remedy).into())
            }
        }
    }

    /// Compiles the text of a timetable. `file` is only for errors.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigErrors> {
        keys::read(file, text, &KEYS, |spec| Self::compile(file, spec))
    }

    fn compile(file: &Path, spec: CronSpec) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let zone = spec.timezone.as_deref().unwrap_or("Asia/Shanghai");
        let timezone: Result<Tz, _> = zone.parse().map_err(|_| {
            let problem = format!("{zone:?} is not a time zone");
            ConfigError::at(
                file,
                "timezone",
                &problem,
                "write an IANA name: Asia/Shanghai",
            )
        });
        let timezone = errors.take(timezone);
        let hourly = JobSpec {
            columns: vec!["*/*".to_owned()],
            cron: "0 * * * *".to_owned(),
            jitter: Some("5m".to_owned()),
            timeout: None,
            hours: HoursSpec::default(),
        };
        let common = &spec.hours;
        let mut jobs = Vec::with_capacity(spec.job.len());
        for (nth, job) in spec.job.into_iter().enumerate() {
            let job = Job::compile(file, job, common).map_err(|error| error.nth(nth));
            jobs.extend(errors.take(job));
        }
        let hourly = errors.take(Job::compile(file, hourly, common));
        let whole = timezone.zip(hourly).map(|(timezone, hourly)| Self {
            timezone,
            jobs,
            hourly,
        });
        errors.end(whole)
    }

    /// The job of this column: the first that matches, or else an hourly one.
    pub fn job(&self, column: &ColumnName) -> &Job {
        self.jobs
            .iter()
            .find(|job| job.matches(column))
            .unwrap_or(&self.hourly)
    }

    /// The jobs of the file, in their order.
    pub(super) fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The place of the first job of the file that matches this column.
    pub fn place(&self, column: &ColumnName) -> Option<usize> {
        self.jobs.iter().position(|job| job.matches(column))
    }

    /// Whether a job of the file matches this column.
    pub fn has_job(&self, column: &ColumnName) -> bool {
        self.jobs.iter().any(|job| job.matches(column))
    }

    /// The shortest time between two ticks of a column, without jitter; feeds announce it to their
    /// readers. It follows from the timetable alone, whatever the time is.
    pub fn interval(&self, column: &ColumnName) -> Option<TimeDelta> {
        // The same for all columns of a job, and dear.
        let known = &self.job(column).interval;
        *known.get_or_init(|| self.shortest_gap(column))
    }

    fn shortest_gap(&self, column: &ColumnName) -> Option<TimeDelta> {
        // A Monday that is the first of a month.
        let from = Timestamp::start_of(chrono::NaiveDate::from_ymd_opt(2024, 1, 1)?);
        let ticks = std::iter::successors(self.next(column, from), |at| self.next(column, *at));
        // A hundred ticks are enough to show the shortest gap of minutes, hours or days.
        let ticks: Vec<Timestamp> = ticks.take(100).collect();
        let gaps = ticks.iter().zip(ticks.iter().skip(1));
        gaps.map(|(one, next)| next.to_chrono() - one.to_chrono())
            .min()
    }

    /// The first time after `after` at which this column is due, without jitter; `None` if the
    /// expression never matches again. Ticks outside the job's hours become one tick, at the next
    /// beginning of the hours.
    pub fn next(&self, column: &ColumnName, after: Timestamp) -> Option<Timestamp> {
        let job = self.job(column);
        let Some(hours) = &job.hours else {
            return self.tick(job, after, false);
        };
        // Earlier ticks may still wait for the hours to begin.
        let since = hours.closed_since(self.timezone, after);
        let mut tick = self.tick(job, since, since < after)?;
        loop {
            let due = hours.opening(self.timezone, tick);
            if due > after {
                return Some(due);
            }
            tick = self.tick(job, tick, false)?;
        }
    }

    /// The first time, not before `at`, at which this column's job may run by its working hours and
    /// quiet hours.
    pub fn opening(&self, column: &ColumnName, at: Timestamp) -> Timestamp {
        let hours = self.job(column).hours.as_ref();
        hours.map_or(at, |hours| hours.opening(self.timezone, at))
    }

    /// How much later than `at` this column may begin: its jitter, as far as the job's hours last.
    pub fn leeway(&self, column: &ColumnName, at: Timestamp) -> Duration {
        let job = self.job(column);
        let Some(hours) = &job.hours else {
            return job.jitter;
        };
        let left = hours.closing(self.timezone, at).to_chrono() - at.to_chrono();
        job.jitter.min(left.to_std().unwrap_or_default())
    }

    /// The next tick by the expression alone: after `after` or, if `inclusive`, at it.
    fn tick(&self, job: &Job, after: Timestamp, inclusive: bool) -> Option<Timestamp> {
        let local = self
            .timezone
            .from_utc_datetime(&after.to_chrono().naive_utc());
        let next = job.expression.find_next_occurrence(&local, inclusive);
        next.ok().map(|time| Timestamp::from(time.to_utc()))
    }
}

impl Job {
    fn compile(file: &Path, spec: JobSpec, common: &HoursSpec) -> Result<Self, ConfigErrors> {
        let compile = Compile { file };
        let mut errors = ConfigErrors::default();
        let columns = errors.or_default(Patterns::of_key(file, "job.columns", &spec.columns));
        let expression = errors.take(ticks(file, &spec.cron));
        let hours = errors.or_default(Hours::compile(file, spec.hours, common));
        let mut length = |key, text, usual| errors.or_default(compile.duration(key, text, usual));
        let jitter = length("job.jitter", spec.jitter, JITTER);
        let timeout = length("job.timeout", spec.timeout, TIMEOUT);
        errors.end(expression.map(|expression| Self {
            columns,
            expression,
            interval: OnceLock::new(),
            hours,
            cron: spec.cron,
            jitter,
            timeout,
        }))
    }

    fn matches(&self, column: &ColumnName) -> bool {
        // A job without columns has none.
        !self.columns.is_empty() && self.columns.matches(column)
    }
}

/// Compiles a cron expression that comes round.
fn ticks(file: &Path, text: &str) -> Result<croner::Cron, ConfigError> {
    let expression = expression(text).map_err(|Refused { why, remedy }| {
        let problem = format!("{text:?} is not a cron expression: {why}");
        ConfigError::at(file, "job.cron", &problem, remedy)
    })?;
    let epoch = chrono::DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    if expression.find_next_occurrence(&epoch, false).is_err() {
        let problem = format!("{text:?} never comes round");
        let remedy = "check day and month: 30 February does not exist";
        return Err(ConfigError::at(file, "job.cron", &problem, remedy));
    }
    Ok(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_shortest_between_two_ticks() {
        let interval = |cron: &str| {
            let text = format!("[[job]]\ncolumns = [\"a/*\"]\ncron = \"{cron}\"\n");
            let cron = Cron::parse(Path::new("cron.toml"), &text).unwrap();
            let minutes = |column: &str| {
                let interval = cron.interval(&column.parse().unwrap());
                interval.map(|interval| interval.num_minutes())
            };
            assert_eq!(minutes("b/without-a-job"), Some(60));
            minutes("a/news")
        };
        assert_eq!(interval("*/20 7-21 * * *"), Some(20));
        assert_eq!(interval("0 8,12,18 * * *"), Some(240));
        assert_eq!(interval("30 9 * * 1-5"), Some(24 * 60));
        assert_eq!(interval("0 9 1 * *"), Some(28 * 24 * 60));
    }
}
