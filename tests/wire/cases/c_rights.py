# SPDX-License-Identifier: GPL-3.0-or-later
"""C: what a key may ask for, how much, and that nothing of it is got round."""

import json
import os
import re
import sqlite3
import stat
import threading
import time

from harness import dialects
from harness.dialects import ALL, CHAT, CLIENT_KEY, GEMINI, RESPONSES, SECOND_KEY
from harness.program import standard_config
from harness.suite import Group, expect, expect_error, wait_for, with_world

rights = Group("C rights", weight=2)

LIMITED = CLIENT_KEY
FREE = SECOND_KEY


def config_with(members, more=""):
    """The standard one; the first key has @members."""

    def config(world):
        keys = f"api-keys:\n  - {{key: {LIMITED}, name: limited, {members}}}\n  - {FREE}\n"
        return re.sub(r"api-keys: .*\n", keys, standard_config(world)) + more

    return config


def refused(world, answer, dialect=CHAT):
    expect_error(answer, 403, dialect)
    expect(not world.up.turns and not world.up2.turns, "went upstream")


def other_names(world):
    """chat-1 is m-chat upstream; only chatduo-1 is allowed."""
    for dialect in ALL:
        allowed = world.exchange(world.ask(dialect, model="chatduo-1"))
        expect(allowed.status == 200, allowed)
    world.up.turns.clear()
    world.up2.turns.clear()
    names = ["chat-1", "CHAT-1", "Chat-1", "chat-1 ", " chat-1", "chat-1\t", "chat-1(high)", "chat-1(8192)(high)", "m-chat"]
    names += ["ch\u0430t-1", "chat\u20101", "chat-\uff11", "chat-1\u200b", "claude-1", "gemini-1", "weir/echo", "nothing"]
    for dialect in ALL:
        for name in names:
            if dialect is GEMINI and not re.fullmatch(r"[\w()./-]+", name, re.ASCII):
                continue  # stands in the path there
            answer = world.exchange(world.ask(dialect, model=name))
            expect(answer.status in (403, 404), name, answer)
    expect(not world.up.turns and not world.up2.turns, "went upstream:", [t.body for t in world.up.turns])
    expect(world.exchange(world.ask(CHAT, model="chat-1", key=FREE)).status == 200, "the other key is bound too")


rights.add(
    "C10 a key with allowed models gets no other one, whatever it is called",
    with_world(other_names, config=config_with("allowed-models: [chatduo-1]")),
)


def excluded_names(world):
    for name in ("chat-1", "CHAT-1", "chat-1(high)", "chat-1 ", "chat\u20101"):
        answer = world.exchange(world.ask(CHAT, model=name))
        expect(answer.status in (403, 404), name, answer)
    # an alias of what the upstream calls m-chatduo
    refused(world, world.exchange(world.ask(CHAT, model="chatduo-1")))
    expect(not world.up.turns and not world.up2.turns, "went upstream")
    expect(world.exchange(world.ask(CHAT, model="claude-1")).status == 200)


rights.add(
    "C10 excluded models stay out by alias, case, suffix and blank",
    with_world(excluded_names, config=config_with("excluded-models: [chat-1, m-chatduo]")),
)


def lists_follow_rights(world):
    answer = world.exchange(world.head("GET", "/v1/models"))
    names = {model["id"] for model in json.loads(answer.body)["data"]}
    expect(names == {"chatduo-1"}, names)


rights.add(
    "C10 the list of models shows what the key may ask for",
    with_world(lists_follow_rights, config=config_with("allowed-models: [chatduo-1]")),
)


def disabled(world):
    answer = world.exchange(world.ask(CHAT))
    expect_error(answer, 401, CHAT)
    expect(b"not one of" in answer.body, "tells more than of a wrong key:", answer.body)
    expect(world.exchange(world.ask(CHAT, key=FREE)).status == 200)


rights.add("C14 a disabled key is a wrong one", with_world(disabled, config=config_with("disabled: true")))


def expired(world):
    expect(world.exchange(world.ask(CHAT)).status == 200)
    with world.client() as client:
        client.send(world.ask(CHAT))
        expect(client.read_answer().status == 200)
        world.advance(25)
        time.sleep(0.03)
        # also on a connection that has shown it before
        client.send(world.ask(CHAT))
        answer = client.read_answer()
    expect_error(answer, 401, CHAT)
    expect(b"expired" in answer.body, answer.body)


def expiring(world):
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 20))
    return config_with(f'expires: "{then}"')(world)


rights.add("C14 a key that expires is refused from then on, and told why", with_world(expired, config=expiring))


# --- how much ---


def ask_many(world, count, **options):
    """The answers of @count requests at the same time."""
    answers = []
    lock = threading.Lock()

    def ask():
        answer = world.exchange(world.ask(CHAT, **options), timeout=20)
        with lock:
            answers.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    expect(len(answers) == count, len(answers))
    return answers


def expect_limited(answer, name, dialect=CHAT):
    expect_error(answer, 429, dialect)
    expect(re.fullmatch(r"\d+", answer.get("retry-after", "")), "no Retry-After", answer)
    expect(name.encode() in answer.body, "does not say which limit", answer.body)
    return int(answer.get("retry-after"))


def exactly_ten(name):
    def run(world):
        answers = ask_many(world, 100)
        good = [answer for answer in answers if answer.status == 200]
        expect(len(good) == 10, len(good))
        expect(len(world.up.turns) == 10, "upstream saw", len(world.up.turns))
        for answer in answers:
            if answer.status != 200:
                expect_limited(answer, name)
        expect(world.exchange(world.ask(CHAT, key=FREE)).status == 200, "the other key is bound too")

    return run


