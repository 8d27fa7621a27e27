"""Runs the benchmarks and writes `benches/RESULTS.md`. Called by `./bench`.

    run.py --dibao BINARY [--cheerio FOLDER] [--sizes N,N] [NAME…]

Each name is a section. Without names, all sections are measured. A section that is measured
replaces its text in RESULTS.md, with the versions and the machine. What is known of its figures
follows, from `benches/notes/NAME.md`.
"""
import argparse
import datetime
import importlib
import importlib.metadata
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import types

import measure

SECTIONS = {
    "extraction": "Extraction",
    "column": "A column of 500 articles",
    "growth": "One more article",
    "searching": "Searching",
    "polling": "Columns without news",
    "serving": "Serving",
    "crowd": "Readers beside a crowd",
    "country": "A part of the country",
    "machines": "Many machines",
    "sizing": "An article on many machines",
    "starting": "The program",
}
# Sections that are the output of scripts: their arguments after the program.
SCRIPTS = {
    "polling": [
        ("poll.py", "1000", "--strace"),
        ("poll.py", "5000"),
        ("poll.py", "5000", "--serve", "10"),
        ("poll.py", "1000", "--whole"),
    ],
    "serving": [("serve.py", "5", "3")],
    "country": [("country.py", "250")],
    "machines": [("machines.py",)],
    "sizing": [("sizing.py",)],
}
# Sections that need a build of their own.
MACHINES = ("machines", "sizing")
PEERS = ("lxml", "parsel", "selectolax", "trafilatura", "gne", "scrapy", "feedgen")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dibao", type=pathlib.Path, required=True)
    parser.add_argument("--cheerio", type=pathlib.Path)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")])
    parser.add_argument("names", nargs="*", choices=[*SECTIONS, []])
    asked = parser.parse_args()
    measure.raise_open_files()
    here = pathlib.Path(__file__).resolve().parent
    results = here / "RESULTS.md"
    for name in asked.names or [name for name in SECTIONS if name not in MACHINES]:
        print(f"== {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="dibao-bench-") as scratch:
            os.chmod(scratch, 0o755)  # nginx reads its pages as another user.
            setting = types.SimpleNamespace(
                dibao=asked.dibao.resolve(),
                here=here,
                python=sys.executable,
                cheerio=asked.cheerio,
                sizes=asked.sizes,
                scratch=pathlib.Path(scratch),
                port=measure.free_port(),
            )
            if name in SCRIPTS:
                about, text = of_scripts(setting, SCRIPTS[name])
            else:
                module = importlib.import_module(name)
                about, text = module.__doc__.strip(), module.measured(setting)
        print(text, flush=True)
        known = here / f"notes/{name}.md"
        known = f"{known.read_text()}\n" if known.exists() else ""
        write(results, name, f"{about}\n\n{with_targets(text)}\n{known}{told(setting)}\n")


def of_scripts(setting, commands):
    """What scripts are, and what they print."""
    module = importlib.import_module(commands[0][0].removesuffix(".py"))
    about, usage, rest = module.__doc__.strip().split("\n\n", 2)
    printed = []
    for script, *arguments in commands:
        command = [setting.python, setting.here / script, setting.dibao, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=setting.scratch)
        if done.returncode != 0:
            raise SystemExit(f"{script} failed: {done.stdout}")
        printed.append(f"{script} {' '.join(arguments)}\n{done.stdout}")
    lines = "\n".join(printed).splitlines()
    targets = [line for line in lines if line.startswith("target | ")]
    lines = [line for line in lines if not line.startswith("target | ")]
    return f"{about} {rest}", "\n".join(["```text", *lines, "```", *targets])


HEADS = ["work", "dibao", "target", ""]


def with_targets(text):
    """A section's text, with the lines of its targets as a table at its end."""
    lines = text.splitlines()
    targets = [line.split(" | ")[1:] for line in lines if line.startswith("target | ")]
    rest = "\n".join(line for line in lines if not line.startswith("target | "))
    if not targets:
        return rest
    return f"{rest}\n\n<!-- targets -->\n{measure.table(HEADS, targets)}<!-- end of targets -->\n"


def write(results, name, text):
    """Puts a section's text in its place in the file, and all targets at its beginning."""
    had = results.read_text() if results.exists() else ""
    sections = dict(re.findall(r"<!-- (\w+) -->\n(.*?)\n<!-- end -->", had, re.S))
    sections[name] = f"## {SECTIONS[name]}\n\n{text}"
    rows = [
        line.strip("| ").split(" | ")
        for each in SECTIONS
        for table in re.findall(r"<!-- targets -->\n(.*?)<!-- end", sections.get(each, ""), re.S)
        for line in table.splitlines()[2:]
    ]
    parts = [
        "# Results of the benchmarks\n\nWritten by `./bench`. Each section was measured in one run."
        " Compare figures of one section only.\n",
        measure.table(HEADS, rows),
    ]
    for each in SECTIONS:
        if each in sections:
            parts.append(f"<!-- {each} -->\n{sections[each]}\n<!-- end -->\n")
    results.write_text("\n".join(parts))


def told(setting):
    """Versions, the machine, the day."""
    root = setting.here.parent
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True
    ).stdout.strip()
    versions = [f"{peer} {importlib.metadata.version(peer)}" for peer in PEERS]
    versions.append(f"Python {platform.python_version()}")
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    return (
        f"{datetime.date.today()}, dibao {commit}, {', '.join(versions)}.\n"
        f"{os.cpu_count()} cores of {model.group(1) if model else platform.machine()},"
        f" Linux {platform.release()}; load at the end {load:.1f}.\n"
    )


if __name__ == "__main__":
    main()
