# SPDX-License-Identifier: GPL-3.0-or-later
"""C: who may speak by a key, and what happens to those who guess."""

import base64
import glob
import os
import random
import re
import signal
import stat
import subprocess
import time

from harness.client import Client
from harness.dialects import ALL, CHAT, CLIENT_KEY, GEMINI, SECOND_KEY
from harness.program import standard_config
from harness.suite import Group, Skip, expect, expect_error, wait_for, with_world

keys = Group("C keys", calm=True, weight=2)

STRANGER = "sk-ant-stranger-0123456789abcdefghij"
ROUTES = [("GET", "/v1/models"), ("GET", "/v1/models/chat-1"), ("GET", "/v1beta/models"), ("GET", "/v1beta/models/gemini-1")]
ROUTES += [("HEAD", "/v1/models"), ("POST", "/v1/completions"), ("POST", "/v1/messages/count_tokens"), ("POST", "/v1/responses/input_tokens"), ("GET", "/v1/responses/resp_1")]
ROUTES += [("POST", "/v1beta/models/gemini-1:countTokens"), ("POST", "/v1/models/gemini-1:generateContent")]
ROUTES += [("POST", d.route(s)) for d in ALL for s in (False, True)]
ROUTES += [("GET", "/"), ("GET", "/v0/management/config"), ("GET", "/management.html"), ("GET", "/debug/pprof"), ("GET", "/metrics")]


def no_credential(method, target):
    def run(world):
        with world.client() as client:
            body = b"{}" if method == "POST" else b""
            fields = [("Content-Type", "application/json"), ("Content-Length", len(body))] if body else []
            client.send(world.head(method, target, fields, key=None) + body)
            answer = client.read_answer(head_only=method == "HEAD")
            public = target in ("/", "/management.html")  # pages without detail, where they exist at all
            expect(answer.status in ((401, 404, 200) if public else (401, 404)), answer)
            known = target.startswith(("/v1/chat", "/v1/messages", "/v1/responses", "/v1/models", "/v1beta"))
            expect(answer.status == 401 or not known or "count" in target or "models/gemini-1:" in target, answer)
            for name in ("chat-1", "claude-1", "mock", "upstream"):
                expect(name.encode() not in answer.body, "detail for nobody:", answer)

    return run


for method, target in ROUTES:
    keys.add(f"C01 {method} {target} without a key", no_credential(method, target))


@keys.case("C01 the health route says nothing but its state")
def _(world):
    answer = world.exchange(world.head("GET", "/healthz", key=None))
    expect(answer.status == 200, answer)
    expect(answer.body.replace(b" ", b"").strip() == b'{"status":"ok"}', answer.body)


def place(dialect, field, stream):
    def run(world):
        data = world.ask(dialect, stream, key=None, fields=[field])
        answer = world.exchange(data)
        expect(answer.status == 200, answer)
        turn = world.up.turns[0]
        expect(turn.key == dialect.upstream_key, "upstream was given", turn.key)
        text = repr(turn.fields) + turn.target
        expect(CLIENT_KEY not in text, "the client's own key went upstream:", text)

    return run


PLACES = {
    "Authorization: Bearer": ("Authorization", f"Bearer {CLIENT_KEY}"),
    "authorization: bearer": ("authorization", f"bearer {CLIENT_KEY}"),
    "x-api-key": ("x-api-key", CLIENT_KEY),
    "x-goog-api-key": ("x-goog-api-key", CLIENT_KEY),
}
for dialect in ALL:
    for name, field in PLACES.items():
        keys.add(f"C02 {dialect.name}: the key in {name}", place(dialect, field, False), sends=1)


def key_in_url(stream):
    def run(world):
        target = GEMINI.route(stream) + ("&" if stream else "?") + f"key={CLIENT_KEY}"
        answer = world.exchange(world.post(target, GEMINI.body(), key=None))
        expect(answer.status == 200, answer)
        turn = world.up.turns[0]
        expect(CLIENT_KEY not in turn.target + repr(turn.fields), "the client's own key went upstream")
        expect(turn.key == GEMINI.upstream_key, turn.fields)

    return run


