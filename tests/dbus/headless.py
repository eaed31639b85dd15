# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that no bus reaches gets its sign-ins before it starts."""

import io
import json
import os
import subprocess
import zipfile

from place import ACCOUNT, wait_for


def run(place, *words, data=b"", status=0, **more):
    environment = dict(place.environment, DBUS_SESSION_BUS_ADDRESS="disabled:", **more)
    done = subprocess.run([os.environ["WEIR"], *words], env=environment, input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == status, done
    return done.stdout.decode(), done.stderr.decode()


def a_bundle_is_taken_before_the_start(place):
    place.configure()
    with place.vendor.lock:
        tokens = place.vendor.start_family("codex", place.vendor.users["codex"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("codex-1.json", json.dumps({"type": "codex", "email": "user@codex.example", "account_id": "acc-1", "note": "mine",
                                                  **{name: tokens[name] for name in ("access_token", "refresh_token")}}))
        file.writestr("vertex-1.json", json.dumps({"type": "vertex", "service_account": place.vendor.make_key_file()}))
    out, _ = run(place, "--import-accounts", "-", data=archive.getvalue())
    assert sorted(line.split("-")[0] for line in out.split()) == ["codex", "vertex"], out
    path = place.home / "again.zip"
    path.write_bytes(archive.getvalue())
    assert run(place, "--import-accounts", str(path))[0] == out
    for data in (b"", b"hello", b"x" * (5 << 20)):
        said = run(place, "--import-accounts", "-", data=data, status=64)[1]
        assert said.startswith("weir: "), said
    assert run(place, "--import-accounts", str(path) + "x", status=69)[1]
    run(place, "--import-accounts", "-", "--list-keys", status=64)
    place.start()
    rows = wait_for(lambda: place.objects(ACCOUNT), "the accounts").values()
    assert {row["Provider"]: row["State"] for row in rows} == {"codex": "ready", "vertex": "ready"}, rows
    assert "mine" in {row["Label"] for row in rows}
    wait_for(lambda: place.ask("gpt-5") == 200, "an answer")


def no_sign_in_is_read_from_the_environment(place):
    place.configure()
    place.start(environment=dict(place.environment, AUTH_BUNDLE="canary-bundle-1", AUTH_ZIP_URL="https://canary.example/2"))
    log = wait_for(lambda: "AUTH_BUNDLE" in place.read_log() and place.read_log(), "the word")
    assert "--import-accounts" in log and "canary" not in log and place.objects(ACCOUNT) == {}


CASES = [a_bundle_is_taken_before_the_start, no_sign_in_is_read_from_the_environment]
