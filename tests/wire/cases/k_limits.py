# SPDX-License-Identifier: GPL-3.0-or-later
"""K: many connections, slow ones, short ones, and too few descriptors for them."""

import resource
import signal
import socket
import threading
import time

from harness import dialects
from harness.dialects import ALL, CHAT
from harness.suite import Group, Skip, expect, expect_open, wait_for

limits = Group("K limits", weight=6)


def honest(world, count=50, limit=0.1):
    """An honest client's requests while others misbehave: 99 of 100 within @limit seconds."""
    times = []
    for number in range(count):
        start = time.monotonic()
        answer = world.exchange(world.ask(ALL[number % 4], stream=bool(number % 2)))
        times.append(time.monotonic() - start)
        expect(answer.status == 200, answer)
    times.sort()
    worst = times[int(len(times) * 0.99) - 1]
    expect(worst < limit, f"p99 of an honest client: {worst * 1000:.0f} ms")


def connect_many(world, count, data=b"", limit=1.0):
    clients, slowest = [], 0
    for _ in range(count):
        start = time.monotonic()
        try:
            clients.append(world.client(timeout=5))
        except OSError:
            break
        slowest = max(slowest, time.monotonic() - start)
        if data:
            clients[-1].send(data)
    expect(slowest < limit, f"a connect took {slowest:.2f} s")
    return clients


def all_ended(clients, timeout=5):
    deadline = time.monotonic() + timeout
    for client in clients:
        while (end := client.wait_end(max(0.01, deadline - time.monotonic()))) == "data":
            client.buffer = b""
        expect(end is not None, "a slow connection outlives its deadline")


SLOW_HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b"


@limits.case("K04 a thousand slow heads do not delay an honest client, and end by their deadline", sends=50)
def _(world):
    memory = world.memory_kib()
    clients = connect_many(world, 1000, SLOW_HEAD)
    expect(len(clients) == 1000, len(clients))
    grown = (world.memory_kib() - memory) / 1000
    expect(grown <= 20 or world.sanitized, f"{grown:.0f} KiB resident each")
    honest(world)
    world.advance(11)
    all_ended(clients)


@limits.case("K04 a thousand slow bodies do not delay an honest client, and end by their deadline", sends=50)
def _(world):
    clients = connect_many(world, 1000, world.ask(CHAT, prompt="x" * 3000)[:-1500])
    expect(len(clients) == 1000, len(clients))
    honest(world)
    for _ in range(4):
        world.advance(15)
        time.sleep(0.03)
    all_ended(clients)


@limits.case("K01 a thousand idle connections hold at most 20 KiB each, and all serve")
def _(world):
    memory = world.memory_kib()
    clients = connect_many(world, 1000)
    for client in clients:
        client.send(world.head("GET", "/v1/models"))
    for client in clients:
        expect(client.read_answer().status == 200)
    grown = (world.memory_kib() - memory) / 1000
    expect(grown <= 20 or world.sanitized, f"{grown:.0f} KiB resident each")
    for client in clients[::100]:
        expect_open(client)
    world.advance(130)
    all_ended(clients)


cap = Group("K cap", descriptors=1024)


@cap.case("K02 past the cap new connections are answered 503 or idle ones closed; all is well when they go")
def _(world):
    clients = connect_many(world, 1200)
    time.sleep(0.3)
    ended = 0
    for client in clients:
        end = client.wait_end(0.001)
        if end == "data":
            answer = client.read_answer()
            expect(answer.status == 503 and answer.get("connection") == "close", answer)
        ended += end is not None
    expect(1200 - ended < 1024 - 32, f"{1200 - ended} connections with 1024 descriptors")
    for client in clients:
        client.close()
    wait_for(lambda: world.exchange(world.head("GET", "/v1/models")).status == 200, 2, "service")


@limits.case("K06 a burst of a thousand connects waits for no retransmission", sends=0)
def _(world):
    sockets, times = [], []
    for _ in range(1000):
        sock = socket.socket()
        sock.setblocking(False)
        sockets.append(sock)
    start = time.monotonic()
    for sock in sockets:
        sock.connect_ex(("127.0.0.1", world.port))
    for sock in sockets:
        sock.settimeout(5)
        sock.sendall(world.head("GET", "/v1/models"))
    for sock in sockets:
        expect(sock.recv(12).startswith(b"HTTP/1.1 "), "no answer")
        times.append(time.monotonic() - start)
    for sock in sockets:
        sock.close()
    expect(max(times) < 1.0 or world.sanitized, f"the last one waited {max(times):.2f} s")


