# SPDX-License-Identifier: GPL-3.0-or-later
"""A: HTTP as RFC 9110 and 9112 have it, seen by a client that keeps to them."""

import gzip
import hashlib
import json
import time

from harness import dialects
from harness.dialects import ALL, CHAT, GEMINI, RESPONSES
from harness.suite import Group, expect, expect_closed, expect_error, expect_open, wait_for

http = Group("A conformance", weight=3)

GET_ROUTES = ("/v1/models", "/v1/models/chat-1", "/v1beta/models", "/v1beta/models/gemini-1", "/healthz")


@http.case("A01 the list of models is exact JSON")
def _(world):
    answer = world.exchange(world.head("GET", "/v1/models"))
    expect(answer.status == 200 and answer.ending == "length", answer)
    names = [model["id"] for model in json.loads(answer.body)["data"]]
    for dialect in ALL:
        expect(dialect.model() in names, dialect.model(), "is not in", names)
    expect("m-chat" not in names, "an upstream's own name is shown:", names)


def http_1_0(world):
    with world.client() as client:
        client.send(world.head("GET", "/v1/models", version="1.0"))
        answer = client.read_answer()
        expect(answer.status == 200 and answer.get("transfer-encoding") is None, answer)
        expect_closed(client)


http.add("A02 HTTP/1.0 is answered and closed", http_1_0)


def http_1_0_stream(dialect):
    def run(world):
        data = world.ask(dialect, stream=True).replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n")
        with world.client() as client:
            client.send(data)
            answer = client.read_answer()
        expect(answer.status == 200 and answer.ending == "close", answer)
        expect(dialect.complete(dialects.read_sse(answer.body)), answer.body[-300:])

    return run


for dialect in ALL:
    http.add(f"A02 a {dialect.name} stream to HTTP/1.0 is never chunked", http_1_0_stream(dialect), sends=1)


@http.case("A02 HTTP/1.0 with keep-alive is length-framed or closed")
def _(world):
    with world.client() as client:
        client.send(world.head("GET", "/v1/models", [("Connection", "keep-alive")], version="1.0"))
        answer = client.read_answer()
        expect(answer.status == 200 and answer.ending in ("length", "close"), answer)


@http.case("A03 a request without Host is 400 and closed")
def _(world):
    with world.client() as client:
        client.send(f"GET /v1/models HTTP/1.1\r\nAuthorization: Bearer {dialects.CLIENT_KEY}\r\n\r\n".encode())
        expect_error(client.read_answer(), 400)
        expect_closed(client)


def head_like_get(target):
    def run(world):
        get = world.exchange(world.head("GET", target))
        with world.client() as client:
            client.send(world.head("HEAD", target))
            head = client.read_answer(head_only=True)
            expect(head.status == get.status, "HEAD", head.status, "GET", get.status)
            for name in ("content-type", "content-length"):
                expect(head.get(name) == get.get(name), name, head.get(name), get.get(name))
            if head.get("connection") != "close":
                expect_open(client)

    return run


for target in GET_ROUTES:
    http.add(f"A04 HEAD {target} is GET without the body", head_like_get(target))


def options(target):
    def run(world):
        with world.client() as client:
            client.send(world.head("OPTIONS", target))
            answer = client.read_answer()
            expect(answer.status in (204, 405) or (target == "*" and answer.status == 200), answer)
            expect(answer.get("allow") is not None or target == "*", "no Allow:", answer)

    return run


for target in ("*", "/v1/models", "/v1/chat/completions", "/v1/messages"):
    http.add(f"A05 OPTIONS {target} says what is allowed, to nobody's origin", options(target))


def wrong_method(method, target, allowed, dialect):
    def run(world):
        with world.client() as client:
            client.send(world.head(method, target, [("Content-Length", 0)]))
            answer = client.read_answer()
            expect_error(answer, 405, dialect, "method_not_allowed" if dialect in (CHAT, RESPONSES) else None)
            have = {m.strip() for m in (answer.get("allow") or "").split(",")}
            expect(allowed <= have and method not in have, "Allow:", have)

    return run


