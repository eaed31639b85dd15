# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation into a folder beside, which is looked at and not run."""

import configparser
import pathlib
import re
import subprocess
import tempfile

from build import APP, ICONS, ROOT, SERVICES, files_below


def ini(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(path)
    return parser


def same(is_, wanted, what):
    assert is_ == wanted, (f"{what}: too many {sorted(is_ - wanted)}, missing"
                           f" {sorted(wanted - is_)}")


class Staged:
    """What lies in a DESTDIR."""

    def __init__(self, build, folder):
        self.build = build
        self.prefix = folder / build.prefix.relative_to("/")
        self.folder = folder
        build.stage(folder)

    def the_installed_files_are_those_of_the_list(self):
        same(files_below(self.folder),
             {str(self.prefix.relative_to(self.folder) / path) for path in self.build.expected()},
             "files")

    def only_programs_can_be_run(self):
        for path in self.build.expected():
            mode = (self.prefix / path).stat().st_mode & 0o7777
            wanted = 0o755 if path.startswith(("bin/", "libexec/")) else 0o644
            assert mode == wanted, f"{path} has mode {mode:o}"

    def no_file_names_the_folder_it_was_built_in(self):
        for path in sorted(self.build.expected()):
            data = (self.prefix / path).read_bytes()
            if path.startswith(("bin/", "libexec/")):
                # line tables of a debug build do; what is loaded does not
                data = b"".join(strings(self.prefix / path))
            # the prefix may lie in the tree
            data = data.replace(str(self.build.prefix).encode(), b"")
            assert str(self.build.folder).encode() not in data, path
            assert str(ROOT).encode() not in data, path

    def what_starts_a_program_names_one_that_is_there(self):
        starters = [f"{SERVICES}/{APP}.service"]
        if "weir-window" in self.build.targets:
            starters.append(f"{SERVICES}/{APP}.Ui.service")
        for path in starters:
            section = ini(self.prefix / path)["D-BUS Service"]
            self.is_program(section["Exec"].split()[0])
            assert section["Name"] == pathlib.Path(path).stem
        if self.build.options["systemd"]:
            unit = ini(self.prefix / self.build.units() / "weir.service")
            self.is_program(unit["Service"]["ExecStart"].split()[0])

    def is_program(self, path):
        assert path.startswith(f"{self.build.prefix}/"), path
        assert path.removeprefix(f"{self.build.prefix}/") in self.build.expected(), path

    def every_icon_that_is_named_is_there(self):
        there = {pathlib.Path(path).stem for path in self.build.expected() if ICONS in path}
        for path in self.build.expected():
            if path.endswith(".desktop"):
                text = (self.prefix / path).read_text()
                for name in re.findall(r"^(?:Icon|X-KDE-Icon)=(.+)$", text, re.MULTILINE):
                    assert name in there, f"{path}: {name}"

    def every_page_of_the_manual_has_a_name_section(self):
        for path in self.build.expected():
            if "/man/" in path:
                text = (self.prefix / path).read_text()
                assert re.search(r"^\.SH NAME$", text, re.MULTILINE), path


def strings(program):
    """The read-only data of a program: what its own texts are in."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["objcopy", "-O", "binary", "--only-section=.rodata", program, out.name],
                       check=True)
        return [out.read()]


CASES = [
    Staged.the_installed_files_are_those_of_the_list,
    Staged.only_programs_can_be_run,
    Staged.no_file_names_the_folder_it_was_built_in,
    Staged.what_starts_a_program_names_one_that_is_there,
    Staged.every_icon_that_is_named_is_there,
    Staged.every_page_of_the_manual_has_a_name_section,
]