def too_few_descriptors(soft):
    def run(world):
        baseline = world.count_descriptors()
        if baseline + 8 > soft:
            raise Skip(f"{baseline} descriptors at rest")
        old = resource.prlimit(world.pid, resource.RLIMIT_NOFILE)[0]
        world.limit_descriptors(soft)
        try:
            clients = connect_many(world, 2 * soft)
            time.sleep(0.3)
            cpu, start = world.cpu_seconds(), time.monotonic()
            errors = len(world.errors)
            time.sleep(2)
            share = (world.cpu_seconds() - cpu) / (time.monotonic() - start)
            expect(share < 0.05, f"{share * 100:.0f} % of a processor while nothing can be done")
            expect(len(world.errors) - errors < 4000, f"{len(world.errors) - errors} bytes of log in two seconds")
            for client in clients:
                client.close()
            world.clients.clear()
            released = time.monotonic()
            while True:
                try:
                    if world.exchange(world.head("GET", "/v1/models"), timeout=2).status == 200:
                        break
                except (AssertionError, OSError):
                    pass
                expect(time.monotonic() - released < 3, "no service after all descriptors were given back")
                time.sleep(0.02)
            expect(time.monotonic() - released < 1, f"service after {time.monotonic() - released:.1f} s")
            for number in range(1000):
                expect(world.exchange(world.head("GET", "/v1/models")).status == 200, number)
                world.clients.clear()
        finally:
            world.limit_descriptors(old)

    return run


scarce = Group("K too few descriptors", weight=4)
for soft in (64, 256):
    scarce.add(f"K02 {soft} descriptors, twice as many connections, then a thousand more", too_few_descriptors(soft))


def no_descriptor_for_upstream(world):
    """The connection is there, but no descriptor for the upstream: told, not hung."""
    old = resource.prlimit(world.pid, resource.RLIMIT_NOFILE)[0]
    world.up.drop_links()
    with world.client() as client:
        expect_open(client)
        world.limit_descriptors(world.count_descriptors())
        try:
            client.send(world.ask(CHAT))
            answer = client.read_answer()
            expect(answer.status in (200, 500, 502, 503), answer)
        finally:
            world.limit_descriptors(old)
    expect(world.exchange(world.ask(CHAT)).status == 200, "no service afterwards")


scarce.add("K03 no descriptor left for an upstream", no_descriptor_for_upstream, sends=(1, 2), attempts=False)


def short_lived(count):
    def run(world):
        start = world.count_descriptors()

        def work(first):
            for number in range(first, count, 4):
                with world.client() as client:
                    client.send(world.head("GET", "/v1/models"))
                    expect(client.read_answer().status == 200, number)
                world.clients.remove(client)

        failures = []

        def guarded(first):
            try:
                work(first)
            except (AssertionError, OSError) as error:
                failures.append(error)

        threads = [threading.Thread(target=guarded, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(CASE_LIMIT)
        expect(not failures, *failures[:3])
        wait_for(lambda: world.count_descriptors() <= start, 5, "every descriptor to be given back")

    return run


CASE_LIMIT = 80
churn = Group("K short-lived clients", weight=5)
churn.add("K05 three thousand short-lived keep-alive clients leave no descriptor behind", short_lived(3000))


def hundred_thousand(world):
    for _ in range(10):
        signal.alarm(90)
        short_lived(10_000)(world)


churn.add("K05 a hundred thousand short-lived keep-alive clients leave no descriptor behind", hundred_thousand, long_only=True)


@churn.case("L01 three thousand streams and answers leave memory where it was", sends=3000)
def _(world):
    def work(count):
        with world.client() as client:
            for number in range(count):
                client.send(world.ask(ALL[number % 4], stream=bool(number % 2)))
                answer = client.read_answer()
                expect(answer.status == 200, number, answer)

    sizes = []
    for _ in range(6):
        work(500)
        sizes.append(world.memory_kib())
    expect(sizes[-1] - sizes[2] <= 256 or world.sanitized, "KiB resident after each 500 requests:", sizes)


def many_streams(count):
    """Streams at once, all fed a frame at a time: none lost, order kept, all whole."""

    def run(world):
        texts = [f"<{n}>" for n in range(20)]
        go = threading.Event()

        def script(turn):
            frames = CHAT.frames(texts)
            turn.stream_head()
            go.wait(30)
            for frame in frames:
                turn.chunk(frame)
                time.sleep(0.02)
            turn.last_chunk()
            return True

        world.up.script = script
        clients = [world.client(timeout=40) for _ in range(count)]
        for client in clients:
            client.send(world.ask(CHAT, stream=True))
        wait_for(lambda: len(world.up.turns) == count, 20, f"{count} requests upstream")
        go.set()
        for client in clients:
            answer = client.read_answer()
            expect(dialects.stream_verdict(CHAT, answer) == "complete", answer)
            expect(CHAT.text_in(dialects.read_sse(answer.body)) == "".join(texts), answer.body)

    return run


streams = Group("K many streams", weight=4)
streams.add("K09 two hundred streams at once", many_streams(200), sends=200)
streams.add("K09 eight hundred streams at once", many_streams(800), sends=800, long_only=True)
