# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that go to another machine, and come from one."""

import base64
import io
import json
import os
import pty
import subprocess
import tarfile
import zipfile

from gi.repository import Gio, GLib

from place import ACCOUNT, MANAGER, NAME, PATH, wait_for


def read_tar(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        assert all(member.mode == 0o600 and "/" not in member.name for member in tar)
        return {member.name: json.loads(tar.extractfile(member).read()) for member in tar}


def pipe(place, *words, data=b"", status=0):
    """What a verb makes of a pipe and gives to one: its two outputs."""
    done = subprocess.run([os.environ["WEIR"], *words], env=place.environment, input=data, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == status, done
    return done.stdout, done.stderr.decode()


def check_documents(place, documents):
    kinds = {document["type"]: document for document in documents.values()}
    codex, copilot = kinds["codex"], kinds["copilot"]
    family = place.vendor.newest("codex")
    assert codex["access_token"] == family.access and codex["refresh_token"] == family.refresh, codex
    assert codex["account_id"] and codex["email"].endswith("codex.example") and codex["last_refresh"].endswith("Z")
    assert copilot["github_token"] == place.vendor.newest("copilot").access and len(kinds) == 2, kinds


def accounts_go_to_another_machine_and_come_back(place):
    place.start()
    place.sign_in("codex")
    place.sign_in("copilot", "device")
    text, archive = place.home / "bundle", place.home / "auths.zip"
    ids = place.weir("accounts", "export", "--output", str(text)).split()
    assert len(ids) == 2 and text.stat().st_mode & 0o777 == 0o600
    check_documents(place, read_tar(base64.b64decode(text.read_bytes(), validate=True)))
    before = text.read_bytes()
    place.weir("accounts", "export", "--output", str(text), status=64, text="cannot be made")
    assert text.read_bytes() == before
    place.weir("accounts", "export", "codex", "copilot", "--output", str(archive), text="login")
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        check_documents(place, {name: json.loads(file.read(name)) for name in file.namelist()})
    packed = place.home / "auths.tar.gz"
    place.weir("accounts", "export", "codex", "--output", str(packed))
    assert [document["type"] for document in read_tar(packed.read_bytes()).values()] == ["codex"]
    for identity in ids:
        place.weir("logout", identity)
    wait_for(lambda: not place.objects(ACCOUNT), "the end of both")
    place.weir("accounts", "import", str(archive))
    wait_for(lambda: len(place.objects(ACCOUNT)) == 2, "both again")
    assert {row["State"] for row in place.objects(ACCOUNT).values()} == {"ready"}
    wait_for(lambda: place.ask("gpt-5") == 200, "an answer")
    for secret in place.vendor.secrets():
        assert secret not in place.read_log(), "a secret is in the log"


def what_is_handed_over_is_not_shown(place):
    place.start()
    place.sign_in("codex")
    primary, secondary = pty.openpty()
    done = subprocess.run([os.environ["WEIR"], "accounts", "export"], env=place.environment, stdout=secondary,
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 64 and "--output" in done.stderr, done
    os.set_blocking(primary, False)
    try:
        assert os.read(primary, 1) == b"", "something is shown"
    except BlockingIOError:
        pass
    done = subprocess.run([os.environ["WEIR"], "accounts", "export", "--output", "-"], env=place.environment,
                          stdout=secondary, stderr=subprocess.PIPE, text=True, check=False)
    os.close(secondary)
    shown = os.read(primary, 1 << 20)
    os.close(primary)
    assert done.returncode == 0 and read_tar(base64.b64decode(shown)), done
    out, said = pipe(place, "accounts", "export", "codex")
    assert read_tar(base64.b64decode(out, validate=True)) and "login" in said and "codex-" in said, said
    place.weir("accounts", "export", "nobody", "--output", str(place.home / "x"), status=1)
    assert not (place.home / "x").exists()


def export(place, ids, form, path, flags=os.O_WRONLY | os.O_CREAT, mode=0o600):
    """Straight over the bus: the name of the error, or the ids."""
    fd = os.open(path, flags, mode)
    files = Gio.UnixFDList.new_from_array([fd])
    try:
        reply, _ = place.connection.call_with_unix_fd_list_sync(
            NAME, PATH, MANAGER, "ExportAccounts", GLib.Variant("(assh)", (ids, form, 0)), None,
            Gio.DBusCallFlags.NONE, 20000, files, None)
        return reply.unpack()[0]
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error).rsplit(".", 1)[1]


def a_file_that_others_read_gets_no_sign_in(place):
    place.start()
    path = place.home / "open"
    assert export(place, [], "bundle", place.home / "none") == "NotFound"
    place.sign_in("codex")
    path.touch(mode=0o644)
    path.chmod(0o644)
    assert export(place, [], "bundle", path) == "Refused" and path.read_bytes() == b""
    assert export(place, [], "bundle", "/dev/null", os.O_WRONLY) == "Refused"
    path.chmod(0o600)
    assert export(place, [], "nonsense", path) == "BadRequest"
    assert export(place, ["nobody-1"], "bundle", path) == "NotFound" and path.read_bytes() == b""
    assert export(place, [], "zip", path, os.O_RDONLY) == "Failed"
    assert len(export(place, [], "zip", path)) == 1 and path.read_bytes().startswith(b"PK")


def what_another_program_renews_stays_there(place):
    folder = place.home / "auths"
    folder.mkdir()
    place.configure(f"auth-dir: {folder}\n")
    (folder / "kimi-1.json").write_text(json.dumps(
        {"type": "kimi", "email": "a@b.example", "access_token": "at", "refresh_token": "rt", "expired": "2090-01-01T00:00:00Z"}))
    place.start()
    wait_for(lambda: place.objects(ACCOUNT), "the account")
    place.weir("accounts", "export", "kimi", "--output", str(place.home / "x"), status=1, text="another program")
    place.weir("accounts", "export", "--output", str(place.home / "x"), status=1, text="no account")
    assert not (place.home / "x").exists()


def a_service_account_serves_by_its_key(place):
    path, text = place.home / "key.json", place.home / "bundle"
    place.start()
    key = place.vendor.make_key_file()
    path.write_text(json.dumps({"type": "vertex", "service_account": key, "project_id": "my-project", "location": "us-central1"}))
    identity = place.weir("--vertex-import", str(path)).strip()
    account = wait_for(lambda: next(iter(place.objects(ACCOUNT).values()), None), "the account")
    assert account["Id"] == identity and account["Provider"] == "vertex" and account["State"] == "ready", account
    path.unlink()
    wait_for(lambda: place.ask("gemini-2.5-pro") == 200, "an answer")
    place.weir("accounts", "export", "--output", str(text))
    (document,) = read_tar(base64.b64decode(text.read_bytes())).values()
    assert document["service_account"] == key and document["location"] == "us-central1", document
    place.stop()
    place.start()
    wait_for(lambda: place.ask("gemini-2.5-pro") == 200, "an answer after a restart")
    for line in key["private_key"].splitlines()[1:-1]:
        assert line not in place.read_log(), "the key is in the log"


def a_bundle_comes_by_a_pipe(place):
    place.start()
    document = {"type": "kimi", "email": "a@b.example", "access_token": "at", "refresh_token": "rt"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("auths/kimi-1.json", json.dumps(document))
        file.writestr("auths/readme.txt", "x")
    out, _ = pipe(place, "accounts", "import", "-", data=archive.getvalue())
    assert out.startswith(b"kimi-"), out
    _, said = pipe(place, "accounts", "import", "-", data=b"x" * (5 << 20), status=64)
    assert "more in it" in said or "holds more" in said or "larger" in said, said


CASES = [
    accounts_go_to_another_machine_and_come_back, what_is_handed_over_is_not_shown,
    a_file_that_others_read_gets_no_sign_in, what_another_program_renews_stays_there,
    a_service_account_serves_by_its_key, a_bundle_comes_by_a_pipe,
]
