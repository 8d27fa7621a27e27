#!/usr/bin/env python3
"""Measures what a column costs that has no news: its list answers 304.

    benches/poll.py DIBAO COLUMNS [--strace] [--serve SECONDS] [--whole]

DIBAO is the program. A portal of its own, on loopback, answers for each of COLUMNS hosts, with
validators. One column is really collected; its rows in the store are copied for the others, as if
they had been collected, too, and everything is published. Then `dibao run` polls all of them, and
each gets 304. Printed are, for a column: CPU time, bytes written, bytes of archive and, with
--strace, system calls. With --serve, `dibao serve` is started on the same store instead: how long
until the first poll and until the last, and the CPU time of the seconds after that. With --whole,
the portal knows no validators: it sends the same list whole each time.
"""
import argparse
import asyncio
import email.utils
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import measure

ITEMS = 6
CRON = '[[job]]\ncolumns = ["*/*"]\ncron = "0 4 1 1 *"\n'


def page(title, body):
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body>{body}</body></html>"
    ).encode()


def listing(folder="/2025/12/{0:02}/", items=ITEMS):
    rows = "".join(
        f"<li><a href='{folder.format(n)}{n}.html'>关于做好第{n}批老旧小区供水管道改造工作的通知</a>"
        f"<span>2025-12-{n:02}</span></li>"
        for n in range(items, 0, -1)
    )
    return page("通知公告", f"<div class='list'><ul>{rows}</ul></div>")


def article(n):
    title = f"关于做好第{n}批老旧小区供水管道改造工作的通知"
    text = "".join(f"<p>第{at}条：各街道要在{n}月底以前报送改造名单，按期开工。</p>" for at in range(9))
    return page(
        title,
        f"<h1>{title}</h1><div>发布时间：2025-12-{n:02} 来源：住建局</div>"
        f"<div class='content'>{text}</div>",
    )


class Portal(asyncio.Protocol):
    """One answer a connection; counts the answers by status."""

    statuses, first, last = {}, None, None
    is_whole = False
    since = email.utils.formatdate(1764000000, usegmt=True).encode()

    def connection_made(self, transport):
        self.transport, self.got = transport, b""

    def data_received(self, data):
        self.got += data
        if b"\r\n\r\n" not in self.got:
            return
        head, path = self.got.lower(), self.got.split(b" ", 2)[1]
        if path == b"/robots.txt":
            self.answer(b"404 Not Found", b"")
        elif b"\r\nif-none-match:" in head and not self.is_whole:
            self.answer(b"304 Not Modified", None)
        elif path == b"/news/":
            self.answer(b"200 OK", listing())
        else:
            self.answer(b"200 OK", article(int(path.split(b"/")[-1].split(b".")[0])))

    def answer(self, status, body):
        cls = Portal
        cls.last = time.monotonic()
        if status[:3] != b"404":
            cls.first = cls.first or cls.last
        cls.statuses[status[:3]] = cls.statuses.get(status[:3], 0) + 1
        tag = b'ETag: "7"\r\nLast-Modified: ' + cls.since + b"\r\n"
        if self.is_whole or status[:3] == b"404":
            tag = b""
        length = b"" if body is None else b"Content-Type: text/html\r\nContent-Length: %d\r\n" % len(body)
        self.transport.write(
            b"HTTP/1.1 " + status + b"\r\n" + tag + length + b"Connection: close\r\n\r\n" + (body or b"")
        )
        self.transport.close()


def serve_portal():
    loop = asyncio.get_running_loop
    return serve(lambda: loop().create_server(Portal, "127.0.0.1", 0, backlog=4096))


def serve(start):
    """Starts a server in a thread of its own: `start` makes one. Returns its port."""
    started, port = threading.Event(), []

    async def main():
        server = await start()
        port.append(server.sockets[0].getsockname()[1])
        started.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
    started.wait()
    return port[0]


def name(at):
    return f"p{at:05}/news", f"http://h{at:05}.example/news/"


def write_feeds(folder, columns, name=name, delay="0s"):
    for at in range(columns):
        column, url = name(at)
        path = folder / f"feeds/{column}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'url = "{url}"\n[fetch]\ndelay = "{delay}"\n')


def copy_rows(folder, columns, name=name):
    """Copies what the store knows of the first column, its list and its host, for the others.

    `name` gives a column's name and the address of its list by its number.
    """
    db = sqlite3.connect(folder / "data/dibao.sqlite")
    db.execute("PRAGMA synchronous = OFF")
    column, url = name(0)
    portal, host = column.split("/")[0], url.split("/")[2]
    for table in ["columns", "items", "list_memory", "list_lengths", "verdicts", "hosts", "robots"]:
        info = db.execute(f"PRAGMA table_info({table})").fetchall()
        fields = [row[1] for row in info if not (table == "list_lengths" and row[1] == "id")]
        rows = db.execute(f"SELECT {', '.join(fields)} FROM {table}").fetchall()
        places = ", ".join("?" * len(fields))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(fields)}) VALUES ({places})"
        for at in range(1, columns):
            to_column, to_url = name(at)
            parts = [
                (url.split("//")[1], to_url.split("//")[1]),
                (column, to_column),
                (host, to_url.split("/")[2]),
                (portal, to_column.split("/")[0]),
            ]
            db.executemany(statement, [[renamed(value, parts) for value in row] for row in rows])
    # Nothing else than the lists is due.
    db.execute("UPDATE pages SET next_check_ms = NULL")
    db.commit()
    db.close()


def renamed(value, parts):
    """A value with other names in it."""
    if isinstance(value, str):
        for old, new in parts:
            value = value.replace(old, new)
    return value


