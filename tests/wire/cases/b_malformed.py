# SPDX-License-Identifier: GPL-3.0-or-later
"""B: requests that are not HTTP, and pairs of requests that two readers would cut apart at
different places.  Each is refused once, closed, and nothing of it reaches an upstream."""

import random
import time

from harness.dialects import CHAT, CLIENT_KEY
from harness.suite import Group, expect, expect_closed, expect_error

framing = Group("B malformed", weight=3)

BODY = CHAT.body()


def request(world, lines, body=b"", line="POST /v1/chat/completions HTTP/1.1", host=True, key=True, kind=True):
    """A request of exactly these header lines besides the usual ones."""
    own = []
    if host:
        own.append(f"Host: 127.0.0.1:{world.port}")
    if key:
        own.append(f"Authorization: Bearer {CLIENT_KEY}")
    if kind:
        own.append("Content-Type: application/json")
    head = "\r\n".join([line, *own, *lines]) + "\r\n\r\n"
    return head.encode("latin-1") + body


def refused(make, statuses=400, silent=False, seconds=1.0):
    """The bytes are answered by one of @statuses (or, if @silent, perhaps by nothing) and the
    connection is closed within @seconds; a request behind them is never run."""
    statuses = (statuses,) if isinstance(statuses, int) else statuses

    def run(world):
        data = make(world)
        with world.client() as client:
            client.send(data)
            if silent and client.wait_end(seconds) in ("fin", "reset"):
                return
            expect_error(client.read_answer(timeout=seconds + 1), statuses)
            expect_closed(client, seconds)

    return run


def add(name, make, statuses=400, **more):
    framing.add(name, refused(make, statuses, **more))


def add_lines(name, lines, body=BODY, statuses=400, **more):
    add(name, lambda w: request(w, lines, body) + w.ask(CHAT), statuses, **more)


LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED_BODY = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

# -- length and coding

add_lines("B01 Content-Length and Transfer-Encoding", [LENGTH, "Transfer-Encoding: chunked"], CHUNKED_BODY)
add_lines("B01 Transfer-Encoding and Content-Length", ["Transfer-Encoding: chunked", "Content-Length: 4"], CHUNKED_BODY)
add_lines("B01 Content-Length 0 and Transfer-Encoding", ["Content-Length: 0", "Transfer-Encoding: chunked"], CHUNKED_BODY)
add_lines("B02 two Content-Lengths that differ", [LENGTH, "Content-Length: 5"])
add_lines("B02 two Content-Lengths that differ, the short one first", ["Content-Length: 5", LENGTH])
add_lines("B03 two equal Content-Lengths", [LENGTH, LENGTH])
add_lines("B03 a list of equal Content-Lengths", [f"{LENGTH}, {len(BODY)}"])
for value in ("+5", "-5", "0x5", "5\t6", "5 6", "", "99999999999999999999", "5.0", "5e1", "\u00b2", "five", "5;", "5,"):
    add_lines(f"B04 Content-Length {value!r}", [f"Content-Length: {value}"])
add_lines("B05 a space before the colon", [f"Content-Length : {len(BODY)}"])
add_lines("B05 a tab before the colon", [f"Content-Length\t: {len(BODY)}"])
for value in (
    "xchunked", "chunked, identity", "gzip, chunked", "identity", "\x0bchunked", '"chunked"', "chunked, chunked",
    "chunked;q=1", "", ",chunked", "chunked,", "cHuNkEd x",
):  # fmt: skip
    add_lines(f"B06 Transfer-Encoding {value!r}", [f"Transfer-Encoding: {value}"], CHUNKED_BODY, (400, 501))
