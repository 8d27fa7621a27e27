-- A poll without news asks the store one short question, whatever the store holds.

-- From this day on the column counts as silent, unless it has news before.
ALTER TABLE list_memory ADD COLUMN silent_on TEXT;

CREATE INDEX items_waiting ON items (column_name) WHERE done = 0;
CREATE INDEX incidents_of ON incidents (subject) WHERE closed_ms IS NULL;
CREATE INDEX backfills_wanted ON backfills (column_name) WHERE wanted = 1;
-- Which pages are due is asked for one portal.
DROP INDEX pages_due;
CREATE INDEX pages_due ON pages (portal, next_check_ms) WHERE next_check_ms IS NOT NULL;
