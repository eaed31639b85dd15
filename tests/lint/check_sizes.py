# SPDX-License-Identifier: GPL-3.0-or-later
"""Size: a file stays under 600 lines, a function under 60 and at most four blocks deep.
Tables between clang-format off and on do not count."""

import c_source
import tree

FILE_MAX = 600
FUNCTION_MAX = 60
DEPTH_MAX = 4


def find(root, options):
    for name, text in tree.sources(root):
        exempt = c_source.exempt_lines(text)
        length = text.count("\n") - len(exempt)
        if length > FILE_MAX:
            yield f"{name}: {length} lines, at most {FILE_MAX}"
        for function in c_source.functions(text):
            lines = set(range(function.first, function.last + 1)) - exempt
            where = f"{name}:{function.first}: {function.name}"
            if len(lines) > FUNCTION_MAX:
                yield f"{where} has {len(lines)} lines, at most {FUNCTION_MAX}"
            depth = c_source.depth_of(function)
            if depth > DEPTH_MAX:
                yield f"{where} is {depth} blocks deep, at most {DEPTH_MAX}"


def _function(lines):
    return "static int\nweir_a (int b)\n{\n" + "  b++;\n" * (lines - 3) + "}\n"


_TABLE = "/* clang-format off */\nstatic const int t[] = {\n" + "  1,\n" * 700 + "};\n/* clang-format on */\n"
_DEEP = "void\nweir_a (void)\n{\n" + "if (1)\n{\n" * 5 + "}\n" * 5 + "}\n"

GOOD = [
    {"src/base/weir-a.c": _function(60)},
    {"src/base/weir-a.c": _function(60) * 9 + _TABLE},
    {"src/base/weir-a.c": 'const char *s = "{{{{{{";\n/* {{{{ */\n' + _function(10)},
]
BAD = [
    {"src/base/weir-a.c": _function(61)},
    {"src/base/weir-a.c": "char c = '\"';\n" + _function(61)},
    {"src/base/weir-a.h": "int a;\n" * 601},
    {"tests/unit/base/test-a.c": _function(70)},
    {"src/base/weir-a.c": _DEEP},
]
