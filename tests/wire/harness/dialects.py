# SPDX-License-Identifier: GPL-3.0-or-later
"""The four dialects as data: how to ask, what a good answer is, how its end and its errors
are known.  Written from the vendors' references, not from the program."""

import json

CLIENT_KEY = "sk-weir-wire-0123456789abcdef01234567"
SECOND_KEY = "sk-weir-wire-fedcba9876543210fedcba98"


def sse(data, event=None):
    """One frame in the plainest spelling."""
    if not isinstance(data, str):
        data = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return ((f"event: {event}\n" if event else "") + f"data: {data}\n\n").encode()


def read_sse(body):
    """[(event, data)] by the rules of the event stream; an unfinished event is dropped."""
    text = body.decode("utf-8", "strict").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    events = []
    event, data = None, []
    for line in text.split("\n")[:-1]:
        if line == "":
            if data:
                events.append((event, "\n".join(data)))
            event, data = None, []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
    return events


class Dialect:
    """Subclasses say: name, slug (of models and keys), and the functions below."""

    ends_chunks_on_error = False
    comments = True

    @property
    def upstream_key(self):
        return f"upstream-{self.slug}-key"

    def model(self, family=""):
        return f"{self.slug}{family}-1"

    def upstream_model(self, family=""):
        return f"m-{self.slug}{family}"

    def body(self, prompt="hello", stream=False, model=None, **more):
        return json.dumps(self.request(prompt, stream, model or self.model()) | more).encode()

    def complete(self, events):
        """Did these events end as the dialect's own rule says?"""
        raise NotImplementedError

    def error_in(self, events):
        raise NotImplementedError

    def error_of(self, answer):
        """(type, message) of an error body, or None when it has not the dialect's shape."""
        raise NotImplementedError


class Chat(Dialect):
    name, slug = "chat", "chat"
    family_key = "openai-compatibility"

    def route(self, stream=False, model=None):
        return "/v1/chat/completions"

    upstream_path = route

    def request(self, prompt, stream, model):
        request = {"model": model, "messages": [{"role": "user", "content": prompt}]}
        return request | ({"stream": True} if stream else {})

    def unary(self, text="hi"):
        message = {"role": "assistant", "content": text}
        return {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m-chat",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
        }  # fmt: skip

    def text_of(self, answer):
        return answer["choices"][0]["message"]["content"]

    def piece(self, delta, finish=None, index=0):
        return sse({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m-chat",
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
        })  # fmt: skip

    def text_frame(self, text):
        return self.piece({"content": text})

    def frames(self, texts=("Hel", "lo \u2603")):
        usage = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m-chat",
                 "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}}  # fmt: skip
        head = [self.piece({"role": "assistant", "content": ""})]
        return head + [self.text_frame(t) for t in texts] + [self.piece({}, "stop"), sse(usage), sse("[DONE]")]

    n_tail = 3  # frames behind the last text
    n_head = 1

    def text_in(self, events):
        text = ""
        for _, data in events:
            for choice in json.loads(data).get("choices", []) if data != "[DONE]" else []:
                text += choice["delta"].get("content") or ""
        return text

    def complete(self, events):
        finished = any('"finish_reason":"' in data.replace(" ", "") for _, data in events)
        return finished and any(data == "[DONE]" for _, data in events)

    def terminal_seen(self, events):
        return any(data == "[DONE]" for _, data in events)

    def error_in(self, events):
        return any(data != "[DONE]" and json.loads(data).get("error") for _, data in events)

    def error_frame(self):
        return sse({"error": {"message": "planted fault", "type": "server_error", "code": "x"}})

    def error_body(self, message="planted fault", kind="invalid_request_error"):
        return {"error": {"message": message, "type": kind, "code": "planted", "param": None}}

    def error_of(self, document):
        error = document.get("error")
        if isinstance(error, dict) and isinstance(error.get("message"), str) and isinstance(error.get("type"), str):
            return error["type"], error["message"]
        return None


