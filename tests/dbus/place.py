# SPDX-License-Identifier: GPL-3.0-or-later
"""A home, a bus, played vendors and the program: what each case of this lane begins with."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from gi.repository import Gio, GLib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import fake_vendor  # noqa: E402

NAME = "io.github.weirproxy.Weir"
PATH = "/io/github/weirproxy/Weir1"
MANAGER = "io.github.weirproxy.Weir1.Manager"
ACCOUNT = "io.github.weirproxy.Weir1.Account"
LOGIN = "io.github.weirproxy.Weir1.Login"
PROPERTIES = "org.freedesktop.DBus.Properties"
KEY = "sk-canary-0123456789abcdefghijklmnop"

BUS = """<busconfig><type>session</type><keep_umask/><listen>unix:path={socket}</listen>
<auth>EXTERNAL</auth>{services}
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
"""


def wait_for(condition, what, seconds=10):
    """Runs the main loop until @condition() is true; gives what it gave."""
    end = time.monotonic() + seconds
    context = GLib.MainContext.default()
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come")
        while context.iteration(False):
            pass
        time.sleep(0.01)


class Skipped(Exception):
    """This cannot be tested here, and why."""


class Refused(Exception):
    def __init__(self, error):
        super().__init__(re.sub(r"^GDBus\.Error:\S+: ", "", error.message))
        self.name = Gio.DBusError.get_remote_error(error) or ""


class Place:
    """With `with`.  @services: folder of files from which the bus may start programs."""

    def __init__(self, services=""):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="weir-dbus-"))
        self.services = f"<servicedir>{services}</servicedir>" if services else ""
        self.socket = self.home / "bus"
        self.daemon = None
        self.program = None
        self.connection = None
        self.vendor = None
        self.program_path = os.environ["WEIR"]

    def __enter__(self):
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "XDG_RUNTIME_DIR": str(self.home), "GIO_USE_PROXY_RESOLVER": "dummy",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.socket}",
        }
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.start_bus()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.connection is not None and not self.connection.is_closed():
            self.connection.close_sync(None)
        self.stop_bus()
        if self.vendor is not None:
            self.vendor.close()
        shutil.rmtree(self.home, ignore_errors=True)

    # -- the bus

    def start_bus(self):
        config = self.home / "bus.conf"
        config.write_text(BUS.format(socket=self.socket, services=self.services))
        self.socket.unlink(missing_ok=True)
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--nofork", f"--config-file={config}", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment, text=True)
        self.daemon.stdout.readline()
        self.connection = self.connect()

    def stop_bus(self):
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(5)
            self.daemon.stdout.close()
            self.daemon = None

    def connect(self):
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        connection = Gio.DBusConnection.new_for_address_sync(f"unix:path={self.socket}", flags, None, None)
        connection.set_exit_on_close(False)
        return connection

    # -- the program

    def configure(self, more=""):
        if self.vendor is None:
            self.vendor = fake_vendor.FakeVendor()
        path = self.home / ".config" / "weir" / "config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = f"port: 0\nsecrets: file\napi-keys:\n  - key: {KEY}\n    name: laptop\n    requests-per-minute: 600\n"
        path.write_text(text + self.vendor.vendor_hosts() + self.vendor.oauth_clients() + more)
        path.chmod(0o600)
        return path

    def start(self, *words, environment=None):
        """Starts the service, and waits until it listens; its port."""
        if not (self.home / ".config").exists():
            self.configure()
        self.log = open(self.home / "log", "ab")
        self.program = subprocess.Popen(
            [self.program_path, "--gapplication-service", *words], stdout=subprocess.PIPE,
            stderr=self.log, env=environment or self.environment, text=True)
        line = self.program.stdout.readline()
        assert line.startswith("weir listening on "), (line, self.read_log())
        self.url = line.split()[-1]
        return self.url

    def stop(self):
        if self.program is None:
            return None
        if self.program.poll() is None:
            self.program.send_signal(signal.SIGTERM)
        status = self.program.wait(20)
        self.program.stdout.close()
        self.log.close()
        self.program = None
        return status

    def read_log(self):
        return (self.home / "log").read_text(errors="replace")

    def weir(self, *words, status=0, text=None, timeout=60):
        """Runs a verb; what it printed."""
        done = subprocess.run([os.environ["WEIR"], *words], env=self.environment, text=True,
                              capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        if text is not None:
            assert text in done.stdout + done.stderr, (words, done.stdout, done.stderr)
        return done.stdout

    def ask(self, model, key=KEY, agent="test/1"):
        """One question over HTTP; status."""
        body = f'{{"model":"{model}","max_tokens":9,"messages":[{{"role":"user","content":"hello"}}]}}'
        request = urllib.request.Request(
            self.url + "/v1/chat/completions", body.encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {key}", "User-Agent": agent})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                answer.read()
                return answer.status
        except urllib.error.HTTPError as error:
            error.read()
            return error.code

    # -- the objects

    def call(self, method, signature="()", *arguments, path=PATH, interface=MANAGER, connection=None, timeout=30):
        parameters = GLib.Variant(signature, arguments)
        try:
            reply = (connection or self.connection).call_sync(
                NAME, path, interface, method, parameters, None, Gio.DBusCallFlags.NO_AUTO_START,
                timeout * 1000, None)
        except GLib.Error as error:
            raise Refused(error) from None
        values = reply.unpack()
        return values[0] if len(values) == 1 else values

    def refused(self, name, *arguments, **options):
        try:
            self.call(*arguments, **options)
        except Refused as error:
            assert error.name.endswith(name), (error.name, str(error))
            return str(error)
        raise AssertionError(f"{arguments[0]} was not refused")

    def get(self, name, path=PATH, interface=MANAGER):
        return self.call("Get", "(ss)", interface, name, path=path, interface=PROPERTIES)

    def set(self, path, name, variant):
        self.call("Set", "(ssv)", ACCOUNT, name, variant, path=path, interface=PROPERTIES)

    def objects(self, interface):
        found = self.call("GetManagedObjects", path=PATH, interface="org.freedesktop.DBus.ObjectManager")
        return {path: faces[interface] for path, faces in found.items() if interface in faces}

    def has_owner(self, name=NAME):
        reply = self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
            GLib.Variant("(s)", (name,)), None, Gio.DBusCallFlags.NONE, 5000, None)
        return reply.unpack()[0]

    def sign_in(self, provider="codex", way="paste"):
        """Signs in to a played vendor; the path of the account."""
        before = set(self.objects(ACCOUNT))
        login = self.call("BeginLogin", "(sa{sv})", provider, {"way": GLib.Variant("s", way)})
        url = wait_for(lambda: self.get("Url", login, LOGIN), "the address")
        if way == "device":
            self.vendor.approve(self.get("UserCode", login, LOGIN))
        else:
            self.call("SubmitCallback", "(s)", self.vendor.consent(url), path=login, interface=LOGIN)
        wait_for(lambda: self.get("State", login, LOGIN) in ("done", "failed"), "the end", 20)
        assert self.get("State", login, LOGIN) == "done", self.get("Sentence", login, LOGIN)
        return wait_for(lambda: next(iter(set(self.objects(ACCOUNT)) - before), None), "the account")
