-- Lists of articles have the order in which these were added, whatever filters them: each filter has
-- an index in this order, or one that tells the order without a look at the articles.

ALTER TABLE search_articles ADD COLUMN added_seq INTEGER NOT NULL DEFAULT 0;
UPDATE search_articles SET added_seq =
    COALESCE((SELECT a.added_seq FROM articles a WHERE a.id = search_articles.id), 0);
CREATE INDEX search_articles_of_issuer
    ON search_articles (issuer, added_seq, day, portal, withdrawn);
CREATE INDEX search_articles_of_day ON search_articles (day, added_seq, portal, withdrawn);
CREATE INDEX search_articles_of_added ON search_articles (added_seq, day, portal, withdrawn);
DROP INDEX search_articles_by_issuer;
DROP INDEX search_articles_by_day;

ALTER TABLE search_categories ADD COLUMN added_seq INTEGER NOT NULL DEFAULT 0;
UPDATE search_categories SET added_seq =
    (SELECT s.added_seq FROM search_articles s WHERE s.doc = search_categories.doc);
CREATE INDEX search_categories_of_added ON search_categories (category, added_seq);

CREATE INDEX articles_of_portal ON articles (portal, added_seq);
DROP INDEX articles_by_portal;
CREATE INDEX articles_withdrawn ON articles (added_seq) WHERE withdrawn_ms IS NOT NULL;
CREATE INDEX column_articles_added ON column_articles (column_name, added_seq, is_withdrawn);

-- The feeds that hubs are told of.
CREATE INDEX published_feeds ON published_files (path, bytes, sha256)
    WHERE path LIKE '%.xml' OR path LIKE '%/feed.json' OR path LIKE '%revisions.atom'
        OR path IN ('feed.json', 'incidents.atom');