WRONG_METHODS = [(method, d.route(), {"POST"}, d) for d in ALL for method in ("GET", "PUT", "DELETE", "PATCH")]
WRONG_METHODS += [(method, "/v1/models", {"GET"}, CHAT) for method in ("POST", "PUT", "DELETE")]
for row in WRONG_METHODS:
    http.add(f"A06 {row[0]} {row[1]} is 405 with the right Allow", wrong_method(*row))


@http.case("A07 an unknown path is 404 before its body")
def _(world):
    memory = world.memory_kib()
    with world.client() as client:
        client.send(world.head("POST", "/v1/nothing", [("Content-Length", 50_000_000), ("Content-Type", "application/json")]))
        expect_error(client.read_answer(timeout=1), 404)
        client.send(b"x" * 8_000_000)
        expect_closed(client)
    expect(world.memory_kib() - memory < 1024, "memory grew by", world.memory_kib() - memory, "KiB")


def expect_continue(world):
    data = world.ask(CHAT, fields=[("Expect", "100-continue")])
    head, body = data.split(b"\r\n\r\n", 1)
    with world.client() as client:
        client.send(head + b"\r\n\r\n")
        client.read_until(b"HTTP/1.1 100 ", timeout=2)
        client.send(body)
        answer = client.read_answer()
        expect(answer.status == 200 and answer.informational == [100], answer)


http.add("A08 Expect: 100-continue is answered before the body", expect_continue, sends=1)


@http.case("A08 Expect: 100-continue with a bad key is 401 and no 100")
def _(world):
    data = world.ask(CHAT, fields=[("Expect", "100-continue")], key="no-such-key-0123456789")
    with world.client() as client:
        client.send(data.split(b"\r\n\r\n")[0] + b"\r\n\r\n")
        answer = client.read_answer()
        expect_error(answer, 401)
        expect(answer.informational == [], "100 was sent")


@http.case("A09 another expectation is 417")
def _(world):
    with world.client() as client:
        client.send(world.ask(CHAT, fields=[("Expect", "something-else")]))
        expect_error(client.read_answer(), 417)


def chunked(body, extension=b"", trailers=b"", size=1):
    parts = [b"%x%s\r\n%s\r\n" % (len(p), extension, p) for p in (body[i : i + size] for i in range(0, len(body), size))]
    return b"".join(parts) + b"0" + extension + b"\r\n" + trailers + b"\r\n"


def chunked_request(dialect, **form):
    def run(world):
        body = dialect.body("a prompt of some length \u2603 " * 8)
        head = world.head("POST", dialect.route(), [("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")])
        with world.client() as client:
            client.send(head + chunked(body, **form))
            answer = client.read_answer()
            expect(answer.status == 200, answer)
            expect_open(client)
        turn = world.up.turns[0]
        wanted = body.replace(dialect.model().encode(), dialect.upstream_model().encode())
        expect(hashlib.sha256(turn.body).digest() == hashlib.sha256(wanted).digest(), turn.body[:400])
        expect(turn.get("x-trailer") is None and turn.get("authorization") != "Bearer stranger", turn.fields)

    return run


for dialect in ALL:
    http.add(f"A10 a {dialect.name} body in chunks of one byte arrives unchanged", chunked_request(dialect), sends=1)
http.add(
    "A11 chunk extensions and trailers are discarded",
    chunked_request(CHAT, extension=b';a=b;c="d"', trailers=b"X-Trailer: 1\r\nAuthorization: Bearer stranger\r\n", size=7),
    sends=1,
)


def one_after_another(world):
    with world.client() as client:
        for number in range(100):
            client.send(world.head("GET", "/v1/models"))
            expect(client.read_answer().status == 200)
            dialect = ALL[number % 4]
            client.send(world.ask(dialect, stream=bool(number % 3)))
            answer = client.read_answer()
            expect(answer.status == 200 and answer.ending in ("length", "chunked"), number, answer)
        expect(client.wait_end(0.05) is None, "not idle afterwards")


