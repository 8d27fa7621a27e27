//! The confidence in a value, from its place and from the rest of the page.
//!
//! Owns the weight of each layer. Never finds a value, and never rejects one.

use super::dates;
use crate::extract::answer::Confidence;
use crate::extract::page::strings;
use crate::model::Field;

impl Confidence {
    /// The confidence from the layer in the provenance.
    pub(in crate::extract) fn from_layer(found: &str) -> Self {
        let layer = found.split(' ').next().unwrap_or_default();
        match layer {
            "selector" | "label" | "container" => Self::High,
            "url" | "line" | "hidden" | "list" => Self::Low,
            _ => Self::Medium,
        }
    }

    /// The confidence after another layer's value for the same field. Agreement raises it;
    /// disagreement lowers it if that layer is as good.
    pub(in crate::extract) fn after(
        self,
        field: Field,
        value: &str,
        other: &str,
        found: &str,
    ) -> Self {
        match agree(field, value, other) {
            None => self,
            Some(true) => Self::High,
            Some(false) if Self::from_layer(found) >= self => self.lower(),
            Some(false) => self,
        }
    }

    /// The confidence after a comparison with the list's value for the same field.
    pub fn beside(self, field: Field, value: &str, listed: &str) -> Self {
        match agree(field, value, listed) {
            Some(true) => Self::High,
            _ if field == Field::Title && agree(field, listed, value) == Some(true) => Self::High,
            Some(false) if field == Field::Title => self.lower(),
            _ => self,
        }
    }

    fn lower(self) -> Self {
        match self {
            Self::High => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// Whether two values of a field agree; `None` if they cannot be compared.
fn agree(field: Field, value: &str, other: &str) -> Option<bool> {
    if matches!(field, Field::IssuedOn | Field::PublishedOn) {
        return Some(dates::find(value)?.date == dates::find(other)?.date);
    }
    let (value, other) = (strings::fold(value), strings::fold(other));
    let same = value == other || (field == Field::Title && other.contains(&value));
    (!value.is_empty() && !other.is_empty()).then_some(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_layers_say_is_sure_and_what_they_say_otherwise_is_not() {
        let meta = Confidence::from_layer("meta PubDate");
        assert_eq!(meta, Confidence::Medium);
        for (other, found, expected) in [
            ("2025年12月29日 10:20", "label 发布日期", Confidence::High),
            ("2025-12-29", "url", Confidence::High),
            ("2025-12-30", "url", Confidence::Medium),
            ("2025-12-30", "near title", Confidence::Low),
            ("无", "near title", Confidence::Medium),
        ] {
            let now = meta.after(Field::PublishedOn, "2025-12-29", other, found);
            assert_eq!(now, expected, "{other} {found}");
        }
        let title = Confidence::High.after(Field::Title, "供热开工", "供热开工_某县", "heading");
        assert_eq!(title, Confidence::High);
    }
}
