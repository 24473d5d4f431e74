"""running.py SERVER: the demo server as whoever runs it meets it, a process with an environment and signals.

Prometheus' own parser (PyPI's prometheus-client) reads its figures.
"""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

SERVER = sys.argv.pop(1)
TOPIC = "boards:1:cursors"
KEY = "00112233445566778899aabbccddee%02x"


class Process:
    """A server of its own."""

    def __init__(self, **environment):
        self.process = subprocess.Popen(
            [SERVER, "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
            env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = ""
        self.url = self.find(r"listens on http://([^ /\n]+)")
        self.admin = self.find(r"operations on http://([^ /\n]+)")

    def find(self, pattern):
        while not (found := re.search(pattern, self.said)):
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError(f"no {pattern} in {self.said}")
            self.said += line
        return found.group(1)

    def get(self, path, url=None):
        """Status, head and body of an answer."""
        try:
            with urllib.request.urlopen(f"http://{url or self.url}{path}", timeout=5) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def post(self, path, key, body=""):
        head = {"Presence-Session": key, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{self.url}{path}", body.encode(), head, method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def figures(self):
        status, head, text = self.get("/metrics", self.admin)
        assert status == 200 and head["content-type"].startswith("text/plain; version=0.0.4"), head
        families = {}
        for family in text_string_to_metric_families(text):
            assert family.name not in families, f"{family.name} twice"
            assert family.type in ("counter", "gauge", "histogram"), family
            assert family.documentation, family
            for sample in family.samples:
                families.setdefault(family.name, {})[(sample.name, *sorted(sample.labels.items()))] = sample.value
        return families

    def signal(self, which):
        self.process.send_signal(which)
        return time.monotonic()

    def ended(self):
        self.process.communicate(timeout=20)
        return self.process.returncode, time.monotonic()


class Socket:
    """A WebSocket, written and read by hand."""

    def __init__(self, url, key):
        host, port = url.split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /presence/ws HTTP/1.1\r\nHost: {url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline() != b"\r\n":
            pass
        if self.status == 101:
            self.say({"type": "hello", "protocol": 1, "session": key})

    def say(self, message):
        text = json.dumps(message).encode()
        head = bytes([0x81, 0x80 | len(text)]) if len(text) < 126 else b"\x81\xfe" + len(text).to_bytes(2, "big")
        self.socket.sendall(head + bytes(4) + text)

    def hear(self):
        """The next message, or the code of a close frame."""
        opcode, length = self.file.read(2)
        if length == 126:
            length = int.from_bytes(self.file.read(2), "big")
        data = self.file.read(length)
        return int.from_bytes(data[:2], "big") if opcode & 15 == 8 else json.loads(data)

    def until(self, kind):
        while (message := self.hear()) != kind and (isinstance(message, int) or message["type"] != kind):
            pass
        return message

    def close(self):
        self.socket.close()
        self.file.close()


class Running(unittest.TestCase):
    def setUp(self):
        self.started = []

    def tearDown(self):
        for it in self.started:
            it.process.kill()
            it.process.communicate()

    def start(self, **environment):
        self.started.append(Process(**environment))
        return self.started[-1]

    def test_everybody_is_told_and_sent_off_and_the_process_ends_well(self):
        server = self.start(PRESENCE_DRAIN="2s")
        self.assertEqual(server.get("/readyz")[0], 200)
        sockets = [Socket(server.url, KEY % i) for i in range(4)]
        for it in sockets:
            it.until("welcome")
            it.say({"type": "heartbeat", "topic": TOPIC, "value": {"x": 1, "y": 2, "label": "Ann"}})
            it.say({"type": "subscribe", "topic": TOPIC})
            it.until("snapshot")
        stream = urllib.request.urlopen(f"http://{server.url}/presence/{TOPIC}/changes", timeout=10)
        began = server.signal(signal.SIGTERM)
        hints = [it.until("draining")["retryAfterMs"] for it in sockets]
        self.assertLess(time.monotonic() - began, 0.5)
        self.assertEqual(len(set(hints)), 4)
        self.assertTrue(all(0 <= it < 2_000 for it in hints), hints)
        status, head, body = server.get("/readyz")
        self.assertEqual((status, json.loads(body)), (503, {"status": "draining"}))
        self.assertEqual(server.get("/healthz")[0], 200)
        # What does not stay is still answered, what would stay is not.
        self.assertEqual(server.post(f"/presence/{TOPIC}/heartbeat", KEY % 99, '{"value":{"x":1,"y":2,"label":"Bo"}}')["change"], "joined")
        self.assertEqual(Socket(server.url, KEY % 9).status, 503)
        status, head, body = server.get(f"/presence/{TOPIC}/changes")
        self.assertEqual((status, json.loads(body)["error"]["code"]), (503, "overloaded"))
        self.assertGreaterEqual(int(head["retry-after"]), 1)
        self.assertEqual(server.figures()["presence_ready"][("presence_ready",)], 0)
        ends = []
        for it in sockets:
            self.assertEqual(it.until(1012), 1012)
            ends.append(time.monotonic() - began)
            it.close()
        self.assertGreater(ends[-1] - ends[0], 0.8, ends)
        self.assertLess(ends[-1], 2.2, ends)
        told = stream.read().decode()
        self.assertRegex(told, r'event: draining\nretry: (\d+)\ndata: {"type":"draining","retryAfterMs":\1}\n\n')
        code, end = server.ended()
        self.assertEqual(code, 0)
        # Somebody asked /readyz, so the time is waited for.
        self.assertTrue(1.9 < end - began < 4, end - began)

    def test_nobody_there_ends_at_once(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            server = self.start()
            # Whoever is answered has a server that listens to signals.
            self.assertEqual(server.get("/healthz")[0], 200)
            began = server.signal(which)
            code, end = server.ended()
            self.assertEqual(code, 0)
            self.assertLess(end - began, 1)

    def test_the_second_signal_ends_the_process_at_once(self):
        for first, second, status in [(signal.SIGTERM, signal.SIGTERM, 143), (signal.SIGINT, signal.SIGINT, 130), (signal.SIGTERM, signal.SIGINT, 130)]:
            server = self.start()
            it = Socket(server.url, KEY % 1)
            it.until("welcome")
            server.get("/readyz")
            server.signal(first)
            it.until("draining")
            began = server.signal(second)
            code, end = server.ended()
            self.assertEqual(code, status)
            self.assertLess(end - began, 0.1)

    def test_figures_are_what_prometheus_reads_and_go_back_to_nothing(self):
        server = self.start()
        self.assertEqual(server.get("/metrics")[0], 404)
        before = server.figures()
        self.assertEqual(before["presence_refusals"][("presence_refusals_total", ("code", "not_found"))], 1)
        for number in range(30):
            it = Socket(server.url, KEY % number)
            it.until("welcome")
            it.say({"type": "subscribe", "topic": f"boards:{number}:cursors"})
            it.until("snapshot")
            it.say({"type": "heartbeat", "topic": f"boards:{number}:cursors", "value": {"x": 1, "y": 2, "label": "Ann"}, "id": 1})
            it.until("ok")
            if number == 29:
                now = server.figures()
                self.assertEqual(now["presence_connections"][("presence_connections", ("transport", "websocket"))], 1)
                self.assertEqual(now["presence_entries"][("presence_entries", ("type", "Cursor"))], 1)
            it.say({"type": "leave", "topic": f"boards:{number}:cursors", "id": 2})
            it.until("ok")
            it.close()
        counted = ["presence_connections", "presence_entries", "presence_subscriptions", "presence_users", "presence_sessions", "presence_pending_bytes"]
        for _ in range(50):
            after = server.figures()
            if all(it == 0 for name in counted for it in after[name].values()):
                break
            time.sleep(0.1)
        self.assertEqual({name: set(after[name].values()) for name in counted}, {name: {0} for name in counted})
        self.assertEqual(after["presence_joins"][("presence_joins_total", ("type", "Cursor"))], 30)
        self.assertEqual(after["presence_leaves"][("presence_leaves_total", ("reason", "left"), ("type", "Cursor"))], 30)
        for name in ("process_resident_memory_bytes", "process_open_fds", "process_max_fds", "process_cpu_seconds"):
            self.assertGreater(max(after[name].values()), 0, name)
        # Thirty topics and members made no figure that was not there.
        self.assertEqual({name: set(it) for name, it in after.items()}, {name: set(it) for name, it in before.items()})

    def test_wrong_settings_are_told_before_anything_is_served(self):
        for name, value, said in [
            ("PRESENCE_DRAIN", "9h", "`PRESENCE_DRAIN` must be 100 ms to 1 h"),
            ("PRESENCE_MAX_CONECTIONS", "9", "is it `PRESENCE_MAX_CONNECTIONS`?"),
            ("PRESENCE_HOSTS", "*", "hosts must be names of hosts"),
            ("PRESENCE_HEARTBEAT", "20s", "ttl must be at least twice the heartbeat of 20s, found 30s"),
        ]:
            done = subprocess.run([SERVER, "--addr", "127.0.0.1:0"], env={**os.environ, name: value}, capture_output=True, text=True, timeout=10)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)

    def test_a_redis_that_cannot_be_one_is_told_and_one_that_is_not_there_keeps_nobody_from_being_served(self):
        done = subprocess.run([SERVER, "--addr", "127.0.0.1:0", "--redis", "http://127.0.0.1"], capture_output=True, text=True, timeout=10)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--redis: a Redis URL is redis://", done.stderr)
        # Nobody listens at port 1.
        server = self.start(PRESENCE_REDIS="redis://127.0.0.1:1")
        self.assertIn("--redis: the engine is out of reach", server.said)
        self.assertEqual(server.post(f"/presence/{TOPIC}/heartbeat", KEY % 1, '{"value":{"x":1,"y":2,"label":"Ann"}}')["change"], "joined")
        for _ in range(50):
            status, _, body = server.get("/readyz")
            if json.loads(body)["remote"] == "stale":
                break
            time.sleep(0.1)
        self.assertEqual((status, json.loads(body)), (200, {"status": "ready", "remote": "stale"}))


if __name__ == "__main__":
    unittest.main(warnings="ignore")
