//! The files that `add` writes: a feed file, and a job in the timetable if no job matches the
//! column.
//!
//! Owns their text. Never overwrites or loses an existing file.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use url::Url;

use crate::cli::outcome::Stop;
use crate::config::{Column, Cron};
use crate::model::ColumnName;
use crate::pipeline::Survey;

/// The files to write.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) feed: PathBuf,
    pub(super) feed_text: String,
    cron: PathBuf,
    cron_before: Option<String>,
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
    /// Prepares the files for a column that was surveyed.
    pub(super) fn new(
        feeds: &Path,
        cron: &Path,
        column: &Column,
        survey: &Survey,
        tls: Option<&str>,
    ) -> Result<Self, Stop> {
        let read = match fs::read_to_string(cron) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(not_writable(cron, &error)),
        };
        let before = read.as_deref().unwrap_or_default();
        let timetable = Cron::parse(cron, before).map_err(Stop::configuration)?;
        let job = (!timetable.has_job(&column.name)).then(|| job(&column.name, survey));
        if let Some(job) = &job {
            let whole = format!("{}{job}", with_line_end(before));
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
            cron_before: read,
            job,
        })
    }

    /// Writes them: the feed file anew, the timetable whole or not at all.
    pub(super) fn write(&self) -> Result<(), Stop> {
        if let Some(folder) = self.feed.parent() {
            fs::create_dir_all(folder).map_err(|error| not_writable(folder, &error))?;
        }
        create(&self.feed, &self.feed_text).map_err(|error| not_writable(&self.feed, &error))?;
        let Some(job) = &self.job else {
            return Ok(());
        };
        self.write_job(job).map_err(|error| {
            Stop::failed(format_args!(
                "{}: cannot be written: {error}; {} is written, and its column runs hourly\n  \
                 remedy: add this job by hand:\n{job}",
                self.cron.display(),
                self.feed.display()
            ))
        })
    }

    fn write_job(&self, job: &str) -> io::Result<()> {
        let now = match fs::read_to_string(&self.cron) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if now != self.cron_before {
            return Err(io::Error::other("it was edited meanwhile"));
        }
        let Some(before) = now else {
            let head = "# When each column is collected. The first job that matches a column has it.\n\
                        timezone = \"Asia/Shanghai\"\n";
            return create(&self.cron, &format!("{head}{job}"));
        };
        let mut beside = self.cron.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let _ = fs::remove_file(&beside);
        create(&beside, &format!("{}{job}", with_line_end(&before)))?;
        fs::set_permissions(&beside, fs::metadata(&self.cron)?.permissions())?;
        fs::rename(&beside, &self.cron)
    }
}

/// The text with a line break at its end, so that a table can be added.
fn with_line_end(text: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    }
}

/// Writes a new file.
fn create(file: &Path, text: &str) -> io::Result<()> {
    let mut created = fs::File::create_new(file)?;
    created.write_all(text.as_bytes())?;
    created.sync_all()
}

fn not_writable(path: &Path, error: &io::Error) -> Stop {
    Stop::configuration(format_args!(
        "{}: cannot be written: {error}\n  remedy: see who may write there, or name another with \
         --feeds or --cron",
        path.display()
    ))
}

/// A job for a column: its rhythm follows from the dates of the items, its minute from its name.
fn job(name: &ColumnName, survey: &Survey) -> String {
    let mut hasher = DefaultHasher::new();
    name.as_str().hash(&mut hasher);
    let minute = hasher.finish() % 60;
    let dates: Vec<NaiveDate> = survey
        .page
        .items
        .iter()
        .filter_map(|item| item.published_on)
        .collect();
    let cron = match days_between(&dates) {
        Some(days) if days < 0.5 => format!("{}-59/20 7-21 * * *", minute % 20),
        Some(days) if days > 7.0 => format!("{minute} 8-20/4 * * *"),
        _ => format!("{minute} 7-21 * * *"),
    };
    format!("\n[[job]]\ncolumns = [\"{name}\"]\ncron = \"{cron}\"\njitter = \"3m\"\n")
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
