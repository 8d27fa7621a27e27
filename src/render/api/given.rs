//! The values of parameters: of a URL's query, and of the command line.
//!
//! Owns how they are read and refused, by the table of `parameters`. Never asks the store.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use url::form_urlencoded;

use super::MEMBERS;
use super::parameters::{ADDED, Kind, ORDERS, Parameter, RANKINGS, SORTS};
use crate::config::Patterns;
use crate::model::{ColumnName, IndexNumber, Timestamp};
use crate::search::{
    ArticleFilter, Chosen, Filter, Keywords, Order, Place, Query, Ranking, Sort, Topic, fold,
};

/// The most characters of an unknown name that an error repeats.
const SHOWN: usize = 100;

/// A parameter that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {detail}")]
pub struct ParameterError {
    /// Its name.
    pub parameter: String,
    /// The problem, and the remedy.
    pub detail: String,
}

impl ParameterError {
    fn new(parameter: &str, detail: impl Into<String>) -> Self {
        Self {
            parameter: parameter.chars().take(SHOWN).collect(),
            detail: detail.into(),
        }
    }
}

/// The parameters that somebody gave. Each value is valid for its kind.
#[derive(Debug)]
pub struct Parameters {
    table: &'static [Parameter],
    values: Vec<(&'static str, String)>,
}

/// The origin of parameters. It decides about those without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A program. A parameter without a value is a mistake.
    Program,
    /// A form in a browser, which sends all its fields. A field without a value was left out.
    Form,
}

/// The names that filters may have.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    /// The columns that have, or may have, articles, each with the portal that these name as theirs.
    columns: BTreeMap<ColumnName, String>,
    /// Their portals: those in which they stand, and those of their articles.
    portals: BTreeSet<String>,
}

impl KnownNames {
    /// Adds a column, whose articles name this portal as theirs. What is added last counts.
    pub fn add(&mut self, column: &ColumnName, portal: &str) {
        self.columns.insert(column.clone(), portal.to_owned());
        for portal in [portal, column.portal()] {
            if !self.portals.contains(portal) {
                self.portals.insert(portal.to_owned());
            }
        }
    }

    /// The columns that have the articles of these portals, if one that stands in them has those of
    /// another.
    fn moved(&self, portals: &[&str]) -> Option<Vec<ColumnName>> {
        let is_of = |portal: &str| portals.contains(&portal);
        let mut columns = self.columns.iter();
        columns.find(|(column, portal)| is_of(column.portal()) && !is_of(portal))?;
        let columns = self.columns.iter();
        let of = columns.filter(|(column, portal)| is_of(column.portal()) || is_of(portal));
        Some(of.map(|(column, _)| column.clone()).collect())
    }
}

