//! The words in which a statement is told to PostgreSQL.
//!
//! Owns what becomes of a statement that is written for both databases: parameters have numbers
//! (`$1`), several statements are told one by one, and hints to SQLite's planner are left out.
//! What differs more has a function or an operator of SQLite's name in the schema
//! (`migrations/postgres/`). Never changes what a statement means.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// The statements that a connection has seen, by their text.
#[derive(Debug, Default)]
pub(in crate::store) struct Dialect(HashMap<String, Arc<[Piece]>>);

/// One statement of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    sql: Arc<str>,
    /// The places of its arguments among those of all.
    pub(super) places: Vec<usize>,
}

/// More statements than dibao has. Some have a length that follows from a list.
const MOST: usize = 1024;

impl Dialect {
    /// The pieces of a statement.
    pub(super) fn pieces(&mut self, sql: &SqlStr) -> Arc<[Piece]> {
        if let Some(pieces) = self.0.get(sql.as_str()) {
            return Arc::clone(pieces);
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let pieces: Arc<[Piece]> = pieces_of(sql.as_str()).into();
        self.0.insert(sql.as_str().to_owned(), Arc::clone(&pieces));
        pieces
    }
}

impl Piece {
    pub(super) fn sql(&self) -> SqlStr {
        AssertSqlSafe(Arc::clone(&self.sql)).into_sql_str()
    }
}

/// Reads a statement of SQLite's: `?` is the next argument, `?2` the second.
fn pieces_of(sql: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut text, mut places): (String, Vec<usize>) = Default::default();
    let mut next = 0;
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            '-' if rest.starts_with("--") => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            '?' => {
                let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
                let place = match rest[1..=digits].parse::<usize>() {
                    Ok(number) => number.saturating_sub(1),
                    Err(_) => next,
                };
                next = next.max(place + 1);
                let known = places.iter().position(|of| *of == place);
                let at = known.unwrap_or_else(|| {
                    places.push(place);
                    places.len() - 1
                });
                text.push_str(&format!("${}", at + 1));
                rest = &rest[digits + 1..];
                continue;
            }
            ';' => {
                take(&mut pieces, &mut text, &mut places);
                rest = &rest[1..];
                continue;
            }
            // Hints to SQLite's planner: the order of a join, and an index.
            'C' if rest.starts_with("CROSS JOIN ") => {
                rest = &rest["CROSS ".len()..];
                continue;
            }
            'I' if rest.starts_with("INDEXED BY ") => {
                let name = rest["INDEXED BY ".len()..].trim_start();
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                rest = end.map_or("", |end| &name[end..]);
                continue;
            }
            _ => first.len_utf8(),
        };
        let (taken, left) = rest.split_at(length);
        text.push_str(taken);
        rest = left;
    }
    take(&mut pieces, &mut text, &mut places);
    pieces
}

fn take(pieces: &mut Vec<Piece>, text: &mut String, places: &mut Vec<usize>) {
    let (sql, places) = (std::mem::take(text), std::mem::take(places));
    if !sql.trim().is_empty() {
        let sql = sql.into();
        pieces.push(Piece { sql, places });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> Vec<(String, Vec<usize>)> {
        let pieces = pieces_of(sql).into_iter();
        pieces
            .map(|piece| (piece.sql.trim().to_owned(), piece.places))
            .collect()
    }

    #[test]
    fn parameters_have_numbers_and_statements_are_told_one_by_one() {
        assert_eq!(
            told("SELECT a FROM t WHERE b = ? AND c = ? -- why?\n AND d <> '?;'"),
            [(
                "SELECT a FROM t WHERE b = $1 AND c = $2 \n AND d <> '?;'".to_owned(),
                vec![0, 1]
            )]
        );
        assert_eq!(
            told("INSERT INTO t VALUES (?2, ?1, ?2); UPDATE s SET a = ?3 WHERE b = ?2"),
            [
                ("INSERT INTO t VALUES ($1, $2, $1)".to_owned(), vec![1, 0]),
                ("UPDATE s SET a = $1 WHERE b = $2".to_owned(), vec![2, 1]),
            ]
        );
        assert_eq!(
            told("SELECT 1 FROM t INDEXED BY t_by_name CROSS JOIN s ON s.a = t.a AND \"end\" = ?"),
            [(
                "SELECT 1 FROM t  JOIN s ON s.a = t.a AND \"end\" = $1".to_owned(),
                vec![0]
            )]
        );
    }
}
