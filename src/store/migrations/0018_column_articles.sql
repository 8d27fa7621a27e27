-- Each column's articles, one row for each: what feeds, dumps and counts ask for, without a walk
-- over all articles.
CREATE TABLE column_articles (
    column_name  TEXT    NOT NULL,
    article_id   TEXT    NOT NULL,
    -- The change with which the article came into the column, and whether a backfill brought it.
    seq          INTEGER NOT NULL,
    backfill     INTEGER NOT NULL,
    -- The rest is the article's own: see `articles`.
    is_withdrawn INTEGER NOT NULL,
    added_seq    INTEGER NOT NULL,
    month        TEXT    NOT NULL,
    day          TEXT,
    PRIMARY KEY (article_id, column_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX column_articles_live ON column_articles (column_name, seq)
    WHERE backfill = 0 AND is_withdrawn = 0;
CREATE INDEX column_articles_older ON column_articles (column_name, month, day, seq)
    WHERE backfill = 1 AND is_withdrawn = 0;
CREATE INDEX column_articles_of_month ON column_articles (column_name, month, added_seq);
-- For feeds of many columns.
CREATE INDEX column_articles_newest ON column_articles (seq)
    WHERE backfill = 0 AND is_withdrawn = 0;

-- How many articles a column has of a month, and how many of them are not withdrawn.
CREATE TABLE column_months (
    column_name TEXT    NOT NULL,
    month       TEXT    NOT NULL,
    articles    INTEGER NOT NULL,
    live        INTEGER NOT NULL,
    PRIMARY KEY (column_name, month)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER column_articles_count AFTER INSERT ON column_articles BEGIN
    INSERT INTO column_months (column_name, month, articles, live)
    VALUES (NEW.column_name, NEW.month, 1, 1 - NEW.is_withdrawn)
    ON CONFLICT (column_name, month)
    DO UPDATE SET articles = articles + 1, live = live + excluded.live;
END;
CREATE TRIGGER column_articles_recount AFTER UPDATE OF month, is_withdrawn ON column_articles BEGIN
    UPDATE column_months SET articles = articles - 1, live = live - 1 + OLD.is_withdrawn
    WHERE column_name = OLD.column_name AND month = OLD.month;
    INSERT INTO column_months (column_name, month, articles, live)
    VALUES (NEW.column_name, NEW.month, 1, 1 - NEW.is_withdrawn)
    ON CONFLICT (column_name, month)
    DO UPDATE SET articles = articles + 1, live = live + excluded.live;
END;

-- A column's changes that are told after publication.
CREATE TABLE column_told (
    column_name TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (column_name, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER changes_tell AFTER INSERT ON changes
WHEN NEW.kind IN ('revised', 'withdrawn', 'restored', 'removed') BEGIN
    INSERT OR IGNORE INTO column_told (column_name, seq)
    SELECT column_name, NEW.seq FROM column_articles WHERE article_id = NEW.article_id;
END;
CREATE TRIGGER column_articles_tell AFTER INSERT ON column_articles BEGIN
    INSERT OR IGNORE INTO column_told (column_name, seq)
    SELECT NEW.column_name, seq FROM changes
    WHERE article_id = NEW.article_id
      AND kind IN ('revised', 'withdrawn', 'restored', 'removed');
END;

INSERT INTO column_articles
    (column_name, article_id, seq, backfill, is_withdrawn, added_seq, month, day)
SELECT p.column_name, p.article_id, p.seq, p.backfill, a.withdrawn_ms IS NOT NULL, a.added_seq,
       a.month, a.article ->> '$.published_on'
FROM (SELECT column_name, article_id, MIN(number), seq, backfill FROM publications
      GROUP BY column_name, article_id) p
JOIN articles a ON a.id = p.article_id;

DROP INDEX articles_by_month;
DROP INDEX publications_by_article;
