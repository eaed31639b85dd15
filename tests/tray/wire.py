# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray over a bare bus: no display, no panel."""

import time

from gi.repository import GLib

import bus as lib


class World:
    def __init__(self, program, **watcher):
        self.folder = lib.temporary()
        self.bus = lib.Bus(self.folder.name)
        self.watcher = lib.Watcher(self.bus, **watcher) if watcher.pop("with_watcher", True) else None
        self.program = lib.Program(self.bus, program)
        self.client = lib.Client(self.bus, self.program.name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.program.close()
        finally:
            self.client.close()
            if self.watcher:
                self.watcher.close()
            self.bus.close()
            self.folder.cleanup()

    def wait_taken(self, watcher=None, seconds=5):
        watcher = watcher or self.watcher
        lib.wait_for(lambda: watcher.items, "a registration", seconds)


def refused(call, *names):
    try:
        call()
    except GLib.Error as error:
        assert any(name in error.message for name in names), error.message
        return
    raise AssertionError("was not refused")


def icon_is_registered_by_its_path(program):
    with World(program) as world:
        world.wait_taken()
        assert world.watcher.items == [(world.program.name, lib.ITEM_PATH)]
        world.program.expect("shown 1")


def a_watcher_that_wants_a_name_gets_one(program):
    with World(program, refuse_paths=True) as world:
        world.wait_taken()
        assert world.watcher.items == [(world.program.name, world.program.name)]


def a_watcher_that_is_not_ready_is_asked_again(program):
    with World(program, fail=2) as world:
        world.wait_taken()
        assert world.watcher.calls == 3


def icon_is_back_when_the_panel_is(program):
    with World(program) as world:
        world.wait_taken()
        world.program.expect("shown 1")
        world.watcher.close()
        world.program.expect("shown 0")
        begun = time.monotonic()
        world.watcher = lib.Watcher(world.bus)
        world.wait_taken()
        assert time.monotonic() - begun < 2
        world.program.expect("shown 1")


def a_watcher_of_the_other_name_is_enough(program):
    with World(program, name="org.freedesktop.StatusNotifierWatcher") as world:
        world.wait_taken()
        assert world.client.get("Id", "org.freedesktop.StatusNotifierItem")


def one_watcher_with_both_names_is_asked_once(program):
    with World(program) as world:
        world.wait_taken()
        world.watcher.own("org.freedesktop.StatusNotifierWatcher")
        world.program.tell("accounts 1")
        assert len(world.watcher.items) == 1


def every_property_has_a_value(program):
    with World(program) as world:
        for interface in (lib.ITEM, "org.freedesktop.StatusNotifierItem"):
            (all_of_them,) = world.client.call(
                lib.ITEM_PATH, lib.PROPERTIES, "GetAll", GLib.Variant("(s)", (interface,)))
            assert len(all_of_them) == 19, sorted(all_of_them)
        assert all_of_them["Menu"] == lib.MENU_PATH
        assert all_of_them["ItemIsMenu"] is False
        assert all_of_them["Category"] == "ApplicationStatus"
        assert [pixmap[0] for pixmap in all_of_them["IconPixmap"]] == [16, 22, 24, 32, 48, 64]
        assert all_of_them["IconName"].endswith("-empty-symbolic")
        (menu,) = world.client.call(
            lib.MENU_PATH, lib.PROPERTIES, "GetAll", GLib.Variant("(s)", (lib.MENU,)))
        assert menu["Version"] == 3 and menu["Status"] == "normal"


def numbers_are_drawn_and_told(program):
    with World(program) as world:
        world.program.tell("accounts 1")
        lib.wait_for(lambda: any(s[1] == "NewIcon" for s in world.client.signals), "NewIcon")
        assert world.client.get("IconName") == ""
        heading, lines = world.client.get("ToolTip")[2:]
        assert heading == "Running on 127.0.0.1:8317"
        assert "Claude – work: 5 h 9 % used, resets" in lines, lines
        before = world.client.get("IconPixmap")
        world.program.tell("used 0 60")
        assert world.client.get("IconPixmap") != before
        world.client.signals.clear()
        world.program.tell("used 0 60")
        world.client.get("Title")
        assert world.client.signals == []


def status_says_who_needs_the_user(program):
    with World(program) as world:
        world.program.tell("accounts 2")
        assert world.client.get("Status") == "Active"
        world.program.tell("account 1 sign-in")
        assert world.client.get("Status") == "NeedsAttention"
        assert ("org.kde.StatusNotifierItem", "NewStatus", ("NeedsAttention",)) in world.client.signals


def menu_is_whole_in_one_call(program):
    with World(program) as world:
        world.program.tell("accounts 10")
        rows = world.client.rows()
        assert rows[0][0] == 0 and rows[0][1] == {"children-display": "submenu"}
        numbers = [row[0] for row in rows]
        assert len(set(numbers)) == len(numbers)
        top = [row for row in rows if row[2] == 1 and row[1].get("type") != "separator"]
        assert len(top) <= 18, len(top)
        assert all(len(row[1].get("label", "").replace("__", "_")) < 48 for row in rows)
        assert any("More Accounts (5)" == row[1].get("label") for row in top)
        assert any("an__account" in row[1].get("label", "") for row in rows)
        shallow = world.client.layout(depth=1)[1]
        assert shallow[2] and all(child[2] == [] for child in shallow[2])
        only = world.client.layout(names=["label"])[1]
        assert set().union(*(child[1] for child in only[2])) == {"label"}


def properties_are_there_one_by_one_and_in_groups(program):
    with World(program) as world:
        world.program.tell("accounts 2")
        number = world.client.find("Stop Proxy")
        assert world.client.menu("GetProperty", "(is)", number, "label") == ("Stop Proxy",)
        (group,) = world.client.menu("GetGroupProperties", "(aias)", [number, number, 9999], [])
        assert group == [(number, {"label": "Stop Proxy", "enabled": True})]
        (every,) = world.client.menu("GetGroupProperties", "(aias)", [], ["label"])
        assert len(every) == len(world.client.rows())
        check = world.client.find("Use This Account")
        (group,) = world.client.menu("GetGroupProperties", "(aias)", [check], [])
        assert group[0][1]["toggle-type"] == "checkmark" and group[0][1]["toggle-state"] == 1


def a_click_is_an_action(program):
    with World(program) as world:
        world.program.tell("accounts 3")
        world.client.click("Stop Proxy")
        assert world.program.expect("action") == "action stop - -"
        world.client.click("OpenAI Style")
        assert world.program.expect("action") == "action copy 'openai' -"
        world.client.click("ChatGPT (device code)")
        assert world.program.expect("action") == "action add-account ('codex', 'device') -"
        number = world.client.find("Refresh Quota")
        assert world.client.menu("EventGroup", "(a(isvu))", [
            (number, "clicked", GLib.Variant("s", ""), 0),
            (77777, "clicked", GLib.Variant("s", ""), 0)]) == ([77777],)
        assert world.program.expect("action") == "action refresh '' -"


def texts_cannot_be_chosen(program):
    with World(program) as world:
        world.client.click("Running on")
        world.client.click("Stop Proxy")
        assert world.program.expect("action") == "action stop - -"


def clicks_on_the_icon_carry_the_token(program):
    with World(program) as world:
        world.client.item("ProvideXdgActivationToken", "(s)", "token-1")
        world.client.item("Activate", "(ii)", 3, 4)
        assert world.program.expect("action") == "action show-or-hide 'quota' token-1"
        world.client.item("Activate", "(ii)", 3, 4)
        assert world.program.expect("action") == "action show-or-hide 'quota' -"
        world.client.item("SecondaryActivate", "(ii)", 3, 4)
        assert world.program.expect("action") == "action stop - -"
        world.program.tell("click menu")
        refused(lambda: world.client.item("Activate", "(ii)", 3, 4), "UnknownMethod")
        refused(lambda: world.client.item("ContextMenu", "(ii)", 3, 4), "UnknownMethod")


def scrolling_shows_another_account(program):
    with World(program) as world:
        world.program.tell("accounts 3")
        assert "Copilot" in world.client.get("Title")
        for delta, orientation in ((120, "Vertical"), (1, "vertical")):
            world.client.item("Scroll", "(is)", delta, orientation)
        lib.wait_for(lambda: "home" in world.client.get("Title"), "another title")
        world.client.item("Scroll", "(is)", -1, "vertical")
        lib.wait_for(lambda: "work" in world.client.get("Title"), "the one before")
        world.client.item("Scroll", "(is)", 0, "vertical")
        assert "work" in world.client.get("Title")


def an_open_menu_only_changes_its_texts(program):
    with World(program) as world:
        world.program.tell("accounts 3")
        ids = [row[0] for row in world.client.rows()]
        world.client.menu("AboutToShow", "(i)", 0)
        world.client.menu("Event", "(isvu)", 0, "opened", GLib.Variant("i", 0), 0)
        world.client.signals.clear()
        world.program.tell("used 0 77")
        lib.wait_for(lambda: world.client.signals, "a signal")
        updates = [s for s in world.client.signals if s[0] == lib.MENU]
        assert [s[1] for s in updates] == ["ItemsPropertiesUpdated"], updates
        assert any("23 %" in row[1]["label"] for row in updates[0][2][0])
        world.client.signals.clear()
        world.program.tell("accounts 5")
        assert [row[0] for row in world.client.rows()] == ids
        assert not any(s[1] == "LayoutUpdated" for s in world.client.signals)
        world.client.menu("Event", "(isvu)", 0, "closed", GLib.Variant("i", 0), 0)
        lib.wait_for(lambda: any(s[1] == "LayoutUpdated" for s in world.client.signals), "layout")
        after = [row[0] for row in world.client.rows()]
        assert set(ids) < set(after)


def hosts_that_never_say_opened_are_believed_when_they_ask(program):
    with World(program) as world:
        world.program.tell("accounts 3")
        world.client.menu("AboutToShow", "(i)", 0)
        ids = [row[0] for row in world.client.rows()]
        world.program.tell("accounts 5")
        assert [row[0] for row in world.client.rows()] == ids
        assert world.client.menu("AboutToShow", "(i)", 0) == (True,)
        assert set(ids) < {row[0] for row in world.client.rows()}
        # whoever heard of texts only gets all of it at the end
        world.program.tell("used 0 44")
        world.client.signals.clear()
        world.client.menu("Event", "(isvu)", 0, "closed", GLib.Variant("i", 0), 0)
        lib.wait_for(lambda: any(s[1] == "LayoutUpdated" for s in world.client.signals), "layout")


def a_closed_menu_is_told_as_a_whole(program):
    with World(program) as world:
        world.program.tell("accounts 2")
        revision = world.client.layout()[0]
        world.client.signals.clear()
        world.program.tell("used 0 50")
        lib.wait_for(lambda: any(s[1] == "LayoutUpdated" for s in world.client.signals), "layout")
        assert world.client.layout()[0] == revision + 1


def about_to_show_tells_the_truth(program):
    with World(program) as world:
        world.program.tell("accounts 2")
        world.client.menu("AboutToShow", "(i)", 0)
        assert world.client.menu("AboutToShow", "(i)", 0) == (False,)
        assert world.client.menu("AboutToShowGroup", "(ai)", [0, 5, 88888]) == ([], [88888])


def nonsense_is_refused(program):
    with World(program) as world:
        call = world.client.menu
        refused(lambda: world.client.layout(4711), "InvalidArgs")
        refused(lambda: call("GetProperty", "(is)", 1, "colour"), "InvalidArgs")
        refused(lambda: call("AboutToShow", "(i)", -3), "InvalidArgs")
        refused(lambda: call("Event", "(isvu)", 4711, "clicked", GLib.Variant("i", 0), 0), "InvalidArgs")
        refused(lambda: call("GetGroupProperties", "(aias)", list(range(5000)), []), "LimitsExceeded")
        refused(lambda: call("GetLayout", "(s)", "x"), "InvalidArgs")
        world.client.item("ProvideXdgActivationToken", "(s)", "x" * 100000)
        for _ in range(200):
            world.client.item("Activate", "(ii)", 0, 0)
        assert world.program.expect("action") == "action show-or-hide 'quota' -"
        call("Event", "(isvu)", 1, "x" * 10000, GLib.Variant("as", ["y"] * 1000), 0)


def it_waits_quietly_without_a_watcher(program):
    with World(program, with_watcher=False) as world:
        world.program.tell("accounts 1")
        assert world.client.rows()
        watcher = lib.Watcher(world.bus)
        world.wait_taken(watcher)
        watcher.close()


def ink(client):
    """The colours of the smallest pixmap that are not seen through."""
    pixels = bytes(client.get("IconPixmap")[0][2])
    return {pixels[i + 1:i + 4] for i in range(0, len(pixels), 4) if pixels[i] == 255}


def the_icon_follows_the_colour_scheme(program):
    with World(program) as world:
        assert ink(world.client) == {b"\x85\x85\x85"}
    with lib.temporary() as folder:
        bus = lib.Bus(folder)
        portal = lib.Portal(bus, 1)
        program = lib.Program(bus, program)
        client = lib.Client(bus, program.name)
        lib.wait_for(lambda: ink(client) == {b"\xf6\xf5\xf4"}, "light ink")
        portal.change(2)
        lib.wait_for(lambda: ink(client) == {b"\x24\x1f\x31"}, "dark ink")
        program.close()
        client.close()
        portal.close()
        bus.close()


CASES = [
    icon_is_registered_by_its_path,
    a_watcher_that_wants_a_name_gets_one,
    a_watcher_that_is_not_ready_is_asked_again,
    icon_is_back_when_the_panel_is,
    a_watcher_of_the_other_name_is_enough,
    one_watcher_with_both_names_is_asked_once,
    every_property_has_a_value,
    numbers_are_drawn_and_told,
    status_says_who_needs_the_user,
    the_icon_follows_the_colour_scheme,
    menu_is_whole_in_one_call,
    properties_are_there_one_by_one_and_in_groups,
    a_click_is_an_action,
    texts_cannot_be_chosen,
    clicks_on_the_icon_carry_the_token,
    scrolling_shows_another_account,
    an_open_menu_only_changes_its_texts,
    hosts_that_never_say_opened_are_believed_when_they_ask,
    a_closed_menu_is_told_as_a_whole,
    about_to_show_tells_the_truth,
    nonsense_is_refused,
    it_waits_quietly_without_a_watcher,
]
