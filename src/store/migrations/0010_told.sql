-- Changes that are told after publication are few among all; monitoring and revision feeds ask for
-- them column by column.
CREATE INDEX changes_told ON changes (seq, kind, article_id)
    WHERE kind IN ('revised', 'withdrawn', 'restored', 'removed');
CREATE INDEX publications_of_article ON publications (article_id, column_name);

-- What was said of an incident when it was first seen: what its feed tells. Later sightings may say
-- more, which is no news.
ALTER TABLE incidents ADD COLUMN first_message TEXT;
