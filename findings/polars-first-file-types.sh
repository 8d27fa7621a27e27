#!/usr/bin/env bash
# polars 2.1.0 (PyPI), `read_ndjson` and `scan_ndjson` of several files.
#
# Expected: with `infer_schema_length=None`, "the full data may be scanned" (documentation of both), so
#   the types fit the values of all files; or a value that does not fit is an error, as a text in a
#   column of nulls is.
# Seen: the types are those of the first file. Where its lists are empty, the lists of later files come
#   out as `[null]`. Members of an object that it does not have are left out. Neither is an error, and
#   the number of rows is right. Types that are named (`schema`) and files that are joined first give
#   everything.
# Why it matters: a publisher's months are files, and the first month of a column seldom has every
#   field. Who reads them all at once loses attachments and addresses of later months, without a word.
source "$(dirname "$0")/lib.sh"
python_packages polars==2.1.0

seen=$(python <<'END'
import json
import polars as pl

months = {"2025-09": {"id": 1, "aliases": [], "provenance": {"title": "label"}},
          "2025-10": {"id": 2, "aliases": ["http://a.gov.cn/2"],
                      "provenance": {"title": "label", "source": "meta"}}}
for month, article in months.items():
    with open(f"{month}.ndjson", "w") as file:
        file.write(json.dumps(article) + "\n")
files = [f"{month}.ndjson" for month in months]
types = {"id": pl.Int64, "aliases": pl.List(pl.String),
         "provenance": pl.Struct({"title": pl.String, "source": pl.String})}
joined = b"".join(open(file, "rb").read() for file in files)
for name, rows in (("read_ndjson", pl.read_ndjson(files, infer_schema_length=None)),
                   ("scan_ndjson", pl.scan_ndjson(files, infer_schema_length=None).collect()),
                   ("schema", pl.read_ndjson(files, schema=types)),
                   ("joined", pl.read_ndjson(joined, infer_schema_length=None))):
    row = rows.row(1, named=True)
    print(name, rows.height, row["aliases"], row["provenance"])
with open("2025-10.ndjson", "w") as file:
    file.write('{"id": 2, "aliases": [], "provenance": {"title": "label"}, "number": "7"}\n')
with open("2025-09.ndjson", "w") as file:
    file.write('{"id": 1, "aliases": [], "provenance": {"title": "label"}, "number": null}\n')
try:
    print(pl.read_ndjson(files, infer_schema_length=None))
except pl.exceptions.ComputeError as error:
    print("a text in a column of nulls:", error)
END
)

compare "$seen" <<'END'
read_ndjson 2 [None] {'title': 'label'}
scan_ndjson 2 [None] {'title': 'label'}
schema 2 ['http://a.gov.cn/2'] {'title': 'label', 'source': 'meta'}
joined 2 ['http://a.gov.cn/2'] {'title': 'label', 'source': 'meta'}
a text in a column of nulls: got non-null value for NULL-typed column: 7
END
