# SPDX-License-Identifier: GPL-3.0-or-later
"""Uses the window as a person without a mouse would, and reports in TAP."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import traceback

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import session
import tree
from gi.repository import Atspi  # noqa: E402

PROGRAM = session.BUILD / "src" / "window" / "weir-window"


# what must not stand on standard error: criticals, and what sanitizers find
BAD = ("CRITICAL", "runtime error", "Sanitizer")
# GTK 4.8 tells of the end of children that no screen reader had asked for yet
GTK_FAULT = "g_variant_is_object_path"


class Window:
    """The real program."""

    def __init__(self, environment=None):
        self.process = subprocess.Popen([PROGRAM], env=environment, stderr=subprocess.PIPE, text=True)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[1]

    def __enter__(self):
        try:
            tree.wait_for(tree.application, "window")
        except AssertionError:
            print("\n".join("# " + line for line in self.stop().splitlines()))
            raise
        return self

    def __exit__(self, kind, *_):
        text = self.stop()
        noise = [line for line in text.splitlines()
                 if any(word in line for word in BAD) and GTK_FAULT not in line]
        if "Sanitizer" in text:
            print("\n".join("# " + line for line in text.splitlines()))
        if kind is not None:
            print("\n".join(["# the window ended with %s" % self.process.returncode, *("# " + line for line in noise)]))
        tree.wait_for(lambda: tree.application() is None, "end of the window")
        assert kind is not None or not noise, noise


def ask(action, *targets):
    """As the service does: an action by the window's bus name."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    bus.call_sync("io.github.weirproxy.Weir.Ui", "/io/github/weirproxy/Weir", "org.freedesktop.Application",
                  "ActivateAction", GLib.Variant("(sava{sv})", (action, list(targets), {})), None,
                  Gio.DBusCallFlags.NO_AUTO_START, 5000, None)


def show(page):
    ask("show", GLib.Variant("s", page))


# what is on a page once it is filled
SIGNS = {"quota": "Claude, work: 5 hours", "accounts": "Claude, work, Ready", "models": "claude-haiku-4-5",
         "activity": "claude-opus-4-6, work, 200", "keys": "laptop"}


def test_names_and_values():
    """every page has names, roles and values for a screen reader"""
    with session.Mock("ten-accounts"), Window():
        tree.expect("Running on 127.0.0.1:8317")
        tree.expect("Claude, work: 5 hours", Atspi.Role.LEVEL_BAR)
        row = tree.expect("Claude, work: 5 hours, 42 % used", exact=False)
        assert "resets in 2 h" in row.get_name(), row.get_name()
        for page, sign in SIGNS.items():
            show(page)
            tree.expect(sign, exact=False)
            found = sorted(set(tree.faults()))
            assert not found, f"{page}: {found}"


def shown_addresses():
    return sorted({node.get_name() for node in tree.walk(tree.application()) if "@example" in (node.get_name() or "")})


def test_privacy():
    """addresses are hidden on every page, and seen again"""
    with session.Mock("ten-accounts"), Window():
        tree.expect("Claude, lab@example.org: 5 hours", Atspi.Role.LEVEL_BAR)
        tree.act("win.privacy")
        tree.wait_for(lambda: not shown_addresses(), "Quota page without addresses")
        for page, sign in SIGNS.items():
            show(page)
            tree.expect(sign, exact=False)
            assert not shown_addresses(), f"{page}: {shown_addresses()}"
        tree.act("win.privacy")
        show("quota")
        tree.expect("Claude, lab@example.org: 5 hours", Atspi.Role.LEVEL_BAR)


def test_proxy():
    """the proxy is stopped and started, and its address copied"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.press(tree.expect("Stop"))
        mock.wait_for("Weir1 Stop")
        tree.expect("Stopped")
        tree.press(tree.expect("Start"))
        mock.wait_for("Weir1 Start")
        tree.expect("Running on 127.0.0.1:8317")
        tree.act("win.refresh")
        mock.wait_for("Weir1 RefreshQuota")


def test_card():
    """a card's menu says what can be done with its account, and leads to its page"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.press(tree.expect("Account Menu"))
        tree.press(tree.expect("Prefer This Account"))
        mock.wait_for("antigravity_b Prefer")
        tree.press(tree.expect("Account Menu"))
        assert tree.find("Move Up") is None
        tree.press(tree.expect("Settings"))
        tree.expect("Use this account")


