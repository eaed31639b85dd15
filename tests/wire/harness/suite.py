# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of cases, and what must hold after every one of them."""

import json
import signal
import time
import traceback

from . import dialects
from .client import WireError
from .program import World

GROUPS = []
CASE_SECONDS = 90


class Skip(Exception):
    """The case cannot be shown here; the text says why."""


class Group:
    """Cases that share one running program.  calm: the clock is moved by twenty minutes before
    every case, so that no rest of an account reaches the next one."""

    def __init__(self, name, calm=False, weight=1, warm=True, long_only=False, **world_options):
        self.name = name
        self.calm = calm
        self.weight = weight  # heavier groups start earlier
        self.warm = warm
        self.long_only = long_only
        self.world_options = world_options
        self.cases = []
        GROUPS.append(self)

    def add(self, name, function, sends=0, attempts=True, long_only=False, strangers=(), gap=None):
        """gap: what the program is known not to do yet; the case may fail.  sends: how many requests the upstreams see, (least, most), or None.  attempts: the
        log rows' attempts must add up to that.  strangers: secrets planted by this case."""
        self.cases.append(Case(name, function, sends, attempts, long_only, strangers, gap))

    def case(self, name, **options):
        def register(function):
            self.add(name, function, **options)
            return function

        return register


class Case:
    def __init__(self, name, function, sends, attempts, long_only, strangers, gap):
        self.name = name
        self.function = function
        self.sends = sends
        self.attempts = attempts
        self.long_only = long_only
        self.strangers = list(strangers)
        self.gap = gap


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def with_world(work, **options):
    """A case that starts and ends a program of its own."""

    def run(_):
        world = World(**options)
        try:
            work(world)
            code = world.stop() if world.is_alive() else world.process.returncode
            expect(code == 0, f"exit code {code}:", world.error_text()[-1000:])
            expect(not world.complaints(), *world.complaints()[:10])
            written = bytes(world.output) + bytes(world.errors)
            expect(not world.secrets_in(written), "secrets in the output")
        finally:
            world.clean()

    return run


def wait_for(condition, timeout=5.0, what="something"):
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.005)


def expect_error(answer, statuses, dialect=dialects.CHAT, code=None):
    """An error answer in the dialect's own shape; None: in any dialect's."""
    statuses = (statuses,) if isinstance(statuses, int) else statuses
    expect(answer.status in statuses, f"status {answer.status}, not {statuses}:", answer)
    expect((answer.get("content-type") or "").split(";")[0] == "application/json", "not JSON:", answer)
    try:
        document = json.loads(answer.body)
    except ValueError as error:
        raise AssertionError(f"error body is no JSON: {answer.body[:300]!r}") from error
    shapes = [d.name for d in dialects.ALL if d.error_of(document) is not None]
    wanted = dialect.name if dialect else "any dialect"
    expect(wanted in shapes or (shapes and not dialect), f"not the error shape of {wanted}:", answer.body[:400])
    if code is not None and isinstance(document.get("error"), dict):
        codes = (code,) if isinstance(code, str) else code
        expect(document["error"].get("code") in codes, "code", document["error"].get("code"), "not", codes)
    text = answer.body.decode("utf-8")
    for trace in ("GLib", "g_", ".c:", "src/", "errno", "/tmp", "SELECT "):
        expect(trace not in text, f"{trace!r} in an error text:", text[:300])
    return document


def expect_closed(client, timeout=1.0):
    end = client.wait_end(timeout)
    expect(end in ("fin", "reset"), "the connection was not closed:", end, client.buffer[:200])


def expect_open(client):
    """Shows that the connection can carry one more request."""
    world = client.world
    client.send(world.head("GET", "/v1/models"))
    answer = client.read_answer()
    expect(answer.status == 200, "the connection is of no use any more:", answer)


