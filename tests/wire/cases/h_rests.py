# SPDX-License-Identifier: GPL-3.0-or-later
"""H: who rests after which answer, for how long, what the client is told when nobody is
left, and what the user's settings of retries make of it."""

import json
import re
import threading
import time

from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, CHAT, RESPONSES, read_sse
from harness.suite import Group, expect, expect_error, wait_for


def ask(world, dialect=CHAT, model=None, stream=False, **options):
    return world.exchange(world.ask(dialect, stream, model=model or f"{dialect.slug}-m", **options), timeout=20)


def served(world, *args, **options):
    answer = ask(world, *args, **options)
    expect(answer.status == 200, answer)
    return answer


def pass_time(world, seconds):
    world.advance(seconds)
    time.sleep(0.05)


def seconds_of(answer):
    value = answer.get("retry-after", "")
    expect(re.fullmatch(r"\d+", value), "Retry-After:", repr(value), answer)
    return int(value)


def two_each(world, **settings):
    """Per dialect: a and b serve X-m and X-n; five serve X-five; only serves X-only."""

    def rows(dialect):
        slug = dialect.slug
        pair = {f"{slug}-m": "m", f"{slug}-n": "n"}
        return [
            account(world, f"a-{slug}", pair, dialect),
            account(world, f"b-{slug}", pair, dialect, world.up2),
            *[account(world, f"{i}-{slug}", {f"{slug}-five": "five"}, dialect) for i in range(5)],
            account(world, f"only-{slug}", {f"{slug}-only": "only"}, dialect),
            account(world, f"dead-{slug}", {f"{slug}-dead": "dead"}, dialect, world.dead_port),
        ]

    return configuration(world, for_all(rows), **settings)


rests = Group("H rests", calm=True, warm=False, weight=2, config=two_each)


def rest_lasts(dialect, fault, seconds, whole_account):
    """a fails once; it is left alone for about @seconds, and its other model too where the
    @whole_account rests."""

    def run(world):
        a = f"a-{dialect.slug}"
        script = Script(world)
        script.faults[a] = fault
        while a not in script.asked:
            served(world, dialect)
        expect(script.asked[-1] == f"b-{dialect.slug}", script.asked)
        script.faults.clear()
        script.asked.clear()
        for _ in range(4):
            served(world, dialect)
        expect(a not in script.asked, "a resting account was asked:", script.asked)
        pass_time(world, 2.5)  # that long a whole host comes last behind an overload
        for _ in range(4):
            served(world, dialect, f"{dialect.slug}-n")
        expect((a in script.asked) != whole_account, "asked for the other model:", script.asked)
        script.asked.clear()
        pass_time(world, seconds * 0.8 - 2.5)
        served(world, dialect)
        served(world, dialect)
        expect(a not in script.asked, "asked too early:", script.asked)
        pass_time(world, seconds * 0.2 + 3.5)
        for _ in range(4):
            served(world, dialect)
        expect(a in script.asked, "not asked again:", script.asked)

    return run


for dialect in ALL:
    for name, fault, seconds, whole_account in (
        ("429 with Retry-After 90", status(429, Retry_After="90"), 90, False),
        ("500", status(500), 60, False),
        ("502", status(502), 60, False),
        ("503", status(503), 5, False),
        ("503 with Retry-After 40", status(503, Retry_After="40"), 40, False),
        ("401", status(401), 900, True),
        ("402", status(402), 900, False),
        ("403", status(403), 900, False),
        ("404 of the model", status(404, "no such model"), 900, False),
    ):
        who = "the account" if whole_account else "the model"
        rests.add(f"H02 {dialect.name}: after {name} {who} rests {seconds} s", rest_lasts(dialect, fault, seconds, whole_account), sends=None)


