# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of the command line, and a day's work with them alone."""

import json
import os
import pathlib
import re
import subprocess

from place import KEY, ROOT, wait_for

BUILD = pathlib.Path(os.environ["WEIR"]).resolve().parents[2]


def without_a_service_every_verb_says_so(place):
    place.configure()
    for verb in (["quota"], ["accounts"], ["models"], ["keys"], ["test", "x"], ["stop"], ["reload"], ["monitor"],
                 ["guard"], ["diagnostics"], ["logout", "x"]):
        place.weir(*verb, status=69, text="`weir start` starts it")
    assert place.weir("status", status=69) == "state       off\n"
    assert json.loads(place.weir("status", "--json", status=69)) == {"State": "off"}
    assert json.loads(place.weir("status", "--format", "waybar"))["class"] == "off"
    assert not place.has_owner()
    place.weir("config", "check", text="can be used")
    place.stop_bus()
    place.weir("status", status=69)
    place.weir("quota", status=69, text="no session bus")


def wrong_words_are_usage(place):
    for words in (["nonsense"], ["status", "x"], ["status", "--nonsense"], ["login", "a", "b"], ["test"],
                  ["status", "--format", "x"], ["env", "--shell", "x"], ["run"], ["help", "x"]):
        place.weir(*words, status=64)
    for verb in ("status", "quota", "accounts", "login", "run", "guard"):
        place.weir("help", verb, text=f"weir {verb}")
        place.weir(verb, "--help", text=f"weir {verb}")
    assert "guard" in place.weir("help")


def json_is_what_the_bus_says(place):
    place.start()
    place.sign_in()
    assert json.loads(place.weir("status", "--json"))["Endpoint"] == place.url
    assert json.loads(place.weir("models", "--json"))
    assert json.loads(place.weir("keys", "--json"))[0]["name"] == "laptop"
    accounts = json.loads(place.weir("accounts", "--json"))
    assert accounts[0]["Provider"] == "codex"
    assert json.loads(place.weir("accounts", "show", "codex", "--json"))["Id"] == accounts[0]["Id"]
    assert json.loads(place.weir("quota", "--json"))[0]["Id"] == accounts[0]["Id"]
    assert json.loads(place.weir("test", "weir/echo", "--json"))["ok"] is True
    assert json.loads(place.weir("login", "--json"))
    waybar = json.loads(place.weir("status", "--format", "waybar"))
    assert waybar["class"] == "running" and "\n" not in place.weir("status", "--format", "plain").strip()


def accounts_are_changed_by_verbs(place):
    place.start()
    place.sign_in()
    place.weir("accounts", "rename", "codex", "work")
    wait_for(lambda: "work" in place.weir("accounts"), "the name")
    for words in (["disable", "work"], ["enable", "WORK"], ["priority", "work", "7"], ["stop-at", "work", "5"],
                  ["prefer", "work"], ["clear-rests", "work"], ["any-client", "work", "on"]):
        place.weir("accounts", *words)
    place.weir("accounts", "priority", "work", "5000", status=64)
    place.weir("accounts", "priority", "work", "many", status=64)
    place.weir("accounts", "weight", "work", status=64)
    place.weir("accounts", "show", "nobody", status=1)
    place.weir("logout", "work", "--revoke")
    wait_for(lambda: "work" not in place.weir("accounts"), "its end")


def a_child_gets_the_variables(place):
    place.start()
    script = 'echo "$OPENAI_BASE_URL $OPENAI_API_KEY $1"; exit 7'
    said = place.weir("run", "--", "sh", "-c", script, "sh", "--json", status=7)
    assert said == f"{place.url}/v1 {KEY} --json\n", said
    place.weir("run", "--", "no-such-program-1", status=127)
    for shell in ("bash", "zsh"):
        assert f"export ANTHROPIC_BASE_URL='{place.url}'" in place.weir("env", "--shell", shell)
    assert f"set -gx OPENAI_API_KEY '{KEY}'" in place.weir("env", "--shell", "fish")
    assert f"OPENAI_BASE_URL={place.url}/v1\n" in place.weir("env", "--shell", "systemd")


def guard_tells_scripts(place):
    place.start()
    place.weir("guard", status=69, text="nobody knows")
    place.sign_in()
    assert "%" in place.weir("quota", "--refresh")
    wait_for(lambda: place.get("Tightest")[0], "the tightest")
    used = place.get("Tightest")[2]
    place.weir("guard", "codex", "--min-left", "0", text="left")
    place.weir("guard", "--min-left", str(min(100, 100 - used + 0.5)), status=1 if used > 0.5 else 0)
    place.weir("guard", "nobody", status=64)
    place.weir("guard", "--min-left", "200", status=64)
    place.weir("guard", "codex", "--window", "99h", status=69)
    assert json.loads(place.weir("guard", "codex", "--json", "--min-left", "0"))["enough"] is True


