//! A topic: what somebody wants to hear of, by words, by who issued it, by where and when.

use chrono::NaiveDate;
use url::form_urlencoded::Serializer;

use super::Query;
use crate::model::ColumnName;

/// Words and what narrows them; at least one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Words.
    pub query: Option<Query>,
    /// What narrows them.
    pub filter: Filter,
}

/// Of what kind an article must be: every part that is there must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// 发文机关, whole, folded.
    pub issuer: Option<String>,
    /// 主题分类, or one of the 主题词, whole, folded.
    pub category: Option<String>,
    /// The site it stands on.
    pub portal: Option<String>,
    /// A column that lists it.
    pub column: Option<ColumnName>,
    /// The first day on which it was published.
    pub since: Option<NaiveDate>,
    /// The last day.
    pub until: Option<NaiveDate>,
}

impl Topic {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The topic as the query of a URL, in one form however it was written.
    pub fn canonical(&self) -> String {
        let mut form = Serializer::new(String::new());
        for (name, value) in self.parts() {
            form.append_pair(name, &value);
        }
        form.finish()
    }

    /// What is asked for, by the names of the parameters, in their order.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let Filter {
            issuer,
            category,
            portal,
            column,
            since,
            until,
        } = &self.filter;
        [
            ("q", self.query.as_ref().map(Query::to_string)),
            ("issuer", issuer.clone()),
            ("category", category.clone()),
            ("portal", portal.clone()),
            ("column", column.as_ref().map(ColumnName::to_string)),
            ("since", since.map(|day| day.to_string())),
            ("until", until.map(|day| day.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}
