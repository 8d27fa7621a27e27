//! What would act on copied rows, and is set aside until they are whole: triggers, and what refers
//! to other rows.
//!
//! Owns the statements that put it back. Never touches a row.

use sqlx::AssertSqlSafe;

use super::side::Side;
use super::tables::Table;
use crate::store::StoreError;

/// In SQLite, each trigger, and how it was made.
const SQLITE: &str = "
    SELECT 'DROP TRIGGER \"' || name || '\"', sql, tbl_name FROM sqlite_schema
    WHERE type = 'trigger' ORDER BY rowid";

/// In PostgreSQL, the owner of a table may switch its triggers off, and those of its references not.
const POSTGRES: &str = "
    SELECT 'ALTER TABLE ' || CAST(conrelid AS regclass) || ' DROP CONSTRAINT ' || quote_ident(conname),
        'ALTER TABLE ' || CAST(conrelid AS regclass) || ' ADD CONSTRAINT ' || quote_ident(conname)
            || ' ' || pg_get_constraintdef(oid),
        (SELECT CAST(relname AS text) FROM pg_class c WHERE c.oid = conrelid)
    FROM pg_constraint WHERE contype = 'f' AND connamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    UNION ALL
    SELECT DISTINCT 'ALTER TABLE ' || CAST(tgrelid AS regclass) || ' DISABLE TRIGGER USER',
        'ALTER TABLE ' || CAST(tgrelid AS regclass) || ' ENABLE TRIGGER USER', CAST(relname AS text)
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND c.relnamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

/// Sets it aside, and returns the statements that put it back.
pub(super) async fn set(side: &mut Side, tables: &[Table]) -> Result<Vec<String>, StoreError> {
    let query = if side.is_postgres() { POSTGRES } else { SQLITE };
    let found: Vec<(String, String, String)> = sqlx::query_as(AssertSqlSafe(query))
        .fetch_all(&mut side.connection)
        .await?;
    let mut back = Vec::with_capacity(found.len());
    for (away, again, table) in found {
        if tables.iter().any(|copied| copied.name == table) {
            side.run(away).await?;
            back.push(again);
        }
    }
    Ok(back)
}
