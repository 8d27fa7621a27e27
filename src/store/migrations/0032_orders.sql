-- Lists have several orders: as articles were added, by day of publication, by last change. Each filter
-- has an index in each order, which also tells the other keys without a look at the articles.

ALTER TABLE search_articles ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
UPDATE search_articles SET updated_ms =
    COALESCE((SELECT a.updated_ms FROM articles a WHERE a.id = search_articles.id), 0);
DROP INDEX search_articles_by_portal;
DROP INDEX search_articles_of_issuer;
DROP INDEX search_articles_of_day;
DROP INDEX search_articles_of_added;
CREATE INDEX search_articles_by_added
    ON search_articles (added_seq, day, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_by_published
    ON search_articles (day, added_seq, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_by_updated
    ON search_articles (updated_ms, added_seq, day, portal, withdrawn);
CREATE INDEX search_articles_of_portal_by_added
    ON search_articles (portal, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_articles_of_portal_by_published
    ON search_articles (portal, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_articles_of_portal_by_updated
    ON search_articles (portal, updated_ms, added_seq, day, withdrawn);
CREATE INDEX search_articles_of_issuer_by_added
    ON search_articles (issuer, added_seq, day, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_of_issuer_by_published
    ON search_articles (issuer, day, added_seq, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_of_issuer_by_updated
    ON search_articles (issuer, updated_ms, added_seq, day, portal, withdrawn);

ALTER TABLE search_columns ADD COLUMN added_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_columns ADD COLUMN day TEXT NOT NULL DEFAULT '';
ALTER TABLE search_columns ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_columns ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
UPDATE search_columns SET (added_seq, day, updated_ms, withdrawn) =
    (SELECT s.added_seq, s.day, s.updated_ms, s.withdrawn FROM search_articles s
     WHERE s.doc = search_columns.doc)
WHERE doc IN (SELECT doc FROM search_articles);
CREATE INDEX search_columns_by_added
    ON search_columns (column_name, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_columns_by_published
    ON search_columns (column_name, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_columns_by_updated
    ON search_columns (column_name, updated_ms, added_seq, day, withdrawn);

ALTER TABLE search_categories ADD COLUMN day TEXT NOT NULL DEFAULT '';
ALTER TABLE search_categories ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_categories ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
UPDATE search_categories SET (day, updated_ms, withdrawn) =
    (SELECT s.day, s.updated_ms, s.withdrawn FROM search_articles s
     WHERE s.doc = search_categories.doc)
WHERE doc IN (SELECT doc FROM search_articles);
DROP INDEX search_categories_of_added;
CREATE INDEX search_categories_by_added
    ON search_categories (category, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_categories_by_published
    ON search_categories (category, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_categories_by_updated
    ON search_categories (category, updated_ms, added_seq, day, withdrawn);
