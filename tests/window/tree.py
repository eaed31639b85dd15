# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as assistive technology sees it: find, read, press, write."""

import collections
import itertools
import time

import gi

gi.require_version("Atspi", "2.0")
gi.require_version("Gio", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

PROGRAM = "io.github.weirproxy.Weir"


def wait_for(probe, what, seconds=20):
    """The first true answer of @probe; the accessible tree follows the window with a delay."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = probe()
        except GLib.Error:
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"there is no {what}")
        while GLib.MainContext.default().iteration(False):
            pass
        time.sleep(0.03)


def wait_for_registry():
    """Starts what windows register with; one that is earlier than that is never seen."""
    application()
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                Gio.DBusCallFlags.NONE, 20000, None).unpack()[0]
    flags = Gio.DBusConnectionFlags
    bus = Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
    wait_for(lambda: bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                   "NameHasOwner", GLib.Variant("(s)", ("org.a11y.atspi.Registry",)), None,
                                   Gio.DBusCallFlags.NONE, 5000, None).unpack()[0], "registry")


def walk(node):
    yield node
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield from walk(child)


def walk_by_depth(node):
    """Each step is a call to the window, and dialogs and toasts are shallow."""
    waiting = collections.deque([node])
    while waiting:
        node = waiting.popleft()
        yield node
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None:
                waiting.append(child)


def application():
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        child = desktop.get_child_at_index(index)
        if child is not None and child.get_name() in (PROGRAM, "weir-window"):
            # What is remembered ages; and libatspi 2.46, told to forget it, follows children
            # round in circles when a window comes at that moment, until its stack ends.
            child.set_cache_mask(Atspi.Cache.NONE)
            return child
    return None


def find(name, role=None, exact=True, seconds=None):
    """The node of that accessible name, in any of the window's tops, or None; None, too, where
    it was not met in the first @seconds of the walk."""
    top = application()
    if top is None:
        return None
    end = time.monotonic() + (seconds or 1000)
    for node in walk_by_depth(top):
        given = node.get_name() or ""
        if (given == name if exact else name in given) and (role is None or node.get_role() == role):
            return node
        if time.monotonic() > end:
            break
    return None


def expect(name, role=None, exact=True, seconds=20):
    """As find, until it is there.  Each walk has twice the time of the one before: on a busy
    machine a toast would be gone before a whole one ends, and toasts are met first."""
    limits = (2 ** min(exponent, 6) for exponent in itertools.count(1))
    return wait_for(lambda: find(name, role, exact, next(limits)), f"“{name}”", seconds)


def try_press(node):
    action = node.get_action_iface()
    for index in range(action.get_n_actions() if action is not None else 0):
        if action.get_action_name(index) in ("click", "toggle"):
            action.do_action(index)
            return True
    return False


def press(node):
    """Presses @node, what it is the name of (a menu button's toggle), or what it labels."""
    for child in walk(node):
        if try_press(child):
            return
    while (node := node.get_parent()) is not None:
        if try_press(node):
            return
    raise AssertionError("it cannot be pressed")


def act(name):
    """Activates a window's action, "win.refresh", by the frame's accessible actions."""
    top = wait_for(application, "window")
    for index in range(top.get_child_count()):
        frame = top.get_child_at_index(index)
        action = frame.get_action_iface() if frame is not None else None
        for number in range(action.get_n_actions() if action else 0):
            if action.get_action_name(number) == name:
                action.do_action(number)
                return
    raise AssertionError(f"no action {name}")


def write(node, text):
    editable = node.get_editable_text_iface()
    assert editable is not None, f"{node.get_name()} cannot be written"
    Atspi.EditableText.set_text_contents(editable, text)


def is_named(node):
    name = node.get_name() or ""
    return bool(name) and not name.startswith(("Gtk", "Adw", "Weir"))


# the buttons in AdwEntryRow and AdwSplitButton of libadwaita 1.2: a tooltip is all they have
_LIBRARY = ("GtkImage", "GtkMenuButton")


def is_explained(node):
    """Parts of GTK's own widgets carry their names on the whole: a menu button's toggle, an
    entry's icon, the row in an expander."""
    above = [node]
    for _ in range(3):
        above.append(above[-1].get_parent() or node)
    return any(is_named(each) for each in above) or any(is_named(each) for each in walk(node))


def faults():
    """What a screen reader could not make sense of."""
    for node in walk(wait_for(application, "window")):
        role = node.get_role()
        name = node.get_name() or ""
        states = node.get_state_set()
        if role == Atspi.Role.LEVEL_BAR:
            value = node.get_value_iface()
            if not name:
                yield "a meter without a name"
            elif value is None or not (
                    value.get_minimum_value() <= value.get_current_value() <= value.get_maximum_value()):
                yield f"the meter {name} has no value"
        elif role == Atspi.Role.LIST_ITEM and states.contains(Atspi.StateType.FOCUSABLE) and not is_explained(node):
            yield "a row without a name"
        elif role in (Atspi.Role.PUSH_BUTTON, Atspi.Role.TOGGLE_BUTTON, Atspi.Role.CHECK_BOX,
                      Atspi.Role.ENTRY, Atspi.Role.SPIN_BUTTON):
            if (states.contains(Atspi.StateType.FOCUSABLE) and name not in _LIBRARY
                    and not is_explained(node)):
                yield f"{role.value_nick} called “{name}”"
