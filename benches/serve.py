#!/usr/bin/env python3
"""Compares `dibao serve` with nginx on the same files, in the same run.

    benches/serve.py DIBAO [ROUNDS [SECONDS]]

DIBAO is the program, as `cargo build --release` makes it. Needs wrk and nginx. The two servers
answer in turn, so that what else the machine does falls on both. Each figure is the median of the
rounds, in requests a second; the ratio is dibao's to nginx's.
"""
import contextlib
import pathlib
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from measure import free_port, target

# The name of a file and its length. A feed of 845 bytes is one of revisions without any.
FILES = {"small.atom": 845, "feed.atom": 40_000, "large.json": 500_000, "huge.json": 5_000_000}
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; etag on; gzip_static on;
    keepalive_requests 1000000000;
    types {{ application/atom+xml atom; application/json json; }}
    server {{ listen 127.0.0.1:{port}; root {folder}/public; }}
}}
"""


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    for command in ([program, "--version"], ["nginx", "-v"], ["wrk", "-v"]):
        said = subprocess.run(command, capture_output=True, text=True)
        print((said.stdout + said.stderr).splitlines()[0])
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as ends:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        ports = {name: free_port() for name in ("dibao", "nginx")}
        # A column that is not due: nobody is asked.
        (folder / "feeds/bench").mkdir(parents=True)
        (folder / "feeds/bench/news.toml").write_text('url = "http://bench.invalid/"')
        (folder / "cron.toml").write_text('[[job]]\ncolumns = ["*"]\ncron = "0 4 29 2 *"')
        start(ends, [program, "serve", "--listen", f"127.0.0.1:{ports['dibao']}"], folder)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=ports["nginx"]))
        start(ends, ["nginx", "-c", folder / "nginx.conf"], folder)
        for port in ports.values():
            wait_for(port)
        make_files(folder / "public/bench/files")
        measure(ports, rounds, seconds)


def measure(ports, rounds, seconds):
    cases = [(f"304 of {name}", name, True, 50) for name in ("feed.atom",)]
    cases += [(f"{length:,} bytes", name, False, 50) for name, length in FILES.items()]
    cases += [(f"{length:,} bytes, 1 connection", name, False, 1) for name, length in FILES.items()]
    print(f"{'':<32}{'dibao':>10}{'nginx':>10}{'ratio':>8}{'p99':>20}")
    for title, name, is_known, connections in cases:
        rates, slowest = {}, {}
        for _ in range(rounds):
            for server, port in ports.items():
                rate, p99 = wrk(port, name, is_known, connections, seconds)
                rates.setdefault(server, []).append(rate)
                slowest.setdefault(server, []).append(p99)
        dibao, nginx = (statistics.median(rates[server]) for server in ports)
        p99 = " / ".join(statistics.median_low(slowest[server]) for server in ports)
        print(f"{title:<32}{dibao:>10,.0f}{nginx:>10,.0f}{dibao / nginx:>8.2f}{p99:>20}")
        wanted = 0.5 if connections == 1 else 0.6
        ratio = dibao / nginx
        print(target(f"served: {title}", f"{ratio:.2f} x nginx", f"{wanted} x nginx", ratio >= wanted), end="")


def wrk(port, name, is_known, connections, seconds):
    url = f"http://127.0.0.1:{port}/bench/files/{name}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if is_known:
        command += ["-H", f"If-None-Match: {etag(port, name)}"]
    told = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    p99 = re.search(r"^ +99% +([\d.]+\w+) *$", told, re.MULTILINE)
    return float(rate[1]), p99[1] if p99 else "-"


def etag(port, name):
    url = f"http://127.0.0.1:{port}/bench/files/{name}"
    with urllib.request.urlopen(url) as answer:
        tag = answer.headers["etag"]
    try:
        urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": tag}))
    except urllib.error.HTTPError as answer:
        assert answer.code == 304
        return tag


def make_files(folder):
    folder.mkdir(parents=True)
    dice = random.Random(1)
    for name, length in FILES.items():
        text = "".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(length // 3))
        (folder / name).write_bytes(text.encode().ljust(length, b" "))


def start(ends, command, folder):
    with open(folder / "servers.log", "ab") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    ends.callback(server.wait)
    ends.callback(server.terminate)


def wait_for(port):
    for _ in range(200):
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port)).close()
        time.sleep(0.05)
    sys.exit(f"nothing listens at port {port}")


if __name__ == "__main__":
    main()
