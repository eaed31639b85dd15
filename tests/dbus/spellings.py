# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIProxyAPI's ways to ask for a sign-in, as its users type them."""

import json
import os
import re
import subprocess

from place import ACCOUNT, wait_for

BROWSER = {"claude": ["--claude-login"], "codex": ["-codex-login"], "antigravity": ["--antigravity-login"], "gemini-cli": ["-login"]}
DEVICE = {"codex": ["--codex-device-login"], "kimi": ["-kimi-login"], "copilot": ["--copilot-login"], "xai": ["--xai-login"]}
ENDED = {"qwen": ["--qwen-login", "-qwen-login"], "iflow": ["--iflow-login", "-iflow-cookie"]}


def start(place, *words):
    return subprocess.Popen([os.environ["WEIR"], *words], env=place.environment, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, stdin=subprocess.PIPE)


def read_until(weir, pattern):
    said = ""
    while True:
        line = weir.stdout.readline()
        assert line, said
        said += line
        found = re.search(pattern, said, re.M)
        if found:
            return found.group(1)


def check_end(weir, provider):
    rest = weir.stdout.read()
    assert f"Signed in: {provider}-" in rest and weir.wait(20) == 0, rest
    weir.stdout.close()
    weir.stdin.close()


def each_familiar_spelling_signs_in(place):
    place.start()
    for provider, words in BROWSER.items():
        weir = start(place, *words, "-no-browser")
        url = read_until(weir, r"^(http\S+)$")
        weir.stdin.write(place.vendor.consent(url) + "\n")
        weir.stdin.flush()
        check_end(weir, provider)
    for provider, words in DEVICE.items():
        weir = start(place, *words, "-no-browser")
        assert place.vendor.approve(read_until(weir, r"type in:\s+(\S+)"))
        check_end(weir, provider)
    signed_in = {account["Provider"] for account in place.objects(ACCOUNT).values()}
    assert signed_in == set(BROWSER) | set(DEVICE), signed_in


def what_has_ended_says_so(place):
    place.start()
    for provider, spellings in ENDED.items():
        for word in spellings:
            done = subprocess.run([os.environ["WEIR"], word], env=place.environment, text=True, capture_output=True,
                                  timeout=30, stdin=subprocess.DEVNULL, check=False)
            assert done.returncode == 1 and "April 2026" in done.stderr and "API key" in done.stderr, (provider, done)
    done = subprocess.run([os.environ["WEIR"], "login", "vertex"], env=place.environment, text=True, capture_output=True,
                          timeout=30, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1 and "weir accounts import FILE" in done.stderr, done
    place.weir("--kimi-login", "--project_id", "x", status=64, text="project_id")
    place.weir("-codex-login", "-oauth-callback-port", "7", status=1)


def a_key_file_is_imported_by_each_spelling(place):
    place.start()
    path = place.home / "key.json"
    path.write_text(json.dumps(place.vendor.make_key_file()))
    for words in (["-vertex-import", str(path)], [f"--vertex-import={path}"], ["login", "--vertex-import", str(path)],
                  ["--vertex-import", str(path), "-vertex-import-prefix", "work"]):
        assert place.weir(*words).startswith("vertex-"), words
    (account,) = wait_for(lambda: place.objects(ACCOUNT), "the account").values()
    wait_for(lambda: [row["Prefix"] for row in place.objects(ACCOUNT).values()] == ["work"], "its prefix")
    assert account["Provider"] == "vertex"
    place.weir("--vertex-import", str(path) + "x", status=1)


CASES = [each_familiar_spelling_signs_in, what_has_ended_says_so, a_key_file_is_imported_by_each_spelling]
