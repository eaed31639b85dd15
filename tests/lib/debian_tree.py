# SPDX-License-Identifier: GPL-3.0-or-later
"""Small Debians in folders, for lanes that want another machine than this one.  Packages come
from where this machine's apt gets its own.  Needs root and mmdebstrap."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TREES = pathlib.Path(os.environ.get("WEIR_TREES", ROOT / "build-trees"))
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
MAKE_SECONDS = 900
FETCH_SECONDS = 120


def missing(*tools):
    """What a lane lacks here, beyond the means to make trees."""
    lacking = [tool for tool in ("mmdebstrap", *tools) if shutil.which(tool) is None]
    return lacking if os.geteuid() == 0 else ["root", *lacking]


def mirror():
    """The address of the Debian archive that apt is configured with."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"],
        stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    for line in lines:
        label, _, address = line.partition(" ")
        if label == "Debian":
            return address.rstrip("/")
    raise SystemExit("apt knows no Debian archive; apt-get update?")


def ensure(name, suite, packages):
    """The folder of the tree; made where it is not there or was made of other packages."""
    tree = TREES / name
    recipe = " ".join([suite, *sorted(packages)])
    stamp = TREES / f"{name}.packages"
    if stamp.exists() and stamp.read_text() == recipe and tree.is_dir():
        return tree
    print(f"# making {tree.name}: {len(packages)} packages of {suite} and theirs", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    TREES.mkdir(parents=True, exist_ok=True)
    source = f"deb [signed-by={KEYS}] {mirror()} {suite} main"
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(packages)}",
         "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
         '--aptopt=Apt::Install-Recommends "false"', suite, tree, source],
        check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=MAKE_SECONDS)
    stamp.write_text(recipe)
    return tree


def fetch_source(place, digest, target):
    """A file of the archive's pool, given its digest, as TARGET."""
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == digest:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["/usr/lib/apt/apt-helper", "download-file", f"{mirror()}/pool/main/{place}",
                    target, f"SHA256:{digest}"],
                   check=True, stdout=subprocess.DEVNULL, timeout=FETCH_SECONDS)
