#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service as the window sees it, on the session bus, with a state that is scripted.

    mock_service.py SCENARIO

It reads the same XML as the real one, so a member that it does not answer is a fault here.
Methods that the window called are printed to standard output, one a line."""

import os
import sys
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

import scenes  # noqa: E402

NAME = "io.github.weirproxy.Weir"
PREFIX = "io.github.weirproxy.Weir1."
ROOT = "/io/github/weirproxy/Weir1"
XML = os.path.join(os.path.dirname(__file__), "..", "..", "src", "control", "io.github.weirproxy.Weir1.xml")
TREE_XML = """<node><interface name="org.freedesktop.DBus.ObjectManager">
<method name="GetManagedObjects"><arg name="objects" type="a{oa{sa{sv}}}" direction="out"/></method>
<signal name="InterfacesAdded"><arg type="o"/><arg type="a{sa{sv}}"/></signal>
<signal name="InterfacesRemoved"><arg type="o"/><arg type="as"/></signal>
</interface></node>"""


def note(text):
    print(text, flush=True)


class Thing:
    """An object on the bus: its properties by name, and what its methods do."""

    def __init__(self, service, path, interface, values):
        self.service = service
        self.path = path
        self.info = service.node.lookup_interface(PREFIX + interface)
        self.types = {each.name: each.signature for each in self.info.properties}
        missing = set(self.types) - set(values)
        assert not missing, f"{interface} lacks {missing}"
        self.values = values
        self.id = service.bus.register_object(path, self.info, self.on_call, self.on_get, self.on_set)

    def variant(self, name):
        return GLib.Variant(self.types[name], self.values[name])

    def variants(self):
        return {name: self.variant(name) for name in self.types}

    def on_get(self, bus, sender, path, interface, name):
        return self.variant(name)

    def on_set(self, bus, sender, path, interface, name, value):
        note(f"set {path.rsplit('/', 1)[-1]} {name} {value.unpack()}")
        GLib.idle_add(self.change, {name: value.unpack()})
        return True

    def change(self, values):
        self.values.update(values)
        changed = {name: self.variant(name) for name in values}
        self.service.bus.emit_signal(
            None, self.path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
            GLib.Variant("(sa{sv}as)", (self.info.name, changed, [])))
        return False

    def on_call(self, bus, sender, path, interface, method, arguments, invocation):
        note(f"call {path.rsplit('/', 1)[-1]} {method} {arguments.unpack() if method != 'CheckConfig' else ''}")
        signature = "".join(arg.signature for arg in self.info.lookup_method(method).out_args)
        try:
            answer = self.service.answer(self, method, arguments.unpack(), invocation)
        except scenes.Refusal as refusal:
            invocation.return_dbus_error(f"{PREFIX}Error.{refusal.kind}", str(refusal))
            return
        invocation.return_value(GLib.Variant(f"({signature})", answer) if signature else None)


class Service:
    def __init__(self, bus, scenario):
        self.bus = bus
        with open(XML, encoding="utf-8") as file:
            self.node = Gio.DBusNodeInfo.new_for_xml(file.read())
        self.scene = scenes.make(scenario)
        self.accounts = {}
        self.logins = {}
        self.next_login = 1
        self.manager = Thing(self, ROOT, "Manager", self.scene.manager)
        self.actions = Gio.SimpleActionGroup()
        start = Gio.SimpleAction.new_stateful("start-at-login", None, GLib.Variant("b", False))
        start.connect("change-state", lambda action, state: (note(f"start-at-login {state}"), action.set_state(state)))
        self.actions.add_action(start)
        bus.export_action_group("/io/github/weirproxy/Weir", self.actions)
        tree = Gio.DBusNodeInfo.new_for_xml(TREE_XML).interfaces[0]
        bus.register_object(ROOT, tree, self.on_tree, None, None)
        for values in self.scene.accounts:
            self.add_account(values, announce=False)

    def things(self):
        return [*self.accounts.values(), *self.logins.values()]

    def on_tree(self, bus, sender, path, interface, method, arguments, invocation):
        objects = {thing.path: {thing.info.name: thing.variants()} for thing in self.things()}
        invocation.return_value(GLib.Variant("(a{oa{sa{sv}}})", (objects,)))

    def announce(self, thing):
        self.bus.emit_signal(
            None, ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
            GLib.Variant("(oa{sa{sv}})", (thing.path, {thing.info.name: thing.variants()})))

    def withdraw(self, thing):
        self.bus.unregister_object(thing.id)
        self.bus.emit_signal(
            None, ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
            GLib.Variant("(oas)", (thing.path, [thing.info.name])))
        return False

    def add_account(self, values, announce=True):
        path = f"{ROOT}/Account/{values['Id'].replace('-', '_')}"
        self.accounts[values["Id"]] = Thing(self, path, "Account", dict(values))
        if announce:
            self.announce(self.accounts[values["Id"]])

    def answer(self, thing, method, arguments, invocation):
        """The out arguments, as a tuple."""
        handler = getattr(self, f"do_{method}")
        return handler(thing, *arguments, invocation) if method in FD_METHODS else handler(thing, *arguments)

    # Manager

    def do_Start(self, manager):
        GLib.timeout_add(50, manager.change, {
            "State": "running", "Problem": "", "Endpoint": "http://127.0.0.1:8317"})
        return ()

    def do_Stop(self, manager):
        GLib.timeout_add(50, manager.change, {"State": "stopped", "Endpoint": ""})
        return ()

    def do_Reload(self, manager):
        return ()

    def do_Quit(self, manager):
        GLib.timeout_add(50, sys.exit)
        return ()

    def do_UnlockSecrets(self, manager):
        GLib.timeout_add(50, manager.change, {"Secrets": "unlocked", "SecretsProblem": "", "Attention": []})
        return ()

    def do_RefreshQuota(self, manager, account):
        return (1 if account else len(self.accounts),)

    def do_ListProviders(self, manager):
        return (self.scene.providers,)

    def do_ListModels(self, manager):
        return (self.scene.models,)

    def do_TestModel(self, manager, model):
        if "gemini" in model:
            raise scenes.Refusal("Failed", "The vendor could not be reached.")
        return (scenes.members(ok=True, status=200, seat="claude-work", first_byte=412000, total=980000, message=""),)

    def do_ListExchanges(self, manager, limit):
        return (self.scene.exchanges[:limit],)

    def do_ListUsage(self, manager, since):
        return ([row for row in self.scene.usage if row["hour"].unpack() >= since],)

    def do_ListKeys(self, manager):
        return (self.scene.keys,)

    def do_BeginLogin(self, manager, provider, options):
        names = {each["id"].unpack(): each for each in self.scene.providers}
        if provider not in names:
            raise scenes.Refusal("NotFound", f"There is no vendor “{provider}”.")
        row = names[provider]
        ways = row["ways"].unpack()
        way = options.get("way", ways[0] if ways else "paste")
        path = f"{ROOT}/Login/{self.next_login}"
        self.next_login += 1
        login = Thing(self, path, "Login", scenes.login(row, way))
        self.logins[path] = login
        self.announce(login)
        return (path,)

    def do_ListImportable(self, manager):
        return (self.scene.importable,)

    def do_ImportFound(self, manager, found):
        account = scenes.account("claude-imported", "claude", "Claude", "imported", plan="Pro")
        self.add_account(account)
        return (account["Id"],)

    def do_ImportCredentials(self, manager, file, invocation):
        return ([],)

    def do_CheckConfig(self, manager, file, invocation):
        descriptors = invocation.get_message().get_unix_fd_list()
        with os.fdopen(descriptors.get(file), "rb") as config:
            config.seek(0)
            text = config.read().decode("utf-8", "replace")
        note(f"checked {len(text)}")
        return (scenes.check(text),)

    def do_ListSettings(self, manager):
        return (self.scene.settings,)

    def do_SetSetting(self, manager, key, value):
        row = next((row for row in self.scene.settings if row["key"].unpack() == key), None)
        if row is None or key == "port" and value == "1":
            raise scenes.Refusal("BadRequest", "Only root may listen on port 1.")
        row["value"] = GLib.Variant("s", value)
        return ()

    def do_GetDiagnostics(self, manager):
        return ("weir 0.1.0\nstate: running\naccounts: 10\n",)

    # Account

    def do_Refresh(self, account):
        now = int(time.time() * 1e6)
        windows = [{**window, "read": GLib.Variant("x", now)} for window in account.values["Windows"]]
        GLib.timeout_add(50, account.change, {"Windows": windows})
        return ()

    def do_ClearRests(self, account):
        GLib.timeout_add(50, account.change, {"State": "ready", "RestsUntil": 0})
        return ()

    def do_Prefer(self, account):
        GLib.timeout_add(50, account.change, {"Priority": account.values["Priority"] + 1})
        return ()

    def do_ResetLimit(self, account):
        credits = [{**credit, "left": GLib.Variant("d", credit["left"].unpack() - 1)} for credit in account.values["Credits"]]
        GLib.timeout_add(50, account.change, {"Credits": credits, "State": "ready", "RestsUntil": 0})
        return ("done",)

    def do_Remove(self, account, revoke):
        GLib.timeout_add(50, self.withdraw, self.accounts.pop(account.values["Id"]))
        return ()

    def do_ResetLimit(self, account):
        GLib.timeout_add(50, account.change, {"Credits": []})
        return ("done",)

    def do_GetHistory(self, account, window, since):
        return (scenes.history(window, since),)

    # Login

    def do_SubmitCallback(self, login, text):
        if "code=" not in text:
            raise scenes.Refusal("Refused", "That is not the address on which the sign-in ended.")
        login.change({"State": "exchanging", "Sentence": "Asking the vendor for the account."})

        def end():
            account = scenes.account("claude-new", login.values["Provider"], login.values["ProviderName"], "n…@example.org")
            self.add_account(account)
            login.change({"State": "done", "Sentence": "Signed in.", "Account": account["Id"]})
            return False

        GLib.timeout_add(100, end)
        return ()

    def do_Cancel(self, login):
        login.change({"State": "cancelled", "Sentence": "The sign-in was cancelled."})
        return ()


FD_METHODS = ("CheckConfig", "ImportCredentials")


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    Service(bus, sys.argv[1] if len(sys.argv) > 1 else "ten-accounts")
    loop = GLib.MainLoop()

    def lost(*_):
        note("the name is taken")
        os._exit(1)

    Gio.bus_own_name_on_connection(bus, NAME, Gio.BusNameOwnerFlags.DO_NOT_QUEUE,
                                   lambda *_: note("ready"), lost)
    loop.run()


if __name__ == "__main__":
    main()
