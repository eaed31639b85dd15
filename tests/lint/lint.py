#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one check over the tree, or proves on planted snippets that the check can fail.

    lint.py CHECK ROOT [--binary FILE [--optimized]]
    lint.py CHECK --self-test

Ends with 0 when clean, 1 with findings on standard output, 77 when a tool is missing."""

import argparse
import importlib
import os
import sys
import tempfile

CHECKS = ("rooms", "sizes", "words", "places", "layout", "cases", "binary")


def findings_in(check, files, options):
    """What @check says about a tree of just @files, a map from path to text."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return list(check.find(root, options))


def self_test(check, options):
    """The planted bad trees that pass, and the good ones that do not."""
    faults = []
    for files in check.BAD:
        if not findings_in(check, files, options):
            faults.append(f"did not object to {files}")
    for files in check.GOOD:
        found = findings_in(check, files, options)
        if found:
            faults.append(f"objected to {files}: {found}")
    if hasattr(check, "self_test"):
        check.self_test()
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("root", nargs="?", default=".")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--binary", help="the service's program")
    parser.add_argument("--optimized", action="store_true", help="the build fortifies calls")
    options = parser.parse_args()

    sys.dont_write_bytecode = True
    check = importlib.import_module(f"check_{options.check}")
    reason = check.skip_reason(options) if hasattr(check, "skip_reason") else None
    if reason:
        print(f"skipped: {reason}")
        return 77
    faults = self_test(check, options) if options.self_test else list(check.find(options.root, options))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
