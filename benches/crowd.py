"""Readers beside a crowd: how long a reader waits while one address takes all that it can get.

A service has a store of `growth.py`. The crowd of one address holds 300 idle connections, and 12 of it
search without a pause. A reader at another address asks for the newest changes and for a feed in turns, a
hundred times a second at most, first alone and then beside the crowd. Each figure is the 99th percentile of what
the reader waited.
"""
import contextlib
import http.client
import json
import multiprocessing
import shutil
import socket
import threading
import time
import urllib.parse

import growth
import measure
import portal
import searching

SIZE = 10_000
IDLE = 300
SEARCHERS = 12
SECONDS = 20
PATHS = {"changes": "/api/v1/changes?after=0&limit=10", "feed": "/bench/column/atom.xml"}
TARGETS = {"changes": 50, "feed": 10}


def measured(setting):
    """The section's text."""
    pages = setting.scratch / "growth-pages"
    shutil.rmtree(pages, ignore_errors=True)
    portal.make(pages, growth.COLLECTED + growth.ROUNDS, kilobytes=8)
    shown = setting.scratch / "growth-shown"
    with portal.Nginx(shown, setting.scratch / "nginx", setting.port) as nginx:
        growth.show(pages, shown, 0)
        folder = growth.filled(setting, nginx.port, SIZE)
    (folder / "cron.toml").write_text('[[job]]\ncolumns = ["*"]\ncron = "0 4 29 2 *"')
    with searching.service(setting.dibao, folder) as (_, url):
        while "the search index is complete" not in (folder / "log").read_text():
            time.sleep(0.2)
        alone = reader(url)
        with crowd(url) as answers:
            beside = reader(url)
        with answers.get_lock():
            searched = answers.value
    shutil.rmtree(folder)
    rows = [
        [name, f"{alone[name]:.1f} ms", f"{beside[name]:.1f} ms", f"{TARGETS[name]} ms"]
        for name in PATHS
    ]
    return (
        f"{SIZE:,} articles; {searched:,} searches of the crowd were answered or refused in {SECONDS} s.\n\n"
        + measure.table(["asked", "alone", "beside the crowd", "target"], rows)
        + "".join(
            measure.target(
                f"99 % of a reader's requests beside a crowd: {name}",
                f"{beside[name]:.1f} ms",
                f"{limit} ms",
                beside[name] <= limit,
            )
            for name, limit in TARGETS.items()
        )
    )


def reader(url):
    """The 99th percentile of what a reader waits for each path, in milliseconds."""
    connection = connected(url, "127.0.0.2")
    waited = {name: [] for name in PATHS}
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for name, path in PATHS.items():
            begun = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            waited[name].append(1e3 * (time.perf_counter() - begun))
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status} {json.dumps(body.decode()[:200])}")
            time.sleep(0.01)
    return {name: sorted(times)[len(times) * 99 // 100] for name, times in waited.items()}


@contextlib.contextmanager
def crowd(url):
    """A crowd of one address, in a process of its own. Gives the number of its searches."""
    answers, ready = multiprocessing.Value("Q", 0), multiprocessing.Event()
    process = multiprocessing.Process(target=press, args=(url, answers, ready), daemon=True)
    process.start()
    ready.wait()
    try:
        yield answers
    finally:
        process.kill()
        process.join()


def press(url, answers, ready):
    """Searches without a pause, then holds idle connections too."""
    searchers = [threading.Thread(target=search, args=(url, answers)) for _ in range(SEARCHERS)]
    for searcher in searchers:
        searcher.start()
    while answers.value < SEARCHERS:
        time.sleep(0.01)
    host = urllib.parse.urlsplit(url)
    idle = []
    for _ in range(IDLE):
        connection = socket.socket()
        connection.setblocking(False)
        connection.bind(("127.0.0.3", 0))
        with contextlib.suppress(BlockingIOError):
            connection.connect((host.hostname, host.port))
        idle.append(connection)
    ready.set()
    for searcher in searchers:
        searcher.join()


def search(url, answers):
    """Searches for common words, on a new connection where the last one was closed."""
    asked = urllib.parse.urlencode({"q": "办理", "limit": 100})
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = connected(url, "127.0.0.3")
            while True:
                connection.request("GET", f"/api/v1/search?{asked}")
                connection.getresponse().read()
                with answers.get_lock():
                    answers.value += 1


def connected(url, source):
    """A connection from this address of loopback."""
    host = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(
        host.hostname, host.port, timeout=30, source_address=(source, 0)
    )
