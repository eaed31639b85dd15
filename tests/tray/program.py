# SPDX-License-Identifier: GPL-3.0-or-later
"""The program itself: what its tray says and does."""

import os
import socket
import subprocess
import sys

from gi.repository import GLib

import bus as lib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import fake_vendor  # noqa: E402

CONFIG = """host: 127.0.0.1
api-keys:
  - key-for-the-tray-0123456789
openai-compatibility:
  - name: local
    base-url: http://127.0.0.1:9/v1
    api-key-entries:
      - api-key: none
    models:
      - name: small-model
        alias: small_alias
"""


class Weir:
    """weir on a bus and in folders of its own, without a keyring."""

    def __init__(self, with_watcher=True, bus=None, port=0, more="", wrapper=(), folder=None, **variables):
        self.folder = folder or lib.temporary()
        self.is_own_folder = folder is None
        self.wrapper = wrapper
        home = self.folder.name
        self.is_own_bus = bus is None
        self.bus = bus or lib.Bus(home)
        self.watcher = lib.Watcher(self.bus) if with_watcher else None
        self.config = config = os.path.join(home, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG + more)
        os.chmod(config, 0o600)
        environment = dict(self.bus.environment, HOME=home, XDG_RUNTIME_DIR=home,
                           XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, XDG_STATE_HOME=home,
                           G_DEBUG="fatal-criticals")
        environment.pop("DISPLAY", None)
        environment.pop("WAYLAND_DISPLAY", None)
        environment.update(variables)
        self.process = subprocess.Popen(
            [*wrapper, os.environ["WEIR"], "--config", config, "--port", str(port)], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=10)[1]
        self.url = line.split()[-1]
        self.client = lib.Client(self.bus, "io.github.weirproxy.Weir")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None and self.wrapper:  # a signal would be the wrapper's
            self.client.call(PATH, "org.gtk.Actions", "Activate", GLib.Variant("(sava{sv})", ("quit", [], {})))
        elif self.process.poll() is None:
            self.process.terminate()
        _, text = self.process.communicate(timeout=40)
        self.client.close()
        if self.watcher:
            self.watcher.close()
        if self.is_own_bus:
            self.bus.close()
        if self.is_own_folder:
            self.folder.cleanup()
        self.said = text
        if error[0] is None:
            assert self.process.returncode == 0, text
            assert "CRITICAL" not in text, text

    def wait_for_row(self, label):
        def look():
            return any(row[1].get("label", "").replace("__", "_").startswith(label)
                       for row in self.client.rows())

        lib.wait_for(look, f"a row {label!r}")


def the_program_shows_where_it_runs(_):
    with Weir() as weir:
        lib.wait_for(lambda: weir.watcher.items, "a registration")
        weir.wait_for_row("Running on " + weir.url.partition("://")[2])
        weir.wait_for_row("Add your first account")
        weir.wait_for_row("small_alias")


def stop_and_start_from_the_menu(_):
    with Weir() as weir:
        weir.wait_for_row("Stop Proxy")
        weir.client.click("Stop Proxy")
        weir.wait_for_row("Stopped")
        assert weir.client.get("IconName").endswith("-stopped-symbolic")
        weir.client.click("Start Proxy")
        weir.wait_for_row("Running on")


def the_configuration_says_whether_and_how(_):
    with Weir() as weir:
        lib.wait_for(lambda: weir.watcher.items, "a registration")

        def rewrite(lines):
            with open(weir.config, "w", encoding="utf-8") as file:
                file.write(CONFIG + lines)

        def is_there():
            try:
                return weir.client.get("Id") == NAME
            except GLib.Error:
                return False

        assert is_there()
        rewrite("tray: {enable: false}\n")
        lib.wait_for(lambda: not is_there(), "the icon's end")
        rewrite("tray: {left-click: toggle, middle-click: copy, hide-stopped: true}\nnotify-left: 30\n")
        lib.wait_for(lambda: len(weir.watcher.items) == 2, "the icon again")
        weir.wait_for_row("Running on")
        assert weir.client.get("Status") == "Active"
        window = lib.Window(weir.bus)
        weir.client.item("SecondaryActivate", "(ii)", 0, 0)
        lib.wait_for(lambda: ("copy", ["openai"]) in window.asked, "the address")
        window.close()
        weir.client.item("Activate", "(ii)", 0, 0)
        lib.wait_for(lambda: weir.client.get("Status") == "Passive", "that it hides")