keys.add("C16 ?key= serves a Gemini route", key_in_url(False), sends=1)
keys.add("C16 ?key= serves a Gemini stream", key_in_url(True), sends=1)


@keys.case("C16 ?key= serves Gemini's list of models")
def _(world):
    answer = world.exchange(world.head("GET", f"/v1beta/models?key={CLIENT_KEY}", key=None))
    expect(answer.status == 200, answer)


def key_in_other_url(target):
    def run(world):
        body = CHAT.body()
        expect_error(world.exchange(world.post(f"{target}?key={CLIENT_KEY}", body, key=None)), 401, None)

    return run


for dialect in ALL[:3]:
    keys.add(f"C16 ?key= does not serve {dialect.route()}", key_in_other_url(dialect.route()))


@keys.case("C16 ?key= of a refused request is not in the answer", strangers=["sk-planted-in-url-0123456789"])
def _(world):
    target = GEMINI.route() + "?key=sk-planted-in-url-0123456789"
    answer = world.exchange(world.post(target, GEMINI.body(), key=None))
    expect_error(answer, (401, 429), GEMINI)
    expect(b"planted-in-url" not in answer.body, answer.body)


def wrong_key(fields, target="/v1/models", statuses=(401,)):
    def run(world):
        answer = world.exchange(world.head("GET", target, fields, key=None))
        expect(answer.status in statuses, answer)

    return run


WRONG = {
    "a prefix": CLIENT_KEY[:-1],
    "a suffix": CLIENT_KEY[1:],
    "one more byte": CLIENT_KEY + "0",
    "another case": CLIENT_KEY.upper(),
    "itself twice": CLIENT_KEY * 2,
    "an upstream's key": "upstream-chat-key",
    "blanks in it": CLIENT_KEY.replace("-", " "),
    "quotes round it": f'"{CLIENT_KEY}"',
    "its base64": base64.b64encode(CLIENT_KEY.encode()).decode(),
    "both keys, joined": f"{CLIENT_KEY}, {SECOND_KEY}",
    "60 kB": "k" * 60_000,
    "an SQL quote": "' OR 1=1 --",
}
for name, text in WRONG.items():
    keys.add(f"C03 {name} is not the key", wrong_key([("Authorization", f"Bearer {text}")], statuses=(401, 431) if name == "60 kB" else (401,)))
for scheme in ("Basic", "Token", "BearerX", "Bearer: "):
    keys.add(f"C03 the scheme {scheme} is not Bearer", wrong_key([("Authorization", f"{scheme} {CLIENT_KEY}")]))
keys.add("C03 an empty Authorization is no key", wrong_key([("Authorization", "")]))
keys.add("C03 Bearer alone is no key", wrong_key([("Authorization", "Bearer")]))
keys.add("C03 Bearer without a space is no key", wrong_key([("Authorization", "Bearer" + CLIENT_KEY)]))
keys.add("C03 a cookie is no key", wrong_key([("Cookie", f"key={CLIENT_KEY}; authorization=Bearer {CLIENT_KEY}")]))
keys.add("C03 Proxy-Authorization is no key", wrong_key([("Proxy-Authorization", f"Bearer {CLIENT_KEY}")]))
for tail in ("%20", "%0a", "%00", "%0d%0a", "%2500"):
    keys.add(f"C03 ?key= with {tail} behind is not the key", wrong_key([], f"/v1beta/models?key={CLIENT_KEY}{tail}", (400, 401)))
keys.add("C03 ?key= empty is not the key", wrong_key([], "/v1beta/models?key="))
keys.add("C03 ?key= given twice, right and wrong", wrong_key([], f"/v1beta/models?key=wrong&key={CLIENT_KEY}", (400, 401)))


