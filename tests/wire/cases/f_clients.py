# SPDX-License-Identifier: GPL-3.0-or-later
"""F: clients that leave, read slowly or not at all; upstreams that think for long; the end of
the program, its reload and its sleep while streams run."""

import json
import os
import re
import signal
import threading
import time

from harness import dialects
from harness.dialects import ALL, CHAT, CLIENT_KEY, SECOND_KEY, stream_verdict
from harness.program import standard_config
from harness.suite import Group, expect, expect_error, expect_open, wait_for, with_world

leaving = Group("F clients that leave", calm=True, weight=2)
LEAVE = {"closes": lambda client: client.close(), "resets": lambda client: client.reset()}


def leaves_before_head(dialect, stream, how):
    def run(world):
        mark = len(world.errors)
        world.up.script = lambda turn: turn.link.hold()
        client = world.client()
        client.send(world.ask(dialect, stream))
        wait_for(lambda: world.up.turns, what="the request upstream")
        left = time.monotonic()
        LEAVE[how](client)
        link = world.up.turns[0].link
        wait_for(lambda: link.closed_at, 3, "the upstream connection to be closed")
        expect(link.closed_at - left < 1, f"closed after {link.closed_at - left:.2f} s")
        row = wait_for(lambda: world.rows(mark), what="a log row")[-1]
        expect(row.get("outcome") == "client-left", row)

    return run


def leaves_mid_stream(dialect, how, sending):
    def run(world):
        mark = len(world.errors)

        def script(turn):
            turn.stream_head()
            for frame in dialect.frames(("one",))[: dialect.n_head + 1]:
                turn.chunk(frame)
            while sending and turn.send(b"%x\r\n%s\r\n" % (len(dialect.text_frame("more")), dialect.text_frame("more"))):
                time.sleep(0.005)
            return turn.link.hold() if not sending else False

        world.up.script = script
        client = world.client()
        client.send(world.ask(dialect, stream=True))
        client.read_until(b"one")
        left = time.monotonic()
        LEAVE[how](client)
        link = world.up.turns[0].link
        wait_for(lambda: link.closed_at, 3, "the upstream connection to be closed")
        expect(link.closed_at - left < 1, f"closed after {link.closed_at - left:.2f} s")
        row = wait_for(lambda: world.rows(mark), what="a log row")[-1]
        expect(row.get("outcome") == "client-left", row)

    return run


for dialect in ALL:
    for how in LEAVE:
        for stream in (False, True):
            kind = "stream" if stream else "unary"
            leaving.add(f"F16 {dialect.name} {kind}: the client {how} before the head", leaves_before_head(dialect, stream, how), sends=1)
        leaving.add(f"F16 {dialect.name}: the client {how} while nothing is sent", leaves_mid_stream(dialect, how, False), sends=1)
        leaving.add(f"F16 {dialect.name}: the client {how} while events come", leaves_mid_stream(dialect, how, True), sends=1)


def leaves_in_body(world):
    client = world.client()
    client.send(world.ask(CHAT, prompt="x" * 100_000)[:-50_000])
    time.sleep(0.05)
    client.reset()
    time.sleep(0.1)


leaving.add("F16 a client that leaves inside its own body costs no upstream anything", leaves_in_body)


