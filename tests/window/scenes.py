# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mock service says in each scenario: plain values, and helpers that type them."""

import os
import time

from gi.repository import GLib

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Screenshots of two runs are the same when this is set.
NOW = int(os.environ.get("WEIR_TEST_NOW_US") or time.time() * 1e6)

# the members of the bus's dictionaries, by name
TYPES = {
    "id": "s", "name": "s", "standing": "s", "sentence": "s", "ways": "as", "owner": "s",
    "context-length": "u", "seats": "as", "resting": "b", "aliases": "as", "ok": "b",
    "status": "u", "seat": "s", "first-byte": "x", "total": "x", "message": "s", "began": "x",
    "phase": "s", "client": "s", "upstream": "s", "operation": "s", "key": "s", "agent": "s",
    "model": "s", "upstream-model": "s", "pass": "s", "attempts": "u", "error": "s",
    "input-tokens": "t", "cached-tokens": "t", "output-tokens": "t", "losses": "as",
    "hour": "x", "requests": "t", "failed": "t", "in-flight": "u", "masked": "s",
    "enabled": "b", "note": "s", "expires": "x", "limits": "a(sxx)", "models": "as",
    "groups": "as", "program": "s", "provider": "s", "path": "s", "identity": "s",
    "used": "d", "resets": "x", "scope": "s", "pace": "s", "runs-out": "x", "source": "s",
    "value": "s", "type": "s", "read": "x", "left": "d", "of": "d", "unit": "s",
}


class Refusal(Exception):
    def __init__(self, kind, sentence):
        super().__init__(sentence)
        self.kind = kind


