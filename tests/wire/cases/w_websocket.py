# SPDX-License-Identifier: GPL-3.0-or-later
"""W: Responses over a websocket, and previous_response_id on both ways in."""

import json
import os
import signal
import struct
import threading
import time

from harness.dialects import ANTHROPIC, CHAT, CLIENT_KEY, GEMINI, RESPONSES, SECOND_KEY
from harness.suite import Group, expect, expect_closed, expect_error, wait_for, with_world

sockets = Group("W websockets", weight=2)

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NONCE = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", NONCE)]


def frame(payload, opcode=TEXT, final=True, masked=True):
    length = len(payload)
    head = bytes([opcode | (0x80 if final else 0)])
    if length < 126:
        head += bytes([length | (0x80 if masked else 0)])
    elif length < 65536:
        head += bytes([126 | (0x80 if masked else 0)]) + struct.pack(">H", length)
    else:
        head += bytes([127 | (0x80 if masked else 0)]) + struct.pack(">Q", length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    pad = (mask * (length // 4 + 1))[:length]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(length, "big")


class Socket:
    """A websocket whose frames are made and read by hand."""

    def __init__(self, world, fields=(), key=CLIENT_KEY, **options):
        self.client = world.client(**options)
        self.client.send(world.head("GET", "/v1/responses", [*HANDSHAKE, *fields], key=key))
        self.client.read_until(b"\r\n\r\n")
        self.head, self.client.buffer = self.client.buffer.split(b"\r\n\r\n", 1)
        expect(self.head.startswith(b"HTTP/1.1 101 "), self.head)

    def send(self, message, opcode=TEXT):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.client.send(frame(data, opcode))

    def read(self, timeout=5.0):
        """(opcode, payload) of the next frame."""
        deadline = time.monotonic() + timeout
        while True:
            data = self.client.buffer
            if len(data) >= 2:
                expect(data[1] & 0x80 == 0, "a server's frame is masked")
                expect(data[0] & 0x70 == 0, "reserved bits are set")
                n_more = {126: 2, 127: 8}.get(data[1] & 0x7F, 0)
                if len(data) >= 2 + n_more:
                    length = int.from_bytes(data[2 : 2 + n_more], "big") if n_more else data[1] & 0x7F
                    if len(data) >= 2 + n_more + length:
                        start = 2 + n_more
                        self.client.buffer = data[start + length :]
                        return data[0] & 0xF, data[start : start + length]
            end = self.client._fill(deadline, "a frame")
            expect(not end, "the connection ended:", end, data[:200])

    def read_events(self, timeout=5.0):
        """The events up to the last one of an answer."""
        events = []
        while not events or events[-1]["type"] not in ("response.completed", "response.failed", "error"):
            opcode, payload = self.read(timeout)
            expect(opcode == TEXT, opcode, payload)
            events.append(json.loads(payload))
        return events

    def ask(self, **members):
        self.send({"type": "response.create"} | members)
        return self.read_events()


def says(text):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def create(text="hello", model=None, **more):
    return {"model": model or RESPONSES.model(), "input": [says(text)], "store": False} | more


def number_responses(world):
    """Answers on the first mock whose ids differ, in the dialect of the path that was asked."""

    def script(turn):
        n = len(world.up.turns)
        dialect = {"/v1/responses": RESPONSES, "/v1/chat/completions": CHAT, "/v1/messages": ANTHROPIC}.get(turn.target, GEMINI)
        frames = dialect.frames((f"answer {n}",))
        if json.loads(turn.body).get("stream") or "alt=sse" in turn.target:
            return turn.stream([f.replace(b"resp_1", b"resp_n%d" % n) for f in frames])
        return turn.answer(200, json.dumps(dialect.unary(f"answer {n}")).replace("resp_1", f"resp_n{n}").encode())

    world.up.script = script


def sent(world, number=-1):
    return json.loads(world.up.turns[number].body)


def roles(world):
    """Who speaks in the last request that was sent, in either spelling."""
    body = sent(world)
    return ["assistant" if m["role"] == "model" else m["role"] for m in body.get("messages") or body["contents"]]


@sockets.case("the handshake is the one of RFC 6455", sends=0)
def _(world):
    head = Socket(world, [("x-codex-turn-state", "abc"), ("Sec-WebSocket-Extensions", "permessage-deflate")]).head.lower()
    expect(b"sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in head, head)
    expect(b"x-codex-turn-state: abc" in head, head)
    expect(b"sec-websocket-extensions" not in head, head)


for name, fields, status in (
    ("another version", [*HANDSHAKE[:2], ("Sec-WebSocket-Version", "8"), HANDSHAKE[3]], 426),
    ("another protocol", [("Upgrade", "h2c"), *HANDSHAKE[1:]], 426),
    ("no key", HANDSHAKE[:3], 400),
    ("a short key", [*HANDSHAKE[:3], ("Sec-WebSocket-Key", "AAAA")], 400),
    ("two keys", [*HANDSHAKE, HANDSHAKE[3]], 400),
    ("a body", [*HANDSHAKE, ("Content-Length", "3")], 400),
    ("no upgrade", [], 405),
):

    def refused(world, fields=fields, status=status):
        with world.client() as client:
            client.send(world.head("GET", "/v1/responses", fields))
            answer = client.read_answer()
            expect_error(answer, status, RESPONSES)
            expect(status != 426 or answer.get("upgrade") == "websocket", answer)

    sockets.add(f"a handshake with {name} is {status}", refused)


@sockets.case("a wrong or missing client key is 401", sends=0)
def _(world):
    for key in (None, "sk-wrong"):
        with world.client() as client:
            client.send(world.head("GET", "/v1/responses", HANDSHAKE, key=key))
            expect_error(client.read_answer(), 401, RESPONSES)


@sockets.case("each event of the upstream is one text frame", sends=1)
def _(world):
    events = Socket(world).ask(**create())
    wanted = [json.loads(f.split(b"data: ", 1)[1]) for f in RESPONSES.frames()]
    expect(events == wanted, events)
    body = sent(world)
    expect(body["stream"] is True and "type" not in body, body)
    expect(world.up.turns[0].get("openai-beta") is None)


@sockets.case("store:false does not keep a connection from going on with its last response", sends=3)
def _(world):
    number_responses(world)
    ws = Socket(world)
    first = ws.ask(**create("one"))[-1]["response"]
    second = ws.ask(**create("two"), previous_response_id=first["id"])[-1]["response"]
    body = sent(world)
    expect("previous_response_id" not in body, body)
    expect(body["input"] == [says("one"), *first["output"], says("two")], body["input"])
    ws.send({"type": "response.append", "input": [says("three")]})
    ws.read_events()
    body = sent(world)
    expect(body["input"] == [says("one"), *first["output"], says("two"), *second["output"], says("three")], body["input"])
    expect(body["store"] is False and body["stream"] is True, body)


@sockets.case("a warm-up is answered here, and its input is remembered", sends=1)
def _(world):
    number_responses(world)
    ws = Socket(world)
    warm = ws.ask(**create("system words"), generate=False)
    expect([e["type"] for e in warm] == ["response.created", "response.completed"], warm)
    expect(warm[0]["response"]["id"] == warm[1]["response"]["id"], warm)
    events = ws.ask(**create("hello"), previous_response_id=warm[1]["response"]["id"])
    expect(events[-1]["type"] == "response.completed", events)
    body = sent(world)
    expect(body["input"] == [says("system words"), says("hello")], body)
    expect("generate" not in body, body)


for dialect in (CHAT, ANTHROPIC, GEMINI):

    def translated(world, dialect=dialect):
        number_responses(world)
        ws = Socket(world)
        first = ws.ask(**create("one", dialect.model()))[-1]
        expect(first["type"] == "response.completed", first)
        second = ws.ask(**create("two", dialect.model()), previous_response_id=first["response"]["id"])[-1]
        expect(second["type"] == "response.completed", second)
        expect(roles(world) == ["user", "assistant", "user"], sent(world))
        text = json.dumps(sent(world))
        expect(all(word in text for word in ("one", "answer 1", "two")), text)

    sockets.add(f"an upstream of {dialect.name} hears all that went before", translated, sends=2)


@sockets.case("errors are frames, and the connection goes on", sends=(2, 4), attempts=False)
def _(world):
    ws = Socket(world)
    for message, status in (
        ({"type": "response.cancel"}, 400),
        ({"model": "x"}, 400),
        (["a list"], 400),
        (b"no JSON", 400),
        ({"type": "response.append", "input": []}, 400),
        ({"type": "response.create", "model": RESPONSES.model(), "model ": 1, "input": 7, "generate": False}, 400),
        ({"type": "response.create", "input": []}, 400),
        ({"type": "response.create", "model": "no-such-model", "input": []}, 404),
        ({"type": "response.create", "previous_response_id": "resp_x", "model": CHAT.model(), "input": []}, 400),
    ):
        ws.send(message)
        event = ws.read_events()[-1]
        expect(event["type"] == "error" and event["status"] == status, message, event)
        expect(isinstance(event["error"]["message"], str), event)
    expect(event["error"]["code"] == "previous_response_not_found", event)
    world.up.script = lambda turn: turn.answer(429, RESPONSES.error_body("slow down"))
    event = ws.ask(**create())[-1]
    expect((event["type"], event["status"]) == ("error", 429), event)
    world.up.script = world.up.default_script
    expect(ws.ask(**create())[-1]["type"] == "response.completed")


@sockets.case("a break in the stream is an error frame or a failed response", sends=1)
def _(world):
    def script(turn):
        turn.stream_head()
        for piece in RESPONSES.frames()[:6]:
            turn.chunk(piece)
        turn.rst()

    world.up.script = script
    events = Socket(world).ask(**create())
    expect(events[-1]["type"] in ("response.failed", "error"), events[-1])


@sockets.case("a second message waits for the first, a third is refused", sends=2)
def _(world):
    all_sent = threading.Event()

    def script(turn):
        all_sent.wait(5)  # the first answer is under way until the third message is refused
        return world.up.default_script(turn)

    world.up.script = script
    ws = Socket(world)
    for _ in range(3):
        ws.send({"type": "response.create"} | create())
    ends = [ws.read_events()[-1]]
    all_sent.set()
    ends += [ws.read_events()[-1] for _ in range(2)]
    expect([e["type"] for e in ends] == ["error", "response.completed", "response.completed"], ends)


@sockets.case("a ping is answered in the middle of an answer", sends=1)
def _(world):
    def script(turn):
        turn.stream_head()
        turn.chunk(RESPONSES.frames()[0])
        for piece in RESPONSES.frames()[2:6]:
            turn.chunk(piece)
        time.sleep(0.5)
        for piece in RESPONSES.frames()[6:]:
            turn.chunk(piece)
        turn.last_chunk()
        return True

    world.up.script = script
    ws = Socket(world)
    ws.send({"type": "response.create"} | create())
    ws.send(b"are you there", PING)
    frames = [ws.read() for _ in range(9)]
    expect((PONG, b"are you there") in frames, frames)
    expect(frames[-1][0] == TEXT, frames)


@sockets.case("a client that leaves ends its upstream request", sends=2)
def _(world):
    links = []

    def script(turn):
        turn.stream_head()
        turn.chunk(RESPONSES.frames()[0])
        links.append(turn.link)
        turn.link.hold()

    world.up.script = script
    for polite in (True, False):
        ws = Socket(world)
        ws.send({"type": "response.create"} | create())
        wait_for(lambda: len(links) == (1 if polite else 2))
        if polite:
            ws.send(struct.pack(">H", 1000), CLOSE)
            expect(ws.read() == (CLOSE, struct.pack(">H", 1000)))
            expect_closed(ws.client)
        else:
            ws.client.reset()
        wait_for(lambda: links[-1].closed_at is not None, what="the upstream's connection to be closed")


@sockets.case("a broken frame closes with 1002, a message over the cap with 1009", sends=0)
def _(world):
    for data, code in (
        (frame(b"{}", masked=False), 1002),
        (frame(b"{}", 3), 1002),
        (frame(b"", TEXT, False) + frame(b"", TEXT), 1002),
        (b"\x81\xff" + struct.pack(">Q", (64 << 20) + 1) + b"mask", 1009),
    ):
        ws = Socket(world)
        ws.client.send(data)
        expect(ws.read() == (CLOSE, struct.pack(">H", code)), code)
        expect_closed(ws.client)


@sockets.case("a large message in many frames arrives whole", sends=1)
def _(world):
    ws = Socket(world)
    text = json.dumps({"type": "response.create"} | create("x" * 300000)).encode()
    pieces = [text[i : i + 1000] for i in range(0, len(text), 1000)]
    ws.client.send(frame(pieces[0], TEXT, False))
    for piece in pieces[1:-1]:
        ws.client.send(frame(piece, 0, False) + frame(b"", PONG))
    ws.client.send(frame(pieces[-1], 0))
    expect(ws.read_events()[-1]["type"] == "response.completed")
    expect(sent(world)["input"] == [says("x" * 300000)])


@sockets.case("a slow reader does not fill the program's memory", sends=1)
def _(world):
    done = []

    def script(turn):
        turn.stream_head()
        for piece in RESPONSES.frames()[:4]:
            turn.chunk(piece)
        for _ in range(2000):
            turn.chunk(RESPONSES.text_frame("y" * 30000))
        for piece in RESPONSES.frames()[-4:]:
            turn.chunk(piece)
        turn.last_chunk()
        done.append(True)
        return True

    world.up.script = script
    before = world.memory_kib()
    ws = Socket(world, receive_buffer=4096)
    ws.send({"type": "response.create"} | create())
    time.sleep(1)
    grown = world.memory_kib() - before
    expect(not done, "all of it was taken from the upstream")
    expect(grown < 20000 or world.sanitized, f"{grown} KiB more")
    expect(ws.read_events(30)[-1]["type"] == "response.completed")


@sockets.case("a quiet connection is pinged", sends=0)
def _(world):
    ws = Socket(world)
    time.sleep(0.05)
    world.advance(31)
    expect(ws.read() == (PING, b""))


def shut_down(world):
    """An idle connection is told to go, a busy one when it has its answer."""
    idle, busy = Socket(world), Socket(world)
    gate = world.up.released

    def script(turn):
        turn.stream_head()
        for piece in RESPONSES.frames()[:6]:
            turn.chunk(piece)
        gate.wait(5)
        for piece in RESPONSES.frames()[6:]:
            turn.chunk(piece)
        turn.last_chunk()

    world.up.script = script
    busy.send({"type": "response.create"} | create())
    for _ in range(6):
        busy.read()
    world.process.send_signal(signal.SIGTERM)
    expect(idle.read() == (CLOSE, struct.pack(">H", 1001)))
    expect_closed(idle.client)
    busy.send({"type": "response.create"} | create())
    refused = json.loads(busy.read()[1])
    expect(refused["status"] == 503, refused)
    gate.set()
    expect(busy.read_events()[-1]["type"] == "response.completed")
    expect(busy.read() == (CLOSE, struct.pack(">H", 1001)))
    expect_closed(busy.client)


sockets.add("SIGTERM ends idle connections at once and busy ones behind their answer", with_world(shut_down))


def revoke(world):
    ws = Socket(world)
    expect(ws.ask(**create())[-1]["type"] == "response.completed")
    with open(world.config_path, encoding="utf-8") as file:
        text = file.read()
    world.write_config(text.replace(CLIENT_KEY, CLIENT_KEY[::-1]))
    world.process.send_signal(signal.SIGHUP)
    wait_for(lambda: world.exchange(world.head("GET", "/v1/models")).status == 401, what="the key to be gone")
    event = ws.ask(**create())[-1]
    expect((event["type"], event["status"]) == ("error", 401), event)


sockets.add("a key that is taken away opens nothing any more on an open connection", with_world(revoke))


# --- the same by POST


def post(world, dialect, text, stream=False, key=CLIENT_KEY, **more):
    body = {"model": dialect.model(), "input": text} | more | ({"stream": True} if stream else {})
    return world.exchange(world.post("/v1/responses", json.dumps(body), key=key))


def identify(answer):
    if answer.get("content-type") == "application/json":
        return json.loads(answer.body)["id"]
    return json.loads(answer.body.split(b"event: response.completed\ndata: ")[1].split(b"\n")[0])["response"]["id"]


for stream in (False, True):
    for dialect in (CHAT, ANTHROPIC, GEMINI):

        def follow(world, dialect=dialect, stream=stream):
            number_responses(world)
            first = post(world, dialect, "one", stream)
            expect(first.status == 200, first)
            second = post(world, dialect, "two", stream, previous_response_id=identify(first))
            expect(second.status == 200, second)
            third = post(world, dialect, "three", stream, previous_response_id=identify(second))
            expect(third.status == 200, third)
            expect(roles(world) == ["user", "assistant", "user", "assistant", "user"], sent(world))

        sockets.add(f"previous_response_id by POST on an upstream of {dialect.name}{', streamed' if stream else ''}", follow, sends=3)


@sockets.case("nobody goes on with another key's response, with one not stored, or with one forgotten", sends=(2, 4), attempts=False)
def _(world):
    number_responses(world)
    first = identify(post(world, CHAT, "one"))
    answer = post(world, CHAT, "two", key=SECOND_KEY, previous_response_id=first)
    expect_error(answer, 400, RESPONSES, "previous_response_not_found")
    unkept = identify(post(world, CHAT, "one", store=False))
    expect_error(post(world, CHAT, "two", previous_response_id=unkept), 400, RESPONSES, "previous_response_not_found")
    world.advance(3601)
    expect_error(post(world, CHAT, "two", previous_response_id=first), 400, RESPONSES, "previous_response_not_found")


@sockets.case("the one upstream that knows a response is asked by its id, untouched", sends=2)
def _(world):
    number_responses(world)
    first = identify(post(world, RESPONSES, "one"))
    expect(post(world, RESPONSES, "two", previous_response_id=first).status == 200)
    body = sent(world)
    expect(body["previous_response_id"] == first and body["input"] == "two", body)


@sockets.case("an id of the vendor's own goes through", sends=1)
def _(world):
    expect(post(world, RESPONSES, "two", previous_response_id="resp_theirs").status == 200)
    expect(sent(world)["previous_response_id"] == "resp_theirs")


@sockets.case("a response of one upstream can be gone on with on another", sends=2)
def _(world):
    number_responses(world)
    first = identify(post(world, RESPONSES, "one"))
    second = post(world, GEMINI, "two", previous_response_id=first)
    expect(second.status == 200, second)
    expect(roles(world) == ["user", "assistant", "user"], sent(world))


@sockets.case("a conversation is made short where the vendor does that", sends=2)
def _(world):
    number_responses(world)
    first = identify(post(world, RESPONSES, "one"))
    compaction = {"id": "resp_c", "object": "response.compaction", "created_at": 1, "output": [{"type": "compaction", "encrypted_content": "x"}]}
    world.up.script = lambda turn: turn.answer(200, compaction)
    body = {"model": RESPONSES.model(), "previous_response_id": first, "store": False}
    answer = world.exchange(world.post("/v1/responses/compact", json.dumps(body)))
    expect(answer.status == 200 and json.loads(answer.body) == compaction, answer)
    expect(world.up.turns[-1].target == "/v1/responses/compact", world.up.turns[-1].target)
    answer = world.exchange(world.post("/v1/responses/compact", json.dumps({"model": CHAT.model(), "input": []})))
    expect_error(answer, 400, RESPONSES, "unsupported")
