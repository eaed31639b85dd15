# SPDX-License-Identifier: GPL-3.0-or-later
"""The window and the service as a user has both, with played vendors: one day, in order.
Reports in TAP; pictures of the display go to the folder WEIR_TEST_PICTURES, if that is set."""

import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import traceback
import urllib.request

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import drive  # noqa: E402
import session  # noqa: E402
import tree  # noqa: E402

sys.path.insert(0, str(session.HERE.parent / "lib"))
import fake_vendor  # noqa: E402

NAME = "io.github.weirproxy.Weir"
MANAGER = NAME + "1.Manager"
LOGIN = NAME + "1.Login"
ACCOUNT = NAME + "1.Account"
KEY = "sk-weir-0123456789abcdef"


class SlowVendor:
    """Answers a chat with a word, and with the end when it is told to."""

    def __init__(self):
        self.end = threading.Event()
        handler = type("Handler", (SlowHandler,), {"vendor": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lines(self):
        return ("openai-compatibility:\n  - name: slow\n"
                f"    base-url: http://127.0.0.1:{self.server.server_address[1]}/v1\n"
                "    models: [{name: slow-model}]\n")


class SlowHandler(http.server.BaseHTTPRequestHandler):
    vendor = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, data):
        line = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "slow-model"}
        self.say(json.dumps({**piece, "choices": [{"index": 0, "delta": {"content": "begun"}, "finish_reason": None}]}))
        self.vendor.end.wait(100)
        self.say(json.dumps({**piece, "choices": [{"index": 0, "delta": {"content": " ended"}, "finish_reason": "stop"}]}))
        self.say("[DONE]")
        self.wfile.write(b"0\r\n\r\n")


