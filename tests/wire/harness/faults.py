# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests through upstreams that fail now and then: the upstreams are a process of their
own, each request bears a number, each answer says which attempt of which request it is."""

import asyncio
import json
import os
import random
import re
import socket
import struct
from collections import Counter

from .dialects import ALL, dialect_of_target, read_sse

NUMBER = re.compile(rb"q-(\d{7})")
SEEN = re.compile(rb"q-(\d{7})-a(\d+)")
MARK = "q-@@-a@"
UNARY_FAULTS = "429 500 503 fin rst half-head half-body".split()
STREAM_FAULTS = "429 500 503 fin rst half-head half-body error-first cut-after rst-after error-after".split()
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Templates:
    """What is said, but for the mark."""

    def __init__(self, dialect):
        self.dialect = dialect
        frames = dialect.frames((MARK, " behind"))
        self.begin = b"".join(chunk(frame) for frame in frames[: dialect.n_head])
        self.frames = frames
        self.unary = json.dumps(dialect.unary(MARK)).encode()

    def stream_parts(self, mark):
        """Head, the part up to the first content, the rest."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        n = self.dialect.n_head + 1
        first = b"".join(chunk(f.replace(MARK.encode(), mark)) for f in self.frames[:n])
        rest = b"".join(chunk(f.replace(MARK.encode(), mark)) for f in self.frames[n:])
        return head, first, rest + b"0\r\n\r\n"


class Upstream(asyncio.Protocol):
    def __init__(self, plan):
        self.plan = plan
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            length = LENGTH.search(head)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.answer(head.split(b" ", 2)[1].decode(), body)

    def reset(self):
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def answer(self, target, body):
        write = self.transport.write
        dialect = dialect_of_target(target)
        stream = "stream" in target or b'"stream": true' in body
        fault, mark = self.plan.next(NUMBER.search(body).group(1), stream)
        say = self.plan.templates[dialect]
        if fault in ("429", "500", "503"):
            error = json.dumps(dialect.error_body("planted", "planted_error")).encode()
            more = b"Retry-After: 5\r\n" if fault == "429" else b""
            write(b"HTTP/1.1 %s Said\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (fault.encode(), more, len(error), error))
        elif fault == "fin":
            self.transport.close()
        elif fault == "rst":
            self.reset()
        elif fault == "half-head":
            write(b"HTTP/1.1 200 OK\r\nContent-Ty")
            self.transport.close()
        elif stream:
            self.stream(fault, say, mark)
        else:
            text = say.unary.replace(MARK.encode(), mark)
            write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text))
            write(text if fault is None else text[:-9])
            if fault:
                self.transport.close()

    def stream(self, fault, say, mark):
        head, first, rest = say.stream_parts(mark)
        write = self.transport.write
        if fault is None:
            write(head + first + rest)
        elif fault == "half-body":
            write(head)
            self.transport.close()
        elif fault == "error-first":
            write(head + chunk(say.dialect.error_frame()) + b"0\r\n\r\n")
        else:
            write(head + first)
            asyncio.get_running_loop().call_later(0.005, self.end_late, fault, say)

    def end_late(self, fault, say):
        if fault == "error-after":
            self.transport.write(chunk(say.dialect.error_frame()) + b"0\r\n\r\n")
        elif fault == "rst-after":
            self.reset()
        else:
            self.transport.close()


class Plan:
    """Which attempt fails how."""

    def __init__(self, part, seed):
        self.part = part
        self.random = random.Random(seed)
        self.attempts = {}  # number -> [fault]
        self.templates = {dialect: Templates(dialect) for dialect in ALL}

    def next(self, number, stream):
        fault = None
        if self.random.random() < self.part:
            fault = self.random.choice(STREAM_FAULTS if stream else UNARY_FAULTS)
        made = self.attempts.setdefault(int(number), [])
        made.append(fault)
        return fault, b"q-%s-a%d" % (number, len(made))


