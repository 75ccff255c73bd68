#!/usr/bin/env bash
# Letters are drawn by WeasyPrint, which loads Pango, HarfBuzz and Fontconfig from the system. This asks the loader
# itself whether they are there, installs them where the person may, and otherwise prints the command to run.
set -euo pipefail
python=${1:?usage: tools/system_libraries.sh PYTHON}

missing() {
  "$python" - <<'PYTHON'
import ctypes

# The names that WeasyPrint tries, Linux first, then macOS, found the way it finds them: by the loader alone.
LIBRARIES = {
    "gobject": ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib"),
    "pango": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "pangoft2": ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "harfbuzz-subset": ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib"),
}


def loads(path: str) -> bool:
    try:
        ctypes.CDLL(path)
    except OSError:
        return False
    return True


print(*(name for name, files in LIBRARIES.items() if not any(map(loads, files))))
PYTHON
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0

debian="apt-get install --no-install-recommends --yes libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1"
if command -v apt-get >/dev/null 2>&1; then
  root=()
  if [ "$(id -u)" -ne 0 ]; then root=(sudo --non-interactive); fi
  if [ "$(id -u)" -eq 0 ] || sudo --non-interactive true 2>/dev/null; then
    echo "Installing the libraries that draw letters (missing: $lacking)"
    # shellcheck disable=SC2086 # the command is a list of words
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive $debian >/dev/null 2>&1 ||
      { "${root[@]}" apt-get update --quiet >/dev/null && "${root[@]}" env DEBIAN_FRONTEND=noninteractive $debian >/dev/null; }
    lacking=$(missing)
    [ -n "$lacking" ] || exit 0
  fi
fi

cat >&2 <<EOF
Letters cannot be drawn yet: these system libraries are missing: $lacking
Install them, then run make again:
  Debian, Ubuntu   sudo $debian
  Fedora           sudo dnf install pango harfbuzz fontconfig
  Alpine           sudo apk add pango harfbuzz-subset fontconfig
  macOS            brew install python pango harfbuzz fontconfig   (then: make PYTHON="\$(brew --prefix)/bin/python3")
EOF
exit 1
