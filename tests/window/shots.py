# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures: every page in every look.  The list is the documentation of what there
is to see."""

import os
import pathlib
import shutil
import subprocess
import sys

import session

NARROW = ["--size", "360x720"]
LARGE = ["--text", "1.5"]

# name, scenario, page, arguments
SHOTS = [
    ("quota", "ten-accounts", "quota", []),
    ("quota-dark", "ten-accounts", "quota", ["--dark"]),
    ("quota-narrow", "ten-accounts", "quota", NARROW),
    ("quota-large-text", "ten-accounts", "quota", LARGE),
    ("quota-contrast", "ten-accounts", "quota", []),
    ("quota-private", "ten-accounts", "quota", ["--action", "win.privacy"]),
    ("quota-rtl", "ten-accounts", "quota", ["--rtl"]),
    ("quota-empty", "fresh", "quota", []),
    ("quota-locked", "locked", "quota", []),
    ("quota-stopped", "stopped", "quota", []),
    ("quota-offline", "offline", "quota", []),
    ("quota-port-taken", "port-taken", "quota", []),
    ("accounts", "ten-accounts", "accounts", ["--action", "win.show-account('claude-work')"]),
    ("accounts-dark", "ten-accounts", "accounts", ["--dark", "--action", "win.show-account('claude-work')"]),
    ("accounts-narrow", "ten-accounts", "accounts", NARROW),
    ("account-narrow", "ten-accounts", "accounts", [*NARROW, "--action", "win.show-account('claude-work')"]),
    ("accounts-empty", "fresh", "accounts", []),
    ("sign-in-vendors", "fresh", "quota", ["--action", "win.add-account"]),
    ("sign-in-browser", "fresh", "quota", ["--action", "win.add-account-of('claude')"]),
    ("sign-in-device", "fresh", "quota", ["--dark", "--action", "win.add-account-of('copilot')"]),
    ("models", "ten-accounts", "models", []),
    ("models-narrow", "ten-accounts", "models", NARROW),
    ("models-empty", "bare", "models", []),
    ("keys", "ten-accounts", "keys", ["--activate", "WeirKeyRow"]),
    ("keys-narrow", "ten-accounts", "keys", [*NARROW, "--activate", "WeirKeyRow"]),
    ("keys-empty", "bare", "keys", []),
    ("activity", "ten-accounts", "activity", []),
    ("activity-dark", "ten-accounts", "activity", ["--dark"]),
    ("activity-request", "ten-accounts", "activity", ["--activate", "WeirExchangeRow"]),
    ("activity-request-narrow", "ten-accounts", "activity", [*NARROW, "--activate", "WeirExchangeRow"]),
    ("activity-table", "ten-accounts", "activity", ["--activate", "table_button"]),
    ("activity-narrow", "ten-accounts", "activity", NARROW),
    ("activity-empty", "bare", "activity", []),
    ("preferences", "ten-accounts", "quota", ["--action", "win.preferences"]),
    ("configuration", "ten-accounts", "quota", ["--action", "win.edit-config"]),
    ("shortcuts", "ten-accounts", "quota", ["--action", "win.shortcuts"]),
    ("first-run", "fresh", "quota", ["--welcome"]),
    ("first-run-import", "fresh", "quota", ["--action", "win.import"]),
    ("quota-chinese", "ten-accounts", "quota", []),
    ("accounts-chinese", "ten-accounts", "accounts", ["--action", "win.show-account('claude-work')"]),
    ("activity-german", "ten-accounts", "activity", []),
    ("outdated", "outdated", "quota", []),
]


def take(out, name, page, arguments, environment):
    path = out / f"{name}.png"
    program = session.BUILD / "tests" / "window" / "weir-window-shot"
    done = subprocess.run([program, path, "--page", page, *arguments], env=environment, timeout=30,
                          capture_output=True, text=True)
    noise = [line for line in done.stderr.splitlines() if ("WARNING" in line or "CRITICAL" in line or "no action" in line)
             and "reported min width" not in line]  # GtkShortcutsWindow of GTK 4.8
    if arguments[:2] == NARROW and done.returncode == 0:
        width = int.from_bytes(path.read_bytes()[16:20], "big")  # of the PNG
        if width > 360:
            noise.append(f"it needs {width} pixels")
    if done.returncode != 0 or noise:
        print(f"{name}: {done.returncode} {noise or done.stderr}")
        return False
    return True


def shrink(paths):
    """256 colours are enough for a window, and make a fifth of the size."""
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--skip-if-larger", *paths], check=False)
    if shutil.which("optipng"):
        subprocess.run(["optipng", "-quiet", "-strip", "all", *paths], check=False)


def main():
    out = pathlib.Path(sys.argv[1])
    wanted = sys.argv[2:]
    out.mkdir(parents=True, exist_ok=True)
    session.write_config()
    environment = {**os.environ, "GTK_A11Y": "none"}
    good = True
    taken = []
    scenarios = {scenario for _, scenario, _, _ in SHOTS}
    for scenario in sorted(scenarios):
        rows = [row for row in SHOTS if row[1] == scenario
                and (not wanted or any(word in row[0] for word in wanted))]
        if not rows:
            continue
        with session.Mock(scenario):
            for name, _, page, arguments in rows:
                more = {}
                if name.endswith("-chinese"):
                    more = {"LANGUAGE": "zh_CN", "LC_ALL": "C.UTF-8"}
                elif name.endswith("-german"):
                    more = {"LANGUAGE": "de", "LC_ALL": "C.UTF-8"}
                elif name.endswith("-contrast"):
                    more = {"ADW_DEBUG_HIGH_CONTRAST": "1"}
                good &= take(out, name, page, arguments, {**environment, **more})
                taken.append(str(out / f"{name}.png"))
    shrink(taken)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
