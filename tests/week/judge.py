"""What must hold at the end of the week, seen from outside: public/, the API's answers, the store, the archive.

Owns the invariants of ARCHITECTURE.md that can be seen so, each by its number there. Never asks how they come
about.
"""
import gzip
import hashlib
import json
import pathlib
import sqlite3
from collections import Counter, defaultdict
from datetime import datetime


class Judge:
    def __init__(self, week):
        self.week, self.wrong = week, []
        self.public = week.folder / "public"
        self.articles = self.lines("export")
        self.changes = self.lines("export", "--changes")
        self.items = {}
        for portal in week.portals.portals.values():
            for item in portal.all_items():
                self.items[(portal.name, item.title)] = item

    def lines(self, *command):
        code, said, err = self.week.run(*command)
        if code != 0:
            self.wrong.append(f"dibao {' '.join(command)} ended with {code}: {err[-300:]}")
        return [json.loads(line) for line in said.splitlines()]

    def holds(self, number, what, is_so, detail=""):
        if not is_so:
            self.wrong.append(f"{number}. {what} {detail}".rstrip())

    def item(self, article):
        return self.items.get((article["portal"], article["title"]))

    def ids(self):
        """1, 2, 5: one id an article for ever, each article once, none missing."""
        ids = defaultdict(set)
        for change in self.changes:
            article = change["article"]
            if item := self.item(article):
                ids[item].add(article["id"])
        twice = [item.title for item, known in ids.items() if len(known) > 1]
        self.holds(1, "an article had two ids:", not twice, twice[:3])
        removed = self.week.removed and self.week.removed[1]
        present = Counter(self.item(article) for article in self.articles if not is_removed(article))
        foreign = [it["title"] for it in self.articles if not is_removed(it) and not self.item(it)]
        self.holds(4, "what no portal has shown is an article:", not foreign, foreign[:3])
        doubled = [item.title for item, count in present.items() if item and count > 1]
        self.holds(2, "an article is there twice:", not doubled, doubled[:3])
        missing = [
            item.title
            for portal in self.week.portals.portals.values()
            for item in portal.items
            if item not in present and item is not removed and not item.is_gone
        ]
        self.holds(5, f"{len(missing)} listed articles are missing:", not missing, missing[:5])

    def texts(self):
        """4: a fetch that failed changed nothing; a text is one that the portal had, whole."""
        for change in self.changes:
            article, kind = change["article"], change["kind"]
            item = self.item(article)
            if is_removed(article) or item is None:
                continue
            text = "".join((article["body_text"] or "").split())
            had = ["".join("".join(lines).split()) for lines in item.texts]
            self.holds(4, f"change {change['seq']} has a text that the portal never had:", text in had, item.title)
            if kind == "revised":
                self.holds(4, f"change {change['seq']} revises what was not edited:", len(had) > 1, item.title)
            if kind == "withdrawn":
                self.holds(4, f"change {change['seq']} withdraws what is there:", item.is_gone, item.title)

    def account(self):
        """3, 14: the changes have no gaps, in every account of them; times are Beijing time and rise."""
        seqs = [change["seq"] for change in self.changes]
        self.holds(3, "the changes have gaps", seqs == list(range(1, len(seqs) + 1)))
        published = []
        for document in sorted((self.public / "changes").glob("*.ndjson")):
            published += [json.loads(line) for line in document.read_text().splitlines()]
        self.holds(3, "the published changes are others than the store's", published == self.changes)
        at = [change["at"] for change in self.changes]
        self.holds(14, "a time is not Beijing time", all(time.endswith("+08:00") for time in at))
        self.holds(3, "a change is earlier than the one before", at == sorted(set(at)))
        last = {change["article"]["id"]: change["article"] for change in self.changes}
        now = {article["id"]: article for article in self.articles}
        self.holds(3, "an article is not what its last change says", last == now)

    def receivers(self):
        """The mirror has what the store has, and the webhook was told of every change."""
        copy = sqlite3.connect(self.week.folder / "mirror.sqlite")
        mirrored = {row[0]: json.loads(row[1]) for row in copy.execute("SELECT id, article FROM articles")}
        self.holds(3, "the mirror differs from the store", mirrored == {it["id"]: it for it in self.articles})
        told = {seq(json.loads(body)) for body in self.week.portals.received.values()}
        missing = {change["seq"] for change in self.changes} - told
        self.holds(3, f"the webhook was not told of {len(missing)} changes:", not missing, sorted(missing)[:5])

    def files(self):
        """6, 7: every file is whole, and rendering everything gives the same bytes."""
        before = tree(self.public)
        for manifest in [self.public / "manifest.json", *self.public.glob("*/manifest.json")]:
            for entry in json.loads(manifest.read_text())["files"]:
                content = before.get(entry["path"])
                is_whole = content is not None and hashlib.sha256(content).hexdigest() == entry["sha256"]
                self.holds(7, "a file is not as its manifest says:", is_whole, entry["path"])
        for path, content in before.items():
            if path.endswith(".gz") and path[:-3] in before:
                self.holds(7, "a compressed copy is another one:", gzip.decompress(content) == before[path[:-3]], path)
        left = [path for path in before if ".tmp" in path]
        self.holds(7, "temporary files are left:", not left, left[:3])
        code, said, err = self.week.run("publish", "--all")
        self.holds(6, f"publishing ended with {code}:", code == 0, err[-300:])
        after = tree(self.public)
        differing = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        self.holds(6, f"{len(differing)} files differ when everything is rendered:", not differing, differing[:5])

    def data(self):
        """9, 11: nothing is damaged, and the archive gives every article again."""
        code, said, err = self.week.run("verify", "--all")
        self.holds(9, f"verify --all ended with {code}:", code == 0, said[-300:] + err[-300:])
        code, said, err = self.week.run("reextract", "--dry-run")
        self.holds(11, f"reading the archive anew ended with {code}:", code == 0, said[-300:] + err[-300:])
        self.holds(11, "reading the archive anew would change articles:", " 0 read otherwise" in said, said[-300:])
        code, said, err = self.week.run("backup", str(self.week.folder / "week.backup"))
        self.holds(9, f"the backup ended with {code}:", code == 0, err[-300:])

    def manners(self):
        """8, 10, 12: no panic, a slow reader was sent away, one request at a time to a host."""
        log = (self.week.folder / "log").read_text(errors="replace")
        self.holds(8, "the log has a panic:", "panicked" not in log, log[log.find("panicked") :][:300])
        self.holds(10, "a reader that never ends its request still has its connection", self.week.slow_ended)
        most = self.week.portals.most_at_once
        self.holds(12, f"a host was asked {most} times at once", most <= 1)
        late = self.week.late
        self.holds("hours", f"in {len(late)} hours a column had no run:", len(late) <= 2 + self.week.hours // 10, late[:3])

    def removal(self):
        """13: nothing of the removed article is left anywhere."""
        if not self.week.removed:
            return self.holds(13, "no article was removed", False)
        id, item = self.week.removed
        kept = [article for article in self.articles if article["id"] == id]
        self.holds(13, "the removed article is no tombstone", len(kept) == 1 and is_removed(kept[0]))
        again = [article for article in self.articles if article["title"] == item.title]
        self.holds(13, "the removed article came back", not again)
        mark = item.texts[0][0][-20:].encode()
        places = {f"public/{path}": content for path, content in tree(self.public).items()}
        places |= {f"data/{path}": content for path, content in tree(self.week.folder / "data").items()}
        for path, content in places.items():
            if path.endswith(".gz"):
                content = gzip.decompress(content)
            self.holds(13, "the removed text is still there:", mark not in content, path)

    def flood(self):
        """A flood stayed within its limit, and was told when it reached that."""
        for portal in self.week.portals.portals.values():
            if not portal.floods:
                continue
            days = Counter()
            for change in self.changes:
                if change["kind"] == "added" and change["article"]["portal"] == portal.name:
                    day = datetime.fromisoformat(change["at"]).date()
                    days[day] += 1
            self.holds("flood", "more came in a day than its limit:", max(days.values()) <= 60 + 15, dict(days))
            database = sqlite3.connect(self.week.folder / "data/dibao.sqlite")
            told = database.execute("SELECT COUNT(*) FROM incidents WHERE reason = 'flood'").fetchone()[0]
            # It may be open, over, and open again the next day.
            self.holds("flood", f"it was told {told} times", told <= 3 and (told > 0 or max(days.values()) < 60))


def is_removed(article):
    return article["title"] == "（已移除）"


def seq(message):
    """The number of the change in a message of a webhook."""
    return message["seq"] if "seq" in message else message["data"]["seq"]


def tree(folder):
    folder = pathlib.Path(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def size(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


def judge(week):
    """What does not hold, in words; says what the week took."""
    one = Judge(week)
    for check in (one.ids, one.texts, one.account, one.receivers, one.flood, one.manners, one.files, one.removal, one.data):
        check()
    kinds = Counter(change["kind"] for change in one.changes)
    megabytes = lambda bytes: f"{bytes / 1e6:.1f} MB"
    samples = week.samples
    print(f"took {week.seconds / 60:.0f} minutes, {week.portals.requests} requests, {week.restarts} restarts,"
          f" {week.kills} kills, {week.mirrored} polls of the mirror,"
          f" {week.portals.refused} messages refused, {len(week.portals.received)} taken")
    print(f"articles {len(one.articles)}, changes {len(one.changes)}: {dict(sorted(kinds.items()))}")
    print(f"memory {max(it[1] for it in samples) // 1024} MB at most, {samples[-1][0] // 1024} MB at the end;"
          f" descriptors {max(it[2] for it in samples)} at most, {samples[-1][2]} at the end")
    data = week.folder / "data"
    print(f"disk: store {megabytes((data / 'dibao.sqlite').stat().st_size)}, archive {megabytes(size(data / 'warc'))},"
          f" public {megabytes(size(week.folder / 'public'))}; late hours {len(week.late)}")
    return one.wrong
