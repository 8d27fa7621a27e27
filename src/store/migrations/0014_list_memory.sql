-- What the first page of a column's list was like, so that a portal that says "not modified" for
-- ever is found out, and a list in another order than the newest first is walked as it is.
CREATE TABLE list_memory (
    column_name TEXT PRIMARY KEY,
    -- The column's own URL: another one in the feed file is another list.
    url         TEXT    NOT NULL,
    -- A hash of the items of the answer to which the stored validators belong.
    items       TEXT,
    -- When the first page was last sent whole.
    whole_ms    INTEGER,
    -- How often "not modified" was said of items that had changed.
    lies        INTEGER NOT NULL DEFAULT 0,
    -- The first page behind which pages of known items were read, and when.
    looked      TEXT,
    looked_ms   INTEGER,
    -- The order of the list, if it is not the newest first: `rising`, `rising-unread` or `mixed`.
    list_order  TEXT
) STRICT;

-- The day of the last row that a backfill has read, if days fall without a break down to it.
ALTER TABLE backfills ADD COLUMN day TEXT;
