# SPDX-License-Identifier: GPL-3.0-or-later
"""Direction: a room includes only the rooms under it, and says the room in the include."""

import re

import tree

UNDER = {
    "base": "",
    "http": "base",
    "chat": "base",
    "providers": "chat base",
    "store": "providers chat base",
    "accounts": "providers store base",
    "proxy": "accounts providers chat http store base",
    "control": "accounts http proxy providers store base",
    "tray": "base",
    "cli": "store base",
    "window": "base",
    "tray-ayatana": "",
    "app": "accounts base chat cli control http providers proxy store tray",
}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
# written by the build, not by hand: they lie in the build folder and carry no room
_GENERATED = re.compile(r"^(config\.h|weir-[\w-]+-(generated|resources)\.h)$")


def find(root, options):
    for name, text in tree.sources(root, ("src/",)):
        parts = name.split("/")
        if len(parts) < 3:
            yield f"{name}: lies in no room"
            continue
        room = parts[1]
        if room not in UNDER:
            yield f"{name}: room {room} is not in the direction list"
            continue
        allowed = set(UNDER[room].split()) | {room}
        for match in _INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            target = match.group(1)
            if _GENERATED.match(target):
                continue
            other = target.split("/")[0] if "/" in target else None
            if other is None or other not in UNDER:
                yield f'{name}:{line}: "{target}" carries no room'
            elif other not in allowed:
                yield f"{name}:{line}: room {room} may not include room {other}"


GOOD = [
    {"src/store/weir-a.c": '#include "providers/weir-b.h"\n'},
    {"src/proxy/weir-a.c": '#include "config.h"\n#include "proxy/weir-a.h"\n#include "http/weir-b.h"\n'},
    {"src/control/weir-a.c": '#include "weir-control-generated.h"\n#include <glib.h>\n'},
]
BAD = [
    {"src/providers/weir-a.c": '#include "store/weir-b.h"\n'},
    {"src/base/weir-a.c": '#include "http/weir-b.h"\n'},
    {"src/chat/weir-a.h": '#include "providers/weir-b.h"\n'},
    {"src/http/weir-a.c": '#include "chat/weir-b.h"\n'},
    {"src/store/weir-a.c": '# include "accounts/weir-b.h"\n'},
    {"src/window/weir-a.c": '#include "proxy/weir-b.h"\n'},
    {"src/app/main.c": '#include "window/weir-b.h"\n'},
    {"src/base/weir-a.c": '#include "weir-b.h"\n'},
    {"src/base/weir-a.c": '#include "../http/weir-b.h"\n'},
    {"src/cellar/weir-a.c": "int a;\n"},
    {"src/weir-a.c": "int a;\n"},
]
