-- The feed file's rules by which the list was read to which the stored validators belong; NULL without any.
ALTER TABLE list_memory ADD COLUMN rules TEXT;