def all_rest(dialect, stream):
    def run(world):
        script = Script(world, **{f"{who}-{dialect.slug}": status(429, Retry_After=said) for who, said in (("a", "200"), ("b", "77"))})
        answer = ask(world, dialect, stream=stream)
        expect_error(answer, 429, dialect)
        expect(76 <= seconds_of(answer) <= 77, answer)
        expect(len(script.asked) == 2, script.asked)
        pass_time(world, 30)
        answer = ask(world, dialect, stream=stream)
        document = expect_error(answer, 429, dialect)
        expect(45 <= seconds_of(answer) <= 47, answer)
        expect(f"{dialect.slug}-m" in json.dumps(document), "does not name the model:", document)
        expect(len(script.asked) == 2, "a resting account was asked:", script.asked)
        pass_time(world, 48)
        script.faults.clear()
        served(world, dialect, stream=stream)
        expect(script.asked[2:] == [f"b-{dialect.slug}"], script.asked)

    return run


for dialect in ALL:
    for stream in (False, True):
        kind = "stream" if stream else "unary"
        rests.add(f"H07 {dialect.name} {kind}: when all rest Retry-After tells when the first is back", all_rest(dialect, stream), sends=3)


def five_fail(dialect, code, most, answered):
    def run(world):
        names = [f"{i}-{dialect.slug}" for i in range(5)]
        script = Script(world, **{name: status(code, f"planted {code}") for name in names})
        answer = ask(world, dialect, f"{dialect.slug}-five")
        document = expect_error(answer, answered, dialect)
        expect(len(script.asked) == most and len(set(script.asked)) == most, script.asked)
        text = json.dumps(document)
        expect(text.count(f"planted {code}") == most, "not each account's reason:", text)

    return run


for dialect in ALL:
    for code, most, answered in ((429, 5, 429), (500, 2, (500, 502)), (503, 3, 503), (401, 3, 401), (403, 3, 403)):
        rests.add(
            f"H07 {dialect.name}: {code} of five accounts is told after {most} with their reasons", five_fail(dialect, code, most, answered), sends=most
        )


def no_connection(dialect):
    def run(world):
        began = time.monotonic()
        answer = ask(world, dialect, f"{dialect.slug}-dead")
        expect_error(answer, (502, 503), dialect)
        expect(time.monotonic() - began < 5, "it took", time.monotonic() - began)
        expect(f"{dialect.slug}-dead".encode() in answer.body, "does not name the model:", answer)

    return run


def only_one(dialect, fault, speaks):
    """The other models' accounts are fine, and none of them is asked instead."""

    def run(world):
        name, model = f"only-{dialect.slug}", f"{dialect.slug}-only"
        script = Script(world, **{name: fault})
        expect_error(ask(world, dialect, model), (429, 500, 502, 503), dialect)
        expect(speaks or model.encode() in ask(world, dialect, model).body, "does not name the model")
        expect(set(script.asked) == {name}, script.asked)

    return run


for dialect in ALL:
    rests.add(f"H15 {dialect.name}: a model whose only account is not there is named", no_connection(dialect))
    for name, fault, speaks in (
        ("429", status(429, Retry_After="60"), False),
        ("503", status(503, Retry_After="60"), False),
        ("a reset", lambda turn: turn.rst(), True),
        ("500", status(500), True),
    ):
        rests.add(
            f"H15 {dialect.name}: {name} of a model's only account leads to no other model", only_one(dialect, fault, speaks), sends=(1, 2)
        )


def stateful(fault, sends):
    def run(world):
        script = Script(world, **{"a-codex": fault, "b-codex": fault})
        body = json.dumps({"model": "codex-m", "input": "hello"})
        answer = world.exchange(world.post("/v1/responses", body))
        expect(answer.status >= 400, answer)
        expect(len(script.asked) == sends, script.asked)

    return run


for name, fault, sends in (
    ("500", status(500), 1),
    ("silence and a reset", lambda turn: turn.rst(), 1),
    ("429", status(429), 2),
    ("503", status(503), 2),
):
    where = "not sent elsewhere" if sends == 1 else "sent elsewhere: nothing was done"
    rests.add(f"H05 a response that is stored is, after {name}, {where}", stateful(fault, sends), sends=sends)


