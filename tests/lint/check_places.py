# SPDX-License-Identifier: GPL-3.0-or-later
"""Places: no tracked file names a folder of the machine it was written on, or the host that
packages were fetched from."""

import re

import tree

_PATTERNS = [
    (re.compile(r"(?<![\w.}$*~-])/wor[k]/"), "a path of one machine"),
    (re.compile(r"/tmp/[b]-"), "a path of one machine"),
    (re.compile(r"(?<![\w.}$-])/home/(?!user\b|me\b|someone\b)\w+/"), "a path of one machine"),
    (
        re.compile(
            r"\b(registry\.[a-z]|registry\.npmj[s]|deb\.debia[n]\.org|snapshot\.debia[n]\.org"
            r"|pyp[i]\.org|files\.pythonhoste[d]\.org|artifactor[y]|\w+\.interna[l]\b)",
            re.IGNORECASE,
        ),
        "a package registry",
    ),
]


def find(root, options):
    for name in tree.tracked(root):
        if name == "tests/lint/check_places.py":
            continue
        for number, line in enumerate(tree.read(root, name).split("\n"), 1):
            for pattern, what in _PATTERNS:
                match = pattern.search(line)
                if match:
                    yield f"{name}:{number}: {match.group()} is {what}"


GOOD = [
    {"README.md": "ninja -C build\ncat /tmp/weir/log; ls ~/work/ $HOME/work/ /home/user/x\n"},
]
BAD = [
    {"README.md": "cd /work/main\n"},
    {"tests/run": "meson setup /tmp/b-one\n"},
    {"src/base/weir-a.c": "/* /home/joe/weir */\n"},
    {"tests/e2e/package-lock.json": '"resolved": "https://registry.npmjs.org/openai/-/openai.tgz"\n'},
    {"flatpak/a.json": '"url": "https://artifactory.example/x"\n'},
    {"notes.txt": "fetched from packages.corp.internal today\n"},
]
