# SPDX-License-Identifier: GPL-3.0-or-later
"""S: vendors that are asked what is left, how often, with what, and who is served because of it."""

import contextlib
import json
import os
import signal
import sqlite3
import threading
import time

from harness.dialects import ANTHROPIC
from harness.signed_in import Vendors, configuration, plant, row, token_of
from harness.suite import Group, expect, wait_for

FLOOR = 5 * 60
USAGE = "/api/oauth/usage"
KEY_USAGE = "/api/monitor/usage/quota/limit"
KEY = "upstream-plan-of-a-key"


def asked_config(world):
    plant(world, [row("claude", "a", any_client=1), row("claude", "b", any_client=1)])
    world.secrets.append(KEY)
    plan = {
        "name": "zai", "base-url": "https://api.z.ai/api/coding/paas/v4",
        "api-key-entries": [{"api-key": KEY}], "models": [{"name": "glm", "alias": "glm"}],
    }  # fmt: skip
    hosts = {"https://api.z.ai": f"http://127.0.0.1:{world.up.port}"}
    return configuration(world, hosts, routing={"strategy": "quota-aware"}, **{"openai-compatibility": [plan]})


asked = Group("S asked", calm=True, config=asked_config, warm=False)


class Usage(Vendors):
    """Two accounts of Claude, of which b has more left, and a key with a plan."""

    def __init__(self, world):
        super().__init__(world)
        self.noted = threading.Lock()
        self.asked = []  # (key, path, when)
        self.world = world
        self.used = {token_of("claude-a"): 75, token_of("claude-b"): 25, KEY: 60}
        self.tokens[USAGE] = self.answer_usage
        self.tokens[KEY_USAGE] = self.answer_key

    def note(self, turn):
        with self.noted:
            self.asked.append((turn.key, turn.get("user-agent"), time.monotonic()))
            return self.used[turn.key]

    def answer_usage(self, turn):
        used = self.note(turn)
        return turn.answer(200, {"five_hour": {"utilization": used, "resets_at": None}, "seven_day": {"utilization": used}})

    def answer_key(self, turn):
        used = self.note(turn)
        return turn.answer(200, {"data": {"limits": [{"type": "TOKENS_LIMIT", "unit": 3, "number": 5, "percentage": used}]}})

    def count(self, key=None):
        with self.noted:
            return sum(key in (None, row[0]) for row in self.asked)

    def is_told(self):
        time.sleep(0.05)
        wanted = [self.used[token_of(name)] for name in ("claude-a", "claude-b") for _ in range(2)] + [self.used[KEY]]
        told = [w["used_percent"] for q in dump(self.world) for w in q["windows"] if w["age_s"] < 600]
        return sorted(told) == sorted(wanted)

    def wait_all(self):
        """Each of them was asked once more, and what was said is known.  What is under way when
        the clock jumps comes too late, so it may take another jump."""
        for _ in range(5):
            time.sleep(0.2)
            self.world.advance(3 * 3600)
            with contextlib.suppress(AssertionError):
                return wait_for(self.is_told, timeout=3, what="the readings")
        raise AssertionError(f"not told: {dump(self.world)}")


def dump(world):
    """What is known of quotas, as it is told on SIGUSR1."""
    start = len(world.errors)
    world.process.send_signal(signal.SIGUSR1)

    def states():
        lines = bytes(world.errors[start:]).split(b"\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith(b'{"quotas"')]

    wait_for(states, what="the dump")
    return states()[0]["quotas"]


def used_of(world, subject):
    return [w["used_percent"] for quota in dump(world) if quota["subject"] == subject for w in quota["windows"]]


@asked.case("S60 accounts and keys are asked as who we are, and the answers are told", sends=None)
def _(world):
    vendors = Usage(world)
    vendors.wait_all()
    expect(all(agent.startswith("weir/") for _, agent, _ in vendors.asked), vendors.asked)
    expect(used_of(world, "claude-a") == [75, 75], dump(world))
    expect(used_of(world, "claude-b") == [25, 25], dump(world))
    keys = [q for q in dump(world) if not q["subject"].startswith("claude")]
    expect(len(keys) == 1 and keys[0]["windows"][0]["used_percent"] == 60, keys)


@asked.case("S61 the account with more left, as its vendor says when asked, is served", sends=None)
def _(world):
    vendors = Usage(world)
    for first, second in (("claude-a", "claude-b"), ("claude-b", "claude-a")):
        vendors.used[token_of(first)], vendors.used[token_of(second)] = 90, 20
        vendors.wait_all()
        wait_for(lambda one=first: used_of(world, one) == [90, 90], what="the newest word")
        del vendors.turns[:]
        for _ in range(4):
            expect(world.exchange(world.ask(ANTHROPIC, model="claude-opus-4")).status == 200)
        expect([turn.key for turn in vendors.turns] == [token_of(second)] * 4, [turn.key for turn in vendors.turns])


@asked.case("S62 nobody is asked twice within five minutes, and hardly ever while idle", sends=None)
def _(world):
    vendors = Usage(world)
    vendors.wait_all()
    start = vendors.count()
    for _ in range(8):
        world.advance(FLOOR / 10)
        expect(world.exchange(world.ask(ANTHROPIC, model="claude-opus-4")).status == 200)
        time.sleep(0.03)
    expect(vendors.count() == start, "asked within the floor:", vendors.asked)
    world.advance(24 * 3600)  # the use is long ago
    wait_for(lambda: vendors.count() >= start + 3, what="the askings")
    time.sleep(0.1)
    start = vendors.count()
    for _ in range(12):
        world.advance(FLOOR)
        time.sleep(0.03)
    expect(vendors.count() == start, "asked while idle:", vendors.asked)


@asked.case("S63 a vendor that stumbles is left alone for longer and longer, and the numbers stay", sends=None)
def _(world):
    vendors = Usage(world)
    vendors.wait_all()
    failed = []

    def fail(turn):
        failed.append(turn.key)
        return turn.answer(500, {})

    vendors.tokens[USAGE] = fail
    for _ in range(24):
        expect(world.exchange(world.ask(ANTHROPIC, model="claude-opus-4")).status == 200)
        world.advance(FLOOR)
        time.sleep(0.03)
    expect(failed and len(failed) <= 10, len(failed))
    expect(used_of(world, "claude-a") == [75, 75], dump(world))
    sentences = {q["subject"]: q["sentence"] for q in dump(world)}
    expect("cannot be asked" in sentences["claude-a"] or "cannot be asked" in sentences["claude-b"], sentences)


@asked.case("S64 what was read is on the disk, without a token", sends=None)
def _(world):
    vendors = Usage(world)
    vendors.wait_all()
    path = next(
        os.path.join(folder, name) for folder, _, names in os.walk(world.folder) for name in names if name == "quota.db"
    )

    def samples():
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return database.execute("SELECT subject, allowance, used FROM sample").fetchall()

    wait_for(lambda: ("claude-a", "7d", 75.0) in samples() and ("claude-b", "5h", 25.0) in samples(), what="the samples")
    expect(os.stat(path).st_mode & 0o777 == 0o600, oct(os.stat(path).st_mode))
    for name in (path, path + "-wal"):
        if os.path.exists(name):
            with open(name, "rb") as file:
                expect(b"upstream-" not in file.read(), name)
