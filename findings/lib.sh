# What all findings share: a temporary folder, pinned packages in it, and the comparison.
# Sourced, not run. Exit codes: 0 as described, 1 the behaviour has changed, 2 a package could not
# be installed, 3 a program failed.

set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Installs Python packages (NAME==VERSION …) from PyPI.
python_packages() {
  python3 -m venv "$work/venv" &&
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$@" || exit 2
}

# Installs npm packages (NAME@VERSION …), without their install scripts.
node_packages() {
  printf '{"private": true, "type": "module"}\n' > "$work/package.json"
  npm install --prefix "$work" --loglevel=error --no-audit --no-fund --ignore-scripts "$@" > /dev/null ||
    exit 2
}

# Makes a program of standard input, with these packages of crates.io (NAME = "=VERSION" …), and runs it.
rust_program() {
  mkdir -p "$work/program/src"
  cat > "$work/program/src/main.rs"
  printf '[package]\nname = "program"\nedition = "2021"\n[dependencies]\n' > "$work/program/Cargo.toml"
  printf '%s\n' "$@" '[workspace]' >> "$work/program/Cargo.toml"
  (cd "$work/program" && cargo fetch --quiet) || exit 2
  (cd "$work/program" && CARGO_TARGET_DIR="$work/target" cargo run --quiet --release) || exit 3
}

# Runs the program on standard input.
python() {
  (cd "$work" && PYTHONWARNINGS=ignore PYTHONUTF8=1 venv/bin/python -) || exit 3
}

node_program() {
  cat > "$work/program.mjs"
  (cd "$work" && node program.mjs) || exit 3
}

# Prints the output ($1) and compares it with the described one (standard input).
compare() {
  printf '%s\n' "$1"
  if diff -u --label described --label seen - <(printf '%s\n' "$1"); then
    echo "As described."
  else
    echo "The behaviour has changed." >&2
    exit 1
  fi
}
