#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors of accounts, played on one port of this machine: their consent pages, token,
device, user, quota, model and chat endpoints, with faults on request.

A vendor's address "https://claude.ai/x" is "http://127.0.0.1:PORT/claude.ai/x" here; the
configuration that leads there is FakeVendor.vendor_hosts ().  In a test:

    with FakeVendor() as vendor:
        config = vendor.vendor_hosts() + ...
        vendor.fault("claude/token", "reset")
        vendor.seen("claude/token")

As a program it prints its port and that configuration; what a test would call is then behind
POST /_control/NAME with the arguments as a JSON list, GET /_control/NAME without any."""

import argparse
import copy
import base64
import hashlib
import html
import http.server
import json
import secrets
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib

HUGE_BYTES = 10 << 20
SLOW_SECONDS = 90

# provider -> its endpoints: what is played, then host and path
ENDPOINTS = {
    "claude": {
        "authorize": "claude.ai/oauth/authorize",
        "token": "platform.claude.com/v1/oauth/token",
        "quota": "api.anthropic.com/api/oauth/usage",
        "models": "api.anthropic.com/v1/models",
        "chat": "api.anthropic.com/v1/messages",
    },
    "codex": {
        "authorize": "auth.openai.com/oauth/authorize",
        "token": "auth.openai.com/oauth/token",
        "usercode": "auth.openai.com/api/accounts/deviceauth/usercode",
        "usercode-poll": "auth.openai.com/api/accounts/deviceauth/token",
        "page": "auth.openai.com/codex/device",
        "quota": "chatgpt.com/backend-api/wham/usage",
        "reset": "chatgpt.com/backend-api/wham/rate-limit-reset-credits/consume",
        "models": "chatgpt.com/backend-api/codex/models",
        "chat": "chatgpt.com/backend-api/codex/responses",
    },
    "copilot": {
        "device": "github.com/login/device/code",
        "page": "github.com/login/device",
        "token": "github.com/login/oauth/access_token",
        "exchange": "api.github.com/copilot_internal/v2/token",
        "user": "api.github.com/user",
        "quota": "api.github.com/copilot_internal/user",
        "models": "api.githubcopilot.com/models",
        "chat": "api.githubcopilot.com/chat/completions",
        "responses": "api.githubcopilot.com/responses",
    },
    "kimi": {
        "device": "auth.kimi.com/api/oauth/device_authorization",
        "page": "auth.kimi.com/device",
        "token": "auth.kimi.com/api/oauth/token",
        "quota": "api.kimi.com/coding/v1/usages",
        "models": "api.kimi.com/coding/v1/models",
        "chat": "api.kimi.com/coding/v1/chat/completions",
    },
    "xai": {
        "device": "auth.x.ai/oauth2/device/code",
        "page": "auth.x.ai/device",
        "token": "auth.x.ai/oauth2/token",
        "quota": "cli-chat-proxy.grok.com/v1/billing",
        "models": "cli-chat-proxy.grok.com/v1/models",
        "chat": "cli-chat-proxy.grok.com/v1/responses",
    },
    "antigravity": {
        "authorize": "accounts.google.com/o/oauth2/v2/auth",
        "token": "oauth2.googleapis.com/token",
        "user": "www.googleapis.com/oauth2/v1/userinfo",
        "quota": "daily-cloudcode-pa.googleapis.com/v1internal:retrieveUserQuotaSummary",
        "models": "daily-cloudcode-pa.googleapis.com/v1internal:fetchAvailableModels",
        "catalogue": "cloudcode-pa.googleapis.com/v1internal:fetchAvailableModels",
        "chat": "daily-cloudcode-pa.googleapis.com/v1internal:streamGenerateContent",
        "unary": "daily-cloudcode-pa.googleapis.com/v1internal:generateContent",
    },
    "gemini-cli": {
        "authorize": "accounts.google.com/o/oauth2/auth",
        "token": "oauth2.googleapis.com/token",
        "user": "www.googleapis.com/oauth2/v1/userinfo",
        "quota": "cloudcode-pa.googleapis.com/v1internal:retrieveUserQuota",
        "project": "cloudcode-pa.googleapis.com/v1internal:loadCodeAssist",
        "onboard": "cloudcode-pa.googleapis.com/v1internal:onboardUser",
        "chat": "cloudcode-pa.googleapis.com/v1internal:streamGenerateContent",
        "unary": "cloudcode-pa.googleapis.com/v1internal:generateContent",
    },
    "kiro": {
        "register": "oidc.us-east-1.amazonaws.com/client/register",
        "device": "oidc.us-east-1.amazonaws.com/device_authorization",
        "token": "oidc.us-east-1.amazonaws.com/token",
        "page": "view.awsapps.com/start/device",
        "own-token": "prod.us-east-1.auth.desktop.kiro.dev/refreshToken",
        "quota": "q.us-east-1.amazonaws.com/getUsageLimits",
        "chat": "q.us-east-1.amazonaws.com/generateAssistantResponse",
        "profiles": "q.us-east-1.amazonaws.com/",
        "profiles-eu": "q.eu-central-1.amazonaws.com/",
    },
    "qwen": {
        "token": "chat.qwen.ai/api/v1/oauth2/token",
        "models": "portal.qwen.ai/v1/models",
        "chat": "portal.qwen.ai/v1/chat/completions",
    },
    "iflow": {
        "token": "iflow.cn/oauth/token",
        "user": "iflow.cn/api/oauth/getUserInfo",
        "chat": "apis.iflow.cn/v1/chat/completions",
    },
    "vertex": {
        "token": "oauth2.googleapis.com/token",
        "chat": "us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/publishers/google/models/"
                "gemini-2.5-pro:streamGenerateContent",
        "unary": "us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/publishers/google/models/"
                 "gemini-2.5-pro:generateContent",
    },
}
PATHS = {}
for _provider, _endpoints in ENDPOINTS.items():
    for _name, _path in _endpoints.items():
        PATHS.setdefault(_path, (_provider, _name))
# Google's endpoints serve two of them
HOSTS = sorted({path.split("/")[0] for path in PATHS})
ISSUERS = {
    "codex": "https://auth.openai.com",
    "xai": "https://auth.x.ai",
    "antigravity": "https://accounts.google.com",
    "gemini-cli": "https://accounts.google.com",
}
GOOGLE = ("antigravity", "gemini-cli")
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_jwt(claims):
    """Signed by nobody: what reads it takes it from its issuer's own hands."""
    head = encode(json.dumps({"alg": "none"}).encode())
    return f"{head}.{encode(json.dumps(claims).encode())}.{encode(secrets.token_bytes(16))}"


