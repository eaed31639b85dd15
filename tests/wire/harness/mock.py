# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream that does what a script says, byte by byte, and remembers all it was sent."""

import json
import os
import select
import socket
import struct
import threading
import time

from .client import is_readable


class Turn:
    """One request that arrived whole, and the connection to answer it on."""

    def __init__(self, link, method, target, fields, body):
        self.link = link
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.send = link.send
        self.rst = link.rst

    def get(self, name):
        values = [v for n, v in self.fields if n == name]
        return values[0] if values else None

    @property
    def key(self):
        """The credential that was sent, wherever it stood."""
        bearer = self.get("authorization") or ""
        return self.get("x-api-key") or self.get("x-goog-api-key") or bearer.removeprefix("Bearer ")

    def answer(self, status=200, body=b"", kind="application/json", fields=(), keep=True):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        lines += [f"{n}: {v}" for n, v in fields]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
        return keep

    def stream_head(self, kind="text/event-stream", fields=()):
        lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", "Transfer-Encoding: chunked"]
        lines += [f"{n}: {v}" for n, v in fields]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def chunk(self, data):
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def last_chunk(self):
        self.send(b"0\r\n\r\n")

    def stream(self, frames, keep=True):
        """A whole good stream, a chunk a frame."""
        self.stream_head()
        for frame in frames:
            self.chunk(frame)
        self.last_chunk()
        return keep


class Link:
    """One connection that was accepted."""

    def __init__(self, mock, sock):
        self.mock = mock
        self.socket = sock
        self.buffer = b""
        self.keys = set()
        self.n_requests = 0
        self.sent = 0
        self.closed_at = None  # when the program was seen to have closed or reset it
        self.wake = os.eventfd(0)  # written to from another thread to end a waiting link
        self.gone = threading.Event()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        """FALSE when the program has closed."""
        try:
            view = memoryview(data)
            while view:
                n = self.socket.send(view)
                self.sent += n
                view = view[n:]
            return True
        except OSError:
            self._note_closed()
            return False

    def rst(self):
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.close()

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass

    def _note_closed(self):
        if self.closed_at is None:
            self.closed_at = time.monotonic()

    def hold(self, timeout=30.0):
        """Says nothing until the program closes the connection or the case is over."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and not self.mock.released.is_set():
            try:
                if not is_readable(self.socket, 0.02):
                    continue
                data = self.socket.recv(65536)
            except (OSError, ValueError):
                data = b""
            if not data:
                self._note_closed()
                return True
        return False

    def end(self, how):
        """Ends a link that waits for its next request, from another thread."""
        with self.mock.lock:
            if self not in self.mock.links:
                return
            if how == "RST":
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.eventfd_write(self.wake, 1)
        self.gone.wait(2)

    def _wait(self):
        """FALSE when the link is to end."""
        if hasattr(self.socket, "pending") and self.socket.pending():
            return True
        poller = select.poll()
        poller.register(self.socket, select.POLLIN)
        poller.register(self.wake, select.POLLIN)
        return all(fd != self.wake for fd, _ in poller.poll())

    def read_more(self):
        if not self._wait():
            return False
        try:
            data = self.socket.recv(262144)
        except OSError:
            data = b""
        if not data:
            self._note_closed()
            return False
        self.buffer += data
        return True

    def read_turn(self):
        """The next request, whole; None at the end of the connection."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.read_more():
                return None
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.mock.n_heads += 1
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        fields = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields.append((name.lower(), value.strip()))
        lookup = dict(fields)
        if "chunked" in lookup.get("transfer-encoding", ""):
            body = self._read_chunks()
        else:
            body = self._read_counted(int(lookup.get("content-length", "0")))
        if body is None:
            return None
        return Turn(self, method, target, fields, body)

    def _read_counted(self, length):
        parts = [self.buffer[:length]]
        self.buffer = self.buffer[length:]
        have = len(parts[0])
        while have < length:
            if not self.read_more():
                return None
            parts.append(self.buffer[: length - have])
            self.buffer = self.buffer[length - have :]
            have += len(parts[-1])
        return b"".join(parts)

    def _read_chunks(self):
        body = b""
        while True:
            while b"\r\n" not in self.buffer:
                if not self.read_more():
                    return None
            line, self.buffer = self.buffer.split(b"\r\n", 1)
            size = int(line, 16)
            data = self._read_counted(size + 2)
            if data is None:
                return None
            body += data[:size]
            if size == 0:
                return body


class Mock:
    """script (turn): answers one request; true keeps the connection for the next one, false
    ends it cleanly.  raw (link): takes the connection over before anything is read."""

    def __init__(self, script, tls=None):
        self.default_script = script
        self.tls = tls  # (nullable) an ssl.SSLContext
        self.links = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.total = 0
        self.is_counted = lambda turn: True  # is it one that a case has asked for?
        self.begin_case()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def begin_case(self):
        self.script = self.default_script
        self.raw = None
        self.turns = []
        self.n_heads = 0
        self.n_links = 0
        self.faults = []
        self.released.clear()

    def end_case(self):
        self.released.set()

    def close(self):
        self.released.set()
        self.listener.close()
        with self.lock:
            for link in self.links:
                os.eventfd_write(link.wake, 1)

    def drop_links(self):
        """Ends every connection, idle ones too."""
        with self.lock:
            links = list(self.links)
        for link in links:
            link.end("RST")

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        self.n_links += 1
        if self.tls is not None:
            try:
                sock = self.tls.wrap_socket(sock, server_side=True)
            except OSError as error:
                self.faults.append(str(error))
                sock.close()
                return
        link = Link(self, sock)
        with self.lock:
            self.links.append(link)
        try:
            if self.raw is not None:
                self.raw(link)
            else:
                self._converse(link)
        except (AssertionError, OSError) as error:
            self.faults.append(str(error))
        finally:
            with self.lock:
                self.links.remove(link)
                link.close()
                os.close(link.wake)
            link.gone.set()

    def _converse(self, link):
        while True:
            turn = link.read_turn()
            if turn is None:
                return
            with self.lock:
                link.n_requests += 1
                link.keys.add(turn.key)
                if self.is_counted(turn):
                    self.turns.append(turn)
                    self.total += 1
                script = self.script
            if not script(turn):
                return
