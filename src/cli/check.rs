//! `dibao check`: the configuration, before anything is fetched.

use super::args::Places;
use super::setting::Setting;
use super::{Done, Stop, say};
use crate::model::{Clock, ColumnName};

pub(super) fn check(places: &Places, names: &[ColumnName]) -> Result<Done, Stop> {
    let setting = Setting::load(places)?;
    let now = Clock::system().now();
    for column in setting.chosen(names)? {
        let when = if setting.cron.has_job(&column.name) {
            setting.cron.job(&column.name).cron.clone()
        } else {
            format!("hourly: no job of {} matches it", places.cron.display())
        };
        let next = setting
            .cron
            .next(&column.name, now)
            .map_or_else(|| "never".to_owned(), |next| next.to_string());
        say(&format!(
            "{}  ok  {}  {when}  next {next}",
            column.name, column.url
        ))?;
    }
    Ok(Done::Well)
}
