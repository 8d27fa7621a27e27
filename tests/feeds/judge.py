"""Reads feeds as feedparser does, and their HTML as strictly as the feed validator does."""
import re
import sys

import feedparser
import html5lib

RELATIVE = re.compile(r"<(?:a\s+href|img\s+[^>]*src)=\"(?!\w+:)", re.IGNORECASE)

feedparser.SANITIZE_HTML = 0
feedparser.RESOLVE_RELATIVE_URIS = 0
for path in sys.argv[1:]:
    # As a server sends it whose header names no charset.
    as_atom = {"Content-Type": "application/atom+xml"}
    if feedparser.parse(path, response_headers=as_atom).encoding != "utf-8":
        print(path, "is not UTF-8 to feedparser")
    read = feedparser.parse(path)
    if read.bozo:
        print(path, "bozo:", read.bozo_exception)
    if not read.entries and "revisions" not in path:
        print(path, "has no entries")
    for entry in read.entries:
        if not entry.get("title") or not entry.get("id") or not entry.get("link"):
            print(path, "no title, id or link:", entry.get("id"))
        names = [author.get("name") for author in entry.get("authors", [])]
        if len(names) > len(set(names)):
            print(path, entry.id, "authors twice:", names)
        html = [content.value for content in entry.get("content", [])]
        if path.endswith("rss.xml"):
            html.append(entry.get("summary", ""))
        for text in html:
            if RELATIVE.search(text):
                print(path, entry.id, "relative:", text)
            try:
                html5lib.HTMLParser(strict=True).parseFragment(text)
            except html5lib.html5parser.ParseError as error:
                print(path, entry.id, "HTML:", error, text[:400])
