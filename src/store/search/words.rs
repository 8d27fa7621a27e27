//! The words of articles as each database holds and finds them.
//!
//! Owns what differs: SQLite has FTS5 with a column a field, PostgreSQL a `tsvector` whose words have the
//! weight of their field. Never decides what a word is.

use sqlx::QueryBuilder;

use crate::search::{GAP, Phrase, Query};
use crate::store::StoreError;
use crate::store::driver::{Engine, EngineConnection};

/// How much a word counts in the title, in names, terms and numbers, and in the text.
const WEIGHTS: &str = "20.0, 5.0, 1.0";

/// An index of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// Of SQLite.
    Fts5,
    /// Of PostgreSQL.
    Tsvector,
}

/// What of a query is to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it, without what it excludes.
    All,
    /// The words that are asked for, in the title.
    InTitle,
    /// Those that stand together in the text.
    Undivided,
}

impl Index {
    /// Pushes the condition that the words of `search_words` match.
    pub(super) fn push_match(self, sql: &mut QueryBuilder<Engine>, query: &Query, wanted: Wanted) {
        match self {
            Self::Fts5 => sql
                .push("search_words MATCH ")
                .push_bind(fts5(query, wanted)),
            Self::Tsvector => sql
                .push("search_words.words @@ CAST(")
                .push_bind(tsquery(query, wanted))
                .push(" AS tsquery)"),
        };
    }

    /// Pushes how well they match: BM25 of SQLite, `ts_rank` of PostgreSQL with the same weights and
    /// divided by the logarithm of the length.
    pub(super) fn push_fit(self, sql: &mut QueryBuilder<Engine>, query: &Query) {
        match self {
            Self::Fts5 => sql.push(format!("-bm25(search_words, {WEIGHTS})")),
            Self::Tsvector => sql
                .push("ts_rank('{0.05, 0.05, 0.25, 1.0}', search_words.words, CAST(")
                .push_bind(tsquery(query, Wanted::All))
                .push(" AS tsquery), 1)"),
        };
    }
}

/// Writes the words of an article: of its title, its names, terms and numbers, and its text.
pub(super) async fn write(
    tx: &mut EngineConnection,
    doc: i64,
    fields: [String; 3],
) -> Result<(), StoreError> {
    if tx.is_postgres() {
        sqlx::query("INSERT INTO search_words (rowid, words) VALUES (?, CAST(? AS tsvector))")
            .bind(doc)
            .bind(tsvector(&fields))
            .execute(tx)
            .await?;
        return Ok(());
    }
    let [title, terms, body] = fields;
    sqlx::query("INSERT INTO search_words (rowid, title, terms, body) VALUES (?, ?, ?, ?)")
        .bind(doc)
        .bind(title)
        .bind(terms)
        .bind(body)
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes deleted words out of the database: FTS5 only marks them until they are merged.
pub(super) async fn shred(tx: &mut EngineConnection) -> Result<(), StoreError> {
    if !tx.is_postgres() {
        sqlx::query("INSERT INTO search_words (search_words) VALUES ('optimize')")
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Empties the index.
pub(in crate::store) async fn clear(tx: &mut EngineConnection) -> Result<(), StoreError> {
    let statement = match tx.is_postgres() {
        true => "DELETE FROM search_words",
        false => "INSERT INTO search_words (search_words) VALUES ('delete-all')",
    };
    sqlx::query(statement).execute(tx).await?;
    Ok(())
}

/// The query in FTS5's language, with words and our own operators only.
fn fts5(query: &Query, wanted: Wanted) -> String {
    let all = |phrases: Vec<&Phrase>| {
        let phrases: Vec<String> = phrases.into_iter().map(fts5_phrase).collect();
        phrases.join(" AND ")
    };
    match wanted {
        Wanted::InTitle => format!("{{title}} : ({})", all(query.wanted().collect())),
        Wanted::Undivided => all(query.undivided().collect()),
        Wanted::All => {
            let mut expression = format!("({})", all(query.wanted().collect()));
            for excluded in query.excluded() {
                expression += &format!(" NOT ({})", all(excluded.iter().collect()));
            }
            expression
        }
    }
}

/// A phrase as an FTS5 string. Words have no quotes in them: they are letters and digits.
fn fts5_phrase(phrase: &Phrase) -> String {
    let mut string = String::from("\"");
    for word in words_of(phrase) {
        string += word;
        string.push(' ');
    }
    string.push('"');
    string
}

/// The query in PostgreSQL's language.
fn tsquery(query: &Query, wanted: Wanted) -> String {
    let weight = if wanted == Wanted::InTitle { ":A" } else { "" };
    let all = |phrases: Vec<&Phrase>| {
        let phrases = phrases.into_iter().map(|phrase| {
            let words = words_of(phrase).into_iter();
            let words: Vec<String> = words.map(|word| format!("'{word}'{weight}")).collect();
            format!("({})", words.join(" <-> "))
        });
        phrases.collect::<Vec<_>>().join(" & ")
    };
    match wanted {
        Wanted::InTitle => all(query.wanted().collect()),
        Wanted::Undivided => all(query.undivided().collect()),
        Wanted::All => {
            let mut expression = format!("({})", all(query.wanted().collect()));
            for excluded in query.excluded() {
                expression += &format!(" & !({})", all(excluded.iter().collect()));
            }
            expression
        }
    }
}

/// The words of a phrase, with a gap where its parts need not stand together.
fn words_of(Phrase(words): &Phrase) -> Vec<&str> {
    let mut all = Vec::with_capacity(words.len());
    for word in words {
        if word.is_parted {
            all.push(GAP);
        }
        all.push(&word.text);
    }
    all
}

/// The words as PostgreSQL reads them: each with its place and the weight of its field. It takes no
/// more than a megabyte, counts 16,383 places and 255 of one word: of the words behind that, those
/// that fit are found, but no phrase.
fn tsvector(fields: &[String; 3]) -> String {
    const MOST_BYTES: usize = 900_000;
    const MOST_PLACES: usize = 16_383;
    let (mut vector, mut bytes, mut place) = (String::new(), 0, 0);
    for (field, weight) in fields.iter().zip(["A", "B", ""]) {
        for word in field.split_ascii_whitespace() {
            place += 1;
            bytes += word.len() + 8;
            if bytes > MOST_BYTES {
                return vector;
            }
            let at = place.min(MOST_PLACES);
            vector += &format!("'{word}':{at}{weight} ");
        }
        // No phrase stands in two fields.
        place += 1;
    }
    vector
}
