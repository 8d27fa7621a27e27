//! URL parameters, which `render::api::parameters` describes.
//!
//! Owns how they are read and refused, for the API, searches and feeds. Never asks the store.

use chrono::NaiveDate;
use url::form_urlencoded;

use super::problem::Problem;
use crate::model::ColumnName;
use crate::render::ColumnInfo;
use crate::render::api::MEMBERS;
use crate::render::api::parameters::{Kind, Parameter};
use crate::search::{Filter, Query, Topic, fold};

/// The most characters of an unknown name that an error repeats.
const SHOWN: usize = 100;

/// The parameters of one URL. Each value is valid for its kind.
#[derive(Debug)]
pub(super) struct Parameters {
    table: &'static [Parameter],
    values: Vec<(&'static str, String)>,
}

/// The origin of a URL. It decides about parameters without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A program. A parameter without a value is a mistake.
    Program,
    /// A form in a browser, which sends all its fields. A field without a value was left out.
    Form,
}

impl Parameters {
    /// Reads the query of a URL.
    pub(super) fn read(
        query: Option<&str>,
        table: &'static [Parameter],
        origin: Origin,
    ) -> Result<Self, Problem> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let Some(parameter) = table.iter().find(|known| known.name == name) else {
                return Err(unknown(&name, table));
            };
            let is_list = matches!(parameter.kind, Kind::Columns(_));
            if seen.contains(&parameter.name) && !is_list {
                return Err(Problem::parameter(&name, "it is given twice: give it once"));
            }
            seen.push(parameter.name);
            // People type spaces around words. Other values must be exact.
            let value = match parameter.kind {
                Kind::Text(_) | Kind::Words(_) => value.trim(),
                _ => value.as_ref(),
            };
            if value.trim().is_empty() && origin == Origin::Form {
                continue;
            }
            check(parameter, value)?;
            let first = values.iter_mut().find(|(name, _)| *name == parameter.name);
            match first {
                // A list may come in several parameters of one name.
                Some((_, list)) => {
                    list.push(',');
                    list.push_str(value);
                    check(parameter, list)?;
                }
                None => values.push((parameter.name, value.to_owned())),
            }
        }
        Ok(Self { table, values })
    }

    /// The value of this parameter.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.as_str())
    }

    /// The number, or its default.
    pub(super) fn number(&self, name: &str) -> i64 {
        let given = self.text(name).and_then(|text| text.parse().ok());
        given.unwrap_or_else(|| self.usual(name))
    }

    /// The place in a list at which the answer begins.
    pub(super) fn cursor(&self) -> Option<i64> {
        self.text("cursor").and_then(parse_cursor)
    }

    /// The names of a list with commas.
    pub(super) fn names(&self, name: &str) -> Vec<&str> {
        let names = self.text(name).map(|names| names.split(','));
        names.into_iter().flatten().map(str::trim).collect()
    }

    /// The filter that these parameters describe. Its column must be one of `columns`.
    pub(super) fn filter(&self, columns: &[ColumnInfo]) -> Result<Filter, Problem> {
        let folded = |name| self.text(name).map(|text| fold(text).trim().to_owned());
        let column: Option<ColumnName> = self.text("column").and_then(|name| name.parse().ok());
        if let Some(column) = &column
            && !columns.iter().any(|known| known.name == *column)
        {
            return Err(unknown_column("column", column.as_str()));
        }
        Ok(Filter {
            issuer: folded("issuer"),
            category: folded("category"),
            portal: folded("portal"),
            column,
            since: self.text("since").and_then(parse_day),
            until: self.text("until").and_then(parse_day),
        })
    }

    /// The topic that these parameters describe.
    pub(super) fn topic(&self, columns: &[ColumnInfo]) -> Result<Topic, Problem> {
        Ok(Topic {
            query: self.text("q").and_then(|words| Query::parse(words).ok()),
            filter: self.filter(columns)?,
        })
    }

    /// The same query with another value for this parameter.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let others = self.values.iter().filter(|(known, _)| *known != name);
        let others = others.map(|(name, value)| (*name, value.as_str()));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others.chain([(name, value)]))
            .finish()
    }

    fn usual(&self, name: &str) -> i64 {
        let parameter = self.table.iter().find(|known| known.name == name);
        match parameter.map(|parameter| parameter.kind) {
            Some(Kind::Number { usual, .. }) => usual,
            _ => 0,
        }
    }
}

