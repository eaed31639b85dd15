# SPDX-License-Identifier: GPL-3.0-or-later
"""B: bodies that frame well and are bad: not JSON, too deep, twice the same, compressed, of
another kind.  What is good passes with its very bytes."""

import gzip
import json
import re
import shutil
import subprocess
import threading
import time

from harness.dialects import ALL, ANTHROPIC, CHAT, GEMINI, RESPONSES
from harness.suite import Group, Skip, expect, expect_error, expect_open

bodies = Group("B bodies", weight=3)


def prompt_with(dialect, text):
    """A body whose prompt is the JSON text @text, set in by hand."""
    return dialect.body("PLACE").replace(b'"PLACE"', text if isinstance(text, bytes) else text.encode())


def with_member(dialect, text):
    """A body with one more member at its top."""
    raw = text if isinstance(text, bytes) else text.encode()
    return dialect.body()[:-1] + b", " + raw + b"}"


def refused(dialect, make, codes=None, statuses=400, best_seconds=None, offset=False, tries=1):
    def run(world):
        best = 1e9
        for _ in range(tries):
            data = world.post(dialect.route(), make())
            with world.client(timeout=30) as client:
                client.send(data)
                start = time.monotonic()
                answer = client.read_answer()
                best = min(best, time.monotonic() - start)
            document = expect_error(answer, statuses, dialect, codes if dialect in (CHAT, RESPONSES) else None)
            if offset:
                message = document["error"]["message"]
                expect(re.search(r"\d", message), "no offset in the message:", message)
        if best_seconds:
            expect(best < best_seconds, f"took {best * 1000:.0f} ms, not {best_seconds * 1000:.0f}")

    return run


def nested(depth, closed=True, unit=("[", "]")):
    """A member whose containers make the whole body @depth deep, the root counted."""
    inside = depth - 1
    return f'"x": {unit[0] * inside}' + ("1" + unit[1] * inside if closed else "")


for dialect in ALL:
    for depth in (129, 130, 60_000, 200_000):
        bodies.add(
            f"B28 {dialect.name}: {depth} levels are too deep",
            refused(dialect, lambda d=dialect, n=depth: with_member(d, nested(n)), "json_too_deep", best_seconds=0.05, tries=3),
        )
bodies.add(
    "B28 ten million levels are too deep",
    refused(CHAT, lambda: with_member(CHAT, nested(10_000_000)), "json_too_deep", (400, 413), 0.5),
)
bodies.add(
    "B28 ten million brackets that only open",
    refused(CHAT, lambda: with_member(CHAT, nested(10_000_000, False))[:-1], ("json_too_deep", "invalid_json"), (400, 413), 0.5),
)
bodies.add("B28 sixty thousand objects", refused(CHAT, lambda: with_member(CHAT, nested(60_000, unit=('{"a":', "}"))), "json_too_deep"))
bodies.add(
    "B28 two hundred levels of an upstream's own field", refused(CHAT, lambda: prompt_with(CHAT, "[" * 200 + "]" * 200), "json_too_deep")
)


def passes(dialect, make):
    """The body reaches the upstream byte for byte, but for the model's name."""

    def run(world):
        body = make(dialect)
        answer = world.exchange(world.post(dialect.route(), body))
        expect(answer.status == 200, answer)
        wanted = body.replace(dialect.model().encode(), dialect.upstream_model().encode())
        expect(world.up.turns[0].body == wanted, world.up.turns[0].body[:500], "is not", wanted[:500])

    return run


for dialect in ALL:
    bodies.add(f"B28 {dialect.name}: 128 levels are served", passes(dialect, lambda d: with_member(d, nested(128))), sends=1)
    for text in ("1e400", "123456789012345678901234567890", "-0", "0.1", "-0.0", "1E+2", "0.10", "9223372036854775808", "1e-400"):
        bodies.add(f"B29 {dialect.name}: the number {text} keeps its spelling", passes(dialect, lambda d, t=text: with_member(d, f'"x": {t}')), sends=1)
    bodies.add(
        f"B29 {dialect.name}: blanks, escapes and order keep their bytes",
        passes(dialect, lambda d: b" \r\n\t" + with_member(d, '"zz" :\t[ ] , "aa":{  } , "t": "\\u00e9\\/\\ud83d\\ude00\u2603"') + b"\n"),
        sends=1,
    )

