-- A column as it was published: with a checksum. A row without one, or with a wrong one, counts as none,
-- and the column is rendered anew.
ALTER TABLE published_columns ADD COLUMN sum INTEGER;
