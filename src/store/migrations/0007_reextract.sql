-- Re-extraction: today's rules over the archive.

-- How the page's last state was read: by which column's rules, and when, for a date is judged by the
-- day on which it is read; NULL where it was read before this was noted.
ALTER TABLE pages ADD COLUMN read_by TEXT;
ALTER TABLE pages ADD COLUMN read_ms INTEGER;
-- Fields that the page no longer showed then, and kept of its former state: names, parted by spaces.
ALTER TABLE pages ADD COLUMN kept TEXT;

-- The archive is read in the order in which it was written.
CREATE INDEX captures_by_place ON captures (file, offset);

-- How far a re-extraction by these rules has come; it goes when that is done.
CREATE TABLE reextractions (
    rules  TEXT PRIMARY KEY,
    file   TEXT    NOT NULL,
    offset INTEGER NOT NULL,
    found  INTEGER NOT NULL,
    -- Pages that are dealt with.
    pages  INTEGER NOT NULL
) STRICT;
