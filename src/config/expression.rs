//! A cron expression, as people write it for crontab, Quartz and other programs.
//!
//! Owns which expressions are refused, and what to write instead. Never knows a job.

use std::ops::RangeInclusive;

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

/// Why an expression is refused, and what to write instead.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) why: String,
    pub(super) remedy: String,
}

const FIVE: &str = "write five fields, minute to weekday: */20 7-21 * * *";

/// The fields in their order, and the numbers that each may have.
const FIELDS: [(&str, RangeInclusive<u32>); 6] = [
    ("second", 0..=59),
    ("minute", 0..=59),
    ("hour", 0..=23),
    ("day of the month", 1..=31),
    ("month", 1..=12),
    ("weekday", 0..=7),
];
const DAY: usize = 3;
const WEEKDAY: usize = 5;

/// The words of crontab, and the fields that mean them.
const WORDS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * SUN"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

fn refused(why: impl Into<String>, remedy: impl Into<String>) -> Refused {
    Refused {
        why: why.into(),
        remedy: remedy.into(),
    }
}

/// Compiles a word, five fields, or six with seconds in front.
pub(super) fn expression(text: &str) -> Result<croner::Cron, Refused> {
    let written = text.trim();
    let fields = fields_of_word(written)?.unwrap_or(written);
    let parts: Vec<&str> = fields.split_whitespace().collect();
    let first = match parts.len() {
        5 => 1,
        6 => 0,
        7 => {
            let remedy = "leave the year out: an expression has no year here";
            return Err(refused("it has seven fields", remedy));
        }
        count => return Err(refused(format!("it has {count} fields"), FIVE)),
    };
    for (part, nth) in parts.iter().zip(first..) {
        check_field(part, nth)?;
    }
    check_quartz(&parts)?;
    parse(fields).map_err(|error| {
        let fault = parts.iter().zip(first..).find_map(|(part, nth)| {
            let fault = parse(&alone(part, nth)).err()?;
            let (name, _) = FIELDS.get(nth)?;
            Some(refused(format!("{name} `{part}`: {fault}"), FIVE))
        });
        fault.unwrap_or_else(|| refused(error, FIVE))
    })
}

/// The fields that a word means; `None` if it is no word.
fn fields_of_word(text: &str) -> Result<Option<&'static str>, Refused> {
    let word = text.to_ascii_lowercase();
    if let Some((_, fields)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Ok(Some(fields));
    }
    if let Some((known, fields)) = WORDS.iter().find(|(known, _)| known[1..] == word) {
        return Err(refused(
            "it has one field",
            format!("write {known}, or {fields}"),
        ));
    }
    if !word.starts_with('@') {
        return Ok(None);
    }
    let why = format!("`{text}` is not a word that is known here");
    let remedy = match word.split_whitespace().next() {
        Some("@reboot") => {
            "write when it is due, such as @hourly; a column that never ran is due at once"
                .to_owned()
        }
        Some("@every") => "write the fields: */20 * * * * is every 20 minutes".to_owned(),
        _ => {
            let known: Vec<&str> = WORDS.iter().map(|(known, _)| *known).collect();
            format!("write five fields, or one of {}", known.join(", "))
        }
    };
    Err(refused(why, remedy))
}

/// Refuses a field that the library would take in another sense, or refuse in its own words.
fn check_field(part: &str, nth: usize) -> Result<(), Refused> {
    let Some((name, range)) = FIELDS.get(nth) else {
        return Ok(());
    };
    let (least, most) = (range.start(), range.end());
    for item in part.split(',') {
        if item.is_empty() {
            // The library passes over empty places. They come from an edit, or a number is missing.
            return Err(refused(format!("{name} `{part}` has an empty place"), FIVE));
        }
        let (values, step) = match item.split_once('/') {
            Some((values, step)) => (values, step.parse::<u32>().ok()),
            None => (item, None),
        };
        let outside = values
            .split('-')
            .filter_map(|value| value.parse::<u32>().ok());
        if let Some(number) = outside.into_iter().find(|number| !range.contains(number)) {
            let remedy = format!("write a number from {least} to {most} there");
            return Err(refused(format!("{name} {number} does not exist"), remedy));
        }
        // A step of the whole length is one time in each hour or day, as people mean it.
        if let Some(step) = step.filter(|step| *step > most - least + 1) {
            let why =
                format!("a step of {step} is too long: the {name} goes from {least} to {most}");
            return Err(refused(why, longer_step(nth, step)));
        }
        if item.starts_with(['H', 'h']) {
            let why = format!("{name} `{item}`: H is a sign of Jenkins");
            let remedy = "write a number or */15; `jitter` spreads the runs of many columns";
            return Err(refused(why, remedy));
        }
    }
    Ok(())
}

