# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets lie: a real keyring, a file, a sealed file, and the Secret portal of a
sandbox; what the user sees of it, and that no sign-in is lost on the way."""

import os
import pathlib
import subprocess
import sys

from gi.repository import Gio, GLib
from place import ACCOUNT, wait_for

PORTAL = pathlib.Path(__file__).with_name("portal.py")
PASSWORD = "correct horse"


class Keyring:
    """gnome-keyring-daemon on the bus of a place, unlocked."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        environment = {name: value for name, value in self.place.environment.items() if name != "G_DEBUG"}
        self.process = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"],
                                        env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.process.stdin.write(PASSWORD.encode())
        self.process.stdin.close()
        wait_for(lambda: has_owner(self.place, "org.freedesktop.secrets"), "the keyring")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def count(self):
        """Items of ours."""
        reply = self.place.connection.call_sync(
            "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "SearchItems",
            GLib.Variant("(a{ss})", ({"xdg:schema": "io.github.weirproxy.Weir"},)), None, Gio.DBusCallFlags.NONE, 5000, None)
        return sum(map(len, reply.unpack()))


class Portal:
    """The desktop's portal on the bus of a place."""

    def __init__(self, place, mode):
        self.place = place
        self.mode = mode

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, str(PORTAL), self.mode], env=self.place.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def has_owner(place, name):
    reply = place.connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
        GLib.Variant("(s)", (name,)), None, Gio.DBusCallFlags.NONE, 5000, None)
    return reply.unpack()[0]
