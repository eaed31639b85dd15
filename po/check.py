#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""POTFILES names exactly the files that hold texts for the user, and every language has all
of the texts that are there now."""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
_CALL = re.compile(r"(?<![\w])(?:_|N_|C_|NC_|ngettext|gettext)\s*\(\s*\"")
_MARK = re.compile(r"translatable=\"yes\"|gettext-domain=")


def holds_texts(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".c":
        return _CALL.search(text) is not None
    if path.suffix == ".ui" or path.name.endswith(".gschema.xml"):
        return _MARK.search(text) is not None
    return path.name.endswith((".desktop.in", ".metainfo.xml.in"))


def candidates():
    for folder, patterns in (("src", ("*.c", "*.ui")), ("data", ("*.in", "*.xml"))):
        for pattern in patterns:
            yield from sorted((ROOT / folder).rglob(pattern))


def main():
    faults = []
    listed = {line for line in (ROOT / "po" / "POTFILES").read_text().splitlines()
              if line and not line.startswith("#")}
    found = {str(path.relative_to(ROOT)) for path in candidates() if holds_texts(path)}
    faults += [f"POTFILES lacks {name}" for name in sorted(found - listed)]
    faults += [f"POTFILES names {name}, which holds no text" for name in sorted(listed - found)]
    if faults:
        print("\n".join(faults))
        sys.exit(1)

    with tempfile.TemporaryDirectory() as folder:
        template = pathlib.Path(folder) / "weir.pot"
        subprocess.run(
            ["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2",
             "--keyword=NC_:1c,2", "--keyword=ngettext:1,2", "--add-comments=Translators:",
             f"--directory={ROOT}", f"--files-from={ROOT / 'po' / 'POTFILES'}", f"--output={template}"],
            check=True, stderr=subprocess.DEVNULL)
        for language in (ROOT / "po" / "LINGUAS").read_text().split("\n"):
            if not language or language.startswith("#"):
                continue
            merged = pathlib.Path(folder) / f"{language}.po"
            source = ROOT / "po" / f"{language}.po"
            subprocess.run(["msgmerge", "--quiet", "--no-fuzzy-matching", f"--output-file={merged}",
                            str(source), str(template)], check=True)
            done = subprocess.run(["msgfmt", "--check", "--statistics", "--output-file=/dev/null", str(merged)],
                                  capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
            if done.returncode != 0 or re.search(r"untranslated|fuzzy", done.stderr):
                faults.append(f"{language}: {done.stderr.strip()}")
                missing = subprocess.run(["msgattrib", "--untranslated", "--no-wrap", str(merged)],
                                         capture_output=True, text=True).stdout
                faults += re.findall(r'^msgid "(.+)"$', missing, re.MULTILINE)[:10]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
