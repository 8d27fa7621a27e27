"""What the benchmarks share: the cost of a process, medians, tables, a folder with one column.

CPU time is user and system time of a process and of the children that it waited for. Peak memory
is the largest resident set of the process alone.
"""
import dataclasses
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import threading
import time


@dataclasses.dataclass
class Cost:
    """The cost of one process: seconds, seconds, bytes."""

    wall: float
    cpu: float
    peak: int


def run(command, folder=None, output=subprocess.DEVNULL, fine=(0,), **environment):
    """Runs a command to its end. Returns its cost. Another exit code than those is an error."""
    begun = time.perf_counter()
    errors = []
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | environment,
        stdout=output,
        stderr=subprocess.PIPE,
    )
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
    reader.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if process.returncode not in fine:
        told = errors[0].decode(errors="replace")[-2000:]
        raise SystemExit(f"{command[0]} failed with {process.returncode}: {told}")
    cpu = used.ru_utime + used.ru_stime
    return Cost(time.perf_counter() - begun, cpu, used.ru_maxrss * 1024)


def cpu_so_far(*processes):
    """CPU seconds of processes that run, each by its number."""
    ticks = 0
    for process in processes:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
        # User and system time, after the name, which may hold anything.
        ticks += sum(map(int, stat.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def raise_open_files():
    """Allows this process and its children as many open files as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def free_port():
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def interleaved(rounds, runners):
    """Runs each of `{name: function}` in turns, `rounds` times. Returns {name: [results]}."""
    results = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            results[name].append(runner())
    return results


def median(values):
    """The median of some numbers."""
    return statistics.median(values)


def table(heads, rows):
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def target(work, figure, wanted, is_met):
    """A line of the table of targets, which `run.py` makes of such lines in a section's text."""
    return f"target | {work} | {figure} | {wanted} | {'met' if is_met else '**missed**'}\n"


def number(value):
    """A number with three figures that count: 0.0123, 1.23, 12.3, 1,230."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def megabytes(value):
    """Bytes as MB (1,000,000 bytes)."""
    return f"{value / 1e6:,.0f} MB"


def feed_of(url):
    """The feed file of a column on loopback that is collected whole, without pauses."""
    return f'url = "{url}"\n[list]\ninitial = 100\n[fetch]\ndelay = "0s"\nallow_private = true\n'


def write_folder(folder, feeds, service=""):
    """Writes an operator's folder: `{name: text of the feed file}`, and `dibao.toml`."""
    for name, text in feeds.items():
        path = folder / f"feeds/{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "cron.toml").write_text('timezone = "Asia/Shanghai"\n')
    (folder / "dibao.toml").write_text(service)
