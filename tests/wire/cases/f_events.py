# SPDX-License-Identifier: GPL-3.0-or-later
"""F: the same events, however they are cut, spelt and ended, are the same answer."""

import json
import time

from harness import dialects
from harness.dialects import ALL, CHAT, read_sse, sse, stream_verdict
from harness.suite import Group, expect, wait_for

TEXTS = ("na\u00efve \u2603 ", "\U0001f600\u00e9", " end")


def without_model(data):
    """A document's meaning apart from the name the client may be shown instead."""
    if data == "[DONE]":
        return data

    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items() if k not in ("model", "modelVersion")}
        return [walk(v) for v in value] if isinstance(value, list) else value

    return walk(json.loads(data))


def events_of(body):
    return [(event, without_model(data)) for event, data in read_sse(body)]


def send_in(turn, pieces, gap=0.0005):
    turn.stream_head()
    for piece in pieces:
        turn.chunk(piece)
        if gap:
            time.sleep(gap)
    turn.last_chunk()
    return True


def split_everywhere(dialect, step):
    """Two chunks, the border at each offset; the client's body is the same every time."""

    def run(world):
        whole = b"".join(dialect.frames(TEXTS))
        interesting = {n for n in range(len(whole)) if whole[n] >= 0x80 or whole[n] in b"\n\r"}
        offsets = sorted({n for n in range(1, len(whole)) if n % step == 0} | interesting | {n + 1 for n in interesting})
        current = []
        world.up.script = lambda turn: send_in(turn, [p for p in (whole[: current[0]], whole[current[0] :]) if p], 0.0008)
        wanted = None
        with world.client() as client:
            for offset in [len(whole), *offsets]:
                current[:] = [offset]
                client.send(world.ask(dialect, stream=True))
                answer = client.read_answer()
                expect(stream_verdict(dialect, answer) == "complete", f"split at {offset}:", answer)
                if wanted is None:
                    wanted = answer.body
                    expect(events_of(wanted) == events_of(whole), wanted)
                expect(answer.body == wanted, f"split at {offset}:", answer.body, "is not", wanted)

    return run


def split_count(dialect, step):
    whole = b"".join(dialect.frames(TEXTS))
    interesting = {n for n in range(len(whole)) if whole[n] >= 0x80 or whole[n] in b"\n\r"}
    return 1 + len({n for n in range(1, len(whole)) if n % step == 0} | interesting | {n + 1 for n in interesting})


for dialect in ALL:
    splits = Group(f"F splits of {dialect.name}", weight=4)
    splits.add(
        f"F06 {dialect.name}: split at every seventh offset and round every special byte",
        split_everywhere(dialect, 7),
        sends=split_count(dialect, 7),
    )
    splits.add(f"F06 {dialect.name}: split at every offset", split_everywhere(dialect, 1), sends=split_count(dialect, 1), long_only=True)

events = Group("F events", calm=True, weight=2)


def one_byte_chunks(dialect):
    def run(world):
        whole = b"".join(dialect.frames(TEXTS))
        world.up.script = lambda turn: send_in(turn, [whole[n : n + 1] for n in range(len(whole))], 0)
        answer = world.exchange(world.ask(dialect, stream=True))
        expect(stream_verdict(dialect, answer) == "complete", answer)
        expect(events_of(answer.body) == events_of(whole), answer.body)
        expect(b"\xef\xbf\xbd" not in answer.body, "U+FFFD")

    return run


def spelt(dialect, respell):
    def run(world):
        whole = b"".join(dialect.frames(TEXTS))
        respelt = respell(whole)
        world.up.script = lambda turn: send_in(turn, [respelt[n : n + 50] for n in range(0, len(respelt), 50)], 0)
        answer = world.exchange(world.ask(dialect, stream=True))
        verdict = stream_verdict(dialect, answer)
        expect(verdict == "complete", verdict, answer)
        expect(events_of(answer.body) == events_of(whole), answer.body)

    return run


def many_data_lines(whole):
    """Each document over several data lines."""
    return whole.replace(b"data: {", b"data: {\ndata: ").replace(b'],"', b'],\ndata:"')


