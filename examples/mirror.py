#!/usr/bin/env python3
"""Mirrors a feed with its whole history (RFC 5005) into one JSON file, and keeps it up to date.

    python3 examples/mirror.py https://news.example/lucheng/work-news/atom.xml mirror.json

The first run walks from the feed through every archive document. Later ones stop at the first
document that they know to be complete. Of each entry the newest version is kept; entries that the
feed of revisions, where there is one beside the feed, says to be deleted (RFC 6721) are marked.
Nothing but Python's standard library is needed.
"""
import json
import os
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from urllib.parse import urljoin

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def read(url):
    """The root element of an Atom document."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        root = ElementTree.fromstring(answer.read())
    if root.tag != ATOM + "feed":
        raise ValueError(f"{url} is no Atom feed: name one that ends with atom.xml")
    return root


def previous(feed, url):
    """The archive document before this one, if there is one."""
    for link in feed.findall(ATOM + "link"):
        if link.get("rel") == "prev-archive":
            return urljoin(url, link.get("href"))
    return None


def entries(feed):
    """Each entry of a document as what a mirror needs of it."""
    for entry in feed.findall(ATOM + "entry"):
        text = lambda name: entry.findtext(ATOM + name)
        pages = [link for link in entry.findall(ATOM + "link") if link.get("rel") == "alternate"]
        yield text("id"), {
            "updated": text("updated"),
            "published": text("published"),
            "title": text("title"),
            "url": pages[0].get("href") if pages else None,
            "summary": text("summary"),
            "content": text("content"),
        }


def walk(url, complete):
    """The feed, then its archive documents from the newest on, up to one that is known."""
    seen = set()
    while url and url not in complete and url not in seen:
        seen.add(url)
        feed = read(url)
        yield url, feed
        url = previous(feed, url)


def is_newer(version, known):
    """Whether a version that was published later replaces one that is known."""
    moment = lambda version: datetime.fromisoformat(version["updated"])
    return known is None or moment(version) >= moment(known)


def mark_deleted(feed_url, mirror, live):
    """Marks what the feed of revisions says to be gone, and unmarks what is there again."""
    try:
        revisions = read(urljoin(feed_url, "revisions.atom"))
    except urllib.error.HTTPError:
        return
    for gone in revisions.findall(DELETED):
        if gone.get("ref") in mirror["entries"]:
            mirror["entries"][gone.get("ref")]["deleted"] = gone.get("when")
    for entry in live & mirror["entries"].keys():
        mirror["entries"][entry].pop("deleted", None)


def main(feed_url, file):
    mirror = {"complete": [], "entries": {}}
    if os.path.exists(file):
        with open(file, encoding="utf-8") as stream:
            mirror = json.load(stream)
    documents = list(walk(feed_url, set(mirror["complete"])))
    first = documents[0][1] if documents else None
    if first is not None and previous(first, feed_url) is None and len(list(entries(first))) >= 50:
        raise ValueError(f"{feed_url} names no earlier documents: name the feed of one column, "
                         "PORTAL/COLUMN/atom.xml; feeds of portals and searches have no history")
    # Oldest first, so that of two versions with the same date the one published later stays.
    for _, feed in reversed(documents):
        for entry, version in entries(feed):
            known = mirror["entries"].get(entry)
            if is_newer(version, known):
                mirror["entries"][entry] = version
    mark_deleted(feed_url, mirror, {entry for entry, _ in entries(documents[0][1])})
    # The feed and the newest archive document go on changing; those before them do not.
    mirror["complete"] += [url for url, _ in documents[2:]]
    with open(file + ".part", "w", encoding="utf-8") as stream:
        json.dump(mirror, stream, ensure_ascii=False, indent=1)
    os.replace(file + ".part", file)
    print(f"{len(documents)} documents read, {len(mirror['entries'])} entries")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, ElementTree.ParseError) as error:
        sys.exit(f"{sys.argv[1]}: {error}; the mirror is as it was")
