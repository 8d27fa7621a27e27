//! The schema of the database, step by step.
//!
//! Owns the order of the steps. Never changes one that was released: each store keeps the hash of
//! every step that it took.

mod upgrade;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Each step by its name; its version is its place, from 1 on.
const STEPS: &[(&str, &str)] = &[
    ("initial", include_str!("0001_initial.sql")),
    ("backfill", include_str!("0002_backfill.sql")),
    (
        "hosts and captures",
        include_str!("0003_hosts_and_captures.sql"),
    ),
    ("drift", include_str!("0004_drift.sql")),
    ("search", include_str!("0005_search.sql")),
    ("kept ids", include_str!("0006_kept_ids.sql")),
    ("reextract", include_str!("0007_reextract.sql")),
    ("notices", include_str!("0008_notices.sql")),
    ("pictures", include_str!("0009_pictures.sql")),
    ("told", include_str!("0010_told.sql")),
    ("listing", include_str!("0011_listing.sql")),
    ("list rows", include_str!("0012_list_rows.sql")),
    ("varying", include_str!("0013_varying.sql")),
    ("list memory", include_str!("0014_list_memory.sql")),
    ("why", include_str!("0017_why.sql")),
    ("column articles", include_str!("0018_column_articles.sql")),
    ("published", include_str!("0019_published.sql")),
    ("template titles", include_str!("0020_template_titles.sql")),
    ("polls", include_str!("0021_polls.sql")),
    ("filters", include_str!("0022_filters.sql")),
    ("sums", include_str!("0023_sums.sql")),
    ("growth", include_str!("0024_growth.sql")),
    ("names", include_str!("0025_names.sql")),
    ("budgets", include_str!("0026_budgets.sql")),
    ("plain sums", include_str!("0027_plain_sums.sql")),
    ("published sums", include_str!("0028_published_sums.sql")),
    ("lives", include_str!("0029_lives.sql")),
    ("topics", include_str!("0031_topics.sql")),
    ("orders", include_str!("0032_orders.sql")),
    ("attached files", include_str!("0033_attached_files.sql")),
    ("floods", include_str!("0034_floods.sql")),
    ("quiet polls", include_str!("0035_quiet_polls.sql")),
    ("texts", include_str!("0036_texts.sql")),
    ("list rules", include_str!("0037_list_rules.sql")),
    ("list answer", include_str!("0038_list_answer.sql")),
];

/// PostgreSQL's schema begins whole, with the step of SQLite's that it is equal to. Later steps have
/// the same numbers in both.
#[cfg(feature = "many-machines")]
const POSTGRES: &[(i64, &str, &str)] = &[
    (33, "schema", include_str!("postgres/0036_schema.sql")),
    (34, "list rules", include_str!("0037_list_rules.sql")),
    (35, "list answer", include_str!("0038_list_answer.sql")),
];
/// This build has no PostgreSQL.
#[cfg(not(feature = "many-machines"))]
const POSTGRES: &[(i64, &str, &str)] = &[];

/// Steps beside which processes of an older dibao go on, in both databases: they only add tables, columns
/// with a default, and indexes, and what an older dibao writes stays right.
const ADDITIVE: &[i64] = &[34, 35];

/// Whether all steps after this version, up to that one, are additive.
fn are_additive(after: i64, to: i64) -> bool {
    (after + 1..=to).all(|version| ADDITIVE.contains(&version))
}

/// The oldest schema whose dibao may use a store of this schema, if that is an older one.
fn oldest(schema: i64) -> Option<i64> {
    let oldest = (1..=schema).rev().find(|at| !ADDITIVE.contains(at));
    oldest.filter(|oldest| *oldest < schema)
}

/// The schema to which these steps lead.
fn newest(steps: &Migrator) -> i64 {
    steps.iter().last().map_or(0, |step| step.version)
}

/// The steps of this kind of database.
fn migrator(is_postgres: bool) -> Migrator {
    let sqlite = (1..)
        .zip(STEPS)
        .map(|(version, (name, sql))| (version, *name, *sql));
    let steps: Vec<(i64, &str, &str)> = match is_postgres {
        true => POSTGRES.to_vec(),
        false => sqlite.collect(),
    };
    let steps = steps.into_iter().map(|(version, name, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
}
