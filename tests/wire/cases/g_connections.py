# SPDX-License-Identifier: GPL-3.0-or-later
"""G: connections to upstreams: refused, dead, reused, stalled, without end, or to ourselves."""

import json
import time

from harness import dialects
from harness.dialects import ALL, CHAT
from harness.program import free_port, standard_config
from harness.suite import Group, expect, expect_error, wait_for, with_world

KINDS = [(d, s) for d in ALL for s in (False, True)]
GOOD_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def kind_of(stream):
    return "stream" if stream else "unary"


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
                heads.append(link)
                dialects.answer_well(turn)
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

