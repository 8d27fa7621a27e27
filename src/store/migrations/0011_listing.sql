-- What pages of articles are cut by.
CREATE INDEX articles_by_addition ON articles (added_seq);
CREATE INDEX articles_by_number ON articles (index_number);
