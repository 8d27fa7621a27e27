#!/usr/bin/env bash
# rss-parser 3.13.0 and @extractus/feed-extractor 8.0.3 (npm), fastfeedparser 0.6.5 (PyPI); for
# comparison feedparser 6.0.14 (PyPI).
#
# Expected: the address of an entry is its <link href="…"/> without `rel`. RFC 4287, 4.2.7.2: a link
#   without `rel` must be read as rel="alternate". 4.1.2: the order of elements means nothing.
# Seen: three parsers look for the text rel="alternate". If there is none, they take the first link
#   of the entry, which can be an attachment or a page of another site. If the link without `rel`
#   comes first, they are right, so the fault shows only in entries with something before it.
# Why it matters: many notices have an attachment. Such an entry opens a .doc, or the site of
#   another authority, and not the notice. A reader that knows entries by their link takes two notices with the
#   same attachment for one.
source "$(dirname "$0")/lib.sh"
python_packages fastfeedparser==0.6.5 feedparser==6.0.14
node_packages rss-parser@3.13.0 @extractus/feed-extractor@8.0.3

feed() {
  printf '%s' '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:example:feed</id>' \
    '<title>某县人民政府</title><updated>2026-01-05T09:30:00+08:00</updated>' \
    '<author><name>某县人民政府</name></author><entry><id>urn:example:1</id>' \
    '<title>关于停水的通知</title>' "$1" '<updated>2026-01-05T09:30:00+08:00</updated>' \
    '<summary>停水</summary></entry></feed>'
}
page='<link href="http://www.example.com/a.html"/>'
file='<link rel="enclosure" type="application/msword" href="http://www.example.com/a.doc"/>'
other='<link rel="related" href="http://www.example.org/"/>'
feed "$page$file" > "$work/page-first.atom"
feed "$file$page" > "$work/file-first.atom"
feed "$other$page" > "$work/other-first.atom"

seen=$(python <<'END'
import fastfeedparser
import feedparser

for name in ("page-first", "file-first", "other-first"):
    content = open(name + ".atom", "rb").read()
    print(name, "fastfeedparser", fastfeedparser.parse(content).entries[0].link)
    print(name, "feedparser", feedparser.parse(content).entries[0].link)
END
node_program <<'END'
import fs from "node:fs";
import Parser from "rss-parser";
import { extractFromXml } from "@extractus/feed-extractor";
for (const name of ["page-first", "file-first", "other-first"]) {
  const xml = fs.readFileSync(name + ".atom", "utf8");
  console.log(name, "rss-parser", (await new Parser().parseString(xml)).items[0].link);
  console.log(name, "feed-extractor", extractFromXml(xml).entries[0].link);
}
END
)

compare "$seen" <<'END'
page-first fastfeedparser http://www.example.com/a.html
page-first feedparser http://www.example.com/a.html
file-first fastfeedparser http://www.example.com/a.doc
file-first feedparser http://www.example.com/a.html
other-first fastfeedparser http://www.example.org/
other-first feedparser http://www.example.com/a.html
page-first rss-parser http://www.example.com/a.html
page-first feed-extractor http://www.example.com/a.html
file-first rss-parser http://www.example.com/a.doc
file-first feed-extractor http://www.example.com/a.doc
other-first rss-parser http://www.example.org/
other-first feed-extractor http://www.example.org/
END
