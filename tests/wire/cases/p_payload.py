# SPDX-License-Identifier: GPL-3.0-or-later
"""P: the user's rules about bodies and fields, rows of passthru, presets of vendors."""

import json
import os

from harness.accounts import account, configuration, for_all
from harness.dialects import ALL, ANTHROPIC, CHAT, CLIENT_KEY, GEMINI, RESPONSES, stream_verdict
from harness.suite import Group, expect, expect_error

PROTOCOLS = {CHAT: "openai", RESPONSES: "codex", ANTHROPIC: "claude", GEMINI: "gemini"}


def inside(dialect, name):
    """Where a setting of the answer stands in @dialect."""
    return f"generationConfig.{name}" if dialect is GEMINI else name


def at(dialect, document, name):
    return (document["generationConfig"] if dialect is GEMINI else document).get(name)


def rules():
    payload = {"default": [], "default-raw": [], "override": [], "override-raw": [], "filter": [], "drop-tools": ["planted_tool"]}

    def add(section, dialect, name, params, **conditions):
        payload[section].append({"models": [{"name": name, "protocol": PROTOCOLS[dialect]} | conditions], "params": params})

    for d in ALL:
        slug = d.slug
        add("default", d, f"{slug}-default", {inside(d, "top"): 0.5, inside(d, "temperature"): 0.75})
        add("default", d, f"{slug}-default", {inside(d, "top"): 0.9})
        add("default-raw", d, f"{slug}-defraw", {inside(d, "stops"): '["a",  2.50]'})
        add("override", d, f"{slug}-over*", {inside(d, "temperature"): 0.1})
        add("override", d, f"{slug}-override", {inside(d, "temperature"): 0.25})
        add("override-raw", d, f"{slug}-ovraw", {inside(d, "nested.x"): "[1, 2.50]"})
        add("filter", d, f"{slug}-filter", [inside(d, "temperature"), "nowhere.to.be.found"])
        other = ALL[(ALL.index(d) + 1) % 4]
        add("override", other, f"{slug}-plain", {inside(d, "temperature"): 9})
        conditions = {
            "tier": {"headers": {"X-Tier": "gold*"}},
            "match": {"match": [{"extra": "\u00e9/"}]},
            "nomatch": {"not-match": [{"extra": "\u00e9/"}]},
            "exist": {"exist": ["extra"]},
            "noexist": {"not-exist": ["extra"]},
        }
        for name, condition in conditions.items():
            add("override", d, f"{slug}-{name}", {inside(d, "temperature"): 0.5}, **condition)
        payload["override"].append({"models": [{"name": f"{slug}-from", "from-protocol": "claude"}], "params": {"planted": True}})
    return payload


NAMES = "default defraw override overdose ovraw filter plain tier match nomatch exist noexist from tools own".split()


def config(world):
    def rows(dialect):
        names = {f"{dialect.slug}-{n}": f"{dialect.slug}-{n}" for n in NAMES}
        own = {"drop-tools": ["own_tool"]}
        headers = {"X-Fixed": "blue", "X-Team": "$X-Team", "X-Stolen": "$Authorization", "X-Cookie": "$Cookie"}
        return [account(world, dialect.slug, names, dialect, headers=headers, **own)]

    return configuration(world, for_all(rows), payload=rules())


payload = Group("P payload", warm=False, config=config)
TEXT = {
    CHAT: '{ "model" : "%s","messages": [{"role":"user", "content":"h\\u00e9 \\/ \u2603"}] , "temperature" : 1.50 ,"extra":"\\u00e9\\/"%s}',
    RESPONSES: '{ "model" : "%s","input": [{"role":"user", "content":"h\\u00e9 \\/ \u2603"}] ,"store":false, "temperature" : 1.50 ,"extra":"\\u00e9\\/"%s}',
    ANTHROPIC: '{ "model" : "%s","max_tokens":  64,"messages": [{"role":"user", "content":"h\\u00e9 \\/ \u2603"}] , "temperature" : 1.50 ,"extra":"\\u00e9\\/"%s}',
    GEMINI: '{"contents": [{"parts":[{ "text" :"h\\u00e9 \\/ \u2603"}]}] ,"generationConfig" : { "temperature" : 1.50 },"extra":"\\u00e9\\/"}',
}


