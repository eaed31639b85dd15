# SPDX-License-Identifier: GPL-3.0-or-later
"""C10 to C14: what a key may ask for, how much, how long, and what it says for its owner."""

import json
import re
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone

from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, ANTHROPIC, CHAT, CLIENT_KEY, GEMINI, RESPONSES, stream_verdict
from harness.suite import Group, expect, expect_error, wait_for, with_world


def key_of(name):
    return f"sk-weir-wire-{name}-0123456789abcdef"


def slugs(*patterns):
    return [p.format(d.slug) for d in ALL for p in patterns]


RIGHTS = {
    "some": {"allowed-models": slugs("{}-m", "{}-open*")},
    "most": {"excluded-models": ["secret*"]},
    "one-account": {"accounts": slugs("a-{}")},
    "gone": {"disabled": True},
    "rpm": {"requests-per-minute": 5},
    "tpm": {"tokens-per-minute": 100},
    "left": {"tokens-per-minute": 300},
    "rpd": {"requests-per-day": 4},
    "parallel": {"concurrent-requests": 10, "requests-per-minute": 20},
    "burst": {"requests-per-minute": 10},
    "prompt": {"system-prompt": "Answer as planted."},
    "restart": {"requests-per-minute": 3},
}


def rights_config(world, **more):
    """a and b serve X-m and X-open-1; a serves X-secret (upstream secret) and X-friendly,
    another name of it; c offers secret itself, also as team/secret."""

    def rows(dialect):
        slug = dialect.slug
        names = {f"{slug}-m": "m", f"{slug}-open-1": "open", f"{slug}-secret": "secret", f"{slug}-friendly": "secret"}
        both = {a: n for a, n in names.items() if n != "secret"}
        return [
            account(world, f"a-{slug}", names, dialect) | {"name": f"a-{slug}"},
            account(world, f"b-{slug}", both, dialect, world.up2) | {"name": f"b-{slug}"},
            account(world, f"c-{slug}", {f"secret-{slug}": "secret"}, dialect, prefix="team"),
        ]

    keys = [CLIENT_KEY] + [{"key": key_of(name), "name": name} | right for name, right in (RIGHTS | more).items()]
    world.secrets += [key["key"] for key in keys[1:]]
    return configuration(world, for_all(rows), **{"api-keys": keys})


def ask(world, name, dialect=CHAT, model=None, stream=False, **options):
    model = urllib.parse.quote(model, safe="()/") if model and dialect is GEMINI else model
    key = key_of(name) if name else CLIENT_KEY
    return world.exchange(world.ask(dialect, stream, model=model or f"{dialect.slug}-m", key=key, **options), timeout=20)


rights = Group("C rights", calm=True, warm=False, weight=2, config=rights_config)


def allowed(name, dialect, model):
    def run(world):
        answer = ask(world, name, dialect, model)
        expect(answer.status == 200, answer)

    return run


def refused(name, dialect, model, statuses=403):
    def run(world):
        expect_error(ask(world, name, dialect, model), statuses, dialect if model.isprintable() else None)

    return run


for dialect in ALL:
    slug = dialect.slug
    for name, good, bad in (
        ("some", ["{}-m", "{}-open-1", "{}-M", "{}-m(high)"], ["{}-secret", "{}-Secret", "{}-friendly", "{}-secret(high)", "secret-{}", "team/secret-{}"]),
        ("most", ["{}-m", "{}-open-1"], ["{}-secret", "{}-SECRET", "{}-friendly", "{}-friendly(low)", "secret-{}", "team/secret-{}", "TEAM/secret-{}"]),
    ):
        for model in good:
            model = model.format(slug)
            rights.add(f"C10 {dialect.name}: the key {name} may ask for {model}", allowed(name, dialect, model), sends=1)
        for model in bad:
            model = model.format(slug)
            rights.add(f"C10 {dialect.name}: the key {name} may not ask for {model}", refused(name, dialect, model))
        for model in ("{}-m ", " {}-m", "{}-secret ", "{}-\u0455ecret", "{}-m\t", "{}-m\u200b"):
            model = model.format(slug)
            rights.add(
                f"C10 {dialect.name}: the key {name} and the look-alike {ascii(model)}", refused(name, dialect, model, (400, 403, 404))
            )


def lists(target, name, seen, hidden):
    def run(world):
        answer = world.exchange(world.head("GET", target, key=key_of(name)))
        expect(answer.status == 200, answer)
        document = json.loads(answer.body)
        ids = {row["id"] if "id" in row else row["name"].removeprefix("models/") for row in document.get("data") or document["models"]}
        expect(set(seen) <= ids, "not listed:", set(seen) - ids)
        expect(not set(hidden) & ids, "listed:", set(hidden) & ids)

    return run


