# SPDX-License-Identifier: GPL-3.0-or-later
"""G: upstreams that refuse, misdirect, stall, break HTTP, break JSON or say too much."""

import email.utils
import gzip
import json
import time
import zlib

from harness import dialects
from harness.dialects import ALL, CHAT
from harness.suite import Group, expect, expect_error

answers = Group("G answers", calm=True, weight=3)
ERRORS = tuple(range(400, 600))
KINDS = [(d, s) for d in ALL for s in (False, True)]


def kind_of(stream):
    return "stream" if stream else "unary"


def replies(dialect, stream, script, statuses, check=None):
    """The upstream follows @script; the client is told an error of its own dialect."""

    def run(world):
        world.up.script = script(dialect) if callable(script) else script
        answer = world.exchange(world.ask(dialect, stream), timeout=20)
        expect_error(answer, statuses, dialect)
        if check:
            check(world, answer)

    return run


def elsewhere(status):
    """A redirect to the second mock, which must never hear of it."""

    def run_for(dialect, stream):
        def run(world):
            location = f"http://127.0.0.1:{world.up2.port}{dialect.upstream_path(stream)}"
            world.up.script = lambda turn: turn.answer(status, b"", None, [("Location", location)])
            answer = world.exchange(world.ask(dialect, stream))
            expect_error(answer, 502, dialect)
            expect(not world.up2.turns and world.up2.n_links == 0, "the redirect was followed")

        return run

    return run_for


for status in (300, 301, 302, 303, 304, 305, 307, 308):
    for dialect, stream in KINDS:
        answers.add(f"G01 {status}: {dialect.name} {kind_of(stream)} is 502, never followed", elsewhere(status)(dialect, stream), sends=(1, 2))


def client_fault(dialect, stream, status):
    """Passed on unchanged: same status, same body; not tried again."""

    def run(world):
        body = dialect.error_body(f"planted {status}")
        world.up.script = lambda turn: turn.answer(status, body)
        answer = world.exchange(world.ask(dialect, stream))
        document = expect_error(answer, status, dialect)
        expect(document["error"]["message"] == f"planted {status}", document)

    return run


for status in (400, 404, 409, 413, 422):
    for dialect, stream in KINDS:
        answers.add(f"G02 {status}: {dialect.name} {kind_of(stream)} is passed on, once", client_fault(dialect, stream, status), sends=1)

# what the account, the upstream or the moment is to blame for
BLAMED = {401: (401, 502, 503), 402: (402, 429, 502, 503), 403: (403, 502, 503), 408: (408, 502, 503, 504),
          500: (500, 502, 503), 502: (502, 503), 503: (503, 502), 504: (504, 502, 503), 529: (503, 529)}  # fmt: skip
for status, wanted in BLAMED.items():
    for dialect, stream in KINDS:
        answers.add(
            f"G03 {status}: {dialect.name} {kind_of(stream)} is told in its dialect",
            replies(dialect, stream, lambda d, s=status: lambda turn: turn.answer(s, d.error_body()), wanted),
            sends=(1, 3),
        )
    answers.add(
        f"G03 {status} with a page for a body",
        replies(CHAT, False, lambda d, s=status: lambda turn: turn.answer(s, b"<html>planted</html>", "text/html"), wanted),
        sends=(1, 3),
    )

RETRY_AFTER = {
    "30 seconds": lambda: "30",
    "a date": lambda: email.utils.formatdate(time.time() + 60, usegmt=True),
    "garbage": lambda: "soon",
    "nothing": lambda: None,
    "ten years": lambda: str(10 * 365 * 86400),
    "a negative number": lambda: "-5",
    "a huge number": lambda: "9" * 30,
    "a fraction": lambda: "1.5",
}


def limited(dialect, stream, make):
    """429, then a rest of at most fifteen minutes, then one real request again."""

    def run(world):
        value = make()
        fields = [("Retry-After", value)] if value is not None else []
        world.up.script = lambda turn: turn.answer(429, dialect.error_body("planted limit"), fields=fields)
        answer = world.exchange(world.ask(dialect, stream), timeout=20)
        expect_error(answer, (429, 503), dialect)
        seconds = answer.get("retry-after")
        is_date = seconds is not None and email.utils.parsedate(seconds) is not None
        expect(seconds is None or is_date or seconds.isdigit() and len(seconds) < 12, "Retry-After:", seconds)
        world.up.script = dialects.answer_well
        sends = len(world.up.turns)
        time.sleep(0.05)
        world.advance(901)
        time.sleep(0.05)
        answer = world.exchange(world.ask(dialect, stream))
        expect(answer.status == 200 and len(world.up.turns) == sends + 1, "still resting after fifteen minutes:", answer)

    return run


