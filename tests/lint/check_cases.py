# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases: each row of tests/SECURITY-CASES.md names a test that is there, and no case lacks one."""

import re

import tree

TABLE = "tests/SECURITY-CASES.md"
WANTED = ([f"E{number:02}" for number in range(1, 19)] + [f"I{number:02}" for number in range(1, 27)]
          + [f"P{number:02}" for number in (*range(1, 9), 12, 13, 14)])
_ROW = re.compile(r"\| ([EIP]\d\d) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$")


def _holds(text, test):
    """TRUE where @text has the test: whole, behind the prefix that a macro adds, or as a function."""
    last = '"' + test.rsplit("/", 1)[-1] + '"'
    return f'"{test}"' in text or (test.startswith("/") and last in text) or f"def {test}(" in text


def find(root, options):
    names = set(tree.tracked(root))
    if TABLE not in names:
        yield f"{TABLE}: is gone"
        return
    seen = set()
    for number, line in enumerate(tree.read(root, TABLE).split("\n"), 1):
        match = _ROW.match(line)
        if not match:
            if re.match(r"\| [A-Z]\d", line):
                yield f"{TABLE}:{number}: no row of four"
            continue
        case, name, test = (part.strip() for part in match.groups())
        seen.add(case)
        if name not in names:
            yield f"{TABLE}:{number}: there is no {name}"
        elif not _holds(tree.read(root, name), test):
            yield f"{TABLE}:{number}: {name} has no test {test}"
    for case in WANTED:
        if case not in seen:
            yield f"{TABLE}: {case} has no test"


def _table(test, drop=None):
    rows = (f"| {case} | a: b | tests/a.c | {test} |" for case in WANTED if case != drop)
    return "\n".join(rows) + "\n"


_TESTS = 'ADD ("works", f); g_test_add_func ("/a/b", f); @case("E01 c d")\ndef by_name():\n'
GOOD = [{TABLE: _table(test), "tests/a.c": _TESTS} for test in ("/x/works", "/a/b", "E01 c d", "by_name")]
BAD = [
    {TABLE: _table("/x/fails"), "tests/a.c": _TESTS},
    {TABLE: _table("/a/b", "I14"), "tests/a.c": _TESTS},
    {TABLE: _table("/a/b"), "tests/b.c": _TESTS},
    {TABLE: _table("/a/b") + "| I01 | broken |\n", "tests/a.c": _TESTS},
    {"tests/a.c": _TESTS},
]
