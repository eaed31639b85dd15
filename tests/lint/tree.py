# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the project: what git tracks, or every file where there is no git."""

import os
import subprocess


def tracked(root):
    """Paths relative to @root, sorted."""
    if os.path.exists(os.path.join(root, ".git")):
        out = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"],
            capture_output=True,
        )
        if out.returncode == 0:
            names = out.stdout.decode().split("\0")
            return sorted(n for n in names if n and os.path.isfile(os.path.join(root, n)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith((".", "build", "_build"))]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


def read(root, name):
    """The text of a file; bytes that are no UTF-8 become marks."""
    with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def sources(root, folders=("src/", "tests/")):
    """(name, text) of every C file under @folders."""
    for name in tracked(root):
        if name.endswith((".c", ".h")) and name.startswith(folders):
            yield name, read(root, name)
