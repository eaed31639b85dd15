# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak in a session: a display, a bus that starts what Flatpak has exported,
a panel's watcher, and portals with a keyring behind them, or none."""

import contextlib
import configparser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from standin import APP, ROOT

sys.path[:0] = [str(ROOT / "tests" / "tray"), str(ROOT / "tests" / "window")]

import bus as tray_bus  # noqa: E402

PATH = "/io/github/weirproxy/Weir1"
MANAGER = f"{APP}1.Manager"
UI = f"{APP}.Ui"
KEY = "sk-weir-of-the-sandboxed-one"
SECRET = "sk-of-a-vendor-in-the-keyring"
CONFIG = f"""port: 0
api-keys: [{KEY}]
claude-api-key:
  - api-key: "vault:work"
"""
SYSTEM_SERVICES = pathlib.Path("/usr/share/dbus-1/services")
A11Y = ["org.a11y.Bus.service"]
PORTALS = """
org.freedesktop.impl.portal.PermissionStore.service
org.freedesktop.impl.portal.Secret.service
org.freedesktop.portal.Desktop.service
org.freedesktop.portal.Documents.service
""".split()


class Session:
    """With `with`.  @portals: whether the session has any; else no secret can be kept."""

    def __init__(self, standin, portals, pictures=None):
        self.standin = standin
        self.portals = portals
        self.pictures = pictures
        self.exports = standin.user / "exports" / "share"
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        name = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-flatpak-"))
        self.home = pathlib.Path(name)
        for folder in ("run", "services", "home"):
            (self.home / folder).mkdir(mode=0o700)
        config = self.data("config") / "weir" / "config.yaml"
        config.parent.mkdir(parents=True)
        config.write_text(CONFIG)
        config.chmod(0o600)
        for service in A11Y + (PORTALS if self.portals else []):
            shutil.copy(SYSTEM_SERVICES / service, self.home / "services")
        os.environ.update(self.environment())
        self.start(["Xvfb", os.environ["DISPLAY"], "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        self.bus = tray_bus.Bus(self.home, "".join(
            f"<servicedir>{folder}</servicedir>"
            for folder in (self.exports / "dbus-1" / "services", self.home / "services")))
        self.stack.callback(self.bus.close)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        if self.portals:
            keyring = self.start(["gnome-keyring-daemon", "--unlock", "--components=secrets",
                                  "--foreground"], stdin=subprocess.PIPE)
            keyring.stdin.write(b"password")
            keyring.stdin.close()
        self.watcher = tray_bus.Watcher(self.bus)
        self.stack.callback(self.watcher.close)
        self.service = tray_bus.Client(self.bus, APP)
        self.stack.callback(self.service.close)
        self.stack.callback(lambda: subprocess.run(["flatpak", "kill", APP], check=False,
                                                   stderr=subprocess.DEVNULL))
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def data(self, name):
        """A folder of the application's, as the host sees it."""
        return self.home / "home" / ".var" / "app" / APP / name

    def environment(self):
        for name in ("WAYLAND_DISPLAY", "LANGUAGE", "LANG", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
                     "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        return {
            "HOME": str(self.home / "home"), "XDG_RUNTIME_DIR": str(self.home / "run"),
            "FLATPAK_USER_DIR": str(self.standin.user), "LC_ALL": "C.UTF-8",
            # gnome-keyring's portal is GNOME's
            "XDG_CURRENT_DESKTOP": "GNOME", "XDG_DATA_DIRS": f"{self.exports}:/usr/share",
            "DISPLAY": f":{os.getpid() % 20000 + 100}", "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo", "GDK_DISABLE": "gl,vulkan", "GSETTINGS_BACKEND": "memory",
        }

    def start(self, command, stdin=subprocess.DEVNULL):
        child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.stack.callback(lambda: (child.terminate(), child.wait()))
        return child

    def weir(self, *words, text=""):
        """What the command says in a sandbox of its own; it must end with 0."""
        return subprocess.run(["flatpak", "run", "--user", APP, *words], input=text, check=True,
                              stdout=subprocess.PIPE, text=True, timeout=60).stdout

    def status(self):
        return json.loads(self.weir("status", "--json"))

    def has_owner(self, name):
        return self.service.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "NameHasOwner", tray_bus.GLib.Variant("(s)", (name,)), None, 0, 5000, None).unpack()[0]

    def wait_for(self, condition, what, seconds=30):
        tray_bus.wait_for(condition, what, seconds)

    def take_picture(self, name):
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            subprocess.run(["import", "-window", "root", self.pictures / f"{name}.png"], check=True)


