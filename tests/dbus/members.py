# SPDX-License-Identifier: GPL-3.0-or-later
"""Every member of the interface does what its XML says."""

import json
import os
import socket
import sqlite3
import tempfile
import threading

from gi.repository import Gio, GLib

from place import ACCOUNT, KEY, LOGIN, MANAGER, NAME, PATH, PROPERTIES, wait_for


def the_manager_says_how_it_is(place):
    url = place.start()
    everything = place.call("GetAll", "(s)", MANAGER, interface=PROPERTIES)
    assert everything["State"] == "running" and everything["Endpoint"] == url
    assert everything["ProtocolVersion"] == 1 and everything["Problem"] == ""
    assert everything["ConfigPath"].endswith("config.yaml") and everything["ConfigProblem"] == ""
    assert everything["Tightest"] == ("", "", -1.0, 0)
    wait_for(lambda: place.get("Secrets") == "file", "the secrets")
    assert place.get("Attention") == []


def stop_and_start_leave_the_service(place):
    url = place.start()
    place.call("Stop")
    assert place.get("State") == "stopped" and place.get("Endpoint") == ""
    try:
        place.ask("weir/echo")
        raise AssertionError("it still listens")
    except OSError:
        pass
    place.call("Stop")
    place.call("Start")
    assert place.get("State") == "running"
    place.url = place.get("Endpoint")
    assert place.ask("weir/echo") == 200
    place.call("Start")
    assert place.program.poll() is None and url


def quit_ends_the_service(place):
    place.start()
    place.call("Stop")
    place.call("Quit")
    assert place.program.wait(10) == 0


def reload_says_what_came_of_it(place):
    path = place.configure()
    place.start()
    place.call("Reload")
    path.write_text("port: x\n")
    sentence = place.refused("BadRequest", "Reload")
    assert "config.yaml:1:7" in sentence, sentence
    assert place.get("ConfigProblem") == sentence
    assert [row[0] for row in place.get("Attention")] == ["config"]
    place.configure()
    place.call("Reload")
    assert place.get("ConfigProblem") == "" and place.get("Attention") == []
    assert place.ask("weir/echo") == 200


def totals_and_exchanges_follow_the_requests(place):
    changed = []
    place.start()
    place.connection.signal_subscribe(
        None, MANAGER, "ExchangesChanged", PATH, None, Gio.DBusSignalFlags.NONE,
        lambda *arguments: changed.append(arguments[5].unpack()[0]))
    for _ in range(20):
        assert place.ask("weir/echo", agent="tool/2 (x)") == 200
    assert place.ask("nobody") == 404
    wait_for(lambda: place.get("Totals")["requests"] == 21, "the totals")
    totals = place.get("Totals")
    assert totals["failed"] == 1 and totals["in-flight"] == 0 and totals["output-tokens"] > 0
    rows = place.call("ListExchanges", "(u)", 5)
    assert len(rows) == 5 and rows[0]["error"] == "model_not_found" and rows[0]["status"] == 404
    assert rows[1]["model"] == "weir/echo" and rows[1]["agent"] == "tool/2" and rows[1]["key"] == "laptop"
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    wait_for(lambda: changed and changed[-1] == rows[0]["id"], "the signal")
    assert len(changed) < 12, changed
    assert len(place.call("ListExchanges", "(u)", 0)) == 0
    assert len(place.call("ListExchanges", "(u)", 4294967295)) == 21


def lists_say_what_there_is(place):
    place.start()
    providers = place.call("ListProviders")
    assert {"claude", "codex", "copilot"} <= {row["id"] for row in providers}
    assert all(row["sentence"] and row["standing"] in ("open", "limited", "ended") for row in providers)
    codex = next(row for row in providers if row["id"] == "codex")
    assert codex["ways"] == ["browser", "device", "paste"]
    assert [row["id"] for row in place.call("ListModels")] == ["weir/echo"]
    keys = place.call("ListKeys")
    assert keys[0]["name"] == "laptop" and keys[0]["limits"] == [("requests-per-minute", 600, 0)]
    assert KEY not in json.dumps(keys)
    place.ask("weir/echo")
    assert place.call("ListKeys")[0]["limits"] == [("requests-per-minute", 600, 1)]


