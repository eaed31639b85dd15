# SPDX-License-Identifier: GPL-3.0-or-later
"""G: upstreams that refuse, misdirect, stall, break HTTP, break JSON or say too much."""

import email.utils
import gzip
import json
import time

from harness import dialects
from harness.dialects import ALL, CHAT
from harness.program import free_port, standard_config
from harness.suite import Group, expect, expect_error, wait_for, with_world

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
answers.add(
    "G23 gzip that nobody asked for is decoded or 502",
    good_after(CHAT, GOOD_HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(GOOD_BODY), (200, 502, 503)),
    sends=(1, 3),
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

connections = Group("G connections", calm=True, weight=2)


def refused(dialect, stream):
    def run(world):
        start = time.monotonic()
        expect_error(world.exchange(world.ask(dialect, stream, model=dialect.model("dead"))), (502, 503), dialect)
        expect(time.monotonic() - start < 2, "took", time.monotonic() - start)

    return run


for dialect, stream in KINDS:
    connections.add(f"G15 {dialect.name} {kind_of(stream)}: connection refused is 502", refused(dialect, stream), attempts=False)


def dead_many_times(world):
    """A network that is down never cools an account: it is tried each time."""
    for _ in range(5):
        answer = world.exchange(world.ask(CHAT, model=CHAT.model("dead")))
        expect_error(answer, 502, CHAT)


connections.add("G15 an account is not blamed for a dead network", dead_many_times, attempts=False)


def closed_while_idle(how):
    def run(world):
        with world.client() as client:
            for number in range(6):
                client.send(world.ask(CHAT))
                answer = client.read_answer()
                expect(answer.status == 200, number, answer)
                for link in list(world.up.links):
                    link.end(how)

    return run


for how in ("FIN", "RST"):
    connections.add(f"G17 an idle connection ended by {how} is replaced unseen", closed_while_idle(how), sends=6)


def closed_on_reuse(dialect, stream):
    """The connection ends just as the second request arrives on it: nothing of that request was
    read, so it is sent again on a new one."""

    def run(world):
        heads = []

        def raw(link):
            turn = link.read_turn()
            while turn is not None:
                world.up.turns.append(turn)
                world.up.total += 1
                dialects.answer_well(turn)
                heads.append(link)
                if len(heads) == 1:
                    link.socket.recv(1)  # the second request begins
                    link.rst()
                    return
                turn = link.read_turn()

        world.up.drop_links()
        time.sleep(0.05)
        world.up.raw = raw
        with world.client() as client:
            for number in range(2):
                client.send(world.ask(dialect, stream))
                answer = client.read_answer()
                expect(answer.status == 200, number, answer)
        expect(heads[0] is not heads[1], "the harness: no second connection")

    return run


for dialect, stream in KINDS:
    connections.add(f"G17 {dialect.name} {kind_of(stream)}: a connection that dies on reuse", closed_on_reuse(dialect, stream), sends=2, attempts=False)


def reused(dialect, stream):
    """Requests one after another share one connection, and hold no other."""

    def run(world):
        start = world.count_descriptors()
        with world.client() as client:
            for _ in range(20):
                client.send(world.ask(dialect, stream))
                expect(client.read_answer().status == 200)
            expect(world.up.n_links <= 2, f"{world.up.n_links} connections for 20 requests")
            held = world.count_descriptors() - start
            expect(held <= 4, f"{held} descriptors more")

    return run


for dialect, stream in KINDS:
    connections.add(f"G17 {dialect.name} {kind_of(stream)}: good connections are used again", reused(dialect, stream), sends=20)


def never_reads(world):
    """An upstream that accepts and reads nothing: the write stall watchdog."""
    world.up.drop_links()
    time.sleep(0.05)
    world.up.raw = lambda link: wait_for(lambda: world.up.released.is_set(), 30, "the end of the case")
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT, prompt="x" * 20_000_000))
        for _ in range(8):
            time.sleep(0.3)
            if client.has_news():
                break
            world.advance(31)
        expect_error(client.read_answer(), (502, 504), CHAT)


connections.add("G19 an upstream that reads nothing", never_reads, sends=None)


def answers_early(world):
    """An answer before the request was read whole is an answer."""

    def raw(link):
        link.read_more()
        body = json.dumps(CHAT.error_body("planted 413")).encode()
        link.send(b"HTTP/1.1 413 Large\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        link.socket.shutdown(1)
        link.hold(5)

    world.up.drop_links()
    time.sleep(0.05)
    world.up.raw = raw
    answer = world.exchange(world.ask(CHAT, prompt="x" * 20_000_000), timeout=20)
    expect_error(answer, (413, 502), CHAT)


connections.add("G19 an upstream that refuses before it has read", answers_early, sends=None)


def slow_head(world):
    def script(turn):
        turn.send(b"HTTP/1.1 200 OK\r\nX-A: ")
        while not world.up.released.is_set():
            if not turn.send(b"b"):
                return False
            time.sleep(0.02)
        return False

    world.up.script = script
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT))
        for sends in (1, 2, 3):
            wait_for(lambda n=sends: len(world.up.turns) >= n or client.has_news(), what="a send or an answer")
            if len(world.up.turns) < sends:
                break
            time.sleep(0.1)
            world.advance(301)
        expect_error(client.read_answer(), (502, 504), CHAT)


connections.add("G20 a head that comes byte by byte for ever", slow_head, sends=(1, 2))


def endless_head(world):
    def script(turn):
        turn.send(b"HTTP/1.1 200 OK\r\n")
        line = b"X-A: " + b"v" * 1000 + b"\r\n"
        for _ in range(100_000):
            if not turn.send(line):
                return False
        return False

    world.up.script = script
    memory = world.memory_kib()
    expect_error(world.exchange(world.ask(CHAT), timeout=20), (502, 503), CHAT)
    expect(world.memory_kib() - memory < 2048 or world.sanitized, "memory grew by", world.memory_kib() - memory, "KiB")


connections.add("G20 a head of 100 MB", endless_head, sends=(1, 3))


def long_body(world):
    """An answer larger than what is buffered: 502, flat memory."""

    def script(turn):
        turn.send(GOOD_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        turn.chunk(b'{"x":"')
        for _ in range(100):
            if not turn.send(b"100000\r\n" + b"x" * 0x100000 + b"\r\n"):
                return False
        return False

    world.up.script = script
    with world.client(timeout=30) as client:
        client.send(world.ask(CHAT))
        answer = client.read_answer()
    expect(answer.status in (502, 503) or answer.ending in ("cut", "reset"), answer.status, answer.ending)


connections.add("G22 an answer of 100 MB", long_body, sends=(1, 3))


def to_itself(world):
    answer = world.exchange(world.ask(CHAT), timeout=10)
    expect_error(answer, (502, 503, 508), CHAT)
    expect(len(world.rows()) <= 2, "it asked itself:", world.rows())


own_port = free_port()


def loop_config(world):
    return standard_config(world).replace(f"127.0.0.1:{world.up.port}/v1", f"127.0.0.1:{own_port}/v1")


starts = Group("G starts", warm=False)
starts.add("Q11 an upstream that is the program itself is refused", with_world(to_itself, config=loop_config, port=own_port))


def unknown_name(world):
    answer = world.exchange(world.ask(CHAT), timeout=15)
    expect_error(answer, (502, 503), CHAT)


def unknown_name_config(world):
    return standard_config(world).replace(f"http://127.0.0.1:{world.up.port}/v1", "https://no-such-host.invalid/v1")


starts.add("G15 a host that has no address is 502", with_world(unknown_name, config=unknown_name_config))

