#!/usr/bin/env bash
# The tests of the pages lead a real Chromium. This installs the system's where the person may, and otherwise prints
# the command to run: a page that no browser opened was not tested.
set -euo pipefail

for program in "${ACQUIS_TEST_CHROMIUM:-}" chromium chromium-browser; do
  if [ -n "$program" ] && command -v "$program" >/dev/null 2>&1; then exit 0; fi
done

debian="apt-get install --no-install-recommends --yes chromium fonts-noto-core"
if command -v apt-get >/dev/null 2>&1; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then root=(sudo --non-interactive); fi
  if [ "$(id -u)" -eq 0 ] || sudo --non-interactive true 2>/dev/null; then
    echo "Installing Chromium for the tests of the pages"
    # shellcheck disable=SC2086 # the command is a list of words
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive $debian >/dev/null 2>&1 ||
      { "${root[@]}" apt-get update --quiet >/dev/null && "${root[@]}" env DEBIAN_FRONTEND=noninteractive $debian >/dev/null; }
    if command -v chromium >/dev/null 2>&1; then exit 0; fi
  fi
fi

cat >&2 <<EOF
The pages cannot be tested yet: Chromium is missing. Install it, then run make again:
  Debian           sudo $debian
  Fedora           sudo dnf install chromium google-noto-sans-fonts
  Alpine           sudo apk add chromium font-noto
  elsewhere        ACQUIS_TEST_CHROMIUM=/path/to/chrome make test
EOF
exit 1
