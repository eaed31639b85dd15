# SPDX-License-Identifier: GPL-3.0-or-later
"""Words: calls that are never made, marks of unfinished work, comments of the other kind, the
licence tag, and the prefix of what a file gives to others."""

import re

import c_source
import tree

FORBIDDEN = set(
    "strcpy stpcpy strcat sprintf vsprintf gets system popen alloca g_alloca g_newa"
    " g_newa0 tmpnam tempnam mktemp strtok rand srand atoi atol".split()
)
_MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
_LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
_TEXT = (".c", ".h", ".py", ".build", ".xml", ".ui", ".yaml", ".yml", ".md", ".sh", ".js", ".in")


def find(root, options):
    for name, text in tree.sources(root):
        yield from _find_in_source(name, text)
    for name in tree.tracked(root):
        if not name.endswith(_TEXT):
            continue
        for number, line in enumerate(tree.read(root, name).split("\n"), 1):
            match = _MARKS.search(line)
            if match:
                yield f"{name}:{number}: {match.group()}: finish it or say it in an issue"


def _find_in_source(name, text):
    if _LICENCE not in text.split("\n", 1)[0]:
        yield f"{name}:1: the first line is not the licence tag"
    tokens = list(c_source.tokenize(text))
    for token in tokens:
        if token.kind == "line_comment":
            yield f"{name}:{token.line}: comments are written /* so */"
    code = list(c_source.code_of(tokens))
    for token, after in zip(code, code[1:]):
        if token.kind != "word":
            continue
        if token.text == "goto":
            yield f"{name}:{token.line}: goto"
        elif token.text in FORBIDDEN and after.text == "(":
            yield f"{name}:{token.line}: call of {token.text}"
    if name.startswith("src/") and name.endswith(".c"):
        for function in c_source.functions(text):
            is_main = function.name == "main" and name.endswith("/main.c")
            if not function.is_static and not is_main and not function.name.startswith("weir_"):
                yield f"{name}:{function.first}: {function.name} does not begin with weir_"


_TAG = f"/* {_LICENCE} */\n"

GOOD = [
    {"src/base/weir-a.c": _TAG + 'int\nweir_a (void)\n{\n  return f ("http://x") + system_of (1);\n}\n'},
    {"src/base/weir-a.c": _TAG + "/* sprintf ( would be // wrong; goto too */\nstatic void\nb (void)\n{\n}\n"},
    {"src/app/main.c": _TAG + "int\nmain (int argc, char **argv)\n{\n}\n"},
    {"src/base/weir-a.c": _TAG + '#define WEIR_URL "http://a.example"\n'},
]
BAD = [
    {"src/base/weir-a.c": "int a;\n"},
    {"tests/unit/base/test-a.c": "/* a test */\n" + _TAG},
    {"src/base/weir-a.c": _TAG + "int a; // why\n"},
    {"src/base/weir-a.c": _TAG + "#define A 1 // why\n"},
    {"src/base/weir-a.c": _TAG + "void\nsomething (void)\n{\n}\n"},
    {"src/base/weir-a.c": _TAG + "/* TO" + "DO: later */\n"},
    {"src/meson.build": "# FIX" + "ME\n"},
    {"src/base/weir-a.c": _TAG + "static void\na (void)\n{\n  goto out;\n}\n"},
    {"src/base/weir-a.c": _TAG + "#define A(b) \\\n  strcpy (b, b)\n"},
] + [
    {"src/base/weir-a.c": _TAG + f"static void\na (void)\n{{\n  {word} (b);\n}}\n"} for word in sorted(FORBIDDEN)
]
