# SPDX-License-Identifier: GPL-3.0-or-later
"""A private bus, the program under test, and the two ends of a tray on the other side: a
watcher that takes icons and a client that reads menus as panels do."""

import os
import subprocess
import tempfile
import time

from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
MENU_PATH = "/MenuBar"
PROPERTIES = "org.freedesktop.DBus.Properties"

CONFIG = """<busconfig><type>session</type><keep_umask/><listen>unix:tmpdir=/tmp</listen>
<auth>EXTERNAL</auth>{services}
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
"""

WATCHER_XML = """<node><interface name="{name}">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"""


class Skipped(Exception):
    """This cannot be tested here, and why."""


def confine(*changes):
    """The command before a program that sees this machine with @changes, as bubblewrap calls
    them."""
    command = ["bwrap"]
    for name in os.listdir("/"):
        path = "/" + name
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            command += ["--dev-bind", path, path]
    command += [*changes, "--"]
    try:
        done = subprocess.run([*command, "true"], capture_output=True, text=True)
    except FileNotFoundError:
        raise Skipped("bubblewrap is not installed") from None
    if done.returncode != 0:
        raise Skipped("no namespace can be made here: " + done.stderr.strip())
    return command


class Bus:
    """A dbus-daemon of its own; its address is in @environment."""

    def __init__(self, folder, services=""):
        path = os.path.join(folder, "bus.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(services=services))
        self.process = subprocess.Popen(
            ["dbus-daemon", "--nofork", f"--config-file={path}", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()
        self.environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=self.address)

    def connect(self):
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        return Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)

    def close(self):
        self.process.terminate()
        self.process.wait(5)


def wait_for(condition, what, seconds=5):
    """Runs the main loop until @condition() is true."""
    end = time.monotonic() + seconds
    context = GLib.MainContext.default()
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        if not context.iteration(False):
            time.sleep(0.005)


def turn(seconds):
    """Lets time pass in which nothing is to happen."""
    context = GLib.MainContext.default()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not context.iteration(False):
            time.sleep(0.01)


class Watcher:
    """Takes icons under @name.  @refuse_paths: only by the name of their owner; @fail: how
    many calls are refused first."""

    def __init__(self, bus, name=WATCHER, refuse_paths=False, fail=0):
        self.connection = bus.connect()
        self.items = []
        self.calls = 0
        self.fail = fail
        self.refuse_paths = refuse_paths
        info = Gio.DBusNodeInfo.new_for_xml(WATCHER_XML.format(name=name)).interfaces[0]
        self.connection.register_object("/StatusNotifierWatcher", info, self.on_call,
                                        self.on_get, None)
        self.own(name)

    def own(self, name):
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", (name, 0)), None, 0, 2000, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        (service,) = parameters.unpack()
        self.calls += 1
        if self.fail > 0 or (self.refuse_paths and service.startswith("/")):
            self.fail -= 1
            invocation.return_dbus_error("org.example.Error.No", "not now")
            return
        self.items.append((sender, service))
        invocation.return_value(None)

    def on_get(self, connection, sender, path, interface, name):
        return {"RegisteredStatusNotifierItems": GLib.Variant("as", []),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
                "ProtocolVersion": GLib.Variant("i", 0)}[name]

    def close(self):
        self.connection.close_sync(None)


class Portal:
    """Says whether dark windows are preferred."""

    XML = """<node><interface name="org.freedesktop.portal.Settings">
<method name="Read"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="v" direction="out"/></method>
<signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal>
</interface></node>"""
    PATH = "/org/freedesktop/portal/desktop"

    def __init__(self, bus, scheme):
        self.scheme = scheme
        self.connection = bus.connect()
        info = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        self.connection.register_object(self.PATH, info, self.on_call, None, None)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", ("org.freedesktop.portal.Desktop", 0)), None, 0,
            2000, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        inner = GLib.Variant("v", GLib.Variant("u", self.scheme))
        invocation.return_value(GLib.Variant("(v)", (inner,)))

    def change(self, scheme):
        self.scheme = scheme
        self.connection.emit_signal(
            None, self.PATH, "org.freedesktop.portal.Settings", "SettingChanged",
            GLib.Variant("(ssv)", ("org.freedesktop.appearance", "color-scheme",
                                   GLib.Variant("u", scheme))))

    def close(self):
        self.connection.close_sync(None)


class SandboxPortal:
    """What a sandboxed program is given of its desktop: the start with the session, a line
    of status, notifications.  @answer: of the next request for the start: (response,
    autostart), None for no answer, or an error's text."""

    XML = """<node><interface name="org.freedesktop.portal.Background">
<method name="RequestBackground"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="o" direction="out"/></method>
<method name="SetStatus"><arg type="a{sv}" direction="in"/></method></interface>
<interface name="org.freedesktop.portal.Notification">
<method name="AddNotification"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
<method name="RemoveNotification"><arg type="s" direction="in"/></method>
<signal name="ActionInvoked"><arg type="s"/><arg type="s"/><arg type="av"/></signal></interface>
<interface name="org.freedesktop.portal.NetworkMonitor">
<property name="version" type="u" access="read"/>
<method name="GetStatus"><arg type="a{sv}" direction="out"/></method></interface></node>"""

    def __init__(self, bus):
        self.answer = (0, True)
        self.requests = []
        self.status = []
        self.shown = []
        self.connection = bus.connect()
        for info in Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces:
            self.connection.register_object(
                Portal.PATH, info, self.on_call, lambda *_: GLib.Variant("u", 3), None)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", ("org.freedesktop.portal.Desktop", 0)), None, 0,
            2000, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        values = parameters.unpack()
        if method == "GetStatus":
            status = {"available": GLib.Variant("b", True), "metered": GLib.Variant("b", False),
                      "connectivity": GLib.Variant("u", 4)}
            invocation.return_value(GLib.Variant("(a{sv})", (status,)))
            return
        if method == "RequestBackground":
            self.requests.append(values[1])
            if isinstance(self.answer, str):
                invocation.return_dbus_error("org.freedesktop.portal.Error.NotAllowed", self.answer)
                return
            token = sender[1:].replace(".", "_") + "/" + values[1]["handle_token"]
            request = f"{Portal.PATH}/request/{token}"
            invocation.return_value(GLib.Variant("(o)", (request,)))
            if self.answer is not None:
                response, is_on = self.answer
                connection.emit_signal(sender, request, "org.freedesktop.portal.Request", "Response", GLib.Variant(
                    "(ua{sv})", (response, {"background": GLib.Variant("b", True),
                                            "autostart": GLib.Variant("b", is_on)})))
            return
        if method == "SetStatus":
            self.status.append(values[0]["message"])
        elif method == "AddNotification":
            self.shown.append(values)
        invocation.return_value(None)

    def close(self):
        self.connection.close_sync(None)


class Notifications:
    """A notification daemon that keeps what it is told."""

    XML = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""
    PATH = "/org/freedesktop/Notifications"
    NAME = "org.freedesktop.Notifications"

    def __init__(self, bus):
        self.shown = []
        self.closed = []
        self.connection = bus.connect()
        info = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        self.connection.register_object(self.PATH, info, self.on_call, None, None)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", (self.NAME, 0)), None, 0, 2000, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        if method == "Notify":
            _, replaces, _, title, body, actions, hints, _ = parameters.unpack()
            self.shown.append({"title": title, "body": body, "actions": actions, "hints": hints})
            invocation.return_value(GLib.Variant("(u)", (replaces or len(self.shown),)))
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["actions", "body"],)))
        elif method == "GetServerInformation":
            invocation.return_value(GLib.Variant("(ssss)", ("mock", "", "1", "1.2")))
        else:
            self.closed.append(parameters.unpack()[0])
            invocation.return_value(None)

    def invoke(self, number, action):
        self.connection.emit_signal(None, self.PATH, self.NAME, "ActionInvoked",
                                    GLib.Variant("(us)", (number, action)))

    def close(self):
        self.connection.close_sync(None)


