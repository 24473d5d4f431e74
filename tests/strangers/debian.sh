#!/bin/sh
# debian.sh PROGRAM: sees to a program of Debian's of the same name, where this machine lets us.
set -eu

if command -v "$1" >/dev/null; then exit; fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get install -y -qq "$1" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq "$1" >/dev/null; }
fi
