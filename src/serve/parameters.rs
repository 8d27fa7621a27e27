//! What the URL of a search says, understood or refused by name.

use chrono::NaiveDate;
use url::form_urlencoded;

use super::problem::Problem;
use crate::model::ColumnName;
use crate::render::ColumnInfo;
use crate::search::{Filter, Query, Topic, fold};

/// Characters of a name in a filter.
const LONGEST: usize = 100;
/// Articles of one answer, at most, and where nobody says how many.
const LIMITS: (u32, u32) = (100, 20);
/// How far into a list of what was found one may go.
const FARTHEST: u32 = 10_000;

/// A search as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) topic: Topic,
    pub(super) limit: u32,
    pub(super) offset: u32,
}

/// What a URL may say beside the topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing: a feed has a size of its own.
    Feed,
    /// How many articles, from which on.
    Page,
}

impl Asked {
    /// Understands the query of a URL. A parameter without a value is as good as none, for forms
    /// send all they have.
    pub(super) fn read(
        query: &str,
        extent: Extent,
        columns: &[ColumnInfo],
    ) -> Result<Self, Problem> {
        let mut asked = Self {
            limit: LIMITS.1,
            ..Self::default()
        };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.iter().any(|known| *known == name) {
                return Err(Problem::parameter(&name, "it is there twice: give it once"));
            }
            seen.push(name.clone().into_owned());
            asked.take(&name, &value, extent, columns)?;
        }
        Ok(asked)
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        extent: Extent,
        columns: &[ColumnInfo],
    ) -> Result<(), Problem> {
        let wrong = |detail: String| Problem::parameter(name, detail);
        let value = value.trim();
        let Filter {
            issuer,
            category,
            portal,
            column,
            since,
            until,
        } = &mut self.topic.filter;
        let page = extent == Extent::Page;
        match name {
            _ if value.is_empty() => known(name, page)?,
            "q" => {
                let query = Query::parse(value).map_err(|e| wrong(e.to_string()))?;
                self.topic.query = Some(query);
            }
            "issuer" => *issuer = Some(short(name, value)?),
            "category" => *category = Some(short(name, value)?),
            "portal" => *portal = Some(short(name, value)?),
            "column" => {
                let found = value
                    .parse::<ColumnName>()
                    .map_err(|e| wrong(e.to_string()))?;
                if !columns.iter().any(|known| known.name == found) {
                    return Err(wrong(format!("there is no column {found}: see feeds.opml")));
                }
                *column = Some(found);
            }
            "since" => *since = Some(day(name, value)?),
            "until" => *until = Some(day(name, value)?),
            "limit" if page => self.limit = number(name, value, 1, LIMITS.0)?,
            "offset" if page => self.offset = number(name, value, 0, FARTHEST)?,
            _ => known(name, page)?,
        }
        Ok(())
    }

    /// The same search from the next article on; `None` where that leads too far.
    pub(super) fn next(&self, total: u64) -> Option<Self> {
        let offset = self.offset.checked_add(self.limit)?;
        (u64::from(offset) < total && offset <= FARTHEST).then(|| Self {
            offset,
            ..self.clone()
        })
    }

    /// The query of the URL that asks for this.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(self.topic.canonical());
        if self.limit != LIMITS.1 {
            query.append_pair("limit", &self.limit.to_string());
        }
        if self.offset > 0 {
            query.append_pair("offset", &self.offset.to_string());
        }
        query.finish()
    }
}

/// Refuses a parameter of another name.
fn known(name: &str, page: bool) -> Result<(), Problem> {
    let topic = [
        "q", "issuer", "category", "portal", "column", "since", "until",
    ];
    if topic.contains(&name) || (page && ["limit", "offset"].contains(&name)) {
        return Ok(());
    }
    let more = if page { ", limit, offset" } else { "" };
    let expected = topic.join(", ");
    let detail = format!("there is no such parameter here: there are {expected}{more}");
    let name: String = name.chars().take(LONGEST).collect();
    Err(Problem::parameter(&name, detail))
}

fn short(name: &str, value: &str) -> Result<String, Problem> {
    let value = fold(value).trim().to_owned();
    if value.chars().nth(LONGEST).is_some() {
        let detail = format!("it is too long: write at most {LONGEST} characters");
        return Err(Problem::parameter(name, detail));
    }
    Ok(value)
}

fn day(name: &str, value: &str) -> Result<NaiveDate, Problem> {
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == value).ok_or_else(|| {
        Problem::parameter(name, "it is no day: write YYYY-MM-DD, such as 2025-12-29")
    })
}

fn number(name: &str, value: &str, least: u32, most: u32) -> Result<u32, Problem> {
    let number = value.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            let detail = format!("it is not as expected: write a number from {least} to {most}");
            Problem::parameter(name, detail)
        })
}
