# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that is nothing but a socket: it sends the bytes it is told and reads answers
strictly, noting how each one ended."""

import re
import select
import socket
import struct
import time

STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) [\t\x20-\x7e]*\Z")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\Z")
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}\Z")
BODILESS = (204, 304)


def is_readable(sock, seconds):
    """poll, for select knows only the first 1024 descriptors."""
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(max(0, seconds) * 1000))


class WireError(AssertionError):
    """What came from the program is not HTTP/1.1, or did not come."""


class Answer:
    """One answer.  ending: "none" (no body), "length", "chunked", "close" (framed by the end
    of the connection), "cut" (clean end inside the body), "reset"."""

    def __init__(self, status, fields):
        self.status = status
        self.fields = fields
        self.body = b""
        self.ending = "none"
        self.informational = []
        self.arrivals = []  # (time, bytes of the body so far)

    def get(self, name, default=None):
        values = [v for n, v in self.fields if n == name]
        return values[0] if values else default

    def count(self, name):
        return sum(1 for n, _ in self.fields if n == name)

    def __repr__(self):
        return f"<{self.status} {self.ending} {self.fields} {self.body[:300]!r}>"


class Client:
    def __init__(self, port, address="127.0.0.1", receive_buffer=None, timeout=10.0, source=None):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.port = port
        self.timeout = timeout
        self.buffer = b""
        self.received = bytearray()  # all that ever came, for the search for secrets
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(timeout)
        self.socket.connect((address, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        """Sends all, or as much as the other side takes before it closes."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError, socket.timeout):
            return False

    def send_slowly(self, data, size=1):
        for start in range(0, len(data), size):
            if not self.send(data[start : start + size]):
                return False
        return True

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # -- reading

    def _fill(self, deadline, what):
        """More bytes into the buffer; "" when some came, else "fin" or "reset"."""
        left = deadline - time.monotonic()
        if left <= 0 or not is_readable(self.socket, left):
            raise WireError(f"nothing came in time while waiting for {what}; have {self.buffer[:200]!r}")
        try:
            data = self.socket.recv(262144)
        except (ConnectionResetError, BrokenPipeError):
            return "reset"
        if not data:
            return "fin"
        self.buffer += data
        self.received += data[: max(0, 4_000_000 - len(self.received))]
        return ""

    def has_news(self):
        """Is there anything to read, or has the other side ended?"""
        return bool(self.buffer) or is_readable(self.socket, 0)

    def read_until(self, mark, timeout=None, count=1):
        """Waits until @mark stands @count times in the bytes not yet taken; takes nothing."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while self.buffer.count(mark) < count:
            end = self._fill(deadline, repr(mark))
            if end:
                raise WireError(f"{end} while waiting for {mark!r}; have {self.buffer[-300:]!r}")

    def _read_head(self, deadline):
        while b"\r\n\r\n" not in self.buffer:
            end = self._fill(deadline, "a head")
            if end:
                raise WireError(f"{end} instead of an answer; have {self.buffer[:200]!r}")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        match = STATUS_LINE.match(lines[0])
        if not match:
            raise WireError(f"status line {lines[0]!r}")
        fields = []
        for line in lines[1:]:
            field = FIELD.match(line)
            if not field:
                raise WireError(f"header line {line!r}")
            fields.append((field.group(1).decode().lower(), field.group(2).decode("latin-1")))
        return Answer(int(match.group(1)), fields)

    def read_answer(self, head_only=False, timeout=None, browser=False):
        """One whole answer, informational ones before it included."""
        deadline = time.monotonic() + (timeout or self.timeout)
        informational = []
        answer = self._read_head(deadline)
        while 100 <= answer.status < 200:
            informational.append(answer.status)
            answer = self._read_head(deadline)
        answer.informational = informational
        self._read_body(answer, head_only, deadline)
        judge_head(answer, head_only, browser)
        return answer

    def _read_body(self, answer, head_only, deadline):
        if head_only or answer.status in BODILESS:
            return
        coding = answer.get("transfer-encoding")
        length = answer.get("content-length")
        if coding is not None and length is not None:
            raise WireError("both Content-Length and Transfer-Encoding")
        if coding is not None:
            if coding != "chunked":
                raise WireError(f"Transfer-Encoding: {coding}")
            answer.ending = self._read_chunks(answer, deadline)
        elif length is not None:
            if not re.fullmatch(r"\d{1,18}", length):
                raise WireError(f"Content-Length: {length}")
            answer.ending = self._read_counted(answer, int(length), deadline)
        else:
            answer.ending = self._read_to_end(answer, deadline)

    def _note(self, answer, data):
        answer.body += data
        answer.arrivals.append((time.monotonic(), len(answer.body)))

    def _read_counted(self, answer, length, deadline):
        parts = []
        have = 0
        while have < length:
            if not self.buffer:
                end = self._fill(deadline, "a body")
                if end:
                    answer.body = b"".join(parts)
                    return "cut" if end == "fin" else "reset"
            piece, self.buffer = self.buffer[: length - have], self.buffer[length - have :]
            parts.append(piece)
            have += len(piece)
        self._note(answer, b"".join(parts))
        return "length"

    def _read_to_end(self, answer, deadline):
        while True:
            self._note(answer, self.buffer)
            self.buffer = b""
            end = self._fill(deadline, "the end of the connection")
            if end:
                return "close" if end == "fin" else "reset"

    def _read_chunks(self, answer, deadline):
        parts = []
        have = 0
        try:
            while True:
                while b"\r\n" not in self.buffer:
                    end = self._fill(deadline, "a chunk size")
                    if end:
                        return "cut" if end == "fin" else "reset"
                line, self.buffer = self.buffer.split(b"\r\n", 1)
                if not CHUNK_SIZE.match(line):
                    raise WireError(f"chunk size {line!r}")
                size = int(line, 16)
                while len(self.buffer) < size + 2:
                    end = self._fill(deadline, "chunk data")
                    if end:
                        parts.append(self.buffer[:size])
                        return "cut" if end == "fin" else "reset"
                if self.buffer[size : size + 2] != b"\r\n":
                    raise WireError("chunk data without CRLF behind")
                parts.append(self.buffer[:size])
                have += size
                answer.arrivals.append((time.monotonic(), have))
                self.buffer = self.buffer[size + 2 :]
                if size == 0:
                    return "chunked"
        finally:
            answer.body = b"".join(parts)

    def wait_end(self, timeout=1.0):
        """How the other side ended: "fin", "reset", "data" when bytes came, None when it is
        still open after @timeout."""
        if self.buffer:
            return "data"
        if not is_readable(self.socket, timeout):
            return None
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return "reset"
        self.buffer += data
        self.received += data
        return "data" if data else "fin"


def judge_head(answer, head_only, browser):
    """What holds for every answer, whatever it answers."""
    for name, value in answer.fields:
        if name.startswith("access-control-") and not browser:
            raise WireError(f"{name}: {value}")
        if name in ("set-cookie", "location", "refresh", "link", "alt-svc"):
            raise WireError(f"{name}: {value}")
    for name in ("date", "content-length", "transfer-encoding", "content-type", "connection"):
        if answer.count(name) > 1:
            raise WireError(f"{answer.count(name)} {name} fields")
    if answer.get("date") is None:
        raise WireError(f"no Date in {answer!r}")
    if answer.status in BODILESS:
        if answer.get("transfer-encoding") is not None:
            raise WireError(f"{answer.status} with Transfer-Encoding")
        return
    kind = (answer.get("content-type") or "").split(";")[0]
    if answer.body and kind not in ("application/json", "text/event-stream"):
        raise WireError(f"content type {kind!r}")
    if answer.body and answer.get("x-content-type-options") != "nosniff":
        raise WireError("no X-Content-Type-Options: nosniff")