for name, make in RETRY_AFTER.items():
    for dialect, stream in KINDS if name == "30 seconds" else [(CHAT, False)]:
        answers.add(f"G08 429 with Retry-After {name}: {dialect.name} {kind_of(stream)}", limited(dialect, stream, make), sends=(2, 4))


def echoes_key(dialect, stream):
    """R08: an upstream that says back what it was sent teaches nobody its key."""

    def run(world):
        def script(turn):
            body = dialect.error_body(f"bad key {turn.key} in {turn.fields}")
            return turn.answer(401, body, fields=[("X-RateLimit-Key", turn.key), ("Retry-After", turn.key)])

        world.up.script = script
        expect_error(world.exchange(world.ask(dialect, stream)), BLAMED[401], dialect)

    return run


for dialect, stream in KINDS:
    answers.add(f"R08 {dialect.name} {kind_of(stream)}: an upstream that echoes its key", echoes_key(dialect, stream), sends=(1, 3))


def says(data, keep=False):
    def script(turn):
        turn.send(data)
        return keep

    return lambda dialect: script


GOOD_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD_BODY = json.dumps(CHAT.unary()).encode()
LENGTH = b"Content-Length: %d\r\n" % len(GOOD_BODY)
GOOD = GOOD_HEAD + LENGTH + b"\r\n" + GOOD_BODY
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD_BODY), GOOD_BODY)
BROKEN = {
    "G14 status 600": b"HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status 999": b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status 000": b"HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status 20": b"HTTP/1.1 20 Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status 2000": b"HTTP/1.1 2000 Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status abc": b"HTTP/1.1 abc Odd\r\nContent-Length: 0\r\n\r\n",
    "G14 status 204": b"HTTP/1.1 204 Nothing\r\n\r\n",
    "G14 status 101": b"HTTP/1.1 101 Switching\r\nUpgrade: planted\r\nConnection: upgrade\r\n\r\n",
    "G14 fifty informational answers": b"HTTP/1.1 103 Early\r\n\r\n" * 50 + GOOD,
    "G20 bare LF in the head": GOOD.replace(b"\r\n", b"\n"),
    "G20 NUL in the head": GOOD.replace(b"OK", b"O\0K", 1),
    "G20 NUL in a field": GOOD_HEAD + b"X-A: b\0c\r\n" + LENGTH + b"\r\n" + GOOD_BODY,
    "G20 ten thousand fields": GOOD_HEAD + b"".join(b"X-%d: v\r\n" % n for n in range(10_000)) + LENGTH + b"\r\n" + GOOD_BODY,
    "G20 a field of 1 MB": GOOD_HEAD + b"X-A: " + b"v" * 1_000_000 + b"\r\n" + LENGTH + b"\r\n" + GOOD_BODY,
    "G20 HTTP/2.0": GOOD.replace(b"HTTP/1.1", b"HTTP/2.0"),
    "G20 another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "G20 a TLS alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "G20 noise": bytes(range(128, 256)) * 8,
    "G20 a folded field": GOOD_HEAD + b"X-A: b\r\n c\r\n" + LENGTH + b"\r\n" + GOOD_BODY,
    "G20 a field without colon": GOOD_HEAD + b"nonsense\r\n" + LENGTH + b"\r\n" + GOOD_BODY,
    "G21 two lengths": GOOD_HEAD + LENGTH + b"Content-Length: 5\r\n\r\n" + GOOD_BODY,
    "G21 a length and chunks": GOOD_HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + IN_CHUNKS,
    "G21 a signed length": GOOD_HEAD + b"Content-Length: +%d\r\n\r\n" % len(GOOD_BODY) + GOOD_BODY,
    "G21 a length of 30 digits": GOOD_HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + GOOD_BODY,
    "G21 an unknown coding": GOOD_HEAD + b"Transfer-Encoding: planted\r\n\r\n" + IN_CHUNKS,
    "G21 a bad chunk size": GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + IN_CHUNKS,
    "G21 a signed chunk size": GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + IN_CHUNKS,
    "G21 a chunk without CRLF": GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + IN_CHUNKS.replace(b"}\r\n", b"}XX"),
    "G21 chunks that stop": GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + IN_CHUNKS[:-5],
    "G21 a short body": GOOD_HEAD + b"Content-Length: %d\r\n\r\n" % (len(GOOD_BODY) + 9) + GOOD_BODY,
    "G21 half a body": GOOD[:-20],
    "G22 an empty body": GOOD_HEAD + b"Content-Length: 0\r\n\r\n",
    "G22 a truncated document": GOOD_HEAD + b"Content-Length: %d\r\n\r\n" % (len(GOOD_BODY) - 9) + GOOD_BODY[:-9],
    "G22 a truncated document to the close": GOOD_HEAD + b"\r\n" + GOOD_BODY[:-9],
    "G22 two documents": GOOD_HEAD + b"\r\n" + GOOD_BODY + GOOD_BODY,
    "G22 a word behind the document": GOOD_HEAD + b"\r\n" + GOOD_BODY + b" x",
    "G22 no JSON": GOOD_HEAD + b"\r\nplanted",
    "G22 a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>planted</html>",
    "G22 a page that calls itself JSON": GOOD_HEAD + b"\r\n<html>planted</html>",
    "G22 bytes that are no UTF-8": GOOD_HEAD + b"\r\n" + GOOD_BODY.replace(b"hi", b"h\xff"),
    "G22 nesting of 100,000": GOOD_HEAD + b"\r\n" + b'{"choices":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "G23 gzip that nobody asked for, truncated": GOOD_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(GOOD_BODY)[:-9],
    "G23 brotli": GOOD_HEAD + b"Content-Encoding: br\r\n\r\n" + GOOD_BODY,
    "G23 gzip twice": GOOD_HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(gzip.compress(GOOD_BODY)),
    "G23 something behind a gzip": GOOD_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(GOOD_BODY) + b"{}",
    "G23 no gzip at all": GOOD_HEAD + b"Content-Encoding: gzip\r\n\r\n" + GOOD_BODY,
    "G23 a gzip bomb": GOOD_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 300_000_000 + GOOD_BODY, 9),
}
for name, data in BROKEN.items():
    answers.add(f"{name} is 502", replies(CHAT, False, says(data), (502, 503)), sends=(1, 3))
    if name.startswith(("G14", "G20", "G21 a", "G21 tw")):
        answers.add(f"{name} is 502 for a stream too", replies(CHAT, True, says(data), (502, 503)), sends=(1, 3))


