# SPDX-License-Identifier: GPL-3.0-or-later
"""The service starts weir-tray where a panel of the old kind may be: in an X session in which
nobody has asked for icons after ten seconds."""

import os
import pathlib
import shutil

import bus as lib
from program import Weir

LIBEXEC = pathlib.Path(os.environ.get("WEIR_LIBEXEC", "/usr/local/libexec"))


def find_helpers(parent):
    """Process ids of the programs weir-tray that run."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            display = f"DISPLAY={parent}".encode()
            if words[0].endswith(b"/weir-tray") and display in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            pass
    return found


def installed():
    """The command before a program that finds the helper where it is installed."""
    helper = os.environ.get("WEIR_TRAY_HELPER")
    if not helper:
        raise lib.Skipped("this build has no weir-tray")
    if shutil.which("Xvfb") is None:
        raise lib.Skipped("Xvfb is not installed")
    empty = [] if LIBEXEC.is_dir() else ["--tmpfs", str(LIBEXEC.parent)]  # a folder to be in
    return lib.confine(*empty, "--ro-bind", os.path.dirname(helper), str(LIBEXEC))


def a_helper_comes_where_no_panel_asks(_):
    wrapper = installed()
    server, display = lib.start_x()
    try:
        with Weir(with_watcher=False, wrapper=wrapper, DISPLAY=display) as weir:
            weir.wait_for_row("Running on")
            assert find_helpers(display) == []
            lib.wait_for(lambda: find_helpers(display), "the helper", 20)
            # it is in the way of nobody
            watcher = lib.Watcher(weir.bus)
            lib.wait_for(lambda: watcher.items, "a registration")
            lib.wait_for(lambda: not find_helpers(display), "the helper's end")
            # and comes again
            watcher.close()
            lib.wait_for(lambda: find_helpers(display), "the helper again", 20)
        lib.wait_for(lambda: not find_helpers(display), "its end with the service")
    finally:
        server.terminate()
        server.wait(10)


def none_comes_where_a_panel_asks_or_on_wayland(_):
    wrapper = installed()
    server, display = lib.start_x()
    try:
        with Weir(wrapper=wrapper, DISPLAY=display) as asked:
            lib.wait_for(lambda: asked.watcher.items, "a registration")
            with Weir(with_watcher=False, wrapper=wrapper, DISPLAY=display, WAYLAND_DISPLAY="wayland-0") as other:
                other.wait_for_row("Running on")
                lib.turn(11)
                assert find_helpers(display) == []
    finally:
        server.terminate()
        server.wait(10)


CASES = [a_helper_comes_where_no_panel_asks, none_comes_where_a_panel_asks_or_on_wayland]
