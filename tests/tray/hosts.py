# SPDX-License-Identifier: GPL-3.0-or-later
"""Real panels in a virtual X server: xfce4-panel, and waybar on a nested sway.  Menus are
opened by clicks of a mouse that xdotool moves.  Each case leaves pictures in a folder; what
can be asserted is asserted over the bus.

README.md says what is needed, and what to look at.  Whole desktops are in desktops.py."""

import os
import shutil
import signal
import subprocess
import time

from gi.repository import GLib

import bus as lib
import program

XFCE_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0"><property name="configver" type="int" value="2"/>
<property name="panels" type="array"><value type="int" value="1"/>
<property name="dark-mode" type="bool" value="{dark}"/>
<property name="panel-1" type="empty">
<property name="position" type="string" value="p=6;x=0;y=0"/>
<property name="length" type="uint" value="100"/>
<property name="position-locked" type="bool" value="true"/>
<property name="size" type="uint" value="{size}"/>
<property name="plugin-ids" type="array"><value type="int" value="1"/>
<value type="int" value="2"/></property></property></property>
<property name="plugins" type="empty">
<property name="plugin-1" type="string" value="separator">
<property name="expand" type="bool" value="true"/></property>
<property name="plugin-2" type="string" value="systray">
<property name="square-icons" type="bool" value="true"/></property></property></channel>
"""

XFCONF_SERVICE = """[D-BUS Service]
Name=org.xfce.Xfconf
Exec=/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd
"""

WAYBAR = """{"layer": "top", "position": "top", "height": 30,
"modules-right": ["tray"], "tray": {"icon-size": 22, "spacing": 8}}"""

SWAY = """output * resolution 1280x800
exec waybar -c {folder}/waybar.json -s {folder}/waybar.css
"""


class Screen:
    """A session: X server, bus, folders of its own."""

    def __init__(self, pictures, dark=False):
        self.pictures = pictures
        self.dark = dark
        self.folder = lib.temporary()
        self.home = self.folder.name
        self.processes = []
        services = os.path.join(self.home, "services")
        os.makedirs(services)
        os.makedirs(os.path.join(self.home, "run"), mode=0o700)
        with open(os.path.join(services, "xfconf.service"), "w", encoding="utf-8") as file:
            file.write(XFCONF_SERVICE)
        environment = {
            "HOME": self.home, "XDG_RUNTIME_DIR": os.path.join(self.home, "run"),
            "XDG_CONFIG_HOME": os.path.join(self.home, "config"),
            "XDG_DATA_HOME": self._link_icons(), "DISPLAY": self._start_x(),
            "NO_AT_BRIDGE": "1", "GTK_THEME": "Adwaita:dark" if dark else "Adwaita",
        }
        os.environ.update(environment)
        self.bus = lib.Bus(self.home, f"<servicedir>{services}</servicedir>")

    def _link_icons(self):
        """The application's own icons, as an installation has them."""
        here = os.path.dirname(os.path.abspath(__file__))
        data = os.path.join(self.home, "share")
        icons = os.path.join(here, "..", "..", "data", "icons", "hicolor")
        if os.path.isdir(icons):
            shutil.copytree(icons, os.path.join(data, "icons", "hicolor"))
            shutil.copy("/usr/share/icons/hicolor/index.theme",
                        os.path.join(data, "icons", "hicolor"))
        return data

    def _start_x(self):
        process, display = lib.start_x()
        self.processes.append(process)
        return display

    def start(self, *command, **environment):
        with open(os.path.join(self.pictures, os.path.basename(command[0]) + ".log"), "wb") as log:
            process = subprocess.Popen(
                command, env=dict(self.bus.environment, **environment), start_new_session=True,
                stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def end(self, process):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
        self.processes.remove(process)

    def start_xfce(self, size=36):
        folder = os.path.join(self.home, "config", "xfce4", "xfconf", "xfce-perchannel-xml")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "xfce4-panel.xml"), "w", encoding="utf-8") as file:
            file.write(XFCE_PANEL.format(dark="true" if self.dark else "false", size=size))
        return self.start("xfce4-panel", "-d")

    def picture(self, name):
        suffix = "dark" if self.dark else "light"
        path = os.path.join(self.pictures, f"{name}-{suffix}.png")
        subprocess.run(["import", "-window", "root", path], check=True)

    def click(self, x, y, button):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", str(button)], check=True)

    def move(self, x, y):
        subprocess.run(["xdotool", "mousemove", str(x), str(y)], check=True)

    def key(self, *names):
        subprocess.run(["xdotool", "key", *names], check=True)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(10)
        self.bus.close()
        self.folder.cleanup()


