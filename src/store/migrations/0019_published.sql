-- What the published folder holds, so that the next publication renders only what changed.

-- The folder that was published last: which it is, for which site and program, and up to which
-- change. Without a row, everything is rendered.
CREATE TABLE published (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    tree TEXT    NOT NULL,
    site TEXT    NOT NULL,
    seq  INTEGER NOT NULL
) STRICT;

-- The journal: what is being published, as JSON. A row that is left tells of a publication that did
-- not end; the next one includes it.
CREATE TABLE publishing (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    scope TEXT NOT NULL
) STRICT;

-- The columns as they were published: a fingerprint of what their files take from the
-- configuration, how many articles they had, and their part of the catalogue.
CREATE TABLE published_columns (
    column_name TEXT    PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    articles    INTEGER NOT NULL,
    section     TEXT    NOT NULL
) STRICT;

-- The files of the manifests. Each portal has a manifest of its own, whose files are read without
-- those of all others.
CREATE TABLE published_files (
    -- The portal whose manifest lists the file; '' for the site's.
    portal  TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    bytes   INTEGER NOT NULL,
    sha256  TEXT    NOT NULL,
    records INTEGER,
    PRIMARY KEY (portal, path)
) STRICT, WITHOUT ROWID;

-- Which articles show a picture of the site, or would if it were kept.
CREATE TABLE published_pictures (
    portal     TEXT NOT NULL,
    url        TEXT NOT NULL,
    article_id TEXT NOT NULL,
    PRIMARY KEY (portal, url, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX published_pictures_of_article ON published_pictures (article_id);

-- What changed beside articles since the last publication; triggers write it, and the next
-- publication deletes it. An article's former month has a dump to render, too.
CREATE TABLE unpublished (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    detail  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TRIGGER unpublished_month AFTER UPDATE OF month ON column_articles
WHEN OLD.month <> NEW.month BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('month', OLD.column_name, OLD.month);
END;
CREATE TRIGGER unpublished_title AFTER UPDATE OF title ON columns
WHEN OLD.title IS NOT NEW.title BEGIN
    INSERT INTO unpublished (kind, subject) VALUES ('title', NEW.name);
END;
CREATE TRIGGER unpublished_column AFTER INSERT ON columns WHEN NEW.title IS NOT NULL BEGIN
    INSERT INTO unpublished (kind, subject) VALUES ('title', NEW.name);
END;
CREATE TRIGGER unpublished_picture AFTER UPDATE OF sha256 ON pictures
WHEN OLD.sha256 IS NOT NEW.sha256 BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('picture', NEW.portal, NEW.url);
END;
CREATE TRIGGER unpublished_lost_picture AFTER DELETE ON pictures
WHEN OLD.sha256 IS NOT NULL BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('picture', OLD.portal, OLD.url);
END;
CREATE TRIGGER unpublished_incident AFTER INSERT ON incidents BEGIN
    INSERT INTO unpublished (kind) VALUES ('incident');
END;
CREATE TRIGGER unpublished_end_of_incident
AFTER UPDATE OF message, first_message, closed_ms ON incidents
WHEN (COALESCE(OLD.first_message, OLD.message), OLD.closed_ms)
    IS NOT (COALESCE(NEW.first_message, NEW.message), NEW.closed_ms) BEGIN
    INSERT INTO unpublished (kind) VALUES ('incident');
END;
