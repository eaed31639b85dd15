# SPDX-License-Identifier: GPL-3.0-or-later
"""S: an account of Kiro, which speaks no dialect: every client's request becomes a state of a
conversation, and Amazon's messages become every client's answer."""

import base64
import json
import os
import sys

from harness.dialects import ALL, ANTHROPIC, CHAT, GEMINI, RESPONSES, read_sse, stream_verdict
from harness.signed_in import configuration, plant, row, token_of
from harness.suite import Group, expect, expect_error, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from fake_vendor import message  # noqa: E402

HOST = "https://q.us-east-1.amazonaws.com"
OIDC = "https://oidc.us-east-1.amazonaws.com"
MODEL = "claude-sonnet-4.5"
PROFILE = "arn:aws:codewhisperer:us-east-1:1:profile/A"
CALL = [
    message("toolUseEvent", {"toolUseId": "tooluse_1", "name": "look"}),
    message("toolUseEvent", {"toolUseId": "tooluse_1", "name": "look", "input": '{"city": "Pa'}),
    message("toolUseEvent", {"toolUseId": "tooluse_1", "name": "look", "input": 'ris"}'}),
    message("toolUseEvent", {"toolUseId": "tooluse_1", "name": "look", "stop": True}),
]
TEXT = [
    message("initial-response", {}),
    message("assistantResponseEvent", {"content": "Hello "}),
    message("assistantResponseEvent", {"content": "\u2603"}),
    message("contextUsageEvent", {"contextUsagePercentage": 1.5}),
    message("meteringEvent", {"usage": 0.02, "unit": "credit"}),
]
COUNTED = TEXT + [message("metadataEvent", {"tokenUsage": {"uncachedInputTokens": 5, "cacheReadInputTokens": 2, "outputTokens": 7}})]


class Amazon:
    """Answers as Kiro does."""

    def __init__(self, world):
        self.turns = []
        self.replies = []  # of the next requests: f (turn), or messages
        world.up.script = world.up2.script = self

    def __call__(self, turn):
        path = turn.target.split("?")[0]
        if path == "/token":
            return turn.answer(200, {"accessToken": "upstream-token-renewed-key", "refreshToken": "r2", "expiresIn": 3600})
        if path != "/generateAssistantResponse":
            return turn.answer(503, {"message": "not now"})
        self.turns.append(turn)
        reply = self.replies.pop(0) if self.replies else TEXT
        return reply(turn) if callable(reply) else stream(turn, reply)

    @property
    def state(self):
        return json.loads(self.turns[-1].body)["conversationState"]


def stream(turn, messages):
    """In pieces that end where no message does."""
    wire = b"".join(messages)
    turn.stream_head("application/vnd.amazon.eventstream")
    for start in range(0, len(wire), 50):
        turn.chunk(wire[start : start + 50])
    turn.last_chunk()
    return True


def refuse(status, text, reason=None):
    return lambda turn: turn.answer(status, {"message": text, "reason": reason})


def config_of(*names):
    def config(world):
        plant(world, [row("kiro", name, project=PROFILE) for name in names])
        return configuration(world, {host: f"http://127.0.0.1:{world.up.port}" for host in (HOST, OIDC)})

    return config


def ask(world, dialect, streams=False, more=None, model=MODEL):
    return world.exchange(world.ask(dialect, streams, model=model, more=more), timeout=20)


one = Group("S kiro", calm=True, config=config_of("a"), warm=False)


def add_dialect(dialect, streams):
    @one.case(f"S70 {dialect.name}{' stream' if streams else ''} is served by an account of Kiro", sends=None)
    def _(world):
        amazon = Amazon(world)
        answer = ask(world, dialect, streams)
        expect(answer.status == 200, answer)
        if streams:
            expect(stream_verdict(dialect, answer) == "complete", stream_verdict(dialect, answer))
            expect(dialect.text_in(read_sse(answer.body)) == "Hello \u2603", answer.body)
        else:
            expect(dialect.text_of(json.loads(answer.body)) == "Hello \u2603", answer.body)
        turn = amazon.turns[-1]
        expect(len(amazon.turns) == 1 and turn.target == "/generateAssistantResponse", turn.target)
        expect(turn.get("authorization") == f"Bearer {token_of('kiro-a')}", turn.fields)
        expect(turn.get("user-agent").startswith("weir/"), turn.fields)
        said = amazon.state["currentMessage"]["userInputMessage"]
        expect(said["content"] == "hello" and said["modelId"] == MODEL, said)
        expect(json.loads(turn.body)["profileArn"] == PROFILE, turn.body)


