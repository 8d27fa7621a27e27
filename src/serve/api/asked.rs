//! What a URL of the API asks for, understood by the table of its parameters or refused by name.

use chrono::NaiveDate;
use url::form_urlencoded;

use crate::model::ColumnName;
use crate::render::api::MEMBERS;
use crate::render::api::parameters::{Kind, Parameter};
use crate::serve::problem::Problem;

/// The values of a query, each as its kind has it.
#[derive(Debug)]
pub(super) struct Asked {
    table: &'static [Parameter],
    values: Vec<(&'static str, String)>,
}

impl Asked {
    /// Understands a query.
    pub(super) fn read(query: Option<&str>, table: &'static [Parameter]) -> Result<Self, Problem> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let Some(parameter) = table.iter().find(|known| known.name == name) else {
                return Err(unknown(&name, table));
            };
            if values.iter().any(|(known, _)| *known == name) {
                return Err(Problem::parameter(&name, "it is there twice: give it once"));
            }
            check(parameter, &value)?;
            values.push((parameter.name, value.into_owned()));
        }
        Ok(Self { table, values })
    }

    /// What it says of this, where it says anything.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.as_str())
    }

    /// The day, where it says one.
    pub(super) fn day(&self, name: &str) -> Option<NaiveDate> {
        self.text(name).and_then(day)
    }

    /// The members of articles that are asked for.
    pub(super) fn fields(&self) -> Vec<&str> {
        let fields = self.text("fields").map(|names| names.split(','));
        fields.into_iter().flatten().collect()
    }

    /// The same query with this in the place of what it said.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let others = self.values.iter().filter(|(known, _)| *known != name);
        let others = others.map(|(name, value)| (*name, value.as_str()));
        let all = others.chain([(name, value)]);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish()
    }

    /// The number, or the usual one.
    pub(super) fn number(&self, name: &str) -> i64 {
        let said = self.text(name).and_then(|text| text.parse().ok());
        let usual = || match self.kind(name) {
            Some(Kind::Number { usual, .. }) => usual,
            _ => 0,
        };
        said.unwrap_or_else(usual)
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        let parameter = self.table.iter().find(|known| known.name == name);
        parameter.map(|parameter| parameter.kind)
    }
}

fn check(parameter: &Parameter, value: &str) -> Result<(), Problem> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let expected = match parameter.kind {
        _ if value.is_empty() => Some("it is empty: leave it out, or give it a value".to_owned()),
        Kind::Text(longest) if value.chars().nth(longest).is_some() => Some(format!(
            "it is too long: write at most {longest} characters"
        )),
        Kind::Number { least, most, .. } => {
            let number = value.parse::<i64>().ok().filter(|_| digits(value));
            let fits = number.is_some_and(|number| (least..=most).contains(&number));
            let words = "it is not as expected: write a number from";
            (!fits).then(|| format!("{words} {least} to {most}"))
        }
        Kind::Day if day(value).is_none() => {
            Some("it is no day: write YYYY-MM-DD, such as 2025-12-29".to_owned())
        }
        Kind::Choice(choices) if !choices.contains(&value) => Some(format!(
            "it is not as expected: write {}",
            choices.join(" or ")
        )),
        Kind::Column => value
            .parse::<ColumnName>()
            .err()
            .map(|error| error.to_string()),
        Kind::Fields => value
            .split(',')
            .find(|name| !MEMBERS.contains(name))
            .map(|name| {
                let name: String = name.chars().take(40).collect();
                format!(
                    "an article has no member {name:?}: there are {}",
                    MEMBERS.join(", ")
                )
            }),
        Kind::Cursor if cursor(value).is_none() => {
            Some("it is none: write what the answer before gave as cursor".to_owned())
        }
        _ => None,
    };
    match expected {
        Some(expected) => Err(Problem::parameter(parameter.name, expected)),
        None => Ok(()),
    }
}

/// The place in a list at which it goes on, as [`written`] wrote it.
pub(super) fn cursor(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('c')?;
    let is_plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let place = digits.parse().ok().filter(|_| is_plain);
    place.filter(|place| *place > 0 && !digits.starts_with('0'))
}

/// A place in a list, for clients to give back.
pub(super) fn written(place: i64) -> String {
    format!("c{place}")
}

/// A day as the URL has it.
fn day(value: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == value)
}

fn unknown(name: &str, table: &[Parameter]) -> Problem {
    let known: Vec<&str> = table.iter().map(|parameter| parameter.name).collect();
    let detail = match known.is_empty() {
        true => "there is no such parameter here, nor any other".to_owned(),
        false => format!(
            "there is no such parameter here: there are {}",
            known.join(", ")
        ),
    };
    let name: String = name.chars().take(100).collect();
    Problem::parameter(&name, detail)
}
