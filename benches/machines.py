#!/usr/bin/env python3
"""Workers that share a store in PostgreSQL: one, two and four of them, and one process with SQLite.

    benches/machines.py DIBAO

DIBAO is the program, with the feature `many-machines`. PostgreSQL is started for it, with its files
on the disk and with `fsync`. The portals are hosts of one server on loopback, with a column each.

First, each answer takes 200 ms, and a worker asks two hosts at once, so that waiting binds: how long
until all articles are stored, and the CPU time an article, until all is published. The first quarter
of the articles, in which processes start, does not count for the CPU time. Then nothing waits:
`dibao run` with a store in PostgreSQL and in SQLite, in turns. At last, workers poll columns without
news, and PostgreSQL counts the statements (`pg_stat_statements`).
"""
import asyncio
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zlib

import measure
import poll
import portal

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOSTS = 48
ARTICLES = 20
DELAY = 0.2
ROUNDS = 3
# Deleted at the end: ext4 without a journal makes new files slowly for minutes after many were deleted.
LEFT = []
# The columns of each host that are polled, with so few articles that none counts as silent: a silent column
# is read whole at each poll.
POLLED = 4
POLLED_ARTICLES = 10


class Portals:
    """What the portals show, by host or all of them, and how often they were asked for a list."""

    pages = {}
    pages_of = {}
    delay = 0.0
    lists = 0


