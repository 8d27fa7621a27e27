#!/usr/bin/env bash
# FastWARC 2.0.1 (PyPI), of the line that was rewritten in Rust; for comparison 0.16.0.
#
# Expected: `WarcRecord.http_charset` is None, or a name that Python's codecs know. The
#   documentation of both versions guarantees a valid encoding name of Python.
# Seen: 2.0.1 gives the value of the header, in lower case and unchecked. GB_2312-80 and x-gbk, both
#   labels of GBK in the Encoding Standard (4.2), come back as they are, and `bytes.decode` raises
#   LookupError. 0.16.0 gave None for both. In turn, 2.0.1 finds `Charset=`, and 0.16.0 did not.
#   Both keep the quotation marks of a quoted value (RFC 9110, 5.6.6: they are not part of it).
# Why it matters: such names come from old servers in China, and browsers know them. A program with
#   `content.decode(record.http_charset or "gb18030")` read these archives with 0.16.0. With 2.0.1
#   it stops at the first of these pages.
source "$(dirname "$0")/lib.sh"

cat > "$work/program.py" <<'END'
import codecs
import io
from fastwarc.warc import ArchiveIterator

def record(content_type):
    http = b"HTTP/1.1 200 OK\r\nContent-Type: " + content_type + b"\r\n\r\n" + "停水".encode("gbk")
    head = (b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-01-05T01:30:00Z\r\n"
            b"WARC-Record-ID: <urn:uuid:7d1f3d0a-0b6c-4b8e-9a55-3c1c6f0d2e11>\r\n"
            b"WARC-Target-URI: http://www.example.com/a.html\r\n"
            b"Content-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n\r\n")
    return head % len(http) + http + b"\r\n\r\n"

def known(name):
    try:
        return name and codecs.lookup(name).name
    except LookupError:
        return "LookupError"

for value in (b"charset=gb2312", b'charset="gb2312"', b"charset=GB_2312-80", b"charset=x-gbk",
              b"Charset=gbk"):
    for found in ArchiveIterator(io.BytesIO(record(b"text/html; " + value))):
        print(value.decode(), "|", found.http_charset, "|", known(found.http_charset))
END

seen=
for version in 0.16.0 2.0.1; do
  python_packages "FastWARC==$version"
  seen+="$version"$'\n'$(python < "$work/program.py")$'\n'
done

compare "${seen%$'\n'}" <<'END'
0.16.0
charset=gb2312 | gb2312 | gb2312
charset="gb2312" | "gb2312" | gb2312
charset=GB_2312-80 | None | None
charset=x-gbk | None | None
Charset=gbk | None | None
2.0.1
charset=gb2312 | gb2312 | gb2312
charset="gb2312" | "gb2312" | gb2312
charset=GB_2312-80 | gb_2312-80 | LookupError
charset=x-gbk | x-gbk | LookupError
Charset=gbk | gbk | gbk
END
