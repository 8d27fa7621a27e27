-- What is searched: kept in the transaction that changes an article, and made anew where
-- `meta.search` is not the version that is written now.

-- The articles that the index holds, and what narrows a search.
CREATE TABLE search_articles (
    doc       INTEGER PRIMARY KEY,
    id        TEXT    NOT NULL UNIQUE REFERENCES articles (id),
    portal    TEXT    NOT NULL,
    -- Folded, as it is compared.
    issuer    TEXT,
    -- When it was published; of first sight where the page has no date.
    day       TEXT    NOT NULL,
    -- The change by which it first entered a live feed; NULL for what backfills brought.
    live_seq  INTEGER,
    withdrawn INTEGER NOT NULL
) STRICT;
CREATE INDEX search_articles_by_portal ON search_articles (portal, day);
CREATE INDEX search_articles_by_issuer ON search_articles (issuer, day);
CREATE INDEX search_articles_by_day ON search_articles (day);

CREATE TABLE search_columns (
    column_name TEXT    NOT NULL,
    doc         INTEGER NOT NULL,
    PRIMARY KEY (column_name, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_columns_by_doc ON search_columns (doc);

-- Topic categories and subject terms, folded.
CREATE TABLE search_categories (
    category TEXT    NOT NULL,
    doc      INTEGER NOT NULL,
    PRIMARY KEY (category, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_categories_by_doc ON search_categories (doc);

-- The words, parted by spaces beforehand: `search_articles.doc` is the row. It holds no text of
-- its own, only where which word stands.
CREATE VIRTUAL TABLE search_words USING fts5 (
    title, terms, body,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);

CREATE INDEX publications_by_id ON publications (article_id, backfill, seq);