class Runner:
    """Runs one group; hands each result to @report (name, ok, skipped, detail, gap)."""

    def __init__(self, group, report, pattern=None, long=False):
        self.group = group
        self.report = report
        self.cases = [
            c for c in group.cases if (long or not c.long_only) and (pattern is None or pattern(f"{group.name}: {c.name}"))
        ]
        self.world = None
        self.total = 0
        self.late_rows = False  # may the last case's log rows still be on their way?

    def run(self):
        if not self.cases:
            return
        signal.signal(signal.SIGALRM, self._on_alarm)
        for case in self.cases:
            if self.world is None and not self._start():
                self._say(case.name, False, detail=self.why)
                continue
            self._run_case(case)
        if self.world is not None:
            self._finish()

    @staticmethod
    def _on_alarm(*_):
        raise AssertionError(f"the case did not end within {CASE_SECONDS} s")

    def _say(self, name, ok, skipped=None, detail="", gap=None):
        self.report(f"{self.group.name}: {name}", ok, skipped, detail, gap)

    def _start(self):
        self.why = ""
        try:
            self.world = World(**self.group.world_options)
            self.total = 0
            if self.group.warm:
                self._warm()
            self.descriptors = self.world.count_descriptors()
        except (AssertionError, OSError) as error:
            self.why = f"the program did not start: {error}"
            if self.world is not None:
                self.world.clean()
            self.world = None
        return self.world is not None

    def _warm(self):
        """Opens what is opened lazily, then lets idle connections go."""
        for dialect in dialects.ALL:
            answer = self.world.exchange(self.world.ask(dialect))
            expect(answer.status == 200, f"a good {dialect.name} request:", answer)
        self._settle()
        self.world.up.total = self.world.up2.total = 0

    def _settle(self):
        """Past every keep-alive, so that only what leaks stays."""
        for client in self.world.clients:
            client.close()
        self.world.clients.clear()
        self.world.advance(400)
        self.world.up.drop_links()
        self.world.up2.drop_links()
        time.sleep(0.1)

    def _run_case(self, case):
        world = self.world
        for mock in (world.up, world.up2):
            mock.begin_case()
        if self.late_rows:
            self._await_quiet()
        if self.group.calm:
            world.advance(1200)
        mark = len(world.errors)
        problem = skipped = None
        signal.alarm(CASE_SECONDS)
        try:
            case.function(world)
            self._judge(case, mark)
        except Skip as reason:
            skipped = str(reason)
        except (WireError, AssertionError) as error:
            problem = f"{error}\n{_place(error)}"
        except OSError as error:
            problem = f"{error!r}\n{_place(error)}"
        except Exception:
            problem = traceback.format_exc()
        finally:
            signal.alarm(0)
            for mock in (world.up, world.up2):
                mock.end_case()
        self.total += len(world.up.turns) + len(world.up2.turns)
        for client in world.clients:
            client.close()
        world.clients.clear()
        if not world.is_alive():
            problem = f"the program died ({world.process.returncode}): {problem or ''}"
        if problem:
            rows = [json.dumps(row) for row in world.rows(mark)][-4:]
            problem = "\n".join([problem, *(f"log: {row}" for row in rows)])
        self.late_rows = problem is not None or case.sends is None or not case.attempts
        self._say(case.name, problem is None, skipped, problem, case.gap)
        if not world.is_alive():
            self._say(f"{case.name}: aftermath", False, detail=world.error_text()[-4000:])
            world.clean()
            self.world = None

    def _judge(self, case, mark):
        """What the case itself need not say."""
        world = self.world
        expect(world.is_alive(), "the program is gone")
        seen = len(world.up.turns) + len(world.up2.turns)
        if case.sends is not None:
            least, most = case.sends if isinstance(case.sends, tuple) else (case.sends, case.sends)
            expect(least <= seen <= most, f"the upstreams saw {seen} requests, not {case.sends}")
            if case.attempts:
                self._judge_attempts(mark, seen)
        written = bytes(world.output) + bytes(world.errors[mark:])
        leaked = world.secrets_in(written, world.secrets + case.strangers)
        expect(not leaked, "secrets in the program's output:", leaked)
        for client in world.clients:
            leaked = world.secrets_in(bytes(client.received), [s for s in world.secrets if s.startswith("upstream-")])
            expect(not leaked, "an upstream's secret was sent to a client:", leaked)

    def _await_quiet(self):
        quiet_since = time.monotonic()
        length = len(self.world.errors)
        while time.monotonic() - quiet_since < 0.05:
            time.sleep(0.01)
            if len(self.world.errors) != length:
                quiet_since, length = time.monotonic(), len(self.world.errors)

    def _judge_attempts(self, mark, seen):
        deadline = time.monotonic() + 2
        while True:
            logged = sum(row.get("attempts") or 0 for row in self.world.rows(mark))
            if logged == seen or time.monotonic() > deadline:
                break
            time.sleep(0.005)
        expect(logged == seen, f"the log counts {logged} attempts, the upstreams saw {seen}")

    # -- the end of a group

    def _finish(self):
        world = self.world
        signal.alarm(CASE_SECONDS)
        try:
            if self.group.warm:
                self._check("every descriptor was given back", self._judge_descriptors)
            self._check("nothing was sent upstream after its case", self._judge_total)
            self._check("nothing of GLib or a sanitizer was complained of", self._judge_complaints)
            self._check("the program ends by SIGTERM with 0", self._judge_end)
        finally:
            signal.alarm(0)
            world.clean()

    def _check(self, name, judge):
        try:
            judge()
            self._say(name, True)
        except (AssertionError, OSError) as error:
            self._say(name, False, detail=str(error))

    def _judge_descriptors(self):
        expect(self.world.is_alive(), "the program is gone")
        self._settle()
        deadline = time.monotonic() + 5
        while (count := self.world.count_descriptors()) > self.descriptors and time.monotonic() < deadline:
            time.sleep(0.05)
        expect(count <= self.descriptors, f"{self.descriptors} descriptors at the start, {count} now")

    def _judge_total(self):
        total = self.world.up.total + self.world.up2.total
        expect(total == self.total, f"{self.total} requests in the cases, {total} in all")

    def _judge_complaints(self):
        complaints = self.world.complaints()
        expect(not complaints, *complaints[:20])

    def _judge_end(self):
        code = self.world.stop()
        expect(code == 0, f"exit code {code}:", self.world.error_text()[-3000:])
        complaints = self.world.complaints()
        expect(not complaints, *complaints[:20])


def _place(error):
    """The lines of the cases that led to @error."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"at {f.filename.split('/')[-1]}:{f.lineno}: {f.line}" for f in frames if "/cases/" in f.filename)

