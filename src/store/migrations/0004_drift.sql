-- What columns have shown, so that what is unusual can be told over several runs.

-- The article pages that were read last, what each showed and where, for each column: those of new
-- articles, and those of known ones that were read again, each URL once.
CREATE TABLE shown (
    column_name   TEXT    NOT NULL,
    is_new        INTEGER NOT NULL,
    canonical_url TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    at_ms         INTEGER NOT NULL,
    shows         TEXT    NOT NULL,
    PRIMARY KEY (column_name, is_new, canonical_url)
) STRICT;

-- How many items the first list page had, each time it was read.
CREATE TABLE list_lengths (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    column_name TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    items       INTEGER NOT NULL
) STRICT;
CREATE INDEX list_lengths_by_column ON list_lengths (column_name, url, id);

-- What a column does otherwise than usual, and since when. It goes once it is well again.
CREATE TABLE drifts (
    column_name TEXT    NOT NULL,
    what        TEXT    NOT NULL,
    since_ms    INTEGER NOT NULL,
    PRIMARY KEY (column_name, what)
) STRICT;

-- For what an item was read and held back: names of fields, parted by spaces; NULL for one that
-- simply waits. `reason` has the code.
ALTER TABLE items ADD COLUMN held TEXT;
