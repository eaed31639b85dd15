# SPDX-License-Identifier: GPL-3.0-or-later
"""D: what a web page can make a browser send to a port on loopback."""

import socket

from harness.dialects import ALL, CHAT, CLIENT_KEY
from harness.suite import Group, Skip, expect, expect_closed, expect_error

browser = Group("D browser", calm=True, weight=1)
dual = Group("D both loopbacks", host="", calm=True)


def hosted(host, statuses, key=CLIENT_KEY, target="/v1/models"):
    def run(world):
        with world.client() as client:
            client.send(world.head("GET", target, host=host.format(port=world.port, other=world.port ^ 1), key=key))
            answer = client.read_answer()
            if statuses == 200:
                expect(answer.status == 200, answer)
            else:
                expect_error(answer, statuses, None)
                expect_closed(client)

    return run


FOREIGN_HOSTS = [
    "evil.example", "evil.example:{port}", "127.0.0.1.nip.example:{port}", "localhost.evil:{port}", "localhost.:{port}",
    "127.0.0.1.:{port}", "0.0.0.0:{port}", "[::]:{port}", "127.1:{port}", "2130706433:{port}", "[::ffff:127.0.0.1]:{port}",
    "0x7f000001:{port}", "0177.0.0.1:{port}", "127.0.0.2:{port}", "localhost:{other}", "127.0.0.1:{other}", "127.0.0.1",
    "localhost", "evil.localhost:{port}", "weir.lan:{port}", "[fe80::1]:{port}", "169.254.169.254:{port}",
]  # fmt: skip
BROKEN_HOSTS = [
    "", "127.0.0.1:", "127.0.0.1:0{port}", "127.0.0.1:{port}:{port}", "a@127.0.0.1:{port}", "127.0.0.1:{port}/", "127.0.0.1 :{port}",
    "[127.0.0.1]:{port}", "::1:{port}", "[::1:{port}", "127.0.0.1:+{port}", "127.0.0.1,evil.example", "127.0.0.1:99999999",
]  # fmt: skip
for host in FOREIGN_HOSTS:
    # 0.0.0.0 and its like: 2.4 allows 403 too
    browser.add(f"D01 Host {host}", hosted(host, (421, 403)))
for host in BROKEN_HOSTS:
    browser.add(f"D01 Host {host!r}, which is none", hosted(host, (400, 421)))