impl Parameters {
    /// Reads the query of a URL.
    pub fn read(
        query: Option<&str>,
        table: &'static [Parameter],
        origin: Origin,
    ) -> Result<Self, ParameterError> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self::from_pairs(pairs, table, origin)
    }

    /// Reads names and values. Lists may come in several parameters of one name.
    pub fn from_pairs(
        pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        table: &'static [Parameter],
        origin: Origin,
    ) -> Result<Self, ParameterError> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let Some(parameter) = table.iter().find(|known| known.name == name) else {
                return Err(unknown(name, table));
            };
            if seen.contains(&parameter.name) && !parameter.kind.is_list() {
                let detail = "it is given twice: give it once";
                return Err(ParameterError::new(name, detail));
            }
            seen.push(parameter.name);
            // People type spaces around words. Other values must be exact.
            let value = match parameter.kind {
                Kind::Text(_) | Kind::Words(_) | Kind::IndexNumber(_) => value.trim(),
                _ => value,
            };
            if value.trim().is_empty() && origin == Origin::Form {
                continue;
            }
            check(parameter, value)?;
            let first = values.iter_mut().find(|(name, _)| *name == parameter.name);
            match first {
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
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.as_str())
    }

    /// The number, or its default.
    pub fn number(&self, name: &str) -> i64 {
        let given = self.text(name).and_then(|text| text.parse().ok());
        given.unwrap_or_else(|| self.usual(name))
    }

    /// The number, or its default, where it cannot be negative.
    pub fn count(&self, name: &str) -> u32 {
        u32::try_from(self.number(name)).unwrap_or(u32::MAX)
    }

    /// Whether a flag is set.
    pub fn is_set(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The place in a list of search results at which the answer begins.
    pub fn cursor(&self) -> Option<i64> {
        self.text("cursor").and_then(parse_number)
    }

    /// The names of a list with commas, each once, sorted.
    pub fn names(&self, name: &str) -> Vec<&str> {
        let names = self.text(name).map(|names| names.split(','));
        let names: BTreeSet<&str> = names.into_iter().flatten().map(str::trim).collect();
        names.into_iter().collect()
    }

    /// Whether these parameters name portals or columns that are not among these, or patterns.
    pub fn names_others(&self, known: &KnownNames) -> bool {
        let is_column = |name: &ColumnName| known.columns.contains_key(name);
        let mut columns = self.names("column").into_iter();
        let mut portals = self.names("portal").into_iter();
        portals.any(|portal| !known.portals.contains(portal))
            || columns.any(|column| !column.parse().is_ok_and(|name| is_column(&name)))
    }

    /// The filter that these parameters describe. It refuses what no article can ever match.
    pub fn filter(&self, known: &KnownNames) -> Result<Filter, ParameterError> {
        let folded = |name| self.text(name).map(|text| fold(text).trim().to_owned());
        let portals = self.names("portal");
        if let Some(portal) = portals.iter().find(|name| !known.portals.contains(**name)) {
            let detail = format!("there is no portal {portal:?}: /api/v1/portals lists them");
            return Err(ParameterError::new("portal", detail));
        }
        let patterns = self.names("column");
        let columns = match patterns.is_empty() {
            true => None,
            false => Some(Chosen {
                names: matching("column", &patterns, known.columns.keys())?
                    .into_iter()
                    .cloned()
                    .collect(),
                patterns: patterns.into_iter().map(str::to_owned).collect(),
            }),
        };
        let day = |name| self.text(name).and_then(parse_day);
        let (since, until) = (day("since"), day("until"));
        if let Some((since, until)) = since.zip(until).filter(|(since, until)| since > until) {
            let detail = format!(
                "no day is from {since} to {until}: write the day of `since`, or a later one"
            );
            return Err(ParameterError::new("until", detail));
        }
        Ok(Filter {
            issuer: folded("issuer"),
            category: folded("category"),
            moved: known.moved(&portals),
            portals: portals.into_iter().map(str::to_owned).collect(),
            columns,
            since,
            until,
            updated_since: self.text("updated_since").and_then(parse_moment),
        })
    }

    /// The filter of a list of articles, likewise.
    pub fn article_filter(&self, known: &KnownNames) -> Result<ArticleFilter, ParameterError> {
        let usual = self.find("withdrawn").and_then(|parameter| {
            let Kind::Choice(choices) = parameter.kind else {
                return None;
            };
            choices.first().copied()
        });
        Ok(ArticleFilter {
            filter: self.filter(known)?,
            index_number: self.text("index_number").and_then(IndexNumber::parse),
            is_withdrawn: match self.text("withdrawn").or(usual) {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            },
        })
    }

    /// The order of a list, and the place in it after which the answer begins.
    pub fn order(&self) -> Result<(Order, Option<Place>), ParameterError> {
        let named = |known: &&(&str, Sort)| Some(known.0) == self.text("sort");
        let order = Order {
            sort: SORTS.iter().find(named).unwrap_or(&ADDED).1,
            is_ascending: self.text("order") == Some(ORDERS[1]),
        };
        let place = self.text("cursor").and_then(parse_place);
        if place.is_some_and(|place| place.sort() != order.sort) {
            let detail =
                "it is of a list in another order: write the `sort` of the previous answer";
            return Err(ParameterError::new("cursor", detail));
        }
        Ok((order, place))
    }

    /// The keywords of `include`.
    pub fn keywords(&self) -> Keywords {
        let include = self.names("include").into_iter();
        let include: Vec<String> = include.map(str::to_owned).collect();
        Keywords::new(&include, &[]).unwrap_or_default()
    }

    /// The topic that these parameters describe.
    pub fn topic(&self, known: &KnownNames) -> Result<Topic, ParameterError> {
        Ok(Topic {
            query: self.text("q").and_then(|words| Query::parse(words).ok()),
            filter: self.filter(known)?,
        })
    }

    /// The given filters, in one form for all ways to write them.
    pub fn canonical(&self) -> String {
        let given = self
            .table
            .iter()
            .filter(|parameter| parameter.name != "format");
        let values = given.filter_map(|parameter| {
            let value = self.text(parameter.name)?;
            let value = match parameter.kind.is_list() {
                true => self.names(parameter.name).join(","),
                false => value.to_owned(),
            };
            Some((parameter.name, value))
        });
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(values)
            .finish()
    }

    /// The order of what a search finds.
    pub fn ranking(&self) -> Ranking {
        let named = self.text("sort").unwrap_or_default();
        let known = RANKINGS.iter().find(|(name, _)| *name == named);
        known.map_or_else(Ranking::default, |(_, ranking)| *ranking)
    }

    /// The same query with another value for this parameter.
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.values.iter().filter(|(known, _)| *known != name);
        let others = others.map(|(name, value)| (*name, value.as_str()));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others.chain([(name, value)]))
            .finish()
    }

    fn find(&self, name: &str) -> Option<&'static Parameter> {
        self.table.iter().find(|known| known.name == name)
    }

    fn usual(&self, name: &str) -> i64 {
        match self.find(name).map(|parameter| parameter.kind) {
            Some(Kind::Number { usual, .. }) => usual,
            _ => 0,
        }
    }
}