def members(**values):
    """An a{sv}: `first_byte=…` is the member "first-byte"."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in values.items()}
    identity = named.pop("ident", None)
    if identity is not None:
        named["id"] = identity
    return {name: GLib.Variant(TYPES[name], value) for name, value in named.items()}


def exchange(number, **values):
    row = members(**values)
    row["id"] = GLib.Variant("t", number)
    return row


def window(name, used, resets, span, **more):
    ident = "/".join(part for part in (name.replace(" hours", "h").lower(), more.get("scope", "").lower()) if part)
    return members(ident=ident, name=name, used=float(used), resets=NOW + resets, began=NOW + resets - span,
                   source="answers", read=NOW - 3 * MINUTE, **more)


def account(ident, provider, provider_name, label, **more):
    values = {
        "Id": ident, "Provider": provider, "ProviderName": provider_name, "Label": label,
        "Identity": f"{label[:1]}…@example.org", "Plan": "", "Enabled": True, "Priority": 0,
        "Weight": 1, "Prefix": "", "ExcludedModels": [], "StopAt": 0.0, "ProxyUrl": "", "AnyClient": False,
        "AnyClientSentence": "", "State": "ready", "Sentence": "", "RestsUntil": 0,
        "Windows": [], "Credits": [], "QuotaSentence": "", "InFlight": 0,
    }
    values.update({name[:1].upper() + name[1:]: value for name, value in more.items()})
    return values


ANY_CLIENT = ("Anthropic allows this plan in its own programs only. An account that serves other "
              "programs may be closed.")


def ten_accounts():
    return [
        account("claude-work", "claude", "Claude", "work", plan="Max 20x", inFlight=2,
                anyClientSentence=ANY_CLIENT, priority=10, windows=[
                    window("Week", 61, 2 * DAY + 3 * HOUR, 7 * DAY, pace="ahead",
                           runs_out=NOW + 1 * DAY + 6 * HOUR),
                    window("5 hours", 42, 2 * HOUR + 10 * MINUTE, 5 * HOUR, pace="on pace"),
                    window("Week", 20, 2 * DAY + 3 * HOUR, 7 * DAY, scope="Opus", pace="behind"),
                ]),
        account("claude-home", "claude", "Claude", "home", plan="Pro", state="sign-in",
                anyClientSentence=ANY_CLIENT,
                sentence="Claude takes this sign-in no longer. Please sign in again."),
        account("claude-lab", "claude", "Claude", "lab@example.org", plan="Max 5x", state="exhausted",
                anyClientSentence=ANY_CLIENT, restsUntil=NOW + 47 * MINUTE, windows=[
                    window("5 hours", 100, 47 * MINUTE, 5 * HOUR),
                    window("Week", 83, 4 * DAY, 7 * DAY, pace="ahead", runs_out=NOW + 3 * DAY),
                ]),
        account("codex-work", "codex", "Codex", "work", plan="Plus",
                windows=[window("Week", 88, 2 * DAY + 5 * HOUR, 7 * DAY, pace="ahead",
                                runs_out=NOW + 20 * HOUR),
                         window("5 hours", 12, 4 * HOUR, 5 * HOUR, pace="behind")],
                credits=[members(name="Limit resets", left=2.0, unit="resets", expires=NOW + 9 * DAY)]),
        account("codex-team", "codex", "Codex", "team", plan="Business", state="exhausted",
                restsUntil=NOW + DAY, windows=[window("Week", 100, DAY + HOUR, 7 * DAY)]),
        account("copilot-me", "copilot", "GitHub Copilot", "octo", plan="Pro+", windows=[
            window("Premium requests", 34, 11 * DAY, 30 * DAY, pace="on pace")]),
        account("gemini-a", "gemini-cli", "Gemini", "a@example.org", plan="Code Assist", windows=[
            window("Day", 7, 9 * HOUR, DAY, scope="Pro"), window("Day", 1, 9 * HOUR, DAY, scope="Flash")]),
        account("antigravity-b", "antigravity", "Antigravity", "b@example.org", plan="", state="exhausted",
                windows=[window("5 hours", 100, 3 * HOUR, 5 * HOUR, scope="Claude")]),
        account("kimi-c", "kimi", "Kimi", "c", plan="Moderato", state="resting",
                restsUntil=NOW + 4 * MINUTE, sentence="The vendor asked for a pause of four minutes.",
                windows=[window("Week", 25, 5 * DAY, 7 * DAY)]),
        account("xai-d", "xai", "Grok", "d", plan="SuperGrok", enabled=False, state="disabled",
                quotaSentence="The vendor does not say how much is left."),
    ]


PROVIDERS = [
    members(ident="claude", name="Claude", standing="limited", sentence=ANY_CLIENT,
            ways=["browser", "paste"]),
    members(ident="codex", name="Codex (ChatGPT)", standing="open", sentence="", ways=["browser", "device", "paste"]),
    members(ident="copilot", name="GitHub Copilot", standing="open", sentence="", ways=["device"]),
    members(ident="gemini-cli", name="Gemini Code Assist", standing="limited",
            sentence="Google ends this sign-in for single persons; API keys go on.", ways=["browser", "paste"]),
    members(ident="kimi", name="Kimi", standing="open", sentence="", ways=["device"]),
    members(ident="qwen", name="Qwen", standing="ended",
            sentence="The vendor ended this sign-in in 2026; use an API key.", ways=[]),
]

MODELS = [
    members(ident=name, owner=owner, context_length=context, seats=seats, resting=resting, aliases=aliases)
    for name, owner, context, seats, resting, aliases in [
        ("claude-haiku-4-5", "anthropic", 200000, ["claude-work", "claude-lab"], False, ["haiku"]),
        ("claude-opus-4-6", "anthropic", 200000, ["claude-work"], False, ["opus"]),
        ("claude-sonnet-4-6", "anthropic", 1000000, ["claude-work", "claude-lab"], False, []),
        ("gemini-3-flash", "google", 1048576, ["gemini-a"], False, []),
        ("gemini-3-pro", "google", 1048576, ["gemini-a"], False, []),
        ("gpt-5.2", "openai", 400000, ["codex-work", "codex-team"], False, []),
        ("gpt-5.2-codex", "openai", 400000, ["codex-work", "codex-team"], False, ["codex"]),
        ("grok-4", "xai", 256000, ["xai-d"], True, []),
        ("kimi-k2-thinking", "moonshot", 262144, ["kimi-c"], True, ["kimi"]),
        ("weir/echo", "weir", 0, ["weir"], False, []),
    ]
]

KEYS = [
    members(ident="5f1c", name="laptop", masked="sk-weir-…9Qa2", enabled=True, note="Claude Code and Codex",
            expires=0, limits=[("requests-per-minute", 60, 14), ("tokens-per-minute", 200000, 48213)],
            models=["claude-*", "gpt-*"], groups=[]),
    members(ident="a370", name="build machine", masked="sk-weir-…f00d", enabled=True, note="",
            expires=NOW + 12 * DAY, limits=[], models=[], groups=["work"]),
    members(ident="c0de", name="old phone", masked="sk-weir-…77aa", enabled=False, note="lost in March",
            expires=0, limits=[], models=[], groups=[]),
]

_AGENTS = ["claude-cli/2.1", "codex_cli/0.71", "opencode/1.2", "curl/7.88"]
_MODELS = ["claude-sonnet-4-6", "gpt-5.2-codex", "claude-opus-4-6", "gemini-3-pro"]
_DIALECTS = ["anthropic", "openai-responses", "openai-chat", "gemini"]


def exchanges():
    rows = []
    for n in range(60):
        kind = n % 4
        is_open = n < 2
        failed = n in (5, 23)
        rows.append(exchange(
            1000 - n, began=NOW - n * 37_000_000 - 2_000_000, phase="open" if is_open else "ended",
            client=_DIALECTS[kind], upstream="anthropic" if kind in (0, 2) else _DIALECTS[kind],
            operation="generate", key="laptop", agent=_AGENTS[kind], model=_MODELS[kind],
            upstream_model=_MODELS[kind], seat="claude-work" if kind in (0, 2) else "codex-work",
            pass_="translated" if kind == 2 else "untouched", attempts=2 if n == 7 else 1,
            status=0 if is_open else 429 if failed else 200,
            error="Every account that serves this model rests; the first one wakes at 14:20." if failed else "",
            input_tokens=0 if is_open else 12000 + 410 * n, cached_tokens=0 if is_open else 8000 + 300 * n,
            output_tokens=0 if is_open else 480 + 13 * n, first_byte=0 if is_open else 412000,
            total=0 if is_open else 3200000 + 40000 * n, losses=["top_k"] if kind == 2 else []))
    return rows


def usage():
    rows = []
    hour = NOW // HOUR * HOUR
    for back in range(0, 24 * 30):
        busy = (back * 7919) % 13
        if back % 24 > 15:
            continue
        for seat, model, share in (("claude-work", "claude-sonnet-4-6", 3), ("codex-work", "gpt-5.2-codex", 2)):
            requests = busy * share
            if requests:
                rows.append(members(hour=hour - back * HOUR, seat=seat, model=model, requests=requests,
                                    failed=1 if busy == 12 else 0, input_tokens=requests * 9000,
                                    cached_tokens=requests * 5500, output_tokens=requests * 700))
    return rows


def history(window, since):
    """A saw: each round fills the limit a little differently."""
    length = 5 * HOUR if window.startswith("5h") else 7 * DAY
    step = length // 20
    begin = NOW - (NOW - since) // step * step
    return [(at, min(100.0, (at % length) / length * (60 + (at // length) % 3 * 20))) for at in range(begin, NOW, step)]


def login(provider, way):
    device = way == "device"
    return {
        "Provider": provider["id"].unpack(), "ProviderName": provider["name"].unpack(), "Way": way,
        "State": "waiting",
        "Sentence": "Waiting for the browser." if way == "browser" else
                    "Waiting until the code was typed in." if device else "Waiting for the address.",
        "Url": "https://example.org/device" if device else "https://example.org/oauth/authorize?client_id=x&state=y",
        "FullUrl": "https://example.org/device?code=WXYZ-1234" if device else "",
        "UserCode": "WXYZ-1234" if device else "", "CanPaste": not device,
        "ExpiresAt": NOW + 14 * MINUTE, "Account": "",
    }


def check(text):
    """A stand-in for the service's reader: enough to see that notices arrive."""
    notices = []
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            notices.append((number, line.index("\t") + 1, True, "", "a tab cannot indent in YAML"))
        if line.startswith("prot:"):
            notices.append((number, 1, False, "prot", "this key is not known; did you mean “port”?"))
    return notices


