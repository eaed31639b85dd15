# SPDX-License-Identifier: GPL-3.0-or-later
"""H: many requests while one attempt in twenty fails, and reloads while streams are open."""

import json
import signal
import sys
import threading
import time

from harness.accounts import Script, account, configuration, for_all
from harness.dialects import ALL, stream_verdict
from harness.faults import Crowd, FaultyUpstreams, summarize
from harness.suite import Group, expect, wait_for, with_world


def faulty_config(world):
    """Three accounts a dialect, each on a port of its own."""
    world.upstreams = FaultyUpstreams(12, 0.05)
    ports = iter(world.upstreams.ports)
    rows = for_all(lambda d: [account(world, f"f{n}-{d.slug}", {f"{d.slug}-m": "m"}, d, next(ports)) for n in range(3)])
    return configuration(world, rows, streaming={"keepalive-seconds": 0})


def under_faults(n, loud=False):
    def run(world):
        signal.alarm(3600)
        began = time.monotonic()
        crowd = Crowd(world, n)
        crowd.run()
        attempts = world.upstreams.finish()
        numbers = summarize(crowd, attempts) | {"seconds": round(time.monotonic() - began, 1)}
        if loud:
            print("#", json.dumps(numbers), file=sys.stderr)
        judge_all(crowd, attempts, numbers)
        expect(numbers["attempts per request"] <= 1.1, numbers)
        told = sum(count for verdict, count in numbers["answers"].items() if verdict.startswith("told"))
        expect(told <= 0.01 * n, "too many were told of failures:", numbers)
        wait_for(lambda: len(world.rows()) == n, timeout=20, what="the log")
        logged = sum(row["attempts"] for row in world.rows())
        expect(logged == numbers["attempts"], "the log counts", logged, "attempts:", numbers)

    return run


def judge_all(crowd, attempts, numbers):
    expect(not crowd.twice, "answered twice:", crowd.twice[:5])
    expect(len(crowd.verdicts) == crowd.n_requests, "not answered:", numbers)
    for verdict in ("strange", "broken", "two ends", "silently cut"):
        expect(verdict not in numbers["answers"], numbers)
    for number, (verdict, seen) in crowd.verdicts.items():
        made = attempts.get(number, [])
        place = (number, verdict, seen, made)
        expect(made.count(None) <= 1, "served twice upstream:", place)
        expect(len(seen) <= 1, "two attempts in one answer:", place)
        expect(not seen or seen[0] == len(made), "sent again after its first byte:", place)
        expect((verdict == "complete") == (made[-1:] == [None]), "neither one nor the other:", place)
        expect(verdict != "cut" or "after" in made[-1], place)


faults = Group("H faults", warm=False, weight=3)
faults.add(
    "2000 requests under 5 % faults: one answer each, none sent again after its first byte", with_world(under_faults(2000), config=faulty_config)
)
faults.add(
    "100000 requests under 5 % faults: one answer each, none sent again after its first byte",
    with_world(under_faults(100_000, loud=True), config=faulty_config),
    long_only=True,
)


# -- reloads


def two(world, models=("m",)):
    def rows(dialect):
        names = {f"{dialect.slug}-{m}": m for m in models}
        return [account(world, f"{w}-{dialect.slug}", names, dialect, at) for w, at in (("a", world.up), ("b", world.up2))]

    return configuration(world, for_all(rows))


def reload_under(n):
    def run(world):
        go_on = threading.Event()

        def slow(turn):
            dialect = next(d for d in ALL if turn.key.endswith(f"{d.slug}-key"))
            frames = dialect.frames(("Hel", "lo"))
            turn.stream_head()
            for frame in frames[: dialect.n_head + 1]:
                turn.chunk(frame)
            go_on.wait(60)
            for frame in frames[dialect.n_head + 1 :]:
                turn.chunk(frame)
            turn.last_chunk()
            return True

        script = Script(world)
        script.faults = {f"{w}-{d.slug}": slow for d in ALL for w in "ab"}
        clients = [(ALL[i % 4], world.client(timeout=60)) for i in range(n)]
        for dialect, client in clients:
            client.send(world.ask(dialect, True, model=f"{dialect.slug}-m"))
        for _, client in clients:
            client.read_until(b"Hel")
        for turn in range(3):
            name = f"new-{turn}"
            expect(world.exchange(world.ask(ALL[0], model=f"chat-{name}")).status == 404)
            mark = len(world.errors)
            world.write_config(two(world, (name,)))
            wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")
            script.faults = {}
            for dialect in ALL:
                expect(world.exchange(world.ask(dialect, model=f"{dialect.slug}-{name}")).status == 200, "not in force")
                expect(world.exchange(world.ask(dialect, model=f"{dialect.slug}-m")).status == 404, "still in force")
        go_on.set()
        for dialect, client in clients:
            answer = client.read_answer()
            expect(stream_verdict(dialect, answer) == "complete", answer)

    return run


faults.add("a reload cuts none of 40 open streams, and counts for the next request", with_world(reload_under(40), config=two))
faults.add("a reload cuts none of 200 open streams, and counts for the next request", with_world(reload_under(200), config=two), long_only=True)