class Window:
    """Takes what is asked of the window."""

    XML = """<node><interface name="org.freedesktop.Application">
<method name="Activate"><arg type="a{sv}" direction="in"/></method>
<method name="ActivateAction"><arg type="s" direction="in"/><arg type="av" direction="in"/>
<arg type="a{sv}" direction="in"/></method></interface></node>"""

    def __init__(self, bus):
        self.asked = []
        self.connection = bus.connect()
        info = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        self.connection.register_object("/io/github/weirproxy/Weir", info, self.on_call, None, None)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", ("io.github.weirproxy.Weir.Ui", 0)), None, 0, 2000, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        self.asked.append(tuple(parameters.unpack()[:2]) if method == "ActivateAction" else ("", []))
        invocation.return_value(None)

    def close(self):
        self.connection.close_sync(None)


class Program:
    """The program under test: lines in, lines out."""

    def __init__(self, bus, path, **environment):
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=dict(bus.environment, G_DEBUG="fatal-criticals,fatal-warnings", **environment))
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = ""
        self.lines = []
        self.name = self.expect("name ").split()[1]

    def read(self):
        piece = self.process.stdout.read()
        self.text += (piece or b"").decode()
        *whole, self.text = self.text.split("\n")
        self.lines += whole

    def expect(self, prefix, seconds=5):
        """The next line that begins so; those before it are dropped."""
        found = []

        def look():
            self.read()
            while self.lines and not found:
                line = self.lines.pop(0)
                if line.startswith(prefix):
                    found.append(line)
            return found

        wait_for(look, f"a line {prefix!r}", seconds)
        return found[0]

    def tell(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        self.expect("done")

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(10)
        assert status == 0, f"the program ended with {status}"


class Client:
    """What a panel does."""

    def __init__(self, bus, name):
        self.connection = bus.connect()
        self.name = name
        self.signals = []
        self.connection.signal_subscribe(name, None, None, None, None, 0, self.on_signal)
        # the bus has taken the match when it answers
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", None,
            None, 0, 2000, None)

    def on_signal(self, connection, sender, path, interface, signal, parameters):
        self.signals.append((interface, signal, parameters.unpack()))

    def call(self, path, interface, method, parameters=None, reply=None):
        """Answers while the program may itself be waiting for the watcher in this process."""
        box = []

        def done(connection, result):
            try:
                box.append(connection.call_finish(result))
            except GLib.Error as error:
                box.append(error)

        self.connection.call(self.name, path, interface, method, parameters,
                             GLib.VariantType(reply) if reply else None, 0, 5000, None, done)
        wait_for(lambda: box, f"an answer of {method}")
        if isinstance(box[0], GLib.Error):
            raise box[0]
        return box[0].unpack()

    def menu(self, method, signature, *values):
        return self.call(MENU_PATH, MENU, method, GLib.Variant(signature, values))

    def item(self, method, signature="()", *values):
        return self.call(ITEM_PATH, ITEM, method, GLib.Variant(signature, values))

    def get(self, name, interface=ITEM, path=ITEM_PATH):
        return self.call(path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)))[0]

    def layout(self, parent=0, depth=-1, names=()):
        return self.menu("GetLayout", "(iias)", parent, depth, list(names))

    def rows(self):
        """Every row: (id, properties, depth)."""
        out = []

        def walk(node, depth):
            out.append((node[0], node[1], depth))
            for child in node[2]:
                walk(child, depth + 1)

        walk(self.layout()[1], 0)
        return out

    def find(self, label):
        for number, properties, _ in self.rows():
            if properties.get("label", "").replace("__", "_").startswith(label):
                return number
        raise AssertionError(f"no row {label!r}")

    def click(self, label):
        self.menu("Event", "(isvu)", self.find(label), "clicked", GLib.Variant("i", 0), 0)

    def close(self):
        self.connection.close_sync(None)


def start_x():
    """A virtual X server: its process and its name."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-ac", "-nolisten", "tcp"],
        pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as file:
        return process, ":" + file.readline().strip()


def temporary():
    return tempfile.TemporaryDirectory(prefix="weir-tray-")
