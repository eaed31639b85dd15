# SPDX-License-Identifier: GPL-3.0-or-later
"""S: service accounts of Google Cloud: what is signed for a token, and where requests go."""

import base64
import json
import os
import subprocess
import tempfile
import urllib.parse

from harness.dialects import ALL, CHAT, GEMINI, read_sse, stream_verdict
from harness.suite import Group, expect, expect_error

TOKEN = "upstream-vertex-token-key"
SECOND = "upstream-vertex-second-key"
EMAIL = "weir@my-project.iam.example"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, timeout=30, check=False)
    expect(done.returncode == 0, done)
    return done.stdout


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def key_path(world, name):
    return os.path.join(world.folder, name)


def vertex_config(world):
    world.secrets += [TOKEN, SECOND]
    pem = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    with open(key_path(world, "public.pem"), "wb") as file:
        file.write(openssl("pkey", "-pubout", data=pem))
    account = {
        "type": "service_account", "project_id": "my-project", "private_key_id": "key-1", "private_key": pem.decode(),
        "client_email": EMAIL, "token_uri": "https://oauth2.googleapis.com/token",
    }  # fmt: skip
    with open(key_path(world, "account.json"), "w", encoding="utf-8") as file:
        json.dump(account, file, indent=2)
    os.makedirs(os.path.join(world.folder, "data", "weir"), mode=0o700)
    with open(os.path.join(world.folder, "data", "weir", "secrets"), "w", opener=lambda p, f: os.open(p, f, 0o600), encoding="utf-8") as file:
        file.write(f"weir secrets 1\napi-key/cloud {json.dumps(account)}\n")
    here = f"http://127.0.0.1:{world.up.port}"
    hosts = ("aiplatform.googleapis.com", "europe-west4-aiplatform.googleapis.com", "oauth2.googleapis.com")
    rows = [
        {"service-account": key_path(world, "account.json"), "models": [{"name": "gemini-3-pro", "alias": "one"}]},
        {"service-account": "vault:cloud", "location": "europe-west4", "project-id": "other-project", "models": [{"name": "gemini-3-pro", "alias": "two"}]},
        {"service-account": "/nowhere/account.json", "models": [{"name": "gemini-3-pro", "alias": "three"}]},
    ]
    return json.dumps({
        "host": world.host, "secrets": "file", "api-keys": list(world.client_keys),
        "vendor-hosts": {f"https://{host}": here for host in hosts}, "vertex-api-key": rows,
    }, indent=1)  # fmt: skip


class Google:
    """The token endpoint and Vertex AI."""

    def __init__(self, world):
        self.asked = []  # bodies at the token endpoint
        self.targets = []
        self.tokens = [TOKEN]
        self.refused = set()
        world.up.script = self

    def __call__(self, turn):
        if turn.target == "/token":
            self.asked.append(turn)
            token = self.tokens[min(len(self.asked), len(self.tokens)) - 1]
            return turn.answer(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})
        self.targets.append(turn.target)
        if turn.get("authorization") not in [f"Bearer {token}" for token in self.tokens]:
            return turn.answer(403, GEMINI.error_body("not this token"))
        if turn.key in self.refused:
            return turn.answer(401, GEMINI.error_body("refused", "UNAUTHENTICATED"))
        if turn.target.endswith(":countTokens"):
            return turn.answer(200, {"totalTokens": 42})
        return turn.stream(GEMINI.frames()) if "stream" in turn.target else turn.answer(200, GEMINI.unary())


def ask(world, dialect, model, stream=False):
    return world.exchange(world.ask(dialect, stream, model=model), timeout=20)


vertex = Group("S vertex", calm=True, config=vertex_config, warm=False)


@vertex.case("S60 who holds the key signs for himself, once for all who ask", sends=None)
def _(world):
    google = Google(world)
    for dialect in ALL:
        for stream in (False, True):
            answer = ask(world, dialect, "one", stream)
            expect(answer.status == 200, answer)
            if stream:
                expect(stream_verdict(dialect, answer) == "complete", stream_verdict(dialect, answer))
                expect(dialect.text_in(read_sse(answer.body)) == "Hello \u2603", answer.body)
    expect(len(google.asked) == 1, len(google.asked))
    expect(google.asked[0].get("content-type") == "application/x-www-form-urlencoded", google.asked[0].fields)
    form = urllib.parse.parse_qs(google.asked[0].body.decode())
    expect(form["grant_type"] == [GRANT], form)
    head, claims, signature = form["assertion"][0].split(".")
    expect(json.loads(decode(head)) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}, decode(head))
    said = json.loads(decode(claims))
    expect(said["iss"] == EMAIL and said["aud"] == "https://oauth2.googleapis.com/token" and said["exp"] - said["iat"] == 3600, said)
    with tempfile.NamedTemporaryFile() as file:
        file.write(decode(signature))
        file.flush()
        openssl("dgst", "-sha256", "-verify", key_path(world, "public.pem"), "-signature", file.name, data=f"{head}.{claims}".encode())
    base = "/v1/projects/my-project/locations/global/publishers/google/models/gemini-3-pro"
    expect({target.split("?")[0] for target in google.targets} == {f"{base}:generateContent", f"{base}:streamGenerateContent"}, google.targets)


@vertex.case("S61 a service account of the vault serves its region and project", sends=None)
def _(world):
    google = Google(world)
    expect(ask(world, GEMINI, "two").status == 200, "the answer")
    base = "/v1/projects/other-project/locations/europe-west4/publishers/google/models/gemini-3-pro"
    expect(google.targets == [f"{base}:generateContent"], google.targets)
    answer = world.exchange(world.post("/v1beta/models/two:countTokens", GEMINI.body()), timeout=20)
    expect(answer.status == 200 and json.loads(answer.body)["totalTokens"] == 42, answer)


@vertex.case("S62 a token that ends, or is refused, is asked for again", sends=None)
def _(world):
    google = Google(world)
    expect(ask(world, CHAT, "one").status == 200, "the first")
    world.advance(3600)
    before = len(google.asked)
    expect(ask(world, CHAT, "one").status == 200, "the second")
    expect(len(google.asked) == before + 1, len(google.asked))
    google.tokens = [TOKEN, SECOND]
    google.asked = [None]
    google.refused = {TOKEN}
    expect(ask(world, CHAT, "one").status == 200, "behind a refusal")
    expect(len(google.asked) == 2, len(google.asked))
    # refused for good: one more try, then the account rests
    google.refused = {TOKEN, SECOND}
    answer = ask(world, CHAT, "one")
    expect_error(answer, (401, 503), CHAT)
    expect(len(google.asked) == 3, len(google.asked))


@vertex.case("S63 without its key file a service account rests, and says so", sends=None)
def _(world):
    Google(world)
    expect("rests without its service account" in world.error_text(), world.error_text())
    expect_error(ask(world, CHAT, "three"), (503,), CHAT)