def archive(folder):
    return sum(file.stat().st_size for file in (folder / "data/warc").iterdir())


def run(command, folder, strace=None):
    """Runs the program and returns its CPU time, wall time, bytes written and peak memory."""
    if strace:
        command = ["strace", "-c", "-f", "-o", str(strace)] + command
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    io = pathlib.Path(f"/proc/{process.pid}/io").read_text()
    written = int(re.search(r"^wchar: (\d+)", io, re.M)[1])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command}: {status}\n{error.decode()[-2000:]}")
    wall = time.monotonic() - began
    return used.ru_utime + used.ru_stime, wall, written, used.ru_maxrss * 1024


def main():
    args = argparse.ArgumentParser()
    args.add_argument("dibao")
    args.add_argument("columns", type=int)
    args.add_argument("--strace", action="store_true")
    args.add_argument("--serve", type=float)
    args.add_argument("--whole", action="store_true")
    args = args.parse_args()
    Portal.is_whole = args.whole
    columns = args.columns
    port = serve_portal()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dibao-poll-"))
    dibao = [os.path.abspath(args.dibao)]
    to = ["--connect-to", f"::127.0.0.1:{port}"]
    try:
        (folder / "cron.toml").write_text(CRON)
        write_feeds(folder, 1)
        run(dibao + ["run"] + to, folder)
        write_feeds(folder, columns)
        copy_rows(folder, columns)
        run(dibao + ["publish"], folder)
        if args.whole:
            # What is archived for the first time is no repetition.
            run(dibao + ["run"] + to, folder)
        Portal.statuses.clear()
        if args.serve is None:
            measure_run(dibao + ["run"] + to, folder, columns, args.strace)
        else:
            measure_serve(dibao, to, folder, columns, args.serve)
    finally:
        shutil.rmtree(folder)


def measure_run(command, folder, columns, strace):
    was = archive(folder)
    cpu, wall, written, peak = run(command, folder)
    answers = {status.decode(): count for status, count in Portal.statuses.items()}
    print(f"{columns} columns, answers {answers}, {wall:.1f} s, peak {peak / 1e6:.0f} MB; a column:")
    cpu, written = cpu * 1000 / columns, written / columns
    archived = (archive(folder) - was) / columns
    print(f"  {cpu:.3f} ms CPU, {written:.0f} bytes written, {archived:.0f} bytes of archive")
    if Portal.is_whole:
        return
    of = f"a column without news, of {columns:,}"
    print(measure.target(f"{of}: CPU", f"{cpu:.2f} ms", "0.3 ms", cpu <= 0.3), end="")
    print(measure.target(f"{of}: written", f"{written:,.0f} bytes", "1 KB", written <= 1024), end="")
    print(measure.target(f"{of}: archive", f"{archived:.0f} bytes", "100 bytes", archived <= 100), end="")
    if columns >= 50_000:
        print(measure.target(f"memory of a run, {columns:,} columns", measure.megabytes(peak), "600 MB", peak <= 600e6), end="")
    if strace:
        file = folder / "strace"
        run(command, folder, file)
        calls = {}
        for line in file.read_text().splitlines():
            parts = line.split()
            if len(parts) >= 5 and parts[3].isdigit():
                calls[parts[-1]] = int(parts[3])
        calls = sorted(((n, call) for call, n in calls.items() if call != "total"), reverse=True)
        syncs = sum(n for n, call in calls if call in ("fsync", "fdatasync"))
        print(measure.target(f"{of}: syncs", f"{syncs / columns:.3f}", "0.1", syncs / columns < 0.1), end="")
        print("  system calls:")
        print("  " + ", ".join(f"{call} {n / columns:.1f}" for n, call in calls[:14]))


def measure_serve(dibao, to, folder, columns, seconds):
    # Everything is due at the start, and then no more.
    db = sqlite3.connect(folder / "data/dibao.sqlite")
    db.execute("UPDATE columns SET last_run_ms = last_run_ms - 400 * 86400000")
    db.execute("UPDATE list_memory SET whole_ms = whole_ms + 3600000")
    db.commit()
    db.close()
    Portal.first = None
    began = time.monotonic()
    command = dibao + ["serve", "--listen", "127.0.0.1:0"] + to
    process = subprocess.Popen(command, cwd=folder, stderr=(log := open(folder / "log", "w")))
    cpu = lambda: measure.cpu_so_far(process.pid)
    try:
        while sum(Portal.statuses.values()) < columns and process.poll() is None:
            time.sleep(0.05)
            if time.monotonic() - began > 900:
                break
        if process.poll() is not None:
            sys.exit((folder / "log").read_text()[-2000:])
        first, last, used = Portal.first - began, Portal.last - began, cpu()
        print(f"{columns} columns, serve: first poll after {first:.1f} s, last after {last:.1f} s,")
        print(f"  {used * 1000 / columns:.3f} ms CPU a column until then;")
        time.sleep(10)
        used, since = cpu(), time.monotonic()
        time.sleep(seconds)
        idle = (cpu() - used) / (time.monotonic() - since)
        memory = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        memory = int(re.search(r"VmRSS:\s+(\d+)", memory)[1]) // 1024
        print(f"  then {idle:.1%} of a core, {memory} MB")
        of = f"`serve` with {columns:,} columns"
        print(measure.target(f"{of}: until the first poll", f"{first:.1f} s", "5 s", first <= 5), end="")
        if columns >= 50_000:
            print(measure.target(f"{of}: idle", f"{idle:.1%} of a core", "1 %", idle <= 0.01), end="")
            print(measure.target(f"{of}: memory", f"{memory} MB", "400 MB", memory <= 400), end="")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        log.close()


if __name__ == "__main__":
    main()
