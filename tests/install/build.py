# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be installed, from the list below and what the build says of itself."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
APP = "io.github.weirproxy.Weir"
ICONS = "share/icons/hicolor"
SERVICES = "share/dbus-1/services"

SERVICE = f"""
bin/weir
share/bash-completion/completions/weir
{SERVICES}/{APP}.service
share/doc/weir/config.example.yaml
share/fish/vendor_completions.d/weir.fish
share/gnome-shell/search-providers/{APP}.search-provider.ini
share/krunner/dbusplugins/plasma-runner-{APP}.desktop
share/man/man1/weir.1
share/man/man5/weir-config.5
share/man/man7/weir-dbus.7
share/zsh/site-functions/_weir
{ICONS}/scalable/apps/{APP}.svg
""".split()
UNITS = ["weir.service", "weir.socket"]
TRAY_STATES = ("", "-attention", "-empty", "-locked", "-offline", "-stopped", "-warning")
WINDOW = f"""
libexec/weir-window
share/applications/{APP}.desktop
{SERVICES}/{APP}.Ui.service
share/glib-2.0/schemas/{APP}.gschema.xml
share/metainfo/{APP}.metainfo.xml
""".split()
# made by tools of the desktop from everything that is installed; nobody's to remove
CACHES = {"share/glib-2.0/schemas/gschemas.compiled", f"{ICONS}/icon-theme.cache",
          "share/applications/mimeinfo.cache"}


class Build:
    def __init__(self, folder):
        self.folder = folder
        said = subprocess.run(["meson", "introspect", folder, "--buildoptions", "--targets"],
                              stdout=subprocess.PIPE, check=True).stdout
        data = json.loads(said)
        self.options = {option["name"]: option["value"] for option in data["buildoptions"]}
        self.targets = {target["name"] for target in data["targets"]}
        self.prefix = pathlib.Path(self.options["prefix"])

    def expected(self):
        """Paths below the prefix, libexecdir as it is by default."""
        paths = set(SERVICE)
        if self.options["systemd"]:
            paths |= {f"{self.units()}/{unit}" for unit in UNITS}
        paths |= {f"{ICONS}/symbolic/apps/{APP}{state}-symbolic.svg" for state in TRAY_STATES}
        paths |= {f"share/locale/{language}/LC_MESSAGES/weir.mo" for language in languages()}
        if "weir-window" in self.targets:
            paths |= set(WINDOW)
        if "weir-tray" in self.targets:
            paths.add("libexec/weir-tray")
        return paths

    def units(self):
        folder = self.options["systemd_user_unit_dir"] or "lib/systemd/user"
        return folder.removeprefix(f"{self.prefix}/")

    def install(self):
        self.run_install(os.environ)

    def stage(self, folder):
        """Installs below @folder; what uninstalling would remove stays as it was."""
        log = self.folder / "meson-logs" / "install-log.txt"
        before = log.read_bytes() if log.exists() else None
        self.run_install({**os.environ, "DESTDIR": str(folder)})
        if before is not None:
            log.write_bytes(before)

    def run_install(self, environment):
        subprocess.run(["meson", "install", "--no-rebuild", "-C", self.folder], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)


def languages():
    lines = (ROOT / "po" / "LINGUAS").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
