#!/usr/bin/env python3
"""A cycle of many portals with twenty columns each, of which few have news and few fail.

    benches/country.py DIBAO PORTALS [DELAY]

DIBAO is the program. Each portal is a host of its own, behind one server on loopback. One column is
really collected; `poll.py` copies its rows for the others, and everything is published. Then one
column of a hundred shows a new article, one portal of a hundred fails (503, 404, an answer cut
short, a connection closed, a page of another kind, an answer after two seconds), and `dibao run`
asks them all, each host with the pause DELAY (else 100ms) between two requests. The server notes
whether a host is asked over two connections at once, or before its pause is over.
"""
import asyncio
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import measure
import poll

COLUMNS = 20
FAULTS = ("503", "404", "cut", "closed", "other", "slow")


class Country:
    """What the portals show, and what was asked."""

    has_news = False
    delay = 0.0
    open = collections.Counter()
    left = {}
    asked = collections.Counter()
    answers = collections.Counter()
    overlaps, early = [], []
    first = last = None


def portal_of(host):
    """The number of a portal by its host."""
    return int(host[1:6])


def fault_of(portal):
    """How this portal fails, if it does."""
    if not Country.has_news or portal % 100 != 37:
        return None
    return FAULTS[portal // 100 % len(FAULTS)]


def shows_news(portal, column):
    """Whether this column shows a new article."""
    return Country.has_news and (portal * COLUMNS + column) % 100 == 11 and not fault_of(portal)


async def answer(reader, writer):
    """One answer a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    path = head.split(" ", 2)[1]
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    fields = {name.lower(): value for name, value in fields.items()}
    host = fields["host"].split(":")[0]
    portal, now = portal_of(host), time.monotonic()
    Country.first = Country.first or now
    Country.asked[host] += 1
    Country.open[host] += 1
    if Country.open[host] > 1:
        Country.overlaps.append(host)
    # A timer may be a little early.
    if now - Country.left.get(host, 0) < Country.delay - 0.005:
        Country.early.append((host, path, now - Country.left[host]))
    try:
        await say(writer, portal, path, fields)
        await writer.drain()
    except ConnectionError:
        pass
    Country.left[host] = Country.last = time.monotonic()
    Country.open[host] -= 1
    writer.close()


async def say(writer, portal, path, fields):
    """Writes the answer of a portal."""
    fault = fault_of(portal)
    if path == "/robots.txt":
        return write(writer, "200 OK", b"User-agent: *\nDisallow: /admin/\n", kind="text/plain")
    if fault == "closed":
        Country.answers["closed"] += 1
        return None
    if fault in ("503", "404"):
        return write(writer, f"{fault} Not well", b"<html><body>404</body></html>")
    if fault == "slow":
        await asyncio.sleep(2)
    if path.endswith(".html"):
        return write(writer, "200 OK", poll.article(int(path.split("/")[-1].split(".")[0])), '"a"')
    column = int(path[2:4])
    tag = '"8"' if shows_news(portal, column) else '"7"'
    if fault == "other":
        return write(writer, "200 OK", poll.page("系统维护", "<p>系统维护中，请稍后访问。</p>"))
    if fields.get("if-none-match") == tag and fault != "cut":
        return write(writer, "304 Not Modified", None, tag)
    body = poll.listing(f"/c{column:02}/", poll.ITEMS + (tag == '"8"'))
    if fault == "cut":
        return write(writer, "200 OK", body, tag, length=len(body) + 500)
    return write(writer, "200 OK", body, tag)


def write(writer, status, body, tag=None, kind="text/html; charset=utf-8", length=None):
    """Writes one answer."""
    Country.answers[status[:3]] += 1
    fields = [f"HTTP/1.1 {status}", "Connection: close"]
    if tag:
        fields.append(f"ETag: {tag}")
    if body is not None:
        fields += [f"Content-Type: {kind}", f"Content-Length: {length or len(body)}"]
    writer.write("\r\n".join(fields).encode() + b"\r\n\r\n" + (body or b""))


def name(at):
    """The name and the address of a column by its number."""
    portal, column = divmod(at, COLUMNS)
    return f"p{portal:05}/c{column:02}", f"http://h{portal:05}.example/c{column:02}/"


def size_of(folder):
    """The bytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def start():
    """The server of all portals."""
    return asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)


def main():
    dibao, portals = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    delay = sys.argv[3] if len(sys.argv) > 3 else "100ms"
    measure.raise_open_files()
    columns = portals * COLUMNS
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dibao-country-"))
    command = [dibao, "--connect-to", f"::127.0.0.1:{poll.serve(start)}"]
    try:
        (folder / "cron.toml").write_text(poll.CRON)
        poll.write_feeds(folder, 1, name, delay)
        measure.run([*command, "run"], folder)
        poll.write_feeds(folder, columns, name, delay)
        poll.copy_rows(folder, columns, name)
        cost = measure.run([dibao, "publish"], folder)
        print(f"published {columns:,} columns: {cost.cpu:.0f} s CPU, {cost.wall:.0f} s")
        cycle(command, folder, columns, portals, delay)
    finally:
        shutil.rmtree(folder)


def cycle(command, folder, columns, portals, delay):
    """Measures one cycle."""
    Country.has_news = True
    Country.delay = float(delay.removesuffix("ms")) / 1000 if delay.endswith("ms") else float(delay[:-1])
    Country.first = None
    Country.asked.clear()
    Country.answers.clear()
    before = {part: size_of(folder / part) for part in ("data", "public")}
    begun = time.monotonic()
    process = subprocess.Popen([*command, "run"], cwd=folder, stdout=open(folder / "out", "w"))
    _, status, used = os.wait4(process.pid, 0)
    wall, cpu = time.monotonic() - begun, used.ru_utime + used.ru_stime
    news = sum(
        shows_news(portal, column) for portal in range(portals) for column in range(COLUMNS)
    )
    new = sum(
        int(line.split(" new")[0].split()[-1])
        for line in (folder / "out").read_text().splitlines()
        if " new," in line
    )
    requests = sum(Country.asked.values())
    print(f"{portals:,} portals, {columns:,} columns, {delay} between two requests to a host")
    print(f"  CPU {cpu:.1f} s ({1000 * cpu / columns:.3f} ms a column), wall {wall:.1f} s")
    print(f"  peak memory {used.ru_maxrss * 1024 / 1e6:.0f} MB")
    for part, size in before.items():
        print(f"  {part}: {(size_of(folder / part) - size) / 1e6:+.1f} MB")
    print(f"  {requests:,} requests, {dict(Country.answers)}; {requests / max(1, news):.1f} a new article")
    print(f"  {new} of {news} new articles were found")
    print(f"  first request after {Country.first - begun:.1f} s, last after {Country.last - begun:.1f} s")
    print(f"  hosts asked over two connections: {len(Country.overlaps)}; before their pause: {len(Country.early)}")
    if portals >= 14_000:
        print(measure.target("the country: CPU of a cycle", f"{cpu:.0f} s", "120 s", cpu <= 120), end="")
        peak = used.ru_maxrss * 1024
        print(measure.target("the country: memory", measure.megabytes(peak), "1 GB", peak <= 1e9), end="")
    if new != news or Country.overlaps or Country.early:
        sys.exit(f"not right: {Country.overlaps[:3]} {Country.early[:3]}")


if __name__ == "__main__":
    main()
