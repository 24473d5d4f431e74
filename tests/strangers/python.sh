#!/bin/sh
# python.sh FOLDER PACKAGE...: sees to a Python of its own in that folder, with these packages from PyPI.
set -eu

folder=$1
shift
if [ ! -x "$folder/bin/python" ]; then
  if ! python3 -m venv "$folder" 2>/dev/null; then
    # Debian has the module in a package of its own.
    rm -rf "$folder"
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    python3 -m venv "$folder"
  fi
fi
"$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
