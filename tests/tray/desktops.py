# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole desktops in a virtual X server, as hosts of the tray: GNOME's shell with the
AppIndicator extension, and Plasma.  They take long and much memory, so no lane runs them;
README.md says when they are run and by which command.  A desktop that is not installed is
skipped."""

import glob
import json
import os
import shutil
import subprocess
import time

from gi.repository import GLib

import bus as lib
from hosts import Session, settle

EXTENSION = "ubuntu-appindicators@ubuntu.com"
BACK_SECONDS = 2
PLASMA_ICON = (1063, 779)  # whoever wants attention is the first of the tray

KEYFILE = """[org/gnome/shell]
enabled-extensions=['{extension}']
disable-user-extensions=false
welcome-dialog-last-shown-version='999'
[org/gnome/desktop/interface]
color-scheme='{scheme}'
enable-animations=false
"""


def start_system_bus(screen):
    """A system's bus with a played logind; its address."""
    folder = os.path.join(screen.home, "system")
    os.makedirs(folder)
    bus = lib.Bus(folder)
    screen.processes.append(bus.process)
    screen.start("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind",
                 DBUS_SYSTEM_BUS_ADDRESS=bus.address)
    return bus.address


def has_watcher(connection):
    return connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "NameHasOwner", GLib.Variant("(s)", (lib.WATCHER,)), None, 0, 2000, None).unpack()[0]


def fill(program):
    """Ten accounts as they may be: some used up, one to be signed in to."""
    program.tell("accounts 10")
    for line in ("account 3 exhausted", "account 5 exhausted", "account 6 exhausted", "account 7 sign-in",
                 "notice sign-in demo-7", "used 2 85"):
        program.tell(line)


def expect_back(session, connection):
    """From the moment that somebody collects icons."""
    lib.wait_for(lambda: has_watcher(connection), "the panel", 60)
    begun = time.monotonic()
    session.program.expect("shown 1", BACK_SECONDS)
    print(f"# the icon was back after {time.monotonic() - begun:.2f} s")


# --- GNOME ---


class Gnome:
    """The shell, on X11, so that xdotool can click."""

    def __init__(self, session, dark):
        self.session = session
        self.screen = session.screen
        folder = os.path.join(self.screen.home, "config", "glib-2.0", "settings")
        os.makedirs(folder)
        with open(os.path.join(folder, "keyfile"), "w", encoding="utf-8") as file:
            file.write(KEYFILE.format(extension=EXTENSION, scheme="prefer-dark" if dark else "default"))
        self.variables = {
            "GSETTINGS_BACKEND": "keyfile", "XDG_CURRENT_DESKTOP": "GNOME", "XDG_SESSION_TYPE": "x11",
            "LIBGL_ALWAYS_SOFTWARE": "1", "DBUS_SYSTEM_BUS_ADDRESS": start_system_bus(self.screen),
        }
        self.connection = self.screen.bus.connect()
        self.process = None
        self.start()

    def start(self):
        self.process = self.screen.start("gnome-shell", "--x11", "--sm-disable", "--unsafe-mode", **self.variables)

    def evaluate(self, text):
        reply = self.connection.call_sync(
            "org.gnome.Shell", "/org/gnome/Shell", "org.gnome.Shell", "Eval",
            GLib.Variant("(s)", (text,)), None, 0, 20000, None).unpack()
        assert reply[0], reply
        return json.loads(reply[1]) if reply[1] else None

    def find_icon(self):
        """Where it is, (x, y)."""
        return self.evaluate(
            "(() => { for (const key in Main.panel.statusArea) { if (!key.startsWith('appindicator')) continue;"
            " const icon = Main.panel.statusArea[key];"
            " const [x, y] = icon.get_transformed_position();"
            " return [Math.round(x + icon.width / 2), Math.round(y + icon.height / 2)]; } return null; })()")


