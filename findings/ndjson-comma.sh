#!/usr/bin/env bash
# ndjson 0.3.1 (PyPI), `loads` and `load`; for comparison `ndjson.reader`, jsonlines 4.0.0 and
# httpx 0.28.1 (PyPI).
#
# Expected: a string comes back as it was written, or there is an error. RFC 8259, 7: U+2028, U+2029
#   and U+0085 may stand in a string unescaped. NDJSON 1.0, 3.1: LF alone ends a line.
# Seen: each of these characters comes back as a comma, without an error. `loads` splits the text
#   with Python's `splitlines`, and joins the pieces with commas to one JSON array. A string that
#   was split in the middle becomes whole again, with a comma in it. `ndjson.reader` and jsonlines
#   give the string as it was. httpx's `iter_lines` gives two lines, which a JSON parser refuses.
# Why it matters: U+2028 comes from office programs into the editors of portals. A mirror that reads
#   its data with `ndjson.load` gets official texts with commas that no authority wrote. The number
#   of records is right, so nothing shows the fault but a hash.
source "$(dirname "$0")/lib.sh"
python_packages ndjson==0.3.1 jsonlines==4.0.0 httpx==0.28.1

seen=$(python <<'END'
import io
import json
import httpx
import jsonlines
import ndjson

for name, mark in (("U+2028", "\u2028"), ("U+2029", "\u2029"), ("U+0085", "\x85")):
    text = json.dumps({"id": 1, "text": "第一条" + mark + "第二条"}, ensure_ascii=False) + "\n"
    for reader, rows in (("ndjson.loads", ndjson.loads(text)),
                         ("ndjson.load", ndjson.load(io.StringIO(text))),
                         ("ndjson.reader", list(ndjson.reader(io.StringIO(text)))),
                         ("jsonlines", list(jsonlines.Reader(io.StringIO(text))))):
        print(name, reader, len(rows), rows[0]["text"].replace(mark, "<" + name + ">"))
    print(name, "httpx", len(list(httpx.Response(200, text=text).iter_lines())), "lines")
END
)

compare "$seen" <<'END'
U+2028 ndjson.loads 1 第一条,第二条
U+2028 ndjson.load 1 第一条,第二条
U+2028 ndjson.reader 1 第一条<U+2028>第二条
U+2028 jsonlines 1 第一条<U+2028>第二条
U+2028 httpx 2 lines
U+2029 ndjson.loads 1 第一条,第二条
U+2029 ndjson.load 1 第一条,第二条
U+2029 ndjson.reader 1 第一条<U+2029>第二条
U+2029 jsonlines 1 第一条<U+2029>第二条
U+2029 httpx 2 lines
U+0085 ndjson.loads 1 第一条,第二条
U+0085 ndjson.load 1 第一条,第二条
U+0085 ndjson.reader 1 第一条<U+0085>第二条
U+0085 jsonlines 1 第一条<U+0085>第二条
U+0085 httpx 2 lines
END
