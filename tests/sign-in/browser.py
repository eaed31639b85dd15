# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, spoken to through a pipe (DevTools protocol): opens pages, clicks."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="weir-browser-")
        out_read, self.out = os.pipe()
        self.back, back_write = os.pipe()

        def place():
            # 3 is what it reads, 4 what it writes
            low, high = os.dup(out_read), os.dup(back_write)
            os.dup2(low, 3)
            os.dup2(high, 4)

        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment.update(HOME=self.folder, DBUS_SESSION_BUS_ADDRESS="disabled:")
        self.process = subprocess.Popen([find(), *ARGUMENTS, f"--user-data-dir={self.folder}/data", "about:blank"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=environment, close_fds=False, preexec_fn=place)
        os.close(out_read)
        os.close(back_write)
        self.buffer = b""
        self.number = 0
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.ask("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.back)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                piece = os.read(self.back, 65536)
                assert piece, "the browser has gone"
                self.buffer += piece
            text, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, url):
        self.ask("Page.navigate", self.session, url=url)

    def run(self, script):
        """The value of @script in the page."""
        return self.ask("Runtime.evaluate", self.session, expression=script, returnByValue=True)["result"].get("value")

    def click(self, selector, seconds=20):
        """A click of the mouse where the element is, once it is there."""
        deadline = time.monotonic() + seconds
        script = (f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;"
                  "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        where = None
        while where is None and time.monotonic() < deadline:
            where = self.run(script)
            time.sleep(0.05)
        assert where, f"no {selector} in {self.run('document.documentElement.outerHTML')}"
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", self.session, type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    def wait_text(self, text, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text in (self.run("document.body && document.body.innerText") or ""):
                return
            time.sleep(0.05)
        raise AssertionError(f"{text!r} is not in {self.run('location.href + document.body.innerText')!r}")
