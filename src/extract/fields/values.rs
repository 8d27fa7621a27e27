//! Turns printed values into the fields of an article, each with its place.
//!
//! Owns the test of a value for each field, and the rule that the first layer with a value wins.
//! Never searches a page.

use std::sync::LazyLock;

use regex::Regex;

use super::dates::{self, FoundDate};
use super::{extras, labels, meta, title};
use crate::extract::answer::{Confidence, Extracted, Problem};
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;
use crate::model::{Field, IndexNumber};

/// A longer title is a paragraph.
const MAX_TITLE: usize = 200;
/// A longer name is a sentence beside the wrong label.
const MAX_NAME: usize = 120;

/// A headline as it is published.
fn headline(text: &str) -> Option<String> {
    strings::title(extras::headline(&meta::unescaped_title(text)))
}

impl Extracted {
    /// Takes `text` for `field`, unless the field already has a value. `found` is its place.
    pub(in crate::extract) fn offer(&mut self, field: Field, text: &str, found: &str) {
        if self.provenance.contains_key(&field) {
            self.weigh(field, text, found);
            return;
        }
        if field == Field::IndexNumber {
            self.offer_index_number(text, found);
            return;
        }
        let value = match field {
            Field::Title => headline(text),
            _ => strings::value(text),
        };
        let Some(value) = value else {
            return;
        };
        let taken = match field {
            Field::DocumentNumber => take(
                &mut self.metadata.document_number,
                value,
                is_document_number,
            ),
            Field::IssuedOn => {
                let date = self.date(field, &value);
                self.metadata.issued_on = date.map(|found| found.date);
                date.is_some()
            }
            Field::PublishedOn => {
                let date = self.date(field, &value);
                if let Some(date) = date {
                    self.metadata.published_on = Some(date.date);
                    self.metadata.published_at = date.instant();
                }
                date.is_some()
            }
            Field::Issuer => take(&mut self.metadata.issuer, value, is_name),
            Field::SubjectTerms => {
                self.metadata.subject_terms = terms(&value);
                !self.metadata.subject_terms.is_empty()
            }
            Field::Title => take(&mut self.title, value, is_title),
            Field::TopicCategory => take(&mut self.metadata.topic_category, value, is_name),
            Field::Source => take(&mut self.metadata.source, without_author(value), is_source),
            Field::IndexNumber | Field::Body | Field::Images | Field::Attachments => false,
        };
        if taken {
            self.note(field, found);
        }
    }

    /// Takes another title in place of the one that was found.
    pub(in crate::extract) fn replace_title(&mut self, text: &str, found: &str) {
        if let Some(title) = headline(text).filter(|text| is_title(text)) {
            self.title = Some(title);
            self.note(Field::Title, found);
        }
    }

    /// Notes the place of a field's value, and the confidence that follows from it.
    pub(in crate::extract) fn note(&mut self, field: Field, found: &str) {
        self.provenance.insert(field, found.to_owned());
        self.confidence.insert(field, Confidence::from_layer(found));
    }

    /// Compares a field's value with another layer's.
    fn weigh(&mut self, field: Field, text: &str, found: &str) {
        let value = match field {
            Field::Title => self.title.clone(),
            Field::IssuedOn => self.metadata.issued_on.map(|date| date.to_string()),
            Field::PublishedOn => self.metadata.published_on.map(|date| date.to_string()),
            Field::Source => self.metadata.source.clone(),
            _ => None,
        };
        // A title that dots cut off gives way to a longer one that begins alike.
        let is_whole = |own: &String| title::is_whole_of(text, own);
        if field == Field::Title && value.as_ref().is_some_and(is_whole) {
            self.replace_title(text, found);
            return;
        }
        let (Some(value), Some(sure)) = (value, self.confidence.get_mut(&field)) else {
            return;
        };
        *sure = sure.after(field, &value, text, found);
    }

    /// Takes the time of publication from another place of the page, if it has the same day.
    pub(in crate::extract) fn offer_time(&mut self, text: &str) {
        if self.metadata.published_at.is_none()
            && let Some(found) = dates::value(text)
            && Some(found.date) == self.metadata.published_on
        {
            self.metadata.published_at = found.instant();
        }
    }

    /// Keeps the number as printed, even if it is unreadable.
    fn offer_index_number(&mut self, text: &str, found: &str) {
        let raw = strings::value(text).unwrap_or_else(|| strings::tidy(text));
        if raw.is_empty() {
            return;
        }
        self.metadata.index_number = IndexNumber::parse(&raw);
        if self.metadata.index_number.is_some() {
            self.note(Field::IndexNumber, found);
        } else if strings::value(&raw).is_some() {
            self.problems.push(Problem::Unreadable {
                field: Field::IndexNumber,
                text: raw.clone(),
            });
        }
        self.metadata.index_number_raw = Some(raw);
    }

