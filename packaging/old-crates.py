#!/usr/bin/env python3
"""Names the crates of Cargo.toml and src/Cargo.toml without a release for two years that docs/design/decisions.md gives no
reason for. The times of releases are those of cargo's own index, as far as it is on this machine."""

import datetime
import os
import pathlib
import re
import sys
import tomllib

root = pathlib.Path(__file__).resolve().parent.parent
manifest = tomllib.loads((root / "Cargo.toml").read_text())
versions = manifest["workspace"]["dependencies"]
library = tomllib.loads((root / "src/Cargo.toml").read_text())
reasons = (root / "docs/design/decisions.md").read_text()
home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
names = sorted({*versions, *library["build-dependencies"]} - {"dibao-library"})
limit = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2 * 365)

unknown, old = [], []
for name in names:
    times = set()
    for entry in home.glob(f"registry/index/*/.cache/**/{name}"):
        text = entry.read_bytes().decode("utf-8", "replace")
        times |= set(re.findall(r'"pubtime": ?"([^"]+)"', text))
    if not times:
        unknown.append(name)
    elif datetime.datetime.fromisoformat(max(times)) < limit and f"`{name}`" not in reasons:
        old.append(f"{name} ({max(times)[:10]})")

if unknown:
    print(f"not checked, the index of cargo has no times for them: {', '.join(unknown)}")
if old:
    print(f"no release for two years: {', '.join(old)}")
    print("remedy: replace them, or say why they stay in docs/design/decisions.md")
    sys.exit(1)