def a_model_is_tested_through_the_proxy(place):
    place.start()
    result = place.call("TestModel", "(s)", "weir/echo")
    assert result["ok"] and result["status"] == 200 and result["first-byte"] >= 0
    result = place.call("TestModel", "(s)", "nobody")
    assert not result["ok"] and result["status"] == 404 and "nobody" in result["message"]
    place.refused("BadRequest", "TestModel", "(s)", "")
    place.call("Stop")
    place.refused("Failed", "TestModel", "(s)", "weir/echo")


def check(place, text):
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        files = Gio.UnixFDList.new()
        handle = files.append(file.fileno())
        reply, _ = place.connection.call_with_unix_fd_list_sync(
            "io.github.weirproxy.Weir", PATH, MANAGER, "CheckConfig", GLib.Variant("(h)", (handle,)),
            None, Gio.DBusCallFlags.NONE, 5000, files, None)
        return reply.unpack()[0]


def a_configuration_is_checked_without_using_it(place):
    place.start()
    assert not any(fatal for _, _, fatal, _, _ in check(place, "port: 1\n"))
    notices = check(place, "port: 99999\n")
    assert notices[0][:3] == (1, 7, True), notices
    assert place.get("Endpoint") == place.url
    reading, writing = os.pipe()
    files = Gio.UnixFDList.new()
    handle = files.append(reading)
    try:
        place.connection.call_with_unix_fd_list_sync(
            "io.github.weirproxy.Weir", PATH, MANAGER, "CheckConfig", GLib.Variant("(h)", (handle,)),
            None, Gio.DBusCallFlags.NONE, 5000, files, None)
        raise AssertionError("a pipe was read")
    except GLib.Error as error:
        assert "regular file" in error.message
    finally:
        os.close(reading)
        os.close(writing)
    place.refused("BadRequest", "CheckConfig", "(h)", 7)


def settings_are_changed_in_the_file(place):
    def value(key):
        return next(row["value"] for row in place.call("ListSettings") if row["key"] == key)

    path = place.configure()
    path.write_text(path.read_text() + "# mine\nproxy-url: \"http://me:planted@127.0.0.1:9\" # stays\n")
    place.start()
    rows = {row["key"]: row for row in place.call("ListSettings")}
    assert rows["routing.strategy"]["type"] == "word" and "fill-first" in rows["routing.strategy"]["words"]
    assert rows["request-retry"]["type"] == "number" and rows["request-retry"]["maximum"] == 100
    assert rows["proxy-url"]["value"] == "http://me:…@127.0.0.1:9"
    before = path.read_text()
    place.call("SetSetting", "(ss)", "proxy-url", "http://me:…@127.0.0.1:9")
    assert path.read_text() == before
    for key, text in (("routing.strategy", "fill-first"), ("debug", "true"), ("request-retry", "7")):
        place.call("SetSetting", "(ss)", key, text)
        assert value(key) == text
    after = path.read_text()
    assert after.startswith(before) and "# mine" in after and "# stays" in after, after
    for key, text in (("port", "70000"), ("routing.strategy", "nobody"), ("api-keys", "x")):
        place.refused("BadRequest", "SetSetting", "(ss)", key, text)
    place.refused("NotFound", "SetSetting", "(ss)", "prot", "1")
    assert path.read_text() == after


def settings_that_come_at_once_are_all_kept(place):
    path = place.configure()
    place.start()
    keys = ["debug", "tray.hide-stopped", "tray.show-percent", "force-model-prefix", "disable-cooling"]
    left = list(keys)
    for key in keys:
        place.connection.call(
            NAME, PATH, MANAGER, "SetSetting", GLib.Variant("(ss)", (key, "true")), None,
            Gio.DBusCallFlags.NONE, 10000, None, lambda bus, result: (bus.call_finish(result), left.pop()))
    wait_for(lambda: not left, "the answers")
    assert all(row["value"] == "true" for row in place.call("ListSettings") if row["key"] in keys)
    assert path.read_text().count("true") >= len(keys)


