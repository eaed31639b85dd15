# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's binary: links nothing that needs a display, and is hardened."""

import os
import re
import shutil
import subprocess
import tempfile

_DISPLAY = re.compile(r"gtk|gdk|adwaita|cairo|pango|libX|wayland", re.IGNORECASE)


def _readelf(*arguments):
    environment = dict(os.environ, LC_ALL="C")
    return subprocess.run(
        ["readelf", "-W", *arguments], capture_output=True, text=True, check=True, env=environment
    ).stdout


def skip_reason(options):
    if shutil.which("readelf") is None:
        return "readelf is not installed"
    if options.binary is None and not options.self_test:
        return "no binary was named"
    return None


def judge(path, is_optimized):
    """Yields what is wrong with the binary at @path."""
    dynamic = _readelf("-d", path)
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if _DISPLAY.search(library):
            yield f"links {library}"
    header = _readelf("-h", path)
    if not re.search(r"Type:\s+DYN", header) or not re.search(r"FLAGS_1.*\bPIE\b", dynamic):
        yield "is not position independent"
    segments = _readelf("-l", path)
    if "GNU_RELRO" not in segments:
        yield "has no read-only relocations"
    if not re.search(r"\(FLAGS.*\b(BIND_)?NOW\b|\(BIND_NOW\)", dynamic):
        yield "binds lazily"
    stack = re.search(r"GNU_STACK.*", segments)
    if stack is None or "E" in stack.group().split()[-2]:
        yield "has an executable stack"
    if re.search(r"LOAD.* RWE ", segments):
        yield "has a segment that is writable and executable"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield "carries a library path"
    symbols = _readelf("--dyn-syms", path)
    if "__stack_chk_fail" not in symbols:
        yield "has no stack protector"
    if is_optimized and not re.search(r"\b__\w+_chk\b", symbols.replace("__stack_chk_fail", "")):
        yield "has no fortified calls"
    for call in ("gets", "strcpy", "strcat", "sprintf", "system", "popen", "tmpnam", "mktemp"):
        if re.search(rf"\bUND {call}(@|$)", symbols, re.MULTILINE):
            yield f"calls {call}"


def find(root, options):
    if options.binary is not None:
        for fault in judge(options.binary, options.optimized):
            yield f"{os.path.basename(options.binary)}: {fault}"


_PROGRAM = """
#include <stdio.h>
#include <string.h>
int fake (void);
int main (int argc, char **argv)
{
  char text[64];
  memcpy (text, argv[0], (size_t) argc * 3);
  printf ("%s", text);
  return fake ();
}
"""
_HARD = "-O2 -fPIE -pie -D_FORTIFY_SOURCE=2 -fstack-protector-strong -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"
_CASES = [
    ("", None),
    ("-no-pie -fno-PIE", "is not position independent"),
    ("-Wl,-z,norelro", "has no read-only relocations"),
    ("-Wl,-z,lazy", "binds lazily"),
    ("-Wl,-z,execstack", "has an executable stack"),
    ("-Wl,-rpath,/opt/lib", "carries a library path"),
    ("-fno-stack-protector", "has no stack protector"),
    ("-U_FORTIFY_SOURCE", "has no fortified calls"),
]


def self_test():
    compiler = shutil.which("cc")
    if compiler is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "a.c")
        for name in ("libplain.so.1", "libgtk-4.so.1"):
            with open(source, "w", encoding="utf-8") as file:
                file.write("int fake (void) { return 0; }\n")
            library = os.path.join(folder, name)
            subprocess.run([compiler, "-shared", "-fPIC", "-o", library, f"-Wl,-soname,{name}", source], check=True)
        with open(source, "w", encoding="utf-8") as file:
            file.write(_PROGRAM)

        def build(flags, library):
            out = os.path.join(folder, "a.out")
            line = [compiler, *_HARD.split(), *flags.split(), "-o", out, source, os.path.join(folder, library)]
            subprocess.run(line, check=True, capture_output=True)
            return list(judge(out, True))

        for flags, fault in _CASES:
            faults = build(flags, "libplain.so.1")
            assert faults == ([fault] if fault else []), f"{flags}: {faults}"
        assert build("", "libgtk-4.so.1") == ["links libgtk-4.so.1"], "gtk"


GOOD = []
BAD = []
