-- Rows of plain tables carry a checksum, too, of what is published from them or decides an id. Whoever
-- changes such a column takes the checksum away; the next check sets it anew.
ALTER TABLE columns ADD COLUMN sum INTEGER;
CREATE TRIGGER columns_unsealed AFTER UPDATE OF name, portal, url, title ON columns
WHEN NEW.sum IS NOT NULL AND (OLD.name, OLD.portal, OLD.url, OLD.title)
    IS NOT (NEW.name, NEW.portal, NEW.url, NEW.title) BEGIN
    UPDATE columns SET sum = NULL WHERE rowid = NEW.rowid;
END;

ALTER TABLE incidents ADD COLUMN sum INTEGER;
CREATE TRIGGER incidents_unsealed
AFTER UPDATE OF reason, subject, first_message, opened_ms, closed_ms ON incidents
WHEN NEW.sum IS NOT NULL BEGIN
    UPDATE incidents SET sum = NULL WHERE id = NEW.id;
END;

ALTER TABLE pictures ADD COLUMN sum INTEGER;
CREATE TRIGGER pictures_unsealed
AFTER UPDATE OF portal, url, sha256, extension, bytes ON pictures
WHEN NEW.sum IS NOT NULL BEGIN
    UPDATE pictures SET sum = NULL WHERE rowid = NEW.rowid;
END;

ALTER TABLE removals ADD COLUMN sum INTEGER;
CREATE TRIGGER removals_unsealed
AFTER UPDATE OF id, portal, reason, index_number, title_sha256, sketch, at_ms, is_complete
ON removals WHEN NEW.sum IS NOT NULL BEGIN
    UPDATE removals SET sum = NULL WHERE rowid = NEW.rowid;
END;

-- Rows of this one are written once.
ALTER TABLE kept_ids ADD COLUMN sum INTEGER;

-- A table with row numbers, as the others are.
CREATE TABLE named_portals (
    name  TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    sum   INTEGER
) STRICT;
INSERT INTO named_portals (name, title) SELECT name, title FROM portals ORDER BY name;
DROP TABLE portals;
ALTER TABLE named_portals RENAME TO portals;
CREATE TRIGGER unpublished_portal AFTER INSERT ON portals BEGIN
    INSERT INTO unpublished (kind, subject) VALUES ('title', NEW.name);
END;

-- Rows without one are found at once.
CREATE INDEX columns_without_sum ON columns (sum) WHERE sum IS NULL;
CREATE INDEX portals_without_sum ON portals (sum) WHERE sum IS NULL;
CREATE INDEX incidents_without_sum ON incidents (sum) WHERE sum IS NULL;
CREATE INDEX pictures_without_sum ON pictures (sum) WHERE sum IS NULL;
CREATE INDEX removals_without_sum ON removals (sum) WHERE sum IS NULL;
CREATE INDEX kept_ids_without_sum ON kept_ids (sum) WHERE sum IS NULL;
