"""A column of 500 articles, from its list to its feeds, beside Scrapy with feedgen.

Both read the same invented portal from nginx, without a pause. dibao also keeps every answer in
its archive, fills its store and its index of words, and publishes feeds, pages, JSON and dumps.
Scrapy with feedgen writes RSS, Atom and JSON lines.
"""
import pathlib
import tempfile

import measure
import portal

ARTICLES = 500
ROUNDS = 5


def measured(setting):
    """The section's text."""
    pages = setting.scratch / "column"
    portal.make(pages, ARTICLES)
    with portal.Nginx(pages, setting.scratch / "nginx", setting.port) as nginx:
        url = f"http://127.0.0.1:{nginx.port}/index.html"

        def dibao():
            folder = fresh(setting, "dibao")
            measure.write_folder(folder, {"bench/column": measure.feed_of(url)})
            cost = measure.run([setting.dibao, "run"], folder)
            have = len(list((folder / "public/bench/column/articles").glob("*.json")))
            assert have in (0, ARTICLES), f"dibao published {have} articles"
            return cost

        def scrapy():
            folder = fresh(setting, "scrapy")
            command = [setting.python, setting.here / "peers/column.py", url, folder]
            cost = measure.run(command, folder)
            have = len((folder / "articles.ndjson").read_text().splitlines())
            assert have == ARTICLES, f"Scrapy collected {have} articles"
            return cost

        results = measure.interleaved(ROUNDS, {"dibao": dibao, "Scrapy + feedgen": scrapy})
    rows, base = [], None
    for name, costs in results.items():
        wall, cpu, peak = (
            measure.median([getattr(cost, field) for cost in costs])
            for field in ("wall", "cpu", "peak")
        )
        base = base or (wall, cpu)
        rows.append(
            [
                name,
                f"{wall:.2f} s",
                f"{cpu:.2f} s",
                measure.megabytes(peak),
                f"{wall / base[0]:.2f}",
                f"{cpu / base[1]:.2f}",
            ]
        )
    dibao, scrapy = ([float(row[at].split()[0]) for at in (1, 2)] for row in rows)
    peak = max(cost.peak for cost in results["dibao"])
    return (
        f"{ARTICLES} articles of 64 kB and {ARTICLES // portal.ITEMS} list pages."
        f" Medians of {ROUNDS} rounds in turns.\n\n"
        + measure.table(
            ["program", "wall", "CPU", "peak memory", "wall, of dibao's", "CPU, of dibao's"], rows
        )
        + measure.target(
            "a column of 500 articles, CPU",
            f"{dibao[1]:.1f} s, {dibao[1] / scrapy[1]:.2f} x Scrapy",
            "1.0 x Scrapy",
            dibao[1] <= scrapy[1],
        )
        + measure.target(
            "a column of 500 articles, wall",
            f"{dibao[0]:.1f} s, {dibao[0] / scrapy[0]:.2f} x Scrapy",
            "1.0 x Scrapy",
            dibao[0] <= scrapy[0],
        )
        + measure.target(
            "a column of 500 articles, memory", measure.megabytes(peak), "100 MB", peak <= 100e6
        )
    )


def fresh(setting, name):
    """A new folder. Former ones stay: after many deletions, ext4 is slow to create files."""
    return pathlib.Path(tempfile.mkdtemp(prefix=name, dir=setting.scratch))