def body_of(dialect, model, stream):
    if dialect is GEMINI:
        return TEXT[dialect]
    return TEXT[dialect] % (model, ', "stream": true' if stream else "")


def send(world, dialect, name, stream=False, body=None, fields=()):
    """The body that went upstream, as text."""
    model = f"{dialect.slug}-{name}"
    answer = world.exchange(world.post(dialect.route(stream, model), (body or body_of(dialect, model, stream)).encode(), fields))
    expect(answer.status == 200, answer)
    expect(not stream or stream_verdict(dialect, answer) == "complete", answer)
    turn = world.up.turns[-1]
    expect(int(turn.get("content-length")) == len(turn.body), turn.fields)
    return turn.body.decode()


def exactly(dialect, stream, name, change, fields=()):
    """What goes up is what came, but for @change."""

    def run(world):
        came = body_of(dialect, f"{dialect.slug}-{name}", stream)
        went = send(world, dialect, name, stream, fields=fields)
        expect(went == change(came), f"went up: {went}\n   not: {change(came)}")

    return run


def adds(dialect, stream, name, check, texts):
    """Only something new goes up: every old byte is there, in order."""

    def run(world):
        came = body_of(dialect, f"{dialect.slug}-{name}", stream)
        went = send(world, dialect, name, stream)
        expect(check(json.loads(went)), went)
        for text in texts:
            expect(text in went, text, "is not in", went)
        position = -1
        for part in came.rstrip("} ").split(","):
            position = went.find(part.rstrip("} "), position + 1)
            expect(position >= 0, repr(part), "is not in", went)

    return run


def same(text):
    return text


def temperature(value):
    return lambda text: text.replace("1.50", value)


def without_temperature(text):
    return text.replace('"temperature" : 1.50 ,', "").replace('"temperature" : 1.50 ', "")


def filtered(dialect, stream):
    def run(world):
        came = body_of(dialect, f"{dialect.slug}-filter", stream)
        went = send(world, dialect, "filter", stream)
        expect("temperature" not in went, went)
        expect("".join(without_temperature(came).split()) == "".join(went.split()), went)
        expect("h\\u00e9 \\/ \u2603" in went and '"extra":"\\u00e9\\/"' in went, went)

    return run


for dialect in ALL:
    for stream in (False, True):
        kind = f"{dialect.name} {'stream' if stream else 'unary'}"

        def add(text, run):
            payload.add(f"{kind}: {text}", run, sends=1)

        add("no rule, no change", exactly(dialect, stream, "plain", same))
        add("override changes its value and no other byte; the last wins", exactly(dialect, stream, "override", temperature("0.25")))
        add("override by a star", exactly(dialect, stream, "overdose", temperature("0.1")))
        add("default sets what is not there; the first wins", adds(dialect, stream, "default", lambda d, dialect=dialect: at(dialect, d, "top") == 0.5 and at(dialect, d, "temperature") == 1.5, ["1.50"]))
        add("default-raw sets JSON as it is spelt", adds(dialect, stream, "defraw", lambda d, dialect=dialect: at(dialect, d, "stops") == ["a", 2.5], ['["a",  2.50]']))
        add("override-raw makes the way to its place", adds(dialect, stream, "ovraw", lambda d, dialect=dialect: at(dialect, d, "nested") == {"x": [1, 2.5]}, ["[1, 2.50]"]))
        add("filter takes out", filtered(dialect, stream))
    kind = dialect.name
    payload.add(f"{kind}: a header of the client holds", exactly(dialect, False, "tier", temperature("0.5"), [("x-tier", "golden")]), sends=1)
    payload.add(f"{kind}: another value of the header does not", exactly(dialect, False, "tier", same, [("X-Tier", "silver")]), sends=1)
    payload.add(f"{kind}: no header does not", exactly(dialect, False, "tier", same), sends=1)
    for name, change in (("match", temperature("0.5")), ("nomatch", same), ("exist", temperature("0.5")), ("noexist", same)):
        payload.add(f"{kind}: condition {name}", exactly(dialect, False, name, change), sends=1)