def settle(seconds=0.7):
    """Pictures have no event to wait for."""
    context = GLib.MainContext.default()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        context.iteration(False)
        time.sleep(0.01)


class Session:
    def __init__(self, program, pictures, dark):
        self.screen = Screen(pictures, dark)
        self.portal = lib.Portal(self.screen.bus, 1 if dark else 2)
        self.program = lib.Program(self.screen.bus, program)
        self.client = lib.Client(self.screen.bus, self.program.name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.program.close()
        finally:
            self.client.close()
            self.portal.close()
            self.screen.close()


NOBODY = 65534
ICON = (1262, 18)  # the last icon of a panel of 36 pixels


def xfce_menu(program, pictures, dark):
    with Session(program, pictures, dark) as session:
        session.screen.start_xfce()
        session.program.expect("shown 1", 20)
        session.program.tell("accounts 10")
        session.program.tell("account 3 exhausted")
        session.program.tell("account 7 sign-in")
        session.program.tell("notice sign-in demo-7")
        settle(1.5)
        session.screen.picture("xfce-icon")
        session.screen.click(*ICON, 3)
        settle()
        session.screen.picture("xfce-menu")
        # the open menu follows
        session.program.tell("used 9 12")
        settle()
        session.screen.picture("xfce-menu-updated")
        session.screen.key("Down", "Down", "Down", "Down", "Down", "Right")
        settle()
        session.screen.picture("xfce-submenu")
        session.screen.key("Escape", "Escape")
        settle()
        # the second row is "Stop Proxy"
        session.screen.click(*ICON, 3)
        settle()
        session.screen.key("Down", "Return")
        assert session.program.expect("action").startswith("action stop")


def xfce_clicks(program, pictures, dark):
    with Session(program, pictures, dark) as session:
        session.screen.start_xfce()
        session.program.expect("shown 1", 20)
        session.program.tell("accounts 3")
        settle(1.5)
        session.screen.click(*ICON, 1)
        assert session.program.expect("action") == "action show-or-hide 'quota' -"
        session.screen.click(*ICON, 2)
        assert session.program.expect("action") == "action stop - -"
        before = session.client.get("Title")
        session.screen.click(*ICON, 5)
        lib.wait_for(lambda: session.client.get("Title") != before, "another account")
        session.program.tell("click menu")
        session.screen.click(*ICON, 1)
        settle()
        session.screen.picture("xfce-left-click-menu")


def xfce_states(program, pictures, dark):
    with Session(program, pictures, dark) as session:
        session.screen.start_xfce(48)
        session.program.expect("shown 1", 20)
        states = {
            "stopped": ["state stopped"], "empty": ["state running"],
            "running": ["accounts 3", "used 2 35"], "warning": ["used 2 90"],
            "attention": ["account 1 sign-in"], "offline": ["account 1 ready", "set offline 1"],
            "locked": ["set offline 0", "set locked 1"],
        }
        for name, lines in states.items():
            for line in lines:
                session.program.tell(line)
            settle()
            path = os.path.join(pictures, f"xfce-state-{name}-{'dark' if dark else 'light'}.png")
            subprocess.run(["import", "-window", "root", "-crop", "160x48+1120+0", path], check=True)


def xfce_restart(program, pictures, dark):
    with Session(program, pictures, dark) as session:
        panel = session.screen.start_xfce()
        session.program.expect("shown 1", 20)
        session.screen.end(panel)
        session.program.expect("shown 0", 20)
        session.screen.start_xfce()
        connection = session.screen.bus.connect()

        def has_watcher():
            return connection.call_sync(
                "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "NameHasOwner", GLib.Variant("(s)", (lib.WATCHER,)), None, 0, 2000, None).unpack()[0]

        lib.wait_for(has_watcher, "the panel", 20)
        session.program.expect("shown 1", 2)
        settle(1.5)
        session.screen.picture("xfce-restarted")
        connection.close_sync(None)


def waybar_menu(program, pictures, dark):
    with Session(program, pictures, dark) as session:
        home = session.screen.home
        background = "#202020" if dark else "#f0f0f0"
        for name, text in (("waybar.json", WAYBAR), ("sway.conf", SWAY.format(folder=home)),
                           ("waybar.css", "* {min-height: 0;} window {background: %s;}" % background)):
            with open(os.path.join(home, name), "w", encoding="utf-8") as file:
                file.write(text)
        session.program.tell("accounts 4")
        command = ["sway", "-c", os.path.join(home, "sway.conf")]
        if os.geteuid() == 0:  # sway refuses to run as root
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
            for folder, _, files in os.walk(home):
                for path in [folder, *(os.path.join(folder, file) for file in files)]:
                    os.chown(path, NOBODY, NOBODY)
        session.screen.start(*command, WLR_BACKENDS="x11", WLR_RENDERER="pixman",
                             WLR_NO_HARDWARE_CURSORS="1")
        session.program.expect("shown 1", 30)
        settle(3)
        session.screen.picture("waybar-icon")
        window = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "wlroots"],
                                capture_output=True, text=True).stdout.split()
        print("# windows", window)
        session.screen.click(1262, 15, 3)
        settle(1.5)
        session.screen.picture("waybar-menu")


