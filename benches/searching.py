"""Searches for a common word, filters, and indexing, in stores of different sizes.

Each store is one of `growth.py`. A service without anything to poll puts its copies into the index
of words; its CPU time from the first answer until the index is complete is divided by the articles.
Then a search of the API asks for the best matches, and the feed of a search for the newest ones: 50
entries with their texts. At last, the API is asked for the newest 20 articles of one issuer, which is
that of all, among the days of a year.
"""
import contextlib
import json
import shutil
import statistics
import subprocess
import time
import urllib.parse
import urllib.request

import growth
import measure
import portal

SIZES = (10_000, 100_000)
ASKED = ("供热管网", "办理", "责任")
TIMES = 20
# What is measured, and how many milliseconds it may take.
TARGETS = {
    "search, the best": 100,
    "search, the newest": 10,
    "articles, filtered": 10,
    "indexing, CPU an article": 0.5,
}


def measured(setting):
    """The section's text."""
    pages = setting.scratch / "growth-pages"
    shutil.rmtree(pages, ignore_errors=True)
    portal.make(pages, growth.COLLECTED + growth.ROUNDS, kilobytes=8)
    shown = setting.scratch / "growth-shown"
    rows = []
    for size in setting.sizes or SIZES:
        with portal.Nginx(shown, setting.scratch / "nginx", setting.port) as nginx:
            growth.show(pages, shown, 0)
            folder = growth.filled(setting, nginx.port, size)
        rows += of_store(setting.dibao, folder, size)
        shutil.rmtree(folder)
    heads = ["articles", "asked", "found", *TARGETS]
    text = measure.table(heads, [[*row[:3], *(f"{ms:.2f} ms" for ms in row[3:])] for row in rows])
    for at, (work, most) in enumerate(TARGETS.items(), 3):
        for size in setting.sizes or SIZES:
            worst = max(row[at] for row in rows if row[0] == f"{size:,}")
            text += measure.target(f"{work}, of {size:,}", f"{worst:.2f} ms", f"{most} ms", worst <= most)
    return text


def of_store(dibao, folder, size):
    """The rows of one store."""
    # Nothing is due: nobody is asked.
    (folder / "cron.toml").write_text('[[job]]\ncolumns = ["*"]\ncron = "0 4 29 2 *"')
    with (folder / "dibao.toml").open("a") as service_file:
        service_file.write("[api]\nrate = 1000000\n")
    with service(dibao, folder) as (process, _):
        begun = measure.cpu_so_far(process.pid)
        while "the search index is complete" not in (folder / "log").read_text():
            time.sleep(0.2)
        indexing = (measure.cpu_so_far(process.pid) - begun) / (size - growth.COLLECTED)
    rows = []
    with service(dibao, folder) as (_, url):
        some = json.load(urllib.request.urlopen(f"{url}/api/v1/articles?limit=1"))["articles"][0]
        issuer = urllib.parse.urlencode({"issuer": some["issuer"]})
        year = some["published_on"][:4]
        filters = f"{url}/api/v1/articles?since={year}-01-01&until={year}-12-31&{issuer}"
        filtered = [taken(filters) for _ in range(TIMES)]
        for word in ASKED:
            asked = urllib.parse.urlencode({"q": word})
            found = json.load(urllib.request.urlopen(f"{url}/api/v1/search?{asked}"))
            more = "+" if found.get("has_more") else ""
            best = [taken(f"{url}/api/v1/search?{asked}") for _ in range(TIMES)]
            # Each time another feed, so that none is answered from memory.
            newest = [
                taken(f"{url}/search.atom?{asked}&until=2031-01-{at + 1:02}") for at in range(TIMES)
            ]
            rows.append(
                [f"{size:,}", word, f"{found['total']:,}{more}"]
                + [1e3 * statistics.median(times) for times in (best, newest, filtered)]
                + [1e3 * indexing]
            )
    return rows


@contextlib.contextmanager
def service(dibao, folder):
    """A service, once it answers: its process and its URL."""
    url = f"127.0.0.1:{measure.free_port()}"
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([dibao, "serve", "--listen", url], cwd=folder, stderr=log)
        try:
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://{url}/readyz").read()
                    break
                time.sleep(0.05)
            yield process, f"http://{url}"
        finally:
            process.terminate()
            process.wait()


def taken(url):
    """How long a request takes."""
    begun = time.perf_counter()
    urllib.request.urlopen(url).read()
    return time.perf_counter() - begun
