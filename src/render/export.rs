//! An export of any number of articles or changes as one text.
//!
//! Owns the beginning, the separators and the end of the text. Never holds more than one item.

use serde::Serialize;

use super::{RenderError, csv};
use crate::model::Article;

/// The format of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// A spreadsheet ([`csv`]), for articles only.
    Csv,
}

/// An export that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    form: Form,
    is_begun: bool,
}

impl Export {
    /// Begins an export.
    pub fn new(form: Form) -> Self {
        Self {
            form,
            is_begun: false,
        }
    }

    /// The next part of the text: the separator and this article.
    pub fn article(&mut self, article: &Article) -> Result<Vec<u8>, RenderError> {
        if self.form != Form::Csv {
            return self.record(article);
        }
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let row = csv::row(article, is_first)?;
        let mark = if is_first { csv::MARK } else { "" };
        Ok([mark.as_bytes(), &row].concat())
    }

    /// The same for any value, as JSON.
    pub fn record(&mut self, record: &impl Serialize) -> Result<Vec<u8>, RenderError> {
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        let before: &[u8] = match (self.form, is_first) {
            (Form::Json, true) => b"[\n",
            (Form::Json, false) => b",\n",
            _ => b"",
        };
        let mut text = before.to_vec();
        serde_json::to_writer(&mut text, record)?;
        if self.form != Form::Json {
            text.push(b'\n');
        }
        Ok(text)
    }

    /// The text after the last item.
    pub fn end(self) -> &'static [u8] {
        match (self.form, self.is_begun) {
            (Form::Json, true) => b"\n]\n",
            (Form::Json, false) => b"[]\n",
            (Form::Csv, false) => csv::MARK.as_bytes(),
            _ => b"",
        }
    }
}