class FaultyUpstreams:
    """@n ports behind which @part of all attempts fail; finish () ends them and says what they
    saw: {number: [fault or None of each attempt]}."""

    def __init__(self, n, part, seed=7):
        listeners = [socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(n)]
        self.ports = [listener.getsockname()[1] for listener in listeners]
        self.control, control = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                asyncio.run(self._serve(listeners, control, Plan(part, seed)))
            finally:
                os._exit(0)
        control.close()
        for listener in listeners:
            listener.close()

    @staticmethod
    async def _serve(listeners, control, plan):
        loop = asyncio.get_running_loop()
        for listener in listeners:
            await loop.create_server(lambda: Upstream(plan), sock=listener)
        control.setblocking(False)
        await loop.sock_recv(control, 1)
        control.setblocking(True)
        control.sendall(json.dumps(plan.attempts).encode())

    def finish(self):
        self.control.sendall(b"x")
        with self.control.makefile("rb") as file:
            self.control.shutdown(socket.SHUT_WR)
            data = file.read()
        os.waitpid(self.pid, 0)
        return {int(number): attempts for number, attempts in json.loads(data).items()}


class Crowd:
    """Clients that ask for numbers until there are none left."""

    def __init__(self, world, n_requests, n_clients=32, clock_seconds=0.4):
        self.world = world
        self.n_requests = n_requests
        self.n_clients = n_clients
        self.clock_seconds = clock_seconds  # that the program's clock moves for each answer
        self.next = 0
        self.verdicts = {}  # number -> (verdict, attempts whose content was seen)
        self.twice = []

    def run(self):
        asyncio.run(self._run())

    async def _run(self):
        await asyncio.gather(*(self._client() for _ in range(self.n_clients)))

    async def _client(self):
        streams = None
        while self.next < self.n_requests:
            number, self.next = self.next, self.next + 1
            if number % 8 == 0:
                self.world.advance(8 * self.clock_seconds)
            streams = streams or await asyncio.open_connection("127.0.0.1", self.world.port)
            if not await self._ask(number, *streams):
                streams = None
        if streams:
            streams[1].close()

    async def _ask(self, number, reader, writer):
        """Does the connection go on?"""
        dialect = ALL[number % 4]
        stream = number // 4 % 2 == 0
        writer.write(self.world.ask(dialect, stream, f"q-{number:07}", model=f"{dialect.slug}-m"))
        status, body, whole, keep = await read_answer(reader)
        if reader._buffer:
            self.twice.append((number, bytes(reader._buffer[:200])))
        seen = sorted({int(a) for n, a in SEEN.findall(body) if int(n) == number})
        strangers = [n for n, _ in SEEN.findall(body) if int(n) != number]
        verdict = "strange" if strangers else judge(dialect, stream, status, body, whole)
        if number in self.verdicts:
            self.twice.append((number, verdict))
        self.verdicts[number] = (verdict, seen)
        if not keep:
            writer.close()
        return keep


async def read_answer(reader):
    """(status, body, is it whole, does the connection go on)"""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = LENGTH.search(head)
    keep = b"\r\nconnection: close" not in head.lower()
    if length:
        return status, await reader.readexactly(int(length.group(1))), True, keep
    parts = []
    try:
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            parts.append((await reader.readexactly(size + 2))[:-2])
            if size == 0:
                return status, b"".join(parts), True, keep
    except (asyncio.IncompleteReadError, ConnectionResetError) as error:
        if isinstance(error, asyncio.IncompleteReadError):
            parts.append(error.partial)
        return status, b"".join(parts), False, False


def judge(dialect, stream, status, body, whole):
    if status != 200:
        return f"told {status}"
    if not stream:
        return "complete" if whole and json.loads(body) else "broken"
    events = read_sse(body)
    error = dialect.error_in(events)
    if dialect.complete(events):
        return "complete" if whole and not error else "two ends"
    return "cut" if error else "silently cut"


def summarize(crowd, attempts):
    n_attempts = sum(map(len, attempts.values()))
    verdicts = Counter(verdict for verdict, _ in crowd.verdicts.values())
    faults = Counter(f for made in attempts.values() for f in made if f)
    return {
        "requests": len(crowd.verdicts),
        "attempts": n_attempts,
        "attempts per request": round(n_attempts / max(1, len(crowd.verdicts)), 4),
        "faults": dict(sorted(faults.items())),
        "part of attempts that failed": round(sum(faults.values()) / max(1, n_attempts), 4),
        "answers": dict(sorted(verdicts.items())),
    }