/// The columns that match one of these patterns. A pattern that matches none is an error of this
/// parameter.
pub fn matching<'a>(
    parameter: &str,
    patterns: &[&str],
    columns: impl Iterator<Item = &'a ColumnName> + Clone,
) -> Result<Vec<&'a ColumnName>, ParameterError> {
    let mut found: BTreeSet<&ColumnName> = BTreeSet::new();
    for pattern in patterns {
        let matcher = Patterns::new(&[pattern]).ok();
        let matches = |name: &&ColumnName| {
            name.as_str() == *pattern || matcher.as_ref().is_some_and(|these| these.matches(name))
        };
        let mut matching = columns.clone().filter(matches).peekable();
        if matching.peek().is_none() {
            let pattern: String = pattern.chars().take(SHOWN).collect();
            let detail = format!("there is no column {pattern:?}: /api/v1/columns lists them");
            return Err(ParameterError::new(parameter, detail));
        }
        found.extend(matching);
    }
    Ok(found.into_iter().collect())
}

/// Writes a place in a list of search results, which clients send back as `cursor`.
pub fn format_cursor(place: i64) -> String {
    format!("c{place}")
}

/// Writes a place in a list of articles, which clients send back as `cursor`.
pub fn format_place(place: Place) -> String {
    match place {
        Place::Added(added) => format_cursor(added),
        Place::Published(day, added) => format!("p{}-{added}", day.format(DAY)),
        Place::Updated(millis) => format!("u{millis}"),
    }
}

/// A day within a cursor.
const DAY: &str = "%Y%m%d";

fn check(parameter: &Parameter, value: &str) -> Result<(), ParameterError> {
    match expectation(parameter.kind, value) {
        Some(expected) => Err(ParameterError::new(parameter.name, expected)),
        None => Ok(()),
    }
}

