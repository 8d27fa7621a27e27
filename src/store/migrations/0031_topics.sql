-- The named topics as they were published: a fingerprint of what their files take from the
-- configuration, and the articles that stand in their feeds.
CREATE TABLE published_topics (
    name        TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE published_topic_articles (
    topic      TEXT NOT NULL,
    article_id TEXT NOT NULL,
    PRIMARY KEY (topic, article_id)
) STRICT, WITHOUT ROWID;
