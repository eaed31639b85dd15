# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers that mean no good, or do not care."""

import json
import re
import socket
import subprocess
import time
import xml.etree.ElementTree as ElementTree

from gi.repository import Gio, GLib

from place import ACCOUNT, KEY, MANAGER, NAME, PATH, PROPERTIES, ROOT, Refused, wait_for

XML = ROOT / "src" / "control" / "io.github.weirproxy.Weir1.xml"


def is_alive(place):
    return place.program.poll() is None and place.get("State") in ("running", "stopped")


def methods():
    """(interface, method, signature) of all that the contract has."""
    for interface in ElementTree.parse(XML).getroot():
        for method in interface.iter("method"):
            arguments = [arg for arg in method.iter("arg") if arg.get("direction") == "in"]
            yield interface.get("name"), method.get("name"), "".join(arg.get("type") for arg in arguments)


def no_member_returns_a_secret(place):
    place.start()
    path = place.sign_in()
    place.ask("weir/echo")
    said = [place.get(name) for name in ("Attention", "Totals", "Serving", "SecretsProblem")]
    said.append(place.call("GetManagedObjects", interface="org.freedesktop.DBus.ObjectManager"))
    for method, signature, arguments in (
            ("ListModels", "()", ()), ("ListKeys", "()", ()), ("ListExchanges", "(u)", (500,)),
            ("ListUsage", "(x)", (0,)), ("GetDiagnostics", "()", ()), ("ListProviders", "()", ())):
        said.append(place.call(method, signature, *arguments))
    text = json.dumps(said)
    for secret in [KEY, *place.vendor.secrets()]:
        assert secret not in text, secret
    assert path


def signals_carry_ids_and_counts(place):
    heard = []
    place.start()
    place.connection.signal_subscribe(
        NAME, None, None, None, None, Gio.DBusSignalFlags.NONE,
        lambda *arguments: heard.append(arguments[5].print_(False)))
    place.sign_in()
    place.ask("weir/echo")
    place.call("Refresh", path=next(iter(place.objects(ACCOUNT))), interface=ACCOUNT)
    wait_for(lambda: place.get("Totals")["requests"] == 1, "the totals")
    text = "\n".join(heard)
    for secret in [KEY, "hello", "user@codex.example", *place.vendor.secrets()]:
        assert secret not in text, secret
    assert heard


WRONG = [
    GLib.Variant("(i)", (-1,)), GLib.Variant("(s)", ("x" * 100000,)), GLib.Variant("(ss)", ("", "")),
    GLib.Variant("(x)", (-2**63,)), GLib.Variant("(u)", (2**32 - 1,)), GLib.Variant("(h)", (99,)),
    GLib.Variant("(v)", (GLib.Variant("av", [GLib.Variant("v", GLib.Variant("i", 1))] * 100),)),
    GLib.Variant("(sa{sv})", ("codex", {"way": GLib.Variant("aay", [b"\xff\0"])})), None,
]


def wrong_types_are_refused(place):
    place.start()
    own = {signature for _, _, signature in methods()}
    for interface, method, signature in methods():
        if interface != MANAGER or method in ("Quit", "Stop"):
            continue
        for wrong in WRONG:
            have = wrong.get_type_string()[1:-1] if wrong is not None else ""
            if have == signature:
                continue
            try:
                place.connection.call_sync(NAME, PATH, MANAGER, method, wrong, None, Gio.DBusCallFlags.NONE, 5000, None)
                raise AssertionError(f"{method} took {have}")
            except GLib.Error as error:
                assert "InvalidArgs" in error.message or "Timeout" not in error.message
    assert is_alive(place) and own


