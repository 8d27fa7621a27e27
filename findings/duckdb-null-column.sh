#!/usr/bin/env bash
# duckdb 2.0.1 (PyPI), `read_json` of many files.
#
# Expected: a value that does not fit the type that was found in the sample is an error: `ignore_errors`
#   is false, and a text in a column of numbers is an error.
# Seen: a column that is null in the 32 files of the sample has the type "NULL", and a text in the 33rd
#   file comes out as NULL, without an error. With all files in the sample (`maximum_sample_files =
#   -1`), or with named types (`columns`), the text is there.
# Why it matters: 32 monthly files are less than three years. The number of a document (文号), or the time
#   at which an article was withdrawn, may stand in a later month for the first time; then all of them
#   are NULL, and a withdrawn article is counted as one that is public.
source "$(dirname "$0")/lib.sh"
python_packages duckdb==2.0.1

seen=$(python <<'END'
import json
import duckdb

for month in range(33):
    withdrawn = "2025-12-30T08:00:00+08:00" if month == 32 else None
    article = {"id": month, "withdrawn_at": withdrawn, "revision": 1}
    with open(f"{month:02}.ndjson", "w") as file:
        file.write(json.dumps(article) + "\n")
for name, more in (("as it is", ""), ("all files", ", maximum_sample_files = -1"),
                   ("named", ", columns = {id: 'bigint', withdrawn_at: 'timestamptz'}")):
    row = duckdb.sql(f"select count(*), count(withdrawn_at) from read_json('*.ndjson'{more})").fetchall()[0]
    kind = duckdb.sql(f"select typeof(withdrawn_at) from read_json('*.ndjson'{more}) limit 1").fetchall()[0]
    print(name, *row, *kind)
with open("32.ndjson", "w") as file:
    file.write('{"id": 32, "withdrawn_at": null, "revision": "first"}\n')
try:
    print(duckdb.sql("select sum(revision) from read_json('*.ndjson')").fetchall()[0])
except duckdb.Error as error:
    print("a text in a column of numbers:", type(error).__name__)
END
)

compare "$seen" <<'END'
as it is 33 0 "NULL"
all files 33 1 TIMESTAMP WITH TIME ZONE
named 33 1 TIMESTAMP WITH TIME ZONE
a text in a column of numbers: InvalidInputException
END
