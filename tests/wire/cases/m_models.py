# SPDX-License-Identifier: GPL-3.0-or-later
"""M: what a model's name means: aliases and pools of them, prefixes, exclusions, lists that are
asked of upstreams, and answers that name the alias."""

import json
import re
import time
import urllib.parse
from collections import Counter

from harness import dialects
from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, ANTHROPIC, CHAT, CLIENT_KEY, GEMINI, RESPONSES, read_sse, stream_verdict
from harness.suite import Group, expect, expect_error, wait_for

NARROW = "sk-weir-wire-narrow-0123456789abcdef"


def asked_model(turn):
    """What the upstream was asked for."""
    found = re.match(r".*/models/([^:]+):", turn.target)
    return urllib.parse.unquote(found.group(1)) if found else json.loads(turn.body)["model"]


class Models(Script):
    """Notes (account, upstream model); faults are by upstream model."""

    def __init__(self, world, **faults):
        super().__init__(world)
        self.by_model = faults
        self.pairs = []

    def __call__(self, turn):
        model = asked_model(turn)
        self.pairs.append(model)
        fault = self.by_model.get(model)
        return fault(turn) if fault else super().__call__(turn)


def ask(world, dialect, model, stream=False, key=CLIENT_KEY, **more):
    path_model = urllib.parse.quote(model, safe="/()") if dialect is GEMINI else model
    return world.exchange(world.ask(dialect, stream, model=path_model, key=key, **more), timeout=20)


def config(world, **settings):
    def rows(dialect):
        slug = dialect.slug
        pool = [{"name": "up-one", "alias": f"{slug}-pool"}, {"name": "up-two", "alias": f"{slug}-pool"}]
        forced = [{"name": "up-forced", "alias": f"{slug}-forced", "force-mapping": True, "max-context-length": 123456, "display-name": "Forced One"}]
        listed = {f"{slug}-{n}": n for n in ("exact", "a-preview", "presto", "in-mid-dle", "kept")}
        return [
            account(world, f"a-{slug}", [], dialect) | {"models": pool + forced},
            account(world, f"b-{slug}", {f"{slug}-pool": "up-three"}, dialect, world.up2),
            account(world, f"team-{slug}", {f"{slug}-x": "prefixed"}, dialect, prefix="team"),
            account(world, f"exact-{slug}", {f"vendor/{slug}-y": "exact-y"}, dialect),
            account(world, f"vendor-{slug}", {f"{slug}-z": "vendor-z"}, dialect, prefix="vendor"),
            account(world, f"glob-{slug}", listed, dialect, **{"excluded-models": [f"{slug}-exact", "*-preview", f"{slug}-pre*", "*mid*"]}),
        ]

    keys = [CLIENT_KEY, {"key": NARROW, "allowed-models": [f"{d.slug}-kept" for d in ALL]}]
    world.secrets.append(NARROW)
    return configuration(world, for_all(rows), **({"api-keys": keys} | settings))


models = Group("M models", calm=True, warm=False, config=config)


def pool_rotates(dialect):
    def run(world):
        script = Models(world)
        for _ in range(16):
            expect(ask(world, dialect, f"{dialect.slug}-pool").status == 200)
        counts = Counter(script.pairs)
        expect(counts == {"up-one": 4, "up-two": 4, "up-three": 8}, counts)

    return run


def pool_fails_over(dialect, fault):
    """The other upstream model of the same account comes before the next account."""

    def run(world):
        script = Models(world, **{"up-one": fault})
        while "up-one" not in script.pairs:
            answer = ask(world, dialect, f"{dialect.slug}-pool")
            expect(answer.status == 200, answer)
        expect(script.pairs[-2:] == ["up-one", "up-two"], script.pairs)
        for _ in range(6):
            expect(ask(world, dialect, f"{dialect.slug}-pool").status == 200)
        expect(script.pairs.count("up-one") == 1, script.pairs)

    return run


def means(dialect, model, upstream):
    def run(world):
        script = Models(world)
        for stream in (False, True):
            answer = ask(world, dialect, model, stream)
            expect(answer.status == 200, answer)
            expect(not stream or stream_verdict(dialect, answer) == "complete", answer)
        expect(script.pairs == [upstream] * 2, script.pairs)

    return run


def nothing(dialect, model):
    def run(world):
        document = expect_error(ask(world, dialect, model), 404, dialect)
        expect(model in json.dumps(document), document)

    return run