/// Writes a place in a list, which clients send back as `cursor`.
pub(super) fn format_cursor(place: i64) -> String {
    format!("c{place}")
}

/// The refusal of a column that is not followed.
pub(super) fn unknown_column(parameter: &str, name: &str) -> Problem {
    let name: String = name.chars().take(SHOWN).collect();
    let detail = format!("there is no column {name:?}: /api/v1/columns lists them");
    Problem::parameter(parameter, detail)
}

fn check(parameter: &Parameter, value: &str) -> Result<(), Problem> {
    match expectation(parameter.kind, value) {
        Some(expected) => Err(Problem::parameter(parameter.name, expected)),
        None => Ok(()),
    }
}

/// The error of a value of this kind, with the remedy; `None` if the value is valid.
fn expectation(kind: Kind, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("it is empty: leave it out, or give it a value".to_owned());
    }
    let is_longer = |longest: usize| value.chars().nth(longest).is_some();
    match kind {
        Kind::Text(longest) => is_longer(longest)
            .then(|| format!("it is too long: write at most {longest} characters")),
        Kind::Words(_) => Query::parse(value).err().map(|error| error.to_string()),
        Kind::Number { least, most, .. } => {
            let is_plain = value.bytes().all(|byte| byte.is_ascii_digit());
            let number = value.parse::<i64>().ok().filter(|_| is_plain);
            let fits = number.is_some_and(|number| (least..=most).contains(&number));
            (!fits).then(|| format!("it is not valid: write a number from {least} to {most}"))
        }
        Kind::Day => parse_day(value)
            .is_none()
            .then(|| "it is not a day: write YYYY-MM-DD, such as 2025-12-29".to_owned()),
        Kind::Choice(choices) => (!choices.contains(&value))
            .then(|| format!("it is not valid: write {}", choices.join(" or "))),
        Kind::Column => {
            let name = value.parse::<ColumnName>();
            name.err().map(|error| error.to_string())
        }
        Kind::Columns(most) => (value.split(',').count() > most)
            .then(|| format!("there are too many: name at most {most}")),
        Kind::Fields => {
            let mut names = value.split(',');
            let unknown = names.find(|name| !MEMBERS.contains(name))?;
            let unknown: String = unknown.chars().take(SHOWN).collect();
            let members = MEMBERS.join(", ");
            Some(format!(
                "an article has no member {unknown:?}: name any of {members}"
            ))
        }
        Kind::Cursor { farthest } => {
            let place = parse_cursor(value).filter(|place| *place <= farthest);
            place
                .is_none()
                .then(|| "it is not a cursor: write the `cursor` of the previous answer".to_owned())
        }
    }
}

/// Reads a place in a list, as [`format_cursor`] wrote it.
fn parse_cursor(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('c')?;
    let is_plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let place = digits.parse().ok().filter(|_| is_plain);
    place.filter(|place| *place > 0 && !digits.starts_with('0'))
}

fn parse_day(value: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == value)
}

fn unknown(name: &str, table: &[Parameter]) -> Problem {
    let known: Vec<&str> = table.iter().map(|parameter| parameter.name).collect();
    let detail = match known.is_empty() {
        true => "there is no such parameter here: write none".to_owned(),
        false => format!(
            "there is no such parameter here: write one of {}",
            known.join(", ")
        ),
    };
    let name: String = name.chars().take(SHOWN).collect();
    Problem::parameter(&name, detail)
}