def a_middle_click_stops(_):
    with Weir() as weir:
        weir.wait_for_row("Running on")
        weir.client.item("SecondaryActivate", "(ii)", 0, 0)
        weir.wait_for_row("Stopped")


def a_proxy_that_cannot_start_is_told(_):
    thief = socket.create_server(("127.0.0.1", 0))
    port = thief.getsockname()[1]
    thief.close()
    with Weir(port=port) as weir:
        daemon = lib.Notifications(weir.bus)
        weir.wait_for_row("Running on")
        weir.client.click("Stop Proxy")
        weir.wait_for_row("Stopped")
        thief = socket.create_server(("127.0.0.1", port))
        weir.client.click("Start Proxy")
        lib.wait_for(lambda: daemon.shown, "a notification")
        told = daemon.shown[0]
        assert told["title"] == "The proxy could not start", told
        assert told["body"].startswith(f"Port {port} is used by ") and f"(process {os.getpid()}) on 127.0.0.1; stop it" in told["body"], told
        weir.wait_for_row(f"Port {port} is used by ")
        assert "Try Again" in told["actions"], told
        assert told["hints"]["desktop-entry"] == "io.github.weirproxy.Weir", told
        assert weir.client.get("Status") == "NeedsAttention"
        thief.close()
        daemon.invoke(1, told["actions"][told["actions"].index("Try Again") - 1])
        weir.wait_for_row("Running on")
        weir.client.click("Stop Proxy")
        weir.wait_for_row("Stopped")
        thief = socket.create_server(("127.0.0.1", port))
        weir.client.click("Start Proxy")
        lib.wait_for(lambda: len(daemon.shown) == 2, "the next one")
        thief.close()
        weir.client.click("Start Proxy")
        lib.wait_for(lambda: daemon.closed == [2], "that it is taken back")
        daemon.close()


NAME = "io.github.weirproxy.Weir"
PATH = "/io/github/weirproxy/Weir"


def search_finds_the_switch_and_presses_it(_):
    gnome, krunner = "org.gnome.Shell.SearchProvider2", "org.kde.krunner1"
    with Weir() as weir:
        weir.wait_for_row("Running on")
        call = weir.client.call
        provider, runner = PATH + "/SearchProvider", PATH + "/Runner"
        (ids,) = call(provider, gnome, "GetInitialResultSet", GLib.Variant("(as)", (["WEIR", "sto"],)))
        assert ids == ["switch"]
        (none,) = call(provider, gnome, "GetSubsearchResultSet",
                       GLib.Variant("(asas)", (ids, ["weir", "teapot"])))
        assert none == []
        (metas,) = call(provider, gnome, "GetResultMetas", GLib.Variant("(as)", (ids + ["account/x"],)))
        assert [meta["name"] for meta in metas] == ["Stop Proxy"]
        call(provider, gnome, "ActivateResult", GLib.Variant("(sasu)", ("switch", [], 0)))
        weir.wait_for_row("Stopped")
        (matches,) = call(runner, krunner, "Match", GLib.Variant("(s)", ("start proxy",)))
        assert [match[:2] for match in matches] == [("switch", "Start Proxy")]
        assert call(runner, krunner, "Actions") == ([],)
        call(runner, krunner, "Run", GLib.Variant("(ss)", ("switch", "")))
        weir.wait_for_row("Running on")
        (matches,) = call(runner, krunner, "Match", GLib.Variant("(s)", ("x" * 100000,)))
        assert matches == []