def gnome(program, pictures, dark):
    if shutil.which("gnome-shell") is None:
        raise lib.Skipped("gnome-shell is not installed")
    os.environ["XDG_CURRENT_DESKTOP"] = "GNOME"
    with Session(program, pictures, dark) as session:
        del os.environ["XDG_CURRENT_DESKTOP"]
        shell = Gnome(session, dark)
        session.program.expect("shown 1", 90)
        fill(session.program)
        shell.evaluate("Main.overview.hide()")
        settle(3)
        session.screen.picture("gnome-icon")
        session.screen.click(*shell.find_icon(), 1)
        settle(2)
        session.screen.picture("gnome-menu")
        session.program.tell("used 9 12")  # the open menu follows
        settle(2)
        session.screen.picture("gnome-menu-updated")
        session.screen.key("Down", "Down", "Down", "Down", "Down", "Down", "Right")
        settle(2)
        session.screen.picture("gnome-submenu")
        session.screen.key("Escape")
        settle(1)
        session.screen.click(*shell.find_icon(), 1)
        settle(2)
        session.screen.key("Down", "Return")
        assert session.program.expect("action", 10).startswith("action stop")
        # the extension is switched off and on again, as with an update
        shell.evaluate(f"Main.extensionManager.disableExtension('{EXTENSION}')")
        session.program.expect("shown 0", 30)
        shell.evaluate(f"Main.extensionManager.enableExtension('{EXTENSION}')")
        expect_back(session, shell.connection)
        # and so is the shell
        session.screen.end(shell.process)
        session.program.expect("shown 0", 30)
        shell.start()
        expect_back(session, shell.connection)
        settle(4)
        session.screen.picture("gnome-restarted")
        shell.connection.close_sync(None)


# --- Plasma ---


class Plasma:
    def __init__(self, session, dark):
        self.session = session
        self.screen = session.screen
        config = os.path.join(self.screen.home, "config")
        os.makedirs(config, exist_ok=True)
        scheme, theme = ("BreezeDark", "breeze-dark") if dark else ("BreezeLight", "breeze-light")
        for name, text in (("kdeglobals", f"[General]\nColorScheme={scheme}\n[Icons]\nTheme={theme.replace('-light', '')}\n"),
                           ("plasmarc", f"[Theme]\nname={theme}\n"),
                           ("ksplashrc", "[KSplash]\nEngine=none\nTheme=None\n")):
            with open(os.path.join(config, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.variables = {
            "XDG_CURRENT_DESKTOP": "KDE", "KDE_FULL_SESSION": "true", "KDE_SESSION_VERSION": "5",
            "QT_QUICK_BACKEND": "software", "XDG_SESSION_TYPE": "x11",
            "DBUS_SYSTEM_BUS_ADDRESS": start_system_bus(self.screen),
        }
        self.connection = self.screen.bus.connect()
        # the shell does not come up without some of them
        for path in glob.glob("/usr/share/dbus-1/services/org.kde.*.service"):
            shutil.copy(path, os.path.join(self.screen.home, "services"))
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                  "ReloadConfig", None, None, 0, 5000, None)
        self.screen.start("kwin_x11", **self.variables)
        self.collector = self.start("kded5")
        self.panel = self.start("plasmashell")

    def start(self, program):
        return self.screen.start(program, **self.variables)


def plasma(program, pictures, dark):
    if shutil.which("plasmashell") is None:
        raise lib.Skipped("plasmashell is not installed")
    with Session(program, pictures, dark) as session:
        desktop = Plasma(session, dark)
        session.program.expect("shown 1", 90)
        fill(session.program)
        settle(15)  # its wallpaper comes last
        session.screen.picture("plasma-icon")
        session.screen.click(*PLASMA_ICON, 3)
        settle(2)
        session.screen.picture("plasma-menu")
        session.program.tell("used 9 12")  # the open menu follows
        settle(2)
        session.screen.picture("plasma-menu-updated")
        session.screen.key("Down", "Down", "Down", "Down", "Down", "Right")
        settle(2)
        session.screen.picture("plasma-submenu")
        session.screen.key("Escape", "Escape")
        settle(1)
        session.screen.click(*PLASMA_ICON, 3)
        settle(2)
        session.screen.key("Down", "Return")
        assert session.program.expect("action", 10).startswith("action stop")
        session.screen.click(*PLASMA_ICON, 1)
        assert session.program.expect("action", 10).startswith("action show-or-hide 'quota'")
        session.screen.click(*PLASMA_ICON, 2)
        assert session.program.expect("action", 10).startswith("action stop")
        # what collects icons is a program of its own here
        session.screen.end(desktop.collector)
        session.program.expect("shown 0", 30)
        desktop.start("kded5")
        expect_back(session, desktop.connection)
        session.screen.end(desktop.panel)
        desktop.start("plasmashell")
        settle(15)
        session.screen.move(640, 400)
        session.screen.picture("plasma-restarted")
        desktop.connection.close_sync(None)


CASES = (gnome, plasma)