def remove(label):
    """Says yes to the removal of the account that is shown; the undo, there for 10 s."""
    tree.press(tree.expect("Remove…"))
    tree.expect(f"Remove “{label}”?")
    tree.press(tree.expect("Remove"))
    return tree.expect("Undo")


def test_account():
    """an account is set up, removed, and brought back while the undo is there"""
    with session.Mock("ten-accounts") as mock, Window():
        ask("show-account", GLib.Variant("s", "claude-work"))
        tree.expect("Claude, work, Ready", exact=False)
        tree.write(tree.expect("Name"), "office")
        tree.press(tree.expect("Clear Rests"))
        mock.wait_for("claude_work ClearRests")
        tree.press(remove("work"))
        tree.expect("Claude, work, Ready", exact=False)
        assert not any("Remove" in call for call in mock.calls), mock.calls


def key(*names):
    """Pressed by a person: the one window has the focus."""
    subprocess.run(["xdotool", "key", *names], check=True)


def middle(node):
    """Where it is; without a window manager the window is in the corner."""
    place = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    return str(place.x + place.width // 2), str(place.y + place.height // 2)


def click(node):
    """With the mouse."""
    subprocess.run(["xdotool", "mousemove", *middle(node), "click", "1"], check=True)


def drag(row, target):
    """By the handle at its beginning, in steps: the first few are not a drag yet."""
    place = Atspi.Component.get_extents(row, Atspi.CoordType.WINDOW)
    x, y = str(place.x + 22), middle(row)[1]
    there = middle(target)
    subprocess.run(["xdotool", "mousemove", x, y, "mousedown", "1", "sleep", "0.2",
                    "mousemove", x, str(int(y) - 15), "sleep", "0.2", "mousemove", x, there[1], "sleep", "0.5",
                    "mousemove", x, str(int(there[1]) + 2), "sleep", "0.5", "mouseup", "1"], check=True)


@contextlib.contextmanager
def tall():
    """Windows that need no scrolling."""
    path = pathlib.Path(os.environ["XDG_CONFIG_HOME"]) / "glib-2.0" / "settings" / "keyfile"
    path.parent.mkdir(parents=True)
    path.write_text("[io/github/weirproxy/Weir]\nheight=1380\n")
    before = os.environ["GSETTINGS_BACKEND"]
    os.environ["GSETTINGS_BACKEND"] = "keyfile"
    try:
        yield
    finally:
        os.environ["GSETTINGS_BACKEND"] = before
        shutil.rmtree(path.parent)


def test_limits_of_an_account():
    """the history of a limit is a chart and a table, and a reset is spent after a question"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.expect("Running on 127.0.0.1:8317")
        ask("show-account", GLib.Variant("s", "codex-work"))
        mock.wait_for("codex_work GetHistory ('5h'")
        tree.expect("5 hours over time: now", exact=False)
        tree.press(tree.expect("Show the history as a table"))
        tree.expect("History", Atspi.Role.LIST)
        tree.press(tree.expect("Use One…"))
        tree.expect("Use One of 2 Reset Credits?")
        tree.press(tree.expect("Cancel"))
        tree.wait_for(lambda: tree.find("Use One of 2 Reset Credits?") is None, "end of the question")
        assert not any("ResetLimit" in call for call in mock.calls), mock.calls
        tree.press(tree.expect("Use One…"))
        tree.expect("Use One of 2 Reset Credits?")
        tree.press(tree.expect("Cancel"))
        tree.wait_for(lambda: tree.find("Use One of 2 Reset Credits?") is None, "end of the question")
        ask("reset-limit", GLib.Variant("s", "codex-work"))  # as tray and notifications do
        tree.expect("Use One of 2 Reset Credits?")
        tree.press(tree.expect("Use", Atspi.Role.PUSH_BUTTON, exact=False))
        mock.wait_for("codex_work ResetLimit")
        tree.expect("The limits begin anew")


def test_settings_of_an_account():
    """an account gets a proxy of its own, and a rest is cleared where it is said"""
    with session.Mock("ten-accounts") as mock, tall(), Window():
        tree.expect("Running on 127.0.0.1:8317")
        ask("show-account", GLib.Variant("s", "kimi-c"))
        row = tree.expect("Proxy of its own, or “direct”")
        click(row)
        subprocess.run(["xdotool", "type", "direct"], check=True)
        key("Return")
        mock.wait_for("set kimi_c ProxyUrl direct")
        tree.press(tree.expect("Clear"))
        mock.wait_for("kimi_c ClearRests")


def order(provider):
    """The labels of its accounts, as they are listed on the page."""
    names = [(node.get_name() or "").split(", ") for node in tree.walk(tree.application())]
    return [name[1] for name in names if name[0] == provider and len(name) == 3 and ":" not in name[1]]


def test_order_of_accounts():
    """who serves first is moved by keys, and by the menu of a row"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.expect("Running on 127.0.0.1:8317")
        show("accounts")
        ask("show-account", GLib.Variant("s", "codex-work"))
        assert order("Codex") == ["team", "work"], order("Codex")
        key("alt+Up")  # the row that was asked for has the focus
        mock.wait_for("set codex_work Priority 1")
        tree.wait_for(lambda: order("Codex") == ["work", "team"], "new order")
        key("Menu")
        tree.press(tree.expect("Move Down"))
        mock.wait_for("set codex_work Priority -1")
        tree.wait_for(lambda: order("Codex") == ["team", "work"], "old order")
        rows = {label: tree.expect(f"Codex, {label}, ", exact=False, role=Atspi.Role.LIST_ITEM) for label in ("work", "team")}
        drag(rows["work"], rows["team"])
        tree.wait_for(lambda: order("Codex") == ["work", "team"], "dragged order")


def test_removal_at_close():
    """a window that is closed while the undo is there removes the account"""
    with session.Mock("ten-accounts") as mock, Window() as window:
        ask("show-account", GLib.Variant("s", "claude-work"))
        tree.expect("Claude, work, Ready", exact=False)
        remove("work")
        assert not any("Remove" in call for call in mock.calls), mock.calls
        try:
            tree.act("window.close")
        except GLib.GError as error:  # it is gone before it has answered
            assert "disconnected" in error.message, error
        mock.wait_for("claude_work Remove (False,)")
        assert window.process.wait(10) == 0


def test_sign_in():
    """a sign-in is begun by code, and ended by a pasted address"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.expect("Running on 127.0.0.1:8317")
        ask("add-account", GLib.Variant("(ss)", ("copilot", "")))
        tree.expect("WXYZ-1234")
        mock.wait_for("BeginLogin ('copilot', {})")
        tree.press(tree.expect("Cancel"))
        mock.wait_for("Cancel")
        ask("add-account", GLib.Variant("(ss)", ("claude", "paste")))
        mock.wait_for("BeginLogin ('claude', {'way': 'paste'})")
        tree.expect("Waiting for the address.")


def test_models():
    """a model is tested through the proxy"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.expect("Running on 127.0.0.1:8317")
        show("models")
        tree.expect("claude-haiku-4-5")
        tree.press(tree.expect("Test", Atspi.Role.PUSH_BUTTON))
        mock.wait_for("TestModel ('claude-haiku-4-5',)")
        tree.expect("work, 412 ms")


def test_activity():
    """requests are searched by the names of accounts, failures picked out, usage read as a table"""
    with session.Mock("ten-accounts"), Window():
        show("activity")
        tree.expect("claude-opus-4-6, work, 200", exact=False)
        tree.write(tree.expect("Search requests"), "Codex – WORK")
        tree.wait_for(lambda: tree.find("claude-opus-4-6, work", exact=False) is None, "end of the other accounts' requests")
        tree.expect("gpt-5.2-codex, work, 200", exact=False)
        tree.press(tree.expect("Failures"))
        tree.wait_for(lambda: tree.find("gpt-5.2-codex, work, 200", exact=False) is None, "end of what succeeded")
        tree.expect("gpt-5.2-codex, work, 429", exact=False)
        tree.write(tree.expect("Search requests"), "nobody")
        tree.expect("No Request Found")
        tree.press(tree.expect("As a Table"))
        tree.expect("requests, 0 failed · ", exact=False)


def test_alias():
    """a model gets another name, as a change of the configuration that is shown first"""
    config = session.write_config()
    with session.Mock("ten-accounts") as mock, Window():
        show("models")
        tree.expect("claude-haiku-4-5", exact=False)
        tree.press(tree.expect("Model Menu"))
        tree.press(tree.expect("Add Another Name…"))
        tree.write(tree.expect("Other name"), "quick one")
        tree.write(tree.expect("Other name"), "quick")
        tree.press(tree.expect("Add…"))
        mock.wait_for("checked")
        tree.expect("This changes. Lines with − go, lines with + come.")
        # its page slides in, and takes no click before
        tree.wait_for(lambda: tree.press(tree.find("Save")) or config.read_text().endswith(
            'oauth-model-alias:\n  claude:\n    - {name: "claude-haiku-4-5", alias: "quick", fork: true}\n'), "new name")
        assert config.read_text().startswith(session.CONFIG_TEXT)
    session.write_config()


def open_editor(mock):
    """What the configuration is written in."""
    tree.expect("Running on 127.0.0.1:8317")
    tree.act("win.edit-config")
    mock.wait_for("checked")
    return tree.wait_for(lambda: next(
        (node for node in tree.walk_by_depth(tree.application())
         if node.get_name() == "Configuration" and node.get_editable_text_iface() is not None), None), "editor")


def read(view):
    return Atspi.Text.get_text(view, 0, Atspi.Text.get_character_count(view))


def test_configuration():
    """what is written in the configuration is checked by the service, and its faults are gone to"""
    with session.Mock("ten-accounts") as mock, Window():
        view = open_editor(mock)
        tree.write(view, "port: 1\nhost: \t2\n")
        tree.expect("a tab cannot indent in YAML", exact=False)
        tree.expect("Line 2, column 7")
        key("F8")
        tree.wait_for(lambda: Atspi.Text.get_caret_offset(view) == len("port: 1\nhost: "), "jump to the fault")
        key("ctrl+w")
        tree.expect("Save Changes?")
        tree.press(tree.expect("Discard", exact=False))
        tree.wait_for(lambda: tree.find("Line 2, column 7") is None, "end of the editor")


def switch(name):
    """The row's: its name is that of the row as well, and twice so where it has its own."""
    def can_toggle(node):
        action = node.get_action_iface()
        return action is not None and any(action.get_action_name(i) == "toggle" for i in range(action.get_n_actions()))

    return tree.wait_for(lambda: next((node for node in tree.walk(tree.application())
                                       if (node.get_name() or "").startswith(name) and can_toggle(node)), None), name)


def is_on(node):
    states = node.get_state_set()
    return states.contains(Atspi.StateType.CHECKED) or states.contains(Atspi.StateType.PRESSED)


def test_preferences():
    """lines of the configuration are rows of the preferences, and what is refused springs back"""
    with session.Mock("ten-accounts") as mock, Window():
        tree.expect("Running on 127.0.0.1:8317")
        tree.act("win.preferences")
        mock.wait_for("ListSettings")
        tree.press(switch("Start at login"))
        mock.wait_for("start-at-login true")
        tree.press(switch("Only while the proxy runs"))
        mock.wait_for("SetSetting ('tray.hide-stopped', 'true')")
        tree.wait_for(lambda: is_on(switch("Only while the proxy runs")), "switch that is on")
        port = tree.expect("Port", Atspi.Role.SPIN_BUTTON, exact=False)
        Atspi.Value.set_current_value(port, 1)
        mock.wait_for("SetSetting ('port', '1')")
        tree.expect("Only root may listen on port 1.")
        tree.wait_for(lambda: Atspi.Value.get_current_value(port) == 8317, "old port")
        key("ctrl+f")
        subprocess.run(["xdotool", "type", "passing"], check=True)
        tree.expect("Proxy → When Something Fails")
        # the entry of the search is libadwaita's own
        found = sorted(set(tree.faults()) - {"entry called “GtkSearchEntry”"})
        assert not found, found


def test_configuration_of_two():
    """what another program writes to the configuration meanwhile is lost no more than what was written here"""
    config = session.write_config()
    with session.Mock("ten-accounts") as mock, Window():
        view = open_editor(mock)
        config.write_text("port: 1000\n")
        tree.wait_for(lambda: read(view) == "port: 1000\n", "their text, where there is none of ours")

        tree.write(view, "port: 2000\n")
        config.write_text("port: 3000\n")
        tree.press(tree.expect("Take Theirs"))
        tree.wait_for(lambda: read(view) == "port: 3000\n", "their text")
        key("ctrl+z")
        tree.wait_for(lambda: read(view) == "port: 2000\n", "our text")

        config.write_text("port: 4000\n")
        tree.press(tree.expect("Keep Mine"))
        difference = tree.expect("Difference")
        # not before it was checked
        tree.wait_for(lambda: key("ctrl+s") or "- port: 4000\n+ port: 2000" in read(difference), "difference")
        assert config.read_text() == "port: 4000\n"
        tree.wait_for(lambda: tree.press(tree.find("Save")) or config.read_text() == "port: 2000\n", "saved text")
    session.write_config()


def test_service_comes_and_goes():
    """the window says when the service is gone, and meets it again"""
    mock = session.Mock("ten-accounts")
    with Window():
        tree.expect("Running on 127.0.0.1:8317")
        mock.stop()
        tree.expect("The Service Is Not Running")
        with session.Mock("ten-accounts"):
            tree.expect("Claude, work: 5 hours", Atspi.Role.LEVEL_BAR)
    mock.stop()


def test_outdated():
    """an older service is not spoken to, and can be restarted"""
    with session.Mock("outdated") as mock, Window():
        tree.expect("An Older Service Is Running")
        tree.press(tree.expect("Restart the Service"))
        mock.wait_for("Weir1 Quit")


def test_second_window():
    """a second start shows the window that is there"""
    with session.Mock("ten-accounts"), Window():
        tree.expect("Running on 127.0.0.1:8317")
        assert subprocess.run([PROGRAM], timeout=10).returncode == 0


def test_click_on_the_icon():
    """a click on the tray's icon closes the window that is in front"""
    with session.Mock("ten-accounts"), Window() as window:
        tree.expect("Running on 127.0.0.1:8317")
        tree.wait_for(lambda: any(node.get_state_set().contains(Atspi.StateType.ACTIVE)
                                  for node in tree.walk(tree.application())), "focus")
        try:
            ask("show-or-hide", GLib.Variant("s", "quota"))
        except GLib.Error as gone:
            assert "NoReply" in str(gone) or "disconnect" in str(gone), gone
        assert window.process.wait(timeout=30) == 0


def test_fresh():
    """who has no account is welcomed"""
    with session.Mock("fresh"), Window():
        tree.expect("Welcome to Weir")
        tree.expect("No Accounts Yet")


TESTS = [
    test_names_and_values, test_privacy, test_proxy, test_card, test_account, test_limits_of_an_account,
    test_settings_of_an_account, test_order_of_accounts, test_removal_at_close, test_sign_in, test_models,
    test_activity, test_alias, test_preferences, test_configuration, test_configuration_of_two, test_service_comes_and_goes,
    test_outdated, test_second_window, test_click_on_the_icon, test_fresh,
]


def main():
    wanted = sys.argv[2:]
    tests = [test for test in TESTS if not wanted or any(word in test.__name__ for word in wanted)]
    session.write_config()
    os.environ.pop("GTK_A11Y", None)
    os.environ.pop("G_DEBUG", None)  # see GTK_FAULT; criticals are counted when a window ends
    tree.wait_for_registry()
    print(f"1..{len(tests)}")
    bad = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__doc__}")
        except Exception:  # a test may fail in any way; the next one still runs
            bad += 1
            print(f"not ok {number} - {test.__doc__}")
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()[-12:]))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