def fast_stream(dialect, megabytes):
    """A script that sends as fast as it is taken, then ends well."""
    frame = dialect.text_frame("y" * 4000)
    data = b"".join(b"%x\r\n%s\r\n" % (len(frame), frame) for _ in range(16))

    def script(turn):
        turn.stream_head()
        for head in dialect.frames()[: dialect.n_head]:
            turn.chunk(head)
        for _ in range(megabytes * 1_000_000 // len(data)):
            if not turn.send(data):
                return False
        for tail in dialect.frames()[-dialect.n_tail :]:
            turn.chunk(tail)
        turn.last_chunk()
        return True

    return script


def stalled(world, dialect, link_of):
    """Waits until the upstream's sending stands still; what was taken by then."""
    link = wait_for(link_of, what="the request upstream")
    before = -1
    while link.sent != before:
        before = link.sent
        time.sleep(0.25)
    return link.sent


def first_link(world):
    return lambda: world.up.turns[0].link if world.up.turns else None


def slow_reader(dialect):
    def run(world):
        world.up.script = fast_stream(dialect, 60)
        memory = world.memory_kib()
        client = world.client(receive_buffer=16384, timeout=60)
        client.send(world.ask(dialect, stream=True))
        taken = stalled(world, dialect, first_link(world))
        grown = world.memory_kib() - memory
        expect(grown <= 256 + 768 or world.sanitized, f"{grown} KiB more resident for one slow reader")
        expect(taken < 30_000_000, f"the upstream could send {taken} bytes")
        cpu = world.cpu_seconds()
        time.sleep(0.5)
        expect(world.cpu_seconds() - cpu < 0.1, "it spins while the client does not read")
        answer = client.read_answer()
        expect(stream_verdict(dialect, answer) == "complete", answer.status, answer.ending, answer.body[-300:])
        expect(len(answer.body) > 58_000_000, len(answer.body))

    return run


slow = Group("F slow readers", calm=True, weight=3)
for dialect in ALL:
    slow.add(f"F17 {dialect.name}: a slow reader pauses its upstream and loses nothing", slow_reader(dialect), sends=1)


def leaves_while_paused(how):
    def run(world):
        world.up.script = fast_stream(CHAT, 60)
        client = world.client(receive_buffer=16384)
        client.send(world.ask(CHAT, stream=True))
        stalled(world, CHAT, first_link(world))
        left = time.monotonic()
        LEAVE[how](client)
        link = world.up.turns[0].link
        wait_for(lambda: link.closed_at, 3, "the upstream connection to be closed")
        expect(link.closed_at - left < 1, f"closed after {link.closed_at - left:.2f} s")

    return run


for how in LEAVE:
    slow.add(f"F16 the client {how} while paused by back-pressure", leaves_while_paused(how), sends=1)


@slow.case("F18 a client that reads nothing for 120 s is cut, its upstream cancelled", sends=1)
def _(world):
    mark = len(world.errors)
    world.up.script = fast_stream(CHAT, 60)
    client = world.client(receive_buffer=16384, timeout=20)
    client.send(world.ask(CHAT, stream=True))
    stalled(world, CHAT, first_link(world))
    link = world.up.turns[0].link
    world.advance(110)
    time.sleep(0.2)
    expect(link.closed_at is None, "cut before its time")
    world.advance(12)
    wait_for(lambda: link.closed_at, 3, "the upstream connection to be closed")
    answer = client.read_answer()
    expect(answer.ending in ("cut", "reset"), answer.status, answer.ending)
    row = wait_for(lambda: world.rows(mark), what="a log row")[-1]
    expect(row.get("outcome") in ("cut", "client-left"), row)


@slow.case("F17 fifty slow readers hold at most 256 KiB each", sends=50)
def _(world):
    world.up.script = fast_stream(CHAT, 20)
    memory = world.memory_kib()
    clients = [world.client(receive_buffer=16384) for _ in range(50)]
    for client in clients:
        client.send(world.ask(CHAT, stream=True))
    wait_for(lambda: len(world.up.turns) == 50, 10, "fifty requests upstream")
    time.sleep(1.5)
    grown = world.memory_kib() - memory
    expect(grown <= 50 * 300 + 1024 or world.sanitized, f"{grown} KiB more resident")
    start = time.monotonic()
    world.up.script = dialects.answer_well
    expect(world.exchange(world.head("GET", "/v1/models")).status == 200)
    expect(time.monotonic() - start < 0.2, "an honest client waited")
    for client in clients:
        client.reset()
    wait_for(lambda: all(turn.link.closed_at for turn in world.up.turns), 5, "all upstream connections to be closed")


quiet = Group("F quiet upstreams", calm=True)


def thinking(dialect):
    """Silent for 60 s, then for 299 s: comments each 15 s, then the answer.  301 s: cut."""

    def run(world):
        go = threading.Event()

        def script(turn):
            frames = dialect.frames(("one",))
            turn.stream_head()
            for frame in frames[: dialect.n_head + 1]:
                turn.chunk(frame)
            go.wait(20)
            for frame in frames[dialect.n_head + 1 :]:
                turn.chunk(frame)
            turn.last_chunk()
            return True

        world.up.script = script
        with world.client(timeout=20) as client:
            client.send(world.ask(dialect, stream=True))
            client.read_until(b"one")
            time.sleep(0.1)
            for number in range(18):
                time.sleep(0.025)  # the next comment's timer is set behind the last comment
                world.advance(15.5)
                if dialect.comments:
                    client.read_until(b"\n\n", count=client.buffer.count(b"\n\n") + 1, timeout=3)
                else:
                    time.sleep(0.03)
            go.set()
            answer = client.read_answer()
        expect(stream_verdict(dialect, answer) == "complete", answer)
        comments = [line for line in answer.body.split(b"\n") if line.startswith(b":")]
        expect(len(comments) >= 15 if dialect.comments else not comments, f"{len(comments)} comments")

    return run


for dialect in ALL:
    quiet.add(f"F19 {dialect.name}: an upstream that thinks for 279 s", thinking(dialect), sends=1)


def thinking_before_head(dialect):
    def run(world):
        go = threading.Event()

        def script(turn):
            go.wait(20)
            return dialects.answer_well(turn)

        world.up.script = script
        with world.client(timeout=20) as client:
            client.send(world.ask(dialect, stream=True))
            wait_for(lambda: world.up.turns, what="the request upstream")
            time.sleep(0.1)
            world.advance(290)
            time.sleep(0.1)
            go.set()
            answer = client.read_answer()
        expect(stream_verdict(dialect, answer) == "complete", answer)

    return run


for dialect in ALL:
    quiet.add(f"F19 {dialect.name}: a head after 290 s", thinking_before_head(dialect), sends=1)


def asleep(world):
    """Stopped for five minutes by the clock: continues, or ends as cut; never hangs."""
    go = threading.Event()

    def script(turn):
        frames = CHAT.frames(("one",))
        turn.stream_head()
        for frame in frames[:2]:
            turn.chunk(frame)
        go.wait(20)
        for frame in frames[2:]:
            turn.chunk(frame)
        turn.last_chunk()
        return True

    world.up.script = script
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT, stream=True))
        client.read_until(b"one")
        world.process.send_signal(signal.SIGSTOP)
        world.advance(3600)
        time.sleep(0.1)
        world.process.send_signal(signal.SIGCONT)
        time.sleep(0.1)
        go.set()
        answer = client.read_answer()
        expect(stream_verdict(CHAT, answer) in ("complete", "cut"), answer)
    with world.client() as client:
        expect_open(client)