def setting(key, value, kind="switch", **more):
    row = members(key=key, value=value, type=kind)
    row.update({name: GLib.Variant("as" if name == "words" else "x", each) for name, each in more.items()})
    return row


SETTINGS = [
    setting("port", "8317", "number", minimum=0, maximum=65535), setting("host", "", "text"),
    setting("listen-lan", "false"), setting("allow-unauthenticated", "false"), setting("proxy-url", "", "text"),
    setting("routing.strategy", "round-robin", "word",
            words=["round-robin", "fill-first", "weighted-round-robin", "quota-aware"]),
    setting("routing.session-affinity", "true"), setting("routing.session-affinity-ttl", "3600s", "text"),
    setting("force-model-prefix", "false"), setting("request-retry", "3", "number", minimum=0, maximum=100),
    setting("max-retry-interval", "30", "number", minimum=0, maximum=86400),
    setting("retry-ambiguous", "once", "word", words=["never", "once"]),
    setting("transient-error-cooldown-seconds", "0", "number", minimum=-1, maximum=86400),
    setting("disable-cooling", "false"), setting("save-cooldown-status", "true"), setting("debug", "false"),
    setting("logging-to-file", "false"), setting("logs-max-total-size-mb", "0", "number", minimum=0, maximum=1048576),
    setting("tray.enable", "true"), setting("tray.left-click", "window", "word", words=["window", "menu", "toggle"]),
    setting("tray.middle-click", "toggle", "word", words=["toggle", "refresh", "copy"]),
    setting("notify-left", "20", "number", minimum=0, maximum=99),
    setting("notify-left-last", "5", "number", minimum=0, maximum=99), setting("tray.hide-stopped", "false"), setting("tray.show-percent", "false"),
    setting("tray.hide-addresses", "false"), setting("notifications", "true"),
]


