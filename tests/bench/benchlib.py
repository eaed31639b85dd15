# SPDX-License-Identifier: GPL-3.0-or-later
"""What `run` and `callgrind` share: the mock, nginx and weir as children that are always
ended, and the two programs they are measured with."""

import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

KEY = "sk-weir-bench-0123456789abcdef"
START_SECONDS = 60
END_SECONDS = 2
END_TRIES = 5

NGINX = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid {home}/nginx.pid;
error_log {home}/nginx.log crit;
{user}
{master}
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  client_max_body_size 64m;
  keepalive_requests 100000000;
  upstream mock {{
    server 127.0.0.1:{mock};
    keepalive 256;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /healthz {{ return 200; }}
    location / {{
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }}
  }}
}}
"""

WEIR = """
host: "127.0.0.1"
api-keys: ["{key}"]
openai-compatibility:
  - name: mock
    base-url: http://127.0.0.1:{mock}/v1
    api-key-entries: [{{api-key: upstream-key}}]
    models: [{{name: bench-model, alias: bench-model}}]
claude-api-key:
  - api-key: upstream-key
    base-url: "http://127.0.0.1:{mock}"
    models: [{{name: claude-bench, alias: claude-bench}}]
"""


class BenchError(Exception):
    """A measurement that is worth nothing; the text says why."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def end_with_parent():
    """Runs in the child: whatever ends this script also ends the child."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Bench:
    """Owns the children and a temporary home; a context manager that ends them all."""

    def __init__(self, build, weir=None):
        self.tools = pathlib.Path(build) / "tests" / "bench"
        self.weir = pathlib.Path(weir or pathlib.Path(build) / "src" / "app" / "weir")
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        self.nginx = shutil.which("nginx", path=path)
        self.children = []
        self.mock_port = 0

    def __enter__(self):
        for name in ("weir-bench-mock", "weir-bench-load"):
            if not (self.tools / name).exists():
                raise BenchError(f"{self.tools / name} is not built")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-"))
        self.environment = dict(os.environ, HOME=str(self.home))
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = str(self.home / name.lower())
        self.environment["XDG_RUNTIME_DIR"] = str(self.home)
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            self.end(child)
        shutil.rmtree(self.home, ignore_errors=True)

    def spawn(self, command, **options):
        # A session of its own: ^C reaches this script alone, which then ends the children.
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
            env=self.environment,
            cwd=self.home,
            **options,
        )
        self.children.append(child)
        return child

    def end(self, child):
        # Twice and more: nginx without a master misses a signal that comes just before it
        # goes to sleep.
        for _ in range(END_TRIES):
            if child.poll() is not None:
                break
            child.terminate()
            try:
                child.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()
        if child in self.children:
            self.children.remove(child)

    def first_line(self, child, what):
        ready, _, _ = select.select([child.stdout], [], [], START_SECONDS)
        line = child.stdout.readline() if ready else b""
        if not line:
            raise BenchError(f"{what} did not start{self.log_tail()}")
        return line.decode().strip()

    def log_tail(self):
        log = self.home / "weir.log"
        if not log.exists():
            return ""
        return ":\n" + "\n".join(log.read_text(errors="replace").splitlines()[-10:])

    def start_mock(self):
        child = self.spawn([self.tools / "weir-bench-mock"], stdout=subprocess.PIPE)
        self.mock_port = int(self.first_line(child, "the mock"))
        return child

    def tell_mock(self, query):
        for target in ("reset", query):
            url = f"http://127.0.0.1:{self.mock_port}/ctl?{target}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                answer.read()

    def nginx_command(self, port, single=False):
        config = self.home / f"nginx-{port}.conf"
        text = NGINX.format(
            home=self.home,
            port=port,
            mock=self.mock_port,
            user="user root;" if os.geteuid() == 0 else "",
            master="master_process off;" if single else "",
        )
        config.write_text(text)
        return [self.nginx, "-p", self.home, "-c", config, "-e", self.home / "nginx.log"]

    def weir_command(self, port):
        config = self.home / "weir.yaml"
        config.write_text(WEIR.format(key=KEY, mock=self.mock_port))
        config.chmod(0o600)
        return [self.weir, "--config", config, "--port", port]

    def start_nginx(self, prefix=(), single=False):
        port = free_port()
        child = self.spawn([*prefix, *self.nginx_command(port, single)])
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and child.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return child, port
            except OSError:
                time.sleep(0.01)
        raise BenchError("nginx did not start")

    def start_weir(self, prefix=()):
        with open(self.home / "weir.log", "wb") as log:
            child = self.spawn(
                [*prefix, *self.weir_command(0)], stdout=subprocess.PIPE, stderr=log
            )
        line = self.first_line(child, "weir")
        if not line.startswith("weir listening on http://127.0.0.1:"):
            raise BenchError(f"weir said: {line}")
        return child, int(line.rsplit(":", 1)[1].strip("/"))

    def load(self, *arguments, seconds=120):
        """One run of the load generator; wrong answers end the benchmark."""
        child = self.spawn(
            [self.tools / "weir-bench-load", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BenchError(f"weir-bench-load {arguments} took too long") from None
        finally:
            self.end(child)
        result = json.loads(out) if out.strip() else {}
        if child.returncode != 0:
            problem = result.get("problem") or err.decode().strip()
            errors = result.get("errors", 0)
            raise BenchError(
                f"{errors} errors, the first: {problem}, status {result.get('status')}"
                + self.log_tail()
            )
        return result
