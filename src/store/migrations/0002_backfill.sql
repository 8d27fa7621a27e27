-- Backfills: a column's older list pages, read to the archive and past the live feed.

-- Whether a backfill found the item, and the number of the backfill whose walk listed it last.
ALTER TABLE items ADD COLUMN backfill INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN backfill_walk INTEGER NOT NULL DEFAULT 0;

-- What a backfill brought, and whatever becomes of it later, stays out of the column's live feed.
ALTER TABLE publications ADD COLUMN backfill INTEGER NOT NULL DEFAULT 0;

-- How far the walk over a column's older list pages has come. It is under way while `next_url` or
-- `reason` says how it goes on and `ended_ms` is NULL; it is complete once that is set.
CREATE TABLE backfills (
    column_name TEXT PRIMARY KEY,
    -- The column's own URL: another in the feed file makes this walk another column's.
    url         TEXT    NOT NULL,
    walk        INTEGER NOT NULL,
    next_url    TEXT,
    -- List pages done, and how many there are where the pager tells.
    pages       INTEGER NOT NULL,
    total       INTEGER,
    -- List pages in a row that listed nothing but what this walk had seen.
    repeats     INTEGER NOT NULL DEFAULT 0,
    -- Items older than this day were left out.
    since       TEXT,
    -- Whether a run queued it, and not a person: then dibao works it off by itself.
    wanted      INTEGER NOT NULL DEFAULT 0,
    ended_ms    INTEGER,
    -- Why there is nothing beyond the last page read: a stable code, and its words.
    reason      TEXT,
    message     TEXT
) STRICT;

-- The list pages that the walk under way has read: one that leads back to them goes in a circle.
CREATE TABLE backfill_pages (
    column_name   TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    PRIMARY KEY (column_name, canonical_url)
) STRICT;

-- Whether a run or a backfill holds the host, and when a run last asked a backfill for it.
ALTER TABLE leases ADD COLUMN kind TEXT NOT NULL DEFAULT 'run';
ALTER TABLE leases ADD COLUMN wanted_ms INTEGER;