class Answer(Exception):
    """Ends a request early."""

    def __init__(self, status, body=b"", kind="application/json", fields=()):
        super().__init__(status)
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.kind = kind
        self.fields = fields


class Family:
    """What one sign-in has given: each refresh replaces both tokens."""

    def __init__(self, provider, user):
        self.provider = provider
        self.user = dict(user)
        self.access = None
        self.refresh = None
        self.used = set()  # refresh tokens that were replaced
        self.revoked = False
        self.expired = False
        self.refreshes = 0

    def renew(self):
        if self.refresh is not None:
            self.used.add(self.refresh)
        self.access = f"access-{self.provider}-{secrets.token_hex(12)}"
        self.refresh = f"refresh-{self.provider}-{secrets.token_hex(12)}"
        self.expired = False


class FakeVendor:
    def __init__(self, port=0):
        self.lock = threading.RLock()
        self.users = {name: self._make_user(name) for name in ENDPOINTS}
        self.lifetimes = {}  # provider -> expires_in
        self.faults = []  # [endpoint, kind, times]
        self.quotas = copy.deepcopy(QUOTAS)  # provider -> what is left
        self.log = []
        self.codes = {}  # code -> what it was given for
        self.devices = {}  # device code -> state
        self.families = []
        self.keys = []  # of service accounts, PEM
        self.clients = {}  # of Amazon: id -> secret
        self.short_lived = {}  # Copilot's token -> family
        self.reuse_revokes = True
        self.keeps_refresh_token = False  # answers without a new refresh token
        self.n_token_requests = 0
        self.has_project = True  # Google's accounts have one before they ask
        self.n_onboards = 0
        self.stopping = threading.Event()
        server = http.server.ThreadingHTTPServer
        server.daemon_threads = True
        server.request_queue_size = 128
        self.server = server(("127.0.0.1", port), type("Handler", (Handler,), {"vendor": self}))
        self.server.handle_error = lambda *_: None  # whoever hangs up is part of the play
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    # -- what a test asks for

    def url(self, host):
        return f"http://127.0.0.1:{self.port}/{host}"

    def vendor_hosts(self):
        """The lines of a configuration that lead here."""
        return "vendor-hosts:\n" + "".join(f'  "https://{host}": "{self.url(host)}"\n' for host in HOSTS)

    def oauth_clients(self):
        return "oauth-clients:\n" + "".join(
            f"  {name}: {{client-secret: client-secret-of-{name}}}\n" for name in (*GOOGLE, "iflow")
        )

    def fault(self, endpoint, kind, times=1):
        """@endpoint: "claude/token".  @kind: a status, "reset", "silence", "html", "huge",
        "redirect", "cut", "echo-401" (or another status: all that came is said back), or a
        dict that is the JSON of a 200 (with "status": of that)."""
        with self.lock:
            self.faults.append([endpoint, kind, times])

    def seen(self, endpoint=None):
        """The requests so far: dicts of endpoint, method, path, fields, body."""
        with self.lock:
            return [row for row in self.log if endpoint is None or row["endpoint"] == endpoint]

    def count(self, endpoint):
        return len(self.seen(endpoint))

    def forget(self):
        with self.lock:
            self.log.clear()
            self.faults.clear()

    def set_user(self, provider, **changes):
        """Who signs in to @provider next."""
        with self.lock:
            self.users[provider].update(changes)

    def set_lifetime(self, provider, seconds):
        with self.lock:
            self.lifetimes[provider] = seconds

    def approve(self, user_code, deny=False):
        """What the user of a device does on its page."""
        with self.lock:
            for device in self.devices.values():
                if device["user_code"] == user_code:
                    device["state"] = "denied" if deny else "approved"
                    return True
        return False

    def expire(self, provider):
        """Access tokens of @provider are taken no longer, and can be refreshed."""
        with self.lock:
            for family in self.families:
                if family.provider == provider:
                    family.expired = True

    def revoke(self, provider):
        with self.lock:
            for family in self.families:
                if family.provider == provider:
                    family.revoked = True

    def secrets(self):
        """Every token so far: none may stand in a log."""
        with self.lock:
            found = list(self.codes)
            for family in self.families:
                found += [family.access, family.refresh, *family.used]
            found += [line for pem in self.keys for line in pem.split("\n") if len(line) > 40 and "KEY" not in line]
            return found + list(self.short_lived) + list(self.clients.values())

    def newest(self, provider):
        with self.lock:
            return next(family for family in reversed(self.families) if family.provider == provider)

    def consent(self, url, allow=True):
        """What a browser does with the page at @url: the address that it is sent back to.
        @url: as it is shown, so it leads here already."""
        parts = urllib.parse.urlsplit(url)
        provider, name = PATHS[parts.path.lstrip("/")]
        assert name == "authorize", url
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        return self._decide(self._which(provider, query), query, allow)

    # -- inside

    @staticmethod
    def _make_user(provider):
        number = int(hashlib.sha256(provider.encode()).hexdigest()[:6], 16)
        return {"id": str(number), "email": f"user@{provider}.example", "login": f"user-of-{provider}", "plan": "plus"}

    @staticmethod
    def _which(provider, query):
        if query.get("grant_type") == ASSERTION:
            return "vertex"
        if provider in GOOGLE:
            return "gemini-cli" if query.get("client_id", "").startswith("681255809395") else "antigravity"
        return provider

    def _decide(self, provider, query, allow):
        answer = {"state": query["state"]} if "state" in query else {}
        if provider in ISSUERS:
            answer["iss"] = ISSUERS[provider]
        if allow:
            code = "code-" + secrets.token_hex(12)
            with self.lock:
                self.codes[code] = dict(query, provider=provider, used=False, user=dict(self.users[provider]))
            answer["code"] = code
        else:
            answer["error"] = "access_denied"
            answer["error_description"] = "<script>alert(1)</script>"
        return query["redirect_uri"] + "?" + urllib.parse.urlencode(answer)

    def take_fault(self, endpoint):
        with self.lock:
            for fault in self.faults:
                if fault[0] == endpoint and fault[2] > 0:
                    fault[2] -= 1
                    return fault[1]
        return None

    def tokens(self, family):
        """The token endpoint's good answer."""
        user = family.user
        claims = {"sub": "sub-" + user["id"], "email": user["email"], "exp": int(time.time()) + 3600}
        answer = {"access_token": family.access, "token_type": "Bearer"}
        if not (self.keeps_refresh_token and family.refreshes):
            answer["refresh_token"] = family.refresh
        lifetime = self.lifetimes.get(family.provider, 3600)
        if lifetime is not None:
            answer["expires_in"] = lifetime
        if family.provider == "claude":
            answer["account"] = {"uuid": "uuid-" + user["id"], "email_address": user["email"]}
        elif family.provider == "codex":
            claims["https://api.openai.com/auth"] = {"chatgpt_account_id": "acc-" + user["id"], "chatgpt_plan_type": user["plan"]}
            answer["id_token"] = make_jwt(claims)
        elif family.provider == "xai":
            answer["id_token"] = make_jwt(claims)
        elif family.provider == "kimi":
            family.access = answer["access_token"] = make_jwt(claims)
        elif family.provider == "copilot":
            answer.pop("expires_in", None)
            answer.pop("refresh_token", None)
        elif family.provider == "kiro":
            answer = {camel(name): value for name, value in answer.items()}
        return answer

    def start_family(self, provider, user):
        family = Family(provider, user)
        family.renew()
        self.families.append(family)
        return self.tokens(family)

    def redeem(self, provider, form):
        code = self.codes.get(form.get("code"))
        if code is None or code["used"] or code["provider"] != provider:
            raise Answer(400, {"error": "invalid_grant"})
        code["used"] = True
        verifier = form.get("code_verifier", "").encode()
        if encode(hashlib.sha256(verifier).digest()) != code.get("code_challenge"):
            raise Answer(400, {"error": "invalid_grant", "error_description": "PKCE"})
        for name in ("client_id", "redirect_uri"):
            if form.get(name) != code.get(name):
                raise Answer(400, {"error": "invalid_grant", "error_description": name})
        if provider == "claude" and form.get("state") != code.get("state"):
            raise Answer(400, {"error": "invalid_request", "error_description": "state"})
        return self.start_family(provider, code["user"])

    def refresh(self, provider, form):
        token = form.get("refresh_token")
        for family in self.families:
            if family.provider != provider:
                continue
            if token in family.used:
                family.revoked = family.revoked or self.reuse_revokes
                raise Answer(400, {"error": "refresh_token_reused" if provider == "codex" else "invalid_grant"})
            if token == family.refresh and not family.revoked:
                family.refreshes += 1
                if self.keeps_refresh_token:
                    family.access = f"access-{provider}-{secrets.token_hex(12)}"
                    family.expired = False
                else:
                    family.renew()
                return self.tokens(family)
        raise Answer(400, {"error": "invalid_grant"})

    def make_key_file(self):
        """A service account of Google, whom this one knows."""
        pem = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], check=True,
                             capture_output=True, text=True).stdout
        self.keys.append(pem)
        return {"type": "service_account", "project_id": "my-project", "private_key_id": "key-1", "private_key": pem,
                "client_email": "weir@my-project.iam.example", "token_uri": "https://oauth2.googleapis.com/token"}

    def assertion(self, form):
        """A service account's key signs for itself, and gives no refresh token."""
        head, claims, signature = form["assertion"].split(".")
        said = json.loads(base64.urlsafe_b64decode(claims + "=="))
        if said["aud"] != "https://oauth2.googleapis.com/token" or not self.is_signed(f"{head}.{claims}", signature):
            raise Answer(400, {"error": "invalid_grant"})
        family = next((row for row in self.families if row.provider == "vertex" and not row.revoked), None)
        if family is None:
            if any(row.provider == "vertex" for row in self.families):
                raise Answer(400, {"error": "invalid_grant"})
            family = Family("vertex", dict(self.users["vertex"], email=said["iss"]))
            self.families.append(family)
        else:
            family.refreshes += 1
        family.renew()
        return {"access_token": family.access, "token_type": "Bearer", "expires_in": self.lifetimes.get("vertex", 3599)}

    def is_signed(self, text, signature):
        with tempfile.NamedTemporaryFile() as file:
            file.write(base64.urlsafe_b64decode(signature + "=="))
            file.flush()
            for pem in self.keys:
                with tempfile.NamedTemporaryFile() as key:
                    key.write(subprocess.run(["openssl", "pkey", "-pubout"], input=pem.encode(), check=True,
                                             capture_output=True).stdout)
                    key.flush()
                    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", key.name, "-signature", file.name],
                                          input=text.encode(), capture_output=True, check=False)
                    if done.returncode == 0:
                        return True
        return False

    def poll(self, provider, form):
        device = self.devices.get(form.get("device_code") or form.get("device_auth_id"))
        if device is None:
            raise Answer(400, {"error": "expired_token"})
        device["polls"] += 1
        if device["state"] == "denied":
            raise Answer(400, {"error": "access_denied"})
        if device["state"] != "approved":
            status = 200 if provider == "copilot" else 403 if provider == "codex" else 400
            raise Answer(status, {"error": "authorization_pending"})
        device["state"] = "taken"
        return device

    def check_client(self, provider, form, fields):
        """Google and iFlow want to know who asks."""
        wanted = f"client-secret-of-{provider}"
        if provider in GOOGLE and form.get("client_secret") != wanted:
            raise Answer(401, {"error": "invalid_client"})
        if provider == "iflow":
            word = base64.b64decode(fields.get("authorization", "Basic ").split(" ")[1]).decode()
            if not word.endswith(":" + wanted):
                raise Answer(401, {"error": "invalid_client"})

    def answer_token(self, provider, form, fields):
        if provider == "kiro":
            form = {snake(name): value for name, value in form.items()}
            if form.get("client_secret") != self.clients.get(form.get("client_id")):
                raise Answer(401, {"error": "invalid_client"})
        provider = self._which(provider, form)
        self.n_token_requests += 1
        self.check_client(provider, form, fields)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self.redeem(provider, form)
        if grant == "refresh_token":
            return self.refresh(provider, form)
        if grant == ASSERTION:
            return self.assertion(form)
        if grant == "urn:ietf:params:oauth:grant-type:device_code":
            return self.start_family(provider, self.poll(provider, form)["user"])
        raise Answer(400, {"error": "unsupported_grant_type"})

    def register(self, form):
        """Amazon: whoever wants to sign somebody in registers first."""
        if form.get("clientType") != "public" or "codewhisperer:conversations" not in form.get("scopes", []):
            raise Answer(400, {"error": "invalid_client_metadata"})
        name = "client-" + secrets.token_hex(8)
        self.clients[name] = "client-secret-" + secrets.token_hex(60)
        return {"clientId": name, "clientSecret": self.clients[name], "clientSecretExpiresAt": int(time.time()) + 90 * 86400}

    def begin_amazon_device(self, form):
        if form.get("clientSecret") != self.clients.get(form.get("clientId")) or "startUrl" not in form:
            raise Answer(401, {"error": "invalid_client"})
        return {camel(name): value for name, value in self.begin_device("kiro").items()}

    def begin_device(self, provider):
        code = "device-" + secrets.token_hex(12)
        user_code = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
        page = "https://" + ENDPOINTS[provider]["page"]
        self.devices[code] = {
            "provider": provider,
            "user_code": user_code,
            "state": "waiting",
            "polls": 0,
            "user": dict(self.users[provider]),
        }
        if provider == "codex":
            return {"device_auth_id": code, "user_code": user_code, "interval": "5"}
        return {
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": 900,
            "interval": 5,
        }

    def answer_device_code(self, form):
        """Codex: polling ends with a code, and the verifier that belongs to it."""
        device = self.poll("codex", form)
        verifier = encode(secrets.token_bytes(32))
        code = "code-" + secrets.token_hex(12)
        self.codes[code] = {
            "provider": "codex",
            "used": False,
            "user": device["user"],
            "client_id": "app_EMoamEEZ73f0CkXaXp7hrann",
            "redirect_uri": "https://auth.openai.com/deviceauth/callback",
            "code_challenge": encode(hashlib.sha256(verifier.encode()).digest()),
        }
        return {"authorization_code": code, "code_verifier": verifier}

    def find_family(self, fields):
        """Whose access token it is that came along."""
        word = fields.get("authorization", "").split(" ")[-1]
        family = self.short_lived.get(word)
        for known in self.families:
            if known.access == word:
                family = known
        if family is None or family.expired or family.revoked:
            raise Answer(401, {"error": {"type": "authentication_error", "message": "who are you?"}})
        return family

    def answer_exchange(self, fields):
        family = self.find_family(fields)
        token = f"tid={secrets.token_hex(12)};exp=1"
        self.short_lived[token] = family
        return {
            "token": token,
            "expires_at": int(time.time()) + 1500,
            "refresh_in": 1200,
            "endpoints": {"api": "https://api.githubcopilot.com"},
        }

    def answer_user(self, provider, fields):
        family = self.find_family(fields)
        user = family.user
        if provider == "copilot":
            return {"id": int(user["id"]), "login": user["login"], "email": None}
        return {"id": user["id"], "email": user["email"]}


