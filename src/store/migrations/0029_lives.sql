-- The lives of columns beyond their feed files.

-- What readers see of a column that has no feed file any more, and what became of it. `settings` is
-- what its feeds take from the feed file, as JSON. `ended_ms`: since when there is none. `into_name`
-- and `moved_ms`: the column that it became, by a rename or a merge, and when.
CREATE TABLE column_lives (
    column_name TEXT PRIMARY KEY,
    settings    TEXT,
    ended_ms    INTEGER,
    into_name   TEXT,
    moved_ms    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX column_lives_into ON column_lives (into_name) WHERE into_name IS NOT NULL;

-- Renames and merges that are under way: the files come first, then the store. A row that is left
-- tells of one that did not end; the next command completes it.
CREATE TABLE column_moves (
    column_name TEXT PRIMARY KEY,
    into_name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The name from which the id of the column's feeds is made, if it is another one than its own: a
-- renamed column keeps the id.
ALTER TABLE columns ADD COLUMN feed_name TEXT;