def what_is_open_is_listed(place):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place.configure(
            "openai-compatibility:\n  - name: silent\n    base-url: http://127.0.0.1:"
            f"{silent.getsockname()[1]}/v1\n    api-key-entries: [{{api-key: x}}]\n    models: [{{name: m}}]\n")
        place.start()
        asking = threading.Thread(target=lambda: place.ask("m"), daemon=True)
        asking.start()
        row = wait_for(lambda: next(iter(place.call("ListExchanges", "(u)", 9)), None), "the row")
        assert row["phase"] == "open" and row["model"] == "m" and row["status"] == 0, row
        wait_for(lambda: place.get("Totals")["in-flight"] == 1, "the total")
        model = next(row for row in place.call("ListModels") if row["id"] == "m")
        assert model["seats"] and not model["resting"], model
    wait_for(lambda: place.call("ListExchanges", "(u)", 9)[0]["phase"] == "ended", "the end")
    asking.join(20)
    usage = place.call("ListUsage", "(x)", 0)
    assert usage[0]["requests"] == 1 and usage[0]["failed"] == 1 and usage[0]["model"] == "m", usage
    assert place.call("ListUsage", "(x)", 2**62) == []


def secrets_are_unlocked(place):
    place.start()
    place.call("UnlockSecrets")
    assert place.get("Secrets") == "file" and place.get("SecretsProblem") == ""


def secrets_are_the_users_business_when_there_are_some(place):
    """There is no keyring on this bus: nobody is told of it who has nothing in one."""
    path = place.configure()
    path.write_text(path.read_text().replace("secrets: file\n", ""))
    place.start()
    wait_for(lambda: place.get("Secrets") == "missing", "the state")
    assert place.get("SecretsProblem") and place.get("Attention") == []
    path.write_text(path.read_text() + 'claude-api-key: [{api-key: "vault:work"}]\n')
    place.call("Reload")
    wait_for(lambda: [row[0] for row in place.get("Attention")] == ["secrets-missing"], "the word")


def what_other_programs_keep_is_imported(place):
    token = {"access_token": "at-1", "refresh_token": "rt-1", "email": "a@b.example", "type": "kimi", "expired": "2031-01-01T00:00:00Z"}
    place.start()
    assert isinstance(place.call("ListImportable"), list)
    place.refused("NotFound", "ImportFound", "(s)", "nobody")
    path = place.home / "import.json"
    for status, text in ((64, b""), (64, b"{}"), (64, b"x" * 100), (1, b'{"type": "nobody", "access_token": "x"}')):
        path.write_bytes(text)
        place.weir("accounts", "import", str(path), status=status)
    path.write_text(json.dumps(token))
    place.weir("accounts", "import", str(path))
    wait_for(lambda: len(place.objects(ACCOUNT)) == 1, "the account")


def diagnostics_name_nobody(place):
    place.start()
    place.ask("weir/echo")
    place.ask("nobody")
    place.sign_in()
    text = place.call("GetDiagnostics")
    assert "accounts: 1\n" in text and "codex.example" not in text, text
    assert "weir 0." in text and "state: running" in text and "model_not_found" in text
    for secret in (KEY, "laptop", str(place.home)):
        assert secret not in text, secret


def accounts_come_with_a_sign_in(place):
    place.start()
    path = place.sign_in("codex")
    account = place.objects(ACCOUNT)[path]
    assert account["Provider"] == "codex" and account["State"] == "ready" and account["Enabled"]
    assert path == f"{PATH}/Account/" + account["Id"].replace("-", "_")
    assert "@" not in account["Identity"] or "…" in account["Identity"], account["Identity"]
    path = place.sign_in("copilot", "device")
    assert place.get("Provider", path, ACCOUNT) == "copilot"
    assert len(place.objects(LOGIN)) == 2


def is_kept(place, stop_at):
    with sqlite3.connect(place.home / ".local" / "share" / "weir" / "accounts.db") as database:
        return database.execute("SELECT any_client, stop_at FROM account").fetchall() == [(1, stop_at)]


