"""Reading article pages, beside libraries that read pages.

dibao is measured as a whole process: reading files, finding the charset, extraction, JSON. Its
peers are measured within their process, without their start. lxml, parsel, selectolax and cheerio
parse a page and take some values by selectors. trafilatura and GNE look for the article, as dibao
does. Two cores are compared with one by the clock.
"""
import os
import pathlib
import subprocess

import measure
import portal

ROUNDS = 5


def pages(setting):
    """The real pages of the corpora that `DIBAO_CORPUS` names, or else the invented portal's."""
    folders = [name for name in os.environ.get("DIBAO_CORPUS", "").split(":") if name]
    found = sorted(path for name in folders for path in pathlib.Path(name).rglob("*.html"))
    kind = "real pages of `DIBAO_CORPUS`"
    if not found:
        portal.make(setting.scratch / "pages", 60)
        found = sorted((setting.scratch / "pages").glob("t*.html"))
        kind = "invented pages"
    mean = sum(path.stat().st_size for path in found) / len(found)
    return found, f"{len(found)} {kind}, {mean / 1000:.0f} kB on average"


def measured(setting):
    """The section's text."""
    found, kind = pages(setting)
    repeated = found * max(1, 300 // len(found))

    def dibao(*more):
        # Some pages are no articles, and it says so with 1.
        command = [*more, setting.dibao, "extract", *repeated]
        cost = measure.run(command, setting.scratch, fine=(0, 1))
        return 1000 * cost.cpu / len(repeated), 1000 * cost.wall / len(repeated)

    def peer(*command):
        done = subprocess.run([*command, *found], capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1]), None

    python = lambda name: lambda: peer(setting.python, setting.here / "peers/extract.py", name)
    runners = {"dibao": dibao, "dibao, one core": lambda: dibao("taskset", "-c", "0")}
    for name in ("lxml", "parsel", "selectolax", "trafilatura", "gne"):
        runners[name] = python(name)
    if setting.cheerio:
        runners["cheerio"] = lambda: peer("node", setting.cheerio / "extract.mjs")
    results = measure.interleaved(ROUNDS, runners)
    cpu = {name: measure.median([each[0] for each in many]) for name, many in results.items()}
    wall = {
        name: measure.median([each[1] for each in many])
        for name, many in results.items()
        if many[0][1]
    }
    rows = [
        [name, measure.number(value), measure.number(value / cpu["dibao"])]
        for name, value in cpu.items()
    ]
    gain = wall["dibao, one core"] / wall["dibao"]
    return (
        f"{kind}. CPU time in milliseconds a page, medians of {ROUNDS} rounds in turns.\n\n"
        + measure.table(["reader", "ms a page", "of dibao's"], rows)
        + measure.target(
            "a page extracted",
            f"{cpu['dibao']:.2f} ms, {cpu['dibao'] / cpu['lxml']:.2f} x lxml's parse and selects",
            "1.0 x lxml",
            cpu["dibao"] <= cpu["lxml"],
        )
        + measure.target("two cores, of one", f"{gain:.2f} x", "1.8 x", gain >= 1.8)
    )
