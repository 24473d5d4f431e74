#!/bin/sh
# Makes sure that there is a Chromium for the tests of the page: the one that CHROMIUM names, one that
# is installed, or Debian's, installed now where that is possible.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
  if [ -x "$CHROMIUM" ]; then exit 0; fi
  echo "CHROMIUM names $CHROMIUM, which cannot be run" >&2
  exit 1
fi
for found in /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
  if [ -x "$found" ]; then exit 0; fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's Chromium for the tests of the page" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive exec apt-get install -qq -y --no-install-recommends chromium
fi
echo "the tests of the page need Chromium: run \`sudo apt-get install chromium\`, or name one in CHROMIUM" >&2
exit 1
