# SPDX-License-Identifier: GPL-3.0-or-later
"""H13, H14, H17: a conversation stays where its cache is, everybody else goes by the strategy,
and accounts that a reload takes away end what they began."""

import json
import threading
import time
from collections import Counter

from cases.c_keys import start_fails
from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, ANTHROPIC, CHAT, GEMINI, RESPONSES, stream_verdict
from harness.suite import Group, expect, expect_error, wait_for


def three(world, **settings):
    """Per dialect: a, b and c serve X-m."""

    def rows(dialect):
        slug = dialect.slug
        where = (("a", world.up), ("b", world.up2), ("c", world.up))
        return [account(world, f"{w}-{slug}", {f"{slug}-m": "m"}, dialect, at) for w, at in where]

    return configuration(world, for_all(rows), **settings)


def serve(world, dialect, fields=(), body=None, more=None):
    model = f"{dialect.slug}-m"
    if body is None:
        data = world.ask(dialect, model=model, fields=fields, more=more)
    else:
        data = world.post(dialect.route(False, model), json.dumps(body), fields)
    answer = world.exchange(data)
    expect(answer.status == 200, answer)


def turns_of(dialect, texts):
    """A conversation's body: @texts of user and model by turns."""
    roles = ["user", "model" if dialect is GEMINI else "assistant"] * len(texts)
    if dialect is GEMINI:
        return {"contents": [{"role": r, "parts": [{"text": t}]} for r, t in zip(roles, texts)]}
    messages = [{"role": r, "content": t} for r, t in zip(roles, texts)]
    body = {"model": f"{dialect.slug}-m", "input" if dialect is RESPONSES else "messages": messages}
    return body | ({"max_tokens": 9} if dialect is ANTHROPIC else {}) | ({"store": False} if dialect is RESPONSES else {})


sessions = Group("H sessions", calm=True, warm=False, weight=2, config=three)
NAMES = {
    "X-Session-Id": lambda n: {"fields": [("X-Session-Id", n)]},
    "Session-Id": lambda n: {"fields": [("Session-Id", n)]},
    "X-Claude-Code-Session-Id": lambda n: {"fields": [("X-Claude-Code-Session-Id", n)]},
    "prompt_cache_key": lambda n: {"more": {"prompt_cache_key": n}},
    "metadata.user_id": lambda n: {"more": {"metadata": {"user_id": n}}},
}


def sticks(dialect, name):
    def run(world):
        script = Script(world)
        went = {}
        for number in range(48):
            session = f"s-{name}-{number % 12}"
            serve(world, dialect, **NAMES[name](session))
            expect(went.setdefault(session, script.asked[-1]) == script.asked[-1], session, "moved:", script.asked)
        counts = Counter(went.values())
        expect(sorted(counts.values()) == [4, 4, 4], "sessions are not spread:", counts)

    return run


for dialect in ALL:
    for name in NAMES:
        if name != "metadata.user_id" or dialect is ANTHROPIC:
            if name != "prompt_cache_key" or dialect in (CHAT, RESPONSES):
                sessions.add(f"H13 {dialect.name}: {name} binds, and sessions are spread", sticks(dialect, name), sends=48)


def first_words(dialect):
    """Who opens conversations with the same words is spread; from the second turn on each
    stays where it was last."""

    def run(world):
        script = Script(world)
        for _ in range(9):
            serve(world, dialect, body=turns_of(dialect, ["the same opening"]))
        expect(sorted(Counter(script.asked).values()) == [3, 3, 3], script.asked)
        for number in range(6):
            texts = [f"opening {number}"]
            serve(world, dialect, body=turns_of(dialect, texts))
            home = script.asked[-1]
            for turn in range(3):
                serve(world, dialect, body=turns_of(dialect, ["something between"]))
                texts += [f"answer {turn}", f"question {turn}"]
                serve(world, dialect, body=turns_of(dialect, texts))
                expect(script.asked[-1] == home, "conversation", number, "moved:", script.asked[-8:])

    return run


def moves_once(dialect):
    def run(world):
        fields = [("X-Session-Id", f"mover-{dialect.slug}")]
        script = Script(world)
        serve(world, dialect, fields)
        home = script.asked[-1]
        script.faults[home] = status(503, Retry_After="30")
        serve(world, dialect, fields)
        away = script.asked[-1]
        expect(away != home, script.asked)
        script.faults.clear()
        for _ in range(3):
            serve(world, dialect, fields)
        world.advance(60)
        time.sleep(0.05)
        for _ in range(6):
            serve(world, dialect, fields)
        expect(script.asked[2:] == [away] * 10, "it moved again:", script.asked)

    return run