def strange_values_are_refused(place):
    place.start()
    for text in ("", "a" * 65536, "\x01\x7f\n", "../../etc", "%s%n", "é…‮", "/"):
        for call in (("RefreshQuota", "(s)", text), ("TestModel", "(s)", text), ("ImportFound", "(s)", text),
                     ("BeginLogin", "(sa{sv})", text, {})):
            try:
                place.call(*call)
            except Refused as error:
                assert error.name, str(error)
    for since in (-2**63, 0, 2**63 - 1):
        place.call("ListUsage", "(x)", since)
    for path in ("/", "/io", PATH + "/Account", PATH + "/Account/x", PATH + "/Login/99999999999"):
        try:
            place.call("Remove", "(b)", True, path=path, interface=ACCOUNT)
            raise AssertionError(path)
        except Refused as error:
            assert "Unknown" in error.name, error.name
    for name in ("Nothing", "", "Version"):
        try:
            place.call("Set", "(ssv)", MANAGER, name, GLib.Variant("s", "x"), interface=PROPERTIES)
            raise AssertionError(name)
        except Refused:
            pass
    assert place.get("Version") and is_alive(place)


def a_huge_array_costs_its_caller(place):
    """64 MB of bytes: the bus or the service refuses, and both live."""
    place.start()
    connection = place.connect()
    try:
        place.call("BeginLogin", "(sa{sv})", "codex", {"way": GLib.Variant.new_from_bytes(
            GLib.VariantType("ay"), GLib.Bytes.new(b"x" * (64 << 20)), True)}, connection=connection)
        raise AssertionError("it was taken")
    except Refused:
        pass
    assert is_alive(place)


def garbage_on_the_socket_is_the_buss(place):
    place.start()
    for garbage in (b"\0" * 4096, b"\0AUTH EXTERNAL 30\r\n" + b"x" * 4096, b"GET / HTTP/1.1\r\n\r\n"):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(str(place.socket))
            raw.sendall(garbage)
            time.sleep(0.05)
    assert is_alive(place)


def a_caller_that_vanishes_leaves_nothing(place):
    """Ten thousand calls whose caller goes before their answers."""
    place.start()

    def memory():
        text = open(f"/proc/{place.program.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))

    for turn in range(2):
        connection = place.connect()
        for _ in range(5000):
            connection.call(NAME, PATH, MANAGER, "ListProviders", None, None, Gio.DBusCallFlags.NONE, -1, None, None)
        connection.flush_sync(None)
        connection.close_sync(None)
        assert wait_for(lambda: is_alive(place), "an answer", 30)
        if turn == 0:
            before = memory()
    assert memory() - before < 20 * 1024, (before, memory())
    assert place.ask("weir/echo") == 200


def only_a_few_questions_at_once(place):
    """TestModel costs money: the fifth at once is Busy."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place.configure(
            "openai-compatibility:\n  - name: silent\n    base-url: http://127.0.0.1:"
            f"{silent.getsockname()[1]}/v1\n    api-key-entries: [{{api-key: x}}]\n    models: [{{name: m}}]\n")
        place.start()
        answers = []
        for _ in range(6):
            place.connection.call(
                NAME, PATH, MANAGER, "TestModel", GLib.Variant("(s)", ("m",)), None, Gio.DBusCallFlags.NONE, 3000, None,
                lambda source, result: answers.append(try_finish(source, result)))
        wait_for(lambda: sum("Busy" in answer for answer in answers) == 2, "two refusals", 5)
        assert is_alive(place)


def try_finish(source, result):
    try:
        return str(source.call_finish(result))
    except GLib.Error as error:
        return error.message


def a_name_that_is_taken_is_not_trusted(place):
    """Somebody else has the name: it is said, and nothing of ours goes to him."""
    owner = place.connect()
    heard = []
    owner.add_filter(lambda connection, message, incoming: (heard.append(message.print_(0)) if incoming else None, message)[1])
    owner.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                    GLib.Variant("(su)", (NAME, 4)), None, Gio.DBusCallFlags.NONE, 5000, None)
    place.configure()
    done = subprocess.run([__import__("os").environ["WEIR"], "--gapplication-service"], env=place.environment,
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "running in this session already" in done.stderr, done
    assert KEY not in "\n".join(heard)


CASES = [
    no_member_returns_a_secret, signals_carry_ids_and_counts, wrong_types_are_refused,
    strange_values_are_refused, a_huge_array_costs_its_caller, garbage_on_the_socket_is_the_buss,
    a_caller_that_vanishes_leaves_nothing, only_a_few_questions_at_once,
    a_name_that_is_taken_is_not_trusted,
]
