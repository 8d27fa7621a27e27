#!/usr/bin/env python3
"""Keeps a whole copy of what a dibao has: every article, in one SQLite file.

    python3 examples/mirror_changes.py https://news.example/ mirror.sqlite
    python3 examples/mirror_changes.py https://news.example/ mirror.sqlite --follow
    python3 examples/mirror_changes.py https://cdn.example/ mirror.sqlite --static

The first run takes a snapshot (`/api/v1/export`) and the sequence number at which it stands, later
ones the changes after the last that they have (`/api/v1/changes`); with --follow it goes on until it
is stopped, and has each change within a second or so. With --static nothing but published files is
asked for, so any web server will do: `manifest.json` and `changes/*.ndjson`, from the first change
on, each held against its hash.

It may be killed at any time, and so may the server: a batch of changes and the number of its last
one are one transaction, and a change that is there already is never taken again. A gap, or a server
whose account of changes is another one, for it was restored from an older backup or begun anew, is
an error, and nothing is written. Nothing but Python's standard library is needed.
"""
import argparse
import hashlib
import json
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urljoin

TABLES = """
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
-- Each article as it is now; one that was withdrawn says when, one that was removed is empty.
CREATE TABLE IF NOT EXISTS articles (id TEXT PRIMARY KEY, article TEXT NOT NULL);
-- What was taken, one row a change: the number is the key, so none is taken twice.
CREATE TABLE IF NOT EXISTS changes (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL,
                                    at TEXT NOT NULL, id TEXT NOT NULL);
-- The last change, by which the server's account is known again.
CREATE TABLE IF NOT EXISTS last (mark TEXT NOT NULL);
"""
# Changes that are asked for at a time, and seconds to wait for the next.
LIMIT, WAIT = 500, 30
# A document of changes has this many.
DOCUMENT = 1000


class Broken(Exception):
    """What the server says does not fit what the mirror has: a person has to look."""


class Wrong(Exception):
    """No dibao answers at this address."""


class Later(Exception):
    """There is no whole answer now."""


def ask(base, path):
    """An answer, open to be read."""
    try:
        answer = urllib.request.urlopen(urljoin(base, path), timeout=WAIT + 30)
    except urllib.error.HTTPError as error:
        if error.code == 409:
            raise Broken(f"the server has fewer changes than the mirror: {detail(error)}") from error
        if 400 <= error.code < 500 and error.code != 429:
            raise Wrong(f"{urljoin(base, path)}: {error.code}: {detail(error)}") from error
        raise Later(f"{path}: {error.code}") from error
    if "html" in answer.headers.get("Content-Type", ""):
        answer.close()
        raise Wrong(f"{urljoin(base, path)}: a page for people, and no data")
    return answer


def detail(error):
    """Why a request was refused, in a line. What is no JSON comes from another server, or is a page."""
    try:
        return json.load(error)["detail"]
    except (ValueError, KeyError, TypeError):
        return "not found" if error.code == 404 else "refused"


def mark(change):
    """What tells a change from the one with the same number in another account."""
    return " ".join([str(change["seq"]), change["kind"], change["at"], change["article"]["id"]])


class Mirror:
    """The copy. Whatever is written is written whole, with how far it goes."""

    def __init__(self, file):
        self.db = sqlite3.connect(file, isolation_level=None, timeout=60)
        self.db.execute("PRAGMA journal_mode = WAL")
        # What is committed survives a power cut.
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(TABLES)

    def seq(self):
        """The number of the last change that it has; None before there is anything."""
        row = self.db.execute("SELECT value FROM state WHERE key = 'seq'").fetchone()
        return row[0] if row else None

    def know(self, change):
        """Sees that a change which it has last is the server's, too."""
        row = self.db.execute("SELECT mark FROM last").fetchone()
        if row and row[0] != mark(change):
            raise Broken(f"the server has {mark(change)} where the mirror has {row[0]}")

    def begin(self, seq, articles, count, last=None):
        """Takes a snapshot that stands at this number, whole or not at all; `last` is that change."""
        with self.transaction():
            for article in articles:
                self.put(article)
                count -= 1
            # Python takes an answer that was broken off at the end of a line for a whole one.
            if count:
                raise Later(f"{count} articles of the snapshot are missing")
            self.db.execute("INSERT INTO state VALUES ('snapshot', ?), ('seq', ?)", (seq, seq))
            if last:
                self.db.execute("INSERT INTO last VALUES (?)", (mark(last),))

    def take(self, changes):
        """Takes changes in order; those it has already are passed over. Says how many it took."""
        with self.transaction():
            have = taken = self.seq()
            for change in changes:
                if change["seq"] == have:
                    self.know(change)
                if change["seq"] <= taken:
                    continue
                if change["seq"] != taken + 1:
                    raise Broken(f"change {change['seq']} comes after {taken}: there is a gap")
                self.put(change["article"])
                self.db.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", (
                    change["seq"], change["kind"], change["at"], change["article"]["id"]))
                taken, last = change["seq"], mark(change)
            if taken > have:
                self.db.execute("UPDATE state SET value = ? WHERE key = 'seq'", (taken,))
                self.db.execute("DELETE FROM last")
                self.db.execute("INSERT INTO last VALUES (?)", (last,))
        return taken - have

    def put(self, article):
        self.db.execute("INSERT OR REPLACE INTO articles VALUES (?, ?)", (
            article["id"], json.dumps(article, ensure_ascii=False)))

    def transaction(self):
        self.db.execute("BEGIN IMMEDIATE")
        return self.db  # as a context it commits, or rolls back at an error


