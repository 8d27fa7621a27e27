#!/usr/bin/env python3
"""A simulated week of many portals, a mirror, a webhook and restarts; then every invariant from outside.

    python3 tests/week/week.py [--dibao PROGRAM] [--seed N] [--portals N] [--days N] [--keep FOLDER]

`./soak week` calls it. It needs Python 3.11 and libfaketime (Debian: apt-get install faketime), which sets the
clock of `dibao serve` on by an hour once every column has had its run. All else is real: the program, its
processes, the disk, HTTP on loopback.

Owns the hours, the restarts, and what is measured. `portals.py` owns what happens at the portals, `judge.py`
what must hold at the end.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

import judge
from portals import BEGIN, Portals

BEIJING = timezone(timedelta(hours=8))
# How long an hour of the week may take, in seconds, before the next begins, and how long publishing has
# after the last run. A clock that leaps while a run goes on costs that column its next tick.
PATIENCE, PUBLISHING = 25, 1
# Hours after the week in which nothing happens, and everything that waits is done.
CATCHING_UP = 30
MIRROR = pathlib.Path(__file__).resolve().parents[2] / "examples/mirror_changes.py"
SECRET = "whsec_ZGliYW8gc29hayBzZWNyZXQgb2YgdGhlIHdlZWshISE="


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Week:
    """dibao and everything around it."""

    def __init__(self, options, folder):
        self.folder, self.dice = pathlib.Path(folder), random.Random(f"{options.seed}/week")
        self.program, self.hours = options.dibao, options.days * 24
        self.portals = Portals(options.seed, options.portals, self.hours)
        self.port, self.now, self.process = free_port(), BEGIN, None
        self.samples, self.restarts, self.kills, self.late, self.mirrored = [], 0, 0, [], 0
        self.removed = None
        libraries = pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
        library = next(libraries, None)
        if library is None:
            raise SystemExit("week.py: there is no libfaketime: install it (apt-get install faketime)")
        self.clock = self.folder / "clock"
        self.env = {
            "PATH": os.environ["PATH"],
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        self.configure()

    def configure(self):
        base = f'base_url = "http://127.0.0.1:{self.port}"\n[api]\nrate = 1000\n'
        hook = f'[[webhook]]\nurl = "http://127.0.0.1:{self.portals.port}/hook"\nsecret = "{SECRET}"\n'
        (self.folder / "dibao.toml").write_text(base + hook)
        # The column that is due every two seconds makes the scheduler look at the clock.
        (self.folder / "cron.toml").write_text(
            '[[job]]\ncolumns = ["beat/*"]\ncron = "*/2 * * * * *"\n\n'
            '[[job]]\ncolumns = ["*/*"]\ncron = "5 * * * *"\ntimeout = "30s"\n'
        )
        for portal in self.portals.portals.values():
            feed = self.folder / "feeds" / portal.name / "news.toml"
            feed.parent.mkdir(parents=True)
            flood = "\n[limits]\nnew_items = 60\n" if portal.flood_hours else ""
            feed.write_text(
                f'url = "http://{portal.host}/tzgg/"\n[list]\ninitial = 1\n[fetch]\ndelay = "0s"\n{flood}'
            )

    def set_clock(self, to):
        """The programs' clocks show this time from now on, and go on."""
        self.now = to
        offset = to.replace(tzinfo=BEIJING).timestamp() - time.time()
        text = f"{offset:+.0f}\n"
        fresh = self.folder / "clock.new"
        fresh.write_text(text)
        fresh.replace(self.clock)

    def command(self, *words):
        return [self.program, "--connect-to", f":80:127.0.0.1:{self.portals.port}", *words]

    def run(self, *words):
        """A command beside the service."""
        done = subprocess.run(self.command(*words), cwd=self.folder, env=self.env, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def start(self):
        log = open(self.folder / "log", "ab")
        words = self.command("serve", "--listen", f"127.0.0.1:{self.port}")
        self.process = subprocess.Popen(words, cwd=self.folder, env=self.env, stderr=log, stdout=log)
        deadline = time.monotonic() + 60
        while self.ask("/readyz")[0] != 200:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"week.py: dibao serve is not ready: see {self.folder}/log")
            time.sleep(0.2)

    def stop(self, how):
        self.process.send_signal(how)
        code = self.process.wait(60)
        if how == signal.SIGTERM and code != 0:
            raise SystemExit(f"week.py: dibao serve ended with {code} when it was told to stop")

    def ask(self, path):
        """An answer of the service: status and body."""
        try:
            one = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            one.request("GET", path)
            answer = one.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            one.close()

    def waits(self, since):
        """The columns that have not run since this time and may."""
        status, body = self.ask("/api/v1/status")
        if status != 200:
            return ["the status"]
        since = since.strftime("%Y-%m-%dT%H:%M:%S")
        columns = json.loads(body)["columns"]
        return [
            column["column"]
            for column in columns
            if (column["last_run_at"] or "") < since and not column["resting_until"]
        ]

    def hour(self, is_quiet=False):
        """Lets an hour pass, and waits until every column had its run."""
        self.portals.pass_hour(is_quiet)
        begin = self.now.replace(minute=5, second=0) + timedelta(hours=1)
        self.set_clock(begin + timedelta(seconds=1))
        deadline = time.monotonic() + PATIENCE
        while (left := self.waits(begin)) and time.monotonic() < deadline:
            time.sleep(0.3)
        time.sleep(PUBLISHING)
        if left:
            self.late.append((str(begin), left[:5]))
        self.sample()

    def sample(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        kilobytes = lambda name: int(status[name].split()[0])
        files = len(os.listdir(f"/proc/{self.process.pid}/fd"))
        self.samples.append((kilobytes("VmRSS"), kilobytes("VmHWM"), files))

    def mirror(self):
        base, copy = f"http://127.0.0.1:{self.port}/", self.folder / "mirror.sqlite"
        done = subprocess.run([sys.executable, str(MIRROR), base, str(copy)], capture_output=True, text=True)
        self.mirrored += done.returncode == 0
        return done

    def remove(self):
        """Removes an article that the first portal lists, as a person does."""
        items = next(iter(self.portals.portals.values())).items
        item = next(it for it in items[5:] if not it.is_gone)
        _, lines, _ = self.run("export")
        articles = (json.loads(line) for line in lines.splitlines())
        found = next((it for it in articles if it["title"] == item.title), None)
        if found:
            code, said, err = self.run("remove", found["id"], "--reason", "演示：当事人要求撤下")
            self.removed = (found["id"], item)
            if code not in (0, 1):
                raise SystemExit(f"week.py: the removal ended with {code}: {said}{err}")

    def play(self):
        self.set_clock(BEGIN)
        self.start()
        slow = socket.create_connection(("127.0.0.1", self.port))
        slow.sendall(b"GET / HTTP/1.1\r\nHost: slow\r\nX-Slow: ")
        began = time.monotonic()
        for at in range(self.hours):
            self.portals.takes = not self.hours // 3 <= at < self.hours // 3 + 5
            self.hour()
            if at == self.hours * 3 // 5:
                self.remove()
            fate = self.dice.random()
            if fate < 0.04:
                self.stop(signal.SIGTERM)
                self.restarts += 1
                self.start()
            elif fate < 0.08:
                self.stop(signal.SIGKILL)
                self.kills += 1
                self.start()
            elif fate < 0.14:
                self.run("run", self.dice.choice(list(self.portals.portals.values())).name + "/news")
            if at % 6 == 5:
                self.mirror()
            if at % 24 == 23:
                rss, _, files = self.samples[-1]
                print(f"day {at // 24 + 1}: {time.monotonic() - began:.0f} s, {rss // 1024} MB, {files} descriptors,"
                      f" {self.portals.requests} requests", flush=True)
        self.portals.takes = True
        # Rests end, the receiver catches up, and what was left aside is read.
        for portal in self.portals.portals.values():
            portal.outages, portal.flood_hours = {}, range(0)
        for _ in range(CATCHING_UP):
            self.hour(is_quiet=True)
        self.mirror()
        slow.settimeout(5)
        try:
            self.slow_ended = slow.recv(1000) is not None
        except TimeoutError:
            self.slow_ended = False
        except OSError:
            self.slow_ended = True
        self.stop(signal.SIGTERM)
        self.seconds = time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dibao", default="target/release/dibao", help="the program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--portals", type=int, default=50)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--keep", help="a new folder that is not deleted")
    options = parser.parse_args()
    options.dibao = str(pathlib.Path(options.dibao).resolve())
    folder = options.keep or tempfile.mkdtemp(prefix="dibao-week-")
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    week = Week(options, pathlib.Path(folder).resolve())
    print(f"seed {options.seed}: {options.portals} portals, {options.days} days", flush=True)
    try:
        week.play()
        wrong = judge.judge(week)
    finally:
        if week.process and week.process.poll() is None:
            week.process.kill()
    for line in wrong:
        print(f"wrong: {line}")
    if not options.keep and not wrong:
        shutil.rmtree(folder)
    elif wrong:
        print(f"kept: {folder}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