async def answer(reader, writer):
    """One answer a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    path = head.split(" ", 2)[1].split("?")[0]
    await asyncio.sleep(Portals.delay)
    host = head.lower().partition("\r\nhost: ")[2].partition(".")[0]
    body = Portals.pages_of.get(host, Portals.pages).get(path.rsplit("/", 1)[-1] or "index.html")
    status, tag = ("200 OK", f'"{zlib.crc32(body)}"') if body else ("404 Not Found", None)
    if body and f"if-none-match: {tag}" in head.lower():
        status, body = "304 Not Modified", None
    if "index" in path or path.endswith("/"):
        Portals.lists += 1
    fields = [f"HTTP/1.1 {status}", "Connection: close", "Content-Type: text/html; charset=utf-8"]
    if tag:
        fields.append(f"ETag: {tag}")
    if status[:3] != "304":
        fields.append(f"Content-Length: {len(body or b'')}")
    writer.write("\r\n".join(fields).encode() + b"\r\n\r\n" + (body or b""))
    try:
        await writer.drain()
    except ConnectionError:
        pass
    writer.close()


def show(articles):
    """Lets every portal show so many articles."""
    with tempfile.TemporaryDirectory() as pages:
        portal.make(pages, articles)
        Portals.pages = {page.name: page.read_bytes() for page in pathlib.Path(pages).iterdir()}


def start():
    """The server of all portals."""
    return asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)


class Server:
    """A database of its own on the server, and what the server's processes cost."""

    number = 0

    def __init__(self):
        Server.number += 1
        self.name = f"bench_{Server.number}"
        address = urllib.parse.urlsplit(os.environ["DIBAO_TEST_POSTGRES"])
        command = ["psql", "-qAtX", address._replace(path="/postgres").geturl()]
        subprocess.run([*command, "-c", f"CREATE DATABASE {self.name}"], check=True)
        self.url = address._replace(path=f"/{self.name}").geturl()
        self.psql = subprocess.Popen(
            ["psql", "-qAtX", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, query):
        """The first value of an answer."""
        self.psql.stdin.write(f"{query};\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().strip()

    def close(self):
        """Ends the connection."""
        self.psql.stdin.close()
        self.psql.wait()

    @staticmethod
    def cpu():
        """CPU seconds of the server: its processes, and those that ended."""
        folder = pathlib.Path(os.environ["DIBAO_TEST_POSTGRES_FOLDER"])
        first = int((folder / "data/postmaster.pid").read_text().split()[0])
        ticks = 0
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                stat = (process / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(process.name) == first:
                ticks += sum(map(int, stat[11:15]))
            elif int(stat[1]) == first:
                ticks += sum(map(int, stat[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


def prepared(columns, service="", cron="0 4 1 1 *"):
    """A new folder with the configuration: one host for each of `(portal, column)`."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dibao-machines-"))
    LEFT.append(folder)
    feeds = {
        f"p{host:03}/c{column}": (
            f'url = "http://h{host:03}.example/c{column}/index.html"\n[list]\ninitial = 100\n[fetch]\ndelay = "0s"\n'
        )
        for host in range(HOSTS)
        for column in range(columns)
    }
    measure.write_folder(folder, feeds, service)
    (folder / "cron.toml").write_text(f'[[job]]\ncolumns = ["*/*"]\ncron = "{cron}"\n')
    return folder


def workers(dibao, to, count, server, folder):
    """Starts so many workers."""
    environment = os.environ | {"DIBAO_STORE": server.url, "DIBAO_BASE_URL": "http://news.example/"}
    logs = [(folder / f"log-{number}").open("w") for number in range(count)]
    return [
        subprocess.Popen([*dibao, "worker", *to], cwd=folder, env=environment, stderr=log) for log in logs
    ]


def stopped(processes):
    """Stops workers; their CPU seconds."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    cpu = 0
    for process in processes:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu += used.ru_utime + used.ru_stime
    return cpu


def has_tables(server):
    """Whether a worker has made the tables."""
    return server.ask("SELECT to_regclass('columns') IS NOT NULL") == "t"


def until(seconds, is_done, folder):
    """Waits until this is true. Returns the seconds that it took."""
    began = time.monotonic()
    while not is_done():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"not done after {seconds} s: {(folder / 'log-0').read_text()[-2000:]}")
        time.sleep(0.05)
    return time.monotonic() - began


STORED = "SELECT count(*) FROM articles WHERE added_seq IS NOT NULL"


def waiting(dibao, to, count):
    """Seconds until all articles are stored by so many workers; CPU milliseconds an article of dibao and
    of PostgreSQL, after the first quarter."""
    server, folder = Server(), prepared(1, "hosts_at_once = 2\n")
    Portals.delay = DELAY

    def stored():
        return int(server.ask(STORED))

    try:
        began = time.monotonic()
        processes = workers(dibao, to, count, server, folder)
        until(60, lambda: has_tables(server), folder)
        until(300, lambda: stored() >= HOSTS * ARTICLES / 4, folder)
        first, servers = stored(), server.cpu()
        own = measure.cpu_so_far(*(process.pid for process in processes))
        until(600, lambda: stored() == HOSTS * ARTICLES, folder)
        wall = time.monotonic() - began
        last = int(server.ask("SELECT max(seq) FROM changes"))
        until(300, lambda: published(folder) == last, folder)
        own = stopped(processes) - own
        time.sleep(0.5)  # The server's processes end with their connections.
        an_article = 1000 / (HOSTS * ARTICLES - first)
        return wall, own * an_article, (server.cpu() - servers) * an_article
    finally:
        server.close()


def published(folder):
    """The last change that is published; 0 before the first publication."""
    manifest = folder / "public/manifest.json"
    return json.loads(manifest.read_text())["seq"] if manifest.exists() else 0


def working(dibao, to, is_server):
    """Wall and CPU seconds of one process that collects all, without waiting."""
    folder = prepared(1)
    Portals.delay = 0
    server = Server() if is_server else None
    try:
        before = Server.cpu()
        store = {"DIBAO_STORE": server.url} if server else {}
        cost = measure.run([*dibao, "run", *to], folder, **store)
        time.sleep(0.5)
        return cost.wall, cost.cpu, Server.cpu() - before if server else 0.0
    finally:
        if server:
            server.close()


def polling(dibao, to, count):
    """Statements of a poll without news, by so many workers, and the CPU milliseconds of both sides."""
    server, folder = Server(), prepared(POLLED, cron="* * * * *")
    Portals.delay = 0
    try:
        server.ask("CREATE EXTENSION pg_stat_statements; SELECT 1")
        processes = workers(dibao, to, count, server, folder)
        until(60, lambda: has_tables(server), folder)
        whole = "SELECT count(*) FROM columns WHERE walks > 0 AND name NOT IN (SELECT column_name FROM items WHERE done = 0)"
        until(600, lambda: int(server.ask(whole)) == HOSTS * POLLED, folder)
        # The first poll after the articles looks at more than the list.
        for _ in range(2):
            asked = Portals.lists + HOSTS * POLLED
            until(150, lambda: Portals.lists >= asked, folder)
            time.sleep(5)
        server.ask("SELECT pg_stat_statements_reset() IS NULL")
        asked = Portals.lists + HOSTS * POLLED
        until(150, lambda: Portals.lists >= asked, folder)
        time.sleep(3)
        mine = "dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        own = "query NOT LIKE '%pg_stat_statements%'"
        calls = int(server.ask(f"SELECT sum(calls) FROM pg_stat_statements WHERE {mine} AND {own}"))
        stopped(processes)
        return calls / (HOSTS * POLLED)
    finally:
        server.close()


def with_postgres():
    """Begins anew with a server, unless there is one."""
    if "DIBAO_TEST_POSTGRES" not in os.environ:
        os.environ["DIBAO_POSTGRES_ON_DISK"] = "1"
        os.execv(ROOT / "tests/with-postgres", ["with-postgres", sys.executable, *sys.argv])


def main():
    with_postgres()
    dibao = [os.path.abspath(sys.argv[1])]
    show(ARTICLES)
    to = ["--connect-to", f"::127.0.0.1:{poll.serve(start)}"]
    articles = HOSTS * ARTICLES

    counts = (1, 2, 4)
    runs = measure.interleaved(ROUNDS, {count: lambda count=count: waiting(dibao, to, count) for count in counts})
    rows, walls, cpus = [], {}, {}
    for count, costs in runs.items():
        wall, own, servers = (measure.median(values) for values in zip(*costs))
        walls[count], cpus[count] = wall, own + servers
        rows.append([
            count, f"{wall:.1f} s", f"{walls[1] / wall:.2f}", f"{own:.1f} ms", f"{servers:.1f} ms",
            f"{cpus[count] / cpus[1]:.2f}",
        ])
    print(f"{articles} articles of {HOSTS} hosts, {DELAY * 1000:.0f} ms an answer; medians of {ROUNDS} rounds in turns")
    print(measure.table(
        ["workers", "until all is stored", "times as fast", "CPU an article, dibao", "PostgreSQL", "CPU, of one worker's"], rows
    ))
    for count, wanted in ((2, 1.8), (4, 3.5)):
        faster = walls[1] / walls[count]
        print(measure.target(f"{count} workers that wait for portals", f"{faster:.2f} x one", f"{wanted} x", faster >= wanted), end="")
        more = cpus[count] / cpus[1]
        print(measure.target(f"{count} workers: CPU an article", f"{more:.2f} x one", "1.2 x", more <= 1.2), end="")

    stores = {"PostgreSQL": True, "SQLite": False}
    runs = measure.interleaved(ROUNDS, {name: lambda at=at: working(dibao, to, at) for name, at in stores.items()})
    rates, rows = {}, []
    for name, costs in runs.items():
        wall, own, servers = (measure.median(values) for values in zip(*costs))
        rates[name] = articles / wall
        rows.append([name, f"{rates[name]:.0f}", f"{own * 1000 / articles:.1f} ms", f"{servers * 1000 / articles:.1f} ms"])
    print("nothing waits, one process")
    print(measure.table(["store", "articles a second", "CPU an article, dibao", "PostgreSQL"], rows))
    rate = rates["PostgreSQL"] / rates["SQLite"]
    print(measure.target("articles a second into PostgreSQL", f"{rate:.2f} x SQLite", "0.5 x", rate >= 0.5), end="")

    show(POLLED_ARTICLES)
    for count in (1, 4):
        calls = polling(dibao, to, count)
        print(f"{HOSTS * POLLED} columns of {HOSTS} hosts without news, {count} workers: {calls:.2f} statements a poll")
        print(measure.target(f"a poll without news, {count} workers", f"{calls:.1f} statements", "4", calls <= 4), end="")


if __name__ == "__main__":
    try:
        main()
    finally:
        for folder in LEFT:
            shutil.rmtree(folder)
