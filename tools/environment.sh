#!/usr/bin/env bash
# Builds .venv from requirements.lock and puts this checkout into it. Called by the Makefile; does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv
locked=$(cksum <requirements.lock)
declared=$(cksum <pyproject.toml)

built_from() { # built_from NAME SUM: whether this part of .venv was built from the file of that sum
  [ "$(cat "$venv/.$1" 2>/dev/null)" = "$2" ] && "$venv/bin/python" -c '' 2>/dev/null
}

put_checkout_into_venv() {
  # The build backend came with the lock, so nothing is fetched unpinned here.
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
  echo "$declared" >"$venv/.declared"
}

if built_from locked "$locked"; then
  built_from declared "$declared" || put_checkout_into_venv
  exit 0
fi

recent_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
  if [ -n "$candidate" ] && recent_enough "$candidate"; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Acquis needs Python 3.11 or newer and found none on the PATH. Install one, or say where it is: make PYTHON=/path/to/python3" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$("$python" -V) cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
  exit 1
fi

echo "Building $venv with $("$python" -V) from requirements.lock (once; about a minute)"
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock
put_checkout_into_venv
echo "$locked" >"$venv/.locked"