for _dialect in ALL:
    for _streams in (False, True):
        add_dialect(_dialect, _streams)

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS = {
    CHAT: {"tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": SCHEMA}}]},
    RESPONSES: {"tools": [{"type": "function", "name": "look", "description": "Looks.", "parameters": SCHEMA}]},
    ANTHROPIC: {"tools": [{"name": "look", "description": "Looks.", "input_schema": SCHEMA}]},
    GEMINI: {"tools": [{"functionDeclarations": [{"name": "look", "description": "Looks.", "parameters": SCHEMA}]}]},
}


def call_in(dialect, answer):
    """Name, id and arguments of the call in a whole answer."""
    if dialect is CHAT:
        call = answer["choices"][0]["message"]["tool_calls"][0]
        return call["function"]["name"], call["id"], json.loads(call["function"]["arguments"])
    if dialect is RESPONSES:
        call = next(item for item in answer["output"] if item["type"] == "function_call")
        return call["name"], call["call_id"], json.loads(call["arguments"])
    if dialect is ANTHROPIC:
        call = next(block for block in answer["content"] if block["type"] == "tool_use")
        return call["name"], call["id"], call["input"]
    call = next(part["functionCall"] for part in answer["candidates"][0]["content"]["parts"] if "functionCall" in part)
    return call["name"], call.get("id"), call["args"]


