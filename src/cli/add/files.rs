//! The files that `add` writes: a feed file, and a job in the timetable for a portal without one.
//!
//! Owns their text. Never overwrites or loses an existing file: other commands wait meanwhile, and
//! each file is written whole.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use url::Url;

use crate::cli::outcome::Stop;
use crate::config::{Column, Cron};
use crate::model::ColumnName;
use crate::pipeline::{self, Survey};

/// The files to write.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) feed: PathBuf,
    pub(super) feed_text: String,
    cron: PathBuf,
    /// The text of the timetable, if there is one.
    before: Option<String>,
    /// The job to add to the timetable.
    pub(super) job: Option<String>,
}

/// The feed file's text: the page's title as a comment, the address, and the TLS rule if one is
/// given.
pub(super) fn feed_text(url: &Url, title: Option<&str>, tls: Option<&str>) -> String {
    let mut text = String::new();
    if let Some(title) = title {
        text.push_str(&format!("# {title}\n"));
    }
    text.push_str(&format!("url = {}\n", toml::Value::from(url.as_str())));
    if let Some(tls) = tls {
        text.push_str(&format!("\n[fetch]\ntls = {}\n", toml::Value::from(tls)));
    }
    text
}

impl Files {
    /// Prepares the files for a column that was surveyed, by the timetable as it is now.
    pub(super) fn new(
        feeds: &Path,
        cron: &Path,
        column: &Column,
        survey: &Survey,
        tls: Option<&str>,
    ) -> Result<Self, Stop> {
        let before = match fs::read_to_string(cron) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(not_writable(cron, &error)),
        };
        let text = before.as_deref().unwrap_or_default();
        let timetable = Cron::parse(cron, text).map_err(Stop::configuration)?;
        let job = (!timetable.has_job(&column.name)).then(|| job(&column.name, survey));
        if let Some(job) = &job {
            let whole = format!("{}{job}", with_line_end(text));
            Cron::parse(cron, &whole).map_err(|error| {
                Stop::configuration(format_args!(
                    "{error}\n  remedy: add this job by hand:\n{job}"
                ))
            })?;
        }
        Ok(Self {
            feed: feeds.join(format!("{}.toml", column.name)),
            feed_text: feed_text(&column.url, survey.page.title.as_deref(), tls),
            cron: cron.to_owned(),
            before,
            job,
        })
    }

    /// Writes them, the feed file anew. The lock of the files must be held since they were prepared.
    pub(super) fn write(&self) -> Result<(), Stop> {
        pipeline::create_whole(&self.feed, &self.feed_text)
            .map_err(|error| not_writable(&self.feed, &error))?;
        let Some(job) = &self.job else {
            return Ok(());
        };
        let written = match &self.before {
            Some(before) => {
                pipeline::write_whole(&self.cron, &format!("{}{job}", with_line_end(before)))
            }
            None => {
                let head = "# When each column is collected. The first job that matches a column has \
                            it.\ntimezone = \"Asia/Shanghai\"\n";
                pipeline::create_whole(&self.cron, &format!("{head}{job}"))
            }
        };
        written.map_err(|error| {
            Stop::failed(format_args!(
                "{}: cannot be written: {error}; {} is written, and its column runs hourly\n  \
                 remedy: add this job by hand:\n{job}",
                self.cron.display(),
                self.feed.display()
            ))
        })
    }
}

/// The text with a line break at its end, so that a table can be added.
fn with_line_end(text: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    }
}

pub(super) fn not_writable(path: &Path, error: &io::Error) -> Stop {
    Stop::configuration(format_args!(
        "{}: cannot be written: {error}\n  remedy: see who may write there, or name another with \
         --feeds or --cron",
        path.display()
    ))
}

/// A job for the columns of a portal: its rhythm follows from the dates of the items of the first one,
/// its minute from the portal's name.
fn job(name: &ColumnName, survey: &Survey) -> String {
    let mut hasher = DefaultHasher::new();
    name.portal().hash(&mut hasher);
    let minute = hasher.finish() % 60;
    let dates: Vec<NaiveDate> = survey
        .page
        .items
        .iter()
        .filter_map(|item| item.published_on)
        .collect();
    let cron = match days_between(&dates) {
        Some(days) if days < 0.5 => format!("{}-59/20 7-21 * * *", minute % 20),
        // Its next column may have news every day.
        _ => format!("{minute} 7-21 * * *"),
    };
    let portal = name.portal();
    format!("\n[[job]]\ncolumns = [\"{portal}/*\"]\ncron = \"{cron}\"\njitter = \"3m\"\n")
}

/// The average number of days between items; `None` if too few items have a date.
fn days_between(dates: &[NaiveDate]) -> Option<f64> {
    /// Fewer dates give no rhythm.
    const MIN: usize = 5;
    let (newest, oldest) = (dates.iter().max()?, dates.iter().min()?);
    let days = u32::try_from((*newest - *oldest).num_days()).ok()?;
    let gaps = u32::try_from(dates.len().checked_sub(1)?).ok()?;
    (dates.len() >= MIN).then(|| f64::from(days) / f64::from(gaps))
}
