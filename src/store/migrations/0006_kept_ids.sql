-- Ids that are taken, beside those of `articles`.

-- What published dumps say of articles whose store is lost. One that is found anew takes its id, and
-- its row goes. The text is there only as what it is recognised by (`sketch`).
CREATE TABLE kept_ids (
    id             TEXT PRIMARY KEY,
    portal         TEXT    NOT NULL,
    index_number   TEXT,
    title_sha256   TEXT    NOT NULL,
    sketch         TEXT    NOT NULL,
    content_sha256 TEXT    NOT NULL,
    revision       INTEGER NOT NULL,
    first_seen_ms  INTEGER NOT NULL,
    updated_ms     INTEGER NOT NULL,
    published_on   TEXT,
    published_ms   INTEGER,
    withdrawn      INTEGER NOT NULL
) STRICT;
CREATE INDEX kept_ids_by_number ON kept_ids (portal, index_number);
CREATE INDEX kept_ids_by_title ON kept_ids (portal, title_sha256);
CREATE INDEX kept_ids_by_update ON kept_ids (updated_ms);

CREATE TABLE kept_urls (
    portal        TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    id            TEXT NOT NULL REFERENCES kept_ids (id) ON DELETE CASCADE,
    PRIMARY KEY (portal, canonical_url, id)
) STRICT;
CREATE INDEX kept_urls_by_id ON kept_urls (id);

-- Articles that were removed, and why. Nothing of them comes back: by no address, and by no page that
-- is like them. What they are recognised by is NULL where only their tombstone is known.
CREATE TABLE removals (
    id           TEXT PRIMARY KEY,
    portal       TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    index_number TEXT,
    title_sha256 TEXT,
    sketch       TEXT,
    -- Whether it is out of the archive and the published files, too.
    is_complete  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX removals_by_portal ON removals (portal);

-- Where they stood. An address at which another article has come to stand is that one's.
CREATE TABLE removed_urls (
    portal        TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    id            TEXT NOT NULL REFERENCES removals (id),
    PRIMARY KEY (portal, canonical_url, id)
) STRICT;
CREATE INDEX removed_urls_by_id ON removed_urls (id);