def change_of(base, seq):
    """One change, by its number."""
    with ask(base, f"api/v1/changes?after={seq - 1}&limit=1") as answer:
        return json.load(answer)["changes"][0]


def from_service(base, mirror, wait, is_new):
    """Takes what there is, by the API. Says how many changes that were. `is_new`: the server may be
    another one since it was asked last."""
    if mirror.seq() is None:
        with ask(base, "api/v1/export?format=ndjson") as answer:
            seq = int(answer.headers["Dibao-Seq"])
            count = int(answer.headers["Dibao-Articles"])
            last = change_of(base, seq) if seq else None
            mirror.begin(seq, (json.loads(line) for line in answer), count, last)
            print(f"snapshot at change {seq}", flush=True)
    after = mirror.seq()
    if is_new and after:
        with ask(base, f"api/v1/changes?after={after}&limit=1"):
            mirror.know(change_of(base, after))
    with ask(base, f"api/v1/changes?after={after}&limit={LIMIT}&wait={wait}") as answer:
        return mirror.take(json.load(answer)["changes"])


def from_files(base, mirror):
    """Takes what there is, by published files alone. Says how many changes that were."""
    if mirror.seq() is None:
        mirror.begin(0, [], 0)
    with ask(base, "manifest.json") as answer:
        manifest = json.load(answer)
    files = {file["path"]: file for file in manifest["files"]}
    taken = 0
    while mirror.seq() < manifest["seq"]:
        path = f"changes/{mirror.seq() // DOCUMENT + 1:06}.ndjson"
        with ask(base, path) as answer:
            # The last document grows: what the manifest tells of is its beginning.
            document = answer.read()[:files[path]["bytes"]]
        if hashlib.sha256(document).hexdigest() != files[path]["sha256"]:
            raise Later(f"{path} is of another publishing than the manifest")
        # Not by splitlines: texts may hold characters that it takes for ends of lines.
        lines = document.decode("utf-8").split("\n")[:-1]
        taken += mirror.take([json.loads(line) for line in lines])
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", help="where the site is: https://news.example/")
    parser.add_argument("file", help="the SQLite file of the copy")
    parser.add_argument("--follow", action="store_true", help="go on until stopped")
    parser.add_argument("--static", action="store_true", help="ask for published files alone")
    options = parser.parse_args()
    base = options.url.rstrip("/") + "/"
    mirror = Mirror(options.file)
    pause, is_new = 1, True
    while True:
        try:
            if options.static:
                taken = from_files(base, mirror)
            else:
                taken = from_service(base, mirror, WAIT if options.follow else 0, is_new)
            pause, is_new = 1, False
            if taken:
                print(f"{taken} changes, up to {mirror.seq()}", flush=True)
            elif not options.follow:
                print(f"{mirror.seq()} is the last change")
                return
            elif options.static:
                time.sleep(60)
        except (Later, OSError, HTTPException, ValueError) as error:
            # No answer, or half of one: nothing of it was written.
            if not options.follow:
                sys.exit(f"no whole answer, try again later: {error}")
            print(f"no whole answer, again in {pause} s: {error}", file=sys.stderr, flush=True)
            time.sleep(pause)
            pause, is_new = min(2 * pause, 60), True
        except Wrong as error:
            sys.exit(f"{error}; expected the address of a site that `dibao serve` serves, such as "
                     "https://news.example/; of a site of files alone, add --static")
        except Broken as error:
            sys.exit(f"stopped: {error}\nremedy: move {options.file} away, and begin anew")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
