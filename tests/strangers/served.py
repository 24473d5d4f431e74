"""Servers under test: started on a free port of this machine, ended with the test."""

import contextlib
import re
import subprocess
import tempfile
import time


@contextlib.contextmanager
def served(*command, env=None):
    """Starts a server that says on standard error where it listens, and gives its address."""
    with tempfile.TemporaryFile("w+") as said:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=env)
        try:
            yield _address(server, said)
            if server.poll() is not None:
                raise SystemExit(f"{command[0]} ended by itself with {server.returncode}:\n{_all(said)}")
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
        if "panicked" in _all(said):
            raise SystemExit(f"{command[0]} panicked:\n{_all(said)}")


def _address(server, said):
    for _ in range(100):
        found = re.search(r"listens on (http://\S+)", _all(said))
        if found:
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"no server:\n{_all(said)}")


def _all(said):
    said.seek(0)
    return said.read()
