# SPDX-License-Identifier: GPL-3.0-or-later
"""The mock service as a child, and the programs under test."""

import os
import pathlib
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("WEIR_TEST_BUILD", "."))
CONFIG_TEXT = """# The configuration of the tests.
port: 8317
api-keys:
  - "sk-weir-test"

# keys of vendors
claude-api-key:
  - api-key: "vault:work"
    priority: 10
routing:
  strategy: round-robin
"""


def write_config():
    path = pathlib.Path(os.environ["WEIR_TEST_CONFIG"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CONFIG_TEXT)
    return path


class Mock:
    """The service in a scenario; `calls` is what it was asked."""

    def __init__(self, scenario):
        self.calls = []
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "mock_service.py"), scenario],
            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready", scenario
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.calls.append(line.strip())

    def wait_for(self, call, seconds=5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(call in each for each in self.calls):
                return
            time.sleep(0.02)
        raise AssertionError(f"the window did not call {call}: {self.calls[-5:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
