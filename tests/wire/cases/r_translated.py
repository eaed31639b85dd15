# SPDX-License-Identifier: GPL-3.0-or-later
"""R: bodies that cannot be translated."""

from harness.dialects import ALL, ANTHROPIC, CHAT, GEMINI, RESPONSES
from harness.suite import Group, expect_error

translated = Group("R translated")

BAD = {CHAT: b'"messages":7', RESPONSES: b'"input":[{"type":"message","role":7}]', ANTHROPIC: b'"messages":7', GEMINI: b'"contents":7'}


def bad_body(client, upstream):
    def run(world):
        model = upstream.model()
        body = b'{"model":"%s",%s}' % (model.encode(), BAD[client])
        expect_error(world.exchange(world.post(client.route(False, model), body)), 400, client)

    return run


for client in ALL:
    for upstream in ALL:
        if upstream is not client:
            translated.add(f"a bad {client.name} body for {upstream.name} is a 400", bad_body(client, upstream))
