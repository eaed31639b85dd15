# SPDX-License-Identifier: GPL-3.0-or-later
"""C10 to C14 on the ways in beside the four: a key has the same rights on a websocket, where
tokens are counted, and where pictures are drawn; rests outlive the program."""

import json
import time

from cases.c_rights import key_of, rights_config
from cases.w_websocket import HANDSHAKE, create, frame
from harness.accounts import Script, account, configuration, for_all, status
from harness.dialects import ALL, CHAT
from harness.suite import Group, expect, expect_error, wait_for, with_world

routes = Group("C routes", calm=True, warm=False, config=rights_config)

OTHERS = {
    "/v1/messages/count_tokens": ("claude", {"messages": [{"role": "user", "content": "hello"}]}),
    "/v1/responses/input_tokens": ("codex", {"input": "hello"}),
    "/v1/responses/compact": ("codex", {"input": "hello"}),
    "/v1/completions": ("chat", {"prompt": "hello"}),
    "/v1/embeddings": ("chat", {"input": "hello"}),
    "/v1/images/generations": ("chat", {"prompt": "a cat"}),
}


def refused(target, model, body, key):
    def run(world):
        answer = world.exchange(world.post(target, json.dumps({"model": model} | body), key=key_of(key)))
        expect_error(answer, 403, None)

    return run


for target, (slug, body) in OTHERS.items():
    for model in (f"{slug}-secret", f"{slug}-friendly", f"secret-{slug}"):
        routes.add(f"C10 {target}: the key most may not ask for {model}", refused(target, model, body, "most"))
for verb in ("countTokens", "generateContent", "streamGenerateContent"):
    for version in ("v1beta", "v1"):
        target = f"/{version}/models/gemini-friendly:{verb}"
        routes.add(f"C10 {target}: the key most may not", refused(target, "chat-m", {"contents": [{"parts": [{"text": "hello"}]}]}, "most"))


class Talk:
    """A websocket on which one asks after the other."""

    def __init__(self, world, key, target="/v1/responses"):
        self.client = world.client()
        self.client.send(world.head("GET", target, HANDSHAKE, key=key))
        self.client.read_until(b"\r\n\r\n")
        expect(self.client.buffer.startswith(b"HTTP/1.1 101 "), self.client.buffer)
        self.client.buffer = b""

    def ask(self, model="codex-m"):
        """The end of an answer: its last event as text, or how the connection ended."""
        self.client.buffer = b""
        self.client.send(frame(json.dumps({"type": "response.create"} | create(model=model)).encode()))
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if b'"response.completed"' in self.client.buffer:
                return "completed"
            if b'"type":"error"' in self.client.buffer or b'"response.failed"' in self.client.buffer:
                time.sleep(0.05)
                return self.client.buffer.decode("utf-8", "replace")
            if self.client._fill(deadline, "an event"):
                return "ended"
        raise AssertionError("no answer")


def completes(talk):
    answer = talk.ask()
    expect(answer == "completed", answer)


@routes.case("C10 a websocket's messages have the rights of its key", sends=2)
def _(world):
    talk = Talk(world, key_of("most"))
    completes(talk)
    for model in ("codex-secret", "codex-friendly", "secret-codex", "team/secret-codex", "Codex-Secret"):
        answer = talk.ask(model)
        expect("may not ask" in answer, model, answer)
    completes(talk)


@routes.case("C11 a websocket's messages count", sends=5)
def _(world):
    talk = Talk(world, key_of("rpm"))
    for _ in range(5):
        completes(talk)
    answer = talk.ask()
    expect("requests-per-minute" in answer, answer)


def reload(world, change):
    with open(world.config_path, encoding="utf-8") as file:
        document = json.load(file)
    change(document)
    mark = len(world.errors)
    world.write_config(json.dumps(document))
    wait_for(lambda: b"configuration" in world.errors[mark:], what="the reload")


def key_is_removed(world):
    talk = Talk(world, key_of("most"))
    completes(talk)
    reload(world, lambda d: d.update({"api-keys": [k for k in d["api-keys"] if not isinstance(k, dict) or k["name"] != "most"]}))
    answer = talk.ask()
    expect(answer != "completed", "a removed key goes on on its websocket")
    expect(world.up.total + world.up2.total == 1, "and reached an upstream")


def key_is_narrowed(world):
    talk = Talk(world, key_of("most"))
    completes(talk)

    def narrow(document):
        for key in document["api-keys"]:
            if isinstance(key, dict) and key["name"] == "most":
                key["allowed-models"] = ["codex-open*"]

    reload(world, narrow)
    answer = talk.ask()
    expect("may not ask" in answer, "a narrowed key goes on as before:", answer)
    expect(talk.ask("codex-open-1") == "completed")


def group_is_removed(world):
    def group(document):
        document["groups"] = [{"name": "g", "accounts": ["a-*"]}]

    reload(world, group)
    talk = Talk(world, key_of("most"), "/g/g/v1/responses")
    completes(talk)
    reload(world, lambda d: d.pop("groups"))
    answer = talk.ask()
    expect(answer != "completed", "a group that is gone serves on its websocket")


alone = Group("C routes alone", warm=False)
alone.add("C14 a key that a reload removes is refused on its open websocket", with_world(key_is_removed, config=rights_config))
alone.add("C14 a key that a reload narrows is narrower on its open websocket", with_world(key_is_narrowed, config=rights_config))
alone.add("C14 a group that a reload removes serves no open websocket", with_world(group_is_removed, config=rights_config))


def resting_config(world, **settings):
    return configuration(
        world, for_all(lambda d: [account(world, f"{w}-{d.slug}", {f"{d.slug}-m": "m"}, d, at) for w, at in (("a", world.up), ("b", world.up2))]), **settings
    )


def rests_outlive(kept):
    def run(world):
        for dialect in ALL:
            script = Script(world, **{f"a-{dialect.slug}": status(429, Retry_After="600")})
            while f"a-{dialect.slug}" not in script.asked:
                expect(world.exchange(world.ask(dialect, model=f"{dialect.slug}-m")).status == 200)
        time.sleep(0.3)
        expect(world.stop() == 0, world.error_text()[-600:])
        world._start(0, 4096)
        for dialect in ALL:
            script = Script(world)
            for _ in range(6):
                expect(world.exchange(world.ask(dialect, model=f"{dialect.slug}-m")).status == 200)
            expect((f"a-{dialect.slug}" not in script.asked) == kept, script.asked)
        world.advance(601)
        time.sleep(0.05)
        script = Script(world)
        for _ in range(6):
            expect(world.exchange(world.ask(CHAT, model="chat-m")).status == 200)
        expect("a-chat" in script.asked, script.asked)

    return run


alone.add("H11 a rest outlives a restart, and ends in time", with_world(rests_outlive(True), config=resting_config))
alone.add(
    "H11 without save-cooldown-status a restart ends rests",
    with_world(rests_outlive(False), config=lambda world: resting_config(world, **{"save-cooldown-status": False})),
)