SPELLINGS = {
    "CRLF": lambda w: w.replace(b"\n", b"\r\n"),
    "CR": lambda w: w.replace(b"\n", b"\r"),
    "a byte order mark": lambda w: b"\xef\xbb\xbf" + w,
    "comments": lambda w: b": hello\n\n" + w.replace(b"\n\n", b"\n\n:\n: ping\n\n"),
    "no space behind data:": lambda w: w.replace(b"data: ", b"data:"),
    "data over several lines": many_data_lines,
    "id and retry": lambda w: w.replace(b"data: {", b"id: 7\nretry: 10\ndata: {"),
    "unknown fields": lambda w: w.replace(b"data: {", b"planted: 1\nother\ndata: {"),
    "empty lines between": lambda w: w.replace(b"\n\n", b"\n\n\n\n"),
}
for dialect in ALL:
    events.add(f"F06 {dialect.name}: chunks of one byte", one_byte_chunks(dialect), sends=1)
    for name, respell in SPELLINGS.items():
        events.add(f"F07 {dialect.name}: {name}", spelt(dialect, respell), sends=1)


def exact(dialect, frames, verdicts=("complete",), ends=True):
    """Frames pass as they are, in the same dialect, up to the terminal event."""

    def run(world):
        world.up.script = lambda turn: turn.stream(frames)
        answer = world.exchange(world.ask(dialect, stream=True))
        verdict = stream_verdict(dialect, answer)
        expect(verdict in verdicts, verdict, answer)
        if ends:
            expect(events_of(answer.body) == events_of(b"".join(frames)), answer.body)

    return run


def behind_the_end(dialect):
    """What follows the terminal event is ignored, and that connection not used again."""

    def run(world):
        frames = dialect.frames(("one",))
        first_links = []

        def script(turn):
            first_links.append(turn.link)
            if len(first_links) > 1:
                return dialects.answer_well(turn)
            turn.stream_head()
            for frame in frames:
                turn.chunk(frame)
            turn.chunk(dialect.text_frame("planted afterwards"))
            turn.last_chunk()
            return True

        world.up.script = script
        with world.client() as client:
            for number in range(2):
                client.send(world.ask(dialect, stream=True))
                answer = client.read_answer()
                expect(stream_verdict(dialect, answer) == "complete", number, answer)
                expect(b"planted afterwards" not in answer.body, answer.body)
        expect(first_links[0] is not first_links[1], "the connection was used again")

    return run


def other_frames(dialect):
    frames = dialect.frames(("one", "two"))
    unknown = {
        "chat": sse({"id": "c", "object": "planted.unknown", "choices": []}),
        "responses": sse({"type": "response.planted.unknown", "sequence_number": 3}, "response.planted.unknown"),
        "anthropic": sse({"type": "planted_unknown"}, "planted_unknown"),
        "gemini": sse({"plantedUnknown": {}}),
    }[dialect.name]
    return [*frames[: dialect.n_head], unknown, *frames[dialect.n_head :]]


for dialect in ALL:
    if dialect is not dialects.GEMINI:  # there the last chunk is the terminal one, whichever it is
        events.add(f"F11 {dialect.name}: data behind the terminal event", behind_the_end(dialect), sends=2)
    doubled = [*dialect.frames(("one",)), dialect.frames(("one",))[-1]]
    events.add(f"F12 {dialect.name}: the terminal event twice", exact(dialect, doubled, ends=False), sends=1)
    events.add(f"F12 {dialect.name}: an unknown event", exact(dialect, other_frames(dialect), ends=False), sends=1)
    events.add(
        f"F12 {dialect.name}: a terminal event before any content",
        exact(dialect, [dialect.frames()[-1]], ("complete", "cut", "refused"), ends=False),
        sends=(1, 3),
    )
    events.add(f"F06 {dialect.name}: a good stream passes event for event", exact(dialect, dialect.frames(TEXTS)), sends=1)


def tool_calls(world):
    """Two interleaved calls whose arguments come byte by byte and are no JSON at the end."""
    arguments = ('{"path": "a\\u00e9", "n": 1e400, "open": [', "not JSON {{{")
    frames = [CHAT.piece({"role": "assistant", "content": None})]
    for index in (0, 1):
        call = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": f"tool{index}", "arguments": ""}}
        frames.append(CHAT.piece({"tool_calls": [call]}))
    for n in range(max(map(len, arguments))):
        for index in (0, 1):
            if n < len(arguments[index]):
                frames.append(CHAT.piece({"tool_calls": [{"index": index, "function": {"arguments": arguments[index][n]}}]}))
    frames += [CHAT.piece({}, "tool_calls"), sse("[DONE]")]
    world.up.script = lambda turn: turn.stream(frames)
    answer = world.exchange(world.ask(CHAT, stream=True))
    expect(stream_verdict(CHAT, answer) == "complete", answer)
    got = {0: "", 1: ""}
    for _, data in read_sse(answer.body):
        for choice in json.loads(data)["choices"] if data != "[DONE]" else []:
            for call in choice["delta"].get("tool_calls", []):
                got[call["index"]] += call["function"]["arguments"]
    expect((got[0], got[1]) == arguments, got)


