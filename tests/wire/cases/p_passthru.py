# SPDX-License-Identifier: GPL-3.0-or-later
"""P: what rows of passthru promise of their models, and mend for their servers."""

import json

from harness.dialects import CHAT
from harness.suite import Group, expect


def passthru_config(world):
    row = {
        "model": "x", "base-url": f"http://127.0.0.1:{world.up.port}/v1", "api-key": "upstream-x-key", "context-window": 1000,
        "max-tokens": 77, "model-override": {"context-length": 2000}, "preserve-reasoning-content": True,
    }  # fmt: skip
    return json.dumps({"host": world.host, "api-keys": list(world.client_keys), "passthru": [row]}, indent=1)


passthru = Group("P rows", calm=True, config=passthru_config, warm=False)


@passthru.case("P31 a call whose thought was lost goes up with one", sends=1)
def _(world):
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    history = [{"role": "user", "content": "u"}, {"role": "assistant", "content": "I look", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "r"}]
    answer = world.exchange(world.ask(CHAT, model="x", more={"messages": history}), timeout=20)
    expect(answer.status == 200, answer)
    body = json.loads(world.up.turns[-1].body)
    expect(body["messages"][1]["reasoning_content"] == "I look", body)


@passthru.case("P32 lists say what the row says of its model")
def _(world):
    answer = json.loads(world.exchange(world.head("GET", "/v1/models/x")).body)
    expect(answer["context_length"] == 2000 and answer["max_completion_tokens"] == 77, answer)
    answer = json.loads(world.exchange(world.head("GET", "/v1/models/x", [("anthropic-version", "2023-06-01")])).body)
    expect(answer["max_input_tokens"] == 2000 and answer["max_tokens"] == 77, answer)
    answer = json.loads(world.exchange(world.head("GET", "/v1beta/models/x")).body)
    expect(answer["inputTokenLimit"] == 2000 and answer["outputTokenLimit"] == 77, answer)