http.add("A12 two hundred requests one after another on one connection", one_after_another, sends=100)


def echo_prompt(turn):
    prompt = json.loads(turn.body)["messages"][0]["content"]
    return turn.answer(200, CHAT.unary(prompt))


def pipelined(count):
    def run(world):
        world.up.script = echo_prompt
        with world.client() as client:
            client.send(b"".join(world.ask(CHAT, prompt=f"number {n}") for n in range(count)))
            for number in range(count):
                answer = client.read_answer()
                expect(answer.status == 200, number, answer)
                expect(CHAT.text_of(json.loads(answer.body)) == f"number {number}", number, answer.body)
                if answer.get("connection") == "close":
                    expect_closed(client)
                    return

    return run


http.add("A13 eight pipelined requests are answered in order", pipelined(8), sends=(1, 8))


@http.case("A13 eight pipelined GETs are answered in order or refused by close")
def _(world):
    targets = ["/v1/models", "/v1/nothing"] * 4
    with world.client() as client:
        client.send(b"".join(world.head("GET", target) for target in targets))
        for target in targets:
            answer = client.read_answer()
            expect(answer.status == (404 if "nothing" in target else 200), target, answer)
            if answer.get("connection") == "close":
                expect_closed(client)
                return


def byte_by_byte(dialect):
    def run(world):
        with world.client() as client:
            client.send_slowly(world.ask(dialect))
            answer = client.read_answer()
            expect(answer.status == 200, answer)

    return run


for dialect in ALL:
    http.add(f"A14 a {dialect.name} request sent one byte a packet works", byte_by_byte(dialect), sends=1)


def two_in_one(world):
    world.up.script = echo_prompt
    with world.client() as client:
        client.send(world.ask(CHAT, prompt="first") + world.head("GET", "/v1/models"))
        first, second = client.read_answer(), client.read_answer()
    expect(CHAT.text_of(json.loads(first.body)) == "first", first)
    expect(second.status == 200 and b"chat-1" in second.body, second)


http.add("A15 a request behind another's body is not swallowed", two_in_one, sends=1)


def empty_lines(count, status):
    def run(world):
        with world.client() as client:
            client.send(b"\r\n" * count + world.head("GET", "/v1/models"))
            answer = client.read_answer()
            expect(answer.status == status, answer)
            if status != 200:
                expect_closed(client)

    return run


for count, status in ((1, 200), (2, 200), (9, 400)):
    http.add(f"A16 {count} empty lines before the request line are {status}", empty_lines(count, status))


@http.case("A16 two empty lines between requests are ignored")
def _(world):
    with world.client() as client:
        for _ in range(2):
            client.send(world.head("GET", "/v1/models") + b"\r\n\r\n")
            expect(client.read_answer().status == 200)


def odd_case(world):
    data = world.ask(CHAT, fields=[("Accept", "a/b"), ("aCCEPT", "c/d"), ("X-Empty", "")])
    for name in (b"Host", b"Authorization", b"Content-Length", b"Content-Type"):
        data = data.replace(name, name.swapcase(), 1)
    expect(world.exchange(data).status == 200)


http.add("A17 the case of header names does not count", odd_case, sends=1)


def half_close(dialect, stream):
    def run(world):
        def script(turn):
            wait_for(lambda: closed, what="the client's half-close")
            time.sleep(0.3)
            return dialects.answer_well(turn)

        closed = []
        world.up.script = script
        with world.client() as client:
            client.send(world.ask(dialect, stream=stream))
            client.half_close()
            closed.append(True)
            answer = client.read_answer()
            expect(answer.status == 200 and answer.ending in ("length", "chunked", "close"), answer)
            if stream:
                expect(dialects.stream_verdict(dialect, answer) == "complete", answer)
            expect_closed(client)

    return run


for dialect in ALL:
    for stream in (False, True):
        kind = "stream" if stream else "answer"
        http.add(f"A18 a {dialect.name} {kind} reaches a client that half-closed", half_close(dialect, stream), sends=1)


