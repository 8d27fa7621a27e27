-- Titles that stood alike on pages whose rows have other titles: they are the template's, and the
-- rows' titles count.
CREATE TABLE template_titles (
    column_name TEXT NOT NULL,
    title_fold  TEXT NOT NULL,
    PRIMARY KEY (column_name, title_fold)
) STRICT;
