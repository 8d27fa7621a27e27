-- What outlives a process of every host that was asked.
CREATE TABLE hosts (
    host         TEXT PRIMARY KEY,
    -- Nothing is asked before: the pause after the last request.
    free_ms      INTEGER NOT NULL DEFAULT 0,
    -- Nothing is asked before: the host said so (Retry-After), with this status.
    asked_ms     INTEGER,
    asked_status INTEGER,
    -- Runs in a row in which the whole host was in trouble, when it is tried again, and why.
    failures     INTEGER NOT NULL DEFAULT 0,
    retry_ms     INTEGER,
    reason       TEXT
) STRICT;

-- Copies of robots.txt, by scheme, host and port; without a body where a site has none.
CREATE TABLE robots (
    site     TEXT PRIMARY KEY,
    fresh_ms INTEGER NOT NULL,
    body     BLOB
) STRICT;

-- Where in the archive the pages are that were sent whole, so that an article knows its page and a
-- repetition refers to it.
CREATE TABLE captures (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    url            TEXT    NOT NULL,
    at_ms          INTEGER NOT NULL,
    file           TEXT    NOT NULL,
    offset         INTEGER NOT NULL,
    length         INTEGER NOT NULL,
    record_id      TEXT    NOT NULL,
    payload_digest TEXT    NOT NULL
) STRICT;
CREATE INDEX captures_by_url ON captures (url, id);

-- How far each of the archive's files is known to be whole, in bytes.
CREATE TABLE archive_files (
    file TEXT PRIMARY KEY,
    end  INTEGER NOT NULL
) STRICT;

-- The capture from which the page's last state was read.
ALTER TABLE pages ADD COLUMN capture INTEGER REFERENCES captures (id);
CREATE INDEX pages_by_capture ON pages (capture);
-- The charset in which that was read, what decided for it, and how many characters meant nothing.
ALTER TABLE pages ADD COLUMN charset TEXT;
ALTER TABLE pages ADD COLUMN charset_found TEXT;
ALTER TABLE pages ADD COLUMN replaced INTEGER;

-- What came of each column's fetches, by verdict.
CREATE TABLE verdicts (
    column_name TEXT    NOT NULL,
    verdict     TEXT    NOT NULL,
    count       INTEGER NOT NULL,
    last_ms     INTEGER NOT NULL,
    last_url    TEXT    NOT NULL,
    PRIMARY KEY (column_name, verdict)
) STRICT;