def flushed(dialect):
    def run(world):
        sent, seen = [], []
        frames = dialect.frames([f"piece {n}" for n in range(20)])

        def script(turn):
            turn.stream_head()
            for frame in frames[: dialect.n_head]:  # may be held back until there is content
                turn.chunk(frame)
            for number, frame in enumerate(frames[dialect.n_head :]):
                wait_for(lambda n=number: len(seen) >= n, what=f"frame {number} to be seen")
                sent.append(time.monotonic())
                turn.chunk(frame)
            turn.last_chunk()
            return True

        world.up.script = script
        with world.client() as client:
            client.send(world.ask(dialect, stream=True))
            for number in range(dialect.n_head, len(frames)):
                client.read_until(b"\n\n", count=number + 1)
                seen.append(time.monotonic())
            answer = client.read_answer()
        expect(answer.get("content-type", "").startswith("text/event-stream") and answer.ending == "chunked", answer)
        expect("no-cache" in (answer.get("cache-control") or ""), "not no-cache:", answer.fields)
        gaps = sorted(b - a for a, b in zip(sent, seen))
        expect(gaps[len(gaps) // 2] < 0.02, f"median gap {gaps[len(gaps) // 2] * 1000:.1f} ms")

    return run


for dialect in ALL:
    http.add(f"A19 each {dialect.name} event is flushed as it comes", flushed(dialect), sends=1)


def close_after(world):
    text = "x" * 1_000_000
    world.up.script = lambda turn: turn.answer(200, CHAT.unary(text))
    with world.client(receive_buffer=8192) as client:
        client.send(world.ask(CHAT, fields=[("Connection", "close")]) + b"GET /unread HTTP/1.1\r\n" + b"y" * 3000)
        time.sleep(0.2)
        answer = client.read_answer()
        expect(answer.get("connection") == "close" and answer.ending == "length", answer.status, answer.ending)
        expect(CHAT.text_of(json.loads(answer.body)) == text)
        expect_closed(client)


http.add("A20 Connection: close closes behind the last byte, whatever lies unread", close_after, sends=1)


def accepts_gzip(dialect, stream):
    def run(world):
        answer = world.exchange(world.ask(dialect, stream, fields=[("Accept-Encoding", "gzip, br, zstd")]))
        coding = answer.get("content-encoding", "identity")
        expect(answer.status == 200, answer)
        expect(coding == "identity" if stream else coding in ("identity", "gzip"), "coding", coding)
        if coding == "gzip":
            expect("accept-encoding" in (answer.get("vary") or "").lower(), "no Vary")
            json.loads(gzip.decompress(answer.body))
        for turn in world.up.turns:
            expect(turn.get("accept-encoding") in (None, "identity"), "asked upstream for", turn.get("accept-encoding"))

    return run


for dialect in ALL:
    for stream in (False, True):
        kind = "streams" if stream else "answers"
        http.add(f"A21 {dialect.name} {kind} are identity or right gzip", accepts_gzip(dialect, stream), sends=1)


@http.case("A22 Range is ignored")
def _(world):
    answer = world.exchange(world.head("GET", "/v1/models", [("Range", "bytes=0-1")]))
    expect(answer.status == 200 and len(answer.body) > 2, answer)


idle = Group("A idle connections", weight=1)


@idle.case("A24 a connection idle for 119 s still serves")
def _(world):
    with world.client() as client:
        for _ in range(3):
            expect_open(client)
            world.advance(119)
            expect(client.wait_end(0.3) is None, "closed early")
        expect_open(client)


@idle.case("A24 a connection idle for 130 s is closed cleanly")
def _(world):
    with world.client() as client:
        expect_open(client)
        world.advance(130)
        expect(client.wait_end() == "fin", "not closed by FIN")


@idle.case("A24 a connection that says nothing at all is closed after 30 s")
def _(world):
    with world.client() as client:
        time.sleep(0.1)
        world.advance(31)
        end = client.wait_end()
        if end == "data":
            expect_error(client.read_answer(), 408)
            end = client.wait_end()
        expect(end == "fin", "first byte never came, yet:", end)


def slow_head(world):
    with world.client() as client:
        client.send(world.head("GET", "/v1/models")[:-2])
        time.sleep(0.1)
        world.advance(11)
        end = client.wait_end()
        if end == "data":
            expect_error(client.read_answer(), 408)
            end = client.wait_end()
        expect(end in ("fin", "reset"), "a head unfinished after 10 s, yet:", end)


idle.add("A24 a head that is not whole after 10 s is given up", slow_head)


def slow_body(world):
    data = world.ask(CHAT, prompt="x" * 40_000)
    with world.client() as client:
        client.send(data[:-20_000])
        time.sleep(0.1)
        world.advance(60)
        end = client.wait_end()
        if end == "data":
            expect_error(client.read_answer(), 408)
            end = client.wait_end()
        expect(end in ("fin", "reset"), "a body below 1 KiB/s for a minute, yet:", end)


idle.add("A24 a body below the least rate is given up", slow_body)

dialect_errors = Group("A errors in each dialect", calm=True, weight=2)
ROUTES = [(d, s) for d in ALL for s in (False, True)]


def local_error(dialect, stream, statuses, make):
    def run(world):
        expect_error(world.exchange(make(world, dialect, stream)), statuses, dialect)

    return run


LOCAL_ERRORS = [
    ("a bad key", 401, lambda w, d, s: w.ask(d, s, key="wrong-key-0123456789abcdef")),
    ("no key", 401, lambda w, d, s: w.ask(d, s, key=None)),
    ("no such model", 404, lambda w, d, s: w.ask(d, s, model="no-such-model")),
    ("broken JSON", 400, lambda w, d, s: w.post(d.route(s), b'{"model": ')),
    ("an array as body", 400, lambda w, d, s: w.post(d.route(s), b"[]")),
    ("another content type", 415, lambda w, d, s: w.post(d.route(s), d.body(stream=s), kind="text/plain")),
    ("no content type", 415, lambda w, d, s: w.post(d.route(s), d.body(stream=s), kind=None)),
    ("a body too large", 413, lambda w, d, s: w.head("POST", d.route(s), [("Content-Length", 70_000_000), ("Content-Type", "application/json")])),
    ("a foreign host", 421, lambda w, d, s: w.ask(d, s).replace(b"Host: 127.0.0.1", b"Host: evil.example")),
    ("a foreign origin", 403, lambda w, d, s: w.ask(d, s, fields=[("Origin", "https://evil.example")])),
]  # fmt: skip
for dialect, stream in ROUTES:
    for name, statuses, make in LOCAL_ERRORS:
        kind = "stream" if stream else "unary"
        if name == "no such model" and dialect is GEMINI:
            make = lambda w, d, s: w.post(d.route(s, "no-such-model"), d.body())  # noqa: E731
        dialect_errors.add(f"A23 {dialect.name} {kind}: {name}", local_error(dialect, stream, statuses, make))


def dead_upstream(dialect, stream):
    def run(world):
        expect_error(world.exchange(world.ask(dialect, stream, model=dialect.model("dead"))), (502, 503), dialect)

    return run


for dialect, stream in ROUTES:
    kind = "stream" if stream else "unary"
    dialect_errors.add(f"A23 {dialect.name} {kind}: a dead upstream", dead_upstream(dialect, stream), attempts=False)


def silent_upstream(dialect, stream):
    def run(world):
        world.up.script = lambda turn: turn.link.hold()
        with world.client(timeout=20) as client:
            client.send(world.ask(dialect, stream))
            for sends in (1, 2, 3):
                wait_for(lambda n=sends: len(world.up.turns) >= n or client.has_news(), what="a send or an answer")
                if len(world.up.turns) < sends:
                    break
                world.advance(301)
            expect_error(client.read_answer(), 504, dialect)

    return run


for dialect, stream in ROUTES:
    kind = "stream" if stream else "unary"
    dialect_errors.add(f"A23 {dialect.name} {kind}: a silent upstream is 504", silent_upstream(dialect, stream), sends=(1, 2))

