# SPDX-License-Identifier: GPL-3.0-or-later
"""The program under test: started on a free port with its own folders, its clock in our
hands, its output read as it comes."""

import base64
import contextlib
import json
import mmap
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.parse

from . import dialects
from .client import Client
from .mock import Mock

LISTENING = re.compile(rb"weir listening on https?://\S+:(\d+)\s*$")
COMPLAINT = re.compile(r"-CRITICAL|CRITICAL \*\*|WARNING \*\*|-WARNING|runtime error:|Sanitizer|SUMMARY:")
IS_SANITIZED_MARK = b"__asan_init"


def program_path():
    path = os.environ.get("WEIR") or shutil.which("weir-under-test")
    return os.path.abspath(path) if path else None


def is_sanitized(path):
    with open(path, "rb") as file:
        return IS_SANITIZED_MARK in file.read()


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def entry(dialect, port, key, models, path_prefix=""):
    """One YAML flow mapping for a provider list of @dialect."""
    version = "/v1" if dialect.slug in ("chat", "codex") else ""
    url = port if isinstance(port, str) else f"http://127.0.0.1:{port}{path_prefix}{version}"
    names = ", ".join(f"{{name: {name}, alias: {alias}}}" for name, alias in models)
    if dialect is dialects.CHAT:
        name = key.removeprefix("upstream-").removesuffix("-key")
        return f'{{name: {name}, base-url: "{url}", api-key-entries: [{{api-key: {key}}}], models: [{names}]}}'
    return f'{{api-key: {key}, base-url: "{url}", models: [{names}]}}'


def standard_config(world):
    """Per dialect: X-1 on the first mock; Xduo-1 on both mocks; Xhalf-1 on a dead port and on
    the second mock; Xdead-1 on a dead port only."""
    keys = ", ".join(f'"{key}"' for key in world.client_keys)
    lines = [f'host: "{world.host}"', f"api-keys: [{keys}]"]
    for dialect in dialects.ALL:
        slug = dialect.slug
        duo = [(f"m-{slug}duo", f"{slug}duo-1")]
        half = [(f"m-{slug}half", f"{slug}half-1")]
        lines.append(f"{dialect.family_key}:")
        for row in (
            entry(dialect, world.up.port, dialect.upstream_key, [(f"m-{slug}", f"{slug}-1")]),
            entry(dialect, world.up.port, f"upstream-{slug}-duo-a-key", duo),
            entry(dialect, world.up2.port, f"upstream-{slug}-duo-b-key", duo),
            entry(dialect, world.dead_port, f"upstream-{slug}-half-a-key", half),
            entry(dialect, world.up2.port, f"upstream-{slug}-half-b-key", half),
            entry(dialect, world.dead_port, f"upstream-{slug}-dead-key", [(f"m-{slug}dead", f"{slug}dead-1")]),
        ):
            lines.append(f"  - {row}")
    return "\n".join(lines) + "\n"