TEXTS = {
    "true": b"true",
    "a string": b'"chat-1"',
    "empty": b"",
    "blanks": b" \r\n\t ",
    "a byte order mark": b"\xef\xbb\xbf" + CHAT.body(),
    "two documents": CHAT.body() + CHAT.body(),
    "a document and a word": CHAT.body() + b" x",
    "a document and NUL": CHAT.body() + b"\0",
    "not closed": CHAT.body()[:-1],
    "one bracket too many": CHAT.body() + b"}",
    "UTF-16": CHAT.body().decode().encode("utf-16-le"),
}
MEMBERS = {
    "a comment": b'"x": /* a */ 1',
    "a line comment": b'"x": 1 // a\n',
    "NaN": b'"x": NaN',
    "Infinity": b'"x": Infinity',
    "-Infinity": b'"x": -Infinity',
    "a comma at the end": b'"x": 1,',
    "a comma at an array's end": b'"x": [1,]',
    "two commas": b'"x": [1,,2]',
    "single quotes": b"'x': 1",
    "a bare name": b"x: 1",
    "01": b'"x": 01',
    "1.": b'"x": 1.',
    ".5": b'"x": .5',
    "+1": b'"x": +1',
    "0x10": b'"x": 0x10',
    "1e": b'"x": 1e',
    "-": b'"x": -',
    "--1": b'"x": --1',
    "1_000": b'"x": 1_000',
    "True": b'"x": True',
    "nul": b'"x": nul',
    "undefined": b'"x": undefined',
    "no colon": b'"x" 1',
    "no value": b'"x":',
    "a raw newline in text": b'"x": "a\nb"',
    "a raw tab in text": b'"x": "a\tb"',
    "a raw NUL in text": b'"x": "a\0b"',
    "a bad escape": b'"x": "\\x41"',
    "a short escape": b'"x": "\\u00e"',
    "text that does not end": b'"x": "abc',
    "a lone continuation byte": b'"x": "\x80"',
    "an overlong sequence": b'"x": "\xc0\xaf"',
    "an encoded surrogate": b'"x": "\xed\xa0\x80"',
    "a code point past the last": b'"x": "\xf4\x90\x80\x80"',
    "a truncated sequence": b'"x": "\xe2\x98"',
    "Latin-1": b'"x": "\xe9"',
    "a no-break space between": b'"x":\xc2\xa01',
    "a form feed between": b'"x":\x0c1',
    "a vertical tab between": b'"x":\x0b1',
    "mixed brackets": b'"x": [1}',
}
for name, text in TEXTS.items():
    bodies.add(f"B30 {name} is refused", refused(CHAT, lambda t=text: t, ("invalid_json", "bad_request"), offset=name not in ("empty", "true", "a string")))
for name, text in MEMBERS.items():
    bodies.add(f"B30 {name} is refused", refused(CHAT, lambda t=text: with_member(CHAT, t), "invalid_json", offset=True))
for dialect in (RESPONSES, ANTHROPIC, GEMINI):
    for name in ("a comment", "NaN", "a comma at the end", "Latin-1"):
        bodies.add(f"B30 {dialect.name}: {name} is refused", refused(dialect, lambda d=dialect, n=name: with_member(d, MEMBERS[n])))

for dialect in (CHAT, RESPONSES, ANTHROPIC):
    for first, second in ((dialect.model(), dialect.model()), (dialect.model(), "other"), ("other", dialect.model())):
        bodies.add(
            f"B30 {dialect.name}: the model twice ({first}, {second})",
            refused(
                dialect,
                lambda d=dialect, a=first, b=second: with_member(d, f'"model": "{b}"').replace(d.model().encode(), a.encode(), 1),
                "json_duplicate_name",
            ),
        )
    bodies.add(
        f"B30 {dialect.name}: the model twice, once by an escape",
        refused(dialect, lambda d=dialect: with_member(d, f'"m\\u006fdel": "{d.model()}"'), "json_duplicate_name"),
    )
    bodies.add(
        f"B30 {dialect.name}: stream twice",
        refused(dialect, lambda d=dialect: with_member(d, '"stream": false, "stream": true'), "json_duplicate_name"),
    )
    bodies.add(
        f"B30 {dialect.name}: a model name that goes on behind NUL",
        refused(dialect, lambda d=dialect: d.body(model="PLACE").replace(b"PLACE", d.model().encode() + b"\\u0000x"), statuses=(400, 404)),
    )
    bodies.add(
        f"B30 {dialect.name}: the member model\\u0000x is not the model",
        refused(dialect, lambda d=dialect: d.body().replace(b'"model"', b'"model\\u0000x"')),
    )
    for value in (b"1", b"null", b"[]", b"{}", b'""', b"true"):
        bodies.add(
            f"B30 {dialect.name}: the model {value.decode()} is refused",
            refused(dialect, lambda d=dialect, v=value: d.body(model="PLACE").replace(b'"PLACE"', v), statuses=(400, 404)),
        )


