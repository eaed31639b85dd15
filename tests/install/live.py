# SPDX-License-Identifier: GPL-3.0-or-later
"""Weir as it runs from its prefix: a session whose bus and data folders know the prefix as a
desktop knows /usr.  The window speaks German here."""

import gettext
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

from build import APP, CACHES, ROOT, UNITS, files_below

sys.path.insert(0, str(ROOT / "tests" / "window"))

A11Y_SERVICE = pathlib.Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
KEY = "sk-weir-of-the-installed-one"
CONFIG = f"port: 0\nsecrets: file\napi-keys: [{KEY}]\n"
BUS = """<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<servicedir>{prefix}/share/dbus-1/services</servicedir><servicedir>{extra}</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


class Installed:
    """With `with`.  Ends with the prefix as it was."""

    def __init__(self, build):
        self.build = build
        self.prefix = build.prefix
        self.folder = tempfile.TemporaryDirectory(prefix="weir-installed-")
        self.home = pathlib.Path(self.folder.name)
        self.children = []
        self.is_installed = False

    def __enter__(self):
        there = files_below(self.prefix) & self.build.expected()
        if there:
            raise SystemExit(f"{self.prefix} has {sorted(there)[0]} already")
        self.build.install()
        self.is_installed = True
        self.write_files()
        os.environ.update(self.environment())
        self.start(["Xvfb", os.environ["DISPLAY"], "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
        bus = self.start(["dbus-daemon", "--nofork", f"--config-file={self.home}/bus.conf",
                          "--print-address=1"])
        bus.stdout.readline()
        return self

    def __exit__(self, *_):
        if self.is_installed:
            self.uninstall()
        for child in reversed(self.children):
            child.terminate()
            child.wait()
            child.stdout.close()
        self.folder.cleanup()

    def write_files(self):
        for name in ("config/weir", "run", "services"):
            (self.home / name).mkdir(parents=True, mode=0o700)
        config = self.home / "config" / "weir" / "config.yaml"
        config.write_text(CONFIG)
        config.chmod(0o600)
        if A11Y_SERVICE.exists():
            (self.home / "services" / A11Y_SERVICE.name).write_text(A11Y_SERVICE.read_text())
        (self.home / "bus.conf").write_text(BUS.format(
            socket=self.home / "bus", prefix=self.prefix, extra=self.home / "services"))

    def environment(self):
        for name in ("WAYLAND_DISPLAY", "GSETTINGS_SCHEMA_DIR", "XDG_CURRENT_DESKTOP", "LANG"):
            os.environ.pop(name, None)
        return {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home / "run"),
            "XDG_CONFIG_HOME": str(self.home / "config"), "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"), "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_DIRS": f"{self.prefix}/share:/usr/share",
            "PATH": f"{self.prefix}/bin:{os.environ['PATH']}",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.home}/bus",
            "DISPLAY": f":{os.getpid() % 20000 + 100}", "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo", "GDK_DEBUG": "gl-disable", "GSETTINGS_BACKEND": "memory",
            "ADW_DISABLE_PORTAL": "1", "GIO_USE_PROXY_RESOLVER": "dummy",
            "LC_ALL": "C.UTF-8", "LANGUAGE": "de",
        }

    def start(self, command):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 text=True)
        self.children.append(child)
        return child

    def say(self, *command):
        """What a command prints; it must end with 0."""
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                              timeout=30).stdout

    def uninstall(self):
        self.is_installed = False
        self.say("ninja", "-C", str(self.build.folder), "uninstall")

    def text(self, message):
        catalogue = gettext.translation("weir", self.prefix / "share" / "locale", ["de"])
        translated = catalogue.gettext(message)
        assert translated != message
        return translated


def a_verb_starts_the_service_by_the_session_bus(place):
    place.say("weir", "start")
    status = json.loads(place.say("weir", "status", "--json"))
    assert status["State"] == "running", status


def it_serves(place):
    url = json.loads(place.say("weir", "status", "--json"))["Endpoint"]
    body = {"model": "weir/echo", "messages": [{"role": "user", "content": "from the prefix"}]}
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(),
        {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as reply:
        assert "from the prefix" in reply.read().decode()


def the_window_opens_with_its_settings_and_in_the_users_language(place):
    if "weir-window" not in place.build.targets:
        return
    import tree
    place.say("weir", "open")
    tree.expect(place.text("Accounts"))


def the_shell_completes_its_verbs(place):
    script = f". {place.prefix}/share/bash-completion/completions/weir && complete -p weir"
    assert "weir" in place.say("bash", "-c", script)


def systemd_has_nothing_to_say_about_its_units(place):
    units = [str(place.prefix / place.build.units() / name) for name in UNITS]
    said = subprocess.run(["systemd-analyze", "--user", "verify", *units], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    # of what it says, what is about ours
    lines = [line for line in said.stdout.splitlines() if "weir" in line]
    assert said.returncode == 0 and not lines, said.stdout


def it_ends_when_told(place):
    place.say("gdbus", "call", "--session", "-d", APP, "-o", "/io/github/weirproxy/Weir", "-m",
              "org.gtk.Actions.Activate", "quit", "[]", "{}")


def uninstalling_leaves_nothing(place):
    place.uninstall()
    left = files_below(place.prefix) - CACHES
    assert not left, sorted(left)


CASES = [
    a_verb_starts_the_service_by_the_session_bus,
    it_serves,
    the_window_opens_with_its_settings_and_in_the_users_language,
    the_shell_completes_its_verbs,
    systemd_has_nothing_to_say_about_its_units,
    it_ends_when_told,
    uninstalling_leaves_nothing,
]
