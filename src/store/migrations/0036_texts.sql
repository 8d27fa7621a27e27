-- The text of an article stands once, whichever rows have it: pages, articles, changes. Their JSON is
-- without it then. Rows of older stores keep theirs until the check of the rows reads them.
CREATE TABLE texts (
    id     INTEGER PRIMARY KEY,
    -- The hash of the text, `body_html` and `body_text` as they stand in the JSON.
    sha256 BLOB    NOT NULL UNIQUE,
    -- The text, packed with Zstandard, and the checksum of that.
    body   BLOB    NOT NULL,
    sum    INTEGER NOT NULL
) STRICT;
ALTER TABLE articles ADD COLUMN text_id INTEGER;
ALTER TABLE changes ADD COLUMN text_id INTEGER;
ALTER TABLE pages ADD COLUMN text_id INTEGER;
CREATE INDEX articles_by_text ON articles (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX changes_by_text ON changes (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX pages_by_text ON pages (text_id) WHERE text_id IS NOT NULL;

-- A text goes with the last row that refers to it.
CREATE TRIGGER articles_leave_text AFTER UPDATE OF text_id ON articles
WHEN OLD.text_id IS NOT NULL AND OLD.text_id IS NOT NEW.text_id BEGIN
    DELETE FROM texts WHERE id = OLD.text_id
        AND NOT EXISTS (SELECT 1 FROM articles WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = OLD.text_id);
END;
CREATE TRIGGER changes_leave_text AFTER UPDATE OF text_id ON changes
WHEN OLD.text_id IS NOT NULL AND OLD.text_id IS NOT NEW.text_id BEGIN
    DELETE FROM texts WHERE id = OLD.text_id
        AND NOT EXISTS (SELECT 1 FROM articles WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = OLD.text_id);
END;
CREATE TRIGGER pages_leave_text AFTER UPDATE OF text_id ON pages
WHEN OLD.text_id IS NOT NULL AND OLD.text_id IS NOT NEW.text_id BEGIN
    DELETE FROM texts WHERE id = OLD.text_id
        AND NOT EXISTS (SELECT 1 FROM articles WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = OLD.text_id);
END;
CREATE TRIGGER pages_leave_text_behind AFTER DELETE ON pages WHEN OLD.text_id IS NOT NULL BEGIN
    DELETE FROM texts WHERE id = OLD.text_id
        AND NOT EXISTS (SELECT 1 FROM articles WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = OLD.text_id);
END;
