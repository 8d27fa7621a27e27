-- Times are milliseconds since 1970-01-01T00:00:00Z (`_ms`); days are `YYYY-MM-DD`; ids are UUIDs
-- as text; `article` and `content` are JSON as the contract has them.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What a column has learned of itself. Validators are those of its first list page, stored only
-- once a walk is complete: else a 304 would make a passing fault a permanent gap.
CREATE TABLE columns (
    name          TEXT PRIMARY KEY,
    portal        TEXT NOT NULL,
    url           TEXT NOT NULL,
    title         TEXT,
    etag          TEXT,
    last_modified TEXT,
    walks         INTEGER NOT NULL DEFAULT 0,
    last_run_ms   INTEGER,
    last_ok_ms    INTEGER,
    last_new_ms   INTEGER,
    -- Runs in a row that ended badly.
    failures      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT,
    message       TEXT
) STRICT;

-- What column pages list: at once the queue of what is still to be read and the record of which
-- column lists what. An item counts as known once the walk that found it was complete.
CREATE TABLE items (
    column_name   TEXT    NOT NULL,
    canonical_url TEXT    NOT NULL,
    portal        TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    listed_on     TEXT,
    walk          INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    walk_complete INTEGER NOT NULL DEFAULT 0,
    done          INTEGER NOT NULL DEFAULT 0,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_try_ms   INTEGER NOT NULL DEFAULT 0,
    reason        TEXT,
    PRIMARY KEY (column_name, canonical_url)
) STRICT;
CREATE INDEX items_by_page ON items (portal, canonical_url);

CREATE TABLE articles (
    id             TEXT PRIMARY KEY,
    portal         TEXT    NOT NULL,
    primary_url    TEXT    NOT NULL,
    -- The state of the primary page from which the text was taken.
    adopted_sha256 TEXT    NOT NULL DEFAULT '',
    index_number   TEXT,
    added_seq      INTEGER,
    updated_ms     INTEGER UNIQUE,
    withdrawn_ms   INTEGER,
    absorbed_by    TEXT REFERENCES articles (id),
    -- The month of `published_on`, else of first sight: the dump that holds it.
    month          TEXT,
    article        TEXT
) STRICT;
CREATE INDEX articles_by_portal ON articles (portal);
CREATE INDEX articles_by_month ON articles (month);

-- Every URL of every article, with its own last state.
CREATE TABLE pages (
    found          INTEGER PRIMARY KEY AUTOINCREMENT,
    portal         TEXT    NOT NULL,
    canonical_url  TEXT    NOT NULL,
    url            TEXT    NOT NULL,
    article_id     TEXT REFERENCES articles (id),
    index_number   TEXT,
    title_fold     TEXT    NOT NULL,
    day            TEXT,
    content        TEXT    NOT NULL,
    content_sha256 TEXT    NOT NULL,
    etag           TEXT,
    last_modified  TEXT,
    first_seen_ms  INTEGER NOT NULL,
    -- When it last answered well, and when it was last asked.
    answered_ms    INTEGER NOT NULL,
    looked_ms      INTEGER NOT NULL,
    next_check_ms  INTEGER,
    gone_looks     INTEGER NOT NULL DEFAULT 0,
    gone_ms        INTEGER,
    UNIQUE (portal, canonical_url)
) STRICT;
CREATE INDEX pages_by_number ON pages (portal, index_number);
CREATE INDEX pages_by_title ON pages (portal, title_fold, day);
CREATE INDEX pages_by_article ON pages (article_id);
CREATE INDEX pages_due ON pages (next_check_ms);

-- Numbers that a template prints on every page; they count as none.
CREATE TABLE template_numbers (
    portal       TEXT NOT NULL,
    index_number TEXT NOT NULL,
    PRIMARY KEY (portal, index_number)
) STRICT;

CREATE TABLE changes (
    seq        INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    at_ms      INTEGER NOT NULL,
    article_id TEXT    NOT NULL,
    article    TEXT    NOT NULL
) STRICT;
CREATE INDEX changes_by_article ON changes (article_id, seq);

-- What each column's feed has said, in order.
CREATE TABLE publications (
    column_name TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    article_id  TEXT    NOT NULL,
    seq         INTEGER NOT NULL REFERENCES changes (seq),
    PRIMARY KEY (column_name, number)
) STRICT;
CREATE INDEX publications_by_article ON publications (column_name, article_id);

CREATE TABLE incidents (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    reason      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    opened_ms   INTEGER NOT NULL,
    seen_ms     INTEGER NOT NULL,
    seen_count  INTEGER NOT NULL DEFAULT 1,
    closed_ms   INTEGER
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (reason, subject) WHERE closed_ms IS NULL;

-- Who may send requests to a host. A dead holder's lease runs out.
CREATE TABLE leases (
    host       TEXT PRIMARY KEY,
    holder     TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