def from_claude(dialect):
    def run(world):
        model = f"{dialect.slug}-from"
        answer = world.exchange(world.ask(ANTHROPIC, model=model))
        expect(answer.status == 200, answer)
        expect(json.loads(world.up.turns[-1].body).get("planted") is True, world.up.turns[-1].body)
        answer = world.exchange(world.ask(CHAT, model=model))
        expect(answer.status == 200, answer)
        expect(b"planted" not in world.up.turns[-1].body, world.up.turns[-1].body)

    return run


def tools_of(dialect, names):
    schema = {"type": "object", "properties": {}}
    if dialect is CHAT:
        return [{"type": "function", "function": {"name": n, "parameters": schema}} for n in names]
    if dialect is RESPONSES:
        return [{"type": "function", "name": n, "parameters": schema} for n in names]
    if dialect is ANTHROPIC:
        return [{"name": n, "input_schema": schema} for n in names]
    return [{"functionDeclarations": [{"name": n, "parameters": schema} for n in names]}]


def drops(dialect, names, left):
    def run(world):
        model = f"{dialect.slug}-tools"
        answer = world.exchange(world.ask(dialect, model=model, more={"tools": tools_of(dialect, names)}))
        expect(answer.status == 200, answer)
        body = json.loads(world.up.turns[-1].body)
        expect(body.get("tools", []) == (tools_of(dialect, left) if left else []), body)

    return run


def copies(dialect, fields, team):
    def run(world):
        send(world, dialect, "plain", fields=fields)
        turn = world.up.turns[-1]
        expect(turn.get("x-fixed") == "blue" and turn.get("x-team") == team, turn.fields)
        expect(turn.get("x-stolen") is None and turn.get("x-cookie") is None, "the client's secrets went up:", turn.fields)
        expect(CLIENT_KEY not in repr(turn.fields), turn.fields)

    return run


for dialect in ALL:
    payload.add(f"{dialect.name}: from-protocol holds for Claude's clients only", from_claude(dialect), sends=2)
    payload.add(f"{dialect.name}: drop-tools of file and entry", drops(dialect, ["planted_tool", "kept", "own_tool"], ["kept"]), sends=1)
    payload.add(f"{dialect.name}: drop-tools of every tool", drops(dialect, ["planted_tool", "own_tool"], []), sends=1)
    payload.add(f"{dialect.name}: $X-Team is the client's", copies(dialect, [("x-team", "planted team"), ("Cookie", "a=b")], "planted team"), sends=1)
    payload.add(f"{dialect.name}: $X-Team is left out where the client has none", copies(dialect, [], None), sends=1)

# -- fields of answers

GIVEN = [
    ("X-Vendor-Region", "eu-7"), ("Openai-Processing-Ms", "12"), ("Set-Cookie", "a=b"), ("X-Hop", "planted"), ("Connection", "X-Hop"),
    ("Server", "planted/1"), ("Access-Control-Allow-Origin", "*"), ("Location", "http://planted.example/"), ("Via", "1.1 planted"),
    ("Strict-Transport-Security", "max-age=9"), ("X-Echo", "upstream-{}-key"), ("X-Request-Id", "planted"), ("Link", "<http://planted.example/>"),
]  # fmt: skip


def answers_with(dialect, passed, stream):
    def run(world):
        fields = [(n, v.format(dialect.slug)) for n, v in GIVEN]

        def script(turn):
            if not stream:
                return turn.answer(200, dialect.unary(), fields=fields)
            turn.stream_head(fields=fields)
            for frame in dialect.frames():
                turn.chunk(frame)
            turn.last_chunk()
            return True

        world.up.script = script
        answer = world.exchange(world.ask(dialect, stream, model=f"{dialect.slug}-plain"))
        expect(answer.status == 200, answer)
        expect((answer.get("x-vendor-region") == "eu-7") == passed, answer.fields)
        expect((answer.get("openai-processing-ms") == "12") == passed, answer.fields)
        expect("planted" not in repr(answer.fields) and "upstream-" not in repr(answer.fields), answer.fields)

    return run