quiet.add("F24 stopped and woken an hour later, a stream ends one way or the other", asleep, sends=1)

endings = Group("F ends", warm=False, weight=2)


def drain(world):
    """Ten streams of each dialect's: half end in time, half are ended after 30 s."""
    go = threading.Event()

    def script(turn):
        dialect = dialects.dialect_of_target(turn.target)
        frames = dialect.frames(("one",))
        turn.stream_head()
        for frame in frames[: dialect.n_head + 1]:
            turn.chunk(frame)
        go.wait(20)
        if b"long" in turn.body:
            return turn.link.hold()
        for frame in frames[dialect.n_head + 1 :]:
            turn.chunk(frame)
        turn.last_chunk()
        return True

    world.up.script = script
    plans = [(dialect, prompt) for dialect in ALL for prompt in ("short", "long")] * 2
    clients = []
    for dialect, prompt in plans:
        client = world.client(timeout=20)
        client.send(world.ask(dialect, stream=True, prompt=prompt))
        client.read_until(b"one")
        clients.append(client)
    idle = world.client()
    expect_open(idle)
    world.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    try:
        world.client(timeout=1).send(world.head("GET", "/v1/models"))
        answered = world.clients[-1].wait_end(1)
        expect(answered != "data" or world.clients[-1].buffer.startswith(b"HTTP/1.1 503"), "a new connection is served")
    except OSError:
        pass  # refused: that is the plain way
    if idle.wait_end(0.1) is None:
        idle.send(world.head("GET", "/v1/models"))
        answer = idle.read_answer()
        expect_error(answer, 503)
        expect(answer.get("connection") == "close", answer)
    go.set()
    for client, (dialect, prompt) in zip(clients, plans):
        if prompt == "short":
            answer = client.read_answer()
            expect(stream_verdict(dialect, answer) == "complete", prompt, answer)
    expect(world.is_alive(), "ended before its streams")
    world.advance(25)
    time.sleep(0.2)
    expect(world.is_alive(), "ended before the 30 s were over")
    world.advance(6)
    for client, (dialect, prompt) in zip(clients, plans):
        if prompt == "long":
            answer = client.read_answer()
            expect(stream_verdict(dialect, answer) == "cut", prompt, answer)
    code = world.process.wait(5)
    expect(code == 0, f"exit code {code}:", world.error_text()[-1000:])


endings.add("F22 SIGTERM lets streams end, and ends the rest after 30 s by their error event", with_world(drain))


def idle_end(world):
    with world.client() as client:
        expect_open(client)
        start = time.monotonic()
        world.process.send_signal(signal.SIGTERM)
        expect(world.process.wait(3) == 0, "exit code")
        expect(time.monotonic() - start < 1, f"took {time.monotonic() - start:.1f} s")
        expect(client.wait_end() in ("fin", "reset"), "the idle connection stays")


endings.add("F22 SIGTERM with nothing to do ends at once with 0", with_world(idle_end))


def hold_a_stream(world):
    def script(turn):
        turn.stream_head()
        for frame in CHAT.frames(("one",))[:2]:
            turn.chunk(frame)
        turn.link.hold()

    world.up.script = script
    client = world.client(timeout=20)
    client.send(world.ask(CHAT, stream=True))
    client.read_until(b"one")
    return client


