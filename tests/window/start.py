# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how long the window takes from exec to what the screen shows, against the mock.

    tests/window/run start [RUNS]

Numbers to look at, not a test: they are the machine's as much as the program's.  "first" is the
first pixel of the window, "filled" the last change before a second of rest: by then the accounts
are on the page.  "computed" is the time that the window's main thread ran until "first": what is
between the two was waited, for the disk, the display, the bus, or other programs' work."""

import mmap
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time

import session

PROGRAM = session.BUILD / "src" / "window" / "weir-window"
SCREEN = pathlib.Path(os.environ["WEIR_TEST_FOLDER"]) / "Xvfb_screen0"
GOAL_MS = 300
REST_SECONDS = 1.0
LONGEST_SECONDS = 30
WIDTH, HEIGHT, STRIDE = 900, 640, 1400 * 4


def look(screen):
    """The pixels of every tenth line of the window."""
    head = len(screen) - STRIDE * 1400
    return b"".join(screen[head + STRIDE * y:head + STRIDE * y + WIDTH * 4] for y in range(5, HEIGHT, 10))


def read_computed(pid):
    """Milliseconds that the main thread has run."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def measure(screen):
    """Milliseconds from exec to the first change of the screen and to the last one, and what the
    window had computed at the first."""
    empty = seen = look(screen)
    begun = time.monotonic()
    window = subprocess.Popen([PROGRAM], env={**os.environ, "GTK_A11Y": "none"}, stderr=subprocess.DEVNULL)
    first = last = computed = None
    while (time.monotonic() - begun) * 1000 - (last or LONGEST_SECONDS * 1000) < REST_SECONDS * 1000:
        now = look(screen)
        if now != seen:
            last = (time.monotonic() - begun) * 1000
            if first is None:
                first, computed = last, read_computed(window.pid)
            seen = now
        time.sleep(0.004)
    window.send_signal(signal.SIGTERM)
    window.wait(10)
    assert first is not None, "nothing was painted"
    while look(screen) != empty:
        time.sleep(0.01)
    return first, last, computed


def show(name, numbers):
    print(f"{name:8} best {min(numbers):4.0f} ms, median {statistics.median(numbers):4.0f} ms,"
          f" worst {max(numbers):4.0f} ms")


def main():
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    session.write_config()
    with open(SCREEN, "rb") as file, session.Mock("ten-accounts"):
        screen = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        measure(screen)  # files come into memory
        numbers = [measure(screen) for _ in range(runs)]
    for name, column in zip(("first", "filled", "computed"), zip(*numbers)):
        show(name, column)
    print(f"the goal for the first is {GOAL_MS} ms")


if __name__ == "__main__":
    main()