def passing(world):
    return json.dumps(json.loads(config(world)) | {"passthrough-headers": True})


fields = Group("P passthrough-headers", warm=False, config=passing)
for dialect in ALL:
    for stream in (False, True):
        kind = f"{dialect.name} {'stream' if stream else 'unary'}"
        fields.add(f"{kind}: harmless fields of the upstream are handed on", answers_with(dialect, True, stream), sends=1)
        payload.add(f"{kind}: fields of the upstream stay here", answers_with(dialect, False, stream), sends=1)

# -- passthru


def passthru(world):
    def row(model, protocol, **more):
        version = "" if protocol == "claude" else "/v1"
        return {"model": model, "protocol": protocol, "base-url": f"http://127.0.0.1:{world.up.port}{version}"} | more

    yaml = [
        row("pass-chat", "openai", **{"api-key": "upstream-pass-chat-key", "upstream-model": "far-chat", "headers": {"X-Row": "chat"}}),
        row("pass-codex", "responses", **{"api-keys": ["upstream-pass-codex-a-key", "upstream-pass-codex-b-key"], "context-window": 4096}),
        row("pass-claude", "claude", **{"api-key": "upstream-pass-claude-key", "payload": {"override": {"temperature": 0.2}}}),
        row("pass-keyless", "openai-compat"),
        row("pass-old", "openai", **{"api-key": "upstream-pass-yaml-key", "headers": {"X-Row": "yaml"}}),
        row("pass-tools", "openai", **{"drop-tools": ["planted_tool"], "supports-developer-role": False}),
    ]
    environment = [
        row("PASS-old", "claude", **{"api-key": "upstream-pass-env-key"}),
        row("pass-new", "codex", **{"api-key": "upstream-pass-new-key", "upstream-model": "far-new"}),
    ]
    os.environ["PASSTHRU_MODELS_JSON"] = json.dumps(environment)
    world.secrets += ["upstream-pass-env-key", "upstream-pass-new-key"]
    return configuration(world, [], passthru=yaml, payload={"override": [{"models": [{"name": "pass-claude"}], "params": {"temperature": 0.9, "top_p": 0.3}}]})


rows = Group("P passthru", warm=False, config=passthru)


def reaches(dialect, model, at_dialect, key, upstream_model, stream, check=None):
    def run(world):
        answer = world.exchange(world.ask(dialect, stream, model=model))
        expect(answer.status == 200, answer)
        expect(not stream or stream_verdict(dialect, answer) == "complete", answer)
        turn = world.up.turns[-1]
        expect(turn.target == at_dialect.upstream_path(stream), turn.target)
        expect(turn.key in key if isinstance(key, tuple) else turn.key == key, turn.fields)
        body = json.loads(turn.body)
        expect(body["model"] == upstream_model, body)
        expect(check is None or check(turn, body), turn.fields, body)

    return run


for stream in (False, True):
    for dialect in (CHAT, RESPONSES, ANTHROPIC, GEMINI):
        kind = f"{dialect.name} {'stream' if stream else 'unary'}"
        for name, args in {
            "a row of openai": ("pass-chat", CHAT, "upstream-pass-chat-key", "far-chat", stream, lambda t, b: t.get("x-row") == "chat"),
            "a row of responses": ("pass-codex", RESPONSES, ("upstream-pass-codex-a-key", "upstream-pass-codex-b-key"), "pass-codex", stream),
            "a row of claude, its own rule last": ("pass-claude", ANTHROPIC, "upstream-pass-claude-key", "pass-claude", stream, lambda t, b: (b["temperature"], b["top_p"]) == (0.2, 0.3)),
            "a row without a key": ("pass-keyless", CHAT, "", "pass-keyless", stream, lambda t, b: t.get("authorization") is None),
            "a row that the environment replaces": ("pass-old", ANTHROPIC, "upstream-pass-env-key", "PASS-old", stream, lambda t, b: t.get("x-row") is None),
            "a row of the environment": ("pass-new", RESPONSES, "upstream-pass-new-key", "far-new", stream),
        }.items():
            rows.add(f"{kind}: {name}", reaches(dialect, *args), sends=1)


