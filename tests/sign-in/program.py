# SPDX-License-Identifier: GPL-3.0-or-later
"""weir-sign-in-under-test with its own folders, its clock in our hands, and a fake vendor."""

import contextlib
import json
import mmap
import os
import queue
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from fake_vendor import FakeVendor  # noqa: E402

PORTS = {"claude": 54545, "codex": 1455, "antigravity": 51121, "gemini-cli": 8085}
PATHS = {"claude": "/callback", "codex": "/auth/callback", "antigravity": "/oauth-callback", "gemini-cli": "/oauth2callback"}


def callback(provider, query, method="GET", host=None, path=None, port=None, fields=()):
    """Status and body of what the listener of @provider answers."""
    port = port or PORTS[provider]
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        head = [f"{method} {path or PATHS[provider]}?{query} HTTP/1.1", f"Host: {host or f'localhost:{port}'}", *fields]
        sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
        data = b""
        while piece := sock.recv(65536):
            data += piece
    return int(data.split(b" ")[1]), data


def listens(provider):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORTS[provider]), 5):
        return True
    return False


class Program:
    def __init__(self, vendor=None, folder=None, more=""):
        self.path = os.environ["WEIR_SIGN_IN"]
        self.vendor = vendor or FakeVendor()
        self.folder = folder or tempfile.mkdtemp(prefix="weir-sign-in-")
        self.config = os.path.join(self.folder, "weir.yaml")
        with open(self.config, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write("secrets: file\n" + self.vendor.vendor_hosts() + self.vendor.oauth_clients() + more)
        clock = os.path.join(self.folder, "clock")
        with open(clock, "wb") as file:
            file.write(bytes(8))
        with open(clock, "r+b") as file:
            self.clock = mmap.mmap(file.fileno(), 8)
        self.opened = os.path.join(self.folder, "opened")
        self._make_browser()
        self.last = {}  # number -> newest "changed"
        self.start(clock)

    def _make_browser(self):
        """What "opens" an address writes it down."""
        data = os.path.join(self.folder, "data", "applications")
        os.makedirs(data, exist_ok=True)
        script = os.path.join(self.folder, "browser")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nprintf "%s" "$1" > {self.opened}.new && mv {self.opened}.new {self.opened}\n')
        os.chmod(script, 0o700)
        with open(os.path.join(data, "fake-browser.desktop"), "w", encoding="utf-8") as file:
            file.write("[Desktop Entry]\nType=Application\nName=Fake\n"
                       f"Exec={script} %u\nMimeType=x-scheme-handler/http;x-scheme-handler/https;\n")
        with open(os.path.join(data, "mimeapps.list"), "w", encoding="utf-8") as file:
            file.write("[Default Applications]\nx-scheme-handler/http=fake-browser.desktop\n"
                       "x-scheme-handler/https=fake-browser.desktop\n")

    def forget_browser(self):
        """A restart sees none."""
        shutil.rmtree(os.path.join(self.folder, "data", "applications"))
        self.process.stdin.close()
        self.process.wait(20)
        self.errors.close()
        self.start(os.path.join(self.folder, "clock"))

    def kill_and_start(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()
        self.last.clear()
        self.start(os.path.join(self.folder, "clock"))

    def start(self, clock):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "WEIR", "DBUS_")) and k != "DISPLAY"}
        environment.update(WEIR_TEST_CLOCK=clock, HOME=self.folder, GIO_USE_PROXY_RESOLVER="dummy", G_MESSAGES_DEBUG="all",
                           DBUS_SESSION_BUS_ADDRESS="disabled:", XDG_DATA_DIRS=os.path.join(self.folder, "none"))
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            environment[f"XDG_{name}_HOME"] = os.path.join(self.folder, name.lower())
        self.errors = open(os.path.join(self.folder, "errors"), "ab")  # noqa: SIM115
        self.process = subprocess.Popen([self.path, "--config", self.config], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=environment, cwd=self.folder)
        self.events = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, self.events), daemon=True).start()
        self.wait_verb("start")

    @staticmethod
    def _read(process, events):
        for line in process.stdout:
            events.put(json.loads(line))
        events.put({"event": "end"})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.errors.close()
        self.vendor.close()
        with open(os.path.join(self.folder, "errors"), encoding="utf-8", errors="replace") as file:
            said = file.read()
        found = [secret for secret in self.vendor.secrets() if secret and secret in said]
        shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None:
            assert self.process.returncode == 0, said[-3000:]
            assert not found, f"secrets in the log: {found}"
            for word in ("CRITICAL", "runtime error", "Sanitizer"):
                assert word not in said, said[-3000:]

    # -- talking

    def advance(self, seconds):
        now = struct.unpack("<q", self.clock[:8])[0]
        self.clock[:8] = struct.pack("<q", now + int(seconds * 1e6))

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def next(self, seconds=20):
        event = self.events.get(timeout=seconds)
        if event["event"] == "changed":
            self.last[event["number"]] = event
        assert event["event"] != "end", "the program has ended"
        return event

    def wait_verb(self, verb, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event = self.next(seconds)
            if event["event"] == "verb" and event["verb"] == verb:
                return event
        raise AssertionError(f"no answer to {verb}")

    def wait_state(self, number, *states, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            event = self.last.get(number)
            if event is not None and event["state"] in states:
                return event
            with contextlib.suppress(queue.Empty):
                self.next(0.5)
        raise AssertionError(f"{number} is {self.last.get(number)}, not {states}")

    def begin(self, provider, way="-", replaces="-", verb="begin"):
        self.say(f"{verb} {provider} {way} {replaces}")
        answer = self.wait_verb(verb)
        assert not answer["error"], answer
        return int(answer["result"])

    def paste(self, number, text):
        self.say(f"paste {number} {text}")
        return self.wait_verb("paste")["error"]

    def accounts(self):
        self.say("accounts")
        while True:
            event = self.next()
            if event["event"] == "accounts":
                return event["accounts"]

    def token(self, account, refused="-"):
        self.say(f"token {account} {refused}")
        return self.wait_verb("token", 40)

    def sign_in(self, provider, replaces="-"):
        """The whole way by a browser, or by a device; the last event."""
        number = self.begin(provider, replaces=replaces)
        shown = self.wait_state(number, "waiting")
        if shown["user_code"]:
            assert self.vendor.approve(shown["user_code"])
            self.advance(6)
        else:
            where = self.vendor.consent(shown["url"])
            status, _ = callback(provider, where.split("?", 1)[1])
            assert status == 200, status
        return self.wait_state(number, "done", "failed")