@keys.case("C03 one changed byte at each place is refused, ten a minute, then slowed; the right key never")
def _(world):
    refusals = {401: 0, 429: 0}
    for index in range(len(CLIENT_KEY)):
        wrong = CLIENT_KEY[:index] + chr(ord(CLIENT_KEY[index]) ^ 1) + CLIENT_KEY[index + 1 :]
        answer = world.exchange(world.head("GET", "/v1/models", key=wrong))
        expect_error(answer, (401, 429), CHAT)
        refusals[answer.status] += 1
        if answer.status == 429:
            expect(re.fullmatch(r"\d+", answer.get("retry-after", "")), "429 without Retry-After", answer)
        expect(world.exchange(world.head("GET", "/v1/models")).status == 200, "the right key was refused")
    expect(8 <= refusals[401] <= 12, "refused at once:", refusals)
    world.advance(60)
    time.sleep(0.05)
    expect_error(world.exchange(world.head("GET", "/v1/models", key="wrong-0123456789")), 401, CHAT)


def rank_z(first, second):
    """Mann and Whitney's z of two samples."""
    ranked = sorted([(v, 0) for v in first] + [(v, 1) for v in second])
    n, m = len(first), len(second)
    rank_sum = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    u = rank_sum - n * (n + 1) / 2
    return (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


@keys.case("C04 the time of a refusal does not tell how much of the key was right")
def _(world):
    near = CLIENT_KEY[:-1] + "x"
    far = "x" * len(CLIENT_KEY)
    chooser = random.Random(4)
    for _ in range(3):
        times = {near: [], far: []}
        for number in range(400):
            if number % 8 == 0:
                world.advance(60)
                time.sleep(0.025)
                order = chooser.sample([near, far] * 4, 8)
            key = order[number % 8]
            with world.client() as client:
                data = world.head("GET", "/v1/models", key=key)
                start = time.perf_counter()
                client.send(data)
                answer = client.read_answer()
                times[key].append(time.perf_counter() - start)
            expect(answer.status == 401, answer)
        z = rank_z(times[near], times[far])
        if abs(z) < 2.58:
            return
    raise AssertionError(f"three samples of 400 differ, the last by z = {z:.1f}")


@keys.case("C05 two valid keys that differ are 400")
def _(world):
    answer = world.exchange(world.ask(CHAT, fields=[("x-api-key", SECOND_KEY)]))
    expect_error(answer, 400, CHAT)


def same_key_twice(world):
    answer = world.exchange(world.ask(CHAT, fields=[("x-api-key", CLIENT_KEY)]))
    expect(answer.status == 200, answer)


keys.add("C05 the same valid key in two places is one key", same_key_twice, sends=1)


def beside_a_stranger(dialect, own, stranger):
    def run(world):
        answer = world.exchange(world.ask(dialect, key=None, fields=[own, stranger]))
        expect(answer.status == 200, answer)
        turn = world.up.turns[0]
        expect(STRANGER not in repr(turn.fields) + turn.target and CLIENT_KEY not in repr(turn.fields), turn.fields)
        expect(turn.key == dialect.upstream_key, turn.fields)

    return run


for dialect in ALL:
    pairs = {
        "Authorization": (("x-api-key", CLIENT_KEY), ("Authorization", f"Bearer {STRANGER}")),
        "x-api-key": (("Authorization", f"Bearer {CLIENT_KEY}"), ("x-api-key", STRANGER)),
        "x-goog-api-key": (("Authorization", f"Bearer {CLIENT_KEY}"), ("x-goog-api-key", STRANGER)),
    }
    for name, (own, stranger) in pairs.items():
        keys.add(
            f"C06 {dialect.name}: a stranger in {name} beside a valid key", beside_a_stranger(dialect, own, stranger), sends=1, strangers=[STRANGER]
        )


def client_headers_stay(dialect):
    """Nothing that names the client, or speaks of a connection, goes upstream."""
    fields = [
        ("Cookie", "planted=1"), ("X-Forwarded-For", "10.9.8.7"), ("Forwarded", "for=10.9.8.7"), ("X-Real-IP", "10.9.8.7"),
        ("Referer", "https://planted.example"), ("Proxy-Authorization", "Basic planted"), ("X-Planted", "planted"),
        ("Connection", "keep-alive, X-Planted"), ("Keep-Alive", "planted"), ("TE", "trailers"), ("Via", "1.1 planted"),
    ]  # fmt: skip

    def run(world):
        expect(world.exchange(world.ask(dialect, fields=fields)).status == 200)
        turn = world.up.turns[0]
        text = repr(turn.fields)
        expect("planted" not in text and "10.9.8.7" not in text, text)
        expect(turn.get("host") == f"127.0.0.1:{world.up.port}", "Host:", turn.get("host"))

    return run


for dialect in ALL:
    keys.add(f"C06 {dialect.name}: the client's own headers stay here", client_headers_stay(dialect), sends=1)


@keys.case("C15 another user with the right key is refused before the key is looked at")
def _(world):
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        text = b""
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with Client(world.port, timeout=5) as client:
                client.send(world.head("GET", "/v1/models"))
                while client.wait_end(2) == "data" and len(client.received) < 60_000:
                    client.buffer = b""
                text = bytes(client.received)
        except OSError as error:
            text = repr(error).encode()
        finally:
            os.write(writing, text[:60_000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    refused = text == b"" or text.startswith(b"HTTP/1.1 403") or b"ConnectionReset" in text
    expect(refused and b"chat-1" not in text, "a stranger was answered:", text[:300])


# -- what the configuration says about keys


def start_fails(text, words, or_shut=False):
    """weir refuses @text at load and says the line; if @or_shut it may also start with that
    said, as long as an unknown key opens nothing (which C08's other cases show)."""

    def run(world):
        path = os.path.join(world.folder, "bad.yaml")
        with open(path, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text)
        line = [world.path, "--port", "0", "--config", path]
        result = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=world.environment())
        try:
            output = result.communicate(timeout=1 if or_shut else 5)[0].decode()
        except subprocess.TimeoutExpired:
            result.kill()
            output = result.communicate()[0].decode()
            expect(or_shut, f"it started: {output[-500:]}")
        expect(or_shut or result.returncode > 0, "exit code", result.returncode)
        expect("bad.yaml:" in output, "does not name the place:", output[-500:])
        for word in words:
            expect(re.search(word, output), f"does not say {word}:", output[-500:])
        expect("planted" not in output, "a secret in a message:", output[-500:])

    return run


LAN = 'host: "0.0.0.0"\nlisten-lan: true\n'
for name, text, words in (
    ("C08 an empty key", 'host: "127.0.0.1"\napi-keys: [""]\n', [":2"]),
    ("C08 a key of blanks", 'host: "127.0.0.1"\napi-keys: ["  "]\n', [":2"]),
    ("C08 the same key twice", 'host: "127.0.0.1"\napi-keys:\n  - planted-0123456789-0123456789\n  - planted-0123456789-0123456789\n', [":4"]),
    ("C08 a sample key on a wide address", LAN + "api-keys: [your-api-key-1]\n", [":3"]),
    ("C08 a short key on a wide address", LAN + "api-keys: [abcde]\n", [":3"]),
    ("C08 no key on a wide address", LAN + "api-keys: []\n", []),
    ("C08 a wide address without its consent", 'host: "0.0.0.0"\napi-keys: [planted-0123456789-0123456789]\n', [":1"]),
    ("C08 a key with a line break", 'host: "127.0.0.1"\napi-keys: ["planted-0123456789\\n0123456789"]\n', [":2"]),
    ("C08 broken YAML", 'host: "127.0.0.1"\napi-keys: [planted\n', []),
    ("C08 the list of keys twice", 'api-keys: [planted-0123456789-0123456789]\nhost: ""\napi-keys: []\n', [":3"]),
):
    or_shut = "wide" not in name and ("key of" in name or "empty" in name or "same key" in name)
    keys.add(f"{name} is refused at load" + (" or remarked on" if or_shut else ""), start_fails(text, words, or_shut))

alone = Group("C starts", warm=False)


def first_start(world):
    found = glob.glob(os.path.join(world.folder, "config", "**", "*.yaml"), recursive=True)
    expect(len(found) == 1, "configurations written:", found)
    mode = stat.S_IMODE(os.stat(found[0]).st_mode)
    expect(mode == 0o600, f"mode {mode:o}")
    folder = stat.S_IMODE(os.stat(os.path.dirname(found[0])).st_mode)
    expect(folder == 0o700, f"the folder's mode {folder:o}")
    with open(found[0], encoding="utf-8") as file:
        text = file.read()
    section = re.search(r"^api-keys:(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    key = re.search(r"[A-Za-z0-9_+/=-]{40,}", section.group(1)) if section else None
    expect(key, "no random key in it")
    key = key.group()
    expect_error(world.exchange(world.head("GET", "/v1/models", key=None)), 401)
    expect_error(world.exchange(world.ask(CHAT)), 401)
    expect(world.exchange(world.head("GET", "/v1/models", key=key)).status == 200)
    expect(key not in world.error_text(), "the key is in the log")


alone.add("C07 a first start makes a random key, 0600, and is not open", with_world(first_start, config=None))


def sample_config(world):
    return standard_config(world).replace(CLIENT_KEY, "your-api-key-1").replace(SECOND_KEY, "abcde")


def sample_key(world):
    answer = world.exchange(world.head("GET", "/v1/models", key="your-api-key-1"))
    expect(answer.status == 200, answer)
    expect(wait_for(lambda: re.search(r"weir\.yaml:2", world.error_text()), what="a warning that names the line"))
    # a published key is no secret; a short one of the user's own is
    expect("published sample key" in world.error_text(), "the warning does not say why")
    expect("abcde" not in world.error_text(), "the warning shows the key")


alone.add("C08 a sample key on loopback serves with a warning that names its line", with_world(sample_key, config=sample_config))


def unauthenticated_config(world):
    return re.sub(r"api-keys: .*", "api-keys: []\nallow-unauthenticated: true", standard_config(world))


def unauthenticated(world):
    expect(world.exchange(world.ask(CHAT, key=None)).status == 200)
    expect_error(world.exchange(world.ask(CHAT, key=None, fields=[("Origin", "https://evil.example")])), 403)


alone.add("C08 allow-unauthenticated opens loopback, not to web pages", with_world(unauthenticated, config=unauthenticated_config))


def no_keys(world):
    expect_error(world.exchange(world.ask(CHAT, key=None)), 401)


def no_keys_config(world):
    return re.sub(r"api-keys: .*", "api-keys: []", standard_config(world))


alone.add("C08 no keys does not mean open", with_world(no_keys, config=no_keys_config))


def port_taken(world):
    line = world.command(port=world.port)
    result = subprocess.run(line, capture_output=True, env=world.environment(), timeout=10)
    text = (result.stdout + result.stderr).decode()
    expect(result.returncode > 0, "exit code", result.returncode)
    expect(str(world.port) in text and "listening on" not in text, text[-500:])
    expect(world.exchange(world.head("GET", "/v1/models")).status == 200)


alone.add("C00 a port that is taken is said, never replaced", with_world(port_taken))


def only_loopback(world):
    addresses = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as file:
            for line in file.readlines()[1:]:
                local, state = line.split()[1], line.split()[3]
                if state == "0A" and int(local.split(":")[1], 16) == world.port:
                    addresses.add(local.split(":")[0])
    loopback = {"0100007F", "00000000000000000000000001000000"}
    expect(addresses and addresses <= loopback, "listens on", addresses)


for host in ("127.0.0.1", "", "localhost"):
    alone.add(f"C00 host {host!r} listens on loopback only", with_world(only_loopback, host=host))


def memory_at_rest(world):
    if world.sanitized:
        raise Skip("a sanitizer's memory is not the program's")
    time.sleep(0.3)
    expect(world.memory_kib() <= 15 * 1024, f"{world.memory_kib()} KiB resident at rest")


alone.add("K01 at rest it holds at most 15 MiB", with_world(memory_at_rest))


def signals(world):
    for name in ("SIGPIPE", "SIGUSR1"):
        world.process.send_signal(getattr(signal, name))
        time.sleep(0.05)
        expect(world.exchange(world.head("GET", "/v1/models")).status == 200, "after", name)
    written = bytes(world.output) + bytes(world.errors)
    expect(not world.secrets_in(written), "secrets in the dump")


alone.add("C00 SIGPIPE is nothing, SIGUSR1 dumps without secrets", with_world(signals))