def lone_surrogate(dialect, text):
    """Refused, or passed on as the escape it was; never as bytes that are no UTF-8."""

    def run(world):
        answer = world.exchange(world.post(dialect.route(), prompt_with(dialect, text)))
        if answer.status == 200:
            world.up.turns[0].body.decode("utf-8", "strict")
            expect(text.encode() in world.up.turns[0].body, world.up.turns[0].body)
        else:
            expect_error(answer, 400, dialect)
            expect(not world.up.turns, "refused and sent")

    return run


for dialect in ALL:
    for text in ('"a\\ud800b"', '"\\udc00"', '"\\ud800\\ud800"', '"\\ude00\\ud83d"'):
        bodies.add(f"B30 {dialect.name}: the lone surrogate {text} in a message", lone_surrogate(dialect, text), sends=(0, 1))

large = Group("B large bodies", weight=4)


def watched(world, work, limit=0.5):
    """Runs @work while another stream's events pass; the worst delay of one of them."""
    stop = threading.Event()
    sent = []

    def script(turn):
        turn.stream_head()
        while not stop.is_set():
            sent.append(time.monotonic())
            turn.chunk(CHAT.text_frame("tick"))
            time.sleep(0.01)
        for frame in CHAT.frames()[-CHAT.n_tail :]:
            turn.chunk(frame)
        turn.last_chunk()
        return True

    default = world.up.script
    world.up.script = script
    seen = []
    client = world.client(timeout=30)
    client.send(world.ask(CHAT, stream=True))
    client.read_until(b"tick")
    world.up.script = default

    def read():
        while not stop.is_set():
            client.read_until(b"tick", count=len(seen) + 1)
            seen.append(time.monotonic())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        work()
    finally:
        stop.set()
        thread.join(5)
    client.read_answer()
    worst = max(b - a for a, b in zip(sent, seen))
    expect(worst < limit, f"another stream waited {worst * 1000:.0f} ms")


def large_body(make, statuses, seconds=2.0):
    def run(world):
        body = make()

        def work():
            with world.client(timeout=30) as client:
                start = time.monotonic()
                client.send(world.post(CHAT.route(), body))
                answer = client.read_answer()
                took = time.monotonic() - start
            expect(answer.status in statuses, answer)
            expect(took < seconds, f"took {took:.1f} s")

        watched(world, work)

    return run


large.add("B31 two million keys", large_body(lambda: with_member(CHAT, '"x": {' + ",".join(f'"{n}":1' for n in range(2_000_000)) + "}"), (400, 413)), sends=1)
large.add("B31 three million integers", large_body(lambda: with_member(CHAT, '"x": [' + "1," * 3_000_000 + "1]"), (400, 413)), sends=1)
large.add("B31 half a million integers pass", large_body(lambda: with_member(CHAT, '"x": [' + "1," * 500_000 + "1]"), (200,)), sends=2)
large.add("B31 one string of 60 MB passes", large_body(lambda: CHAT.body("x" * 60_000_000), (200,)), sends=2)
large.add("B31 a name of 2 KiB is refused", refused(CHAT, lambda: with_member(CHAT, f'"{"n" * 2048}": 1'), statuses=(400, 413)))


@large.case("K08 a body of 100 MB is 413 within 100 ms of its head")
def _(world):
    with world.client() as client:
        client.send(world.head("POST", CHAT.route(), [("Content-Length", 100_000_000), ("Content-Type", "application/json")]))
        start = time.monotonic()
        expect_error(client.read_answer(), 413, CHAT)
        expect(time.monotonic() - start < 0.1, f"took {time.monotonic() - start:.3f} s")
        client.send(b"x" * 1_000_000)
        expect(client.wait_end(2) in ("fin", "reset"), "not closed")


@large.case("K08 a chunked body is 413 where it passes the cap")
def _(world):
    memory = world.memory_kib("VmHWM")
    with world.client(timeout=30) as client:
        client.send(world.head("POST", CHAT.route(), [("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")]))
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        sent = 0
        while sent < 200 and client.send(chunk) and not client.has_news():
            sent += 1
        expect(sent < 100, f"{sent} MiB were taken")
        expect_error(client.read_answer(), 413, CHAT)
    expect(world.memory_kib("VmHWM") - memory < 200_000, "memory peak grew by", world.memory_kib("VmHWM") - memory)


