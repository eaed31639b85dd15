# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that are signed in before the program starts: rows in its file of accounts, tokens
in its file of secrets, and vendors whose hosts are the mocks."""

import json
import os
import sqlite3
import threading

from . import dialects
from .dialects import ANTHROPIC, CHAT, GEMINI, RESPONSES

HOSTS = {
    "claude": "https://api.anthropic.com",
    "codex": "https://chatgpt.com",
    "copilot": "https://api.githubcopilot.com",
    "kimi": "https://api.kimi.com",
    "xai": "https://cli-chat-proxy.grok.com",
    "google": "https://cloudcode-pa.googleapis.com",
    "qwen": "https://portal.qwen.ai",
    "iflow": "https://apis.iflow.cn",
    "github": "https://api.github.com",
    "claude tokens": "https://platform.claude.com",
}

# src/accounts/weir-accounts-file.c
COLUMNS = (
    "id TEXT NOT NULL PRIMARY KEY, provider TEXT NOT NULL, vendor_id TEXT NOT NULL, email TEXT, plan TEXT,"
    " project TEXT, base_url TEXT, label TEXT NOT NULL, enabled INTEGER NOT NULL, priority INTEGER NOT NULL,"
    " weight INTEGER NOT NULL, prefix TEXT, proxy_url TEXT, headers TEXT, excluded_models TEXT,"
    " stop_at REAL NOT NULL, any_client INTEGER NOT NULL, is_live INTEGER NOT NULL, created_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL, generation INTEGER NOT NULL, sign_in INTEGER NOT NULL, sentence TEXT,"
    " UNIQUE (provider, vendor_id)"
)


def token_of(name):
    return f"upstream-token-{name}-key"


def row(provider, name, **more):
    """One account; @more: what differs."""
    return {
        "id": f"{provider}-{name}", "provider": provider, "vendor_id": f"vendor-id-{name}", "email": f"{name}@example.org",
        "plan": None, "project": None, "base_url": None, "label": f"my {name}", "enabled": 1, "priority": 0, "weight": 1,
        "prefix": None, "proxy_url": None, "headers": None, "excluded_models": None, "stop_at": 0, "any_client": 0,
        "is_live": 0, "created_us": 1, "expires_us": 0, "generation": 1, "sign_in": 0, "sentence": None,
    } | more  # fmt: skip


def plant(world, rows):
    """Before the program starts: as if each had signed in; its access token is token_of (id)."""
    for mock in (world.up, world.up2):
        mock.is_counted = is_request
        mock.script = mock.default_script = later
    folder = os.path.join(world.folder, "data", "weir")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.umask(0o077)
    lines = ["weir secrets 1"]
    with sqlite3.connect(os.path.join(folder, "accounts.db")) as database:
        database.execute(f"CREATE TABLE account ({COLUMNS}) WITHOUT ROWID")
        database.execute(
            "CREATE TABLE refresh_started (account TEXT NOT NULL PRIMARY KEY, generation INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID"
        )
        database.execute("CREATE TABLE removed (account TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
        database.execute(f"PRAGMA application_id = {0x57656972}")
        database.execute("PRAGMA user_version = 1")
        for one in rows:
            database.execute(f"INSERT INTO account ({', '.join(one)}) VALUES ({', '.join('?' * len(one))})", list(one.values()))
            token = token_of(one["id"])
            world.secrets.append(token)
            told = {"provider": one["provider"], "vendor_id": one["vendor_id"], "access_token": token, "refresh_token": f"r-{token}"}
            lines.append(f"account/{one['id']}@1 {json.dumps(told)}")
    with open(os.path.join(folder, "secrets"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def configuration(world, hosts=None, **settings):
    """Every vendor is at the first mock, but for what @hosts says."""
    here = {origin: f"http://127.0.0.1:{world.up.port}" for origin in HOSTS.values()}
    document = {"host": world.host, "secrets": "file", "api-keys": list(world.client_keys), "vendor-hosts": here | (hosts or {})}
    return json.dumps(document | settings, indent=1)


def dialect_of(path):
    """What is spoken at @path, and whether Code Assist stands round it."""
    if path.endswith("enerateContent"):
        return GEMINI
    for end, dialect in (("/chat/completions", CHAT), ("/responses", RESPONSES), ("/messages", ANTHROPIC)):
        if path.endswith(end):
            return dialect
    return None


def is_request(turn):
    """Lists of models, what is left and tokens are asked for whenever there is time."""
    path = turn.target.split("?")[0]
    return turn.method == "POST" and (dialect_of(path) is not None or path.endswith(":countTokens"))


def later(turn):
    return turn.answer(503, {"error": {"message": "not now"}})


def wrapped(frame):
    document = json.loads(frame.decode().removeprefix("data: "))
    return dialects.sse({"response": document, "traceId": "t"})


class Vendors:
    """Answers as the vendors would, and notes the requests."""

    def __init__(self, world):
        self.lock = threading.Lock()
        self.turns = []
        self.faults = []  # of the next requests: f (turn), or None
        self.models = {}  # path -> document
        self.tokens = {}  # path of a token endpoint -> f (turn)
        world.up.script = world.up2.script = self

    def __call__(self, turn):
        path = turn.target.split("?")[0]
        if path in self.tokens:
            return self.tokens[path](turn)
        if path in self.models:
            return turn.answer(200, self.models[path])
        if not is_request(turn):
            return later(turn)
        with self.lock:
            self.turns.append(turn)
            fault = self.faults.pop(0) if self.faults else None
        return (fault or self.answer)(turn)

    def answer(self, turn):
        path = turn.target.split("?")[0]
        dialect = dialect_of(path)
        if dialect is None:
            return turn.answer(200, {"totalTokens": 42})
        envelope = dialect is GEMINI
        if path.endswith("streamGenerateContent") or b'"stream":true' in turn.body.replace(b" ", b""):
            frames = dialect.frames()
            return turn.stream([wrapped(f) for f in frames] if envelope else frames)
        return turn.answer(200, {"response": dialect.unary()} if envelope else dialect.unary())

    @property
    def last(self):
        return self.turns[-1]

    def body(self):
        return json.loads(self.last.body)
