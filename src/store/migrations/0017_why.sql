-- What `dibao why` and `dibao status` tell of an item that waits: the reason in words, and when it
-- was tried last.
ALTER TABLE items ADD COLUMN message TEXT;
ALTER TABLE items ADD COLUMN tried_ms INTEGER;