class World:
    """A program, two mocks, a clock.  config (world) makes the YAML text, or None starts
    without --config."""

    def __init__(self, config=standard_config, host="127.0.0.1", tls=None, port=0, descriptors=4096):
        self.path = program_path()
        self.sanitized = is_sanitized(self.path)
        self.host = host
        self.client_keys = [dialects.CLIENT_KEY, dialects.SECOND_KEY]
        self.up = Mock(dialects.answer_well, tls)
        self.up2 = Mock(dialects.answer_well, tls)
        self.dead = socket.socket()  # bound, never listening: refuses for certain
        self.dead.bind(("127.0.0.1", 0))
        self.dead_port = self.dead.getsockname()[1]
        self.folder = tempfile.mkdtemp(prefix="weir-wire-")
        self.secrets = []
        self.clients = []
        self._make_clock()
        self.config_path = None
        if config is not None:
            self.config_path = os.path.join(self.folder, "weir.yaml")
            self.write_config(config(self))
        self._start(port, descriptors)

    # -- start and end

    def _make_clock(self):
        self.clock_path = os.path.join(self.folder, "clock")
        with open(self.clock_path, "wb") as file:
            file.write(bytes(8))
        with open(self.clock_path, "r+b") as file:
            self.clock = mmap.mmap(file.fileno(), 8)

    def write_config(self, text):
        """Puts @text in the file's place at once: a reload under way never sees half of it."""
        fresh = self.config_path + ".new"
        with open(fresh, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text)
        os.replace(fresh, self.config_path)
        for key in re.findall(r"upstream-[\w-]+-key", text) + self.client_keys:
            if key not in self.secrets:
                self.secrets.append(key)

    def environment(self):
        environment = {
            k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and not k.startswith(("XDG_", "WEIR"))
        }
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        environment["GIO_USE_PROXY_RESOLVER"] = "dummy"  # no desktop has a say in the tests
        environment["GIO_USE_NETWORK_MONITOR"] = "base"  # there is a network, whatever this machine has
        environment["WEIR_TEST_CLOCK"] = self.clock_path
        environment["HOME"] = self.folder
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            environment[f"XDG_{name}_HOME"] = os.path.join(self.folder, name.lower())
        environment["XDG_RUNTIME_DIR"] = os.path.join(self.folder, "run")
        os.makedirs(environment["XDG_RUNTIME_DIR"], mode=0o700, exist_ok=True)
        return environment

    def command(self, port=0):
        line = [self.path, "--port", str(port), "--log-format", "json"]
        return line + (["--config", self.config_path] if self.config_path else [])

    def _start(self, port, descriptors):
        self.process = subprocess.Popen(
            self.command(port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(),
            cwd=self.folder,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)),
        )
        self.pid = self.process.pid
        self.output = bytearray()
        self.errors = bytearray()
        self.port = None
        self.listening = threading.Event()
        self.threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.output), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for thread in self.threads:
            thread.start()
        if not self.listening.wait(20) or self.port is None:
            self.process.kill()
            raise AssertionError(f"did not listen: {bytes(self.output)!r} {self.error_text()[-2000:]}")

    def _read(self, pipe, into):
        for line in pipe:
            into += line
            match = LISTENING.search(line)
            if match and into is self.output:
                self.port = int(match.group(1))
                self.listening.set()
        self.listening.set()

    def is_alive(self):
        return self.process.poll() is None

    def stop(self, timeout=20):
        """Ends the program gracefully; its exit code."""
        self.up.released.set()
        self.up2.released.set()
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout
        while self.is_alive() and time.monotonic() < deadline:
            try:
                self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                self.advance(31)
        if self.is_alive():
            self.process.kill()
            self.process.wait()
            return None
        for thread in self.threads:
            thread.join(5)
        return self.process.returncode

    def clean(self):
        for client in self.clients:
            client.close()
        if self.is_alive():
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        self.up.close()
        self.up2.close()
        self.dead.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- time

    def advance(self, seconds):
        """Moves the program's clock; it looks at it at least each 20 ms."""
        now = struct.unpack("<q", self.clock[:8])[0]
        self.clock[:8] = struct.pack("<q", now + int(seconds * 1e6))

    # -- talking

    def client(self, **options):
        client = Client(options.pop("port", self.port), **options)
        client.world = self
        self.clients.append(client)
        return client

    def head(self, method, target, fields=(), key=dialects.CLIENT_KEY, host=None, version="1.1"):
        lines = [f"{method} {target} HTTP/{version}", f"Host: {f'127.0.0.1:{self.port}' if host is None else host}"]
        if key is not None:
            lines.append(f"Authorization: Bearer {key}")
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def post(self, target, body, fields=(), kind="application/json", **more):
        if isinstance(body, str):
            body = body.encode()
        own = [("Content-Length", len(body))]
        if kind is not None:
            own.append(("Content-Type", kind))
        return self.head("POST", target, [*own, *fields], **more) + body

    def ask(self, dialect, stream=False, prompt="hello", model=None, fields=(), key=dialects.CLIENT_KEY, more=None):
        """The bytes of one good request in @dialect."""
        model = model or dialect.model()
        body = dialect.body(prompt, stream, model, **(more or {}))
        return self.post(dialect.route(stream, model), body, fields, key=key)

    def exchange(self, data, **options):
        """Sends @data on a connection of its own and reads one answer."""
        with self.client(**options) as client:
            client.send(data)
            return client.read_answer()

    # -- looking

    def error_text(self):
        return bytes(self.errors).decode("utf-8", "replace")

    def rows(self, start=0):
        """The request log's rows since byte @start of standard error."""
        rows = []
        for line in bytes(self.errors[start:]).split(b"\n")[:-1]:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and "route" in row and "id" in row:
                rows.append(row)
        return rows

    def complaints(self):
        return [line for line in self.error_text().split("\n") if COMPLAINT.search(line)]

    def secrets_in(self, data, secrets=None):
        found = []
        for secret in secrets or self.secrets:
            raw = secret.encode()
            for form in (raw, base64.b64encode(raw).rstrip(b"="), urllib.parse.quote(secret).encode(), raw.hex().encode()):
                if form in data:
                    found.append(secret)
                    break
        return found

    def count_descriptors(self):
        """All but those of the state and of quotas, whose files are opened with their first row."""
        folder = f"/proc/{self.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                target = os.readlink(f"{folder}/{name}")
                count += "/state.db" not in target and "/quota.db" not in target
        return count

    def memory_kib(self, field="VmRSS"):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise AssertionError(f"no {field}")

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def limit_descriptors(self, soft):
        hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (soft, hard))