@rows.case("drop-tools, and developer messages for an upstream that knows none", sends=1)
def _(world):
    messages = [{"role": "developer", "content": "be short"}, {"role": "user", "content": "hello"}]
    more = {"messages": messages, "tools": tools_of(CHAT, ["planted_tool", "kept"])}
    expect(world.exchange(world.ask(CHAT, model="pass-tools", more=more)).status == 200)
    body = json.loads(world.up.turns[-1].body)
    expect(body["messages"][0] == {"role": "system", "content": "be short"}, body)
    expect(body["tools"] == tools_of(CHAT, ["kept"]), body)


@rows.case("rows are listed, with their window, as passthru's")
def _(world):
    listed = {row["id"]: row for row in json.loads(world.exchange(world.head("GET", "/v1/models")).body)["data"]}
    expect({"pass-chat", "pass-codex", "pass-claude", "pass-new"} <= set(listed), list(listed))
    expect(listed["pass-codex"]["context_length"] == 4096 and listed["pass-codex"]["owned_by"] == "passthru", listed["pass-codex"])


# -- presets

PLAIN = "openai openrouter groq deepseek together moonshot zai zai-coding mistral xai cerebras fireworks siliconflow dashscope".split()
KEYLESS = "ollama lmstudio llamacpp vllm".split()


def presets_config(world):
    base = f"http://127.0.0.1:{world.up.port}"
    providers = [
        {"provider": p, "api-key": f"upstream-{p}-key", "base-url": f"{base}/v1", "models": [{"name": f"m-{p}"}]}
        for p in PLAIN + ["azure-openai", "openai-responses"]
    ]
    providers += [{"provider": p, "base-url": f"{base}/v1", "models": [{"name": f"m-{p}"}]} for p in KEYLESS]
    providers += [{"provider": "minimax", "api-key": "upstream-minimax-key", "base-url": base, "models": [{"name": "m-minimax"}]}]
    return configuration(world, [], providers=providers)


presets = Group("P presets", warm=False, config=presets_config)
SETTINGS = {"logprobs": True, "top_logprobs": 2, "logit_bias": {"1": 2}, "max_completion_tokens": 77, "user": "u", "seed": 3}


def preset(name, at_dialect=CHAT, gone=(), renamed=None, field="authorization"):
    def run(world):
        own = SETTINGS if at_dialect is CHAT else {}
        dialect = at_dialect
        answer = world.exchange(world.ask(dialect, model=f"m-{name}", more=own))
        expect(answer.status == 200, answer)
        turn = world.up.turns[-1]
        expect(turn.target == at_dialect.upstream_path(), turn.target)
        body = json.loads(turn.body)
        wanted = {k: v for k, v in own.items() if k not in gone}
        if renamed:
            wanted[renamed[1]] = wanted.pop(renamed[0])
        expect({k: v for k, v in body.items() if k in SETTINGS or k == "max_tokens" and own} == wanted, body)
        sent = {n: v for n, v in turn.fields if n in ("authorization", "api-key", "x-api-key", "x-goog-api-key")}
        bearer = "Bearer " if field == "authorization" else ""
        expect(sent == ({field: f"{bearer}upstream-{name}-key"} if field else {}), sent)

    return run


LOGS = ("logprobs", "top_logprobs", "logit_bias")
for name in PLAIN:
    gone = LOGS if name == "groq" else (*LOGS, "user") if name == "mistral" else ()
    renamed = ("max_completion_tokens", "max_tokens") if name == "mistral" else None
    presets.add(f"{name} gets what it takes", preset(name, gone=gone, renamed=renamed), sends=1)
presets.add("azure-openai gets its key as api-key", preset("azure-openai", field="api-key"), sends=1)
presets.add("openai-responses speaks Responses", preset("openai-responses", RESPONSES), sends=1)
presets.add("minimax speaks Anthropic's dialect", preset("minimax", ANTHROPIC), sends=1)
for name in KEYLESS:
    presets.add(f"{name} gets no key", preset(name, field=None), sends=1)
