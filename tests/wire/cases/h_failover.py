# SPDX-License-Identifier: GPL-3.0-or-later
"""H: two entries serve a model.  The second takes over before the first byte, never after."""

import json
import threading
import time

from harness import dialects
from harness.dialects import ALL, CHAT, stream_verdict
from harness.program import standard_config
from harness.suite import Group, expect, expect_error, wait_for

KINDS = [(d, s) for d in ALL for s in (False, True)]


def kind_of(stream):
    return "stream" if stream else "unary"


class Pair:
    """Both mocks behave alike: who is asked first fails by @fault, who is asked next is good."""

    def __init__(self, world, fault):
        self.lock = threading.Lock()
        self.asked = []
        self.fault = fault
        world.up.script = world.up2.script = self.script

    def script(self, turn):
        with self.lock:
            self.asked.append(turn)
            first = len(self.asked) == 1
        return self.fault(turn) if first else dialects.answer_well(turn)

    @property
    def keys(self):
        return [turn.key for turn in self.asked]


def judge(dialect, stream, answer):
    expect(answer.status == 200, answer)
    if stream:
        expect(stream_verdict(dialect, answer) == "complete", answer)
    else:
        expect(dialect.text_of(json.loads(answer.body)) == "hi", answer)


def takes_over(dialect, stream, fault, silent=False):
    def run(world):
        for mock in (world.up, world.up2):
            mock.drop_links()  # on a connection used before, the same account may be asked again
        time.sleep(0.03)
        pair = Pair(world, lambda turn: fault(turn, dialect))
        with world.client(timeout=20) as client:
            client.send(world.ask(dialect, stream, model=dialect.model("duo")))
            if silent:
                wait_for(lambda: pair.asked, what="the first request")
                time.sleep(0.05)
                world.advance(21)
            judge(dialect, stream, client.read_answer())
        expect(len(set(pair.keys)) == 2, "the same account twice:", pair.keys)
        first, second = pair.asked
        expect(first.body == second.body, "another body was sent to the second")

    return run


def resets(turn, _):
    turn.rst()


def says(data):
    def fault(turn, _):
        turn.send(data)
        return False

    return fault


def status(code, **fields):
    def fault(turn, dialect):
        return turn.answer(code, dialect.error_body("planted"), fields=list(fields.items()))

    return fault


def overload_event(turn, dialect):
    return turn.stream([dialect.error_frame()])


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FAULTS = {
    "H02 429": status(429),
    "H02 429 with Retry-After": status(429, **{"Retry-After": "30"}),
    "H02 500": status(500),
    "H02 502": status(502),
    "H02 503": status(503),
    "H02 529": status(529),
    "H02 401": status(401),
    "H02 402": status(402),
    "H02 403": status(403),
    "H02 a page with 503": lambda turn, _: turn.answer(503, b"<html>", "text/html"),
    "H06 FIN before the head": says(b""),
    "H06 RST before the head": resets,
    "H06 FIN in the head": says(HEAD[:30]),
    "H06 bytes that are no HTTP": says(b"\x15\x03\x01\x00\x02\x02\x28"),
}
STREAM_FAULTS = {
    "H04 FIN behind the head": says(HEAD),
    "H04 an overload event first": overload_event,
    "H04 a page with 200": lambda turn, _: turn.answer(200, b"<html>", "text/html"),
    "H04 nothing with 200": lambda turn, _: turn.answer(200, b"", "text/event-stream"),
}
UNARY_FAULTS = {
    "H04 half a document": lambda turn, d: turn.answer(200, json.dumps(d.unary()).encode()[:-9]),
    "H04 a page with 200": lambda turn, _: turn.answer(200, b"<html>", "text/html"),
}

failover = Group("H failover", calm=True, weight=3)


def impatient_config(world):
    """A head watchdog that leaves time for another attempt: none begins after a minute."""
    return standard_config(world) + "streaming:\n  head-timeout-seconds: 20\n"


impatient = Group("H failover from silence", calm=True, config=impatient_config)
for dialect, stream in KINDS:
    for name, fault in (FAULTS | (STREAM_FAULTS if stream else UNARY_FAULTS)).items():
        failover.add(f"{name}: {dialect.name} {kind_of(stream)} is served by the other entry", takes_over(dialect, stream, fault), sends=2)
    impatient.add(
        f"H06 {dialect.name} {kind_of(stream)}: silence before the head is served by the other entry",
        takes_over(dialect, stream, lambda turn, _: turn.link.hold(), True),
        sends=2,
    )


def dead_and_good(dialect, stream):
    def run(world):
        for number in range(6):
            judge(dialect, stream, world.exchange(world.ask(dialect, stream, model=dialect.model("half"))))
            expect(len(world.up2.turns) == number + 1, len(world.up2.turns))

    return run


for dialect, stream in KINDS:
    failover.add(f"H01 {dialect.name} {kind_of(stream)}: a refused connection is not seen", dead_and_good(dialect, stream), sends=6, attempts=False)


def client_fault(dialect, stream):
    def run(world):
        Pair(world, lambda turn: turn.answer(400, dialect.error_body("planted 400")))
        answer = world.exchange(world.ask(dialect, stream, model=dialect.model("duo")))
        expect_error(answer, 400, dialect)

    return run


