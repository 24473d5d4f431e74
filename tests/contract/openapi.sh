#!/bin/sh
# Has schemathesis (from PyPI, installed into the folder named first) try the routes of the demo server
# by schemas/openapi.json. Streams are left out, because they never end.
set -eu

folder=$1
document=$(cd "$(dirname "$0")/../.." && pwd)/schemas/openapi.json
if [ ! -x "$folder/bin/st" ]; then
  if ! python3 -m venv "$folder" 2>/dev/null; then
    # Debian has the module in a package of its own.
    rm -rf "$folder"
    apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    python3 -m venv "$folder"
  fi
  "$folder/bin/pip" install --quiet --disable-pip-version-check "schemathesis==4.32.5"
fi

said=$(mktemp)
"$PRESENCE_SERVER" --addr 127.0.0.1:0 2>"$said" >/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null; rm -f "$said"' EXIT

url=""
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  url=$(sed -n 's/.*listens on \(http:[^ ]*\).*/\1/p' "$said")
  if [ -n "$url" ]; then break; fi
  sleep 0.2
done
if [ -z "$url" ]; then
  cat "$said" >&2
  exit 1
fi

cd "$folder"
bin/st run "$document" --url "$url" --exclude-path-regex 'changes$' --phases examples,coverage,fuzzing \
  --max-examples "${EXAMPLES:-50}" --seed "${SEED:-1}" --warnings off
