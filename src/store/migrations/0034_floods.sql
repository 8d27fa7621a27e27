-- On how many days on end, before this one, the column reached its limit of bytes, and that limit.
ALTER TABLE spent ADD COLUMN flood_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spent ADD COLUMN stored_limit INTEGER NOT NULL DEFAULT 0;