MODELS = {
    "claude": "claude-sonnet-4-5",
    "codex": "gpt-5",
    "copilot": "gpt-4.1",
    "kimi": "kimi-k2",
    "xai": "grok-4",
    "antigravity": "gemini-3-pro-high",
    "gemini-cli": "gemini-2.5-pro",
    "qwen": "coder-model",
    "iflow": "qwen3-coder-plus",
    "vertex": "gemini-2.5-pro",
    "kiro": "claude-sonnet-4.5",
}
PROFILE = "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEF"
COPILOT_MODELS = [
    {"id": "gpt-4.1", "model_picker_enabled": True, "supported_endpoints": ["/chat/completions"],
     "capabilities": {"limits": {"max_context_window_tokens": 111424}}},
    {"id": "gpt-5.4-pro", "model_picker_enabled": True, "supported_endpoints": ["/responses"]},
    {"id": "text-embedding-3-small", "model_picker_enabled": False},
]
PROFILE_EU = "arn:aws:codewhisperer:eu-central-1:123456789012:profile/GHIJKL"
QUOTAS = {
    "kiro": {
        "usageBreakdownList": [{"resourceType": "CREDIT", "currentUsageWithPrecision": 12.5, "usageLimitWithPrecision": 50,
                                "nextDateReset": 1893456000}],
        "subscriptionInfo": {"subscriptionTitle": "KIRO FREE"},
    },
    "claude": {
        "five_hour": {"utilization": 12.5, "resets_at": "2030-01-01T00:00:00Z"},
        "seven_day": {"utilization": 40.0, "resets_at": "2030-01-05T00:00:00Z"},
    },
    "codex": {
        "plan_type": "plus",
        "rate_limit": {
            "primary_window": {"used_percent": 12, "limit_window_seconds": 18000, "reset_after_seconds": 600, "reset_at": 1893456000},
            "secondary_window": {"used_percent": 40, "limit_window_seconds": 604800, "reset_after_seconds": 6000, "reset_at": 1893888000},
        },
    },
}


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def message(name, payload, kind="event"):
    """One of Amazon's event streams; @kind "exception": its name is the error's."""
    headers = b""
    for key, value in ((f":{kind}-type", name), (":content-type", "application/json"), (":message-type", kind)):
        headers += bytes([len(key)]) + key.encode() + b"\7" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(payload).encode()
    head = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    whole = head + struct.pack(">I", zlib.crc32(head)) + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def say_kiro(text):
    half = len(text) // 2
    return b"".join((
        message("initial-response", {}),
        message("assistantResponseEvent", {"content": text[:half], "modelId": "m"}),
        message("assistantResponseEvent", {"content": text[half:]}),
        message("contextUsageEvent", {"contextUsagePercentage": 1.25}),
        message("meteringEvent", {"usage": 0.02, "unit": "credit"}),
    ))


