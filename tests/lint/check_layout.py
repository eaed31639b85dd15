# SPDX-License-Identifier: GPL-3.0-or-later
"""Layout: clang-format, version 14 as the style was written for, has nothing to change."""

import os
import shutil
import subprocess

import tree

_STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".clang-format")


def _program():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path:
            version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if "version 14." in version:
                return path
    return None


def skip_reason(options):
    return None if _program() else "clang-format 14 is not installed"


def find(root, options):
    program = _program()
    for name, text in tree.sources(root):
        out = subprocess.run(
            [program, f"--style=file:{_STYLE}", f"--assume-filename={name}"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if out == text:
            continue
        pairs = zip(text.split("\n"), out.split("\n"))
        number = next((n for n, (old, new) in enumerate(pairs, 1) if old != new), 1)
        yield f"{name}:{number}: clang-format would change this"


GOOD = [{"src/base/weir-a.c": "static int\nweir_a (void)\n{\n  return 1;\n}\n"}]
BAD = [
    {"src/base/weir-a.c": "static int\nweir_a(void)\n{\n  return 1;\n}\n"},
    {"tests/unit/base/test-a.c": "static int weir_a (void) {\n    return 1;\n}\n"},
]
