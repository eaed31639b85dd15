# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for org.gnome.Platform and its Sdk, made of Debian 13's packages, and the
application built on it by the real manifest.

It proves the manifest, the sandbox and the exports.  It does not prove the real runtime's
versions, nor that what Debian's Sdk has is in the real one."""

import os
import pathlib
import shutil
import subprocess
import sys

from facts import APP, MANIFEST, ROOT, manifest

sys.path.insert(0, str(ROOT / "tests" / "lib"))

import debian_tree  # noqa: E402

SUITE = "trixie"
# What the real Platform has of what weir links and looks for; no libyaml, no libqrencode:
# those are modules of the manifest.
RUNTIME_PACKAGES = """
adwaita-icon-theme bash ca-certificates coreutils dconf-gsettings-backend fonts-dejavu-core
glib-networking grep gsettings-desktop-schemas hicolor-icon-theme libadwaita-1-0 libc-bin
libgl1-mesa-dri libglib2.0-bin libgnutls30t64 libgtk-4-1 libgtksourceview-5-0
libjson-glib-1.0-0 librsvg2-common libsecret-1-0 libsoup-3.0-0 libsqlite3-0 locales sed
shared-mime-info
""".split()
SDK_PACKAGES = RUNTIME_PACKAGES + """
appstream autoconf automake binutils bzip2 desktop-file-utils elfutils gcc gettext git
gtk-update-icon-cache libadwaita-1-dev libc6-dev libgdk-pixbuf2.0-bin libglib2.0-dev-bin
libgnutls28-dev libgtk-4-dev libgtksourceview-5-dev libjson-glib-dev libsecret-1-dev
libsoup-3.0-dev libsqlite3-dev libtool make meson ninja-build patch pkg-config python3 tar
xz-utils
""".split()
RUNTIMES = {"org.gnome.Sdk": ("flatpak-sdk", SDK_PACKAGES),
            "org.gnome.Platform": ("flatpak-platform", RUNTIME_PACKAGES)}
METADATA = """[Runtime]
name={name}
runtime=org.gnome.Platform/{branch}
sdk=org.gnome.Sdk/{branch}

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/user-share:/run/host/share
"""
# Where Debian carries the very archives that the manifest names.
SOURCES = {
    "libyaml": "liby/libyaml/libyaml_0.2.5.orig.tar.gz",
    "libqrencode": "q/qrencode/qrencode_4.1.1.orig.tar.bz2",
}
# of /etc: what belongs to one machine or would be taken for the host's
UNWANTED_ETC = "shadow shadow- gshadow gshadow- machine-id resolv.conf hostname hosts apt localtime mtab".split()


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL,
                   stdout=sys.stderr, **options)


class StandIn:
    """Keeps everything in one folder, which the next run finds again."""

    def __init__(self):
        self.folder = debian_tree.TREES / "flatpak"
        self.user = self.folder / "user"
        self.manifest = manifest()
        machine = os.uname().machine
        self.branch = f"{machine}/{self.manifest['runtime-version']}"
        self.environment = {**os.environ, "FLATPAK_USER_DIR": str(self.user), "LC_ALL": "C.UTF-8"}

    def flatpak(self, *arguments):
        run("flatpak", "--user", *arguments, env=self.environment)

    # -- the runtime

    def ensure_runtimes(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, (tree_name, packages) in RUNTIMES.items():
            tree = debian_tree.ensure(tree_name, SUITE, packages)
            self.ensure_exported(name, tree, packages)
        self.ensure_remote("stand-in", "runtimes")
        self.flatpak("install", "--or-update", "-y", "--noninteractive", "stand-in",
                     *[f"{name}/{self.branch}" for name in RUNTIMES])

    def ensure_exported(self, name, tree, packages):
        stamp = self.folder / f"{name}.packages"
        recipe = " ".join(sorted(packages))
        if stamp.exists() and stamp.read_text() == recipe:
            return
        repository = self.folder / "runtimes"
        if not repository.exists():
            run("ostree", "init", "--mode=bare-user-only", f"--repo={repository}")
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "files").mkdir(parents=True)
        (folder / "var").mkdir()
        (folder / "metadata").write_text(METADATA.format(name=name, branch=self.branch))
        run("cp", "-a", "--reflink=auto", tree / "usr", folder / "usr")
        run("cp", "-a", tree / "etc", folder / "usr" / "etc")
        make_usable(folder / "usr")
        machine, branch = self.branch.split("/")
        run("flatpak", "build-export", "--runtime", f"--arch={machine}", "--disable-fsync",
            repository, folder, branch)
        shutil.rmtree(folder)
        stamp.write_text(recipe)

    # -- the application

    def build(self):
        """Builds what git tracks, and installs it."""
        if (self.user / "app" / APP).exists():
            self.flatpak("uninstall", "-y", "--noninteractive", APP)
        source = self.copy_source()
        state = self.folder / "state"
        self.supply_archives(state)
        run("flatpak-builder", "--user", "--force-clean", f"--state-dir={state}",
            f"--repo={self.folder / 'applications'}", "--disable-updates",
            "--disable-rofiles-fuse", self.folder / "build",
            source / MANIFEST, env=self.environment)
        self.flatpak("config", "--set", "languages", "de")
        self.ensure_remote("application", "applications")
        self.flatpak("install", "-y", "--noninteractive", "application", APP)

    def ensure_remote(self, name, folder):
        """The tree may have been moved since it was made."""
        url = f"file://{self.folder}/{folder}"
        self.flatpak("remote-add", "--if-not-exists", "--no-gpg-verify", name, url)
        self.flatpak("remote-modify", f"--url={url}", name)

    def copy_source(self):
        target = self.folder / "source"
        shutil.rmtree(target, ignore_errors=True)
        names = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
                               stdout=subprocess.PIPE, check=True).stdout
        target.mkdir()
        subprocess.run(["cp", "--parents", "-a", "-t", target, *names.decode().split("\0")[:-1]],
                       cwd=ROOT, check=True)
        return target

    def supply_archives(self, state):
        """Puts each archive where flatpak-builder keeps what it has downloaded."""
        for module in self.manifest["modules"]:
            for source in module["sources"]:
                if source["type"] == "archive":
                    name = source["url"].rpartition("/")[2]
                    digest = source["sha256"]
                    debian_tree.fetch_source(SOURCES[module["name"]], digest,
                                             state / "downloads" / digest / name)


def make_usable(usr):
    """A Debian's /usr as a runtime's: complete without /etc/alternatives, of ordinary files."""
    for name in UNWANTED_ETC:
        path = usr / "etc" / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for folder, names, files in os.walk(usr):
        for name in names + files:
            path = pathlib.Path(folder) / name
            if path.is_symlink():
                follow_alternative(usr, path)
            elif not path.is_dir() and not path.is_file():
                path.unlink()
            elif path.is_file():
                path.chmod(path.stat().st_mode & 0o777 | 0o644)
            else:
                path.chmod(0o755)


def follow_alternative(usr, link):
    target = os.readlink(link)
    if not target.startswith("/etc/alternatives/"):
        return
    for _ in range(8):
        if not target.startswith("/etc/alternatives/"):
            break
        target = os.readlink(usr / target.removeprefix("/"))
    link.unlink()
    if (usr / target.removeprefix("/usr/")).exists():
        link.symlink_to(target)
