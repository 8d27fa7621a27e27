-- The schema of the store in PostgreSQL, as the steps 1 to 32 of SQLite's make it there.
--
-- Texts are compared byte by byte, as SQLite does it. `rowid` is the number that SQLite gives each row
-- by itself. Statements are written once for both databases; what they use of SQLite's JSON is below.

-- The elements of a list in JSON, or of one within an object: texts as they are, the rest as JSON.
CREATE FUNCTION json_each(list text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS $$
    SELECT place - 1, element #>> '{}'
    FROM jsonb_array_elements(list::jsonb) WITH ORDINALITY AS e (element, place)
$$;
CREATE FUNCTION json_each(object text, path text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS $$
    SELECT place - 1, element #>> '{}'
    FROM jsonb_array_elements(COALESCE(object::jsonb -> substr(path, 3), '[]'))
        WITH ORDINALITY AS e (element, place)
$$;
-- A value of a list, or of an object by its name or by `$.name`.
CREATE FUNCTION json_value_at(list text, place integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT list::json ->> place';
CREATE FUNCTION json_value_of(object text, name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT object::json ->> ltrim(name, '$.') $$;
CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = integer, FUNCTION = json_value_at);
CREATE OPERATOR ->> (LEFTARG = text, RIGHTARG = text, FUNCTION = json_value_of);
-- What is written here is JSON, and PostgreSQL has checksums of its own.
CREATE FUNCTION json_valid(text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT text IS NOT NULL';
-- The greater of two values.
CREATE FUNCTION max(one bigint, other bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT GREATEST(one, other)';
CREATE FUNCTION max(one double precision, other double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT GREATEST(one, other)';
CREATE FUNCTION max(one text, other text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT GREATEST(one, other)';
-- Texts as a list in JSON, in the order in which they come.
CREATE FUNCTION json_of_texts(texts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT to_json(texts)::text';
CREATE AGGREGATE json_group_array (text) (
    SFUNC = array_append, STYPE = text[], INITCOND = '{}', FINALFUNC = json_of_texts
);
-- The place of a text in another, from 1; 0 if it is not there.
CREATE FUNCTION instr(text text, part text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT strpos(text, part)';
-- The day of a time in seconds since 1970, and the number of a day.
CREATE FUNCTION date(seconds bigint, unit text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD') $$;
CREATE FUNCTION julianday(day text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT extract(julian FROM to_date(day, 'YYYY-MM-DD'))::double precision - 0.5 $$;
-- Where a statement keeps SQLite from an index, this does nothing.
CREATE FUNCTION as_it_is(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT value';
CREATE OPERATOR + (RIGHTARG = text, FUNCTION = as_it_is);

CREATE TABLE meta (
    key TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
CREATE TABLE columns (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" PRIMARY KEY,
    portal TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C",
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    walks BIGINT NOT NULL DEFAULT 0,
    last_run_ms BIGINT,
    last_ok_ms BIGINT,
    last_new_ms BIGINT,
    -- Runs in a row that ended badly.
    failures BIGINT NOT NULL DEFAULT 0,
    reason TEXT COLLATE "C",
    message TEXT COLLATE "C",
    sum BIGINT,
    feed_name TEXT COLLATE "C"
);
CREATE TABLE items (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    column_name TEXT COLLATE "C" NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    portal TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    listed_on TEXT COLLATE "C",
    walk BIGINT NOT NULL,
    position BIGINT NOT NULL,
    walk_complete BIGINT NOT NULL DEFAULT 0,
    done BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_try_ms BIGINT NOT NULL DEFAULT 0,
    reason TEXT COLLATE "C",
    backfill BIGINT NOT NULL DEFAULT 0,
    backfill_walk BIGINT NOT NULL DEFAULT 0,
    held TEXT COLLATE "C",
    row_day TEXT COLLATE "C",
    listed_walk BIGINT NOT NULL DEFAULT 0,
    message TEXT COLLATE "C",
    tried_ms BIGINT,
    PRIMARY KEY (column_name, canonical_url)
);
CREATE INDEX items_by_page ON items (portal, canonical_url);
CREATE TABLE articles (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" PRIMARY KEY,
    portal TEXT COLLATE "C" NOT NULL,
    primary_url TEXT COLLATE "C" NOT NULL,
    -- The state of the primary page from which the text was taken.
    adopted_sha256 TEXT COLLATE "C" NOT NULL DEFAULT '',
    index_number TEXT COLLATE "C",
    added_seq BIGINT,
    updated_ms BIGINT UNIQUE,
    withdrawn_ms BIGINT,
    absorbed_by TEXT COLLATE "C" REFERENCES articles (id),
    -- The month of `published_on`, else of first sight: the dump that holds it.
    month TEXT COLLATE "C",
    article TEXT COLLATE "C",
    sum BIGINT,
    told_sha256 TEXT COLLATE "C",
    text_id BIGINT
);
CREATE TABLE captures (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    url TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    "offset" BIGINT NOT NULL,
    length BIGINT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    payload_digest TEXT COLLATE "C" NOT NULL
);
CREATE TABLE pages (
    rowid BIGINT GENERATED ALWAYS AS (found) STORED,
    found BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    portal TEXT COLLATE "C" NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" REFERENCES articles (id),
    index_number TEXT COLLATE "C",
    title_fold TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C",
    content TEXT COLLATE "C" NOT NULL,
    content_sha256 TEXT COLLATE "C" NOT NULL,
    etag TEXT COLLATE "C",
    last_modified TEXT COLLATE "C",
    first_seen_ms BIGINT NOT NULL,
    -- When it last answered well, and when it was last asked.
    answered_ms BIGINT NOT NULL,
    looked_ms BIGINT NOT NULL,
    next_check_ms BIGINT,
    gone_looks BIGINT NOT NULL DEFAULT 0,
    gone_ms BIGINT,
    capture BIGINT REFERENCES captures (id),
    charset TEXT COLLATE "C",
    charset_found TEXT COLLATE "C",
    replaced BIGINT,
    read_by TEXT COLLATE "C",
    read_ms BIGINT,
    kept TEXT COLLATE "C",
    row_title TEXT COLLATE "C",
    row_day TEXT COLLATE "C",
    seen_values TEXT COLLATE "C",
    sum BIGINT,
    unrest BIGINT NOT NULL DEFAULT 0,
    text_id BIGINT,
    UNIQUE (portal, canonical_url)
);
CREATE INDEX pages_by_number ON pages (portal, index_number);
CREATE INDEX pages_by_title ON pages (portal, title_fold, day);
CREATE INDEX pages_by_article ON pages (article_id);
CREATE TABLE template_numbers (
    portal TEXT COLLATE "C" NOT NULL,
    index_number TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (portal, index_number)
);
CREATE TABLE changes (
    rowid BIGINT GENERATED ALWAYS AS (seq) STORED,
    seq BIGINT PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    article TEXT COLLATE "C" NOT NULL,
    sum BIGINT,
    text_id BIGINT
);
CREATE INDEX changes_by_article ON changes (article_id, seq);
-- The text of an article stands once, whichever rows have it: pages, articles, changes. Their JSON is
-- without it then.
CREATE TABLE texts (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    -- The hash of the text, `body_html` and `body_text` as they stand in the JSON.
    sha256 BYTEA NOT NULL UNIQUE,
    -- The text, packed with Zstandard, and the checksum of that.
    body BYTEA NOT NULL,
    sum BIGINT NOT NULL
);
-- It cannot be packed further.
ALTER TABLE texts ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX articles_by_text ON articles (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX changes_by_text ON changes (text_id) WHERE text_id IS NOT NULL;
CREATE INDEX pages_by_text ON pages (text_id) WHERE text_id IS NOT NULL;
CREATE TABLE publications (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    column_name TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL REFERENCES changes (seq),
    backfill BIGINT NOT NULL DEFAULT 0,
    sum BIGINT,
    PRIMARY KEY (column_name, number)
);
CREATE TABLE incidents (
    rowid BIGINT GENERATED ALWAYS AS (id) STORED,
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    reason TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    opened_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    seen_count BIGINT NOT NULL DEFAULT 1,
    closed_ms BIGINT,
    first_message TEXT COLLATE "C",
    sum BIGINT
);
CREATE UNIQUE INDEX incidents_open ON incidents (reason, subject) WHERE closed_ms IS NULL;
CREATE TABLE leases (
    host TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    expires_ms BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL DEFAULT 'run',
    wanted_ms BIGINT
);
CREATE TABLE backfills (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    -- The column's own URL: another in the feed file makes this walk another column's.
    url TEXT COLLATE "C" NOT NULL,
    walk BIGINT NOT NULL,
    next_url TEXT COLLATE "C",
    -- List pages done, and how many there are where the pager tells.
    pages BIGINT NOT NULL,
    total BIGINT,
    -- List pages in a row that listed nothing but what this walk had seen.
    repeats BIGINT NOT NULL DEFAULT 0,
    -- Items older than this day were left out.
    since TEXT COLLATE "C",
    -- Whether a run queued it, and not a person: then dibao works it off by itself.
    wanted BIGINT NOT NULL DEFAULT 0,
    ended_ms BIGINT,
    -- Why there is nothing beyond the last page read: a stable code, and its words.
    reason TEXT COLLATE "C",
    message TEXT COLLATE "C",
    day TEXT COLLATE "C",
    asked BIGINT NOT NULL DEFAULT 0,
    asked_since TEXT COLLATE "C"
);
CREATE TABLE backfill_pages (
    column_name TEXT COLLATE "C" NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (column_name, canonical_url)
);
CREATE TABLE hosts (
    host TEXT COLLATE "C" PRIMARY KEY,
    -- Nothing is asked before: the pause after the last request.
    free_ms BIGINT NOT NULL DEFAULT 0,
    -- Nothing is asked before: the host said so (Retry-After), with this status.
    asked_ms BIGINT,
    asked_status BIGINT,
    -- Runs in a row in which the whole host was in trouble, when it is tried again, and why.
    failures BIGINT NOT NULL DEFAULT 0,
    retry_ms BIGINT,
    reason TEXT COLLATE "C"
);
CREATE TABLE robots (
    site TEXT COLLATE "C" PRIMARY KEY,
    fresh_ms BIGINT NOT NULL,
    body BYTEA
);
CREATE INDEX captures_by_url ON captures (url, id);
CREATE TABLE archive_files (
    file TEXT COLLATE "C" PRIMARY KEY,
    "end" BIGINT NOT NULL
);
CREATE INDEX pages_by_capture ON pages (capture);
CREATE TABLE verdicts (
    column_name TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    last_url TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (column_name, verdict)
);
-- The polls of a column since the row in `columns` was written last. They ended well.
CREATE TABLE quiet_polls (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    count BIGINT NOT NULL,
    -- The times of the last one.
    began_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL
);
CREATE TABLE shown (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    column_name TEXT COLLATE "C" NOT NULL,
    is_new BIGINT NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    shows TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (column_name, is_new, canonical_url)
);
CREATE TABLE list_lengths (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    column_name TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    items BIGINT NOT NULL
);
CREATE INDEX list_lengths_by_column ON list_lengths (column_name, url, id);
CREATE TABLE drifts (
    column_name TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (column_name, what)
);
CREATE TABLE search_articles (
    doc BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES articles (id),
    portal TEXT COLLATE "C" NOT NULL,
    -- Folded, as it is compared.
    issuer TEXT COLLATE "C",
    -- When it was published; of first sight where the page has no date.
    day TEXT COLLATE "C" NOT NULL,
    -- The change by which it first entered a live feed; NULL for what backfills brought.
    live_seq BIGINT,
    withdrawn BIGINT NOT NULL,
    added_seq BIGINT NOT NULL DEFAULT 0,
    updated_ms BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE search_columns (
    column_name TEXT COLLATE "C" NOT NULL,
    doc BIGINT NOT NULL,
    added_seq BIGINT NOT NULL DEFAULT 0,
    day TEXT COLLATE "C" NOT NULL DEFAULT '',
    updated_ms BIGINT NOT NULL DEFAULT 0,
    withdrawn BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (column_name, doc)
);
CREATE INDEX search_columns_by_doc ON search_columns (doc);
CREATE TABLE search_categories (
    category TEXT COLLATE "C" NOT NULL,
    doc BIGINT NOT NULL,
    added_seq BIGINT NOT NULL DEFAULT 0,
    day TEXT COLLATE "C" NOT NULL DEFAULT '',
    updated_ms BIGINT NOT NULL DEFAULT 0,
    withdrawn BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (category, doc)
);
CREATE INDEX search_categories_by_doc ON search_categories (doc);
CREATE INDEX publications_by_id ON publications (article_id, backfill, seq);
CREATE TABLE kept_ids (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" PRIMARY KEY,
    portal TEXT COLLATE "C" NOT NULL,
    index_number TEXT COLLATE "C",
    title_sha256   TEXT COLLATE "C" NOT NULL,
    sketch TEXT COLLATE "C" NOT NULL,
    content_sha256 TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    published_on TEXT COLLATE "C",
    published_ms BIGINT,
    withdrawn BIGINT NOT NULL,
    sum BIGINT
);
CREATE INDEX kept_ids_by_number ON kept_ids (portal, index_number);
CREATE INDEX kept_ids_by_title ON kept_ids (portal, title_sha256);
CREATE INDEX kept_ids_by_update ON kept_ids (updated_ms);
CREATE TABLE kept_urls (
    portal TEXT COLLATE "C" NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL REFERENCES kept_ids (id) ON DELETE CASCADE,
    PRIMARY KEY (portal, canonical_url, id)
);
CREATE INDEX kept_urls_by_id ON kept_urls (id);
CREATE TABLE removals (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    id TEXT COLLATE "C" PRIMARY KEY,
    portal TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    index_number TEXT COLLATE "C",
    title_sha256 TEXT COLLATE "C",
    sketch TEXT COLLATE "C",
    -- Whether it is out of the archive and the published files, too.
    is_complete BIGINT NOT NULL DEFAULT 0,
    sum BIGINT
);
CREATE INDEX removals_by_portal ON removals (portal);
CREATE TABLE removed_urls (
    portal TEXT COLLATE "C" NOT NULL,
    canonical_url TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL REFERENCES removals (id),
    PRIMARY KEY (portal, canonical_url, id)
);
CREATE INDEX removed_urls_by_id ON removed_urls (id);
CREATE INDEX captures_by_place ON captures (file, "offset");
CREATE TABLE reextractions (
    rules TEXT COLLATE "C" PRIMARY KEY,
    file TEXT COLLATE "C" NOT NULL,
    "offset" BIGINT NOT NULL,
    found BIGINT NOT NULL,
    -- Pages that are dealt with.
    pages BIGINT NOT NULL
);
CREATE TABLE notices (
    receiver TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    -- Tries in a row that failed, and when the next may be made.
    failures BIGINT NOT NULL DEFAULT 0,
    next_try_ms BIGINT NOT NULL DEFAULT 0,
    reason TEXT COLLATE "C",
    PRIMARY KEY (receiver, subject)
);
CREATE TABLE dead_letters (
    receiver TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (receiver, seq)
);
CREATE TABLE pictures (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    portal TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    -- The page on which it stands, and the last change that showed it there.
    page_url TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    -- Its bytes and their kind, once it is kept.
    sha256      TEXT COLLATE "C",
    extension TEXT COLLATE "C",
    bytes BIGINT,
    -- Tries that failed, and when the next may be made; NULL when it is given up.
    failures BIGINT NOT NULL DEFAULT 0,
    next_try_ms BIGINT DEFAULT 0,
    reason TEXT COLLATE "C",
    sum BIGINT,
    named TEXT COLLATE "C",
    PRIMARY KEY (portal, url)
);
CREATE INDEX pictures_wanted ON pictures (portal, seq) WHERE sha256 IS NULL AND next_try_ms IS NOT NULL;
CREATE INDEX pictures_by_content ON pictures (sha256);
CREATE TABLE picture_cursors (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    number BIGINT NOT NULL
);
CREATE INDEX changes_told ON changes (seq, kind, article_id)
    WHERE kind IN ('revised', 'withdrawn', 'restored', 'removed');
CREATE INDEX publications_of_article ON publications (article_id, column_name);
CREATE INDEX articles_by_addition ON articles (added_seq);
CREATE INDEX articles_by_number ON articles (index_number);
CREATE INDEX items_by_title ON items (portal, title);
CREATE TABLE varying_parameters (
    column_name TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (column_name, name)
);
CREATE TABLE list_memory (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    -- The column's own URL: another one in the feed file is another list.
    url TEXT COLLATE "C" NOT NULL,
    -- A hash of the items of the answer to which the stored validators belong.
    items TEXT COLLATE "C",
    -- When the first page was last sent whole.
    whole_ms BIGINT,
    -- How often "not modified" was said of items that had changed.
    lies BIGINT NOT NULL DEFAULT 0,
    -- The first page behind which pages of known items were read, and when.
    looked TEXT COLLATE "C",
    looked_ms BIGINT,
    -- The order of the list, if it is not the newest first: `rising`, `rising-unread` or `mixed`.
    list_order TEXT COLLATE "C",
    silent_on TEXT COLLATE "C"
);
CREATE TABLE column_articles (
    column_name TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    -- The change with which the article came into the column, and whether a backfill brought it.
    seq BIGINT NOT NULL,
    backfill BIGINT NOT NULL,
    -- The rest is the article's own: see `articles`.
    is_withdrawn BIGINT NOT NULL,
    added_seq BIGINT NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C",
    place TEXT COLLATE "C"
        GENERATED ALWAYS AS (month || COALESCE(day, '') || lpad(added_seq::text, 19, '0')) STORED,
    PRIMARY KEY (article_id, column_name)
);
CREATE INDEX column_articles_live ON column_articles (column_name, seq)
    WHERE backfill = 0 AND is_withdrawn = 0;
CREATE INDEX column_articles_older ON column_articles (column_name, month, day, seq)
    WHERE backfill = 1 AND is_withdrawn = 0;
CREATE INDEX column_articles_of_month ON column_articles (column_name, month, added_seq);
CREATE INDEX column_articles_newest ON column_articles (seq)
    WHERE backfill = 0 AND is_withdrawn = 0;
CREATE TABLE column_months (
    column_name TEXT COLLATE "C" NOT NULL,
    month TEXT COLLATE "C" NOT NULL,
    articles BIGINT NOT NULL,
    live BIGINT NOT NULL,
    PRIMARY KEY (column_name, month)
);
CREATE TABLE column_told (
    column_name TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (column_name, seq)
);
CREATE TABLE published (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    tree TEXT COLLATE "C" NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL
);
CREATE TABLE publishing (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    scope TEXT COLLATE "C" NOT NULL
);
CREATE TABLE published_columns (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    fingerprint TEXT COLLATE "C" NOT NULL,
    articles BIGINT NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    sum BIGINT
);
CREATE TABLE published_files (
    -- The portal whose manifest lists the file; '' for the site's.
    portal TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    sha256  TEXT COLLATE "C" NOT NULL,
    records BIGINT,
    PRIMARY KEY (portal, path)
);
CREATE TABLE published_pictures (
    portal TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (portal, url, article_id)
);
CREATE INDEX published_pictures_of_article ON published_pictures (article_id);
CREATE TABLE unpublished (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL DEFAULT '',
    detail TEXT COLLATE "C" NOT NULL DEFAULT ''
);
CREATE TABLE template_titles (
    column_name TEXT COLLATE "C" NOT NULL,
    title_fold TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (column_name, title_fold)
);
CREATE INDEX items_waiting ON items (column_name) WHERE done = 0;
CREATE INDEX incidents_of ON incidents (subject) WHERE closed_ms IS NULL;
CREATE INDEX backfills_wanted ON backfills (column_name) WHERE wanted = 1;
CREATE INDEX pages_due ON pages (portal, next_check_ms) WHERE next_check_ms IS NOT NULL;
CREATE INDEX articles_of_portal ON articles (portal, added_seq);
CREATE INDEX articles_withdrawn ON articles (added_seq) WHERE withdrawn_ms IS NOT NULL;
CREATE INDEX column_articles_added ON column_articles (column_name, added_seq, is_withdrawn);
CREATE INDEX published_feeds ON published_files (path, bytes, sha256)
    WHERE path LIKE '%.xml' OR path LIKE '%/feed.json' OR path LIKE '%revisions.atom'
        OR path IN ('feed.json', 'incidents.atom');
CREATE TABLE archive_sums (
    file TEXT COLLATE "C" PRIMARY KEY,
    bytes BIGINT NOT NULL,
    sha256     TEXT COLLATE "C" NOT NULL,
    checked_ms BIGINT NOT NULL
);
CREATE TABLE row_checks (
    name TEXT COLLATE "C" PRIMARY KEY,
    place TEXT COLLATE "C" NOT NULL,
    begun_ms BIGINT NOT NULL,
    -- When a check was last complete.
    ended_ms BIGINT
);
CREATE INDEX items_listed ON items (column_name, listed_on) WHERE backfill = 0;
CREATE INDEX items_walking ON items (column_name) WHERE walk_complete = 0;
CREATE INDEX column_articles_places ON column_articles (column_name, place)
    WHERE is_withdrawn = 0;
CREATE TABLE spent (
    column_name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    day TEXT COLLATE "C" NOT NULL,
    items BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    backfilled BIGINT NOT NULL,
    flood_days BIGINT NOT NULL DEFAULT 0,
    stored_limit BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE portals (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT COLLATE "C" PRIMARY KEY,
    title TEXT COLLATE "C" NOT NULL,
    sum BIGINT
);
CREATE INDEX columns_without_sum ON columns (sum) WHERE sum IS NULL;
CREATE INDEX portals_without_sum ON portals (sum) WHERE sum IS NULL;
CREATE INDEX incidents_without_sum ON incidents (sum) WHERE sum IS NULL;
CREATE INDEX pictures_without_sum ON pictures (sum) WHERE sum IS NULL;
CREATE INDEX removals_without_sum ON removals (sum) WHERE sum IS NULL;
CREATE INDEX kept_ids_without_sum ON kept_ids (sum) WHERE sum IS NULL;
CREATE TABLE column_lives (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    settings TEXT COLLATE "C",
    ended_ms BIGINT,
    into_name TEXT COLLATE "C",
    moved_ms BIGINT
);
CREATE INDEX column_lives_into ON column_lives (into_name) WHERE into_name IS NOT NULL;
CREATE TABLE column_moves (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    into_name TEXT COLLATE "C" NOT NULL
);
CREATE TABLE published_topics (
    name TEXT COLLATE "C" PRIMARY KEY,
    fingerprint TEXT COLLATE "C" NOT NULL
);
CREATE TABLE published_topic_articles (
    topic TEXT COLLATE "C" NOT NULL,
    article_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (topic, article_id)
);
CREATE INDEX search_articles_by_added
    ON search_articles (added_seq, day, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_by_published
    ON search_articles (day, added_seq, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_by_updated
    ON search_articles (updated_ms, added_seq, day, portal, withdrawn);
CREATE INDEX search_articles_of_portal_by_added
    ON search_articles (portal, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_articles_of_portal_by_published
    ON search_articles (portal, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_articles_of_portal_by_updated
    ON search_articles (portal, updated_ms, added_seq, day, withdrawn);
CREATE INDEX search_articles_of_issuer_by_added
    ON search_articles (issuer, added_seq, day, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_of_issuer_by_published
    ON search_articles (issuer, day, added_seq, updated_ms, portal, withdrawn);
CREATE INDEX search_articles_of_issuer_by_updated
    ON search_articles (issuer, updated_ms, added_seq, day, portal, withdrawn);
CREATE INDEX search_columns_by_added
    ON search_columns (column_name, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_columns_by_published
    ON search_columns (column_name, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_columns_by_updated
    ON search_columns (column_name, updated_ms, added_seq, day, withdrawn);
CREATE INDEX search_categories_by_added
    ON search_categories (category, added_seq, day, updated_ms, withdrawn);
CREATE INDEX search_categories_by_published
    ON search_categories (category, day, added_seq, updated_ms, withdrawn);
CREATE INDEX search_categories_by_updated
    ON search_categories (category, updated_ms, added_seq, day, withdrawn);
CREATE TABLE attachment_cursors (
    column_name TEXT COLLATE "C" PRIMARY KEY,
    number BIGINT NOT NULL
);
CREATE UNIQUE INDEX columns_by_rowid ON columns (rowid);
CREATE UNIQUE INDEX items_by_rowid ON items (rowid);
CREATE UNIQUE INDEX articles_by_rowid ON articles (rowid);
CREATE UNIQUE INDEX publications_by_rowid ON publications (rowid);
CREATE UNIQUE INDEX pictures_by_rowid ON pictures (rowid);
CREATE UNIQUE INDEX kept_ids_by_rowid ON kept_ids (rowid);
CREATE UNIQUE INDEX removals_by_rowid ON removals (rowid);
CREATE UNIQUE INDEX portals_by_rowid ON portals (rowid);

-- The words of articles: one text of all fields, whose words have the weight of their field (A is the
-- title, B the terms, D the text). SQLite has an index of its own for them.
CREATE TABLE search_words (
    rowid BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX search_words_by_word ON search_words USING gin (words);

CREATE FUNCTION column_articles_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE column_months SET articles = articles - 1, live = live - 1 + OLD.is_withdrawn
        WHERE column_name = OLD.column_name AND month = OLD.month;
    END IF;
    INSERT INTO column_months AS m (column_name, month, articles, live)
    VALUES (NEW.column_name, NEW.month, 1, 1 - NEW.is_withdrawn)
    ON CONFLICT (column_name, month)
    DO UPDATE SET articles = m.articles + 1, live = m.live + excluded.live;
    RETURN NULL;
END $$;
CREATE TRIGGER column_articles_count AFTER INSERT OR UPDATE OF month, is_withdrawn
ON column_articles FOR EACH ROW EXECUTE FUNCTION column_articles_count();

CREATE FUNCTION changes_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO column_told (column_name, seq)
    SELECT column_name, NEW.seq FROM column_articles WHERE article_id = NEW.article_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER changes_tell AFTER INSERT ON changes FOR EACH ROW
WHEN (NEW.kind IN ('revised', 'withdrawn', 'restored', 'removed'))
EXECUTE FUNCTION changes_tell();

-- Those who wait for a change hear of it when it is committed.
CREATE FUNCTION changes_signal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NOTIFY dibao_changes;
    RETURN NULL;
END $$;
CREATE TRIGGER changes_signal AFTER INSERT ON changes
FOR EACH STATEMENT EXECUTE FUNCTION changes_signal();

CREATE FUNCTION column_articles_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO column_told (column_name, seq)
    SELECT NEW.column_name, seq FROM changes
    WHERE article_id = NEW.article_id
      AND kind IN ('revised', 'withdrawn', 'restored', 'removed')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER column_articles_tell AFTER INSERT ON column_articles
FOR EACH ROW EXECUTE FUNCTION column_articles_tell();

-- A text goes with the last row that refers to it.
CREATE FUNCTION leave_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM texts WHERE id = OLD.text_id
        AND NOT EXISTS (SELECT 1 FROM articles WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = OLD.text_id)
        AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = OLD.text_id);
    RETURN NULL;
END $$;
CREATE TRIGGER articles_leave_text AFTER UPDATE OF text_id ON articles FOR EACH ROW
WHEN (OLD.text_id IS NOT NULL AND OLD.text_id IS DISTINCT FROM NEW.text_id)
EXECUTE FUNCTION leave_text();
CREATE TRIGGER changes_leave_text AFTER UPDATE OF text_id ON changes FOR EACH ROW
WHEN (OLD.text_id IS NOT NULL AND OLD.text_id IS DISTINCT FROM NEW.text_id)
EXECUTE FUNCTION leave_text();
CREATE TRIGGER pages_leave_text AFTER UPDATE OF text_id ON pages FOR EACH ROW
WHEN (OLD.text_id IS NOT NULL AND OLD.text_id IS DISTINCT FROM NEW.text_id)
EXECUTE FUNCTION leave_text();
CREATE TRIGGER pages_leave_text_behind AFTER DELETE ON pages FOR EACH ROW
WHEN (OLD.text_id IS NOT NULL) EXECUTE FUNCTION leave_text();

-- What is not published yet, by its kind.
CREATE FUNCTION unpublished_month() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('month', OLD.column_name, OLD.month);
    RETURN NULL;
END $$;
CREATE TRIGGER unpublished_month AFTER UPDATE OF month ON column_articles FOR EACH ROW
WHEN (OLD.month <> NEW.month) EXECUTE FUNCTION unpublished_month();

CREATE FUNCTION unpublished_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('place', OLD.column_name, OLD.place);
    RETURN NULL;
END $$;
CREATE TRIGGER unpublished_place AFTER UPDATE OF month, day ON column_articles FOR EACH ROW
WHEN ((OLD.month, OLD.day) IS DISTINCT FROM (NEW.month, NEW.day))
EXECUTE FUNCTION unpublished_place();

CREATE FUNCTION unpublished_title() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO unpublished (kind, subject) VALUES ('title', NEW.name);
    RETURN NULL;
END $$;
CREATE TRIGGER unpublished_title AFTER UPDATE OF title ON columns FOR EACH ROW
WHEN (OLD.title IS DISTINCT FROM NEW.title) EXECUTE FUNCTION unpublished_title();
CREATE TRIGGER unpublished_column AFTER INSERT ON columns FOR EACH ROW
WHEN (NEW.title IS NOT NULL) EXECUTE FUNCTION unpublished_title();
CREATE TRIGGER unpublished_portal AFTER INSERT ON portals
FOR EACH ROW EXECUTE FUNCTION unpublished_title();

CREATE FUNCTION unpublished_picture() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO unpublished (kind, subject, detail) VALUES ('picture', OLD.portal, OLD.url);
    RETURN NULL;
END $$;
CREATE TRIGGER unpublished_picture AFTER UPDATE OF sha256 ON pictures FOR EACH ROW
WHEN (OLD.sha256 IS DISTINCT FROM NEW.sha256) EXECUTE FUNCTION unpublished_picture();
CREATE TRIGGER unpublished_lost_picture AFTER DELETE ON pictures FOR EACH ROW
WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION unpublished_picture();

CREATE FUNCTION unpublished_incident() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO unpublished (kind) VALUES ('incident');
    RETURN NULL;
END $$;
CREATE TRIGGER unpublished_incident AFTER INSERT ON incidents
FOR EACH ROW EXECUTE FUNCTION unpublished_incident();
CREATE TRIGGER unpublished_end_of_incident
AFTER UPDATE OF message, first_message, closed_ms ON incidents FOR EACH ROW
WHEN ((COALESCE(OLD.first_message, OLD.message), OLD.closed_ms)
    IS DISTINCT FROM (COALESCE(NEW.first_message, NEW.message), NEW.closed_ms))
EXECUTE FUNCTION unpublished_incident();

-- A row that changes loses its checksum; the next check of rows sets it.
CREATE FUNCTION unsealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.sum := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER columns_unsealed BEFORE UPDATE OF name, portal, url, title ON columns FOR EACH ROW
WHEN ((OLD.name, OLD.portal, OLD.url, OLD.title)
    IS DISTINCT FROM (NEW.name, NEW.portal, NEW.url, NEW.title))
EXECUTE FUNCTION unsealed();
CREATE TRIGGER incidents_unsealed
BEFORE UPDATE OF reason, subject, first_message, opened_ms, closed_ms ON incidents
FOR EACH ROW EXECUTE FUNCTION unsealed();
CREATE TRIGGER pictures_unsealed BEFORE UPDATE OF portal, url, sha256, extension, bytes ON pictures
FOR EACH ROW EXECUTE FUNCTION unsealed();
CREATE TRIGGER removals_unsealed
BEFORE UPDATE OF id, portal, reason, index_number, title_sha256, sketch, at_ms, is_complete
ON removals FOR EACH ROW EXECUTE FUNCTION unsealed();

-- The processes that share the store, and when each told last that it is alive.
CREATE TABLE workers (
    holder TEXT COLLATE "C" PRIMARY KEY,
    seen_ms BIGINT NOT NULL
);
