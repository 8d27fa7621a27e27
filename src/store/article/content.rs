//! The content of an article page, and the details of its reading.
//!
//! Owns these types. Never reads a page.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::decode::Charset;
use crate::extract::FROM_LIST;
use crate::fetch::Validators;
use crate::identify::Fingerprint;
use crate::model::{Body, ColumnName, Field, ListRow, Metadata, Provenance};

/// The content of an article page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageContent {
    /// 标题
    pub title: String,
    /// The label block's other values.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Text, pictures, files.
    #[serde(flatten)]
    pub body: Body,
    /// Where each value was found.
    pub provenance: Provenance,
}

impl PageContent {
    /// Whether both have exactly the same values, wherever those were found.
    pub fn is_to_the_letter(&self, other: &Self) -> bool {
        (&self.title, &self.metadata, &self.body) == (&other.title, &other.metadata, &other.body)
    }

    /// Takes the title of the column's row in place of its own.
    pub(super) fn take_row_title(&mut self, title: &str) {
        self.title = title.to_owned();
        self.provenance.insert(Field::Title, FROM_LIST.to_owned());
    }

    pub(in crate::store) fn fingerprint(&self) -> Fingerprint {
        let day = self.metadata.published_on.or(self.metadata.issued_on);
        Fingerprint::new(&self.title, day, &self.body.body_text)
    }
}

/// An article page that was fetched and read, and that has all fields an article must have.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// The portal.
    pub portal: String,
    /// The URL under which it is known.
    pub url: Url,
    /// Its URL after redirects.
    pub found_at: Url,
    /// Its content.
    pub content: PageContent,
    /// Its HTTP validators.
    pub validators: Validators,
    /// How it was read, and from which capture.
    pub reading: Reading,
}

/// How a page was read, and from which capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The number of its capture.
    pub capture: Option<i64>,
    /// The charset in which it was read.
    pub charset: Option<Charset>,
    /// What a column's list said of it; kept from the first reading on.
    pub row: Option<ListRow>,
    /// The title that the page shows, where it is a template's and the row's stands for it.
    pub own_title: Option<String>,
    /// The column whose rules read it.
    pub read_by: Option<ColumnName>,
    /// Fields that the page no longer shows, kept from its former state.
    pub kept: Vec<Field>,
    /// The URLs of the article's further parts.
    pub parts: Vec<Url>,
}
