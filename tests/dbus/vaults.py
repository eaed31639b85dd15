# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets lie: a real keyring, a file, a sealed file, and the Secret portal of a
sandbox; what the user sees of it, and that no sign-in is lost on the way."""

import os
import pathlib
import subprocess
import sys

from gi.repository import Gio, GLib
from idle import HOUR, driven_clock
from place import ACCOUNT, wait_for

PORTAL = pathlib.Path(__file__).with_name("portal.py")
GARBLER = pathlib.Path(__file__).with_name("garbler.py")
PASSWORD = "correct horse"
STRANGE_ENTRY = """
openai-compatibility:
  - name: other
    base-url: http://127.0.0.1:1/v1
    api-key-entries: [{api-key: "vault:other"}]
    models: [{name: other-model}]
"""


class Keyring:
    """gnome-keyring-daemon on the bus of a place, unlocked."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        environment = {name: value for name, value in self.place.environment.items() if name != "G_DEBUG"}
        self.process = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"],
                                        env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.process.stdin.write(PASSWORD.encode())
        self.process.stdin.close()
        wait_for(lambda: has_owner(self.place, "org.freedesktop.secrets"), "the keyring")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def count(self):
        """Items of ours."""
        reply = self.place.connection.call_sync(
            "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "SearchItems",
            GLib.Variant("(a{ss})", ({"xdg:schema": "io.github.weirproxy.Weir"},)), None, Gio.DBusCallFlags.NONE, 5000, None)
        return sum(map(len, reply.unpack()))


class Played:
    """A played program on the bus of a place."""

    def __init__(self, place, *words):
        self.place = place
        self.words = words

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, *self.words], env=self.place.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def Portal(place, mode):
    """The desktop's portal."""
    return Played(place, str(PORTAL), mode)


def has_owner(place, name):
    reply = place.connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
        GLib.Variant("(s)", (name,)), None, Gio.DBusCallFlags.NONE, 5000, None)
    return reply.unpack()[0]


def configure(place, kind, more=""):
    path = place.configure(more)
    path.write_text(path.read_text().replace("secrets: file", f"secrets: {kind}"))
    return path


def want(place, kind):
    """The user edits the file, and it is read again."""
    configure(place, kind)
    place.call("Reload")


def await_secrets(place, state):
    wait_for(lambda: place.get("Secrets") == state, f"secrets that are {state}")


def state_of(place, account):
    return place.objects(ACCOUNT)[account]["State"]


def secrets_file(place):
    return place.home / ".local" / "share" / "weir" / "secrets"


def files_with(place, text):
    """Names of files of the home that hold it."""
    return [str(path.relative_to(place.home)) for path in place.home.rglob("*")
            if path.is_file() and text.encode() in path.read_bytes()]


def kill(place):
    place.program.kill()
    place.program.wait(10)
    place.program.stdout.close()
    place.log.close()
    place.program = None
    wait_for(lambda: not place.has_owner(), "the end")


def start_again(place):
    kill(place)
    place.start()
    wait_for(place.has_owner, "the name")


def secrets_move_while_it_runs(place):
    with Keyring(place) as keyring:
        configure(place, "file")
        place.start()
        account = place.sign_in()
        token = place.vendor.newest("codex").refresh
        wait_for(lambda: files_with(place, token), "the token in the file")
        want(place, "keyring")
        await_secrets(place, "unlocked")
        wait_for(lambda: not files_with(place, token), "that the file is cleared")
        assert keyring.count() >= 1 and place.get("SecretsProblem") == ""
        assert state_of(place, account) == "ready"
        assert "were moved from the file of secrets to the keyring" in place.read_log()
        start_again(place)
        wait_for(lambda: state_of(place, account) == "ready", "the account")
        place.sign_in("claude")
        want(place, "file")
        await_secrets(place, "file")
        wait_for(lambda: keyring.count() == 0, "that the keyring is cleared")
        start_again(place)
        wait_for(lambda: [row["State"] for row in place.objects(ACCOUNT).values()] == ["ready", "ready"], "the accounts")
        assert place.get("Secrets") == "file"
        assert "sign in" not in place.read_log()


def secrets_stay_where_they_cannot_move(place):
    configure(place, "file")
    place.start()
    account = place.sign_in()
    token = place.vendor.newest("codex").refresh
    want(place, "keyring")
    problem = wait_for(lambda: place.get("SecretsProblem"), "why")
    assert "stay in the file of secrets" in problem and "no keyring service runs" in problem, problem
    assert place.get("Secrets") == "file" and state_of(place, account) == "ready"
    assert any("stay in the file" in row[2] for row in place.get("Attention")), place.get("Attention")
    place.weir("status", text="stay in the file of secrets")
    assert problem in place.read_log() and files_with(place, token)
    start_again(place)
    wait_for(lambda: state_of(place, account) == "ready", "the account")
    with Keyring(place):
        place.call("UnlockSecrets")
        await_secrets(place, "unlocked")
        wait_for(lambda: not files_with(place, token), "that the file is cleared")
        assert place.get("SecretsProblem") == "" and state_of(place, account) == "ready"


