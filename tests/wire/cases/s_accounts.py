# SPDX-License-Identifier: GPL-3.0-or-later
"""S: accounts that are signed in: where their requests go, what stands round them there, and
whom they serve."""

import concurrent.futures
import json
import time

from cases.h_quota import now_of
from harness.dialects import ALL, ANTHROPIC, CHAT, GEMINI, RESPONSES, read_sse, stream_verdict
from harness.signed_in import HOSTS, Vendors, configuration, plant, row, token_of
from harness.suite import Group, expect, expect_error, wait_for

CLAUDE_CODE = [("User-Agent", "claude-cli/2.1.0 (external, cli)"), ("X-App", "cli"), ("Anthropic-Beta", "files-1")]


def ask(world, dialect, model, stream=False, fields=(), more=None):
    return world.exchange(world.ask(dialect, stream, model=model, fields=fields, more=more), timeout=20)


def served(world, dialect, model, stream=False, fields=()):
    """What the vendor got for a request that was answered as it should be."""
    vendors = Vendors(world)
    answer = ask(world, dialect, model, stream, fields)
    expect(answer.status == 200, answer)
    if stream:
        expect(stream_verdict(dialect, answer) == "complete", stream_verdict(dialect, answer))
        expect(dialect.text_in(read_sse(answer.body)) == "Hello \u2603", answer.body)
    else:
        expect(dialect.text_of(json.loads(answer.body)) in ("hi", "Hello \u2603"), answer.body)
    expect(len(vendors.turns) == 1, len(vendors.turns))
    return vendors.last


# one account of each kind
KINDS = {
    # provider: (model, path, path of a stream)
    "claude": ("claude-opus-4", "/v1/messages", None),
    "codex": ("gpt-5.1", "/backend-api/codex/responses", None),
    "kimi": ("kimi-for-coding", "/coding/v1/chat/completions", None),
    "xai": ("grok-4", "/v1/responses", None),
    "qwen": ("coder-model", "/v1/chat/completions", None),
    "iflow": ("glm-4.6", "/v1/chat/completions", None),
    "gemini-cli": ("gemini-3-pro", "/v1internal:generateContent", "/v1internal:streamGenerateContent?alt=sse"),
    "antigravity": ("gpt-oss-120b", "/v1internal:generateContent", "/v1internal:streamGenerateContent?alt=sse"),
}


def kinds_config(world):
    rows = [row(kind, "a", any_client=1, project=f"project-{kind}") for kind in KINDS]
    # each model is of one of them
    rows[-1] |= {"excluded_models": "gemini-*\nclaude-*"}
    rows[-3] |= {"excluded_models": "kimi-*"}
    plant(world, rows)
    return configuration(world)


kinds = Group("S kinds", calm=True, config=kinds_config, warm=False)


def add_kind(kind, model, path, stream_path, dialect, stream):
    wanted = stream_path if stream and stream_path else path

    def run(world):
        turn = served(world, dialect, model, stream)
        target = turn.target.split("?")[0] if dialect is ANTHROPIC and kind == "claude" else turn.target
        expect(target == wanted, turn.target)
        expect(turn.get("authorization") == f"Bearer {token_of(kind + '-a')}", turn.fields)
        expect(turn.get("user-agent").startswith("weir/"), turn.fields)
        for name in ("x-api-key", "x-goog-api-key", "x-stainless-lang", "referer", "cookie"):
            expect(turn.get(name) is None, name)

    kinds.add(f"S01 {dialect.name}{' stream' if stream else ''} is served by an account of {kind}", run, sends=None)


for _kind, (_model, _path, _stream_path) in KINDS.items():
    for _dialect in ALL:
        for _stream in (False, True):
            add_kind(_kind, _model, _path, _stream_path, _dialect, _stream)


@kinds.case("S02 the backend of Codex is asked as it wants to be, and says whose account it is", sends=None)
def _(world):
    for stream in (False, True):
        turn = served(world, RESPONSES, "gpt-5.1", stream)
        body = json.loads(turn.body)
        expect(body["store"] is False and body["stream"] is True and body["instructions"] == "", body)
        expect(body["include"] == ["reasoning.encrypted_content"], body)
        expect(turn.get("chatgpt-account-id") == "vendor-id-a", turn.fields)
        expect(turn.get("originator") == "weir" and turn.get("accept") == "text/event-stream", turn.fields)


@kinds.case("S03 what Codex does not grant is taken out of a translated request, too", sends=None)
def _(world):
    vendors = Vendors(world)
    answer = ask(world, CHAT, "gpt-5.1", more={"temperature": 0.5, "max_tokens": 9, "top_p": 1, "user": "u"})
    expect(answer.status == 200, answer)
    body = vendors.body()
    expect(not {"temperature", "max_output_tokens", "top_p", "user"} & set(body), body)


