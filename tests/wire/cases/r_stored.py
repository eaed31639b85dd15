# SPDX-License-Identifier: GPL-3.0-or-later
"""R: responses that are kept here, read and deleted."""

import json

from harness.dialects import CLIENT_KEY, RESPONSES, SECOND_KEY
from harness.suite import Group, expect, expect_error, expect_open

stored = Group("R stored")


def ask(world, store=True, key=CLIENT_KEY):
    request = RESPONSES.request("hello", False, RESPONSES.model()) | {"store": store}
    answer = world.exchange(world.post("/v1/responses", json.dumps(request), key=key))
    expect(answer.status == 200, answer)
    return answer.body


def get(world, path, method="GET", key=CLIENT_KEY):
    return world.exchange(world.head(method, f"/v1/responses/{path}", key=key))


@stored.case("the very bytes are read again", sends=1)
def _(world):
    said = ask(world)
    read = get(world, "resp_1")
    expect(read.status == 200 and read.body == said, read)
    expect(get(world, "resp_1?include[]=x").body == said, "a parameter was in the way")


@stored.case("reading leaves the connection open", sends=1)
def _(world):
    ask(world)
    with world.client() as client:
        client.send(world.head("GET", "/v1/responses/resp_1"))
        expect(client.read_answer().status == 200, "not read")
        expect_open(client)
        client.send(world.head("DELETE", "/v1/responses/resp_1"))
        expect(json.loads(client.read_answer().body)["deleted"] is True, "not deleted")
        expect_open(client)


@stored.case("what was not to be stored is not read", sends=1)
def _(world):
    get(world, "resp_1", "DELETE")
    ask(world, store=False)
    for path, method in (("resp_1", "GET"), ("resp_1/input_items", "GET"), ("resp_1", "DELETE"), ("resp_1/cancel", "POST")):
        document = expect_error(get(world, path, method), 404, RESPONSES)
        expect(document["error"]["message"] == "Response with id 'resp_1' not found.", document)


@stored.case("another key reads nothing", sends=1)
def _(world):
    ask(world)
    expect_error(get(world, "resp_1", key=SECOND_KEY), 404, RESPONSES)
    expect_error(get(world, "resp_1", "DELETE", key=SECOND_KEY), 404, RESPONSES)
    expect(get(world, "resp_1").status == 200, "it was deleted by another")
    expect_error(get(world, "resp_1", key=None), 401, RESPONSES)


@stored.case("what is no id is no path", sends=0)
def _(world):
    for path in ("%72esp_1", "resp_1%20", "resp_1/", "resp_1/x", "..", "resp_1/input_items/"):
        expect(get(world, path).status in (400, 404), path)
    expect(get(world, "compact").status == 405, "a path that is another's")
    answer = get(world, "resp_1", "PUT")
    expect(answer.status == 405 and "DELETE" in answer.get("allow"), answer)
    expect_error(get(world, "resp_" + "1" * 4000), 404, RESPONSES)


@stored.case("parameters of a list are checked", sends=1)
def _(world):
    ask(world)
    for query in ("limit=0", "limit=101", "limit=x", "limit=-1", "limit=1e1", "order=up", "after=nobody"):
        expect_error(get(world, f"resp_1/input_items?{query}"), 400, RESPONSES)
    page = json.loads(get(world, "resp_1/input_items?limit=1&order=asc").body)
    expect(page["object"] == "list" and len(page["data"]) == 1 and not page["has_more"], page)