def what_the_desktop_needs_is_exported(session):
    there = {str(path.relative_to(session.exports)) for path in session.exports.rglob(f"*{APP}*")}
    wanted = {f"applications/{APP}.desktop", f"metainfo/{APP}.metainfo.xml",
              f"dbus-1/services/{APP}.service", f"dbus-1/services/{UI}.service",
              f"icons/hicolor/scalable/apps/{APP}.svg",
              f"gnome-shell/search-providers/{APP}.search-provider.ini"}
    wanted |= {f"icons/hicolor/symbolic/apps/{path.name}" for path in
               (ROOT / "data" / "icons" / "hicolor" / "symbolic" / "apps").glob("*.svg")}
    assert wanted <= there, sorted(wanted - there)


def the_exported_files_are_valid(session):
    for command in (["desktop-file-validate", session.exports / "applications" / f"{APP}.desktop"],
                    ["appstreamcli", "validate", "--no-net",
                     session.exports / "metainfo" / f"{APP}.metainfo.xml"]):
        subprocess.run(command, check=True, stdout=subprocess.PIPE)


def services_start_in_the_sandbox_and_not_by_a_unit(session):
    for name in (APP, UI):
        parser = configparser.RawConfigParser()
        parser.optionxform = str
        parser.read(session.exports / "dbus-1" / "services" / f"{name}.service")
        section = parser["D-BUS Service"]
        assert section["Name"] == name
        assert "flatpak run" in section["Exec"], section["Exec"]
        assert "SystemdService" not in section, "no such unit is outside"


def the_bus_starts_the_service(session):
    session.wait_for(lambda: session.service.get("State", MANAGER, PATH) == "running", "it")


def it_runs_in_the_sandbox(session):
    said = subprocess.run(["flatpak", "ps", "--columns=application"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    assert APP in said, said


def it_serves_clients_of_the_host(session):
    url = session.service.get("Endpoint", MANAGER, PATH)
    body = {"model": "weir/echo", "messages": [{"role": "user", "content": "into the sandbox"}]}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        assert "into the sandbox" in reply.read().decode()


def a_verb_reaches_the_running_service(session):
    assert session.status()["Endpoint"] == session.service.get("Endpoint", MANAGER, PATH)


def the_tray_has_its_icon_and_menu(session):
    session.wait_for(lambda: session.watcher.items, "an icon")
    assert session.service.get("IconName").startswith(APP)
    assert len(session.service.rows()) > 5


def the_window_opens(session):
    import tree
    session.weir("open")
    session.wait_for(lambda: session.has_owner(UI), "the window's name")
    tree.expect("Accounts", seconds=30)
    # drawn, not only there: the frame comes after the tree
    session.wait_for(lambda: tree.find("Activity") is not None, "a page")
    session.take_picture("window")


def the_portal_keeps_secrets_under_lock(session):
    session.weir("--store-key", "work", text=SECRET)
    assert "work" in session.weir("--list-keys")
    assert session.status()["Secrets"] == "unlocked", session.status()
    files = [path for path in session.data("").rglob("*") if path.is_file()]
    assert any("keyring" in str(path) for path in files), files
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path


def the_key_serves_after_a_restart(session):
    session.weir("restart")
    session.wait_for(lambda: session.status()["Secrets"] == "unlocked", "the keyring again")
    assert session.status()["SecretsProblem"] == "", session.status()


def without_a_portal_it_says_that_secrets_are_missing(session):
    session.wait_for(lambda: session.status()["Secrets"] != "starting", "a state of secrets")
    status = session.status()
    assert status["Secrets"] == "missing", status
    assert status["SecretsProblem"] != "", status


def and_serves_what_needs_none(session):
    it_serves_clients_of_the_host(session)


def it_ends_when_told(session):
    session.service.call("/io/github/weirproxy/Weir", "org.gtk.Actions", "Activate",
                         tray_bus.GLib.Variant("(sava{sv})", ("quit", [], {})))
    session.wait_for(lambda: not session.has_owner(APP), "the end")


WITH_PORTALS = [
    what_the_desktop_needs_is_exported,
    the_exported_files_are_valid,
    services_start_in_the_sandbox_and_not_by_a_unit,
    the_bus_starts_the_service,
    it_runs_in_the_sandbox,
    it_serves_clients_of_the_host,
    a_verb_reaches_the_running_service,
    the_tray_has_its_icon_and_menu,
    the_window_opens,
    the_portal_keeps_secrets_under_lock,
    the_key_serves_after_a_restart,
    it_ends_when_told,
]
WITHOUT_PORTALS = [
    the_bus_starts_the_service,
    without_a_portal_it_says_that_secrets_are_missing,
    and_serves_what_needs_none,
    it_ends_when_told,
]