def sse(*events):
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" if name else f"data: {json.dumps(data)}\n\n" for name, data in events)


def say_anthropic(text, model):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [{"type": "text", "text": text}],
               "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2}}
    begun = dict(message, content=[], stop_reason=None)
    events = sse(
        ("message_start", {"type": "message_start", "message": begun}),
        ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        ("content_block_stop", {"type": "content_block_stop", "index": 0}),
        ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                           "usage": {"output_tokens": 2}}),
        ("message_stop", {"type": "message_stop"}),
    )
    return message, events


def say_chat(text, model):
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    whole = {"id": "c1", "object": "chat.completion", "created": 1, "model": model, "usage": usage,
             "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
    piece = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": model}
    events = sse(
        (None, dict(piece, choices=[{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}])),
        (None, dict(piece, choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])),
        (None, dict(piece, choices=[], usage=usage)),
    )
    return whole, events + "data: [DONE]\n\n"


def say_responses(text, model):
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": text, "annotations": []}]}
    whole = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": model, "output": [item],
             "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}}
    begun = dict(whole, status="in_progress", output=[], usage=None)
    events = sse(
        ("response.created", {"type": "response.created", "sequence_number": 0, "response": begun}),
        ("response.output_item.added", {"type": "response.output_item.added", "sequence_number": 1, "output_index": 0,
                                        "item": dict(item, status="in_progress", content=[])}),
        ("response.content_part.added", {"type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1",
                                         "output_index": 0, "content_index": 0,
                                         "part": {"type": "output_text", "text": "", "annotations": []}}),
        ("response.output_text.delta", {"type": "response.output_text.delta", "sequence_number": 3, "item_id": "msg_1",
                                        "output_index": 0, "content_index": 0, "delta": text}),
        ("response.output_text.done", {"type": "response.output_text.done", "sequence_number": 4, "item_id": "msg_1",
                                       "output_index": 0, "content_index": 0, "text": text}),
        ("response.output_item.done", {"type": "response.output_item.done", "sequence_number": 5, "output_index": 0, "item": item}),
        ("response.completed", {"type": "response.completed", "sequence_number": 6, "response": whole}),
    )
    return whole, events