def forced(dialect, stream):
    """The answer of an upstream that names its own model names the alias."""

    def run(world):
        def answer_as(turn):
            name = {CHAT: "m-chat", RESPONSES: "m-codex", ANTHROPIC: "m-claude", GEMINI: "m-gemini"}[dialect].encode()
            if stream:
                return turn.stream([frame.replace(name, b"up-forced") for frame in dialect.frames()])
            return turn.answer(200, json.dumps(dialect.unary()).encode().replace(name, b"up-forced"))

        Models(world, **{"up-forced": answer_as})
        answer = ask(world, dialect, f"{dialect.slug}-forced", stream)
        expect(answer.status == 200, answer)
        expect(b"up-forced" not in answer.body, "the upstream's name is told:", answer.body)
        expect(f"{dialect.slug}-forced".encode() in answer.body, answer.body)
        if stream:
            expect(stream_verdict(dialect, answer) == "complete", answer)
            expect(dialect.text_in(read_sse(answer.body)) == "Hello \u2603", answer.body)
        else:
            expect(dialect.text_of(json.loads(answer.body)) == "hi", answer.body)

    return run


for dialect in ALL:
    slug = dialect.slug
    models.add(f"{dialect.name}: one alias of three upstream models takes turns", pool_rotates(dialect), sends=16)
    for name, fault in (("404", status(404, "no such model")), ("429", status(429)), ("500", status(500))):
        models.add(f"{dialect.name}: {name} of one upstream model leads to the other of the account", pool_fails_over(dialect, fault), sends=None)
    for model, upstream in (
        (f"{slug}-x", "prefixed"),
        (f"team/{slug}-x", "prefixed"),
        (f"TEAM/{slug}-X", "prefixed"),
        (f"vendor/{slug}-y", "exact-y"),
        (f"vendor/{slug}-z", "vendor-z"),
        (f"{slug}-kept", "kept"),
        (f"{slug}-KEPT", "kept"),
    ):
        models.add(f"{dialect.name}: {model} is {upstream}", means(dialect, model, upstream), sends=2)
    for name in ("exact", "a-preview", "presto", "in-mid-dle", "EXACT"):
        models.add(f"{dialect.name}: {slug}-{name} is excluded", nothing(dialect, f"{slug}-{name}"))
    for model in ("kept", "up-one", "prefixed", f"team/{slug}-pool", f"other/{slug}-x", f"{slug}-kep", f"{slug}-kept-1"):
        models.add(f"{dialect.name}: nothing is called {model}", nothing(dialect, model))
    for stream in (False, True):
        kind = "stream" if stream else "unary"
        models.add(f"{dialect.name} {kind}: force-mapping makes the answer name the alias", forced(dialect, stream), sends=1)


@models.case("auto is the first model of the list, and the first that a key may ask for", sends=8)
def _(world):
    script = Models(world)
    for dialect in ALL:
        expect(ask(world, dialect, "auto").status == 200)
    listed = json.loads(world.exchange(world.head("GET", "/v1/models")).body)["data"]
    expect(script.pairs[0] in ("up-one", "up-two", "up-three") and listed[0]["id"].endswith("-pool"), script.pairs, listed[0])
    script.pairs.clear()
    for dialect in ALL:
        expect(ask(world, dialect, "auto", key=NARROW).status == 200)
    expect(set(script.pairs) == {"kept"}, script.pairs)


@models.case("lists tell owner, name and context where they are known")
def _(world):
    rows = {row["id"]: row for row in json.loads(world.exchange(world.head("GET", "/v1/models")).body)["data"]}
    expect(rows["chat-forced"]["context_length"] == 123456 and rows["chat-forced"]["owned_by"] == "a-chat", rows["chat-forced"])
    expect("context_length" not in rows["chat-kept"], rows["chat-kept"])
    expect("team/chat-x" in rows and "chat-x" in rows and "chat-exact" not in rows, list(rows))
    fields = [("anthropic-version", "2023-06-01")]
    rows = {row["id"]: row for row in json.loads(world.exchange(world.head("GET", "/v1/models?limit=1000", fields)).body)["data"]}
    expect(rows["claude-forced"]["display_name"] == "Forced One", rows["claude-forced"])
    rows = {row["name"]: row for row in json.loads(world.exchange(world.head("GET", "/v1beta/models?pageSize=1000")).body)["models"]}
    row = rows["models/gemini-forced"]
    expect(row["inputTokenLimit"] == 123456 and row["displayName"] == "Forced One", row)


only = Group("M force-model-prefix", calm=True, warm=False, config=lambda world: config(world, **{"force-model-prefix": True}))
for dialect in ALL:
    only.add(f"{dialect.name}: the prefixed name serves", means(dialect, f"team/{dialect.slug}-x", "prefixed"), sends=2)
    only.add(f"{dialect.name}: the bare name does not", nothing(dialect, f"{dialect.slug}-x"))
    only.add(f"{dialect.name}: a name of an entry without a prefix does", means(dialect, f"{dialect.slug}-kept", "kept"), sends=2)