def good_after(dialect, data, statuses=(200,)):
    """An answer that is odd and still good."""

    def run(world):
        world.up.script = says(data)(dialect)
        answer = world.exchange(world.ask(dialect))
        expect(answer.status in statuses, answer)
        if answer.status == 200:
            expect(dialect.text_of(json.loads(answer.body)) == "hi", answer)

    return run


answers.add("G14 five informational answers are skipped", good_after(CHAT, b"HTTP/1.1 103 Early\r\n\r\n" * 5 + GOOD), sends=1)
answers.add("G21 a body framed by the close", good_after(CHAT, GOOD_HEAD + b"\r\n" + GOOD_BODY), sends=1)
answers.add("G21 a body in chunks", good_after(CHAT, GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + IN_CHUNKS), sends=1)
answers.add("G21 HTTP/1.0", good_after(CHAT, GOOD.replace(b"HTTP/1.1", b"HTTP/1.0")), sends=1)
answers.add("G21 no reason phrase", good_after(CHAT, GOOD.replace(b"200 OK", b"200 ")), sends=1)
for name, coding, compress in (("gzip", b"gzip", gzip.compress), ("deflate", b"deflate", zlib.compress)):
    answers.add(
        f"G23 {name} that nobody asked for is undone",
        good_after(CHAT, GOOD_HEAD + b"Content-Encoding: " + coding + b"\r\n\r\n" + compress(GOOD_BODY)),
        sends=1,
    )


def extra_bytes(world):
    """What lies behind a counted body is never the next request's answer."""
    links = []

    def script(turn):
        links.append(turn.link)
        if len(links) == 1:
            turn.send(GOOD + GOOD.replace(b'"hi"', b'"no"'))
            return True
        return dialects.answer_well(turn)

    world.up.script = script
    with world.client() as client:
        for _ in range(3):
            client.send(world.ask(CHAT))
            answer = client.read_answer()
            expect(answer.status == 200 and CHAT.text_of(json.loads(answer.body)) == "hi", answer)
    expect(links[0] not in links[1:], "the connection was used again")