class Responses(Chat):
    name, slug = "responses", "codex"
    family_key = "codex-api-key"

    def route(self, stream=False, model=None):
        return "/v1/responses"

    upstream_path = route

    def request(self, prompt, stream, model):
        content = [{"type": "input_text", "text": prompt}]
        request = {"model": model, "input": [{"type": "message", "role": "user", "content": content}], "store": False}
        return request | ({"stream": True} if stream else {})

    def unary(self, text="hi", status="completed"):
        content = [{"type": "output_text", "text": text, "annotations": []}]
        item = {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content}
        return {
            "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m-codex",
            "output": [item], "error": None, "incomplete_details": None,
            "usage": {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12},
        }  # fmt: skip

    def text_of(self, answer):
        return answer["output"][0]["content"][0]["text"]

    def _frame(self, kind, **more):
        return sse({"type": kind, "sequence_number": 0} | more, kind)

    def text_frame(self, text):
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return self._frame("response.output_text.delta", delta=text, **place)

    def frames(self, texts=("Hel", "lo \u2603")):
        text = "".join(texts)
        whole = self.unary(text)
        begun = whole | {"status": "in_progress", "output": [], "usage": None}
        item = whole["output"][0]
        part = item["content"][0]
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return [
            self._frame("response.created", response=begun),
            self._frame("response.in_progress", response=begun),
            self._frame("response.output_item.added", output_index=0, item=item | {"status": "in_progress", "content": []}),
            self._frame("response.content_part.added", part=part | {"text": ""}, **place),
            *[self.text_frame(t) for t in texts],
            self._frame("response.output_text.done", text=text, **place),
            self._frame("response.content_part.done", part=part, **place),
            self._frame("response.output_item.done", output_index=0, item=item),
            self._frame("response.completed", response=whole),
        ]

    n_head = 4
    n_tail = 4

    def text_in(self, events):
        deltas = (json.loads(data) for event, data in events if event == "response.output_text.delta")
        return "".join(delta["delta"] for delta in deltas)

    def complete(self, events):
        return any(json.loads(data)["type"] in ("response.completed", "response.incomplete") for _, data in events)

    terminal_seen = complete

    def error_in(self, events):
        return any(json.loads(data)["type"] in ("response.failed", "error") for _, data in events)

    def error_frame(self):
        failed = self.unary("", "failed") | {"error": {"code": "server_error", "message": "planted fault"}}
        return self._frame("response.failed", response=failed)


