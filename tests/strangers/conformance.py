"""The cases of the Autobahn test suite against our WebSocket code, run by kosoku (from PyPI).

    conformance.py ECHO [CASES...]

ECHO is the echo server of examples/echo. All cases are run but those of compression (12 and 13), which
is never offered here. Each has to be "OK"; the exceptions are below.
"""

import asyncio
import sys
import time
from collections import Counter

from kosoku import FailureError, run_fuzzingclient

from served import served

# What the suite calls acceptable, and why we leave it at that. A list that is better than the truth fails.
NON_STRICT = {
    # A text is judged by whole frames: that it is no UTF-8 in the middle of one is noticed at its end.
    "6.4.3": ["NON-STRICT"],
    "6.4.4": ["NON-STRICT"],
    # A fragment is refused at once, and the suite waits a second for that: a busy machine may take longer.
    "6.4.1": ["OK", "NON-STRICT"],
    "6.4.2": ["OK", "NON-STRICT"],
}
# Which nobody can pass or fail: the suite only tells what a server does.
INFORMATIONAL = ["7.1.6", "7.13.1", "7.13.2"]
COMPRESSION = ["12.*", "13.*"]


async def run(url, include):
    try:
        return await run_fuzzingclient(url, include, COMPRESSION, concurrency=8)
    except FailureError as failure:
        return failure.results


def judge(results):
    """What is not as it has to be."""
    wrong = []
    for it in results:
        behavior, close = it.behavior.value, it.behavior_close.value
        if it.case_id in INFORMATIONAL:
            good = behavior == "INFORMATIONAL" and close in ("OK", "INFORMATIONAL")
        else:
            good = behavior in NON_STRICT.get(it.case_id, ["OK"]) and close == "OK"
        if not good:
            wrong.append(f"  {it.case_id}: {behavior}, close {close}: {it.result} {it.result_close}")
    return wrong


def main():
    echo, cases = sys.argv[1], sys.argv[2:] or None
    failed = False
    for name, command in [
        ("straight to the socket", [echo]),
        ("by the connection's task", [echo, "--deferred"]),
    ]:
        began = time.monotonic()
        with served(*command, "--addr", "127.0.0.1:0") as url:
            results = asyncio.run(run(url.replace("http:", "ws:") + "/", cases))
        counts = Counter(it.behavior.value for it in results)
        told = ", ".join(f"{count} {behavior}" for behavior, count in sorted(counts.items()))
        print(f"autobahn, {name}: {len(results)} cases in {time.monotonic() - began:.0f} s: {told}")
        wrong = judge(results)
        if wrong or not results:
            failed = True
            print("not as they have to be:", *wrong, sep="\n")
    sys.exit(failed)


if __name__ == "__main__":
    main()