answers.add("G21 bytes behind a body never answer the next request", extra_bytes, sends=3)


def split_reply(dialect):
    def run(world):
        body = json.dumps(dialect.unary("caf\u00e9"), ensure_ascii=False).encode()
        data = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

        def script(turn):
            for n in range(len(data)):
                turn.send(data[n : n + 1])
            return True

        world.up.script = script
        answer = world.exchange(world.ask(dialect))
        expect(answer.status == 200 and dialect.text_of(json.loads(answer.body)) == "caf\u00e9", answer)

    return run


for dialect in ALL:
    answers.add(f"G20 {dialect.name}: an answer of one-byte packets", split_reply(dialect), sends=1)


def fields_dropped(dialect, stream):
    bad = [
        ("Set-Cookie", "planted=1"), ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true"),
        ("Location", "http://planted.example"), ("Refresh", "0;url=x"), ("Content-Security-Policy", "default-src *"),
        ("Strict-Transport-Security", "max-age=1"), ("Alt-Svc", "h2=planted"), ("Link", "<x>"), ("Clear-Site-Data", '"*"'),
        ("Server", "planted"), ("Via", "1.1 planted"), ("X-Planted", "planted"), ("Keep-Alive", "timeout=1"), ("Trailer", "X-A"),
        ("Connection", "X-Planted"), ("Proxy-Authenticate", "Basic"), ("WWW-Authenticate", "Basic"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ]  # fmt: skip

    def run(world):
        def script(turn):
            if not stream:
                return turn.answer(200, dialect.unary(), fields=bad)
            turn.stream_head(fields=bad)
            for frame in dialect.frames():
                turn.chunk(frame)
            turn.last_chunk()
            return True

        world.up.script = script
        answer = world.exchange(world.ask(dialect, stream))
        expect(answer.status == 200, answer)
        names = {name.lower() for name, _ in bad} - {"connection", "date"}
        passed = [f for f in answer.fields if f[0] in names or "planted" in f[1].lower()]
        expect(not passed, "passed on:", passed)
        expect("1970" not in answer.get("date"), answer.get("date"))

    return run


for dialect, stream in KINDS:
    answers.add(f"G24 {dialect.name} {kind_of(stream)}: an upstream's own fields stay there", fields_dropped(dialect, stream), sends=1)

VALUES = (None, True, 0, -1, 1e300, "", [], {})


def places_in(document, path=()):
    yield path
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield from places_in(value, (*path, key))


def planted(document, path, value):
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = planted(copy[path[0]], path[1:], value)
    return copy


def odd_fields(dialect, stream):
    """Each field of an answer in turn of each other type: an answer comes, and a right one."""
    good = dialect.unary()
    frames = dialect.frames(("one",))

    def documents():
        if not stream:
            for path in places_in(good):
                for value in VALUES:
                    yield json.dumps(planted(good, path, value)).encode()
            return
        for index, frame in enumerate(frames):
            ((event, data),) = dialects.read_sse(frame)
            if data == "[DONE]":
                continue
            document = json.loads(data)
            for path in places_in(document):
                for value in VALUES:
                    yield b"".join([*frames[:index], dialects.sse(planted(document, path, value), event), *frames[index + 1 :]])

    def run(world):
        with world.client() as client:
            for number, body in enumerate(documents()):
                if stream and number % 3:
                    continue
                kind = "text/event-stream" if stream else "application/json"
                world.up.script = lambda turn, b=body, k=kind: turn.answer(200, b, k)
                client.send(world.ask(dialect, stream))
                answer = client.read_answer()
                if answer.status == 200 and stream:
                    events = dialects.read_sse(answer.body)
                    expect(answer.ending != "chunked" or events, body, answer)
                elif answer.status == 200:
                    json.loads(answer.body)
                else:
                    expect_error(answer, ERRORS, dialect)
                if answer.ending not in ("length", "chunked") or answer.get("connection") == "close":
                    client = world.client()
                world.advance(20)

    return run


for dialect, stream in KINDS:
    odd = Group(f"G odd fields of {dialect.name} {kind_of(stream)}", weight=2)
    odd.add(f"G22 {dialect.name} {kind_of(stream)}: every field of every type", odd_fields(dialect, stream), sends=None, attempts=False)
