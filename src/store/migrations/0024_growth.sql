-- One more article asks short questions of its column's items, whatever the column has.
CREATE INDEX items_listed ON items (column_name, listed_on) WHERE backfill = 0;
CREATE INDEX items_walking ON items (column_name) WHERE walk_complete = 0;
