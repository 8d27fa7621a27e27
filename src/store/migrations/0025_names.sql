-- The display names of portals, by their short names, as their pages told them first. A name never
-- changes by itself.
CREATE TABLE portals (
    name  TEXT PRIMARY KEY,
    title TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER unpublished_portal AFTER INSERT ON portals BEGIN
    INSERT INTO unpublished (kind, subject) VALUES ('title', NEW.name);
END;

-- The place of an article among those of its column, by their days: for the links between them.
ALTER TABLE column_articles ADD COLUMN place TEXT
    GENERATED ALWAYS AS (month || COALESCE(day, '') || printf('%019d', added_seq)) VIRTUAL;
CREATE INDEX column_articles_places ON column_articles (column_name, place)
    WHERE is_withdrawn = 0;
-- The articles around a former place are no neighbours of that article any more.
CREATE TRIGGER unpublished_place AFTER UPDATE OF month, day ON column_articles
WHEN (OLD.month, OLD.day) IS NOT (NEW.month, NEW.day) BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES
        ('place', OLD.column_name, OLD.month || COALESCE(OLD.day, '') || printf('%019d', OLD.added_seq));
END;