def vendors_say_which_models_they_offer(place):
    place.start()
    place.sign_in("copilot", "device")
    place.sign_in("antigravity")

    def offered():
        return {row["id"]: row for row in place.call("ListModels")}

    wait_for(lambda: {"gpt-5.4-pro", "gemini-9-pro-high"} <= set(offered()), "the lists")
    models = offered()
    assert "text-embedding-3-small" not in models and not {"chat_20706", "tab_flash"} & set(models), list(models)
    assert models["gpt-4.1"]["context-length"] == 111424, models["gpt-4.1"]
    asked = json.loads(place.vendor.seen("antigravity/catalogue")[-1]["body"])
    assert asked == {"project": "project-of-google"}, asked
    assert place.ask("gpt-5.4-pro") == 200 and place.ask("gpt-4.1") == 200
    assert place.vendor.count("copilot/responses") == 1 and place.vendor.count("copilot/chat") == 1


def settings_of_an_account_are_checked(place):
    place.start()
    path = place.sign_in()
    changes = {
        "Label": GLib.Variant("s", "work"), "Enabled": GLib.Variant("b", False),
        "Priority": GLib.Variant("i", -5), "Weight": GLib.Variant("u", 7),
        "Prefix": GLib.Variant("s", "work"), "ExcludedModels": GLib.Variant("as", ["gpt-4*"]),
        "StopAt": GLib.Variant("d", 12.5), "AnyClient": GLib.Variant("b", True),
        "ProxyUrl": GLib.Variant("s", "socks5://127.0.0.1:1080"),
    }
    for name, value in changes.items():
        place.set(path, name, value)
        wait_for(lambda: place.get(name, path, ACCOUNT) == value.unpack(), name)
    assert place.get("State", path, ACCOUNT) == "disabled"
    place.set(path, "Enabled", GLib.Variant("b", True))
    for name, value in {"Priority": GLib.Variant("i", 1001), "Weight": GLib.Variant("u", 0),
                        "ProxyUrl": GLib.Variant("s", "gopher://x")}.items():
        arguments = ("Set", "(ssv)", ACCOUNT, name, value)
        place.refused("BadRequest", *arguments, path=path, interface=PROPERTIES)
    wait_for(lambda: is_kept(place, 12.5), "the file")
    place.stop()
    place.start()
    account = wait_for(lambda: place.objects(ACCOUNT), "the account")[path]
    kept = {name: account[name] for name in changes if name != "Enabled"}
    assert kept == {name: value.unpack() for name, value in changes.items() if name != "Enabled"}, kept


def the_password_of_a_proxy_stays_here(place):
    def shown():
        return place.get("ProxyUrl", path, ACCOUNT)

    def stored():
        with sqlite3.connect(place.home / ".local" / "share" / "weir" / "accounts.db") as database:
            return database.execute("SELECT proxy_url FROM account").fetchone()[0]

    place.start()
    path = place.sign_in()
    place.set(path, "ProxyUrl", GLib.Variant("s", "http://me:planted@127.0.0.1:3128"))
    wait_for(lambda: shown() == "http://me:…@127.0.0.1:3128", "the address")
    place.set(path, "ProxyUrl", GLib.Variant("s", "http://me:…@127.0.0.1:3128"))
    wait_for(lambda: stored() == "http://me:planted@127.0.0.1:3128", "the password")
    place.refused("BadRequest", "Set", "(ssv)", ACCOUNT, "ProxyUrl", GLib.Variant("s", "http://me:…@127.0.0.2:3128"),
                  path=path, interface=PROPERTIES)
    place.set(path, "ProxyUrl", GLib.Variant("s", ""))
    wait_for(lambda: shown() == "", "no address")


def methods_of_an_account(place):
    place.start()
    path = place.sign_in()
    identity = place.get("Id", path, ACCOUNT)
    for method in ("Refresh", "ClearRests", "Prefer"):
        place.call(method, path=path, interface=ACCOUNT)
    assert place.call("ResetLimit", path=path, interface=ACCOUNT) == "done"
    assert place.call("RefreshQuota", "(s)", "") <= 1
    assert place.call("RefreshQuota", "(s)", "nobody-1") == 0
    assert isinstance(place.call("GetHistory", "(sx)", "5h", 0, path=path, interface=ACCOUNT), list)
    place.call("Remove", "(b)", True, path=path, interface=ACCOUNT)
    wait_for(lambda: place.objects(ACCOUNT) == {}, "its end")
    assert identity