browser.add("D01 a foreign Host is refused before its key is looked at", hosted("evil.example", 421, key="wrong-0123456789"))
browser.add("D01 a foreign Host is refused without a key too", hosted("evil.example", 421, key=None))
browser.add("D01 a foreign Host learns nothing about paths", hosted("evil.example", 421, target="/v1/nothing"))
for host in ("127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "LocalHost:{port}"):
    browser.add(f"D02 Host {host}", hosted(host, 200))


@dual.case("D02 Host [::1] over IPv6")
def _(world):
    try:
        with world.client(address="::1") as client:
            client.send(world.head("GET", "/v1/models", host=f"[::1]:{world.port}"))
            expect(client.read_answer().status == 200)
            client.send(world.head("GET", "/v1/models", host=f"localhost:{world.port}"))
            expect(client.read_answer().status == 200)
    except OSError as error:
        if socket.has_ipv6 and not isinstance(error, ConnectionRefusedError):
            raise Skip(f"no IPv6 here: {error}") from None
        raise


for host in ("[::ffff:127.0.0.1]:{port}", "[::]:{port}", "evil.example:{port}", "[::1%25lo]:{port}"):
    dual.add(f"D10 Host {host} with both loopbacks", hosted(host, (400, 403, 421)))


def foreign(fields, statuses=(403,), dialect=CHAT, kind="application/json"):
    def run(world):
        answer = world.exchange(world.post(dialect.route(), dialect.body(), fields, kind=kind))
        expect_error(answer, statuses, dialect)

    return run


ORIGINS = [
    "https://evil.example", "http://evil.example:8317", "null", "file://", "chrome-extension://abcdefghijklmnop",
    "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://localhost", "http://127.0.0.1:1", "http://[::1]:1",
    "vscode-webview://planted", "", "http://evil.example http://127.0.0.1",
]  # fmt: skip
for dialect in ALL:
    for origin in ORIGINS:
        browser.add(f"D04 {dialect.name}: Origin {origin!r}", foreign([("Origin", origin)], dialect=dialect))
    for site in ("cross-site", "same-site"):
        browser.add(f"D04 {dialect.name}: Sec-Fetch-Site {site}", foreign([("Sec-Fetch-Site", site)], dialect=dialect))
    for kind in (
        "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
        "application/jsonp", "text/json", "application/json-patch+json", "application/octet-stream", "", "json", "application /json",
        "application/json, text/plain",
    ):  # fmt: skip
        browser.add(f"D04 {dialect.name}: content type {kind!r} is 415", foreign([], (415,), dialect, kind))
    browser.add(f"D04 {dialect.name}: no content type is 415", foreign([], (415,), dialect, None))
browser.add("D04 a page's simple request", foreign([("Origin", "https://evil.example"), ("Sec-Fetch-Mode", "no-cors")], (403, 415), kind="text/plain"))
browser.add("D04 two Origins", foreign([("Origin", "http://127.0.0.1"), ("Origin", "https://evil.example")], (400, 403)))


def json_kind(kind, fields=()):
    def run(world):
        answer = world.exchange(world.post(CHAT.route(), CHAT.body(), fields, kind=kind))
        expect(answer.status == 200, answer)

    return run


for kind in ("application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", "application/json ; a=\"b\""):
    browser.add(f"D04 content type {kind} is JSON", json_kind(kind), sends=1)
browser.add("D04 Sec-Fetch-Site none is no page", json_kind("application/json", [("Sec-Fetch-Site", "none")]), sends=1)


def foreign_get(fields, target):
    def run(world):
        answer = world.exchange(world.head("GET", target, fields))
        expect(answer.status == 403, answer)
        expect(b"chat-1" not in answer.body, answer.body)

    return run


for target in ("/v1/models", "/v1beta/models"):
    browser.add(f"D06 {target} from a foreign origin", foreign_get([("Origin", "https://evil.example")], target))
    browser.add(f"D06 {target} as an image of another site", foreign_get([("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "image")], target))


def preflight(origin, target):
    def run(world):
        fields = [
            ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"),
            ("Access-Control-Request-Private-Network", "true"),
        ]  # fmt: skip
        with world.client() as client:
            client.send(world.head("OPTIONS", target, fields, key=None))
            answer = client.read_answer()  # objects to any Access-Control field
            expect(answer.status in (401, 403, 404, 405), answer)

    return run


for origin in ORIGINS[:-2]:
    for target in ("/v1/chat/completions", "/v1/messages"):
        browser.add(f"D07 the preflight of {origin!r} for {target}", preflight(origin, target))


def websocket(target, fields, statuses):
    def run(world):
        own = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
        with world.client() as client:
            client.send(world.head("GET", target, [*own, *fields], key=None if fields else CLIENT_KEY))
            answer = client.read_answer()
            expect(answer.status in statuses, answer)
            expect(101 not in answer.informational, "it was upgraded")

    return run


for target in ("/v1/chat/completions", "/v1/messages", "/v1/models", "/"):
    browser.add(f"D09 a websocket at {target}", websocket(target, [], (400, 404, 405, 426, 200)))
browser.add(
    "D09 a page's websocket", websocket("/v1/responses", [("Origin", "https://evil.example"), ("Authorization", f"Bearer {CLIENT_KEY}")], (403,))
)
browser.add("D09 a websocket with its key in the query", websocket(f"/v1/responses?key={CLIENT_KEY}", [("X-A", "b")], (401, 403)))


@browser.case("D13 an upstream's page never keeps its type", sends=(1, 2), attempts=False)
def _(world):
    page = b"<script>alert(1)</script>"
    fields = [("Access-Control-Allow-Origin", "*"), ("Set-Cookie", "a=b"), ("Refresh", "0"), ("Link", "<x>")]
    world.up.script = lambda turn: turn.answer(200, page, "text/html", fields)
    answer = world.exchange(world.ask(CHAT))
    expect(answer.status == 502, answer)
    expect(b"<script>" not in answer.body, answer.body)
