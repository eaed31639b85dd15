# SPDX-License-Identifier: GPL-3.0-or-later
"""V: keys that the configuration names and the vault holds, in a file of secrets."""

import os
import subprocess

from harness.dialects import CHAT, CLIENT_KEY, answer_well
from harness.program import entry
from harness.suite import Group, expect, expect_error, wait_for

FIRST = "upstream-vault-first-key"
SECOND = "upstream-vault-second-key"
PLAIN = "upstream-vault-plain-key"


def vault_config(world, more=""):
    world.secrets += [FIRST, SECOND]
    lines = [
        "secrets: file",
        f'api-keys: ["{CLIENT_KEY}"]',
        "openai-compatibility:",
        f'  - {entry(CHAT, world.up.port, PLAIN, [("m-plain", "plain-1")])}',
        f'  - {{name: kept, base-url: "http://127.0.0.1:{world.up2.port}/v1", '
        'api-key-entries: [{api-key: "vault:kept"}], models: [{name: m-kept, alias: kept-1}]}',
    ]
    return "\n".join(lines) + "\n" + more


def run_weir(world, *arguments, key=None):
    """The command, as a user types it; standard output.  The key comes by standard input."""
    done = subprocess.run(
        [world.path, "--config", world.config_path, *arguments],
        input=key,
        capture_output=True,
        text=True,
        env=world.environment(),
        timeout=30,
        check=False,
    )
    expect(not world.secrets_in((done.stdout + done.stderr).encode()), done)
    return done


def store(world, key):
    done = run_weir(world, "--store-key", "kept", key=key)
    expect(done.returncode == 0, done)


def ask(world, model):
    return world.exchange(world.ask(CHAT, model=model), timeout=20)


def is_served(world):
    return ask(world, "kept-1").status == 200


def secrets_path(world):
    return os.path.join(world.folder, "data", "weir", "secrets")


vault = Group("V vault", calm=True, config=vault_config, warm=False)


@vault.case("V01 an entry whose key is not there rests, says so, and the others serve", sends=1)
def _(world):
    expect("rests without its key" in world.error_text() and "--store-key kept" in world.error_text(), world.error_text())
    expect(ask(world, "plain-1").status == 200, "the other entry")
    expect_error(ask(world, "kept-1"), (503,), CHAT, "no_account")


@vault.case("V02 a key that is stored is used at once, and the next one after it", sends=None)
def _(world):
    seen = []

    def note(turn):
        seen.append(turn.key)
        return answer_well(turn)

    world.up2.script = note
    store(world, FIRST + "\n")
    wait_for(lambda: is_served(world), what="the first key")
    expect(seen[-1] == FIRST, "another key went up")
    store(world, SECOND)
    wait_for(lambda: is_served(world) and seen[-1] == SECOND, what="the second key")


@vault.case("V03 names are listed, keys are not, and nothing of a key is in any output", sends=None)
def _(world):
    store(world, FIRST)
    done = run_weir(world, "--list-keys")
    expect(done.stdout == "kept\n", done)
    expect(os.stat(secrets_path(world)).st_mode & 0o777 == 0o600, "mode")
    expect(not world.secrets_in(bytes(world.errors) + bytes(world.output)), "a key in the log")


@vault.case("V04 a broken file takes no key away, and a mended one is read", sends=None)
def _(world):
    store(world, FIRST)
    wait_for(lambda: is_served(world), what="the key")
    with open(secrets_path(world), "r+", encoding="utf-8") as file:
        good = file.read()
        file.seek(0)
        file.write("nonsense\n")
    done = run_weir(world, "--list-keys")
    expect(done.returncode == 69 and "not a file of secrets" in done.stderr, done)
    for _ in range(3):
        expect(is_served(world), "the key was lost")
    world.write_config(vault_config(world, "debug: true\n"))
    wait_for(lambda: "configuration read again" in world.error_text(), what="the reload")
    expect(is_served(world), "the key was lost by the reload")
    with open(secrets_path(world), "w", encoding="utf-8") as file:
        file.write(good)
    wait_for(lambda: run_weir(world, "--list-keys").returncode == 0, what="the mended file")
    expect(is_served(world), "the key was lost by the mending")


@vault.case("V05 a key that is deleted is not used any more", sends=None)
def _(world):
    store(world, FIRST)
    wait_for(lambda: is_served(world), what="the key")
    done = run_weir(world, "--delete-key", "kept")
    expect(done.returncode == 0, done)
    wait_for(lambda: ask(world, "kept-1").status == 503, what="the rest")
    expect(run_weir(world, "--delete-key", "kept").returncode == 69, "deleted twice")
    expect(ask(world, "plain-1").status == 200, "the other entry")


@vault.case("V06 what is no key is refused, and the old one stays", sends=None)
def _(world):
    store(world, FIRST)
    for bad in ("", "\n", "two\nlines\n", "nul\0byte", "x" * 70000):
        done = run_weir(world, "--store-key", "kept", key=bad)
        expect(done.returncode == 64, bad[:20], done)
    for name in ("", "a b", "../a", "-a", "a/b"):
        done = run_weir(world, f"--store-key={name}", key=FIRST)
        expect(done.returncode == 64, name, done)
    wait_for(lambda: is_served(world), what="the key")