for dialect in ALL:
    sessions.add(f"H13 {dialect.name}: a conversation stays from its second turn on", first_words(dialect), sends=9 + 6 * 7)
    sessions.add(f"H13 {dialect.name}: a session whose account rests moves once, and stays", moves_once(dialect), sends=12)


@sessions.case("H13 a session stays through pauses of fifty minutes, and over a reload", sends=14)
def _(world):
    script = Script(world)
    for number in range(12):
        serve(world, CHAT, [("X-Session-Id", "long")])
        world.advance(3000)
        time.sleep(0.03)
    reload(world, three(world, **{"request-retry": 1}))
    serve(world, CHAT, [("X-Session-Id", "long")])
    serve(world, CHAT, [("X-Session-Id", "long")])
    expect(len(set(script.asked)) == 1, script.asked)


def loose(world):
    script = Script(world)
    for _ in range(9):
        serve(world, CHAT, [("X-Session-Id", "loose")])
    expect(sorted(Counter(script.asked).values()) == [3, 3, 3], script.asked)


def forgets(world):
    """A pause that is longer than the time to live; one request between shifts all turns."""
    script = Script(world)
    for number in range(6):
        serve(world, CHAT, [("X-Session-Id", f"short-{number}")])
    homes = list(script.asked)
    for number in range(6):
        serve(world, CHAT, [("X-Session-Id", f"short-{number}")])
    expect(script.asked[6:] == homes, script.asked)
    world.advance(700)
    time.sleep(0.05)
    serve(world, CHAT)
    for number in range(6):
        serve(world, CHAT, [("X-Session-Id", f"short-{number}")])
    expect(all(now != then for now, then in zip(script.asked[13:], homes)), script.asked)


off = Group("H sessions off", calm=True, warm=False, config=lambda world: three(world, routing={"session-affinity": False}))
off.add("H13 without session-affinity a session has its turns like any other", loose, sends=9)
short = Group("H sessions short", calm=True, warm=False, config=lambda world: three(world, routing={"session-affinity-ttl": "10m"}))
short.add("H13 a session is forgotten behind its time to live", forgets, sends=19)


def reload(world, text):
    mark = len(world.errors)
    world.write_config(text)
    wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")


# -- distribution