def say_code_assist(text, model):
    whole = {"response": {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}],
                          "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
                          "modelVersion": model}}
    return whole, sse((None, whole))


def say_gemini(text, model):
    whole = say_code_assist(text, model)[0]["response"]
    return whole, sse((None, whole))


SAYS = {
    "vertex": say_gemini,
    "claude": say_anthropic,
    "codex": say_responses,
    "xai": say_responses,
    "antigravity": say_code_assist,
    "gemini-cli": say_code_assist,
}

CONSENT = """<!doctype html><meta charset="utf-8"><title>{provider}</title>
<h1>{provider} asks</h1><p>May the program use the account {email}?</p>
<form method="post" action="{action}"><button id="allow" name="decision" value="allow">Allow</button>
<button id="deny" name="decision" value="deny">Deny</button></form>"""
DEVICE = """<!doctype html><meta charset="utf-8"><title>{provider}</title><h1>{provider} asks for a code</h1>
<form method="post"><input id="code" name="user_code" value="{code}"><button id="allow" name="decision" value="allow">Allow</button>
<button id="deny" name="decision" value="deny">Deny</button></form>"""
CONTROLS = ("fault", "seen", "count", "forget", "set_user", "set_lifetime", "approve", "expire", "revoke", "secrets", "consent")


class Handler(http.server.BaseHTTPRequestHandler):
    vendor = None  # of the class made for one
    whole_body = b""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.whole_body = body = self.rfile.read(length) if length else b""
        parts = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(parts.path).lstrip("/")
        try:
            self.answer_whole(path, parts.query, body)
        except ConnectionError:
            self.close_connection = True

    def answer_whole(self, path, query, body):
        try:
            if path.startswith("_control/"):
                self.control(path.removeprefix("_control/"), body)
            else:
                self.play(path, query, body)
        except Answer as answer:
            self.give(answer.status, answer.body, answer.kind, answer.fields)

    def give(self, status, body, kind="application/json", fields=()):
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def control(self, name, body):
        if name not in CONTROLS:
            raise Answer(404, {"error": name})
        arguments = json.loads(body) if body else []
        if isinstance(arguments, dict):
            result = getattr(self.vendor, name)(**arguments)
        else:
            result = getattr(self.vendor, name)(*arguments)
        self.give(200, {"result": result})

    def do_fault(self, kind):
        """TRUE: the request is over."""
        if kind is None:
            return False
        if kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            raise ConnectionError
        if kind == "silence":
            self.vendor.stopping.wait(SLOW_SECONDS)
            raise ConnectionError
        if kind == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"access_token":')
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionError
        if kind == "html":
            raise Answer(200, b"<html><body>Please try again</body></html>", "text/html")
        if kind == "huge":
            raise Answer(200, b'{"access_token":"' + b"x" * HUGE_BYTES + b'"}')
        if kind == "redirect":
            raise Answer(307, b"", fields=[("Location", self.vendor.url("elsewhere.example/token"))])
        if isinstance(kind, dict):
            kind = dict(kind)
            raise Answer(kind.pop("status", 200), kind)
        if isinstance(kind, str) and kind.startswith("echo-"):
            raise self.make_echo(int(kind.removeprefix("echo-")))
        raise Answer(int(kind), {"error": "server_error" if int(kind) >= 500 else "invalid_grant"})

    def make_echo(self, status):
        """What a careless vendor says of a request: all of it."""
        fields = "; ".join(f"{name}: {value}" for name, value in self.headers.items())
        said = f"this was refused: {self.path} {fields} {self.whole_body.decode('utf-8', 'replace')}"
        error = {"error": {"type": "refused", "message": said}}
        if (self.headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
            error = {"error": "invalid_grant", "error_description": said}
        echo = self.headers.get("Authorization") or self.headers.get("x-goog-api-key") or "nothing"
        return Answer(status, error, fields=[("X-Echo", echo), ("X-Request-Id", echo)])

    def read_form(self, body):
        kind = (self.headers.get("Content-Type") or "").split(";")[0]
        if kind == "application/json":
            return json.loads(body)
        return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))

    def find(self, path, query):
        provider, name = PATHS.get(path, (None, None))
        if provider is None and path.startswith("api.anthropic.com/v1/messages/"):
            return "claude", "count"
        if provider in GOOGLE and name == "authorize":
            provider = self.vendor._which(provider, query)
        return provider, name

    def play(self, path, query, body):
        vendor = self.vendor
        fields = {name.lower(): value for name, value in self.headers.items()}
        pairs = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        provider, name = self.find(path, pairs)
        if provider in (*GOOGLE, "vertex") and name == "token":
            provider = vendor._which(provider, self.read_form(body))
        endpoint = f"{provider}/{name}" if provider else path
        with vendor.lock:
            vendor.log.append({"endpoint": endpoint, "method": self.command, "path": self.path, "fields": fields,
                               "body": body.decode("utf-8", "replace")})
        self.do_fault(vendor.take_fault(endpoint))
        if provider is None:
            raise Answer(404, {"error": "not_found"})
        if name in ("authorize", "page"):
            self.show_page(provider, name, pairs, body)
        elif name in ("chat", "unary", "responses"):
            self.chat(provider, name, pairs, fields, body)
        else:
            with vendor.lock:
                self.give(200, self.call(provider, name, fields, body))

    def call(self, provider, name, fields, body):
        vendor = self.vendor
        if name == "register":
            return vendor.register(self.read_form(body))
        if name == "own-token":
            form = self.read_form(body)
            return vendor.refresh("kiro", {"refresh_token": form.get("refreshToken")}) | {"profileArn": PROFILE}
        if provider == "kiro" and name == "device":
            return vendor.begin_amazon_device(self.read_form(body))
        if name == "token":
            return vendor.answer_token(provider, self.read_form(body), fields)
        if name in ("device", "usercode"):
            return vendor.begin_device(provider)
        if name == "usercode-poll":
            return vendor.answer_device_code(self.read_form(body))
        if name == "exchange":
            return vendor.answer_exchange(fields)
        if name == "user":
            return vendor.answer_user(provider, fields)
        vendor.find_family(fields)
        if name.startswith("profiles"):
            company = vendor.find_family(fields).user.get("company")
            if company is None:
                raise Answer(403, {"message": "AWS Builder ID is not supported for this operation.", "reason": None})
            here = company == (name.partition("-")[2] or "us")
            return {"profiles": [{"arn": PROFILE if company == "us" else PROFILE_EU, "profileName": "work"}] if here else []}
        if name == "quota" and provider == "kiro":
            user = vendor.find_family(fields).user
            return QUOTAS[provider] | {"userInfo": {"userId": "d-1234." + user["id"], "email": user["email"]}}
        if name == "quota":
            return vendor.quotas.get(provider, {})
        if name == "reset":
            return {"code": "reset", "windows_reset": 2}
        if name == "project" and vendor.has_project:
            return {"currentTier": {"id": "standard-tier"}, "cloudaicompanionProject": "project-of-google"}
        if name == "project":
            return {"allowedTiers": [{"id": "legacy-tier"}, {"id": "free-tier", "isDefault": True}]}
        if name == "onboard":
            vendor.n_onboards += 1
            return {"done": vendor.n_onboards > 1, "response": {"cloudaicompanionProject": {"id": "project-of-google"}}}
        if name == "count":
            return {"input_tokens": 3}
        if provider == "copilot":
            return {"data": COPILOT_MODELS}
        if name == "catalogue":
            return {"models": {"gemini-9-pro-high": {"displayName": "Gemini 9 Pro"}, "chat_20706": {}, "tab_flash": {}}}
        model = MODELS[provider]
        return {"object": "list", "data": [{"id": model, "object": "model", "type": "model"}], "models": {model: {}}}

    def show_page(self, provider, name, query, body):
        vendor = self.vendor
        if self.command == "POST":
            form = dict(urllib.parse.parse_qsl(body.decode()))
            allow = form.get("decision") == "allow"
            if name == "page":
                known = vendor.approve(form.get("user_code", ""), not allow)
                raise Answer(200 if known else 404, b"<p id=done>Done</p>" if known else b"<p>No such code</p>", "text/html")
            location = vendor._decide(provider, query, allow)
            raise Answer(302, b"", "text/html", [("Location", location)])
        if name == "page":
            text = DEVICE.format(provider=provider, code=html.escape(query.get("user_code", "")))
        else:
            text = CONSENT.format(provider=provider, email=html.escape(vendor.users[provider]["email"]), action=html.escape(self.path))
        self.give(200, text.encode(), "text/html; charset=utf-8")

    def chat(self, provider, name, query, fields, body):
        with self.vendor.lock:
            family = self.vendor.find_family(fields)
        request = json.loads(body) if body else {}
        if provider == "kiro":
            if "currentMessage" not in request.get("conversationState", {}):
                raise Answer(400, {"message": "Improperly formed request.", "reason": None})
            self.give(200, say_kiro(f"Hello from kiro to {family.user['email']}."), "application/vnd.amazon.eventstream")
            return
        model = request.get("model") or MODELS[provider]
        whole, events = (say_responses if name == "responses" else SAYS.get(provider, say_chat))(f"Hello from {provider} to {family.user['email']}.", model)
        streams = request.get("stream") or name == "chat" and provider in (*GOOGLE, "vertex")
        self.give(200, events if streams else whole, "text/event-stream" if streams else "application/json")


def main():
    parser = argparse.ArgumentParser(description="Plays the vendors of accounts on this machine.")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with FakeVendor(options.port) as vendor:
        print(f"listening on {vendor.port}", flush=True)
        print(vendor.vendor_hosts() + vendor.oauth_clients(), end="", flush=True)
        sys.stdin.read()  # until whoever started us goes


if __name__ == "__main__":
    main()
