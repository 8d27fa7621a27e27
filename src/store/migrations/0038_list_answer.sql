-- A hash of the answer that was read last, if the same answer means that nothing is new; else NULL.
ALTER TABLE list_memory ADD COLUMN answer TEXT;