def second_signal(world):
    client = hold_a_stream(world)
    world.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    world.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    world.advance(2)
    expect(stream_verdict(CHAT, client.read_answer()) == "cut")
    expect(world.process.wait(3) == 0, "exit code")


endings.add("F22 a second SIGTERM shortens the wait to a second", with_world(second_signal))


def interrupted(world):
    world.process.send_signal(signal.SIGINT)
    expect(world.process.wait(3) == 0, "exit code", world.process.returncode)


endings.add("F22 SIGINT ends like SIGTERM", with_world(interrupted))

reloads = Group("F reloads", calm=True)


def reload(world, text):
    world.write_config(text)
    mark = len(world.errors)
    world.process.send_signal(signal.SIGHUP)
    return mark


def names(world):
    answer = world.exchange(world.head("GET", "/v1/models"))
    expect(answer.status == 200, answer)
    return [model["id"] for model in json.loads(answer.body)["data"]]


def stream_across(world, change, after):
    """A stream that runs over a reload is whole at its end."""
    go = threading.Event()

    def script(turn):
        frames = CHAT.frames(("one",))
        turn.stream_head()
        for frame in frames[:2]:
            turn.chunk(frame)
        go.wait(10)
        for frame in frames[2:]:
            turn.chunk(frame)
        turn.last_chunk()
        return True

    world.up.script = script
    client = world.client()
    client.send(world.ask(CHAT, stream=True))
    client.read_until(b"one")
    try:
        change()
        after()
    finally:
        go.set()
    expect(stream_verdict(CHAT, client.read_answer()) == "complete")


def add_model(world):
    before = standard_config(world)
    extra = before.replace("{name: m-chat, alias: chat-1}", "{name: m-chat, alias: chat-1}, {name: m-new, alias: new-1}")
    stream_across(world, lambda: reload(world, extra), lambda: wait_for(lambda: "new-1" in names(world), what="the new model"))
    reload(world, before)
    wait_for(lambda: "new-1" not in names(world), what="the model to go")


reloads.add("F23 SIGHUP takes a new model while a stream runs", add_model, sends=1)


def remove_account(world):
    before = standard_config(world)
    without = re.sub(r"  - \{name: chat, .*\n", "", before)
    expect(without != before, "the harness: nothing removed")
    stream_across(world, lambda: reload(world, without), lambda: wait_for(lambda: "chat-1" not in names(world), what="the model to go"))
    expect_error(world.exchange(world.ask(CHAT)), 404)
    reload(world, before)
    wait_for(lambda: "chat-1" in names(world), what="the model to be back")


reloads.add("F23 an account removed under a stream lets it end", remove_account, sends=1)


def remove_key(world):
    before = standard_config(world)
    with world.client() as kept:
        kept.send(world.head("GET", "/v1/models", key=SECOND_KEY))
        expect(kept.read_answer().status == 200)
        reload(world, before.replace(f', "{SECOND_KEY}"', ""))

        def refused():
            kept.send(world.head("GET", "/v1/models", key=SECOND_KEY))
            return kept.read_answer().status == 401

        wait_for(refused, what="the key to be refused")
    expect(world.exchange(world.head("GET", "/v1/models", key=CLIENT_KEY)).status == 200)
    reload(world, before)
    wait_for(lambda: world.exchange(world.head("GET", "/v1/models", key=SECOND_KEY)).status == 200, what="the key to be back")


reloads.add("C14 a key removed by reload is refused at the next request", remove_key)


def bad_reload(text):
    def run(world):
        good = standard_config(world)
        mark = reload(world, text)
        wait_for(lambda: re.search(r"weir\.yaml:\d+", world.error_text()[mark:]), what="a message that names the line")
        answer = world.exchange(world.ask(CHAT))
        expect(answer.status == 200, "the running configuration is gone:", answer)
        reload(world, good)

    return run


for name, text in (
    ("broken YAML", 'host: "127.0.0.1"\napi-keys: [a, b\n  - c: {'),
    ("a wrong type", 'host: "127.0.0.1"\napi-keys: [sk-weir-wire-0123456789abcdef01234567]\nrequest-retry: many\n'),
    ("a key twice", 'host: "127.0.0.1"\nhost: "127.0.0.1"\napi-keys: [sk-weir-wire-0123456789abcdef01234567]\n'),
    ("an alias bomb", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
):
    reloads.add(f"F23 a reload with {name} keeps the running configuration and says the line", bad_reload(text), sends=1)


def missing_file(world):
    good = standard_config(world)
    os.unlink(world.config_path)
    world.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    expect(world.exchange(world.ask(CHAT)).status == 200)
    reload(world, good)


reloads.add("F23 a reload without a file keeps the running configuration", missing_file, sends=1)
