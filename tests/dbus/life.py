# SPDX-License-Identifier: GPL-3.0-or-later
"""A bus that dies or was never there, second starts, and how the service is started."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from gi.repository import GLib
from place import ACCOUNT, NAME, ROOT, Place, wait_for

sys.path.insert(0, str(ROOT / "tests" / "tray"))

from bus import Notifications  # noqa: E402

BUILD = pathlib.Path(os.environ["WEIR"]).resolve().parents[2]


def the_bus_dies_and_returns(place):
    place.start()
    place.sign_in()
    place.stop_bus()
    for _ in range(3):
        assert place.ask("weir/echo") == 200
    place.start_bus()
    wait_for(place.has_owner, "the name", 15)
    assert place.get("State") == "running" and place.get("Totals")["requests"] == 3
    assert len(place.objects(ACCOUNT)) == 1
    path, actions = "/io/github/weirproxy/Weir", "org.gtk.Actions"
    place.call("Activate", "(sava{sv})", "stop", [], {}, path=path, interface=actions)
    wait_for(lambda: place.get("State") == "stopped", "the stop")
    place.stop_bus()
    place.start_bus()
    wait_for(place.has_owner, "the name once more", 15)
    assert place.get("State") == "stopped"


def a_bus_that_returned_shows_notifications(place):
    with socket.create_server(("127.0.0.1", 0)) as thief:
        port = thief.getsockname()[1]
    place.start("--port", str(port))
    place.call("Stop")
    place.stop_bus()
    place.start_bus()
    wait_for(place.has_owner, "the name", 15)
    daemon = Notifications(place)
    with socket.create_server(("127.0.0.1", port)):
        place.refused("Failed", "Start")
        wait_for(lambda: daemon.shown, "a notification")
    told = daemon.shown[0]
    assert told["title"] == "The proxy could not start" and told["hints"]["desktop-entry"] == NAME, told
    buttons = dict(zip(told["actions"][1::2], told["actions"][::2]))
    daemon.invoke(1, buttons["Try Again"])
    wait_for(lambda: place.get("State") == "running", "the start")
    wait_for(lambda: daemon.closed == [1], "that it is taken back")
    daemon.close()


def no_bus_at_all(place):
    place.stop_bus()
    place.configure()
    environment = dict(place.environment)
    del environment["DBUS_SESSION_BUS_ADDRESS"]
    environment["XDG_RUNTIME_DIR"] = str(place.home / "nowhere")
    place.start(environment=environment)
    assert place.ask("weir/echo") == 200
    assert place.stop() == 0


def a_second_start_leaves_the_first(place):
    place.start()
    done = subprocess.run([os.environ["WEIR"], "--gapplication-service"], env=place.environment,
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and f"process {place.program.pid}" in done.stderr, done
    shown = subprocess.run([os.environ["WEIR"]], env=dict(place.environment, DISPLAY=":97"),
                           capture_output=True, text=True, timeout=20)
    assert shown.returncode == 0 and "listening" not in shown.stdout, shown
    assert place.ask("weir/echo") == 200


def the_bus_starts_it(place):
    text = (BUILD / "data" / "service" / f"{NAME}.service").read_text()
    assert f"Name={NAME}" in text and "SystemdService=weir.service" in text
    with tempfile.TemporaryDirectory() as folder:
        lines = [line for line in text.splitlines() if not line.startswith(("Exec=", "SystemdService="))]
        lines.append(f"Exec={os.environ['WEIR']} --gapplication-service")
        (pathlib.Path(folder) / f"{NAME}.service").write_text("\n".join(lines) + "\n")
        with Place(folder) as other:
            other.configure()
            other.weir("status", status=69)
            assert not other.has_owner()
            other.weir("start", text="weir listens on http://127.0.0.1:")
            other.weir("test", "weir/echo")
            other.call("Quit")
            wait_for(lambda: not other.has_owner(), "the end")


def the_unit_is_as_systemd_wants_it(place):
    unit = place.home / "weir.service"
    lines = (BUILD / "data" / "service" / "weir.service").read_text().splitlines()
    unit.write_text("\n".join(
        f"ExecStart={os.environ['WEIR']} --gapplication-service" if line.startswith("ExecStart=") else line
        for line in lines if not line.startswith("Documentation=")) + "\n")
    try:
        done = subprocess.run(["systemd-analyze", "--user", "verify", str(unit)], env=place.environment,
                              capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        return
    assert done.returncode == 0 and done.stderr == "", done.stderr


def what_was_set_last_outlives_the_end(place):
    place.start()
    account = place.sign_in()
    for number in range(100):
        place.set(account, "Label", GLib.Variant("s", f"number {number}"))
    for _ in range(3):
        place.program.send_signal(signal.SIGTERM)
        time.sleep(0.002)
    assert place.stop() == 0 and "CRITICAL" not in place.read_log()
    place.start()
    wait_for(place.has_owner, "the name")
    assert wait_for(lambda: place.objects(ACCOUNT), "the account")[account]["Label"] == "number 99"


CASES = [the_bus_dies_and_returns, a_bus_that_returned_shows_notifications, no_bus_at_all, a_second_start_leaves_the_first, the_bus_starts_it,
         the_unit_is_as_systemd_wants_it, what_was_set_last_outlives_the_end]