def wild_rest(value):
    def run(world):
        script = Script(world, **{"only-chat": status(429, Retry_After=value)})
        expect_error(ask(world, model="chat-only"), 429)
        script.faults.clear()
        pass_time(world, 14 * 60)
        answer = ask(world, model="chat-only")
        expect_error(answer, 429)
        expect(seconds_of(answer) <= 61, answer)
        pass_time(world, 62)
        for _ in range(3):
            served(world, model="chat-only")

    return run


for value in ("86400", "31536000", "999999999999999999", "Wed, 21 Oct 2099 07:28:00 GMT"):
    rests.add(f"H10 Retry-After {value}: asked again after 15 minutes", wild_rest(value), sends=4)


@rests.case("H11 a success ends what is left of a rest that nobody stated", sends=None)
def _(world):
    script = Script(world, **{"only-chat": status(503)})
    expect_error(ask(world, model="chat-only"), 503)
    script.faults.clear()
    for _ in range(5):
        served(world, model="chat-only")
    expect(len(script.asked) == 6, script.asked)


@rests.case("H19 an Idempotency-Key goes through, and is the same for the next account", sends=2)
def _(world):
    script = Script(world)
    script.faults["a-chat"] = script.faults["b-chat"] = lambda turn: len(script.asked) == 2 and CHAT and turn.answer(200, CHAT.unary())
    answer = ask(world, fields=[("Idempotency-Key", "planted-once-7")])
    expect(answer.status == 200, answer)
    keys = [turn.get("idempotency-key") for turn in world.up.turns + world.up2.turns]
    expect(keys == ["planted-once-7"] * 2, keys)


def thundering(world):
    """Forty wait for one account; when its rest ends one asks, then more and more."""
    lock = threading.Lock()
    now, peaks, answers = [0], [], []
    script = Script(world, **{"only-chat": status(429, Retry_After="20")})

    def slow(turn):
        with lock:
            now[0] += 1
            peaks.append(now[0])
        time.sleep(0.1)
        with lock:
            now[0] -= 1
        return turn.answer(200, CHAT.unary())

    data = world.ask(CHAT, model="chat-only")

    def wait(client):
        answers.append(client.read_answer(timeout=30).status)

    clients = [world.client() for _ in range(40)]
    threads = [threading.Thread(target=wait, args=(client,)) for client in clients]
    for client, thread in zip(clients, threads):
        client.send(data)
        thread.start()
        if not script.asked:
            wait_for(lambda: script.asked, what="the first of them")
            time.sleep(0.3)  # until its answer is known
    time.sleep(0.5)
    expect(len(script.asked) == 1 and not answers, "asked while it rests:", script.asked, answers)
    script.faults["only-chat"] = slow
    world.advance(20)
    for thread in threads:
        thread.join()
    expect(answers == [200] * 40, "answers:", answers)
    expect(peaks[:2] == [1, 1] and max(peaks[:7]) <= 4, "no ramp:", peaks)


def patient(world):
    return two_each(world, **{"request-retry": 3, "max-retry-interval": 30})


waiting = Group("H waits", calm=True, warm=False, config=patient)
waiting.add("H20 forty that wait for one account are let through one, two, four at a time", thundering, sends=(41, 45))


def flapping(world):
    """a is bad every other 100 ms; who is asked then is answered by b, once."""
    began = time.monotonic()
    script = Script(world)
    answers = []

    def flap(turn):
        bad = int((time.monotonic() - began) * 10) % 2
        return turn.answer(500, CHAT.error_body()) if bad else turn.answer(200, CHAT.unary())

    script.faults["a-chat"] = flap

    def work():
        with world.client(timeout=30) as client:
            for _ in range(125):
                client.send(world.ask(CHAT, model="chat-m"))
                answers.append(client.read_answer().status)
            time.sleep(0.05)
            expect(not client.has_news(), "answered twice")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.1)
        world.advance(30)
    expect(len(answers) == 1000, len(answers), "answers")
    expect(len(script.asked) <= 1100 + 12, len(script.asked), "attempts")
    expect(answers.count(200) >= 900, answers.count(200), "of 1000 were served")