for target, dialect in (("/v1/models", CHAT), ("/v1beta/models?pageSize=1000", GEMINI)):
    slug = dialect.slug
    hidden = [f"{slug}-secret", f"{slug}-friendly", f"secret-{slug}", f"team/secret-{slug}"]
    for name in ("some", "most"):
        rights.add(f"C10 {target} lists to the key {name} what it may ask for", lists(target, name, [f"{slug}-m", f"{slug}-open-1"], hidden))


def own_account(dialect):
    def run(world):
        script = Script(world)
        for _ in range(4):
            expect(ask(world, "one-account", dialect).status == 200)
        script.faults[f"a-{dialect.slug}"] = status(429, Retry_After="60")
        expect_error(ask(world, "one-account", dialect), 429, dialect)
        expect_error(ask(world, "one-account", dialect), 429, dialect)
        expect(set(script.asked) == {f"a-{dialect.slug}"} and len(script.asked) == 5, script.asked)
        expect(ask(world, None, dialect).status == 200)
        expect_error(ask(world, "one-account", dialect, f"secret-{dialect.slug}"), (403, 404), dialect)

    return run


for dialect in ALL:
    rights.add(
        f"C10 {dialect.name}: models that no account of the key serves are not listed to it",
        lists("/v1/models?limit=1000", "one-account", [f"{dialect.slug}-friendly"], [f"secret-{dialect.slug}", f"team/secret-{dialect.slug}"]),
    )
    rights.add(f"C10 {dialect.name}: a key with accounts never gets to another one", own_account(dialect), sends=6)


@rights.case("C10 a disabled key is a wrong key")
def _(world):
    disabled = expect_error(ask(world, "gone"), 401)
    wrong = expect_error(ask(world, "never-was"), 401)
    expect(disabled["error"]["message"] == wrong["error"]["message"], disabled, wrong)


# -- limits


def seconds_of(answer):
    value = answer.get("retry-after", "")
    expect(re.fullmatch(r"\d+", value), "Retry-After:", repr(value), answer)
    return int(value)


def expect_limit(answer, dialect, limit, most):
    document = expect_error(answer, 429, dialect)
    expect(limit in json.dumps(document), "does not say the limit:", document)
    expect(1 <= seconds_of(answer) <= most, answer)


def pass_time(world, seconds):
    world.advance(seconds)
    time.sleep(0.05)


def per_minute(dialect):
    def run(world):
        for _ in range(5):
            expect(ask(world, "rpm", dialect).status == 200)
        for _ in range(8):
            expect_limit(ask(world, "rpm", dialect), dialect, "requests-per-minute", 61)
        expect(ask(world, None, dialect).status == 200, "another key suffers")
        wait = seconds_of(ask(world, "rpm", dialect))
        pass_time(world, wait - 2)
        expect_limit(ask(world, "rpm", dialect), dialect, "requests-per-minute", 3)
        pass_time(world, 2.5)
        for _ in range(5):
            expect(ask(world, "rpm", dialect).status == 200, "a refused call counted")

    return run


def tokens(dialect):
    def run(world):
        n = 0
        while (answer := ask(world, "tpm", dialect)).status == 200 and n < 20:
            n += 1
        expect_limit(answer, dialect, "tokens-per-minute", 61)
        expect(3 <= n <= 8, n, "requests of 12 tokens for 100")  # the estimate of one more is the bound
        pass_time(world, seconds_of(answer) + 1)
        expect(ask(world, "tpm", dialect).status == 200)

    return run


for dialect in ALL:
    rights.add(f"C11 {dialect.name}: requests-per-minute holds, refused calls do not count", per_minute(dialect), sends=11)
    rights.add(f"C11 {dialect.name}: tokens-per-minute holds", tokens(dialect), sends=(4, 9))


@rights.case("C11 requests-per-day holds for a day", sends=8)
def _(world):
    for _ in range(4):
        expect(ask(world, "rpd").status == 200)
    expect_limit(ask(world, "rpd"), CHAT, "requests-per-day", 86400 + 901)
    pass_time(world, 12 * 3600)
    answer = ask(world, "rpd")
    expect_limit(answer, CHAT, "requests-per-day", 43200 + 901)
    pass_time(world, seconds_of(answer) + 1)
    for _ in range(4):
        expect(ask(world, "rpd").status == 200)


