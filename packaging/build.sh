#!/usr/bin/env bash
# Builds the program as it is packaged, and says what it is made of. In target/package are then the
# program, and dibao.cdx.json: every crate in it with its version, licence and checksum (CycloneDX). It also
# names the crates of `legacy-tls`, `many-machines` and `demo-hostile`, which only builds with these features have.
# Arguments go to cargo: packaging/build.sh --features legacy-tls
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo cyclonedx --version >/dev/null 2>&1; then
  echo "build: cargo-cyclonedx is missing; install it: cargo install --locked cargo-cyclonedx" >&2
  exit 1
fi

out=target/package
rm -rf "$out"
mkdir -p "$out"
cargo build --release --locked "$@"
install -m 755 "${CARGO_TARGET_DIR:-target}/release/dibao" "$out/dibao"
# It writes beside Cargo.toml, a file for each program.
cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries "$@"
mv dibao_bin.cdx.json "$out/dibao.cdx.json"
(cd "$out" && sha256sum dibao dibao.cdx.json >SHA256SUMS && cat SHA256SUMS)
