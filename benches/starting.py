"""The size of the program, its start, and the first feed of the demo."""
import shutil
import subprocess
import time

import measure

ROUNDS = 5


def measured(setting):
    """The section's text."""
    start = measure.median([measure.run([setting.dibao, "--version"]).wall for _ in range(20)])
    first = measure.median([first_feed(setting) for _ in range(ROUNDS)])
    size = setting.dibao.stat().st_size
    rows = [
        ("binary", measure.megabytes(size), "30 MB", size <= 30e6),
        ("`dibao --version`", f"{1000 * start:.1f} ms", "20 ms", start <= 0.02),
        ("first feed of the demo, in an empty folder", f"{first:.2f} s", "1 s", first <= 1),
    ]
    return "".join(measure.target(*row) for row in rows)


def first_feed(setting):
    """Seconds until the demo has published its first feed."""
    folder = setting.scratch / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    command = [setting.dibao, "demo", "--once"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    feed = folder / "demo/public/lucheng/work-news/atom.xml"
    while not feed.exists() and process.poll() is None:
        time.sleep(0.005)
    took = time.perf_counter() - begun
    process.wait()
    assert feed.exists(), "the demo published no feed"
    return took