class Scene:
    """What Manager says, and the lists that it returns."""

    def __init__(self):
        self.accounts = ten_accounts()
        self.providers = PROVIDERS
        self.models = MODELS
        self.settings = SETTINGS
        self.keys = KEYS
        self.exchanges = exchanges()
        self.usage = usage()
        self.importable = [
            members(ident="1", program="Claude Code", provider="Claude", path="~/.claude/.credentials.json",
                    identity="m…@example.org"),
            members(ident="2", program="Codex CLI", provider="Codex", path="~/.codex/auth.json",
                    identity="m…@example.org"),
        ]
        self.manager = {
            "Version": "0.1.0", "ProtocolVersion": 1, "State": "running", "Problem": "",
            "Endpoint": "http://127.0.0.1:8317",
            "Attention": [("sign-in", "claude-home", "Claude takes this sign-in no longer. Please sign in again."),
                          ("exhausted", "codex-team", "Nothing is left of it.")],
            "Tightest": ("claude-lab", "5 hours", 100.0, NOW + 47 * MINUTE), "Serving": "claude-work",
            "Totals": {"requests": GLib.Variant("t", 1284), "failed": GLib.Variant("t", 14),
                       "in-flight": GLib.Variant("u", 2), "input-tokens": GLib.Variant("t", 12_400_000),
                       "cached-tokens": GLib.Variant("t", 7_600_000),
                       "output-tokens": GLib.Variant("t", 900_000)},
            "Secrets": "unlocked", "SecretsProblem": "",
            "ConfigPath": os.environ.get("WEIR_TEST_CONFIG", "/nonexistent/config.yaml"),
            "ConfigProblem": "",
        }


def make(name):
    scene = Scene()
    if name == "fresh":
        scene.accounts, scene.models, scene.exchanges, scene.usage = [], MODELS[-1:], [], []
        scene.manager.update(Attention=[], Serving="", Tightest=("", "", -1.0, 0), Totals={})
    elif name == "bare":  # fresh, and nothing at all to show
        scene.accounts, scene.models, scene.exchanges, scene.usage = [], [], [], []
        scene.keys, scene.importable = [], []
        scene.manager.update(Attention=[], Serving="", Tightest=("", "", -1.0, 0), Totals={})
    elif name == "locked":
        for each in scene.accounts:
            each.update(State="locked", Sentence="The keyring is locked.")
        scene.manager.update(
            Attention=[("secrets-locked", "", "Unlock your keyring: saved logins are needed to answer requests.")],
            Secrets="locked", SecretsProblem="The keyring is locked.")
    elif name == "stopped":
        scene.manager.update(State="stopped", Endpoint="", Attention=[], Serving="")
    elif name == "port-taken":
        problem = "Port 8317 is in use by “node” (4242). Choose another one in the configuration."
        scene.manager.update(State="failed", Endpoint="", Serving="", Problem=problem,
                             Attention=[("proxy", "", "The proxy could not start: port 8317 is in use by “node”.")])
    elif name == "offline":
        for each in scene.accounts:
            each.update(QuotaSentence="No network: these numbers are from 3 hours ago.")
            each["Windows"] = [{**window, "read": GLib.Variant("x", NOW - 3 * HOUR)} for window in each["Windows"]]
        scene.manager.update(Attention=[])
    elif name == "outdated":
        scene.manager.update(ProtocolVersion=0)
    else:
        assert name == "ten-accounts", f"no scenario {name}"
    return scene
