# SPDX-License-Identifier: GPL-3.0-or-later
"""F: a stream that breaks is seen to be broken, on both layers; one that does not is whole.
The dialect's own last event decides, never the transport."""

import gzip
import json
import random
import threading
import time

from harness import dialects
from harness.dialects import ALL, stream_verdict
from harness.suite import Group, expect, expect_error, wait_for

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def pieces_of(dialect):
    """Cut point -> (the bytes the upstream sends before it breaks, the verdict)."""
    frames = dialect.frames()
    texts = frames[dialect.n_head : len(frames) - dialect.n_tail]
    role = frames[: dialect.n_head]
    so_far = b"".join(map(chunk, [*role, texts[0]]))
    all_texts = b"".join(map(chunk, [*role, *texts]))
    tail = frames[len(frames) - dialect.n_tail :]
    points = {
        "before the head": (b"", "refused"),
        "in the head": (HEAD[:40], "refused"),
        "behind the head": (HEAD, "refused"),
        "behind an empty line of the stream": (HEAD + chunk(b": hello\n\n"), "refused"),
        "behind the first event": (HEAD + chunk(role[0]), "refused or cut"),
        "in the first text": (HEAD + b"".join(map(chunk, role)) + chunk(texts[0][:-9]), "cut or refused"),
        "between two texts": (HEAD + so_far, "cut"),
        "in a chunk's size": (HEAD + so_far + b"1", "cut"),
        "in a chunk's data": (HEAD + so_far + chunk(texts[1])[:-20], "cut"),
        "before a chunk's last CRLF": (HEAD + so_far + chunk(texts[1])[:-2], "cut"),
        "behind the last text": (HEAD + all_texts, "cut"),
        "behind the last text, body ended well": (HEAD + all_texts + b"0\r\n\r\n", "cut"),
        "in the terminal event": (HEAD + all_texts + b"".join(map(chunk, tail[:-1])) + chunk(tail[-1][: len(tail[-1]) // 2]), "cut"),
        "behind the terminal event": (HEAD + b"".join(map(chunk, frames)), "complete"),
        "behind the last chunk's size": (HEAD + b"".join(map(chunk, frames)) + b"0\r\n", "complete"),
        "not at all": (HEAD + b"".join(map(chunk, frames)) + b"0\r\n\r\n", "complete"),
    }
    for number in range(1, len(tail)):
        some = b"".join(map(chunk, tail[:number]))
        points[f"behind {number} of the {len(tail)} last events"] = (HEAD + all_texts + some, "cut")
    if dialect is dialects.CHAT:
        points["before the empty line of the terminal event"] = (HEAD + all_texts + chunk(tail[0]) + chunk(tail[-1][:-1]), "cut or complete")
    return points


def break_at(world, data, how, gate):
    """A script that sends @data and then breaks: "FIN", "RST", "silence"."""

    def script(turn):
        turn.send(data)
        if how == "FIN":
            return False
        if how == "RST":
            gate.wait(1)  # until the client has seen all that can be seen: no byte is lost to the reset
            turn.rst()
            return False
        turn.link.hold()
        return False

    return script


def cut(dialect, data, how, wanted):
    def run(world):
        gate = threading.Event()
        world.up.script = break_at(world, data, how, gate)
        mark = len(world.errors)
        with world.client(timeout=15) as client:
            client.send(world.ask(dialect, stream=True))
            if how == "RST":
                time.sleep(0.03)
                gate.set()
            if how == "silence":
                for sends in (1, 2, 3):
                    wait_for(lambda n=sends: len(world.up.turns) >= n or client.has_news(), what="a send or an answer")
                    if len(world.up.turns) < sends:
                        break
                    time.sleep(0.05)
                    world.advance(301)
            answer = client.read_answer()
        verdict = stream_verdict(dialect, answer)
        expect(verdict in wanted.split(" or "), f"verdict: {verdict}; wanted: {wanted};", answer)
        if verdict == "refused":
            expect_error(answer, (502, 503, 504), dialect)
        rows = wait_for(lambda: world.rows(mark), what="a log row")
        outcome = {"complete": "complete", "cut": "cut", "refused": "failed"}[verdict]
        expect(rows[-1].get("outcome") == outcome, f"the log says {rows[-1].get('outcome')}, not {outcome}")
        expect(len(world.up.turns) == 1 or verdict == "refused", "sent again after output")

    return run


for dialect in ALL:
    cuts = Group(f"F cuts of {dialect.name}", calm=True, weight=5)
    for how in ("FIN", "RST", "silence"):
        for point, (data, wanted) in pieces_of(dialect).items():
            if point == "not at all" and how != "FIN":
                continue
            if how == "silence" and wanted == "complete":
                continue
            if how == "silence" and wanted == "refused":
                wanted = "refused or cut"  # signs of life behind the head commit
            cuts.add(f"F01 {how} {point}", cut(dialect, data, how, wanted), sends=(1, 2) if "refused" in wanted else 1)


def framed(dialect, body, tail, wanted, length=None):
    """The same rule where the body is not chunked: by length, or by the end of the connection."""

    def run(world):
        def script(turn):
            head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            head += f"Content-Length: {length(body)}\r\n" if length else "Connection: close\r\n"
            turn.send(head.encode() + b"\r\n" + body[: len(body) - tail])
            return False

        world.up.script = script
        answer = world.exchange(world.ask(dialect, stream=True))
        verdict = stream_verdict(dialect, answer)
        expect(verdict in wanted.split(" or "), f"verdict: {verdict}; wanted: {wanted};", answer)

    return run


other = Group("F other framings", calm=True)
for dialect in ALL:
    whole = b"".join(dialect.frames())
    last = len(dialect.frames()[-1])
    other.add(f"F03 {dialect.name}: framed by the close, whole", framed(dialect, whole, 0, "complete"), sends=1)
    other.add(f"F03 {dialect.name}: framed by the close, the last event missing", framed(dialect, whole, last, "cut"), sends=1)
    other.add(f"F03 {dialect.name}: framed by length, whole", framed(dialect, whole, 0, "complete", len), sends=1)
    other.add(f"F03 {dialect.name}: framed by length, the last event missing", framed(dialect, whole, last, "cut", len), sends=1)
    other.add(
        f"F03 {dialect.name}: framed by a length that promises more", framed(dialect, whole, 0, "complete", lambda b: len(b) + 100), sends=1
    )


def compressed(dialect, text, wanted, keep=None):
    """The same rule where what comes is compressed; @keep: so many bytes of it come."""

    def run(world):
        def script(turn):
            turn.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
            turn.send(gzip.compress(text)[:keep])
            return False

        world.up.script = script
        answer = world.exchange(world.ask(dialect, stream=True), timeout=20)
        verdict = stream_verdict(dialect, answer)
        expect(verdict in wanted.split(" or "), f"verdict: {verdict}; wanted: {wanted};", answer)

    return run


for dialect in ALL:
    whole = b"".join(dialect.frames())
    shut = dialect.frames()[-1]
    other.add(f"F04 {dialect.name}: compressed, whole", compressed(dialect, whole, "complete"), sends=1)
    other.add(f"F04 {dialect.name}: compressed, the last event missing", compressed(dialect, whole[: -len(shut)], "cut"), sends=1)
    other.add(f"F04 {dialect.name}: compressed and cut", compressed(dialect, whole, "cut or refused", -60), sends=(1, 3))
other.add(
    "F04 a stream that is compressed beyond reason", compressed(ALL[0], b"".join(ALL[0].frames()[:2]) + b":\n" * 150_000_000, "cut"), sends=1
)


def upstream_error(dialect, before):
    """The upstream's own error event: passed in the client's dialect, and no end invented."""

    def run(world):
        seen = threading.Event()

        def script(turn):
            turn.stream_head()
            for frame in dialect.frames(("one",))[:before]:
                turn.chunk(frame)
            if before:
                seen.wait(5)
            turn.chunk(dialect.error_frame())
            turn.last_chunk()
            return True

        world.up.script = script
        with world.client() as client:
            client.send(world.ask(dialect, stream=True))
            if before:
                client.read_until(b"one")
                seen.set()
            answer = client.read_answer()
        verdict = stream_verdict(dialect, answer)
        if before == 0 and verdict == "refused":
            expect(answer.status >= 400, answer)
            return
        if verdict != "cut":  # an error event whose transport ended well is also seen by every client
            events = dialects.read_sse(answer.body)
            expect(answer.status == 200 and dialect.error_in(events) and not dialect.complete(events), verdict, answer)
        expect(answer.body.count(b"planted fault") == 1, answer.body[-600:])

    return run


for dialect in ALL:
    for before, name in ((0, "at once"), (dialect.n_head + 1, "mid-stream")):
        sends = (1, 3) if before == 0 else 1
        other.add(f"F05 {dialect.name}: the upstream's error event {name}", upstream_error(dialect, before), sends=sends)


def repeated_key(dialect, torn=False):
    """An error event that says the key back: the client learns of the failure, not of the key."""

    def run(world):
        seen = threading.Event()
        key = dialect.upstream_key.encode()

        def script(turn):
            turn.stream_head()
            for frame in dialect.frames(("one",))[: dialect.n_head + 1]:
                turn.chunk(frame)
            seen.wait(5)
            frame = dialect.error_frame().replace(b"planted fault", b"bad Bearer " + key)
            cut = frame.index(key) + len(key) // 2
            for piece in (frame[:cut], frame[cut:]) if torn else (frame,):
                turn.chunk(piece)
                time.sleep(0.05)
            turn.last_chunk()
            return True

        world.up.script = script
        with world.client() as client:
            client.send(world.ask(dialect, stream=True))
            client.read_until(b"one")
            seen.set()
            answer = client.read_answer()
        expect(key not in answer.body, answer.body[-600:])
        expect(stream_verdict(dialect, answer) == "cut", answer)
        expect(dialects.read_sse(answer.body)[-1:] and dialect.error_in(dialects.read_sse(answer.body)), answer.body[-600:])

    return run


for dialect in ALL:
    other.add(f"F05 {dialect.name}: an error event that says our key back", repeated_key(dialect), sends=1)
    other.add(f"F05 {dialect.name}: an error event that says our key back in two pieces", repeated_key(dialect, True), sends=1)


@other.case("F13 one choice finished, the other not", sends=1)
def _(world):
    chat = dialects.CHAT
    frames = [chat.piece({"content": "a"}), chat.piece({"content": "b"}, index=1), chat.piece({}, "stop")]
    world.up.script = lambda turn: turn.stream(frames)
    answer = world.exchange(world.ask(chat, stream=True, more={"n": 2}))
    expect(stream_verdict(chat, answer) == "cut", answer)


@other.case("F13 one choice finished, the other not, and [DONE] all the same", sends=1)
def _(world):
    chat = dialects.CHAT
    frames = [chat.piece({"content": "a"}), chat.piece({"content": "b"}, index=1), chat.piece({}, "stop"), dialects.sse("[DONE]")]
    world.up.script = lambda turn: turn.stream(frames)
    mark = len(world.errors)
    world.exchange(world.ask(chat, stream=True, more={"n": 2}))
    rows = wait_for(lambda: world.rows(mark), what="a log row")
    expect(rows[-1].get("outcome") == "cut", rows[-1])


def not_a_stream(dialect, body, kind, statuses):
    def run(world):
        world.up.script = lambda turn: turn.answer(200, body, kind)
        answer = world.exchange(world.ask(dialect, stream=True))
        expect_error(answer, statuses, dialect)

    return run


for dialect in ALL:
    error = json.dumps(dialect.error_body("planted fault")).encode()
    for name, body, kind in (
        ("a JSON error", error, "application/json"),
        ("a page", b"<html>planted</html>", "text/html"),
        ("nothing", b"", "text/event-stream"),
        ("nothing, of no type", b"", None),
        ("only comments", b": a\n\n: b\n\n", "text/event-stream"),
        ("broken JSON in its first event", b"data: {\"x\n\n", "text/event-stream"),
        ("a page that calls itself a stream", b"<html>planted</html>", "text/event-stream"),
    ):
        other.add(
            f"F15 {dialect.name}: {name} with 200 is an error before any output",
            not_a_stream(dialect, body, kind, tuple(range(400, 600))),
            sends=(1, 3),
        )

many = Group("F many random cuts", calm=True, weight=4)


def random_cuts(count):
    """Cuts made and cuts reported are the same ones."""

    def run(world):
        chooser = random.Random(count)
        plans = {}
        for number in range(count):
            dialect = ALL[number % 4]
            frames = dialect.frames([f"text {number} {n}" for n in range(chooser.randint(2, 12))])
            body = b"".join(map(chunk, frames))
            whole = chooser.random() < 0.4
            first = len(b"".join(map(chunk, frames[: dialect.n_head + 1])))
            at = len(body) if whole else chooser.randrange(first, len(body) - len(chunk(frames[-1])))
            plans[f"plan {number} "] = (dialect, HEAD + body[:at], whole, chooser.random() < 0.5)

        def script(turn):
            name = next(name for name in plans if name.encode() in turn.body)
            _, data, whole, reset = plans[name]
            for start in range(0, len(data), 700):
                turn.send(data[start : start + 700])
            if whole:
                turn.last_chunk()
                return True
            if reset:
                time.sleep(0.05)
                turn.rst()
            return False

        world.up.script = script
        wrong = []

        def work(names):
            for name in names:
                dialect, _, whole, _ = plans[name]
                with world.client(timeout=20) as client:
                    client.send(world.ask(dialect, stream=True, prompt=name))
                    verdict = stream_verdict(dialect, client.read_answer())
                if verdict != ("complete" if whole else "cut"):
                    wrong.append(f"{name}: {verdict}")

        names = list(plans)
        threads = [threading.Thread(target=work, args=(names[n::8],)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not wrong, f"{len(wrong)} wrong:", *wrong[:5])

    return run


many.add("F25 of 200 streams, cut at random, exactly the cut ones are reported", random_cuts(200), sends=200)
many.add("F25 of 2000 streams, cut at random, exactly the cut ones are reported", random_cuts(2000), sends=2000, long_only=True)
