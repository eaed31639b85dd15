# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secret portal, as a sandbox sees it: gives the app its key, or does not.

    portal.py MODE    on the session bus of the environment; ends with its standard input"""

import os
import sys

from gi.repository import Gio, GLib

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
XML = """<node><interface name="org.freedesktop.portal.Secret">
<property name="version" type="u" access="read"/>
<method name="RetrieveSecret"><arg type="h" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="o" direction="out"/></method></interface></node>"""
MASTER = bytes(range(64))  # of one app, at each start the same
ENDS = {"gives": 0, "denies": 2, "cancels": 1}


def main(mode):
    connection = Gio.bus_get_sync(Gio.BusType.SESSION)
    interface = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]

    def answer(sender, token):
        handle = f"{PATH}/request/{sender[1:].replace('.', '_')}/{token}"

        def respond():
            connection.emit_signal(sender, handle, "org.freedesktop.portal.Request", "Response",
                                   GLib.Variant("(ua{sv})", (ENDS[mode], {})))
            return GLib.SOURCE_REMOVE

        if mode != "is silent":
            GLib.timeout_add(20, respond)
        return handle

    def on_call(_connection, sender, _path, _interface, _method, parameters, invocation):
        number, options = parameters.unpack()
        descriptor = invocation.get_message().get_unix_fd_list().get(number)
        print("asked", flush=True)
        if mode == "gives":
            os.write(descriptor, MASTER)
        os.close(descriptor)
        handle = answer(sender, options.get("handle_token", "t"))
        invocation.return_value(GLib.Variant("(o)", (handle,)))

    connection.register_object(PATH, interface, on_call, lambda *_: GLib.Variant("u", 1), None)
    loop = GLib.MainLoop()
    Gio.bus_own_name_on_connection(connection, NAME, Gio.BusNameOwnerFlags.NONE,
                                   lambda *_: print("ready", flush=True), None)
    GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    loop.run()


if __name__ == "__main__":
    main(sys.argv[1])