events.add("F14 arguments of interleaved tool calls are byte-exact", tool_calls, sends=1)


def usage(dialect, edit, wanted):
    """The log's tokens: what the upstream said last, or unknown; never invented."""

    def run(world):
        frames = edit(dialect.frames(("one",)))
        world.up.script = lambda turn: turn.stream(frames)
        mark = len(world.errors)
        world.exchange(world.ask(dialect, stream=True))
        row = wait_for(lambda: world.rows(mark), what="a log row")[-1]
        names = ("tokens_in", "tokens_out")
        expect(any(name in row for name in names) or wanted == (None, None), "no tokens in", row)
        got = tuple(row.get(name) for name in names)
        expect(got == wanted, got, "is not", wanted)

    return run


def without_usage(frames):
    kept = []
    for frame in frames:
        (event, data), = read_sse(frame)
        document = data if data == "[DONE]" else json.loads(data)
        if document != "[DONE]":
            document.pop("usage", None)
            document.pop("usageMetadata", None)
            for part in ("message", "response"):
                if isinstance(document.get(part), dict):
                    document[part].pop("usage", None)
        if document != "[DONE]" and document.get("choices") == []:
            continue
        kept.append(sse(document, event))
    return kept


for dialect in ALL:
    events.add(f"F21 {dialect.name}: usage in the last event is the log's", usage(dialect, lambda f: f, (7, 5)), sends=1)
    events.add(f"F21 {dialect.name}: no usage is unknown", usage(dialect, without_usage, (None, None)), sends=1)

size = Group("F sizes", calm=True, weight=4)


def large_event(dialect, length, verdicts):
    def run(world):
        frames = dialect.frames(("x" * length,)) if dialect is not dialects.RESPONSES else None
        if frames is None:
            frames = dialect.frames(("one",))
            frames.insert(dialect.n_head, dialect.text_frame("x" * length))
        world.up.script = lambda turn: turn.stream(frames)
        answer = world.exchange(world.ask(dialect, stream=True), timeout=40)
        verdict = stream_verdict(dialect, answer)
        expect(verdict in verdicts, verdict, answer.status, answer.ending, answer.body[-300:])

    return run


for dialect in ALL:
    size.add(f"F09 {dialect.name}: an event of 8 MB passes", large_event(dialect, 8_000_000, ("complete",)), sends=1)
    size.add(f"F09 {dialect.name}: an event of 40 MB is cut", large_event(dialect, 40_000_000, ("cut", "refused")), sends=(1, 3))


def endless_line(world):
    def script(turn):
        turn.stream_head()
        for frame in CHAT.frames()[:2]:
            turn.chunk(frame)
        turn.chunk(b"data: ")
        piece = b"x" * 65536
        for _ in range(4000):
            head = b"%x\r\n" % len(piece)
            if not turn.send(head + piece + b"\r\n"):
                break
        return False

    world.up.script = script
    answer = world.exchange(world.ask(CHAT, stream=True), timeout=40)
    expect(stream_verdict(CHAT, answer) == "cut", answer.status, answer.ending, answer.body[-300:])
    expect(world.sanitized or world.memory_kib("VmHWM") < 200_000, "memory peak", world.memory_kib("VmHWM"), "KiB")


size.add("F09 an endless line is cut", endless_line, sends=1)


def hundred_thousand(dialect):
    def run(world):
        count = 100_000

        def script(turn):
            frames = dialect.frames(("first",))
            turn.stream_head()
            for frame in frames[: dialect.n_head]:
                turn.chunk(frame)
            for start in range(0, count, 500):
                data = b"".join(dialect.text_frame(f"<{n}>") for n in range(start, start + 500))
                turn.chunk(data)
            for frame in frames[-dialect.n_tail :]:
                turn.chunk(frame)
            turn.last_chunk()
            return True

        world.up.script = script
        answer = world.exchange(world.ask(dialect, stream=True), timeout=60)
        expect(stream_verdict(dialect, answer) == "complete", answer.status, answer.ending, answer.body[-300:])
        text = dialect.text_in(read_sse(answer.body))
        expect(text == "".join(f"<{n}>" for n in range(count)), "lost or out of order:", len(text))

    return run


size.add("F10 a hundred thousand events at full speed, in order", hundred_thousand(CHAT), sends=1)
size.add("F10 a hundred thousand Messages events at full speed, in order", hundred_thousand(dialects.ANTHROPIC), sends=1)