def a_file_is_sealed_by_systemds_key(place):
    credentials = place.home / "credentials"
    credentials.mkdir(mode=0o700)
    key = credentials / "weir-secrets-key"
    key.write_text("0123456789abcdef" * 4 + "\n")
    configure(place, "file")
    plain = dict(place.environment)
    place.environment["CREDENTIALS_DIRECTORY"] = str(credentials)
    place.start()
    account = place.sign_in()
    await_secrets(place, "encrypted-file")
    place.weir("status", text="encrypted-file")
    token = place.vendor.newest("codex").refresh
    wait_for(lambda: secrets_file(place).exists(), "the file")
    assert not files_with(place, token) and "encrypted by the credential" in place.read_log()
    kill(place)
    before = secrets_file(place).read_bytes()
    for environment, words in ((plain, "its key was not given"),
                               (place.environment, "of another key")):
        if environment is place.environment:
            key.write_text("fedcba9876543210" * 4)
        place.start(environment=environment)
        wait_for(place.has_owner, "the name")
        await_secrets(place, "missing")
        assert words in place.get("SecretsProblem"), place.get("SecretsProblem")
        assert state_of(place, account) == "locked"
        assert place.get("Attention")[0][0] == "secrets-missing", place.get("Attention")
        place.refused("Failed", "UnlockSecrets")
        kill(place)
        assert secrets_file(place).read_bytes() == before
    key.write_text("0123456789abcdef" * 4)
    place.start()
    wait_for(lambda: place.has_owner() and state_of(place, account) == "ready", "the account")


def a_sandbox_keeps_secrets_by_its_portal(place):
    place.environment["SNAP_NAME"] = "weir"
    configure(place, "keyring", STRANGE_ENTRY)
    with Portal(place, "gives"):
        place.start()
        await_secrets(place, "unlocked")
        account = place.sign_in()
        assert (place.home / ".local" / "share" / "keyrings" / "default.keyring").exists()
        assert not secrets_file(place).exists() and not files_with(place, place.vendor.newest("codex").refresh)
        # another program of ours writes there, and neither keeps the other from it
        done = subprocess.run([os.environ["WEIR"], "--store-key", "other"], input="sk-other-0123456789", text=True,
                              capture_output=True, env=place.environment, timeout=30)
        assert done.returncode == 0, done
        second = place.sign_in("claude")
        assert place.weir("--list-keys") == "other\n"
        wait_for(lambda: "configuration read again" in place.read_log(), "that the key is seen")
        start_again(place)
        for path in (account, second):
            wait_for(lambda path=path: state_of(place, path) == "ready", "the account")
        place.stop()


def a_portal_that_says_no_is_not_worked_around(place):
    place.environment["SNAP_NAME"] = "weir"
    configure(place, "keyring")
    # no portal at all, and no service either
    place.start()
    await_secrets(place, "missing")
    assert "no keyring service runs" in place.get("SecretsProblem")
    refuse_sign_in(place, "no keyring service runs")
    place.stop()
    for mode in ("denies", "cancels"):
        with Portal(place, mode):
            place.start()
            await_secrets(place, "missing")
            assert "Secret portal gives no key" in place.get("SecretsProblem"), place.get("SecretsProblem")
            refuse_sign_in(place, "Secret portal gives no key")
        if mode == "denies":
            place.stop()
    with Portal(place, "gives"):  # the user has thought better of it
        place.call("UnlockSecrets")
        await_secrets(place, "unlocked")
        assert place.get("SecretsProblem") == ""
        place.sign_in()
        place.stop()


def a_keyring_that_garbles_is_not_believed(place):
    configure(place, "keyring")
    with driven_clock(place) as let_pass, Played(place, str(GARBLER)) as keyring:
        place.start()
        await_secrets(place, "unlocked")
        account = place.sign_in()
        start_again(place)
        wait_for(lambda: state_of(place, account) == "ready", "the account")
        keyring.process.stdin.write("garble\n")
        keyring.process.stdin.flush()
        assert keyring.process.stdout.readline() == "garbles\n"
        refreshes = place.vendor.newest("codex").refreshes
        let_pass(HOUR)
        wait_for(lambda: place.ask("gpt-5") == 200 and place.vendor.newest("codex").refreshes == refreshes + 1, "a renewal")
        wait_for(lambda: "kept encrypted" in place.read_log(), "that it lies in the escrow")
        assert state_of(place, account) == "ready" and place.ask("gpt-5") == 200
        escrow = place.home / ".local" / "share" / "weir" / "escrow"
        assert any(escrow.iterdir()) and not files_with(place, place.vendor.newest("codex").refresh)
        place.stop()


def refuse_sign_in(place, words):
    """It fails with these words, and what the vendor gave is nowhere."""
    try:
        place.sign_in()
    except AssertionError as error:
        assert words in str(error), error
    else:
        raise AssertionError("it was kept somewhere")
    assert place.objects(ACCOUNT) == {} and not secrets_file(place).exists()
    assert not files_with(place, place.vendor.newest("codex").refresh)


CASES = [secrets_move_while_it_runs, secrets_stay_where_they_cannot_move, a_file_is_sealed_by_systemds_key,
         a_sandbox_keeps_secrets_by_its_portal, a_portal_that_says_no_is_not_worked_around, a_keyring_that_garbles_is_not_believed]
