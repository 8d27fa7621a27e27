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
    return measure.table(
        ["what", "figure"],
        [
            ["binary", measure.megabytes(size)],
            ["`dibao --version`", f"{1000 * start:.1f} ms"],
            ["first feed of `dibao demo --once`, in an empty folder", f"{first:.2f} s"],
        ],
    )


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
