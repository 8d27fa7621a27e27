-- Each portal has a manifest of its own: its files are read without those of all others. The next
-- publication renders everything.
DROP TABLE published_files;
CREATE TABLE published_files (
    -- The portal whose manifest lists the file; '' for the site's.
    portal  TEXT    NOT NULL,
    path    TEXT    NOT NULL,
    bytes   INTEGER NOT NULL,
    sha256  TEXT    NOT NULL,
    records INTEGER,
    PRIMARY KEY (portal, path)
) STRICT, WITHOUT ROWID;
DELETE FROM published;
