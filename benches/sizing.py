#!/usr/bin/env python3
"""What an article and a poll take of PostgreSQL and of a bucket: rows, bytes and requests.

    benches/sizing.py DIBAO

DIBAO is the program, with the feature `many-machines`. The store is in PostgreSQL, and the archive and
what is published are in a bucket of moto, which `./setup` installs; moto notes the requests. One
worker collects one column of each of 48 hosts, every minute. First it collects what is there. Then one
host shows one more article, three times. At last all hosts show one more, twice.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree

import machines
import measure
import poll
import portal

ARTICLES = 20
ALONE = 3
TOGETHER = 2
PLACES = {"site": "what is published", "warc": "the archive"}
REQUEST = re.compile(r'"(GET|HEAD|PUT|POST|DELETE) /bench/(\w+)/\S* ')
ROWS = """
    SELECT sum((xpath('/row/c/text()', query_to_xml(
        format('SELECT count(*) AS c FROM %I', tablename), false, true, '')))[1]::text::bigint)
    FROM pg_tables WHERE schemaname = 'public'
"""


class Bucket:
    """A bucket of moto, with the log of its requests."""

    def __init__(self, folder):
        program = machines.ROOT / "target/s3/bin/moto_server"
        if not program.exists():
            raise SystemExit(f"{program} is missing: run ./setup")
        port = measure.free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / "requests"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        for _ in range(600):
            try:
                self.ask("/bench", "PUT")
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise SystemExit("moto does not start")

    def ask(self, path, method="GET"):
        """The body of an answer."""
        own = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
        # Its own requests have a query, and are not counted.
        path += "&own=1" if "?" in path else "?own=1"
        asked = urllib.request.Request(self.address + path, method=method, headers={"Authorization": own})
        with urllib.request.urlopen(asked) as answer:
            return answer.read()

    def requests(self):
        """How many requests of dibao came, by (place, method)."""
        lines = [line for line in self.log.read_text().splitlines() if "own=1" not in line]
        return collections.Counter((place, method) for method, place in REQUEST.findall("\n".join(lines)))

    def size(self, place):
        """Objects and bytes with this prefix."""
        objects, size, token = 0, 0, ""
        while token is not None:
            query = f"/bench?list-type=2&prefix={place}/" + (f"&continuation-token={token}" if token else "")
            found = xml.etree.ElementTree.fromstring(self.ask(query))
            space = found.tag.partition("}")[0] + "}"
            sizes = [int(entry.text) for entry in found.iter(f"{space}Size")]
            objects, size = objects + len(sizes), size + sum(sizes)
            token = found.findtext(f"{space}NextContinuationToken")
        return objects, size

    def environment(self):
        """What lets dibao use it."""
        return {
            "AWS_ENDPOINT": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "DIBAO_PUBLIC": "s3://bench/site",
        }


class State:
    """What is there at one moment."""

    def __init__(self, server, bucket):
        server.ask("CHECKPOINT; SELECT 1")
        self.bytes = int(server.ask("SELECT pg_database_size(current_database())"))
        self.rows = int(server.ask(" ".join(ROWS.split())))
        self.requests = bucket.requests()
        self.sizes = {place: bucket.size(place) for place in PLACES}


def row(name, before, after, articles):
    """What so many articles took, each. Polls beside a single one write more rows than it does."""
    asked = after.requests - before.requests
    cells = [name, "–", "–"]
    if articles > ALONE:
        rows, size = after.rows - before.rows, after.bytes - before.bytes
        cells[1:] = [f"{rows / articles:.1f}", f"{size / articles / 1000:.1f} KB"]
    for place in PLACES:
        size = after.sizes[place][1] - before.sizes[place][1]
        cells += [f"{asked[place, 'PUT'] / articles:.2f}", f"{size / articles / 1000:.1f} KB"]
    return cells


def main():
    machines.with_postgres()
    dibao = [os.path.abspath(sys.argv[1])]
    with tempfile.TemporaryDirectory(prefix="dibao-sizing-") as scratch:
        scratch = pathlib.Path(scratch)
        hosts = [f"h{host:03}" for host in range(machines.HOSTS)]
        for seed, host in enumerate(hosts):
            portal.make(scratch / host, ARTICLES + ALONE + TOGETHER, seed=seed)
        hidden = dict.fromkeys(hosts, ALONE + TOGETHER)

        def show(host, more):
            hidden[host] -= more
            pages = portal.shown(scratch / host, hidden[host])
            machines.Portals.pages_of[host] = {name: text.encode() for name, text in pages.items()}

        for host in hosts:
            show(host, 0)
        to = ["--connect-to", f"::127.0.0.1:{poll.serve(machines.start)}"]
        server, bucket = machines.Server(), Bucket(scratch)
        folder = machines.prepared(1, '[archive]\nurl = "s3://bench/warc"\n', cron="* * * * *")
        try:
            os.environ.update(bucket.environment())
            processes = machines.workers(dibao, to, 1, server, folder)
            machines.until(60, lambda: machines.has_tables(server), folder)
            expected = len(hosts) * ARTICLES

            def settled():
                """Whether all articles are published."""
                if int(server.ask(machines.STORED)) < expected:
                    return False
                last = int(server.ask("SELECT max(seq) FROM changes"))
                try:
                    return json.loads(bucket.ask("/bench/site/manifest.json"))["seq"] == last
                except urllib.error.HTTPError:
                    return False

            empty = State(server, bucket)
            machines.until(300, settled, folder)
            before = State(server, bucket)
            states = [("at first", empty, before, expected)]
            for at in range(ALONE):
                show(hosts[at], 1)
                expected += 1
                machines.until(150, settled, folder)
            after = State(server, bucket)
            states.append(("one article alone", before, after, ALONE))
            before = after
            for _ in range(TOGETHER):
                for host in hosts:
                    show(host, 1)
                expected += len(hosts)
                machines.until(150, settled, folder)
            states.append((f"of {len(hosts)} at a time", before, State(server, bucket), len(hosts) * TOGETHER))
            # The first poll without news makes rows that the next ones count in.
            polled = machines.Portals.lists + 2 * len(hosts)
            machines.until(200, lambda: machines.Portals.lists >= polled, folder)
            before = State(server, bucket)
            polled = machines.Portals.lists
            machines.until(200, lambda: machines.Portals.lists >= polled + 2 * len(hosts), folder)
            polls = machines.Portals.lists - polled
            quiet = State(server, bucket)
            machines.stopped(processes)
        finally:
            bucket.process.terminate()
            server.close()
            shutil.rmtree(folder)
    heads = ["an article", "rows", "PostgreSQL"]
    for name in PLACES.values():
        heads += [f"{name}: PUT", "bytes"]
    print(f"{len(hosts)} hosts with one column of {ARTICLES} articles at first, pages of 64 KB")
    print(measure.table(heads, [row(*state) for state in states]))
    print(f"a poll without news: {(quiet.rows - before.rows) / polls:.2f} rows")
    looked = sum(count for (_, method), count in (quiet.requests - before.requests).items() if method == "HEAD")
    print(f"the check of published objects, meanwhile: {looked} HEAD requests, of {quiet.sizes['site'][0]} objects")


if __name__ == "__main__":
    main()
