#!/usr/bin/env python3
"""Makes a large store of a small one, to measure what depends on the size of a store.

    benches/store.py FOLDER ARTICLES [COLUMNS]

FOLDER is an operator's folder in which `dibao run` has collected some articles of one column.
Their rows are copied until there are ARTICLES: articles, pages, changes, publications and items,
each with another id, number and address, as if they had been collected later. Their days are
spread over twenty years. With COLUMNS, the copies are dealt out to so many columns of as many
portals, which get a feed file each. Nothing is due to be rechecked, and nothing is in the index of
words: `dibao serve` puts it there. No program may have the store open. Publish the folder
afterwards: nothing of the copies is published yet.
"""
import json
import pathlib
import sqlite3
import sys
import uuid


# The copies are of so many years, the same number in each month.
YEARS = 20


def main():
    folder, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    columns = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    db = sqlite3.connect(folder / "data/dibao.sqlite")
    db.execute("PRAGMA synchronous = OFF")
    first = db.execute("SELECT column_name FROM publications LIMIT 1").fetchone()[0]
    originals = db.execute(
        "SELECT a.id, a.portal, a.primary_url, a.adopted_sha256, a.article, a.text_id"
        " FROM articles a"
        " WHERE a.article IS NOT NULL AND a.withdrawn_ms IS NULL ORDER BY a.added_seq"
    ).fetchall()
    names = [first] + [f"p{at:05}/news" for at in range(1, columns)]
    for name in names[1:]:
        write_feed(folder, first, name)
    number = dict(db.execute("SELECT column_name, MAX(number) FROM publications GROUP BY 1"))
    seq, at_ms = db.execute("SELECT seq, at_ms FROM changes ORDER BY seq DESC LIMIT 1").fetchone()
    have = db.execute("SELECT COUNT(*) FROM articles").fetchone()[0]
    for copy in range(have, wanted):
        original, name = originals[copy % len(originals)], names[copy % columns]
        seq, at_ms = seq + 1, at_ms + 1
        number[name] = number.get(name, 0) + 1
        add(db, original, name, copy, seq, at_ms, number[name])
    db.commit()
    db.close()


def add(db, original, name, copy, seq, at_ms, number):
    old, portal, url, sha256, text, its_text = original
    new = str(uuid.uuid5(uuid.UUID(old), str(copy)))
    if not name.startswith(f"{portal}/"):
        portal = name.split("/")[0]
    address = lambda url: f"{url}{'&' if '?' in url else '?'}copy={copy}"
    article = json.loads(text)
    article |= {"id": new, "portal": portal, "columns": [name], "url": address(article["url"])}
    article |= {"index_number": None, "aliases": [], "title": f"{article['title']} {copy}"}
    year, month = divmod(12 * 2005 + copy % (12 * YEARS), 12)
    article |= {"published_on": f"{year}-{month + 1:02}-{1 + copy % 28:02}", "published_at": None}
    month = (article["published_on"] or article["first_seen_at"])[:7]
    text = json.dumps(article, ensure_ascii=False, separators=(",", ":"))
    # Each has a text of its own, as those of a real portal.
    its_text = db.execute(
        "INSERT INTO texts (sha256, body, sum)"
        " SELECT randomblob(32), body, sum FROM texts WHERE id = ?",
        (its_text,),
    ).lastrowid
    db.execute(
        "INSERT INTO articles (id, portal, primary_url, adopted_sha256, added_seq, updated_ms,"
        " month, article, text_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (new, portal, address(url), sha256, seq, at_ms, month, text, its_text),
    )
    page = db.execute(
        "SELECT title_fold, day, content, content_sha256, first_seen_ms, answered_ms, looked_ms"
        " FROM pages WHERE article_id = ? LIMIT 1",
        (old,),
    ).fetchone()
    db.execute(
        "INSERT INTO pages (portal, canonical_url, url, article_id, title_fold, day, content,"
        " content_sha256, first_seen_ms, answered_ms, looked_ms, text_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (portal, address(url), article["url"], new, f"{page[0]}{copy}", *page[1:], its_text),
    )
    db.execute(
        "INSERT INTO changes (seq, kind, at_ms, article_id, article, text_id)"
        " VALUES (?, 'added', ?, ?, ?, ?)",
        (seq, at_ms, new, text, its_text),
    )
    db.execute(
        "INSERT INTO publications (column_name, number, article_id, seq) VALUES (?, ?, ?, ?)",
        (name, number, new, seq),
    )
    db.execute(
        "INSERT INTO column_articles (column_name, article_id, seq, backfill, is_withdrawn,"
        " added_seq, month, day) VALUES (?, ?, ?, 0, 0, ?, ?, ?)",
        (name, new, seq, seq, month, article["published_on"]),
    )
    db.execute(
        "INSERT INTO items (column_name, canonical_url, portal, url, title, walk, position,"
        " walk_complete, done) VALUES (?, ?, ?, ?, ?, 1, ?, 1, 1)",
        (name, address(url), portal, article["url"], article["title"], copy),
    )


def write_feed(folder, first, name):
    feed = (folder / f"feeds/{first}.toml").read_text()
    path = folder / f"feeds/{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(feed)


if __name__ == "__main__":
    main()