rests.add("H08 a thousand requests while an account flaps: each one answer, at most 1.1 attempts", flapping, sends=None)


# -- the user's settings


def settings(name, text, function, sends, **values):
    group = Group(f"H setting {text}", calm=True, warm=False, config=lambda world: two_each(world, **values))
    group.add(name, function, sends=sends)


def rounds(sends, stream=False):
    def run(world):
        script = Script(world, **{"only-chat": status(500)})
        with world.client(timeout=20) as client:
            client.send(world.ask(CHAT, stream, model="chat-only"))
            while not client.has_news():
                world.advance(1)
                time.sleep(0.03)
            expect_error(client.read_answer(), (500, 502))
        expect(len(script.asked) == sends, script.asked)

    return run


for n, sends in ((0, 1), (1, 2)):
    settings("a bad account is asked in as many rounds", f"request-retry {n}", rounds(sends), sends, **{"request-retry": n, "max-retry-interval": 60})


def interval(world, waits):
    script = Script(world, **{"only-chat": status(429, Retry_After="8")})
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT, model="chat-only"))
        wait_for(lambda: script.asked, what="the first request")
        time.sleep(0.3)
        script.faults.clear()
        expect(client.has_news() != waits, "waits:", not client.has_news())
        world.advance(9)
        answer = client.read_answer()
        expect(answer.status == (200 if waits else 429), answer)
        expect(waits or 7 <= seconds_of(answer) <= 8, answer)


settings("a rest that is longer is told", "max-retry-interval 5", lambda world: interval(world, False), 1, **{"request-retry": 2, "max-retry-interval": 5})
settings("a rest that is shorter is waited for", "max-retry-interval 10", lambda world: interval(world, True), 2, **{"request-retry": 2, "max-retry-interval": 10})


def credentials(world):
    script = Script(world, **{f"{i}-chat": status(429) for i in range(5)})
    expect_error(ask(world, model="chat-five"), 429)
    expect(len(set(script.asked)) == 2, script.asked)


settings("a round asks no more", "max-retry-credentials 2", credentials, 2, **{"max-retry-credentials": 2})


def bootstrap(stream, sends):
    def run(world):
        def broken(turn):
            if len(script.asked) > 1:
                return turn.stream(CHAT.frames()) if stream else turn.answer(200, CHAT.unary())
            return False

        script = Script(world, **{"only-chat": broken})
        world.up.drop_links()
        time.sleep(0.03)
        answer = ask(world, model="chat-only", stream=stream)
        expect(len(script.asked) == sends, script.asked)
        if sends == 2:
            expect(answer.status == 200 and CHAT.complete(read_sse(answer.body)), answer)
        else:
            expect_error(answer, (502, 503))

    return run


settings("a stream that broke at once is begun anew", "bootstrap-retries 1", bootstrap(True, 2), 2, streaming={"bootstrap-retries": 1})
settings("a whole answer is not", "bootstrap-retries 1, unary", bootstrap(False, 1), 1, streaming={"bootstrap-retries": 1})
settings("none where there are none", "bootstrap-retries 0", bootstrap(True, 1), 1, streaming={"bootstrap-retries": 0})


def no_cooling(world):
    script = Script(world, **{"only-chat": status(429, Retry_After="600")})
    for n in range(1, 4):
        expect_error(ask(world, model="chat-only"), 429)
        expect(len(script.asked) == n, script.asked)


settings("nobody rests", "disable-cooling", no_cooling, 3, **{"disable-cooling": True})


def ambiguous(sends):
    """A request that was sent, and a connection that broke without a word."""

    def run(world):
        def broken(turn):
            return len(script.asked) > 1 and turn.answer(200, CHAT.unary())

        script = Script(world, **{"a-chat": broken, "b-chat": broken})
        answer = ask(world)
        expect(len(script.asked) == sends and (answer.status == 200) == (sends == 2), script.asked, answer)

    return run


