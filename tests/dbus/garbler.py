# SPDX-License-Identifier: GPL-3.0-or-later
"""A keyring that works until its standard input says "garble": from then on it keeps something else
than what it was given.  As much of the Secret Service as libsecret asks for.

    garbler.py     on the session bus of the environment; ends with its standard input"""

import sys

from gi.repository import Gio, GLib

NAME, ROOT = "org.freedesktop.secrets", "/org/freedesktop/secrets"
HOME = ROOT + "/collection/login"
XML = """<node><interface name="org.freedesktop.Secret.Service">
<property name="Collections" type="ao" access="read"/>
<method name="OpenSession"><arg type="s" direction="in"/><arg type="v" direction="in"/>
<arg type="v" direction="out"/><arg type="o" direction="out"/></method>
<method name="SearchItems"><arg type="a{ss}" direction="in"/><arg type="ao" direction="out"/><arg type="ao" direction="out"/></method>
<method name="ReadAlias"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
<method name="GetSecrets"><arg type="ao" direction="in"/><arg type="o" direction="in"/><arg type="a{o(oayays)}" direction="out"/></method>
</interface><interface name="org.freedesktop.Secret.Collection">
<property name="Items" type="ao" access="read"/><property name="Label" type="s" access="read"/>
<property name="Locked" type="b" access="read"/><property name="Created" type="t" access="read"/>
<property name="Modified" type="t" access="read"/>
<method name="CreateItem"><arg type="a{sv}" direction="in"/><arg type="(oayays)" direction="in"/><arg type="b" direction="in"/>
<arg type="o" direction="out"/><arg type="o" direction="out"/></method>
</interface><interface name="org.freedesktop.Secret.Item">
<property name="Locked" type="b" access="read"/><property name="Attributes" type="a{ss}" access="read"/>
<property name="Label" type="s" access="read"/><property name="Created" type="t" access="read"/>
<property name="Modified" type="t" access="read"/>
<method name="Delete"><arg type="o" direction="out"/></method>
<method name="GetSecret"><arg type="o" direction="in"/><arg type="(oayays)" direction="out"/></method>
</interface></node>"""
SERVICE, COLLECTION, ITEM = Gio.DBusNodeInfo.new_for_xml(XML).interfaces


class Keyring:
    def __init__(self):
        self.connection = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.items = {}  # path -> [attributes, secret, registration]
        self.count = 0
        self.garbles = False
        for path, interface in ((ROOT, SERVICE), (HOME, COLLECTION), (ROOT + "/aliases/default", COLLECTION)):
            self.register(path, interface)

    def register(self, path, interface):
        return self.connection.register_object(path, interface, self.on_call, self.on_get, None)

    def on_get(self, _connection, _sender, path, _interface, name):
        if name == "Items":
            return GLib.Variant("ao", list(self.items))
        if name == "Attributes":
            return GLib.Variant("a{ss}", self.items[path][0])
        plain = {"Collections": ("ao", [HOME]), "Label": ("s", "login"), "Locked": ("b", False)}
        return GLib.Variant(*plain.get(name, ("t", 0)))

    def secret(self, path):
        return ("/s/1", b"", self.items[path][1], "text/plain")

    def on_call(self, _connection, _sender, path, _interface, method, parameters, invocation):
        arguments = parameters.unpack()
        if method == "OpenSession" and arguments[0] != "plain":
            invocation.return_dbus_error("org.freedesktop.DBus.Error.NotSupported", "plain only")
        elif method == "OpenSession":
            invocation.return_value(GLib.Variant("(vo)", (GLib.Variant("s", ""), "/s/1")))
        elif method == "ReadAlias":
            invocation.return_value(GLib.Variant("(o)", (HOME,)))
        elif method == "SearchItems":
            found = [name for name, item in self.items.items() if arguments[0].items() <= item[0].items()]
            invocation.return_value(GLib.Variant("(aoao)", (found, [])))
        elif method == "GetSecrets":
            secrets = {name: self.secret(name) for name in arguments[0]}
            invocation.return_value(GLib.Variant("(a{o(oayays)})", (secrets,)))
        elif method == "GetSecret":
            invocation.return_value(GLib.Variant("((oayays))", (self.secret(path),)))
        elif method == "Delete":
            self.connection.unregister_object(self.items.pop(path)[2])
            invocation.return_value(GLib.Variant("(o)", ("/",)))
        else:
            invocation.return_value(GLib.Variant("(oo)", (self.create(*arguments), "/")))

    def create(self, properties, secret, _replace):
        attributes = properties["org.freedesktop.Secret.Item.Attributes"]
        text = bytes(secret[2])
        if self.garbles:
            text = text[:-2] + b"?" + text[-1:]
        path = next((name for name, item in self.items.items() if item[0] == attributes), None)
        if path is None:
            self.count += 1
            path = f"{HOME}/{self.count}"
            self.items[path] = [attributes, text, self.register(path, ITEM)]
        self.items[path][1] = text
        return path


def main():
    keyring = Keyring()
    loop = GLib.MainLoop()

    def on_input(_channel, condition):
        keyring.garbles = bool(condition & GLib.IOCondition.IN) and sys.stdin.readline() == "garble\n"
        if not keyring.garbles:
            loop.quit()
        else:
            print("garbles", flush=True)
        return keyring.garbles

    Gio.bus_own_name_on_connection(keyring.connection, NAME, Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_input)
    loop.run()


if __name__ == "__main__":
    main()