def at_once(world, name, n, dialect=CHAT, stream=False):
    """@n requests side by side, all sent before one is answered by the upstream."""
    gate = threading.Event()

    def slow(turn):
        gate.wait(20)
        return turn.stream(dialect.frames()) if stream else turn.answer(200, dialect.unary())

    script = Script(world)
    script.faults = {f"{w}-{dialect.slug}": slow for w in "ab"}
    clients = [world.client(timeout=30) for _ in range(n)]
    for client in clients:
        client.send(world.ask(dialect, stream, model=f"{dialect.slug}-m", key=key_of(name)))
    wait_for(lambda: sum(client.has_news() for client in clients) >= n - 10, what="those that are refused")
    gate.set()
    return script, [client.read_answer() for client in clients]


@rights.case("C11 a hundred at once where ten may run: exactly ten go up, the others count nowhere", sends=20)
def _(world):
    script, answers = at_once(world, "parallel", 100)
    expect(len(script.asked) == 10, len(script.asked), "went upstream")
    good = [a for a in answers if a.status == 200]
    expect(len(good) == 10, len(good), "were served")
    for answer in answers:
        if answer.status != 200:
            expect_limit(answer, CHAT, "concurrent-requests", 60)
    script.faults.clear()
    for _ in range(10):
        expect(ask(world, "parallel").status == 200)
    expect_limit(ask(world, "parallel"), CHAT, "requests-per-minute", 61)


def burst(dialect, stream):
    def run(world):
        script, answers = at_once(world, "burst", 100, dialect, stream)
        expect(len(script.asked) == 10, len(script.asked), "went upstream")
        for answer in answers:
            if answer.status != 200:
                expect_limit(answer, dialect, "requests-per-minute", 61)

    return run


for dialect in ALL:
    rights.add(f"C11 {dialect.name}: a burst of a hundred with room for ten", burst(dialect, False), sends=10)
    rights.add(f"C11 {dialect.name}: a burst of a hundred streams with room for ten", burst(dialect, True), sends=10)


@rights.case("C11 a request that reaches nobody does not count", sends=5)
def _(world):
    for _ in range(9):
        expect_error(ask(world, "rpm", model="no-such-model"), 404)
        expect_error(world.exchange(world.post("/v1/chat/completions", b"{", key=key_of("rpm"))), 400)
    for _ in range(5):
        expect(ask(world, "rpm").status == 200)


@rights.case("C11 who leaves makes room for others at once", sends=20, attempts=False)
def _(world):
    def endless(turn):
        turn.stream_head()
        turn.chunk(CHAT.frames()[0] + CHAT.frames()[1])
        turn.link.hold()

    script = Script(world, **{"a-chat": endless, "b-chat": endless})
    data = world.ask(CHAT, True, model="chat-m", key=key_of("parallel"))
    clients = [world.client() for _ in range(10)]
    for client in clients:
        client.send(data)
    for client in clients:
        client.read_until(b"Hel")
    expect_limit(ask(world, "parallel"), CHAT, "concurrent-requests", 60)
    for client in clients:
        client.reset()
    script.faults.clear()
    wait_for(lambda: ask(world, "parallel").status == 200, what="room")
    for _ in range(9):
        expect(ask(world, "parallel").status == 200)


def leaves(dialect):
    """Leaving before the usage is told is no way around the limit."""

    def run(world):
        def endless(turn):
            turn.stream_head()
            for frame in dialect.frames()[: dialect.n_head + 1]:
                turn.chunk(frame)
            turn.link.hold()

        Script(world, **{f"{w}-{dialect.slug}": endless for w in "ab"})
        for _ in range(40):
            with world.client() as client:
                client.send(world.ask(dialect, True, model=f"{dialect.slug}-m", key=key_of("left")))
                wait_for(client.has_news, what="an answer")
                client.read_until(b"\r\n\r\n")
                if b"429" in client.buffer[:20]:
                    return
        raise AssertionError("forty streams that were left cost nothing")

    return run


for dialect in ALL:
    rights.add(f"C12 {dialect.name}: a client that leaves before the usage has used its tokens", leaves(dialect), sends=(3, 39), attempts=False)


def relimited(world):
    """A reload forgets nothing of what was used; another limit counts at once."""
    for _ in range(3):
        expect(ask(world, "restart").status == 200)
    for most, more in ((3, 0), (5, 2), (2, 0)):
        document = json.loads(rights_config(world, restart={"requests-per-minute": most}))
        mark = len(world.errors)
        world.write_config(json.dumps(document | {"request-retry": most}))
        wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")
        for _ in range(more):
            expect(ask(world, "restart").status == 200)
        expect_limit(ask(world, "restart"), CHAT, "requests-per-minute", 61)