/// The error of a value of this kind, with the remedy; `None` if the value is valid.
fn expectation(kind: Kind, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("it is empty: leave it out, or give it a value".to_owned());
    }
    let is_longer = |longest: usize| value.chars().nth(longest).is_some();
    let too_long = |longest: usize| format!("it is too long: write at most {longest} characters");
    match kind {
        Kind::Text(longest) => is_longer(longest).then(|| too_long(longest)),
        Kind::IndexNumber(longest) if is_longer(longest) => Some(too_long(longest)),
        Kind::IndexNumber(_) => IndexNumber::parse(value)
            .is_none()
            .then(|| "it is no index number: write one such as 000014349/2025-32614".to_owned()),
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
        Kind::Moment => parse_moment(value).is_none().then(|| {
            "it is neither a day nor a time: write 2025-12-29 or 2025-12-29T08:00:00+08:00"
                .to_owned()
        }),
        Kind::Flag => (!matches!(value, "true" | "false"))
            .then(|| "it is not valid: write true or false".to_owned()),
        Kind::Choice(choices) => (!choices.contains(&value))
            .then(|| format!("it is not valid: write {}", choices.join(" or "))),
        Kind::Portals(most) | Kind::Columns(most) => {
            too_many(value, most).or_else(|| empty_name(value))
        }
        Kind::Keywords(most) => too_many(value, most).or_else(|| {
            let keywords: Vec<String> = value.split(',').map(str::to_owned).collect();
            let wrong = Keywords::new(&keywords, &[]).err()?;
            let wrong: String = wrong.chars().take(SHOWN).collect();
            Some(format!("{wrong:?} is no keyword: write a word"))
        }),
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
            let place = parse_number(value).filter(|place| *place <= farthest);
            place.is_none().then(no_cursor)
        }
        Kind::Place => parse_place(value).is_none().then(no_cursor),
    }
}

fn no_cursor() -> String {
    "it is not a cursor: write the `cursor` of the previous answer".to_owned()
}

fn too_many(value: &str, most: usize) -> Option<String> {
    (value.split(',').count() > most).then(|| format!("there are too many: name at most {most}"))
}

fn empty_name(value: &str) -> Option<String> {
    let mut names = value.split(',');
    names
        .any(|name| name.trim().is_empty())
        .then(|| "a name in it is empty: write the names with a comma between any two".to_owned())
}

/// Reads a place in a list, as [`format_cursor`] wrote it.
fn parse_number(value: &str) -> Option<i64> {
    let number = plain_number(value.strip_prefix('c')?);
    number.filter(|number| *number > 0)
}

/// Reads a place in a list, as [`format_place`] wrote it.
fn parse_place(value: &str) -> Option<Place> {
    if let Some(published) = value.strip_prefix('p') {
        let (day, added) = published.split_once('-')?;
        let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
        let day = NaiveDate::parse_from_str(day, DAY)
            .ok()
            .filter(|_| is_day)?;
        return Some(Place::Published(day, plain_number(added)?));
    }
    match value.strip_prefix('u') {
        Some(millis) => plain_number(millis).map(Place::Updated),
        None => parse_number(value).map(Place::Added),
    }
}

/// A number of at most 15 digits, without any sign or zero before it.
fn plain_number(digits: &str) -> Option<i64> {
    let is_plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_plain);
    number.filter(|_| !digits.starts_with('0') || digits == "0")
}

fn parse_day(value: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == value)
}

/// A day in China, from its beginning on, or a time (RFC 3339).
fn parse_moment(value: &str) -> Option<Timestamp> {
    if let Some(day) = parse_day(value) {
        return Some(Timestamp::start_of(day));
    }
    // In a URL, a plus sign that is not escaped means a space.
    let time = DateTime::parse_from_rfc3339(&value.replacen(' ', "+", 1)).ok()?;
    Some(Timestamp::from(time.with_timezone(&Utc)))
}

fn unknown(name: &str, table: &[Parameter]) -> ParameterError {
    let known: Vec<&str> = table.iter().map(|parameter| parameter.name).collect();
    let detail = match known.is_empty() {
        true => "there is no such parameter here: write none".to_owned(),
        false => format!(
            "there is no such parameter here: write one of {}",
            known.join(", ")
        ),
    };
    ParameterError::new(name, detail)
}