def spread(name, expected, rows, n=240, long_n=10_000, n_clients=4, **settings):
    """@expected: account -> part of all requests."""

    def config(world):
        return configuration(world, [account(world, who, ["m"], **more) for who, more in rows.items()], **settings)

    def run(total):
        def go(world):
            script = Script(world)
            data = world.ask(CHAT, model="m")

            def work():
                with world.client(timeout=60) as client:
                    for _ in range(total // n_clients):
                        client.send(data)
                        expect(client.read_answer().status == 200)

            threads = [threading.Thread(target=work) for _ in range(n_clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            counts = Counter(script.asked)
            for who, part in expected.items():
                expect(abs(counts[who] - part * total) <= 0.02 * total, who, "had", counts[who], "of", total, counts)

        return go

    group = Group(f"H strategy {name}", calm=True, warm=False, config=config)
    group.add(f"H14 {n} requests are spread by it", run(n), sends=n)
    group.add(f"H14 {long_n} requests are spread by it", run(long_n), sends=long_n, long_only=True)
    return group


plain = {"a": {}, "b": {}, "c": {}}
spread("round-robin", {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, plain)
spread("weighted", {"a": 1 / 8, "b": 2 / 8, "c": 5 / 8, "z": 0}, {"a": {"weight": 1}, "b": {"weight": 2}, "c": {"weight": 5}, "z": {"weight": 0}}, routing={"strategy": "weighted-round-robin"})
# it also looks at who has how many under way, so one client at a time asks here
spread("quota-aware", {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, plain, n_clients=1, routing={"strategy": "quota-aware"})
first = spread("fill-first", {"a": 1}, plain, routing={"strategy": "fill-first"})
tiers = spread("priorities", {"a": 1 / 2, "b": 1 / 2, "c": 0}, {"c": {}, "a": {"priority": 9}, "b": {"priority": 9}})


def falls_down(order):
    """Each account fails in turn: the next of @order takes over."""

    def run(world):
        script = Script(world)
        for place, who in enumerate(order):
            expect(world.exchange(world.ask(CHAT, model="m")).status == 200)
            expect(script.asked[-1] in who, place, script.asked)
            for name in who:
                script.faults[name] = status(429, Retry_After="300")
            for _ in who:
                world.exchange(world.ask(CHAT, model="m"))
        expect_error(world.exchange(world.ask(CHAT, model="m")), 429)

    return run


first.add("H14 one after the other, as they rest", falls_down(["a", "b", "c"]), sends=None)
tiers.add("H14 the lower tier only when the higher one rests", falls_down(["ab", "c"]), sends=None)


# -- H17


def removed(dialect):
    def run(world):
        slug = dialect.slug
        names = [f"{w}-{slug}" for w in "abc"]
        script = Script(world)
        finish = threading.Event()

        def slow(turn):
            frames = dialect.frames()
            turn.stream_head()
            for frame in frames[: dialect.n_head + 1]:
                turn.chunk(frame)
            finish.wait(20)
            for frame in frames[dialect.n_head + 1 :]:
                turn.chunk(frame)
            turn.last_chunk()
            return True

        script.faults = dict.fromkeys(names, slow)
        clients = [world.client(timeout=20) for _ in range(60)]
        for client in clients:
            client.send(world.ask(dialect, True, model=f"{slug}-m"))
        for client in clients:
            client.read_until(b"Hel")
        expect(all(script.count(name) == 20 for name in names), Counter(script.asked))
        document = json.loads(three(world))
        document[dialect.family_key] = document[dialect.family_key][1:]
        reload(world, json.dumps(document))
        try:
            script.faults.clear()
            for _ in range(8):
                serve(world, dialect)
            expect(script.count(names[0]) == 20, "a removed account was asked:", script.asked[60:])
            finish.set()
            for client in clients:
                answer = client.read_answer()
                expect(stream_verdict(dialect, answer) == "complete", answer)
        finally:
            finish.set()
            reload(world, three(world))

    return run


leaving = Group("H accounts that leave", calm=True, warm=False, config=three)
for dialect in ALL:
    leaving.add(f"H17 {dialect.name}: an account that a reload removes ends its twenty streams, and gets no more", removed(dialect), sends=68)

# -- H16

TOP = 'host: "127.0.0.1"\napi-keys: [sk-good-0123456789-0123456789]\n'
ENTRY = "openai-compatibility:\n  - name: one\n    base-url: http://127.0.0.1:9/v1\n"
wrong = Group("H16 configuration", warm=False)
for name, text, words in (
    ("an alias for nothing", TOP + ENTRY + "    models:\n      - alias: x\n", [":6|:7"]),
    ("an unknown strategy", TOP + "routing:\n  strategy: by-luck\n", [":4", "round-robin"]),
    ("an unknown provider, with the nearest one", TOP + "providers:\n  - provider: gorq\n    api-key: k-0123456789\n", [":4", "groq"]),
    ("a group that falls back to nobody", TOP + ENTRY + "groups:\n  - name: g\n    accounts: [one]\n    fallback: nowhere\n", [":7|:9", "nowhere"]),
    ("groups that fall back to each other", TOP + ENTRY + "groups:\n  - {name: g, accounts: [one], fallback: h}\n  - {name: h, accounts: [one], fallback: g}\n", [":7|:8"]),
    ("two groups of one name", TOP + ENTRY + "groups:\n  - {name: g, accounts: [one]}\n  - {name: G, accounts: [one]}\n", [":8"]),
    ("a key of a group that is not there", 'host: ""\napi-keys:\n  - {key: sk-good-0123456789-0123456789, groups: [nowhere]}\n', [":3", "nowhere"]),
    ("a passthru row without an address", TOP + "passthru:\n  - {model: x, protocol: openai, api-key: k-0123456789}\n", [":4", "base-url"]),
    ("a passthru row without a model", TOP + "passthru:\n  - {protocol: openai, base-url: http://127.0.0.1:9/v1}\n", [":4", "model"]),
    ("a rule with a broken expression", TOP + ENTRY + '    request-scoped-errors:\n      - {status: 400, match-regexr: ["("], action: stop}\n', [":7"]),
    ("a negative weight", TOP + ENTRY + "    weight: -2\n", [":6"]),
    ("an expiry that is no date", 'host: ""\napi-keys:\n  - {key: sk-good-0123456789-0123456789, expires: soon}\n', [":3"]),
):
    wrong.add(f"H16 {name} is told with its line", start_fails(text, words, or_shut=True))