class Anthropic(Dialect):
    name, slug = "anthropic", "claude"
    family_key = "claude-api-key"

    def route(self, stream=False, model=None):
        return "/v1/messages"

    upstream_path = route

    def request(self, prompt, stream, model):
        request = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": prompt}]}
        return request | ({"stream": True} if stream else {})

    def unary(self, text="hi"):
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m-claude",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": 7, "output_tokens": 5},
        }  # fmt: skip

    def text_of(self, answer):
        return answer["content"][0]["text"]

    def _frame(self, kind, **more):
        return sse({"type": kind} | more, kind)

    def text_frame(self, text):
        return self._frame("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def frames(self, texts=("Hel", "lo \u2603")):
        begun = self.unary() | {"content": [], "stop_reason": None, "usage": {"input_tokens": 7, "output_tokens": 1}}
        return [
            self._frame("message_start", message=begun),
            self._frame("content_block_start", index=0, content_block={"type": "text", "text": ""}),
            *[self.text_frame(t) for t in texts],
            self._frame("content_block_stop", index=0),
            self._frame("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 5}),
            self._frame("message_stop"),
        ]

    n_head = 2
    n_tail = 3

    def text_in(self, events):
        deltas = (json.loads(data)["delta"] for event, data in events if event == "content_block_delta")
        return "".join(delta.get("text", "") for delta in deltas)

    def complete(self, events):
        kinds = [json.loads(data)["type"] for _, data in events]
        return "message_stop" in kinds and "message_delta" in kinds[: kinds.index("message_stop")]

    def terminal_seen(self, events):
        return any(json.loads(data)["type"] == "message_stop" for _, data in events)

    def error_in(self, events):
        return any(event == "error" and json.loads(data)["type"] == "error" for event, data in events)

    def error_frame(self):
        return self._frame("error", error={"type": "overloaded_error", "message": "planted fault"})

    def error_body(self, message="planted fault", kind="invalid_request_error"):
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_planted"}

    def error_of(self, document):
        error = document.get("error")
        if document.get("type") == "error" and isinstance(error, dict) and isinstance(error.get("message"), str):
            return error.get("type"), error["message"]
        return None


class Gemini(Dialect):
    name, slug = "gemini", "gemini"
    family_key = "gemini-api-key"
    ends_chunks_on_error = True
    comments = False

    def route(self, stream=False, model=None):
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{model or self.model()}:{verb}"

    def upstream_path(self, stream=False, model=None):
        return self.route(stream, model or self.upstream_model())

    def request(self, prompt, stream, model):
        return {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}

    def unary(self, text="hi", finish="STOP"):
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        usage = {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m-gemini", "responseId": "r1"}

    def text_of(self, answer):
        return answer["candidates"][0]["content"]["parts"][0]["text"]

    def text_frame(self, text):
        return sse(self.unary(text, None))

    def frames(self, texts=("Hel", "lo \u2603")):
        return [sse(self.unary("", None)), *[self.text_frame(t) for t in texts], sse(self.unary(""))]

    n_head = 1
    n_tail = 1

    def text_in(self, events):
        text = ""
        for _, data in events:
            for candidate in json.loads(data).get("candidates", []):
                text += "".join(part.get("text", "") for part in candidate["content"]["parts"])
        return text

    def complete(self, events):
        return any(c.get("finishReason") for _, d in events for c in json.loads(d).get("candidates", []))

    terminal_seen = complete

    def error_in(self, events):
        return any(json.loads(data).get("error") for _, data in events)

    def error_frame(self):
        return sse({"error": {"code": 503, "message": "planted fault", "status": "UNAVAILABLE"}})

    def error_body(self, message="planted fault", kind="INVALID_ARGUMENT"):
        return {"error": {"code": 400, "message": message, "status": kind}}

    def error_of(self, document):
        error = document.get("error")
        if isinstance(error, dict) and isinstance(error.get("code"), int) and isinstance(error.get("status"), str):
            return error["status"], error.get("message")
        return None


CHAT, RESPONSES, ANTHROPIC, GEMINI = ALL = (Chat(), Responses(), Anthropic(), Gemini())


def dialect_of_target(target):
    """Whose upstream is asked at @target, and for a stream?"""
    path = target.split("?")[0]
    for dialect in ALL[:3]:
        if path == dialect.upstream_path():
            return dialect
    return GEMINI if "generateContent" in path or "GenerateContent" in path else None


def answer_well(turn):
    """The script of an upstream without faults: says back the length of what it was asked."""
    dialect = dialect_of_target(turn.target)
    if dialect is None:
        return turn.answer(404, {"error": {"message": "no such path at the mock"}})
    wants_stream = "stream" in turn.target or b'"stream": true' in turn.body or b'"stream":true' in turn.body
    if wants_stream:
        return turn.stream(dialect.frames())
    return turn.answer(200, dialect.unary())


def stream_verdict(dialect, answer):
    """What a client that reads both layers must conclude: "complete", "cut", "refused", or a
    sentence that says how the two layers lie."""
    if answer.status != 200:
        return "refused"
    if answer.get("content-type", "").split(";")[0] != "text/event-stream":
        return f"a 200 of type {answer.get('content-type')}"
    events = read_sse(answer.body)
    complete, error = dialect.complete(events), dialect.error_in(events)
    whole = answer.ending in ("chunked", "close")
    if complete and not error:
        return "complete" if whole else f"terminal event but the transport says {answer.ending}"
    if not error:
        return f"no terminal event, no error event, transport says {answer.ending}: ...{answer.body[-200:]!r}"
    if dialect.terminal_seen(events):
        return f"an error event and a terminal event: ...{answer.body[-400:]!r}"
    if dialect.ends_chunks_on_error != whole:
        return f"an error event but the transport says {answer.ending}"
    return "cut"