@kinds.case("S04 a response of another account cannot be followed at Codex", sends=None)
def _(world):
    vendors = Vendors(world)
    answer = ask(world, RESPONSES, "gpt-5.1", more={"previous_response_id": "resp_unknown"})
    expect_error(answer, (400, 404), RESPONSES)
    expect(not vendors.turns, "it was asked all the same")


@kinds.case("S05 a stored response is followed at Codex by what it said", sends=None)
def _(world):
    vendors = Vendors(world)
    first = ask(world, RESPONSES, "gpt-5.1", more={"store": True})
    expect(first.status == 200, first)
    answer = ask(world, RESPONSES, "gpt-5.1", more={"previous_response_id": json.loads(first.body)["id"], "store": True})
    expect(answer.status == 200, answer)
    expect("previous_response_id" not in vendors.body(), vendors.body())
    expect(len(vendors.body()["input"]) == 3, vendors.body())


@kinds.case("S06 Code Assist has model and project round the request", sends=None)
def _(world):
    for kind, dialect in (("gemini-cli", GEMINI), ("gemini-cli", CHAT), ("antigravity", ANTHROPIC)):
        turn = served(world, dialect, KINDS[kind][0])
        body = json.loads(turn.body)
        expect(set(body) == {"model", "project", "request"}, body)
        expect(body["model"] == KINDS[kind][0] and body["project"] == f"project-{kind}", body)
        expect(body["request"]["contents"][0]["parts"][0]["text"] == "hello", body)


@kinds.case("S07 a list of answers is told of Code Assist's stream", sends=None)
def _(world):
    vendors = Vendors(world)
    request = world.post("/v1beta/models/gemini-3-pro:streamGenerateContent", GEMINI.body())
    answer = world.exchange(request, timeout=20)
    expect(answer.status == 200, answer)
    texts = [p.get("text", "") for a in json.loads(answer.body) for c in a.get("candidates", []) for p in c["content"].get("parts", [])]
    expect("".join(texts) == "Hello \u2603", answer.body)
    expect(vendors.last.target.endswith("streamGenerateContent?alt=sse"), vendors.last.target)


@kinds.case("S08 Code Assist counts", sends=None)
def _(world):
    vendors = Vendors(world)
    answer = world.exchange(world.post("/v1beta/models/gemini-3-pro:countTokens", GEMINI.body()), timeout=20)
    expect(answer.status == 200 and json.loads(answer.body)["totalTokens"] == 42, answer)
    expect(vendors.body() == {"request": {"model": "models/gemini-3-pro", "contents": json.loads(GEMINI.body())["contents"]}}, vendors.body())
    answer = world.exchange(world.post("/v1/messages/count_tokens", ANTHROPIC.body(model="gemini-3-pro")), timeout=20)
    expect(answer.status == 200 and json.loads(answer.body)["input_tokens"] == 42, answer)


@kinds.case("S09 an error of Code Assist rests the account as Gemini's would", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.faults = [lambda turn: turn.answer(429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "planted", "details": [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "600s"}]}})]  # fmt: skip
    expect_error(ask(world, GEMINI, "gemini-3-pro"), 429, GEMINI)
    answer = ask(world, GEMINI, "gemini-3-pro")
    expect_error(answer, 429, GEMINI)
    expect(500 < int(answer.get("retry-after")) <= 600, answer.get("retry-after"))
    expect(len(vendors.turns) == 1, "it did not rest")


