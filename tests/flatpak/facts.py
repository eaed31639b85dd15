# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of the manifest without building it: the rules of Flathub's linter that
concern us, and that it agrees with the rest of the tree."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
APP = "io.github.weirproxy.Weir"
MANIFEST = pathlib.Path("flatpak") / f"{APP}.yml"
# each is explained in the manifest; another one wants a reason there and a line here
PERMISSIONS = {
    "--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11",
    "--device=dri", "--talk-name=org.kde.StatusNotifierWatcher",
}
SCREENSHOTS = "https://raw.githubusercontent.com/weirproxy/weir/main/"


def missing():
    return [tool for tool in ("flatpak-builder",) if shutil.which(tool) is None]


def manifest():
    """As flatpak-builder reads it."""
    with tempfile.TemporaryDirectory(prefix="weir-manifest-") as state:  # it makes a folder
        return json.loads(subprocess.run(
            ["flatpak-builder", "--show-manifest", ROOT / MANIFEST], cwd=state,
            stdout=subprocess.PIPE, check=True).stdout)


def project():
    """The call of project () in meson.build."""
    return (ROOT / "meson.build").read_text()


def it_builds_this_application(data):
    assert data["id"] == APP
    assert f"application_id = '{APP}'" in project()
    assert data["command"] == "weir"
    assert data["modules"][-1]["sources"] == [
        {"type": "dir", "path": "..", "skip": ["build", "build-flatpak", "build-tests", "build-trees"]}]


def it_asks_for_nothing_more_than_it_needs(data):
    assert set(data["finish-args"]) == PERMISSIONS, set(data["finish-args"]) ^ PERMISSIONS


def it_sets_only_options_that_there_are(data):
    known = set(re.findall(r"^option\('([\w-]+)'", (ROOT / "meson_options.txt").read_text(),
                           re.MULTILINE))
    for option in data["modules"][-1]["config-opts"]:
        name = re.fullmatch(r"-D([\w-]+)=\w+", option)[1]
        assert name in known, option


def every_archive_is_pinned(data):
    for module in data["modules"][:-1]:
        for source in module["sources"]:
            assert source["type"] == "archive" and source["url"].startswith("https://"), source
            assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"]), source


def the_metainfo_knows_this_release_and_its_pictures(data):
    text = (ROOT / "data" / "metainfo" / f"{APP}.metainfo.xml.in").read_text()
    root = ElementTree.fromstring(text)
    version = re.search(r"^  version: '([^']+)'", project(), re.MULTILINE)[1]
    assert root.findtext("id") == data["id"]
    assert root.findtext("launchable") == f"{APP}.desktop"
    assert root.find("content_rating") is not None
    assert root.find("releases/release").get("version") == version
    pictures = [node.text for node in root.iter("image")]
    assert pictures
    for picture in pictures:
        assert picture.startswith(SCREENSHOTS), picture
        assert (ROOT / picture.removeprefix(SCREENSHOTS)).is_file(), picture


CASES = [
    it_builds_this_application,
    it_asks_for_nothing_more_than_it_needs,
    it_sets_only_options_that_there_are,
    every_archive_is_pinned,
    the_metainfo_knows_this_release_and_its_pictures,
]