class Service:
    """The program, as the desktop starts it."""

    def __init__(self, vendor, slow):
        self.config = pathlib.Path(os.environ["WEIR_TEST_CONFIG"])
        self.config.parent.mkdir(parents=True, mode=0o700)
        self.config.write_text(f"port: 0\nsecrets: file\napi-keys:\n  - {{key: {KEY}, name: R&D <lab>}}\n"
                               + vendor.vendor_hosts() + vendor.oauth_clients() + slow.lines())
        self.config.chmod(0o600)
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.log = open(pathlib.Path(os.environ["WEIR_TEST_FOLDER"]) / "log", "ab")  # noqa: SIM115
        self.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        environment["GIO_USE_PROXY_RESOLVER"] = "dummy"
        self.process = subprocess.Popen(
            [session.BUILD / "src" / "app" / "weir", "--gapplication-service"], env=environment,
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert "listening on" in line, line
        self.url = line.split()[-1]

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(40)

    def get(self, path, interface, name):
        reply = self.bus.call_sync(NAME, path, "org.freedesktop.DBus.Properties", "Get",
                                   GLib.Variant("(ss)", (interface, name)), None, Gio.DBusCallFlags.NO_AUTO_START, 5000, None)
        return reply.unpack()[0]

    def objects(self, interface):
        reply = self.bus.call_sync(NAME, "/io/github/weirproxy/Weir1", "org.freedesktop.DBus.ObjectManager",
                                   "GetManagedObjects", None, None, Gio.DBusCallFlags.NO_AUTO_START, 5000, None)
        return {path: faces[interface] for path, faces in reply.unpack()[0].items() if interface in faces}

    def stream(self):
        """An answer that is under way."""
        body = {"model": "slow-model", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
        request = urllib.request.Request(
            self.url + "/v1/chat/completions", json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}", "User-Agent": "patient/1"})
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=100)
        assert b"begun" in answer.readline()
        return answer


class Day:
    """What the steps share."""

    def __init__(self):
        self.vendor = fake_vendor.FakeVendor()
        self.slow = SlowVendor()
        self.service = Service(self.vendor, self.slow)
        self.window = drive.Window()
        tree.wait_for(tree.application, "window")

    def end(self):
        if self.window.process.poll() is None:
            self.window.stop()
        if self.service.process.poll() is None:
            self.service.stop()
        self.vendor.close()
        self.slow.server.shutdown()

    def login(self, name, provider):
        """That property of a sign-in to @provider that waits for its user."""
        return tree.wait_for(lambda: next(
            (login[name] for login in self.service.objects(LOGIN).values()
             if login["Provider"] == provider and login["State"] == "waiting"), None), "sign-in")


def test_first_run(day):
    """who starts anew is welcomed, and led to the vendors"""
    tree.expect("No Accounts Yet")
    tree.expect("Welcome to Weir")
    tree.press(tree.expect("Skip"))


def test_device(day):
    """Copilot is signed in to by a code"""
    drive.ask("add-account", GLib.Variant("(ss)", ("copilot", "")))
    code = day.login("UserCode", "copilot")
    tree.expect(code)
    picture("device")
    assert day.vendor.approve(code)
    tree.expect("Signed In", seconds=30)
    tree.write(tree.expect("What do you call it? (“work”, “home”)"), "code")
    tree.press(tree.expect("Done"))
    tree.wait_for(lambda: [account for account in day.service.objects(ACCOUNT).values() if account["Label"] == "code"], "label")


def test_browser(day):
    """ChatGPT is signed in to by a browser that comes back"""
    drive.ask("add-account", GLib.Variant("(ss)", ("codex", "")))
    tree.expect("Open Browser")
    picture("browser")
    back = day.vendor.consent(day.login("Url", "codex"))
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(back, timeout=20) as answer:
        assert answer.status == 200
    tree.expect("Signed In")
    picture("signed-in")
    tree.press(tree.expect("Done"))


def test_quota(day):
    """accounts and what is left of them appear"""
    drive.show("accounts")
    tree.expect("code, Ready", exact=False)
    drive.show("quota")
    tree.act("win.refresh")
    tree.expect("5 hours, 12 % used", exact=False)
    picture("quota")


def test_stream(day):
    """a stream is seen while it runs and when it has ended, and outlives the window"""
    drive.show("activity")
    answer = day.service.stream()
    tree.expect("slow-model, slow, under way", exact=False)
    picture("stream")
    day.window.process.kill()
    day.window.process.communicate()
    tree.wait_for(lambda: tree.application() is None, "end of the window")
    day.slow.end.set()
    assert b"[DONE]" in answer.read()
    day.window = drive.Window()
    tree.wait_for(tree.application, "window")
    drive.show("activity")
    tree.expect("slow-model, slow, 200", exact=False)


def start_x11():
    reader, writer = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp"], pass_fds=[writer],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return server, {**os.environ, "DISPLAY": ":" + pipe.readline().strip()}


def start_wayland():
    socket = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "weir-test"
    compositor = subprocess.Popen(
        ["weston", "--backend=headless-backend.so", f"--socket={socket.name}", "--idle-time=0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tree.wait_for(socket.exists, "compositor")
    return compositor, {**os.environ, "GDK_BACKEND": "wayland", "WAYLAND_DISPLAY": socket.name}


def survive(day, start):
    """The compositor is killed while a stream runs that the window on it shows."""
    day.window.stop()
    tree.wait_for(lambda: tree.application() is None, "end of the window")
    day.slow.end.clear()
    compositor, environment = start()
    window = drive.Window(environment)
    try:
        tree.wait_for(tree.application, "window")
        drive.show("activity")
        answer = day.service.stream()
        tree.expect("slow-model, slow, under way", exact=False)
    finally:
        compositor.kill()
        compositor.wait()
    window.process.communicate(timeout=20)
    tree.wait_for(lambda: tree.application() is None, "end of the window")
    assert day.service.process.poll() is None
    day.slow.end.set()
    assert b"[DONE]" in answer.read()
    day.window = drive.Window()
    tree.wait_for(tree.application, "window")


def test_x11_dies(day):
    """a stream outlives the X server and the window on it"""
    survive(day, start_x11)


def test_wayland_dies(day):
    """a stream outlives the compositor and the window on it"""
    survive(day, start_wayland)


def test_configuration(day):
    """the configuration is edited, shown as a difference, saved, and read by the service"""
    drive.show("keys")
    tree.expect("R&D <lab>", exact=False)
    tree.act("win.edit-config")
    view = tree.wait_for(lambda: next(
        (node for node in tree.walk(tree.application())
         if node.get_name() == "Configuration" and node.get_editable_text_iface() is not None), None), "editor")
    tree.write(view, day.service.config.read_text().replace("slow-model", "new-model"))
    tree.expect("Checked")
    tree.press(tree.expect("Save…"))
    tree.expect("This changes. Lines with − go, lines with + come.")
    picture("difference")
    # its page slides in, and takes no click before
    tree.wait_for(lambda: tree.press(tree.find("Save")) or "new-model" in day.service.config.read_text(),
                  "new configuration")
    drive.show("models")
    tree.expect("new-model", exact=False)


def test_preferences(day):
    """a preference is a line of the configuration, and the other way round"""
    before = day.service.config.read_text()
    tree.act("win.preferences")
    tree.press(drive.switch("Only while the proxy runs"))
    tree.wait_for(lambda: "hide-stopped: true" in day.service.config.read_text(), "new configuration")
    assert day.service.config.read_text().startswith(before)
    picture("preferences")
    day.service.config.write_text(before)
    tree.wait_for(lambda: not drive.is_on(drive.switch("Only while the proxy runs")), "old value")
    drive.key("Escape")


def test_removal(day):
    """an account is removed, comes back by an undo, and goes for good without one"""
    ident = next(account["Id"] for account in day.service.objects(ACCOUNT).values() if account["Label"] == "code")
    drive.ask("show-account", GLib.Variant("s", ident))
    tree.press(drive.remove("code"))
    tree.expect("code, Ready", exact=False)
    assert len(day.service.objects(ACCOUNT)) == 2
    drive.ask("show-account", GLib.Variant("s", ident))
    drive.remove("code")
    tree.wait_for(lambda: len(day.service.objects(ACCOUNT)) == 1, "removal")


def test_killed(day):
    """a service that was killed is missed, and met again with its accounts"""
    day.service.stop(signal.SIGKILL)
    tree.expect("The Service Is Not Running")
    picture("gone")
    day.service.start()
    drive.show("accounts")
    tree.expect("ChatGPT, u…@codex.example, Ready", exact=False)
    picture("back")


TESTS = [test_first_run, test_device, test_browser, test_quota, test_stream, test_x11_dies,
         test_wayland_dies, test_configuration, test_preferences, test_removal, test_killed]


def picture(name):
    folder = os.environ.get("WEIR_TEST_PICTURES")
    if folder:
        taken = None
        while taken != (taken := subprocess.run(["import", "-window", "root", "rgb:-"], capture_output=True).stdout):
            pass  # until nothing moves
        subprocess.run(["import", "-window", "root", f"{folder}/{name}.png"], check=False)


def main():
    os.environ.pop("GTK_A11Y", None)
    os.environ.pop("G_DEBUG", None)
    tree.wait_for_registry()
    print(f"1..{len(TESTS)}")
    day = Day()
    bad = 0
    for number, test in enumerate(TESTS, 1):
        try:
            test(day)
            print(f"ok {number} - {test.__doc__}")
        except Exception:  # each step is told of, also when one before it failed
            bad += 1
            picture(f"failed-{number}")
            print(f"not ok {number} - {test.__doc__}")
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()[-12:]))
    day.end()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
