#!/bin/sh
# install.sh TARGET: makes sure that there is a redis-server: the one that is installed, or Debian's, installed
# now where this user may, and unpacked into TARGET/redis where not.
set -eu
target=$1

if [ -n "${PRESENCE_REDIS_SERVER:-}" ] || command -v redis-server >/dev/null || [ -x "$target/redis/redis-server" ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "the tests of clusters need redis-server, 7.0 or newer: install it, or name it in PRESENCE_REDIS_SERVER" >&2
  exit 1
fi

if [ "$(id -u)" = 0 ]; then
  echo "installing Debian's redis-server for the tests of clusters" >&2
  # Installed, not started: the machine's own ports are nobody's business here.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  install="env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server"
  $install >/dev/null 2>&1 || { apt-get update -qq && $install >/dev/null; }
  exit 0
fi

echo "unpacking Debian's redis-server into $target/redis for the tests of clusters" >&2
mkdir -p "$target/redis/debian"
cd "$target/redis/debian"
apt-get download -qq redis-server redis-tools libatomic1 libjemalloc2 liblzf1
for package in *.deb; do dpkg-deb -x "$package" .; done
libraries=$(dirname "$(find "$PWD/usr/lib" -name 'libjemalloc.so*' | head -n 1)")
cat >"$target/redis/redis-server" <<END
#!/bin/sh
LD_LIBRARY_PATH="$libraries" exec "$PWD/usr/bin/redis-server" "\$@"
END
chmod +x "$target/redis/redis-server"
