//! What a URL of the API asks for, understood by the table of its parameters or refused by name.

use chrono::NaiveDate;
use url::form_urlencoded;

use crate::model::{ColumnName, IndexNumber};
use crate::render::api::parameters::{Kind, Parameter};
use crate::serve::problem::Problem;

/// The values of a query, each as its kind has it.
#[derive(Debug)]
pub(super) struct Asked {
    table: &'static [Parameter],
    values: Vec<(&'static str, String)>,
}

impl Asked {
    /// Understands a query. A parameter without a value is as good as none.
    pub(super) fn read(query: Option<&str>, table: &'static [Parameter]) -> Result<Self, Problem> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let Some(parameter) = table.iter().find(|known| known.name == name) else {
                return Err(unknown(&name, table));
            };
            if values.iter().any(|(known, _)| *known == name) {
                return Err(Problem::parameter(&name, "it is there twice: give it once"));
            }
            let value = value.trim();
            if !value.is_empty() {
                check(parameter, value)?;
            }
            values.push((parameter.name, value.to_owned()));
        }
        values.retain(|(_, value)| !value.is_empty());
        Ok(Self { table, values })
    }

    /// What it says of this, where it says anything.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.as_str())
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
    let wrong = |detail: String| Err(Problem::parameter(parameter.name, detail));
    match parameter.kind {
        Kind::Text(longest) if value.chars().nth(longest).is_some() => wrong(format!(
            "it is too long: write at most {longest} characters"
        )),
        Kind::Number { least, most, .. } => match value.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(()),
            _ => wrong(format!(
                "it is not as expected: write a number from {least} to {most}"
            )),
        },
        Kind::Day if day(value).is_none() => {
            wrong("it is no day: write YYYY-MM-DD, such as 2025-12-29".to_owned())
        }
        Kind::Choice(choices) if !choices.contains(&value) => wrong(format!(
            "it is not as expected: write {}",
            choices.join(", ")
        )),
        Kind::Column => match value.parse::<ColumnName>() {
            Ok(_) => Ok(()),
            Err(error) => wrong(error.to_string()),
        },
        Kind::IndexNumber if IndexNumber::parse(value).is_none() => wrong(format!(
            "it is no index number: write one such as {}",
            parameter.example
        )),
        _ => Ok(()),
    }
}

/// A day as the URL has it.
pub(super) fn day(value: &str) -> Option<NaiveDate> {
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
