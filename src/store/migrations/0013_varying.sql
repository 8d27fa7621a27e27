-- Addresses that differ from fetch to fetch although they lead to the same.

-- Known rows are looked up by their titles.
CREATE INDEX items_by_title ON items (portal, title);
-- The walk of a run that listed the row last, where its address has parameters.
ALTER TABLE items ADD COLUMN listed_walk INTEGER NOT NULL DEFAULT 0;

-- Parameters that had another value at each of three fetches of a row of the column.
CREATE TABLE varying_parameters (
    column_name TEXT NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (column_name, name)
) STRICT;

-- The last values of parameters in addresses within the page's text, where they have changed while
-- path, name and text stayed: JSON; NULL where none has.
ALTER TABLE pages ADD COLUMN seen_values TEXT;
