# SPDX-License-Identifier: GPL-3.0-or-later
"""H: what vendors say of quotas by the way, and who is asked because of it."""

import json
import signal
import struct
import threading
import time

from harness import dialects
from harness.dialects import ALL, ANTHROPIC, CHAT, stream_verdict
from harness.program import standard_config
from harness.suite import Group, expect, wait_for


def now_of(world):
    """The program's time of day."""
    return time.time() + struct.unpack("<q", world.clock[:8])[0] / 1e6


def windows(world, used, status="allowed", left=5 * 3600):
    """Fields of a subscription: five hours and a week, both at @used of 1."""
    prefix = "anthropic-ratelimit-unified-"
    fields = [(prefix + "status", status)]
    for name, seconds in (("5h", left), ("7d", 7 * 86400)):
        fields.append((f"{prefix}{name}-status", status))
        fields.append((f"{prefix}{name}-utilization", used))
        fields.append((f"{prefix}{name}-reset", int(now_of(world) + seconds)))
    return fields


def limits(_, used):
    """Fields of a key."""
    return [
        ("x-ratelimit-limit-requests", 1000),
        ("x-ratelimit-remaining-requests", round(1000 * (1 - used))),
        ("x-ratelimit-reset-requests", "1h0m0s"),
    ]


def say_well(turn, dialect, stream, fields):
    if not stream:
        return turn.answer(200, dialect.unary(), fields=fields)
    turn.stream_head(fields=fields)
    for frame in dialect.frames():
        turn.chunk(frame)
    turn.last_chunk()
    return True


def dump(world):
    """The program's state, as it tells it on SIGUSR1."""
    start = len(world.errors)
    world.process.send_signal(signal.SIGUSR1)

    def states():
        lines = bytes(world.errors[start:]).split(b"\n")[:-1]
        return [json.loads(line) for line in lines if line.startswith(b'{"version"')]

    wait_for(states, what="the dump")
    return states()[0]


def quota_aware_config(world):
    return standard_config(world) + "routing:\n  strategy: quota-aware\n"


aware = Group("H quota-aware", calm=True, config=quota_aware_config)


def more_headroom(dialect, stream, tell):
    def run(world):
        used = {}
        asked = []

        def script(turn):
            asked.append(turn.key)
            used.setdefault(turn.key, 0.75 if not used else 0.25)
            return say_well(turn, dialect, stream, tell(world, used[turn.key]))

        def ask(times):
            del asked[:]
            for _ in range(times):
                answer = world.exchange(world.ask(dialect, stream, model=dialect.model("duo")))
                expect(answer.status == 200, answer)
                expect(not stream or stream_verdict(dialect, answer) == "complete", answer)
            return list(asked)

        world.advance(8 * 86400)  # nothing that was said before counts
        time.sleep(0.03)
        world.up.script = world.up2.script = script
        first, second = ask(2)
        expect(first != second, "one account was not asked at all")
        expect(ask(5) == [second] * 5, "not the one with more left:", asked, used)
        used[second] = 0.95
        expect(ask(5) == [second] + [first] * 4, "not the one with more left now:", asked, used)

    return run


for dialect in ALL:
    for stream in (False, True):
        kind = "stream" if stream else "unary"
        for name, tell in (("windows", windows), ("limits", limits)):
            aware.add(
                f"H10 {dialect.name} {kind}: the account with more left is asked, by {name} in the head",
                more_headroom(dialect, stream, tell),
                sends=12,
            )


def told_in_the_dump(world):
    world.up.script = lambda turn: say_well(turn, ANTHROPIC, False, windows(world, 0.37))
    expect(world.exchange(world.ask(ANTHROPIC)).status == 200)
    told = [seat["windows"] for seat in dump(world)["seats"] if seat["windows"]]
    week = [w for seat in told for w in seat if w["length_s"] == 7 * 86400 and w["used_percent"] == 37]
    expect(len(week) == 1, told)
    expect(abs(week[0]["resets_in_s"] - 7 * 86400) < 60 and not week[0]["rejected"], week)


aware.add("C00 SIGUSR1 tells what is used of each account, and until when", told_in_the_dump, sends=1)


def room_ends_the_rest(stream):
    """A request under way while the account is refused for an hour brings a newer word."""

    def run(world):
        release = threading.Event()
        answers = []
        asked = []

        def script(turn):
            asked.append(turn)
            number = len(asked)
            if number == 1:
                release.wait(10)
            if number == 2:
                return turn.answer(429, ANTHROPIC.error_body("planted"), fields=windows(world, 1, "rejected", 3600))
            return say_well(turn, ANTHROPIC, stream, windows(world, 0.1))

        def ask():
            return world.exchange(world.ask(ANTHROPIC, stream))

        world.up.script = script
        early = threading.Thread(target=lambda: answers.append(ask()))
        early.start()
        wait_for(lambda: asked, what="the first request")
        expect(ask().status == 429, "the planted refusal was not told")
        expect(ask().status in (429, 503) and len(asked) == 2, "a resting account was asked")
        release.set()
        early.join()
        expect(answers[0].status == 200, answers[0])
        expect(ask().status == 200 and len(asked) == 3, "the rest goes on although there is room")

    return run


for stream in (False, True):
    kind = "stream" if stream else "unary"
    aware.add(f"H12 {kind}: a fresh reading with room ends the rest for the quota at once", room_ends_the_rest(stream), sends=3)


def minutes_end_no_rest(world):
    """Room in a minute's limit says nothing of a quota that was refused for an hour."""
    release = threading.Event()
    asked = []

    def script(turn):
        asked.append(turn)
        if len(asked) == 1:
            release.wait(10)
            return turn.answer(200, CHAT.unary(), fields=[
                ("x-ratelimit-limit-requests", 100),
                ("x-ratelimit-remaining-requests", 99),
                ("x-ratelimit-reset-requests", "600ms"),
            ])
        return turn.answer(429, CHAT.error_body("planted"), fields=[("Retry-After", 3600)])

    world.up.script = script
    early = threading.Thread(target=lambda: world.exchange(world.ask(CHAT)))
    early.start()
    wait_for(lambda: asked, what="the first request")
    expect(world.exchange(world.ask(CHAT)).status == 429)
    release.set()
    early.join()
    expect(world.exchange(world.ask(CHAT)).status in (429, 503) and len(asked) == 2, "a resting account was asked")


aware.add("H12 room in a minute's limit does not end a rest of an hour", minutes_end_no_rest, sends=2)