def a_limit_is_reset_by_the_users_word(place):
    place.start()
    place.sign_in()
    rate = place.vendor.quotas["codex"]["rate_limit"]
    rate["primary_window"]["used_percent"] = 100
    place.vendor.quotas["codex"]["rate_limit_reset_credits"] = {"available_count": 2}
    place.weir("quota", "--reset", status=64)
    assert "2 resets" in place.weir("quota", "--refresh")
    wait_for(lambda: "exhausted" in place.weir("accounts"), "that nothing is left")
    place.vendor.forget()
    place.weir("quota", "codex", "--reset", text="were reset")
    assert place.vendor.seen("codex/reset"), place.vendor.seen()
    place.weir("quota", "nobody", "--reset", status=1)


def sign_in_by_a_device(place):
    place.start()
    weir = subprocess.Popen([os.environ["WEIR"], "--copilot-login", "--no-browser"], env=place.environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    said = ""
    while "type in:" not in said:
        line = weir.stdout.readline()
        assert line, said
        said += line
    code = re.search(r"type in:\s+(\S+)", said).group(1)
    assert place.vendor.approve(code)
    assert "Signed in: copilot-" in weir.stdout.read()
    assert weir.wait(20) == 0
    weir.stdout.close()


def sign_in_by_pasting(place):
    place.start()
    weir = subprocess.Popen([os.environ["WEIR"], "login", "codex", "--no-browser"], env=place.environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.PIPE)
    url = ""
    while not url.startswith("http"):
        url = weir.stdout.readline().strip()
    weir.stdin.write("what?\n")
    weir.stdin.flush()
    while not weir.stdout.readline().startswith("weir: "):
        pass
    weir.stdin.write(place.vendor.consent(url) + "\n")
    weir.stdin.flush()
    rest = weir.stdout.read()
    assert "Signed in: codex-" in rest and weir.wait(20) == 0, rest
    weir.stdin.close()
    weir.stdout.close()


def monitor_shows_what_ends(place):
    place.start()
    place.ask("weir/echo")
    monitor = subprocess.Popen([os.environ["WEIR"], "monitor", "--json"], env=place.environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert json.loads(monitor.stdout.readline())["model"] == "weir/echo"
    place.ask("nobody")
    assert json.loads(monitor.stdout.readline())["status"] == 404
    place.call("Quit")
    assert monitor.wait(10) == 69
    monitor.stdout.close()


def a_bar_follows_the_state(place):
    place.configure()
    bar = subprocess.Popen([os.environ["WEIR"], "status", "--format", "plain", "--follow"], env=place.environment,
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert bar.stdout.readline() == "weir off\n"
    place.start()
    for verb, state in ((None, "running"), ("stop", "stopped"), ("start", "running")):
        if verb is not None:
            place.weir(verb)
        while bar.stdout.readline() != f"weir {state}\n":
            pass
    place.call("Quit")
    while bar.stdout.readline() != "weir off\n":
        pass
    bar.terminate()
    bar.wait(5)
    bar.stdout.close()


def a_day_of_work_with_a_shell(place):
    place.configure()
    done = subprocess.run(
        ["bash", str(ROOT / "tests" / "dbus" / "day.sh")], text=True, capture_output=True, timeout=120,
        env=dict(place.environment, WEIR=os.environ["WEIR"], VENDOR=f"http://127.0.0.1:{place.vendor.port}"))
    assert done.returncode == 0 and "a good day" in done.stdout, done.stdout + done.stderr


def pages_are_whole(place):
    texts = {}
    for page in ("weir.1", "weir-config.5", "weir-dbus.7"):
        done = subprocess.run(["groff", "-k", "-man", "-Tutf8", "-P-cbou", "-ww", "-rLL=200n", BUILD / "data" / "manual" / page],
                              text=True, capture_output=True)
        assert done.returncode == 0 and done.stderr == "", (page, done.stderr)
        texts[page] = done.stdout.replace("\u2212", "-").replace("\u2010", "-")
    for verb in ("status", "guard", "monitor", "--claude-login", "--gapplication-service"):
        assert verb in texts["weir.1"], verb
    for key in ("api-keys", "vendor-hosts", "streaming.keepalive-seconds", "requests-per-minute"):
        assert key in texts["weir-config.5"], key
    xml = (ROOT / "src" / "control" / "io.github.weirproxy.Weir1.xml").read_text()
    for kind in ("property", "method", "signal"):
        for name in re.findall(rf'<{kind} name="(\w+)"', xml):
            assert name in texts["weir-dbus.7"], name


CASES = [
    pages_are_whole,
    without_a_service_every_verb_says_so, wrong_words_are_usage, json_is_what_the_bus_says,
    accounts_are_changed_by_verbs, a_limit_is_reset_by_the_users_word, a_child_gets_the_variables, guard_tells_scripts, sign_in_by_a_device,
    sign_in_by_pasting, monitor_shows_what_ends, a_bar_follows_the_state, a_day_of_work_with_a_shell,
]