coded = Group("B coded bodies")


def zstd(data, *options):
    program = shutil.which("zstd")
    if program is None:
        raise Skip("zstd is not installed")
    return subprocess.run([program, "-q", "-c", *options], input=data, capture_output=True, check=True).stdout


CODED = {
    "a gzip bomb": ("gzip", lambda: gzip.compress(b'{"model":"chat-1","x":"' + b"a" * 90_000_000 + b'"}', 9)),
    "gzip in gzip": ("gzip", lambda: gzip.compress(gzip.compress(CHAT.body()))),
    "gzip listed twice": ("gzip, gzip", lambda: gzip.compress(gzip.compress(CHAT.body()))),
    "a truncated gzip": ("gzip", lambda: gzip.compress(CHAT.body())[:-9]),
    "gzip without its check": ("gzip", lambda: gzip.compress(CHAT.body())[:-8] + bytes(8)),
    "gzip's label on plain text": ("gzip", CHAT.body),
    "something behind a gzip": ("gzip", lambda: gzip.compress(CHAT.body()) + b"{}"),
    "a zstd window of 2 GB": ("zstd", lambda: zstd(b"a" * 1000, "--ultra", "--long=31", "-22")),
    "a zstd bomb": ("zstd", lambda: zstd(b'{"model":"chat-1","x":"' + b"a" * 90_000_000 + b'"}', "-19")),
    "a truncated zstd": ("zstd", lambda: zstd(CHAT.body())[:-5]),
    "brotli": ("br", lambda: b"\x0b\x02\x80{}\x03"),
    "an unknown coding": ("rot13", CHAT.body),
    "identity and gzip": ("identity, gzip", lambda: gzip.compress(CHAT.body())),
}


def coded_body(coding, make):
    def run(world):
        body = make()
        memory = world.memory_kib("VmHWM")
        answer = world.exchange(world.post(CHAT.route(), body, [("Content-Encoding", coding)]))
        expect_error(answer, (400, 413, 415))
        expect(world.memory_kib("VmHWM") - memory < 80_000 or world.sanitized, "memory peak grew")

    return run


for name, (coding, make) in CODED.items():
    coded.add(f"B32 {name} is refused", coded_body(coding, make))


def good_coding(coding, make):
    def run(world):
        answer = world.exchange(world.post(CHAT.route(), make(), [("Content-Encoding", coding)]))
        if answer.status == 415:
            expect_error(answer, 415)
            expect(not world.up.turns, "refused and sent")
            return
        expect(answer.status == 200, answer)
        expect(json.loads(world.up.turns[0].body)["model"] == "m-chat", world.up.turns[0].body)
        expect(world.up.turns[0].get("content-encoding") is None, "the label was passed on")

    return run


coded.add("B32 a good gzip is decoded or refused by 415", good_coding("gzip", lambda: gzip.compress(CHAT.body())), sends=(0, 1))
coded.add("B32 a good zstd is decoded or refused by 415", good_coding("zstd", lambda: zstd(CHAT.body())), sends=(0, 1))
coded.add("B32 identity is no coding", good_coding("identity", CHAT.body), sends=(0, 1))

PART = b"--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../planted\"\r\n\r\nx\r\n"
FORMS = {
    "a boundary of 10 kB": ("b" * 10_000, PART % (b"b" * 10_000) + b"--" + b"b" * 10_000 + b"--\r\n"),
    "no end": ("b", PART % b"b"),
    "ten thousand parts": ("b", PART % b"b" * 10_000 + b"--b--\r\n"),
    "a file name that climbs": ("b", PART % b"b" + b"--b--\r\n"),
    "NUL in a file name": ("b", (PART % b"b").replace(b"planted", b"pla\0nted") + b"--b--\r\n"),
}


def form(boundary, body):
    def run(world):
        for dialect in ALL:
            with world.client() as client:
                client.send(world.post(dialect.route(), body, kind=f"multipart/form-data; boundary={boundary}"))
                expect_error(client.read_answer(), (400, 415, 431), dialect)

    return run


for name, (boundary, body) in FORMS.items():
    coded.add(f"B33 multipart: {name}", form(boundary, body))


@coded.case("B33 a refused body leaves its connection in step or closes it")
def _(world):
    with world.client() as client:
        client.send(world.post(CHAT.route(), b'{"model": '))
        answer = client.read_answer()
        expect_error(answer, 400)
        if answer.get("connection") != "close":
            expect_open(client)
