"""The routes by their description, tried by schemathesis (from PyPI) with good and bad requests.

    openapi.py LIVE_CURSORS AXUM_APP

Once where everybody may do everything, and in an application that knows its people: as nobody, and as
somebody who is on some boards. Streams are left out, because they never end.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from served import served

HERE = Path(__file__).resolve().parent
ST = Path(sys.executable).parent / "st"
ATTEMPTS, SEED = os.environ.get("EXAMPLES", "50"), os.environ.get("SEED", "1")


def run(name, url, document, *options):
    # It keeps a folder of its own where it runs.
    with tempfile.TemporaryDirectory() as folder:
        command = [ST, "run", document, "--url", url, "--exclude-path-regex", "changes$", "--mode", "all"]
        command += ["--phases", "examples,coverage,fuzzing", "--max-examples", ATTEMPTS, "--seed", SEED]
        done = subprocess.run(
            [*command, "--warnings", "off", *options], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    told = [line.strip() for line in done.stdout.splitlines()]
    tried = next((line for line in told if "generated" in line), "nothing was tried")
    print(f"schemathesis, {name}: {tried}", flush=True)
    if done.returncode != 0:
        print(done.stdout)
    return done.returncode == 0


def token(origin, user):
    """Logs in as the page does, and gives what presence is shown."""
    body = json.dumps({"user": user}).encode()
    login = urllib.request.Request(f"{origin}/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(login) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    ask = urllib.request.Request(f"{origin}/token", b"", {"Cookie": cookie}, method="POST")
    with urllib.request.urlopen(ask) as answer:
        return json.load(answer)["token"]


def main():
    live_cursors, axum_app = sys.argv[1:]
    good = []
    with served(live_cursors, "--addr", "127.0.0.1:0") as url:
        good.append(run("open", url, HERE / "../../schemas/openapi.json"))
    with served(axum_app, "--addr", "127.0.0.1:0", "--token-secs", "3600") as origin:
        origin = origin.removesuffix("/presence")
        url, shown = f"{origin}/presence", f"Bearer {token(origin, 'ann')}"
        # Nobody gets the description either.
        ask = urllib.request.Request(f"{url}/openapi.json", headers={"Authorization": shown})
        with tempfile.NamedTemporaryFile(suffix=".json") as document, urllib.request.urlopen(ask) as answer:
            document.write(answer.read())
            document.flush()
            good.append(run("nobody", url, document.name))
            good.append(run("somebody", url, document.name, "-H", f"Authorization: {shown}"))
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