def the_start_at_login_is_an_entry_of_autostart(_):
    with Weir() as weir:
        path = os.path.join(weir.folder.name, "autostart", NAME + ".desktop")

        def state():
            return weir.client.call(PATH, "org.gtk.Actions", "Describe",
                                    GLib.Variant("(s)", ("start-at-login",)))[0][2]

        def switch(is_on):
            weir.client.call(PATH, "org.gtk.Actions", "SetState",
                             GLib.Variant("(sva{sv})", ("start-at-login", GLib.Variant("b", is_on), {})))

        assert state() == [False]
        switch(True)
        assert state() == [True]
        with open(path, encoding="utf-8") as file:
            assert "weir\" --gapplication-service" in file.read()
        switch(False)
        assert state() == [False] and not os.path.exists(path)


BUS = NAME + "1"


def sign_in(weir, vendor, provider):
    """An account, by a device's code."""
    manager = "/io/github/weirproxy/Weir1"
    (login,) = weir.client.call(manager, BUS + ".Manager", "BeginLogin", GLib.Variant(
        "(sa{sv})", (provider, {"way": GLib.Variant("s", "device")})))

    def get(name):
        return weir.client.get(name, BUS + ".Login", login)

    lib.wait_for(lambda: get("State") == "waiting", "a code")
    vendor.approve(get("UserCode"))
    lib.wait_for(lambda: get("State") == "done", "the end of the sign-in", 20)
    return get("Account")


def an_account_is_shown_and_changed_by_the_menu(_):
    with fake_vendor.FakeVendor() as vendor:
        more = "secrets: file\n" + vendor.vendor_hosts() + vendor.oauth_clients()
        with Weir(more=more) as weir:
            weir.wait_for_row("Add your first account")
            account = sign_in(weir, vendor, "codex")
            weir.wait_for_row("ChatGPT")
            weir.client.click("Refresh Quota")
            lib.wait_for(lambda: weir.client.get("IconName") == "", "numbers in the icon", 10)
            assert "88 %" in weir.client.get("Title"), weir.client.get("Title")
            weir.client.click("Use This Account")
            lib.wait_for(lambda: "off" in weir.client.get("Title"), "that it is off")
            weir.client.click("Use This Account")
            lib.wait_for(lambda: "off" not in weir.client.get("Title"), "that it is on")
            (ids,) = weir.client.call(PATH + "/SearchProvider", "org.gnome.Shell.SearchProvider2",
                                      "GetInitialResultSet", GLib.Variant("(as)", (["chatgpt"],)))
            assert ids == ["account/" + account]
            vendor.revoke("codex")
            weir.client.call("/io/github/weirproxy/Weir1", BUS + ".Manager", "TestModel",
                             GLib.Variant("(s)", ("gpt-5.1",)))
            weir.wait_for_row("Sign in again: ChatGPT – u…@codex.example")
            weir.wait_for_row("ChatGPT – u…@codex.example: sign-in needed")
            assert weir.client.get("Status") == "NeedsAttention"


BROWSER = """[Desktop Entry]
Type=Application
Name=Played browser
Exec=sh -c 'echo "$1" > "$0/opened.new"; mv "$0/opened.new" "$0/opened"' {folder} %u
MimeType=x-scheme-handler/https;
"""


def play_browser(folder):
    """What is opened is written into the file that this gives."""
    applications = os.path.join(folder, "applications")
    os.makedirs(applications, exist_ok=True)
    with open(os.path.join(applications, "browser.desktop"), "w", encoding="utf-8") as file:
        file.write(BROWSER.format(folder=folder))
    with open(os.path.join(applications, "mimeapps.list"), "w", encoding="utf-8") as file:
        file.write("[Default Applications]\nx-scheme-handler/https=browser.desktop\n")
    return os.path.join(folder, "opened")


