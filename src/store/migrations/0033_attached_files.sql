-- Attached files are kept as pictures are, in the same table. `named` is the extension by which an article
-- calls such a file, '' if it gives none; NULL for a picture.
ALTER TABLE pictures ADD COLUMN named TEXT;

-- Up to which publication of a column its attached files are noted, as picture_cursors for pictures.
CREATE TABLE attachment_cursors (
    column_name TEXT    PRIMARY KEY,
    number      INTEGER NOT NULL
) STRICT;