for dialect, stream in KINDS:
    failover.add(f"H02 {dialect.name} {kind_of(stream)}: the client's fault is not tried elsewhere", client_fault(dialect, stream), sends=1)


def after_content(dialect, how):
    def run(world):
        def fault(turn):
            turn.stream_head()
            for frame in dialect.frames(("one",))[: dialect.n_head + 1]:
                turn.chunk(frame)
            wait_for(lambda: seen, what="the client to have seen it")
            if how == "RST":
                turn.rst()
            if how == "error":
                turn.chunk(dialect.error_frame())
                turn.last_chunk()
            return False

        seen = []
        Pair(world, fault)
        with world.client() as client:
            client.send(world.ask(dialect, stream=True, model=dialect.model("duo")))
            client.read_until(b"one")
            seen.append(True)
            answer = client.read_answer()
        events = dialects.read_sse(answer.body)
        expect(dialect.error_in(events) and not dialect.complete(events), answer)
        expect(how == "error" or stream_verdict(dialect, answer) == "cut", answer)

    return run


for dialect in ALL:
    for how in ("FIN", "RST", "error"):
        failover.add(f"H03 {dialect.name}: {how} after content is never tried elsewhere", after_content(dialect, how), sends=1)


def all_fail(dialect, stream, code):
    def run(world):
        world.up.script = world.up2.script = lambda turn: turn.answer(code, dialect.error_body("planted"))
        answer = world.exchange(world.ask(dialect, stream, model=dialect.model("duo")), timeout=20)
        expect_error(answer, (429, 500, 502, 503), dialect)

    return run


for dialect, stream in KINDS:
    for code in (429, 500, 503):
        failover.add(f"H07 {dialect.name} {kind_of(stream)}: {code} everywhere is told after at most three", all_fail(dialect, stream, code), sends=(2, 3))


def rests_and_returns(world):
    """The entry that said 429 is left alone while it rests, and asked again afterwards."""
    pair = Pair(world, lambda turn: turn.answer(429, CHAT.error_body(), fields=[("Retry-After", "120")]))
    model = CHAT.model("duo")
    for _ in range(5):
        judge(CHAT, False, world.exchange(world.ask(CHAT, model=model)))
    limited, *others = pair.keys
    expect(limited not in others, "a resting account was asked:", pair.keys)
    world.advance(130)
    time.sleep(0.05)
    before = len(pair.asked)
    for _ in range(12):
        judge(CHAT, False, world.exchange(world.ask(CHAT, model=model)))
    expect(limited in pair.keys[before:], "never asked again:", pair.keys)


failover.add("H11 a rest is kept, and over when it is over", rests_and_returns, sends=18)


def fair(world):
    for _ in range(40):
        judge(CHAT, False, world.exchange(world.ask(CHAT, model=CHAT.model("duo"))))
    counts = (len(world.up.turns), len(world.up2.turns))
    expect(max(counts) <= 24 or 0 in counts, "neither in turn nor the first one:", counts)


failover.add("H14 forty good requests are spread evenly, or all go to the first", fair, sends=40)


def never_mixed(dialect):
    """Two accounts of one host never share a connection, whatever the host sets."""

    def run(world):
        def script(turn):
            return turn.answer(200, dialect.unary(), fields=[("Set-Cookie", f"who={turn.key}")])

        world.up.script = world.up2.script = script
        with world.client() as client:
            for number in range(24):
                model = dialect.model("duo") if number % 2 else dialect.model()
                client.send(world.ask(dialect, model=model))
                judge(dialect, False, client.read_answer())
        for turn in world.up.turns + world.up2.turns:
            expect(len(turn.link.keys) == 1, "one connection carried", turn.link.keys)
            expect(turn.get("cookie") is None, "a cookie was sent:", turn.get("cookie"))

    return run


for dialect in ALL:
    failover.add(f"G25 {dialect.name}: accounts never share a connection or a cookie", never_mixed(dialect), sends=24)


def large_body_again(world):
    pair = Pair(world, lambda turn: turn.answer(503, CHAT.error_body()))
    memory = world.memory_kib("VmHWM")
    answer = world.exchange(world.ask(CHAT, model=CHAT.model("duo"), prompt="x" * 40_000_000), timeout=30)
    judge(CHAT, False, answer)
    expect(pair.asked[0].body == pair.asked[1].body, "the bodies differ")
    grown = world.memory_kib("VmHWM") - memory
    expect(grown < 140_000 or world.sanitized, f"memory peak grew by {grown} KiB")


failover.add("H09 a body of 40 MB is sent to the second entry byte for byte", large_body_again, sends=2)


def flapping(world):
    """Every third answer fails: each client is answered exactly once."""
    count = [0]
    lock = threading.Lock()

    def script(turn):
        with lock:
            count[0] += 1
            bad = count[0] % 3 == 0
        return False if bad else dialects.answer_well(turn)

    world.up.script = world.up2.script = script
    served = []

    def work():
        for _ in range(25):
            served.append(world.exchange(world.ask(CHAT, model=CHAT.model("duo"))).status)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(len(served) == 100, f"{len(served)} answers for 100 requests")
    sends = len(world.up.turns) + len(world.up2.turns)
    expect(sends <= 200, f"{sends} sends for 100 requests")


failover.add("H08 upstreams that flap: one answer a request, no storm", flapping, sends=None)
