#!/usr/bin/env bash
# feedparser 6.0.14 (PyPI) and Atom tombstones (RFC 6721).
#
# Expected: an <at:deleted-entry> says nothing about the feed. RFC 6721, 3: it may hold links and
#   the source of the deleted entry. RFC 4287, 6.3: a processor that does not know a foreign element
#   must not change its behaviour because the element is there.
# Seen: feedparser does not report the deletion, but it reads what stands inside. The tombstone's
#   <link rel="alternate"> becomes `feed.link`, in place of the feed's own. Its <source> becomes
#   `feed.source`. The place of the tombstone in the feed makes no difference. With a comment alone
#   in the tombstone the feed is read well.
# Why it matters: a tombstone tells that an authority withdrew a notice, and its link can lead to
#   the decision. A reader that uses feedparser then shows this page as the home page of the portal.
source "$(dirname "$0")/lib.sh"
python_packages feedparser==6.0.14

seen=$(python <<'END'
import feedparser

FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
<id>urn:uuid:0c3a1c2e-0a63-4d1b-8a3f-5b7f4d9c1a01</id><title>某县人民政府 · 通知公告</title>
<link rel="alternate" href="http://www.example.com/tzgg/"/>
<updated>2026-01-06T09:00:00+08:00</updated><author><name>某县人民政府</name></author>
%s<entry><id>urn:uuid:0c3a1c2e-0a63-4d1b-8a3f-5b7f4d9c1a02</id><title>关于恢复供水的公告</title>
<link rel="alternate" href="http://www.example.com/tzgg/b.html"/>
<updated>2026-01-06T09:00:00+08:00</updated><summary>恢复供水</summary></entry>%s</feed>"""
TOMBSTONE = """<at:deleted-entry ref="urn:uuid:0c3a1c2e-0a63-4d1b-8a3f-5b7f4d9c1a03"
 when="2026-01-06T08:00:00+08:00"><at:comment>已撤回</at:comment>%s</at:deleted-entry>"""
LINK = '<link rel="alternate" href="http://www.example.com/tzgg/withdrawn.html"/>'
SOURCE = """<source><id>urn:uuid:0c3a1c2e-0a63-4d1b-8a3f-5b7f4d9c1a04</id><title>某县水务局</title>
<updated>2020-01-01T00:00:00+08:00</updated></source>"""

cases = (("none", ("", "")), ("comment only", (TOMBSTONE % "", "")),
         ("link", (TOMBSTONE % LINK, "")), ("link, behind", ("", TOMBSTONE % LINK)),
         ("source", (TOMBSTONE % SOURCE, "")))
for name, places in cases:
    found = feedparser.parse((FEED % places).encode())
    print(name, "|", found.feed.link, "|", found.feed.get("source", {}).get("title"), "|",
          len(found.entries), found.bozo)
END
)

compare "$seen" <<'END'
none | http://www.example.com/tzgg/ | None | 1 False
comment only | http://www.example.com/tzgg/ | None | 1 False
link | http://www.example.com/tzgg/withdrawn.html | None | 1 False
link, behind | http://www.example.com/tzgg/withdrawn.html | None | 1 False
source | http://www.example.com/tzgg/ | 某县水务局 | 1 False
END