settings("a lost request is told", "retry-ambiguous never", ambiguous(1), 1, **{"retry-ambiguous": "never"})
settings("a lost request is sent once more", "retry-ambiguous once", ambiguous(2), 2, **{"retry-ambiguous": "once"})


def own_settings_config(world):
    return configuration(
        world,
        [
            account(world, "warm", ["warm"], **{"disable-cooling": True}),
            account(world, "stubborn", ["stubborn"], **{"request-retry": 2}),
            account(world, "plain", ["plain"]),
        ],
        **{"request-retry": 0, "max-retry-interval": 60},
    )


own = Group("H setting of one entry", calm=True, warm=False, config=own_settings_config)


@own.case("disable-cooling", sends=5)
def _(world):
    script = Script(world, warm=status(429, Retry_After="600"), plain=status(429, Retry_After="600"))
    for _ in range(4):
        expect_error(ask(world, model="warm"), 429)
        expect_error(ask(world, model="plain"), 429)
    expect(script.count("warm") == 4 and script.count("plain") == 1, script.asked)


@own.case("request-retry", sends=(3, 4))
def _(world):
    script = Script(world, stubborn=status(429, Retry_After="2"), plain=status(429, Retry_After="2"))
    expect_error(ask(world, model="plain"), 429)
    with world.client(timeout=20) as client:
        client.send(world.ask(CHAT, model="stubborn"))
        while not client.has_news():
            world.advance(0.5)
            time.sleep(0.03)
        expect_error(client.read_answer(), 429)
    expect(script.count("stubborn") == 3 and script.count("plain") == 1, script.asked)


def cooldown(seconds):
    def run(world):
        script = Script(world, **{"a-chat": status(500)})
        while "a-chat" not in script.asked:
            served(world)
        script.asked.clear()
        for _ in range(4):
            served(world)
        expect(("a-chat" in script.asked) == (seconds < 0), script.asked)
        script.asked.clear()
        pass_time(world, max(seconds, 0) + 1)
        for _ in range(4):
            served(world)
        expect("a-chat" in script.asked, script.asked)

    return run


for seconds in (20, -1):
    settings("a passing failure", f"transient-error-cooldown-seconds {seconds}", cooldown(seconds), None, **{"transient-error-cooldown-seconds": seconds})

SCOPED = {
    "stop": ("stop on 500", 500, False, False),
    "stop-and-cooldown": ("stop and rest on 418", 418, False, True),
    "continue": ("go on after 400", 400, True, False),
    "continue-and-cooldown": ("go on and rest after 422", 422, True, True),
}


def scoped_config(world):
    rules = [{"status": code, "match": ["planted rule"], "action": action} for action, (_, code, _, _) in SCOPED.items()]
    more = {"request-scoped-errors": rules}
    return configuration(
        world, for_all(lambda d: [account(world, f"{w}-{d.slug}", {f"{d.slug}-m": "m"}, d, at, **more) for w, at in (("a", world.up), ("b", world.up2))])
    )


scoped = Group("H setting request-scoped-errors", calm=True, warm=False, config=scoped_config)


def by_rule(dialect, code, goes_on, rests_then):
    def run(world):
        a, b = f"a-{dialect.slug}", f"b-{dialect.slug}"
        script = Script(world, **{a: status(code, "planted rule")})
        while a not in script.asked:
            answer = ask(world, dialect)
        expect(answer.status == (200 if goes_on else code), answer)
        expect((script.asked[-1] == b) == goes_on, script.asked)
        script.faults.clear()
        script.asked.clear()
        for _ in range(4):
            served(world, dialect)
        expect((a not in script.asked) == rests_then, script.asked)

    return run


for dialect in ALL:
    for action, (name, code, goes_on, rests_then) in SCOPED.items():
        scoped.add(f"{dialect.name}: {action} means {name}", by_rule(dialect, code, goes_on, rests_then), sends=None)