def result_of(dialect, answer, identity):
    """The turns of a request that goes on with what the call gave."""
    if dialect is CHAT:
        return {"messages": [{"role": "user", "content": "hello"}, answer["choices"][0]["message"],
                             {"role": "tool", "tool_call_id": identity, "content": "rain"}]}
    if dialect is RESPONSES:
        return {"input": [{"role": "user", "content": "hello"}, *answer["output"],
                          {"type": "function_call_output", "call_id": identity, "output": "rain"}]}
    if dialect is ANTHROPIC:
        return {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": answer["content"]},
                             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": identity, "content": "rain"}]}]}
    response = {"name": "look", "response": {"result": "rain"}} | ({"id": identity} if identity else {})
    return {"contents": [{"role": "user", "parts": [{"text": "hello"}]}, answer["candidates"][0]["content"],
                         {"role": "user", "parts": [{"functionResponse": response}]}]}


def add_call(dialect):
    @one.case(f"S71 a call of Kiro's goes there and back with {dialect.name}", sends=None)
    def _(world):
        amazon = Amazon(world)
        amazon.replies = [TEXT + CALL]
        first = ask(world, dialect, more=TOOLS[dialect])
        expect(first.status == 200, first)
        tool = amazon.state["currentMessage"]["userInputMessage"]["userInputMessageContext"]["tools"][0]["toolSpecification"]
        expect(tool["name"] == "look" and tool["description"] == "Looks.", tool)
        expect(tool["inputSchema"]["json"]["properties"] == SCHEMA["properties"], tool)
        answer = json.loads(first.body)
        name, identity, arguments = call_in(dialect, answer)
        expect(name == "look" and arguments == {"city": "Paris"}, answer)
        second = ask(world, dialect, more=TOOLS[dialect] | result_of(dialect, answer, identity))
        expect(second.status == 200, second)
        history, current = amazon.state["history"], amazon.state["currentMessage"]["userInputMessage"]
        said = history[1]["assistantResponseMessage"]
        expect(len(history) == 2 and said["content"] == "Hello \u2603", history)
        expect(said["toolUses"][0]["name"] == "look" and said["toolUses"][0]["input"] == {"city": "Paris"}, said)
        result = current["userInputMessageContext"]["toolResults"][0]
        expect(result["toolUseId"] == said["toolUses"][0]["toolUseId"] and result["status"] == "success", result)
        expect("rain" in result["content"][0]["text"], result)

    @one.case(f"S71 a call of Kiro's is streamed to {dialect.name}", sends=None)
    def _(world):
        Amazon(world).replies = [CALL]
        answer = ask(world, dialect, True, more=TOOLS[dialect])
        expect(stream_verdict(dialect, answer) == "complete", stream_verdict(dialect, answer))
        expect(b"look" in answer.body, answer.body)


for _dialect in ALL:
    add_call(_dialect)


@one.case("S72 counts are told where Kiro tells them, and never made up of percents", sends=None)
def _(world):
    amazon = Amazon(world)
    amazon.replies = [COUNTED, TEXT]
    usage = json.loads(ask(world, CHAT).body)["usage"]
    expect(usage["prompt_tokens"] == 7 and usage["completion_tokens"] == 7, usage)
    usage = json.loads(ask(world, CHAT).body).get("usage") or {}
    expect(not usage.get("prompt_tokens") and not usage.get("completion_tokens"), usage)


@one.case("S73 what Kiro cannot be told is named in the log", sends=None)
def _(world):
    Amazon(world)
    before = len(world.rows())
    answer = ask(world, CHAT, more={"temperature": 0.5, "max_tokens": 9, "stop": ["x"]})
    expect(answer.status == 200, answer)
    wait_for(lambda: len(world.rows()) > before)
    losses = world.rows()[-1]["losses"]
    for word in ("max-output-tokens", "temperature", "stop-sequences"):
        expect(word in losses, losses)


@one.case("S74 an answer that was cut, or damaged on its way, is none", sends=None)
def _(world):
    amazon = Amazon(world)
    damaged = bytearray(b"".join(TEXT))
    damaged[-1] ^= 1
    for reply in (TEXT[:1], CALL[:2], [b"".join(TEXT)[:-3]], [bytes(damaged)]):
        amazon.replies = [reply] * 9
        expect_error(ask(world, CHAT), (502, 503), CHAT)
        amazon.replies = [reply] * 9
        answer = ask(world, CHAT, True)
        expect(answer.status != 200 or stream_verdict(CHAT, answer) != "complete", answer)


@one.case("S75 what Kiro refuses in this request is the client's to hear, in its dialect", sends=None)
def _(world):
    amazon = Amazon(world)
    for dialect in ALL:
        amazon.replies = [refuse(400, "Input is too long.", "CONTENT_LENGTH_EXCEEDS_THRESHOLD")]
        answer = ask(world, dialect)
        expect_error(answer, (400,), dialect)
        expect(b"Input is too long." in answer.body and b"CONTENT_LENGTH" not in answer.body, answer.body)


two = Group("S kiro failover", calm=True, config=config_of("a", "b"), warm=False)


def add_failover(name, *replies):
    @two.case(f"S76 {name}: another account serves", sends=None)
    def _(world):
        amazon = Amazon(world)
        for streams in (False, True):
            amazon.turns.clear()
            amazon.replies = list(replies)
            answer = ask(world, CHAT, streams)
            expect(answer.status == 200, answer)
            expect(len(amazon.turns) == 2, len(amazon.turns))
            expect(len({turn.get("authorization") for turn in amazon.turns}) == 2, "the same was asked again")
            world.advance(3600 * 25)


add_failover("throttled", refuse(429, "Too many requests, please wait.", None))
add_failover("no capacity", refuse(429, "I am experiencing high traffic.", "INSUFFICIENT_MODEL_CAPACITY"))
add_failover("the month is used up", refuse(402, "You have reached the limit.", "MONTHLY_REQUEST_COUNT"))
add_failover("suspended", refuse(403, "Your account is suspended.", "TEMPORARILY_SUSPENDED"))
add_failover("throttled inside a 200", [message("throttlingException", {"message": "Rate exceeded"}, "exception")])


def expiring_config(world):
    plant(world, [row("kiro", "a")])
    path = os.path.join(world.folder, "data", "weir", "secrets")
    with open(path, encoding="utf-8") as file:
        head, line = file.read().splitlines()
    name, told = line.split(" ", 1)
    grant = json.dumps({"refreshToken": "r1", "clientId": "c", "clientSecret": "s"})
    told = json.loads(told) | {"refresh_token": "aws:" + base64.b64encode(grant.encode()).decode()}
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}\n{name} {json.dumps(told)}\n")
    return configuration(world, {host: f"http://127.0.0.1:{world.up.port}" for host in (HOST, OIDC)})


expiring = Group("S kiro expiring", calm=True, config=expiring_config, warm=False)


@expiring.case("S77 a token that Kiro calls invalid is renewed, and the request served", sends=None)
def _(world):
    amazon = Amazon(world)
    amazon.replies = [refuse(403, "The bearer token included in the request is invalid.")]
    answer = ask(world, ANTHROPIC)
    expect(answer.status == 200, answer)
    expect([turn.get("authorization") for turn in amazon.turns]
           == [f"Bearer {token_of('kiro-a')}", "Bearer upstream-token-renewed-key"], amazon.turns)


@one.case("S78 tokens are estimated: Kiro does not count", sends=None)
def _(world):
    amazon = Amazon(world)
    answer = world.exchange(world.post("/v1/messages/count_tokens", ANTHROPIC.body(model=MODEL)), timeout=20)
    expect(answer.status == 200 and json.loads(answer.body)["input_tokens"] > 0, answer)
    expect(not amazon.turns, "it was asked all the same")
