# SPDX-License-Identifier: GPL-3.0-or-later
"""R: pictures: forms and streams byte for byte."""

import json
import time

from harness.dialects import ANTHROPIC, CHAT, RESPONSES, sse
from harness.suite import Group, expect, expect_error

pictures = Group("R pictures")

PATHS = ("/v1/images/generations", "/v1/images/edits")
FORM = "multipart/form-data; boundary=XX"
PNG = b"\x89PNG\r\n\x1a\n\x00\r\n--X\xff"
ANSWER = b'{"created":1, "data":[{"b64_json":"AAAA"}]}'


def field(name, value, more=b""):
    return b'--XX\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name, more, value)


def form(model, stream=b"false"):
    parts = [field(b"prompt", b"a weir\r\n--XY"), field(b"model", model), field(b"stream", stream)]
    parts += [field(b"image[]", PNG, b'; filename="a.png"\r\nContent-Type: image/png'), b"--XX--\r\n"]
    return b"".join(parts)


def draw(world, body, path=PATHS[1], kind=FORM):
    return world.exchange(world.post(path, body, kind=kind))


def answer_pictures(world, answer=ANSWER):
    world.up.script = lambda turn: turn.answer(200, answer)


@pictures.case("a form goes up as it came but for the model", sends=1)
def _(world):
    answer_pictures(world)
    answer = draw(world, form(CHAT.model().encode()))
    expect(answer.status == 200 and answer.body == ANSWER, answer)
    turn = world.up.turns[0]
    expect(turn.target == PATHS[1], turn.target)
    expect(turn.get("content-type") == FORM, turn.get("content-type"))
    expect(turn.body == form(CHAT.upstream_model().encode()), turn.body)


@pictures.case("JSON goes up as it came but for the model", sends=2)
def _(world):
    answer_pictures(world)
    for path in PATHS:
        asked = b'{ "model":"%s", "n":2, "prompt":"\\u0061", "new":1e400 }'
        answer = draw(world, asked % CHAT.model().encode(), path, "application/json")
        expect(answer.status == 200, answer)
        turn = world.up.turns[-1]
        expect(turn.body == asked % CHAT.upstream_model().encode() and turn.target == path, turn.body)
        expect(turn.get("content-type") == "application/json", turn.get("content-type"))


@pictures.case("a form is asked as JSON where the upstream has no such path", sends=1)
def _(world):
    item = {"type": "image_generation_call", "id": "ig_1", "result": "AAAA", "output_format": "png"}
    world.up.script = lambda turn: turn.answer(200, RESPONSES.unary() | {"output": [item]})
    answer = draw(world, form(RESPONSES.model().encode()))
    expect(answer.status == 200 and json.loads(answer.body)["data"] == [{"b64_json": "AAAA"}], answer)
    turn = world.up.turns[0]
    expect(turn.get("content-type") == "application/json", turn.get("content-type"))
    expect(json.loads(turn.body)["input"][0]["content"][0]["text"] == "a weir\r\n--XY", turn.body)


@pictures.case("a stream goes through byte for byte", sends=1)
def _(world):
    frames = [sse({"type": f"image_edit.{kind}", "b64_json": "AAAA"}, f"image_edit.{kind}") for kind in ("partial_image", "completed")]
    world.up.script = lambda turn: turn.stream(frames)
    answer = draw(world, form(CHAT.model().encode(), b"true"))
    expect(answer.body == b"".join(frames) and answer.ending == "chunked", answer)


@pictures.case("a stream without its last event is cut", sends=1)
def _(world):
    world.up.script = lambda turn: turn.stream([sse({"type": "image_edit.partial_image", "b64_json": "AAAA"})])
    answer = draw(world, form(CHAT.model().encode(), b"true"))
    expect(answer.ending in ("cut", "reset"), answer)


@pictures.case("a drawing that may have been done is not asked for again", sends=1)
def _(world):
    world.up.drop_links()  # a kept-alive one may have been dead before
    time.sleep(0.1)
    world.up.script = lambda turn: turn.rst()
    expect(draw(world, form(CHAT.model().encode())).status == 502, "no error")


@pictures.case("a form that is not strict reaches nobody", sends=0)
def _(world):
    good = form(CHAT.model().encode())
    for body in (b"", good[:-4], good + b"x", good.replace(b"\r\n", b"\n"), b"x" + good, b"--XX--"):
        expect_error(draw(world, body), 400, CHAT)
    for kind in ("multipart/form-data", "multipart/form-data; boundary=XY", "multipart/form-data; boundary=XX; boundary=XY"):
        expect_error(draw(world, good, kind=kind), 400, CHAT)


@pictures.case("a form is taken at one path alone", sends=0)
def _(world):
    for path in (PATHS[0], "/v1/chat/completions", "/v1/responses"):
        answer = draw(world, form(CHAT.model().encode()), path)
        expect(answer.status == 415, path, answer)
    expect(draw(world, b"a=b", kind="application/x-www-form-urlencoded").status == 415, "another kind of form")


@pictures.case("a page's form stays out", sends=0)
def _(world):
    body = form(CHAT.model().encode())
    fields = [("Origin", "https://example.org"), ("Sec-Fetch-Site", "cross-site")]
    for page in ([fields[0]], [fields[1]], fields):
        answer = world.exchange(world.post(PATHS[1], body, page, kind=FORM))
        expect(answer.status == 403, page, answer)


@pictures.case("a model that does not draw is told with those that do", sends=0)
def _(world):
    for path in PATHS:
        body = json.dumps({"model": ANTHROPIC.model(), "prompt": "x", "images": ["data:image/png;base64,AAAA"]})
        document = expect_error(draw(world, body, path, "application/json"), 400, CHAT)
        expect(RESPONSES.model() in document["error"]["message"], document)