add_lines("B07 two Transfer-Encoding lines", ["Transfer-Encoding: chunked"] * 2, CHUNKED_BODY)
add_lines("B07 identity, then chunked", ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"], CHUNKED_BODY, (400, 501))
add(
    "B08 HTTP/1.0 with chunked",
    lambda w: request(w, ["Transfer-Encoding: chunked"], CHUNKED_BODY, line="POST /v1/chat/completions HTTP/1.0"),
)

# -- chunks


def add_chunks(name, body, **more):
    add_lines(name, ["Transfer-Encoding: chunked"], body, **more)


SIZE = b"%x" % len(BODY)
for size in (b"-1", b"0x5", b"5zz", b"12345678901234567", b"FFFFFFFFFFFFFFFB", b"FFFFFFFFFFFFFFFF", b"", b"+5", b" " + SIZE, b"5 5", b"g"):
    add_chunks(f"B09 chunk size {size.decode()!r}", size + b"\r\n" + BODY + b"\r\n0\r\n\r\n", statuses=(400, 413))
add_chunks("B10 chunk data without CRLF behind", SIZE + b"\r\n" + BODY + b"XX0\r\n\r\n")
add_chunks("B10 chunk data longer than said", b"5\r\n" + BODY + b"\r\n0\r\n\r\n")
add_chunks("B11 chunk size ended by a bare LF", SIZE + b"\n" + BODY + b"\r\n0\r\n\r\n")
add_chunks("B11 chunk data ended by a bare LF", SIZE + b"\r\n" + BODY + b"\n0\r\n\r\n")
add_chunks("B11 last chunk ended by bare LFs", SIZE + b"\r\n" + BODY + b"\r\n0\n\n")
add_chunks("B11 chunk size ended by a bare CR", SIZE + b"\r" + BODY + b"\r\n0\r\n\r\n")
add_chunks("B11 a bare LF in an extension", SIZE + b";a\nb\r\n" + BODY + b"\r\n0\r\n\r\n")
add_chunks("B11 an extension of 300 bytes", SIZE + b";" + b"a" * 300 + b"\r\n" + BODY + b"\r\n0\r\n\r\n")
add_chunks("B11 trailers of 20 KiB", CHUNKED_BODY[:-2] + b"X-A: " + b"b" * 20_000 + b"\r\n\r\n", statuses=(400, 413, 431))
add_chunks("B11 a folded trailer", CHUNKED_BODY[:-2] + b"X-A: b\r\n c\r\n\r\n")
add_chunks("B11 a trailer without a colon", CHUNKED_BODY[:-2] + b"X-A\r\n\r\n")


def ends_early(make):
    """A body that never becomes whole: whatever is answered, no upstream hears of it."""

    def run(world):
        with world.client() as client:
            client.send(make(world))
            client.half_close()
            end = client.wait_end()
            if end == "data":
                expect_error(client.read_answer(), (400, 408))
                expect_closed(client)
            else:
                expect(end is not None, "still open")
        time.sleep(0.05)

    return run


EARLY = {
    "inside a chunk": (["Transfer-Encoding: chunked"], SIZE + b"\r\n" + BODY[:9]),
    "behind a chunk, before the last one": (["Transfer-Encoding: chunked"], SIZE + b"\r\n" + BODY + b"\r\n"),
    "inside the last chunk": (["Transfer-Encoding: chunked"], CHUNKED_BODY[:-2]),
    "inside a counted body": ([LENGTH], BODY[:-1]),
    "before a counted body": ([LENGTH], b""),
}
for name, (lines, body) in EARLY.items():
    framing.add(f"B12 the client ends {name}", ends_early(lambda w, ls=lines, b=body: request(w, ls, b)))
framing.add("B12 the client ends inside the head", ends_early(lambda w: request(w, [LENGTH])[:-2]))
framing.add("B12 the client ends inside the request line", ends_early(lambda w: b"POST /v1/chat/comp"))

# -- the head's grammar


def add_edited(name, old, new, statuses=400, **more):
    """A good request with one place of its head spoilt."""

    def make(world):
        data = world.ask(CHAT)
        head, body = data.split(b"\r\n\r\n", 1)
        expect(old in head + b"\r\n\r\n", "the harness: nothing to spoil")
        return (head + b"\r\n\r\n").replace(old, new, 1) + body + world.ask(CHAT)

    add(name, make, statuses, **more)


add("B13 bare LF line ends", lambda w: w.ask(CHAT).replace(b"\r\n", b"\n"))
add("B13 bare CR line ends", lambda w: w.ask(CHAT).replace(b"\r\n", b"\r"))
add_edited("B13 one bare LF among CRLFs", b"\r\nAuthorization", b"\nAuthorization")
add_edited("B13 a bare CR in a value", b"Bearer ", b"Bearer\r ")
add_edited("B13 LF CR LF at the end", b"\r\n\r\n", b"\r\n\n")
add_edited("B13 CR CR LF", b"\r\nAuthorization", b"\r\r\nAuthorization")
add_edited("B14 a folded line", b"\r\nAuthorization", b"\r\nX-A: b\r\n c\r\nAuthorization")
add_edited("B14 a fold by tab", b"\r\nAuthorization", b"\r\nX-A: b\r\n\tc\r\nAuthorization")
add_edited("B14 the first header starts with a space", b"\r\nHost", b"\r\n Host")
add_edited("B14 a line of blanks", b"\r\nAuthorization", b"\r\n  \r\nAuthorization")
for byte in [*range(0x00, 0x20), 0x7F]:
    raw = bytes([byte])
    if byte not in (0x09, 0x0A, 0x0D):
        add_edited(f"B15 byte {byte:#04x} in a value", b"Content-Type: ", b"X-A: b" + raw + b"c\r\nContent-Type: ")
    add_edited(f"B15 byte {byte:#04x} in a name", b"Content-Type: ", b"X-" + raw + b"A: b\r\nContent-Type: ")
    add_edited(f"B15 byte {byte:#04x} in the method", b"POST", b"PO" + raw + b"ST", (400, 405, 501))
    add_edited(f"B15 byte {byte:#04x} in the target", b"/v1/chat", b"/v1/" + raw + b"chat", (400, 404, 505))
add_edited("B16 a line without a colon", b"\r\nAuthorization", b"\r\nNonsense\r\nAuthorization")
add_edited("B16 an empty name", b"\r\nAuthorization", b"\r\n: b\r\nAuthorization")
for text in (b"X A", b"X(A", b"X)A", b"X/A", b"X@A", b"X[A", b'X"A', b"X;A", b"X=A", b"X\xe9A", b"X{A"):
    add_edited(f"B16 the name {text.decode('latin-1')!r}", b"\r\nAuthorization", b"\r\n" + text + b": b\r\nAuthorization")

HOSTS = {"good and evil": ("{good}", "evil.example"), "evil and good": ("evil.example", "{good}"), "equal": ("{good}", "{good}")}
for name, pair in HOSTS.items():
    add(
        f"B17 two Host lines, {name}",
        lambda w, p=pair: request(w, [LENGTH, *(f"Host: {h.format(good=f'127.0.0.1:{w.port}')}" for h in p)], BODY, host=False),
    )
for target in ("http://evil.example/v1/chat/completions", "http://127.0.0.1:1/v1/chat/completions", "https://evil.example:8317/v1/chat/completions"):
    add_edited(f"B18 absolute form: {target}", b"POST /v1/chat/completions", f"POST {target}".encode(), (400, 421))
for target in ("http:///v1/models", "ftp://127.0.0.1/v1/models", "v1/models", "http://a@127.0.0.1/v1/models", "*"):
    add_edited(f"B18 the target {target}", b"/v1/chat/completions", target.encode(), (400, 404, 405, 421))


def nothing_echoed(line):
    def run(world):
        with world.client() as client:
            client.send(request(world, ["X-Echo: planted-echo-text"], line=line.format(port=world.port)))
            answer = client.read_answer()
            expect(answer.status in (400, 405, 501), answer)
            everything = bytes(client.received)
            expect(CLIENT_KEY.encode() not in everything and b"planted-echo-text" not in everything, everything)
            expect_closed(client)

    return run


for line in ("CONNECT host:443 HTTP/1.1", "CONNECT 127.0.0.1:{port} HTTP/1.1", "TRACE /v1/models HTTP/1.1", "TRACE * HTTP/1.1"):
    framing.add(f"B19 {line.split(' HTTP')[0]}", nothing_echoed(line))

REQUEST_LINES = {
    "B20 a lower-case method": (b"post /v1/chat/completions HTTP/1.1", (400, 405, 501)),
    "B20 an unknown method": (b"BREW /v1/chat/completions HTTP/1.1", (400, 405, 501)),
    "B20 a method of 100 kB": (b"P" * 100_000 + b" /v1/chat/completions HTTP/1.1", (400, 414, 431, 501)),
    "B20 no method": (b" /v1/chat/completions HTTP/1.1", 400),
    "B21 two spaces before the target": (b"POST  /v1/chat/completions HTTP/1.1", 400),
    "B21 two spaces before the version": (b"POST /v1/chat/completions  HTTP/1.1", 400),
    "B21 a space at the end": (b"POST /v1/chat/completions HTTP/1.1 ", (400, 505)),
    "B21 a tab at the end": (b"POST /v1/chat/completions HTTP/1.1\t", (400, 505)),
    "B21 tabs between": (b"POST\t/v1/chat/completions\tHTTP/1.1", 400),
    "B21 a space at the start": (b" POST /v1/chat/completions HTTP/1.1", 400),
    "B21 a space in the target": (b"POST /v1/chat /completions HTTP/1.1", (400, 505)),
    "B21 no version": (b"POST /v1/chat/completions", (400, 505)),
    "B22 HTTP/1.9": (b"POST /v1/chat/completions HTTP/1.9", (400, 505)),
    "B22 HTTP/2.0": (b"POST /v1/chat/completions HTTP/2.0", (400, 505)),
    "B22 HTTX/1.1": (b"POST /v1/chat/completions HTTX/1.1", (400, 505)),
    "B22 HTTP/1.10": (b"POST /v1/chat/completions HTTP/1.10", (400, 505)),
    "B22 HTTP/01.1": (b"POST /v1/chat/completions HTTP/01.1", (400, 505)),
    "B22 http/1.1": (b"POST /v1/chat/completions http/1.1", (400, 505)),
    "B22 HTTP/0.9": (b"POST /v1/chat/completions HTTP/0.9", (400, 505)),
    "B22 HTTP/1,1": (b"POST /v1/chat/completions HTTP/1,1", (400, 505)),
    "B24 a request line of 9 kB": (b"POST /v1/chat/completions?" + b"q" * 9000 + b" HTTP/1.1", 414),
    "B24 a path of 9 kB": (b"POST /" + b"p" * 9000 + b" HTTP/1.1", 414),
    "B26 a fragment in the target": (b"POST /v1/chat/completions#a HTTP/1.1", 400),
}
for name, (line, statuses) in REQUEST_LINES.items():
    add_edited(name, b"POST /v1/chat/completions HTTP/1.1", line, statuses)

OTHER_PROTOCOLS = {
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "a TLS ClientHello": bytes.fromhex("16030100c8010000c40303") + bytes(range(190)),
    "an SSH banner": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "4 kB of noise": bytes((i * 7919 + i // 3) % 256 for i in range(4096)),
    "4 kB of zeroes": bytes(4096),
    "a SOCKS5 greeting": b"\x05\x01\x00",
    "an SMTP greeting and its command": b"EHLO weir.example\r\nMAIL FROM:<a@b.example>\r\n\r\n",
    "a PROXY line": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n\r\n",
}
for name, data in OTHER_PROTOCOLS.items():
    add(f"B23 {name}", lambda w, d=data: d, (400, 405, 501, 505), silent=True)

add_lines("B24 a block of 70 kB", [LENGTH, *(f"X-{n}: {'v' * 1000}" for n in range(70))], statuses=431)
add_lines("B24 200 fields", [LENGTH, *(f"X-{n}: v" for n in range(200))], statuses=(400, 431))
add_lines("B24 one field of 70 kB", [LENGTH, "X-A: " + "v" * 70_000], statuses=431)
add_lines("B24 a name of 70 kB", [LENGTH, "n" * 70_000 + ": v"], statuses=(400, 431))


@framing.case("B24 heads too large leave no memory behind")
def _(world):
    data = request(world, ["X-A: " + "v" * 70_000])
    memory = world.memory_kib()
    for _ in range(50):
        with world.client() as client:
            client.send(data)
            expect_error(client.read_answer(), 431)
    grown = world.memory_kib() - memory
    expect(grown <= (1024 if not world.sanitized else 65536), f"memory grew by {grown} KiB")


SPELLINGS = [
    "/v1/../v0/management/config", "/v1/%2e%2e/v0/management/config", "/v0%2fmanagement%2fconfig", "//v0//management",
    "//v0/management/config", "/v0/management;x/config", "/v1/models;x", "/v0/management/config%00", "/v1/models%00",
    "/v1/models%0d%0aX-A:%20b", "/v1/%zzmodels", "/v1/models%", "/v1/models%2", "/v1/%c0%ae%c0%ae/v0/management/config",
    "/v1/./models", "/./v1/models", "/../v1/models", "/v1/models/..", "/v1/models/%2e%2e/%2e%2e/v0/management/config",
    "/v1%5c..%5cv0/management/config", "/v1\\..\\v0\\management", "/V1/MODELS", "/v1/%6dodels", "/v1//models",
    "/%2fv0/management/config", "/v0/%6danagement/config", "/v0/management/%63onfig", "/v1beta/models/..%2fgemini-1",
    "/v1/models/%2e", "/.%2e/v0/management/config", "/v1/models/%EF%BC%8F", "/v1beta/models/%2e%2e:generateContent",
]  # fmt: skip


def spelling(target):
    def run(world):
        answer = world.exchange(world.head("GET", target))
        expect_error(answer, (400, 404), None)

    return run


for target in SPELLINGS:
    framing.add(f"B25 the path {target}", spelling(target))

add_lines("B27 two Authorization lines", [LENGTH, f"Authorization: Bearer {CLIENT_KEY}"])
add_lines("B27 two Authorization lines, one a stranger's", [LENGTH, "Authorization: Bearer stranger-0123456789abcdef"])
add_lines("B27 two Content-Type lines", [LENGTH, "Content-Type: text/plain"], statuses=(400, 415))


@framing.case("B00 noise at random places of a good request never reaches an upstream twice", sends=None)
def _(world):
    rounds = 60
    noise = random.Random(9112)
    for number in range(rounds):
        data = bytearray(world.ask(CHAT))
        end = data.index(b"\r\n\r\n")
        data[noise.randrange(end)] = noise.randrange(256)
        with world.client() as client:
            client.send(bytes(data))
            client.half_close()
            while client.wait_end(2) == "data":
                client.buffer = b""
    expect(len(world.up.turns) <= rounds)