def xembed(_, pictures, dark):
    """A panel without a watcher: weir-tray is named by WEIR_TRAY_HELPER."""
    screen = Screen(pictures, dark)
    helper = os.environ["WEIR_TRAY_HELPER"]
    without = dict(screen.bus.environment)
    without.pop("DISPLAY")
    assert subprocess.run([helper], env=without, timeout=10).returncode == 0
    # the service is asked for nothing but this
    assert subprocess.run([helper], env=screen.bus.environment, timeout=10).returncode == 0
    with program.Weir(with_watcher=False, bus=screen.bus) as weir:
        weir.wait_for_row("Running on")
        screen.start("trayer", "--edge", "top", "--align", "right", "--height", "36",
                     "--widthtype", "request")
        settle(1)
        process = screen.start(helper)
        settle(4)
        screen.picture("xembed-icon")
        screen.click(1262, 18, 1)
        settle(1.5)
        screen.picture("xembed-menu")
        screen.key("Down", "Return")
        settle(1.5)
        screen.picture("xembed-stopped")
        weir.wait_for_row("Stopped")
        # where a watcher comes, the service needs no help any more
        watcher = lib.Watcher(screen.bus)
        lib.wait_for(lambda: process.poll() is not None, "the helper's end")
        assert process.returncode == 0
        watcher.close()
    screen.close()


def cases(pictures):
    import desktops  # they need what is above
    os.makedirs(pictures, exist_ok=True)
    out = []
    for function in (xfce_menu, xfce_clicks, xfce_states, xfce_restart, waybar_menu, xembed, *desktops.CASES):
        if function is xembed and "WEIR_TRAY_HELPER" not in os.environ:
            continue
        for dark in (False, True):
            name = f"{function.__name__.replace('_', ' ')}, {'dark' if dark else 'light'}"

            def case(program, function=function, dark=dark):
                function(program, pictures, dark)

            out.append((name, case))
    return out
