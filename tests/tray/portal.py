# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in a sandbox, as far as it can tell: what it asks of the desktop's portal, and
what it makes of each answer.  Needs bubblewrap and the right to make a mount namespace."""

import os
import socket

from gi.repository import GLib

import bus as lib
from program import NAME, PATH, Weir


def sandbox(folder):
    """The command before a program that then sees /.flatpak-info; nothing else changes."""
    info = os.path.join(folder, "flatpak-info")
    with open(info, "w", encoding="utf-8") as file:
        file.write(f"[Application]\nname={NAME}\n[Context]\nshared=network;\n")
    return lib.confine("--ro-bind", info, "/.flatpak-info")


class Sandbox:
    """A home and a bus, in which the program is started several times."""

    def __init__(self):
        self.folder = lib.temporary()
        self.wrapper = sandbox(self.folder.name)
        self.bus = lib.Bus(self.folder.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bus.close()
        self.folder.cleanup()

    def start(self, **options):
        return Weir(bus=self.bus, folder=self.folder, wrapper=self.wrapper, **options)


def is_on(weir):
    return weir.client.call(PATH, "org.gtk.Actions", "Describe",
                            GLib.Variant("(s)", ("start-at-login",)))[0][2] == [True]


def switch(weir, wanted):
    weir.client.call(PATH, "org.gtk.Actions", "SetState",
                     GLib.Variant("(sva{sv})", ("start-at-login", GLib.Variant("b", wanted), {})))


def the_portal_starts_it_with_the_session(_):
    with Sandbox() as box:
        portal = lib.SandboxPortal(box.bus)
        with box.start() as weir:
            assert not is_on(weir)
            switch(weir, True)
            lib.wait_for(lambda: is_on(weir), "the switch")
            request = portal.requests[0]
            assert request["autostart"] is True and request["reason"], request
            assert request["commandline"] == ["weir", "--gapplication-service"], request
        with box.start() as weir:
            assert is_on(weir)
            portal.answer = (0, False)
            switch(weir, False)
            lib.wait_for(lambda: not is_on(weir), "the switch back")
            assert portal.requests[1]["autostart"] is False
        assert not os.path.exists(os.path.join(box.folder.name, "autostart"))
        portal.close()


def what_the_portal_denies_is_off(_):
    with Sandbox() as box:
        portal = lib.SandboxPortal(box.bus)
        with box.start() as weir:
            for answer in ((1, False), (2, True), (0, False), "not allowed"):
                portal.answer = answer
                asked = len(portal.requests)
                switch(weir, True)
                lib.wait_for(lambda: len(portal.requests) > asked, "a request")
                assert not is_on(weir), answer
            # one that goes without an answer is no reason never to ask again
            portal.answer = None
            switch(weir, True)
            lib.wait_for(lambda: len(portal.requests) == 5, "a request")
            portal.close()
            portal = lib.SandboxPortal(box.bus)
            lib.wait_for(lambda: portal.status, "the new portal's line")
            switch(weir, True)
            lib.wait_for(lambda: is_on(weir), "the switch")
        portal.close()


def without_a_portal_it_stays_off_and_says_so(_):
    with Sandbox() as box:
        with box.start() as weir:
            switch(weir, True)
            weir.wait_for_row("Running on")
            assert not is_on(weir)
        assert "start with the session" in weir.said, weir.said


def the_portal_has_a_line_that_is_true(_):
    with Sandbox() as box:
        with box.start() as weir:
            weir.wait_for_row("Running on")
            portal = lib.SandboxPortal(box.bus)  # later than the program
            lib.wait_for(lambda: portal.status, "a line")
            assert portal.status[0].startswith("Weir – Running on 127.0.0.1:"), portal.status
            weir.client.click("Stop Proxy")
            lib.wait_for(lambda: portal.status[-1] == "Weir – Stopped", "the other line")
            assert len(portal.status) == len(set(portal.status)), portal.status
            assert all(len(line) <= 96 for line in portal.status)
            portal.close()


def it_also_takes_notifications(_):
    with socket.create_server(("127.0.0.1", 0)) as thief:
        port = thief.getsockname()[1]
    with Sandbox() as box:
        portal = lib.SandboxPortal(box.bus)
        with box.start(port=port) as weir:
            weir.wait_for_row("Running on")
            weir.client.click("Stop Proxy")
            weir.wait_for_row("Stopped")
            with socket.create_server(("127.0.0.1", port)):
                weir.client.click("Start Proxy")
                lib.wait_for(lambda: portal.shown, "a notification")
            number, told = portal.shown[0]
            assert number == "proxy" and told["title"] == "The proxy could not start", told
            assert [button["label"] for button in told["buttons"]] == ["Choose Another Port", "Try Again"], told
        portal.close()


CASES = [
    the_portal_starts_it_with_the_session,
    what_the_portal_denies_is_off,
    without_a_portal_it_stays_off_and_says_so,
    the_portal_has_a_line_that_is_true,
    it_also_takes_notifications,
]