def a_used_up_account_is_told_with_what_can_be_done(_):
    with fake_vendor.FakeVendor() as vendor:
        more = "secrets: file\n" + vendor.vendor_hosts() + vendor.oauth_clients()
        quota = vendor.quotas["codex"]
        quota["rate_limit"]["secondary_window"]["used_percent"] = 100
        quota["rate_limit_reset_credits"] = {"available_count": 2}
        with Weir(more=more) as weir:
            daemon = lib.Notifications(weir.bus)
            opened = play_browser(weir.folder.name)
            account = sign_in(weir, vendor, "codex")
            weir.wait_for_row("ChatGPT")
            weir.client.click("Refresh Quota")
            weir.wait_for_row("Use Limit Reset (2")
            lib.wait_for(lambda: daemon.shown, "a notification")
            assert daemon.shown[0]["title"].endswith("is used up"), daemon.shown
            assert "Use Limit Reset…" in daemon.shown[0]["actions"], daemon.shown
            window = lib.Window(weir.bus)
            daemon.invoke(1, daemon.shown[0]["actions"][daemon.shown[0]["actions"].index("Use Limit Reset…") - 1])
            lib.wait_for(lambda: ("reset-limit", [account]) in window.asked, "the window's question")
            window.close()
            weir.client.click("Open Vendor Usage Page")
            lib.wait_for(lambda: os.path.exists(opened), "the browser")
            with open(opened, encoding="utf-8") as file:
                assert file.read().startswith("https://chatgpt.com/")
            daemon.close()


def a_strange_name_stays_a_name(_):
    """Markup, marks that turn text, ten thousand characters: as they are, or cut."""
    with fake_vendor.FakeVendor() as vendor:
        more = "secrets: file\n" + vendor.vendor_hosts() + vendor.oauth_clients()
        with Weir(more=more) as weir:
            daemon = lib.Notifications(weir.bus)
            account = sign_in(weir, vendor, "codex")
            path = "/io/github/weirproxy/Weir1/Account/" + account.replace("-", "_")
            for label in ("<b>bold</b> & _x_", "\u202eabc", "long " * 40):
                weir.client.call(path, lib.PROPERTIES, "Set", GLib.Variant(
                    "(ssv)", (BUS + ".Account", "Label", GLib.Variant("s", label))))
                weir.wait_for_row("ChatGPT – " + label.replace("\u202e", "")[:10])
                assert all(len(row[1].get("label", "").replace("__", "_")) <= 47 for row in weir.client.rows())
                assert "\u202e" not in weir.client.get("Title")
            weir.client.call(path, lib.PROPERTIES, "Set", GLib.Variant(
                "(ssv)", (BUS + ".Account", "Label", GLib.Variant("s", "<a href='x'>work</a>"))))
            weir.wait_for_row("ChatGPT – <a href")
            vendor.revoke("codex")
            weir.client.call("/io/github/weirproxy/Weir1", BUS + ".Manager", "TestModel",
                             GLib.Variant("(s)", ("gpt-5.1",)))
            lib.wait_for(lambda: daemon.shown, "a notification")
            assert "<" not in daemon.shown[0]["body"] and "‹a href" in daemon.shown[0]["body"], daemon.shown
            daemon.close()


def quit_from_the_menu(_):
    with Weir() as weir:
        weir.wait_for_row("Quit")
        weir.client.click("Quit")
        assert weir.process.wait(10) == 0


CASES = [
    the_program_shows_where_it_runs,
    stop_and_start_from_the_menu,
    the_configuration_says_whether_and_how,
    a_middle_click_stops,
    a_proxy_that_cannot_start_is_told,
    search_finds_the_switch_and_presses_it,
    the_start_at_login_is_an_entry_of_autostart,
    an_account_is_shown_and_changed_by_the_menu,
    a_used_up_account_is_told_with_what_can_be_done,
    a_strange_name_stays_a_name,
    quit_from_the_menu,
]
