"""Slow clients by the hundred, which slowhttptest (from Debian) plays, against the demo server.

    slow.py LIVE_CURSORS

Whatever they do, an innocent client gets its answers meanwhile, and the server is rid of them by its own
deadlines: slowhttptest would hold on for much longer. Deadlines are short here, so that each attack takes
seconds.
"""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

from served import served

CONNECTIONS = 400
# As many at a time are an attack.
ATTACKED = CONNECTIONS // 2
# How long slowhttptest would go on, if it were let.
PATIENCE = 60
DEADLINES = ["HEADER_TIMEOUT", "BODY_TIMEOUT", "IDLE_TIMEOUT", "STALL_TIMEOUT"]
# Longer than any of them, for a machine that is busy with something else.
RID_OF_THEM = 15
# An answer takes a millisecond, and a machine that is busy may take its time; who waits behind the slow
# ones would wait for their deadlines.
AT_MOST = 2.0
SESSION = {"Presence-Session": "00112233445566778899aabbccddeeff", "Content-Type": "application/json"}

HEARTBEAT, DOCUMENT = "/boards:1:cursors/heartbeat", "/openapi.json"
ATTACKS = [
    # Heads that never end.
    ("headers", "-H", ["-i", "1", "-t", "GET"], DOCUMENT, ATTACKED),
    # Bodies that never end, of a request that takes one.
    ("bodies", "-B", ["-i", "1", "-t", "POST", "-s", "8192", "-f", "application/json"], HEARTBEAT, ATTACKED),
    # Answers that are not read: half a megabyte for each, through a window of some bytes.
    ("answers", "-X", ["-k", "10", "-n", "10", "-w", "8", "-y", "16", "-z", "8"], DOCUMENT, ATTACKED),
    # Heads with a thousand ranges, answered as if there were none: so nobody has to be got rid of.
    ("ranges", "-R", ["-t", "GET", "-a", "5", "-b", "3000"], DOCUMENT, 0),
]


class Innocent(threading.Thread):
    """Somebody who heartbeats and looks who is there all the while, on connections of their own."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.over = urlsplit(url), threading.Event()
        self.took, self.wrong = [], []

    def run(self):
        while not self.over.wait(0.05):
            began = time.monotonic()
            try:
                self._ask("POST", HEARTBEAT, '{"value":{"x":1,"y":2,"label":"Ann"}}')
                self._ask("GET", "/boards:1:cursors/value")
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.wrong.append(repr(error))
            self.took.append(time.monotonic() - began)

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=10)
        connection.request(method, self.url.path + path, body, SESSION)
        answer = connection.getresponse()
        assert answer.status == 200, f"{method} {path}: {answer.status} {answer.read()}"
        answer.read()
        connection.close()


class Doors(threading.Thread):
    """How many connections the server has, and has had at most."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.local, self.over = f":{port:04X}", threading.Event()
        self.most, self.now = 0, 0

    def run(self):
        while not self.over.wait(0.1):
            self.now = self.count()
            self.most = max(self.most, self.now)

    def had(self, least):
        """Whether there were as many, and all are gone but the innocent."""
        return 0 < least <= self.most and self.now <= 4

    def count(self):
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table][1:]
        # Established, or closed by the other end only: what the server still holds.
        return sum(row[1].endswith(self.local) and row[3] in ("01", "08") for row in rows)


def attack(url, name, mode, options, path, least):
    innocent, doors = Innocent(url), Doors(urlsplit(url).port)
    innocent.start()
    doors.start()
    command = ["slowhttptest", mode, "-u", url + path, "-c", CONNECTIONS, "-r", CONNECTIONS, "-l", PATIENCE]
    command = [str(it) for it in command + ["-x", "24", "-p", "5", "-v", "0"] + options]
    began = time.monotonic()
    attacker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wrong = []
    # Some attackers notice the end, others have yet to read what came before it.
    while attacker.poll() is None and not doors.had(least):
        time.sleep(0.1)
        if time.monotonic() - began > RID_OF_THEM:
            wrong.append(f"{doors.now} connections are held after {RID_OF_THEM} s")
            break
    took = time.monotonic() - began
    attacker.terminate()
    said, _ = attacker.communicate()
    if attacker.returncode not in (0, 1, -signal.SIGTERM):
        wrong.append(f"slowhttptest ended with {attacker.returncode}: {said}")
    innocent.over.set()
    doors.over.set()
    innocent.join()
    doors.join()
    if doors.most < least:
        wrong.append(f"no attack: at most {doors.most} connections at a time")
    if innocent.wrong:
        wrong.append(f"{len(innocent.wrong)} requests of an innocent client failed: {innocent.wrong[0]}")
    if len(innocent.took) < 10 or max(innocent.took) > AT_MOST:
        wrong.append(f"of {len(innocent.took)} requests one took {max(innocent.took, default=0):.2f} s")
    print(
        f"slow {name}: {CONNECTIONS} clients, {doors.most} at a time, gone after {took:.1f} s; "
        f"{len(innocent.took)} innocent visits, {max(innocent.took, default=0) * 1000:.0f} ms at most",
        *wrong,
        sep="\n  ",
        flush=True,
    )
    return not wrong


def main():
    if not shutil.which("slowhttptest"):
        print("SKIPPED: slowhttptest is not installed, and comes from Debian's packages only")
        return
    env = os.environ | {f"PRESENCE_{name}": "3s" for name in DEADLINES}
    only = sys.argv[2:]
    with served(sys.argv[1], "--addr", "127.0.0.1:0", env=env) as url:
        good = [attack(url, *it) for it in ATTACKS if not only or it[0] in only]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