/// What to write instead of a step that its field does not have.
fn longer_step(nth: usize, step: u32) -> String {
    let (name, range) = &FIELDS[nth];
    let most = range.end();
    match name {
        &"minute" if step.is_multiple_of(60) && step / 60 < 24 => {
            format!("for every {step} minutes, write 0 */{} * * *", step / 60)
        }
        &"minute" => {
            let hours = (step / 60 + 1).min(23);
            format!("write a step up to {most}, or whole hours: 0 */{hours} * * *")
        }
        name => format!("write a step up to {most}, or * for every {name}"),
    }
}

/// Refuses expressions of Quartz that mean another day there. Its weekdays begin with 1 for Sunday,
/// and every expression of Quartz has a `?`.
fn check_quartz(parts: &[&str]) -> Result<(), Refused> {
    let last = parts.len() - 1;
    let (day, weekday) = (last - (WEEKDAY - DAY), last);
    for (nth, part) in parts
        .iter()
        .enumerate()
        .filter(|(_, part)| part.contains('?'))
    {
        if (nth != day && nth != weekday) || *part != "?" {
            let why = "`?` stands where it has no meaning";
            let remedy = "write * there; `?` may stand for the day of the month or for the weekday";
            return Err(refused(why, remedy));
        }
    }
    let is_quartz = parts.contains(&"?");
    let weekdays = parts.get(weekday).copied().unwrap_or_default();
    let number = weekdays.chars().any(|sign| sign.is_ascii_digit());
    let nth = weekdays.split('#').next().unwrap_or_default();
    let is_named = weekdays.contains('#') && !nth.chars().any(|sign| sign.is_ascii_digit());
    if is_quartz && number && !is_named {
        let why = format!(
            "with `?` it is one of Quartz, where the weekday `{weekdays}` counts from 1 for Sunday; \
             here 1 is Monday"
        );
        let remedy =
            "write weekdays by name: MON-FRI, FRI#L (the last Friday), MON#2 (the second Monday)";
        return Err(refused(why, remedy));
    }
    if weekdays.eq_ignore_ascii_case("L") {
        let remedy = "say which weekday: FRI#L is the last Friday of the month, SAT every Saturday";
        return Err(refused("weekday `L` says no weekday", remedy));
    }
    let days = parts
        .get(day)
        .copied()
        .unwrap_or_default()
        .to_ascii_uppercase();
    if days.contains("LW") || days.starts_with("L-") {
        let why = format!("day of the month `{days}` is known to Quartz alone");
        let remedy = "write L for the last day, or 15W for the weekday nearest to the 15th";
        return Err(refused(why, remedy));
    }
    Ok(())
}

/// An expression of which one field alone can be at fault.
fn alone(part: &str, at: usize) -> String {
    let fields = (0..FIELDS.len()).map(|nth| match nth {
        nth if nth == at => part,
        0 => "0",
        _ => "*",
    });
    fields.collect::<Vec<_>>().join(" ")
}

fn parse(text: &str) -> Result<croner::Cron, String> {
    CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .build()
        .parse(text)
        .map_err(|error| match error {
            CronError::IllegalCharacters(_) => "a sign has no meaning there".to_owned(),
            CronError::ComponentError(why) => why.trim_end_matches('.').to_lowercase(),
            other => other.to_string(),
        })
}
