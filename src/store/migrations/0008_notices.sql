-- What others were told of: per receiver and subject, the last state that the receiver took. Of a
-- hub (WebSub), subjects are feeds and states their hashes; of a webhook, the one subject is the
-- account of changes, and its state the number of the last change that was taken.
CREATE TABLE notices (
    receiver    TEXT NOT NULL,
    subject     TEXT NOT NULL,
    state       TEXT NOT NULL,
    -- Tries in a row that failed, and when the next may be made.
    failures    INTEGER NOT NULL DEFAULT 0,
    next_try_ms INTEGER NOT NULL DEFAULT 0,
    reason      TEXT,
    PRIMARY KEY (receiver, subject)
) STRICT;

-- Changes that a webhook did not take, however often it was tried.
CREATE TABLE dead_letters (
    receiver TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (receiver, seq)
) STRICT;