def one_of_its_provider_is_preferred(place):
    place.start()
    first = place.sign_in()
    place.vendor.set_user("codex", id="another", email="other@codex.example")
    second = place.sign_in()
    place.set(first, "Priority", GLib.Variant("i", 1000))
    place.call("Prefer", path=second, interface=ACCOUNT)
    wait_for(lambda: place.get("Priority", second, ACCOUNT) > place.get("Priority", first, ACCOUNT), "the order")


def what_is_left_is_shown(place):
    place.start()
    path = place.sign_in()
    place.call("Refresh", path=path, interface=ACCOUNT)
    windows = wait_for(lambda: place.get("Windows", path, ACCOUNT), "the windows")
    assert all({"id", "name", "used", "resets", "source"} <= set(row) for row in windows), windows
    wait_for(lambda: place.get("Tightest")[0] == place.get("Id", path, ACCOUNT), "the tightest")


def a_sign_in_that_is_nobodys_is_refused(place):
    place.start()
    place.refused("NotFound", "BeginLogin", "(sa{sv})", "nobody", {})
    place.refused("BadRequest", "BeginLogin", "(sa{sv})", "codex", {"way": GLib.Variant("s", "magic")})
    place.refused("BadRequest", "BeginLogin", "(sa{sv})", "codex", {"way": GLib.Variant("u", 1)})
    place.refused("BadRequest", "BeginLogin", "(sa{sv})", "codex", {"other": GLib.Variant("s", "x")})
    place.refused("Unsupported", "BeginLogin", "(sa{sv})", "codex", {"callback-port": GLib.Variant("u", 7)})
    login = place.call("BeginLogin", "(sa{sv})", "codex", {"way": GLib.Variant("s", "paste")})
    wait_for(lambda: place.get("Url", login, LOGIN), "the address")
    place.refused("Refused", "SubmitCallback", "(s)", "http://localhost:1455/?code=1&state=2", path=login, interface=LOGIN)
    assert place.get("State", login, LOGIN) == "waiting"
    place.call("Cancel", path=login, interface=LOGIN)
    wait_for(lambda: place.get("State", login, LOGIN) == "cancelled", "its end")


def actions_are_those_of_the_table(place):
    place.start()
    path, actions = "/io/github/weirproxy/Weir", "org.gtk.Actions"
    names = set(place.call("List", path=path, interface=actions))
    assert {"start", "stop", "toggle", "reload", "quit", "refresh", "show", "add-account"} <= names
    place.call("Activate", "(sava{sv})", "toggle", [], {}, path=path, interface=actions)
    wait_for(lambda: place.get("State") == "stopped", "the stop")
    place.call("Activate", "(sava{sv})", "toggle", [], {}, path=path, interface=actions)
    wait_for(lambda: place.get("State") == "running", "the start")


CASES = [
    the_manager_says_how_it_is, stop_and_start_leave_the_service, quit_ends_the_service,
    reload_says_what_came_of_it, totals_and_exchanges_follow_the_requests, lists_say_what_there_is,
    a_model_is_tested_through_the_proxy, a_configuration_is_checked_without_using_it,
    settings_are_changed_in_the_file, settings_that_come_at_once_are_all_kept,
    what_is_open_is_listed, secrets_are_unlocked, secrets_are_the_users_business_when_there_are_some,
    what_other_programs_keep_is_imported,
    diagnostics_name_nobody, accounts_come_with_a_sign_in, vendors_say_which_models_they_offer, settings_of_an_account_are_checked,
    the_password_of_a_proxy_stays_here,
    methods_of_an_account, one_of_its_provider_is_preferred, what_is_left_is_shown,
    a_sign_in_that_is_nobodys_is_refused, actions_are_those_of_the_table,
]
