# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service does when nobody wants anything: whom it asks, how often it wakes, how
much memory it holds.  With its tray shown and an account signed in."""

import contextlib
import mmap
import os
import pathlib
import struct
import sys
import time

from gi.repository import Gio, GLib
from place import NAME, ROOT, wait_for

sys.path.insert(0, str(ROOT / "tests" / "tray"))

from bus import Watcher  # noqa: E402

UNDER_TEST = pathlib.Path(os.environ["WEIR"]).resolve().parents[2] / "tests" / "lib" / "weir-under-test"
HOUR, STEP = 3600, 30
QUIET_SECONDS = 20
# of all its threads, for one event: who hears of it, who sends, two looks of the watchdog
WAKES_MAX = 6
RESIDENT_MAX_KIB = 20 * 1024

POWER_XML = """<node><interface name="{name}"><property name="ActiveProfile" type="s" access="read"/>
</interface></node>"""
# as GLib asked before 2.80, and since
POWER_NAMES = {"net.hadess.PowerProfiles": "/net/hadess/PowerProfiles",
               "org.freedesktop.UPower.PowerProfiles": "/org/freedesktop/UPower/PowerProfiles"}


def say_power(place, profile):
    """The session's bus is the system's too, and says how power is used."""
    place.environment["DBUS_SYSTEM_BUS_ADDRESS"] = place.environment["DBUS_SESSION_BUS_ADDRESS"]
    connection = place.connect()
    asked = []

    def on_get(*_):
        asked.append(True)
        return GLib.Variant("s", profile)

    for name, path in POWER_NAMES.items():
        info = Gio.DBusNodeInfo.new_for_xml(POWER_XML.format(name=name)).interfaces[0]
        connection.register_object(path, info, None, on_get, None)
        own(connection, name)
    return connection, asked


def own(connection, name):
    connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                         GLib.Variant("(su)", (name, 0)), None, Gio.DBusCallFlags.NONE, 2000, None)


def begin(place, profile="power-saver"):
    """An account, an icon in a panel, and all that is asked at first is asked."""
    connection, asked = say_power(place, profile)
    watcher = Watcher(place)
    place.configure()
    # as this vendor has it; what lives an hour is renewed each hour
    place.vendor.set_lifetime("codex", 10 * 24 * HOUR)
    place.start()
    place.sign_in()
    wait_for(lambda: watcher.items, "the icon")
    wait_for(lambda: asked, "the question for the power profile")
    turn(5)
    return [connection, watcher.connection]


def turn(seconds):
    with contextlib.suppress(AssertionError):
        wait_for(lambda: False, "nothing", seconds)


def count_wakes(pid):
    """How often its threads have gone to sleep of themselves."""
    wakes = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        name = f"{(task / 'comm').read_text().strip()} {task.name}"
        wakes[name] = int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    return wakes


@contextlib.contextmanager
def driven_clock(place):
    """Gives a function that lets the program's time pass, in steps."""
    clock = place.home / "clock"
    clock.write_bytes(bytes(8))
    place.environment["WEIR_TEST_CLOCK"] = str(clock)
    place.program_path = str(UNDER_TEST)
    with open(clock, "r+b") as file, mmap.mmap(file.fileno(), 8) as cell:
        def let_pass(seconds, step=STEP):
            begun, = struct.unpack("<q", cell[:8])
            for passed in range(step, seconds + 1, step):
                cell[:8] = struct.pack("<q", begun + passed * 1_000_000)
                turn(0.06)

        yield let_pass


def an_open_window_is_shown_new_numbers(place):
    with driven_clock(place) as let_pass:
        kept = begin(place, "balanced")
        let_pass(HOUR // 4)  # all that is asked at first
        place.vendor.forget()
        let_pass(HOUR // 2)
        assert place.vendor.seen() == [], place.vendor.seen()
        window = place.connect()
        own(window, NAME + ".Ui")
        let_pass(HOUR // 2)
        wait_for(place.vendor.seen, "a question")
        window.close_sync(None)
        wait_for(lambda: not place.has_owner(NAME + ".Ui"), "the window's end")
        let_pass(HOUR // 4)  # over the reset of what was looked at, which is still asked for
        turn(0.5)
        place.vendor.forget()
        let_pass(HOUR // 2)
        assert place.vendor.seen() == [], place.vendor.seen()
        assert place.stop() == 0
    del kept


def ask_for_lists(place, profile):
    """How often a list of models is asked for in four hours."""
    with driven_clock(place) as let_pass:
        kept = begin(place, profile)
        place.sign_in("antigravity")
        wait_for(lambda: place.vendor.count("antigravity/catalogue"), "the first list")
        turn(0.5)
        place.vendor.forget()
        let_pass(4 * HOUR, HOUR // 12)
        turn(1)
        asked = len(place.vendor.seen("antigravity/catalogue"))
        assert place.stop() == 0
    del kept
    return asked


def lists_of_models_are_renewed(place):
    assert ask_for_lists(place, "balanced") == 1


def lists_of_models_are_not_renewed_on_battery(place):
    assert ask_for_lists(place, "power-saver") == 0


def an_idle_hour_on_battery_asks_nobody(place):
    with driven_clock(place) as let_pass:
        kept = begin(place)
        place.vendor.forget()
        let_pass(HOUR)
    turn(1)
    assert place.vendor.seen() == [], place.vendor.seen()
    assert place.stop() == 0
    del kept


def idle_it_sleeps(place):
    kept = begin(place)
    before = count_wakes(place.program.pid)
    time.sleep(QUIET_SECONDS)
    after = count_wakes(place.program.pid)
    woken = {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)}
    assert sum(woken.values()) <= WAKES_MAX, woken
    del kept


def its_memory_is_small(place):
    if b"__asan_init" in pathlib.Path(os.environ["WEIR"]).read_bytes():
        return
    kept = begin(place)
    for _ in range(20):
        assert place.ask("weir/echo") == 200
    rollup = pathlib.Path(f"/proc/{place.program.pid}/smaps_rollup").read_text()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
    print(f"# resident {sizes['Rss']} KiB, of it ours {sizes['Private_Dirty']} KiB,"
          f" shared out {sizes['Pss']} KiB")
    assert sizes["Rss"] <= RESIDENT_MAX_KIB, sizes
    del kept


CASES = [an_open_window_is_shown_new_numbers, lists_of_models_are_renewed, lists_of_models_are_not_renewed_on_battery,
         an_idle_hour_on_battery_asks_nobody, idle_it_sleeps, its_memory_is_small]
