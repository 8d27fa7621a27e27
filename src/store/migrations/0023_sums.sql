-- Each row carries a checksum of all that is published from it: SQLite has none. NULL in rows of older
-- stores, until they are filled, some at a time.
ALTER TABLE articles ADD COLUMN sum INTEGER;
ALTER TABLE changes ADD COLUMN sum INTEGER;
ALTER TABLE publications ADD COLUMN sum INTEGER;
ALTER TABLE pages ADD COLUMN sum INTEGER;

-- Each file of the archive as it was read last: the hash of its first `bytes`. A file that is still
-- written grows beyond them.
CREATE TABLE archive_sums (
    file       TEXT    PRIMARY KEY,
    bytes      INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    checked_ms INTEGER NOT NULL
) STRICT;

-- How far the check of the rows has come: a table, and the last row that was read.
CREATE TABLE row_checks (
    name     TEXT    PRIMARY KEY,
    place    TEXT    NOT NULL,
    begun_ms INTEGER NOT NULL,
    -- When a check was last complete.
    ended_ms INTEGER
) STRICT;
