#!/bin/sh
# Makes sure that nginx, Caddy and openssl are there: those that are installed, or Debian's, installed
# now where that is possible.
set -eu
# Debian keeps nginx where only root looks.
PATH=$PATH:/usr/sbin

missing=""
for program in nginx caddy openssl; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
if [ -z "$missing" ]; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's$missing for the tests of deployments" >&2
  # Installed, not started: the machine's own ports are nobody's business here.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq
  # shellcheck disable=SC2086 # these are words
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
  exit 0
fi
echo "the tests of deployments need$missing: run \`sudo apt-get install$missing\`" >&2
exit 1