# -- lists that are asked of upstreams


class Catalogue:
    """Offers the names of its time at all addresses of lists; answers well otherwise."""

    def __init__(self, world):
        self.names = ["offered-1"]
        self.fails = False
        self.n_asked = Counter()
        world.up.default_script = world.up.script = self

    def __call__(self, turn):
        path = turn.target.split("?")[0]
        if turn.method != "GET":
            return dialects.answer_well(turn)
        self.n_asked[turn.key] += 1
        if self.fails:
            return turn.answer(500, {"error": {"message": "planted"}})
        if path == "/v1beta/models":
            rows = [{"name": f"models/gemini-{n}", "displayName": n, "inputTokenLimit": 4711} for n in self.names]
            return turn.answer(200, {"models": rows})
        slug = turn.key.removeprefix("upstream-list-").removesuffix("-key")
        rows = [{"id": f"{slug}-{n}", "type": "model", "object": "model", "context_length": 4711} for n in self.names]
        return turn.answer(200, {"object": "list", "data": rows, "has_more": False})


def listing(world, **settings):
    world.catalogue = Catalogue(world)
    rows = for_all(lambda d: [account(world, f"list-{d.slug}", [], d, **{"excluded-models": ["*-hidden"]})])
    for entries in rows.values():
        del entries[0]["models"]
    return configuration(world, rows, **settings)


asking = Group("M discovery", warm=False, config=listing)


def ids(world):
    rows = json.loads(world.exchange(world.head("GET", "/v1/models")).body)["data"]
    return {row["id"]: row for row in rows if row["id"] != "weir/echo"}


def of(*names):
    return {f"{d.slug}-{n}" for d in ALL for n in names}


@asking.case("models that an entry does not list are asked of its upstream", sends=None)
def _(world):
    wait_for(lambda: set(ids(world)) == of("offered-1"), what="the lists")
    expect(ids(world)["chat-offered-1"]["context_length"] == 4711, ids(world))
    for dialect in ALL:
        expect(ask(world, dialect, f"{dialect.slug}-offered-1").status == 200)
    expect_error(ask(world, CHAT, "chat-unheard-of"), 404)


@asking.case("lists are asked for again, and excluded names stay out", sends=None)
def _(world):
    world.catalogue.names = ["offered-2", "offered-3", "is-hidden"]
    world.advance(3 * 3600 + 60)
    wait_for(lambda: set(ids(world)) == of("offered-2", "offered-3"), what="the new lists")
    for dialect in ALL:
        expect(ask(world, dialect, f"{dialect.slug}-offered-3").status == 200)
    expect_error(ask(world, CHAT, "chat-is-hidden"), 404)
    expect_error(ask(world, CHAT, "chat-offered-1"), 404)


@asking.case("an upstream that fails loses no name, and is asked again after five minutes", sends=None)
def _(world):
    world.catalogue.fails = True
    before = sum(world.catalogue.n_asked.values())
    world.advance(3 * 3600 + 60)
    wait_for(lambda: sum(world.catalogue.n_asked.values()) >= before + 4, what="the questions")
    expect(set(ids(world)) == of("offered-2", "offered-3"), ids(world))
    world.catalogue.fails = False
    world.catalogue.names = ["offered-4"]
    world.advance(301)
    wait_for(lambda: set(ids(world)) == of("offered-4"), what="the lists after the failure")


@asking.case("an upstream that goes on failing is asked less and less often", sends=None)
def _(world):
    world.catalogue.fails = True
    asked = sum(world.catalogue.n_asked.values())
    for wait in (3 * 3600 + 60, 301, 601, 1201):
        world.advance(wait // 2 + 1)
        time.sleep(0.1)
        expect(sum(world.catalogue.n_asked.values()) == asked, f"{wait} s were too short")
        world.advance(wait // 2 + 1)
        wait_for(lambda: sum(world.catalogue.n_asked.values()) >= asked + 4, what="the questions")
        time.sleep(0.1)
        asked = sum(world.catalogue.n_asked.values())
    world.catalogue.fails = False
    world.advance(2401)
    wait_for(lambda: sum(world.catalogue.n_asked.values()) >= asked + 4, what="the last questions")
    time.sleep(0.1)


@asking.case("a reload keeps what was found while the upstream says nothing", sends=None)
def _(world):
    world.catalogue.fails = True
    before = set(ids(world))
    mark = len(world.errors)
    document = json.loads(open(world.config_path, encoding="utf-8").read()) | {"request-retry": 1}
    world.write_config(json.dumps(document))
    wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")
    expect(set(ids(world)) == before, ids(world))
    for dialect in ALL:
        expect(ask(world, dialect, f"{dialect.slug}-offered-4").status == 200)