@kinds.case("S10 an error inside Code Assist's stream is one, before its first byte", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.faults = [lambda turn: turn.stream([GEMINI.error_frame()])]
    expect_error(ask(world, GEMINI, "gemini-3-pro", stream=True), 503, GEMINI)


@kinds.case("S11 a stream of Codex that ends early is no answer", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.faults = [lambda turn: turn.stream(RESPONSES.frames()[:-1])] * 9
    expect_error(ask(world, RESPONSES, "gpt-5.1"), (502, 503), RESPONSES)


# who is served


def clients_config(world):
    plant(world, [row("claude", "own")])
    return configuration(world)


clients = Group("S clients", calm=True, config=clients_config, warm=False)


@clients.case("S20 Claude Code is served as itself", sends=None)
def _(world):
    turn = served(world, ANTHROPIC, "claude-opus-4", fields=CLAUDE_CODE)
    expect(turn.get("user-agent") == CLAUDE_CODE[0][1] and turn.get("x-app") == "cli", turn.fields)
    expect(turn.get("anthropic-beta") == "files-1,oauth-2025-04-20", turn.get("anthropic-beta"))
    expect(turn.get("anthropic-version") == "2023-06-01", turn.fields)
    same = served(world, ANTHROPIC, "claude-opus-4", fields=CLAUDE_CODE[:2] + [("Anthropic-Beta", "a, oauth-2025-04-20")])
    expect(same.get("anthropic-beta") == "a, oauth-2025-04-20", same.get("anthropic-beta"))


@clients.case("S21 others are refused, and told of the switch", sends=None)
def _(world):
    for dialect in ALL:
        vendors = Vendors(world)
        for fields in ((), [("User-Agent", "curl/8 claude-cli/1")]):
            answer = ask(world, dialect, "claude-opus-4", fields=fields)
            document = expect_error(answer, 403, dialect)
            text = json.dumps(document)
            expect("my own" in text and "any client" in text, text)
        expect(not vendors.turns, "somebody was asked")


# models


def models_config(world):
    plant(world, [
        row("kimi", "one"),
        row("gemini-cli", "two", prefix="team", priority=5, excluded_models="gemini-2*"),
        row("xai", "off", enabled=0),
    ])  # fmt: skip
    kimi = [{"name": "kimi-for-coding", "alias": "coder", "fork": True}, {"name": "kimi-k9", "alias": "nine"}]
    rules = [{"status": 418, "match": ["teapot"], "action": "stop"}]
    return configuration(world, **{
        "oauth-model-alias": {"kimi": kimi, "gemini-cli": [{"name": "gemini-3-pro", "alias": "pro"}]},
        "oauth-excluded-models": {"gemini-cli": ["*-image"]},
        "oauth-request-scoped-errors": {"kimi": rules},
    })  # fmt: skip


models = Group("S models", calm=True, config=models_config, warm=False)


def listed(world):
    answer = world.exchange(world.head("GET", "/v1/models"), timeout=20)
    return [one["id"] for one in json.loads(answer.body)["data"]]


@models.case("S30 an account's models have the configuration's other names", sends=None)
def _(world):
    for alias, name in (("coder", "kimi-for-coding"), ("nine", "kimi-k9")):
        expect(json.loads(served(world, CHAT, alias).body)["model"] == name, alias)
    for alias in ("pro", "team/pro", "team/gemini-3-flash"):
        turn = served(world, CHAT, alias)
        expect(json.loads(turn.body)["model"] == ("gemini-3-flash" if "flash" in alias else "gemini-3-pro"), turn.body)
    names = listed(world)
    expect({"coder", "nine", "pro", "team/pro"} <= set(names), names)


@models.case("S31 what the account or its kind excludes is not served, nor is what is switched off", sends=None)
def _(world):
    for model in ("gemini-2.5-pro", "gemini-3-pro-image", "team/gemini-2.5-pro", "grok-4"):
        expect_error(ask(world, CHAT, model), 404, CHAT, "model_not_found")


@models.case("S32 a list that the vendor tells of is the account's", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.models["/coding/v1/models"] = {"data": [{"id": "kimi-new"}, {"id": "kimi-k9"}, {"id": "kimi-for-coding"}]}
    world.advance(3 * 3600 + 60)
    wait_for(lambda: "kimi-new" in listed(world), what="the list")
    names = listed(world)
    expect("kimi-for-coding" in names and "kimi-k9" not in names and "coder" in names, names)


@models.case("S33 a rule about errors of the kind stops", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.faults = [lambda turn: turn.answer(418, CHAT.error_body("i am a teapot"))]
    answer = ask(world, CHAT, "coder")
    expect(answer.status == 418, answer)
    expect(len(vendors.turns) == 1, len(vendors.turns))


# how much is left


def stop_config(world):
    plant(world, [row("claude", "kept", stop_at=20, any_client=1)])
    return configuration(world)


stop = Group("S stop", calm=True, config=stop_config, warm=False)


@stop.case("S40 an account with less left than its user keeps serves nobody until its window ends", sends=None)
def _(world):
    vendors = Vendors(world)

    def told(used):
        reset = int(now_of(world) + 1000)
        prefix = "anthropic-ratelimit-unified-"
        fields = [(prefix + "status", "allowed"), (prefix + "5h-status", "allowed"), (prefix + "5h-utilization", used), (prefix + "5h-reset", reset)]
        return lambda turn: turn.answer(200, ANTHROPIC.unary(), fields=fields)

    vendors.faults = [told(0.7)]
    expect(ask(world, ANTHROPIC, "claude-opus-4").status == 200, "the first")
    vendors.faults = [told(0.85)]
    expect(ask(world, ANTHROPIC, "claude-opus-4").status == 200, "the second")
    answer = ask(world, ANTHROPIC, "claude-opus-4")
    expect_error(answer, 429, ANTHROPIC)
    expect(900 < int(answer.get("retry-after")) <= 1000, answer.get("retry-after"))
    expect(len(vendors.turns) == 2, len(vendors.turns))
    world.advance(1001)
    expect(ask(world, ANTHROPIC, "claude-opus-4").status == 200, "behind the window")


# tokens


def tokens_config(world):
    plant(world, [row("claude", "tired", any_client=1), row("copilot", "hub", base_url=HOSTS["copilot"], excluded_models="claude-*")])
    world.secrets += [FRESH, SHORT, SHORTER]
    return configuration(world)


FRESH = "upstream-token-fresh-key"
SHORT = "upstream-token-short-key"
SHORTER = "upstream-token-shorter-key"
tokens = Group("S tokens", calm=True, config=tokens_config, warm=False)


@tokens.case("S50 a token that the vendor refuses is refreshed, once for all who wait, and nobody notices", sends=None)
def _(world):
    vendors = Vendors(world)
    asked = []

    def refresh(turn):
        asked.append(json.loads(turn.body))
        time.sleep(0.3)
        return turn.answer(200, {"access_token": FRESH, "refresh_token": "r-fresh", "expires_in": 28800})

    def judge(turn):
        if turn.key != FRESH:
            return turn.answer(401, ANTHROPIC.error_body("expired", "authentication_error"))
        return Vendors.answer(vendors, turn)

    vendors.answer = judge
    vendors.tokens["/v1/oauth/token"] = refresh
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda dialect: ask(world, dialect, "claude-opus-4"), ALL))
    expect([answer.status for answer in answers] == [200] * 4, answers)
    expect(len(asked) == 1 and asked[0]["refresh_token"] == f"r-{token_of('claude-tired')}", asked)
    turns = len(vendors.turns)
    expect(ask(world, CHAT, "claude-opus-4", stream=True).status == 200, "the next one")
    expect(len(vendors.turns) == turns + 1, "the new token was not used at once")


@tokens.case("S51 Copilot is asked with the token that GitHub's gives, and hears who began the turn", sends=None)
def _(world):
    vendors = Vendors(world)
    exchanged = []

    def exchange(turn):
        exchanged.append(turn.get("authorization"))
        ends = int(now_of(world)) + 1500
        return turn.answer(200, {"token": SHORT if len(exchanged) == 1 else SHORTER, "expires_at": ends, "refresh_in": 1200})

    vendors.tokens["/copilot_internal/v2/token"] = exchange
    for dialect, stream in ((CHAT, False), (ANTHROPIC, True), (RESPONSES, False), (GEMINI, True)):
        answer = ask(world, dialect, "gpt-4.1", stream)
        expect(answer.status == 200, answer)
        turn = vendors.last
        expect(turn.target == "/chat/completions" and turn.get("authorization") == f"Bearer {SHORT}", turn.target, turn.fields)
        expect(turn.get("x-initiator") == "user" and turn.get("editor-version").startswith("weir/"), turn.fields)
    expect(exchanged == [f"token {token_of('copilot-hub')}"], exchanged)
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    history = [{"role": "user", "content": "u"}, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "r"}]
    expect(ask(world, CHAT, "gpt-4.1", more={"messages": history}).status == 200, "a tool's result")
    expect(vendors.last.get("x-initiator") == "agent", vendors.last.fields)
    for dialect, stream in ((RESPONSES, False), (CHAT, True)):
        expect(ask(world, dialect, "gpt-5.1-codex", stream).status == 200, "by Responses")
        expect(vendors.last.target == "/responses" and vendors.last.get("x-initiator") == "user", vendors.last.target)
    world.advance(1500)
    expect(ask(world, CHAT, "gpt-4.1").status == 200, "behind its end")
    expect(vendors.last.key == SHORTER and len(exchanged) == 2, exchanged)


@tokens.case("S52 an account that has to be signed in again rests, and the answer says so", sends=None)
def _(world):
    vendors = Vendors(world)
    vendors.answer = lambda turn: turn.answer(401, ANTHROPIC.error_body("revoked", "authentication_error"))
    vendors.tokens["/v1/oauth/token"] = lambda turn: turn.answer(400, {"error": "invalid_grant"})
    answer = ask(world, ANTHROPIC, "claude-opus-4")
    expect(answer.status in (401, 429, 503), answer)
    turns = len(vendors.turns)
    expect(turns == 1, turns)
    expect(ask(world, ANTHROPIC, "claude-opus-4").status in (429, 503), "it was asked again")
    expect(len(vendors.turns) == turns, "it did not rest")
