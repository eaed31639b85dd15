# SPDX-License-Identifier: GPL-3.0-or-later
"""C text as tokens, and the functions in it.  Knows as much C as the house style needs: GNU
layout, where a function's name and its two outer braces stand in the first column."""

import re
from collections import namedtuple

Token = namedtuple("Token", "kind text line")
Function = namedtuple("Function", "name first last is_static tokens")

_PATTERN = re.compile(
    r"""(?P<comment>/\*.*?\*/)
      | (?P<line_comment>//[^\n]*)
      | (?P<string>(?:u8|[LuU])?"(?:\\.|[^"\\\n])*")
      | (?P<character>[LuU]?'(?:\\.|[^'\\\n])*')
      | (?P<directive>^[ \t]*\#(?:\\\n|[^\n"/]|/(?![/*])|"(?:\\.|[^"\\\n])*")*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<number>\.?\d[\w.]*)
      | (?P<mark>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def tokenize(text):
    """Yields every token, comments and preprocessor lines among them."""
    line = 1
    position = 0
    for match in _PATTERN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        yield Token(match.lastgroup, match.group(), line)


def code_of(tokens):
    """The tokens that a compiler acts on, the bodies of macros included."""
    for token in tokens:
        if token.kind == "directive":
            body = re.sub(r"\\\n", "\n", token.text)
            if re.match(r"\s*#\s*define\b", body):
                body = re.sub(r"^\s*#\s*define\s+\w+", "", body)
                for inner in tokenize(body):
                    yield inner._replace(line=token.line + inner.line - 1)
        elif token.kind not in ("comment", "line_comment"):
            yield token


def exempt_lines(text):
    """The numbers of the lines between clang-format's off and on: hand-laid tables."""
    lines = set()
    off = False
    for number, line in enumerate(text.split("\n"), 1):
        if "clang-format off" in line:
            off = True
        if off:
            lines.add(number)
        if "clang-format on" in line:
            off = False
    return lines


def functions(text):
    """Every function defined in @text, from the line of its name to its closing brace."""
    lines = text.split("\n")
    tokens = [t for t in tokenize(text) if t.kind not in ("comment", "line_comment", "directive")]
    found = []
    depth = 0
    start = 0  # the first token of this declaration
    opened = None
    for index, token in enumerate(tokens):
        if token.text == "{":
            if depth == 0:
                opened = index if lines[token.line - 1].startswith("{") else None
                head = tokens[start:index]
            depth += 1
        elif token.text == "}":
            depth = max(0, depth - 1)
            if depth > 0:
                continue
            name = _name_of(head) if opened is not None else None
            if name is not None:
                is_static = any(t.text == "static" for t in head)
                body = tokens[opened : index + 1]
                found.append(Function(name.text, name.line, token.line, is_static, body))
            start = index + 1
        elif token.text == ";" and depth == 0:
            start = index + 1
    return found


def _name_of(head):
    """The word before the parameter list that ends a function's head, or None."""
    if not head or head[-1].text != ")" or any(t.text == "=" for t in head):
        return None
    depth = 0
    for index in range(len(head) - 1, 0, -1):
        if head[index].text == ")":
            depth += 1
        elif head[index].text == "(":
            depth -= 1
            if depth == 0:
                return head[index - 1] if head[index - 1].kind == "word" else None
    return None


def depth_of(function):
    """How many blocks stand inside each other in a function's body, the body not counted."""
    deepest = 0
    blocks = []
    previous = ""
    for token in function.tokens:
        if token.text == "{":
            opens_block = previous in (")", "else", "do", ";", "{", "}", ":", "")
            blocks.append(opens_block)
            deepest = max(deepest, sum(blocks))
        elif token.text == "}" and blocks:
            blocks.pop()
        previous = token.text
    return deepest - 1
