-- What a column's list said of an article at first sight: evidence of its title and day.
-- `items.listed_on` orders the queue and may be a neighbour's day; `items.row_day` is the row's own.
-- Older stores did not tell the two apart.
ALTER TABLE items ADD COLUMN row_day TEXT;
UPDATE items SET row_day = listed_on;
ALTER TABLE pages ADD COLUMN row_title TEXT;
ALTER TABLE pages ADD COLUMN row_day TEXT;
UPDATE pages SET (row_title, row_day) = (
    SELECT i.title, i.row_day FROM items i
    WHERE i.portal = pages.portal AND i.canonical_url = pages.canonical_url AND i.title <> ''
    ORDER BY i.backfill, i.walk, i.column_name LIMIT 1);