def restart(world):
    for _ in range(3):
        expect(ask(world, "restart").status == 200)
    expect_limit(ask(world, "restart"), CHAT, "requests-per-minute", 61)
    world.advance(-3600)
    time.sleep(0.05)
    expect_error(ask(world, "restart"), 429)
    world.advance(3600)
    code = world.stop()
    expect(code == 0, "exit code", code, world.error_text()[-600:])
    world._start(0, 4096)
    expect_limit(ask(world, "restart"), CHAT, "requests-per-minute", 61)
    pass_time(world, 62)
    for _ in range(3):
        expect(ask(world, "restart").status == 200)
    expect_error(ask(world, "restart"), 429)


alone = Group("C rights alone", warm=False)
alone.add("C13 a limit outlives a reload, and another one counts at once", with_world(relimited, config=rights_config))
alone.add("C13 a limit outlives a clock that goes back, and a restart", with_world(restart, config=rights_config))


def soon(world):
    """One that ends in an hour, and a day that is over tomorrow."""
    now = datetime.now(timezone.utc)
    hour = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    day = (now + timedelta(days=1)).strftime("%Y-%m-%d")
    return rights_config(world, hour={"expires": hour}, day={"expires": day}, past={"expires": "2020-01-01"})


def expires(world):
    for dialect in ALL:
        document = expect_error(ask(world, "past", dialect), 401, dialect)
        expect("expired" in json.dumps(document), document)
    pass_time(world, 3590)
    with world.client() as client:
        data = world.ask(CHAT, model="chat-m", key=key_of("hour"))
        client.send(data)
        expect(client.read_answer().status == 200)
        pass_time(world, 20)
        client.send(data)
        expect_error(client.read_answer(), 401)
    expect(ask(world, "day").status == 200)
    pass_time(world, 2 * 86400)
    expect_error(ask(world, "day"), 401)


alone.add("C10 a key ends when it expires, on an open connection too", with_world(expires, config=soon))


def removed(world):
    with world.client(timeout=20) as client:
        gate = threading.Event()

        def slow(turn):
            turn.stream_head()
            for frame in CHAT.frames()[:2]:
                turn.chunk(frame)
            gate.wait(20)
            for frame in CHAT.frames()[2:]:
                turn.chunk(frame)
            turn.last_chunk()
            return True

        Script(world, **{"a-chat": slow, "b-chat": slow})
        data = world.ask(CHAT, True, model="chat-m", key=key_of("most"))
        client.send(data)
        client.read_until(b"Hel")
        document = json.loads(rights_config(world))
        document["api-keys"] = [k for k in document["api-keys"] if not isinstance(k, dict) or k["name"] != "most"]
        mark = len(world.errors)
        world.write_config(json.dumps(document))
        wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")
        expect_error(ask(world, "most"), 401)
        gate.set()
        expect(stream_verdict(CHAT, client.read_answer()) == "complete")
        client.send(data)
        expect_error(client.read_answer(), 401)


alone.add("C14 a key that a reload removes: its stream ends well, its next request is 401", with_world(removed, config=rights_config))


# -- the system prompt


def prompt_in(dialect, body):
    """Everything that instructs the model, in order."""
    if dialect is CHAT:
        return [m["content"] for m in body["messages"] if m["role"] in ("system", "developer")]
    if dialect is RESPONSES:
        return [body["instructions"]] if isinstance(body["instructions"], str) else body["instructions"]
    if dialect is ANTHROPIC:
        return [body["system"]] if isinstance(body["system"], str) else [b["text"] for b in body["system"]]
    return [part["text"] for part in body["systemInstruction"]["parts"]]


def with_own(dialect, text):
    if dialect is CHAT:
        return {"messages": [{"role": "system", "content": text}, {"role": "user", "content": "hello"}]}
    if dialect is RESPONSES:
        return {"instructions": text}
    if dialect is ANTHROPIC:
        return {"system": text}
    return {"systemInstruction": {"parts": [{"text": text}]}}


def prompted(dialect, stream, own):
    def run(world):
        more = with_own(dialect, "The client's own.") if own else {}
        answer = ask(world, "prompt", dialect, stream=stream, more=more)
        expect(answer.status == 200, answer)
        turn = (world.up.turns + world.up2.turns)[0]
        texts = prompt_in(dialect, json.loads(turn.body))
        expect(texts[0].startswith("Answer as planted."), texts)
        whole = "".join(texts)
        expect(whole.count("Answer as planted.") == 1 and whole.count("The client's own.") == own, texts)

    return run


for dialect in ALL:
    for stream in (False, True):
        for own in (False, True):
            how = ("stream" if stream else "unary") + (" before the client's own" if own else "")
            rights.add(f"C10 {dialect.name} {how}: a key's system prompt goes up", prompted(dialect, stream, own), sends=1)