    fn date(&mut self, field: Field, text: &str) -> Option<FoundDate> {
        let found = dates::value(text);
        if field == Field::PublishedOn && dates::takes_effect(text) {
            return None;
        }
        if found.is_none() {
            let text = text.to_owned();
            self.problems.push(Problem::Unreadable { field, text });
        }
        found
    }
}

fn take(field: &mut Option<String>, value: String, is_one: fn(&str) -> bool) -> bool {
    if !is_one(&value) {
        return false;
    }
    *field = Some(value);
    true
}

/// 主题词 are separated by commas of all kinds, semicolons or white space.
fn terms(value: &str) -> Vec<String> {
    value
        .split(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',' | '；' | ';' | '|'))
        .filter_map(strings::value)
        .collect()
}

/// Whether a value can be a document number, with digits or 号: `潞政发〔2025〕7号`, `第七号`,
/// `HHCR-2023-01005`.
fn is_document_number(value: &str) -> bool {
    let counts = value
        .chars()
        .any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c))
        || value.contains('号');
    counts && strings::len(value) <= 60 && !value.contains('。')
}

fn is_name(value: &str) -> bool {
    strings::len(value) <= MAX_NAME && dates::find(value).is_none_or(|_| strings::len(value) > 20)
}

/// A source without the author beside it: 某某日报　记者 某某.
fn without_author(mut source: String) -> String {
    static AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\s(本报|本台)?(见习)?(记者|通讯员|特约记者|实习生|作者|撰稿|供稿人?|责任?编辑|编辑|摄影)([\s:：/]|$)",
        )
    });
    if let Some(found) = AUTHOR.find(&source) {
        source.truncate(found.start());
    }
    source
}

/// Whether a source is a name, and not a remnant of a template (`null`, a lone sign, 年第期 without
/// its numbers) or of a script.
fn is_source(value: &str) -> bool {
    is_name(value)
        && strings::len(value) <= 80
        && !value.contains(['{', '<', '$'])
        && !value
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("http"))
        && !["年第期", "第期", "总第期"]
            .iter()
            .any(|gap| strings::fold(value).contains(gap))
}

fn is_title(value: &str) -> bool {
    let length = strings::len(value);
    (2..=MAX_TITLE).contains(&length) && labels::whole(value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layer_that_has_a_value_keeps_it() {
        let mut page = Extracted::default();
        page.offer(Field::Issuer, "—", "label 发文机关");
        page.offer(Field::Issuer, "潞城融媒", "label 发布机构");
        page.offer(Field::Issuer, "别处", "meta X");
        assert_eq!(page.metadata.issuer.as_deref(), Some("潞城融媒"));
        assert_eq!(page.provenance[&Field::Issuer], "label 发布机构");
    }

    #[test]
    fn terms_are_parted_and_placeholders_are_none() {
        let mut page = Extracted::default();
        page.offer(
            Field::SubjectTerms,
            "公安、安全；司法\u{3000}政务 公开，无",
            "label 主题词",
        );
        assert_eq!(
            page.metadata.subject_terms,
            ["公安", "安全", "司法", "政务", "公开"]
        );
    }

    #[test]
    fn what_is_no_number_keeps_its_print_and_is_reported() {
        let mut page = Extracted::default();
        page.offer(Field::IndexNumber, "000014349/2025-", "label 索引号");
        assert_eq!(page.metadata.index_number, None);
        assert_eq!(
            page.metadata.index_number_raw.as_deref(),
            Some("000014349/2025-")
        );
        assert_eq!(page.problems.len(), 1);
        assert!(page.provenance.is_empty());
        page.offer(
            Field::DocumentNumber,
            "关于印发工作要点的通知",
            "label 文号",
        );
        assert_eq!(page.metadata.document_number, None);
    }

    #[test]
    fn a_time_joins_the_day_it_belongs_to_and_no_other() {
        let mut page = Extracted::default();
        page.offer(Field::PublishedOn, "2024年10月15日", "label 发布日期");
        page.offer_time("2024-10-16 10:44");
        assert_eq!(page.metadata.published_at, None);
        page.offer_time("2024-10-15 10:44");
        let at = page.metadata.published_at.map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2024-10-15T10:44:00+08:00"));
    }
}