for member in ("requests-per-minute", "requests-per-day"):
    rights.add(
        f"C11 of a hundred at once {member} of 10 lets exactly ten through",
        with_world(exactly_ten(member), config=config_with(f"{member}: 10")),
    )


def at_once(world):
    gate = threading.Event()

    def held(turn):
        gate.wait(20)
        return dialects.answer_well(turn)

    world.up.script = held
    with world.client() as first, world.client() as second:
        for client in (first, second):
            client.send(world.ask(CHAT))
        wait_for(lambda: len(world.up.turns) == 2, what="two under way")
        expect_limited(world.exchange(world.ask(CHAT)), "concurrent-requests")
        gate.set()
        for client in (first, second):
            expect(client.read_answer().status == 200)
    expect(world.exchange(world.ask(CHAT)).status == 200, "an end frees nothing")


rights.add("C11 no more at once than concurrent-requests", with_world(at_once, config=config_with("concurrent-requests: 2")))


def refusal_in_dialect(world):
    expect(world.exchange(world.ask(CHAT)).status == 200)
    for dialect in ALL:
        for stream in (False, True):
            wait = expect_limited(world.exchange(world.ask(dialect, stream)), "requests-per-minute", dialect)
            expect(50 <= wait <= 61, "asks to wait", wait)
    world.advance(wait + 1)
    time.sleep(0.03)
    expect(world.exchange(world.ask(RESPONSES)).status == 200, "refused calls were counted")


rights.add(
    "C11 a refusal is told in the client's dialect, and counts nowhere",
    with_world(refusal_in_dialect, config=config_with("requests-per-minute: 1")),
)


def leaves_early(world):
    """The upstream says its usage last; the client never hears it."""

    def slow(turn):
        frames = CHAT.frames()
        turn.stream_head()
        for frame in frames[:2]:
            turn.chunk(frame)
        turn.link.gone.wait(5)
        return False

    world.up.script = slow
    n_taken = 0
    for _ in range(100):
        with world.client() as client:
            client.send(world.ask(CHAT, True, prompt="word " * 400))
            client.read_until(b"\r\n\r\n")
            if client.buffer.startswith(b"HTTP/1.1 429"):
                break
            n_taken += 1
    expect(0 < n_taken < 20, "a client that leaves is not counted:", n_taken)


rights.add(
    "C12 a client that leaves before the usage has used what was estimated",
    with_world(leaves_early, config=config_with("tokens-per-minute: 4000")),
)


def usage_counts(world):
    """Each answer says 12 tokens: four of them make 48."""
    statuses = [world.exchange(world.ask(CHAT)).status for _ in range(8)]
    expect(200 in statuses and 429 in statuses, statuses)
    expect(statuses == sorted(statuses), "not used up once and for all", statuses)


rights.add("C12 what an answer says it has used is counted", with_world(usage_counts, config=config_with("tokens-per-minute: 60")))


def restart(world):
    expect(world.stop() == 0)
    world._start(0, 4096)


def state_path(world):
    return os.path.join(world.folder, "state", "weir", "state.db")


def burst_then(world):
    for _ in range(3):
        expect(world.exchange(world.ask(CHAT)).status == 200)
    expect_limited(world.exchange(world.ask(CHAT)), "requests-per-minute")
    path = state_path(world)
    # the clock is set back
    world.advance(-3600)
    time.sleep(0.03)
    expect_limited(world.exchange(world.ask(CHAT)), "requests-per-minute")
    # a restart in the window
    restart(world)
    expect_limited(world.exchange(world.ask(CHAT)), "requests-per-minute")
    # a reload
    world.write_config(config_with("note: other, requests-per-minute: 3")(world))
    time.sleep(0.5)
    expect_limited(world.exchange(world.ask(CHAT)), "requests-per-minute")
    expect(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "others may read", path)
    expect(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700, "others may look into the folder of", path)
    with open(path, "rb") as file:
        expect(not world.secrets_in(file.read()), "a secret in", path)
    world.advance(62)
    time.sleep(0.03)
    expect(world.exchange(world.ask(CHAT)).status == 200)


rights.add(
    "C13 a burst counts over a clock set back, a restart and a reload",
    with_world(burst_then, config=config_with("requests-per-minute: 3")),
)


def killed(world):
    for _ in range(3):
        expect(world.exchange(world.ask(CHAT)).status == 200)
    world.advance(3)
    path = state_path(world)

    def written():
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                return database.execute("SELECT count (*) FROM limit_window").fetchone()[0]
        except sqlite3.Error:
            return 0

    wait_for(written, what="the windows in the file")
    world.process.kill()
    world.process.wait()
    world._start(0, 4096)
    expect_limited(world.exchange(world.ask(CHAT)), "requests-per-day")


rights.add("C13 what was used seconds ago counts after a kill", with_world(killed, config=config_with("requests-per-day: 3")))


def broken_file(world):
    expect(world.stop() == 0)
    path = state_path(world)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"this was a database once, but that is long ago" * 100)
    world._start(0, 4096)
    expect(world.exchange(world.ask(CHAT)).status == 200)
    wait_for(lambda: "set aside" in world.error_text(), what="a word about the broken file")
    aside = [name for name in os.listdir(os.path.dirname(path)) if name.startswith("state.db.broken-")]
    expect(len(aside) == 1, aside)


rights.add("J07 a broken state file is set aside, said, and serving goes on", with_world(broken_file))
