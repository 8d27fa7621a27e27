//! From the values of a page to what may be stored: required fields, plausible dates.
//!
//! Owns the reasons for which a page is held back. Never reads a page, never stores anything.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{NaiveDate, TimeDelta};

use super::fields::has;
use crate::config::FieldRules;
use crate::extract::{Extracted, Problem};
use crate::model::{Field, Timestamp, Verdict};
use crate::store::PageContent;

/// A page that lacks what an article must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unacceptable {
    /// The required fields it lacks, in the contract's order.
    pub missing: Vec<Field>,
    /// The feed file's rules for these fields that match nothing on the page: `article.body =
    /// "#zoom"`.
    pub unmatched: Vec<String>,
}

impl Unacceptable {
    /// The verdict on the page's fetch.
    pub fn verdict(&self) -> Verdict {
        if !self.unmatched.is_empty() {
            Verdict::LayoutChanged
        } else if self.missing.contains(&Field::Title) {
            Verdict::NoTitle
        } else {
            Verdict::FieldMissing
        }
    }
}

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.unmatched.is_empty() {
            return write!(
                f,
                "nothing on the page matches {}, and what it should find was not found otherwise; it \
                 is held back, and what was known of it stays. Fix the selector in the feed file \
                 (commas part alternatives), or leave it out",
                self.unmatched.join(", nor ")
            );
        }
        let names: Vec<&str> = self.missing.iter().map(|field| field.name()).collect();
        write!(
            f,
            "the page shows no {}; it is held back, not published. If it is an article, name where \
             these stand under [article] in the feed file, or list them as optional under [fields]",
            names.join(", no ")
        )
    }
}

/// Turns the values of a page into an article's content, or says what is missing. A page that shows
/// the title by which its column lists it needs no text, unless the feed file asks for one. An
/// impossible date (before the republic, or after tomorrow) is left out: the article has no such date until
/// the portal corrects it.
pub fn accept(
    extracted: Extracted,
    rules: &FieldRules,
    now: Timestamp,
) -> Result<PageContent, Unacceptable> {
    let title = extracted.title.as_deref();
    let (metadata, body) = (&extracted.metadata, &extracted.body);
    let unmatched = unmatched(&extracted.problems);
    let is_excused = |field: Field| {
        field == Field::Body
            && extracted.shows_row
            && rules.excuses_text()
            && !unmatched.contains_key(&field)
    };
    let missing: Vec<Field> = Field::ALL
        .into_iter()
        .filter(|field| rules.requires(*field) && !has(*field, title, metadata, body))
        .filter(|field| !is_excused(*field))
        .collect();
    if !missing.is_empty() {
        let is_missing = |(field, _): &(Field, String)| missing.contains(field);
        let unmatched = unmatched.into_iter().filter(is_missing);
        return Err(Unacceptable {
            unmatched: unmatched.map(|(_, rule)| rule).collect(),
            missing,
        });
    }
    let Extracted {
        title: Some(title),
        mut metadata,
        body,
        mut provenance,
        ..
    } = extracted
    else {
        // Without a title nothing is published, whatever the feed file says.
        return Err(Unacceptable {
            missing: vec![Field::Title],
            unmatched: Vec::new(),
        });
    };
    if let Some(day) = metadata.published_on
        && !is_plausible(day, now)
    {
        metadata.published_on = None;
        metadata.published_at = None;
        provenance.insert(Field::PublishedOn, format!("held: {day} cannot be"));
    }
    if let Some(day) = metadata.issued_on
        && !is_plausible(day, now)
    {
        metadata.issued_on = None;
        provenance.insert(Field::IssuedOn, format!("held: {day} cannot be"));
    }
    Ok(PageContent {
        title,
        metadata,
        body,
        provenance,
    })
}

/// The feed file's rules for single fields that match nothing on the page, as the feed file writes
/// them. The general layers were asked instead.
pub(in crate::pipeline) fn unmatched(problems: &[Problem]) -> BTreeMap<Field, String> {
    let rule = |problem: &Problem| {
        let Problem::SelectorMatchedNothing { key, rule } = problem else {
            return None;
        };
        let name = key.strip_prefix("article.")?;
        let field = Field::ALL.into_iter().find(|field| field.name() == name)?;
        Some((field, format!("{key} = {rule:?}")))
    };
    problems.iter().filter_map(rule).collect()
}

fn is_plausible(day: NaiveDate, now: Timestamp) -> bool {
    let earliest = NaiveDate::from_ymd_opt(1949, 10, 1);
    let tomorrow = now.date() + TimeDelta::days(1);
    Some(day) >= earliest && day <= tomorrow
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::start_of(NaiveDate::from_ymd_opt(2025, 12, 30).unwrap())
    }

    fn page(day: NaiveDate) -> Extracted {
        let mut page = Extracted {
            title: Some("供热开工".to_owned()),
            ..Extracted::default()
        };
        page.body.body_text = "今日开工。".to_owned();
        page.metadata.published_on = Some(day);
        page
    }

    #[test]
    fn a_date_of_the_future_is_held_and_one_of_today_is_not() {
        let accepted = |day: NaiveDate| {
            let mut page = page(day);
            page.metadata.issued_on = Some(day);
            let content = accept(page, &FieldRules::default(), now()).unwrap();
            assert_eq!(content.metadata.issued_on, content.metadata.published_on);
            let held = content.provenance.contains_key(&Field::IssuedOn);
            assert_eq!(held, content.metadata.issued_on.is_none());
            content.metadata.published_on
        };
        let today = now().date();
        assert_eq!(accepted(today), Some(today));
        assert_eq!(accepted(today + TimeDelta::days(2)), None);
        assert_eq!(accepted(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap()), None);
    }

    #[test]
    fn a_rule_that_matches_nothing_is_named_where_nothing_else_finds_its_field() {
        let mut page = page(now().date());
        let missed = |key: &str, rule: &str| Problem::SelectorMatchedNothing {
            key: key.to_owned(),
            rule: rule.to_owned(),
        };
        page.problems = vec![
            missed("article.source", ".ly"),
            missed("article.body", "#zoom"),
            missed("list.next", ".next"),
        ];
        assert!(accept(page.clone(), &FieldRules::default(), now()).is_ok());
        let rules: Vec<String> = unmatched(&page.problems).into_values().collect();
        assert_eq!(
            rules,
            ["article.source = \".ly\"", "article.body = \"#zoom\""]
        );
        page.body.body_text.clear();
        let error = accept(page, &FieldRules::default(), now()).unwrap_err();
        assert_eq!(error.verdict(), Verdict::LayoutChanged);
        assert_eq!(error.unmatched, ["article.body = \"#zoom\""]);
        assert!(error.to_string().contains("article.body = \"#zoom\""));
    }

    #[test]
    fn what_is_missing_is_named_and_may_be_made_optional() {
        let mut page = page(now().date());
        page.body.body_text.clear();
        let error = accept(page.clone(), &FieldRules::default(), now()).unwrap_err();
        assert_eq!(error.missing, [Field::Body]);
        let rules = FieldRules {
            optional: vec![Field::Body],
            required: vec![Field::IndexNumber],
            ..FieldRules::default()
        };
        let error = accept(page, &rules, now()).unwrap_err();
        assert_eq!(error.missing, [Field::IndexNumber]);
        assert!(error.to_string().contains("[article]"));
    }
}
