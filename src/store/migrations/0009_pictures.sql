-- Pictures of columns that keep them, by portal, since one portal must not say what another's address
-- shows: what is known of each, and where it stands once it is kept.
CREATE TABLE pictures (
    portal      TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    -- The page on which it stands, and the last change that showed it there.
    page_url    TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    -- Its bytes and their kind, once it is kept.
    sha256      TEXT,
    extension   TEXT,
    bytes       INTEGER,
    -- Tries that failed, and when the next may be made; NULL when it is given up.
    failures    INTEGER NOT NULL DEFAULT 0,
    next_try_ms INTEGER DEFAULT 0,
    reason      TEXT,
    PRIMARY KEY (portal, url)
) STRICT;
CREATE INDEX pictures_wanted ON pictures (portal, seq) WHERE sha256 IS NULL AND next_try_ms IS NOT NULL;
CREATE INDEX pictures_by_content ON pictures (sha256);

-- Up to which publication of a column its pictures stand above.
CREATE TABLE picture_cursors (
    column_name TEXT    PRIMARY KEY,
    number      INTEGER NOT NULL
) STRICT;
