"""One more article, collected and published, in stores of different sizes.

A column of some articles is really collected. `store.py` copies its rows until the store is as large as
wanted, and dibao publishes the whole store. Then the portal shows one more article, and `dibao run`
collects and publishes it.
"""
import shutil
import subprocess

import measure
import portal

SIZES = (1_000, 10_000, 100_000)
COLLECTED = 100
ROUNDS = 5


def measured(setting):
    """The section's text."""
    pages = setting.scratch / "growth-pages"
    shutil.rmtree(pages, ignore_errors=True)
    portal.make(pages, COLLECTED + ROUNDS, kilobytes=8)
    shown = setting.scratch / "growth-shown"
    folders, rows = {}, []
    with portal.Nginx(shown, setting.scratch / "nginx", setting.port) as nginx:
        show(pages, shown, 0)
        for size in setting.sizes or SIZES:
            folders[size] = filled(setting, nginx.port, size)
        costs = {size: [] for size in folders}
        for at in range(ROUNDS):
            show(pages, shown, at + 1)
            for size, folder in folders.items():
                costs[size].append(measure.run([setting.dibao, "run"], folder))
    for size, many in costs.items():
        rows.append(
            [
                f"{size:,}",
                f"{measure.median([cost.cpu for cost in many]):.3f} s",
                f"{measure.median([cost.wall for cost in many]):.3f} s",
                measure.megabytes(max(cost.peak for cost in many)),
            ]
        )
    middle = {size: measure.median([cost.cpu for cost in many]) for size, many in costs.items()}
    peak = max(cost.peak for many in costs.values() for cost in many)
    return (
        f"Medians of {ROUNDS} articles, the stores in turns.\n\n"
        + measure.table(["articles in the store", "CPU", "wall", "peak memory"], rows)
        + "".join(
            measure.target(f"one more article among {size:,}", f"{cpu:.3f} s", "0.15 s", cpu <= 0.15)
            for size, cpu in middle.items()
        )
        + measure.target(
            f"memory of a run among {max(costs):,}", measure.megabytes(peak), "200 MB", peak <= 200e6
        )
    )


def show(pages, shown, more):
    """Lets the portal show so many of its newest articles more."""
    shown.mkdir(exist_ok=True)
    for name, text in portal.shown(pages, ROUNDS - more).items():
        if name.startswith("index") or not (shown / name).exists():
            (shown / name).write_text(text)


def filled(setting, port, size):
    """An operator's folder with a published store of so many articles."""
    folder = setting.scratch / f"growth-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    url = f"http://127.0.0.1:{port}/index.html"
    measure.write_folder(folder, {"bench/column": measure.feed_of(url)})
    measure.run([setting.dibao, "run"], folder)
    command = [setting.python, setting.here / "store.py", folder, str(size)]
    subprocess.run(command, check=True)
    measure.run([setting.dibao, "publish"], folder)
    return folder
