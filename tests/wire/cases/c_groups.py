# SPDX-License-Identifier: GPL-3.0-or-later
"""C groups: parts of the accounts behind /g/NAME, and keys that are bound to them."""

import json
import threading

from cases.w_websocket import HANDSHAKE, create, frame
from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, CHAT, CLIENT_KEY, GEMINI, RESPONSES, stream_verdict
from harness.suite import Group, expect, expect_error

WORKER, BOTH = "sk-weir-wire-worker-0123456789abcdef", "sk-weir-wire-both-0123456789abcdef01"
GROUPS = [
    {"name": "work", "accounts": ["work-*"], "fallback": "spare", "description": "paid by others"},
    {"name": "spare", "accounts": ["home-*"]},
    {"name": "kept", "accounts": ["kept-*"], "exclude-from-default": True, "fallback": "default"},
    {"name": "some", "accounts": ["work-*", "home-*"], "allowed-models": ["*-m"]},
    {"name": "ordered", "accounts": ["home-*", "work-*"], "strategy": "fill-first"},
    {"name": "team", "prefixes": ["blue"]},
]


def config(world):
    """Per dialect work, home and kept serve X-m, and each X-work, X-home, X-kept; team serves
    X-team and blue/X-team."""

    def rows(dialect):
        slug = dialect.slug
        made = [
            account(world, f"{who}-{slug}", {f"{slug}-m": "m", f"{slug}-{who}": who}, dialect, at) | {"name": f"{who}-{slug}"}
            for who, at in (("work", world.up), ("home", world.up2), ("kept", world.up))
        ]
        return made + [account(world, f"team-{slug}", {f"{slug}-team": "team"}, dialect, prefix="blue") | {"name": f"team-{slug}"}]

    keys = [CLIENT_KEY, {"key": WORKER, "groups": ["work"]}, {"key": BOTH, "groups": ["kept", "work"]}]
    world.secrets += [WORKER, BOTH]
    return configuration(world, for_all(rows), **{"api-keys": keys, "groups": GROUPS})


groups = Group("C groups", calm=True, warm=False, config=config)


def ask(world, group, dialect=CHAT, model=None, stream=False, key=CLIENT_KEY):
    model = model or f"{dialect.slug}-m"
    target = (f"/g/{group}" if group else "") + dialect.route(stream, model)
    return world.exchange(world.post(target, dialect.body("hello", stream, model), key=key), timeout=20)


def served_by(group, who, key=CLIENT_KEY, n=6, stream=False, model="{}-m"):
    """Every account of @who has its turn, and nobody else."""

    def make(dialect):
        def run(world):
            script = Script(world)
            for _ in range(n):
                answer = ask(world, group, dialect, model.format(dialect.slug), stream, key)
                expect(answer.status == 200, answer)
                expect(not stream or stream_verdict(dialect, answer) == "complete", answer)
            expect(set(script.asked) == {f"{name}-{dialect.slug}" for name in who}, script.asked)

        return run

    return make


def add(name, make, **options):
    for dialect in ALL:
        groups.add(f"{dialect.name}: {name}", make(dialect), **options)


add("a group's accounts serve, unary", served_by("work", ["work"]), sends=6)
add("a group's accounts serve, stream", served_by("work", ["work"], stream=True), sends=6)
add("a group's name counts in any case", served_by("WoRk", ["work"]), sends=6)
add("without a group nobody gets what is kept", served_by(None, ["work", "home"]), sends=6)
add("what is kept serves in its group", served_by("kept", ["kept"]), sends=6)
add("a key of a group stays there without its name", served_by(None, ["work"], WORKER), sends=6)
add("a key of two groups has both", served_by(None, ["kept", "work"], BOTH), sends=6)
add("a key of two groups may name one", served_by("kept", ["kept"], BOTH), sends=6)
add("a group has its own strategy", served_by("ordered", ["work"]), sends=6)
add("a prefix makes a group", served_by("team", ["team"], model="{}-team"), sends=6)
add("a model that only the fallback serves", served_by("work", ["home"], model="{}-home"), sends=6)


def refused(group, statuses, model="{}-m", key=CLIENT_KEY):
    def make(dialect):
        def run(world):
            for stream in (False, True):
                expect_error(ask(world, group, dialect, model.format(dialect.slug), stream, key), statuses, dialect)

        return run

    return make


