-- What a poll without news changes stands in few pages: a table whose rows are short, without an
-- index beside it.

-- The polls of a column since the row in `columns` was written last. They ended well.
CREATE TABLE quiet_polls (
    column_name TEXT PRIMARY KEY,
    count       INTEGER NOT NULL,
    -- The times of the last one.
    began_ms    INTEGER NOT NULL,
    ended_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE short_leases (
    host       TEXT PRIMARY KEY,
    holder     TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL,
    kind       TEXT    NOT NULL DEFAULT 'run',
    wanted_ms  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO short_leases SELECT host, holder, expires_ms, kind, wanted_ms FROM leases;
DROP TABLE leases;
ALTER TABLE short_leases RENAME TO leases;
