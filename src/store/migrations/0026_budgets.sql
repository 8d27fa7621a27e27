-- What each column made dibao store on the last day on which it did.
CREATE TABLE spent (
    column_name TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL,
    items INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    backfilled INTEGER NOT NULL
) WITHOUT ROWID;

-- A backfill that a person asked for has a limit of its own.
ALTER TABLE backfills ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE backfills ADD COLUMN asked_since TEXT;

-- Looks in a row at which a page showed another text each time.
ALTER TABLE pages ADD COLUMN unrest INTEGER NOT NULL DEFAULT 0;

-- While an article's text changes at every look: the hash of the text that was told last.
ALTER TABLE articles ADD COLUMN told_sha256 TEXT;
