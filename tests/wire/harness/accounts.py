# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of many accounts, written as JSON (which is YAML), and upstreams that
answer by the key they are asked with."""

import json
import threading

from . import dialects
from .dialects import ALL, CHAT


def account(world, name, models, dialect=CHAT, at=None, **more):
    """An entry of @dialect with one key, upstream-NAME-key, on the first mock.  @models:
    upstream names, or {alias: name} for one model each."""
    version = "/v1" if dialect.slug in ("chat", "codex") else ""
    port = at.port if hasattr(at, "port") else at or world.up.port
    key = f"upstream-{name}-key"
    rows = [{"name": n} for n in models] if isinstance(models, list) else [{"name": n, "alias": a} for a, n in models.items()]
    row = {"base-url": f"http://127.0.0.1:{port}{version}", "models": rows}
    row |= {"name": name, "api-key-entries": [{"api-key": key}]} if dialect is CHAT else {"api-key": key}
    return row | more


def configuration(world, entries, **settings):
    """@entries: rows of chat accounts, or {dialect: rows}; those of other dialects that have a
    name are written as providers, for the lists of keys know none."""
    document = {"host": world.host, "api-keys": list(world.client_keys)} | settings
    named = []
    for dialect, rows in (entries if isinstance(entries, dict) else {CHAT: entries}).items():
        for row in rows:
            if dialect is not CHAT and "name" in row:
                named.append(row | {"provider": dialect.slug})
            else:
                document.setdefault(dialect.family_key, []).append(row)
    if named:
        document["providers"] = named
    return json.dumps(document, indent=1)


def for_all(make):
    """{dialect: make (dialect)}"""
    return {dialect: make(dialect) for dialect in ALL}


class Script:
    """Answers well, but by the key's own fault where there is one: fault (turn) says whether
    the connection is kept.  Notes who was asked, in order."""

    def __init__(self, world, **faults):
        self.lock = threading.Lock()
        self.asked = []
        self.faults = faults
        world.up.script = world.up2.script = self

    def __call__(self, turn):
        name = name_of(turn)
        with self.lock:
            self.asked.append(name)
            fault = self.faults.get(name)
        return (fault or dialects.answer_well)(turn)

    def count(self, name):
        return self.asked.count(name)


def name_of(turn):
    return (turn.key or "").removeprefix("upstream-").removesuffix("-key")


def status(code, message="planted fault", kind="invalid_request_error", **fields):
    """A fault: an error in the shape of whoever is asked."""
    fields = [(name.replace("_", "-"), value) for name, value in fields.items()]

    def fault(turn):
        dialect = dialects.dialect_of_target(turn.target) or CHAT
        return turn.answer(code, dialect.error_body(message, kind), fields=fields)

    return fault