add("an unknown group is 404", refused("nowhere", 404))
add("the group of nobody is 404", refused("default", 404))
add("another key's group is 403", refused("kept", 403, key=WORKER))
add("a model that the group does not allow is 403", refused("some", 403, "{}-work"))
add("a model of another group is 404", refused("spare", 404, "{}-work"))
add("what is kept is 404 without its group", refused(None, 404, "{}-kept"))
add("a model of the fallback that the key's groups do not hold is 404", refused("work", 404, "{}-home", WORKER))


def falls_back(dialect):
    def run(world):
        slug = dialect.slug
        limited = status(429, Retry_After="100")
        script = Script(world, **{f"work-{slug}": limited})
        for _ in range(3):
            expect(ask(world, "work", dialect).status == 200)
        expect(script.asked == [f"work-{slug}"] + [f"home-{slug}"] * 3, script.asked)
        expect_error(ask(world, "work", dialect, key=WORKER), 429, dialect)
        expect(len(script.asked) == 4, "a key got out of its group:", script.asked)
        script.faults[f"home-{slug}"] = limited
        answer = ask(world, "work", dialect)
        expect_error(answer, 429, dialect)
        expect(90 <= int(answer.get("retry-after")) <= 100, answer)
        expect(f"kept-{slug}" not in script.asked, script.asked)

    return run


add("a group whose accounts rest falls back, but takes no key along that may not", falls_back, sends=5)


def lists(target, seen, hidden, key=CLIENT_KEY):
    def run(world):
        answer = world.exchange(world.head("GET", target, key=key))
        expect(answer.status == 200, answer)
        document = json.loads(answer.body)
        ids = {row["id"] if "id" in row else row["name"].removeprefix("models/") for row in document.get("data") or document["models"]}
        expect(set(seen) <= ids and not set(hidden) & ids, ids)

    return run


for path, slug in (("/v1/models?limit=1000", "chat"), ("/v1beta/models?pageSize=1000", "gemini")):
    m, work, home, kept = (f"{slug}-{name}" for name in ("m", "work", "home", "kept"))
    groups.add(f"{path} without a group", lists(path, [m, work, home], [kept]))
    groups.add(f"{path} of kept", lists(f"/g/kept{path}", [m, kept], []))
    groups.add(f"{path} of spare", lists(f"/g/spare{path}", [m, home], [work, kept]))
    groups.add(f"{path} of a group with allowed-models", lists(f"/g/some{path}", [m], [work, home, kept]))
    groups.add(f"{path} of a key's groups", lists(path, [m, work], [home, kept], WORKER))
    groups.add(f"{path} of a key's two groups", lists(path, [m, work, kept], [home], BOTH))


@groups.case("/v1/models of an unknown group is 404, of another key's 403")
def _(world):
    for key, name, code in ((CLIENT_KEY, "nowhere", 404), (WORKER, "kept", 403), (None, "work", 401), (None, "nowhere", 401)):
        expect_error(world.exchange(world.head("GET", f"/g/{name}/v1/models", key=key)), code)


@groups.case("pages that are no models' are in no group")
def _(world):
    for target in ("/g/work/", "/g/work/healthz", "/g/work/v0/management/config", "/g/work/g/work/v1/models"):
        expect_error(world.exchange(world.head("GET", target)), 404, None)


@groups.case("a websocket speaks in its group", sends=3)
def _(world):
    script = Script(world)
    with world.client() as client:
        client.send(world.head("GET", "/g/work/v1/responses", HANDSHAKE))
        client.read_until(b"\r\n\r\n")
        expect(client.buffer.startswith(b"HTTP/1.1 101 "), client.buffer)
        for number in range(3):
            client.send(frame(json.dumps({"type": "response.create"} | create(model="codex-m")).encode()))
            client.read_until(b'"response.completed"', count=number + 1)
    expect(script.asked == ["work-codex"] * 3, script.asked)


@groups.case("a websocket of another key's group is refused")
def _(world):
    expect_error(world.exchange(world.head("GET", "/g/kept/v1/responses", HANDSHAKE, key=WORKER)), 403)


fresh = Group("C groups at once", calm=True, warm=False, config=config)


@fresh.case("ten at once in each of three groups go where they belong", sends=90)
def _(world):
    script = Script(world)
    where = {"work": "work-chat", "spare": "home-chat", "kept": "kept-chat"}
    wrong = []

    def work(group):
        for _ in range(3):
            answer = ask(world, group)
            if answer.status != 200:
                wrong.append(answer)

    threads = [threading.Thread(target=work, args=(group,)) for group in where for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(not wrong, wrong[:3])
    expect(all(script.count(name) == 30 for name in where.values()), script.asked)
