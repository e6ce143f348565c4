"""Scripted answers of the model, and the wire form that the Messages API gives them."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.model_server.requests import WAIT_FOR_TOOLS, Request

_PIECE = 40
_LONGEST_HOLD_SECONDS = 60.0
_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Text:
    """Words of the model."""

    text: str

    def block(self) -> dict[str, Any]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True)
class ToolUse:
    """A call of a tool, by the name that the program offers it under."""

    name: str
    input: Mapping[str, Any] = field(default_factory=dict)

    def block(self) -> dict[str, Any]:
        identity = f"toolu_{next(_numbers):024d}"
        return {"type": "tool_use", "id": identity, "name": self.name, "input": dict(self.input)}


@dataclass(frozen=True)
class Answer:
    """One answer of the model.

    ``until`` holds it back until that is set, at most a minute: the program is busy meanwhile.
    """

    blocks: tuple[Text | ToolUse, ...]
    until: threading.Event | None = None
    input_tokens: int = 100
    output_tokens: int = 20

    def wait(self) -> None:
        if self.until is not None:
            self.until.wait(_LONGEST_HOLD_SECONDS)


@dataclass(frozen=True)
class Fault:
    """A refusal with an HTTP status."""

    status: int
    message: str = "scripted fault"
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        kind = _ERROR_TYPES.get(self.status, "api_error")
        error = {"type": kind, "message": self.message}
        return json.dumps({"type": "error", "error": error}).encode()


Reply = Answer | Fault
Script = Callable[[Request], Reply | Text | ToolUse | str]


def turns(*answers: Reply | Text | ToolUse | str) -> Script:
    """Answer each conversation's n-th request with the n-th of these, at the end with the last.

    What counts is the conversation in the request: several agents may follow the same script at
    once, and a repeated request gets the same answer.
    """

    def script(request: Request) -> Reply | Text | ToolUse | str:
        return answers[min(request.turn, len(answers) - 1)]

    return script


def reply_to(request: Request, script: Script) -> Reply:
    """Return the script's answer; side requests get one that ends them."""
    if not request.is_conversation:
        return Answer((Text(json.dumps({"title": "Scripted"})),))
    answer = script(request)
    if isinstance(answer, str):
        answer = Text(answer)
    if isinstance(answer, Text | ToolUse):
        answer = Answer((answer,))
    return _after_connecting(answer, request)


def _after_connecting(answer: Reply, request: Request) -> Reply:
    """Let the program connect its MCP servers first where the answer calls one of their tools."""
    if isinstance(answer, Fault) or WAIT_FOR_TOOLS not in request.tools:
        return answer
    called = [block.name for block in answer.blocks if isinstance(block, ToolUse)]
    if all(name in request.tools for name in called):
        return answer
    return Answer((ToolUse(WAIT_FOR_TOOLS),))


def message(answer: Answer, model: str) -> dict[str, Any]:
    """Return the whole answer as one message."""
    blocks = [block.block() for block in answer.blocks]
    calls = any(block["type"] == "tool_use" for block in blocks)
    return {
        "id": f"msg_{next(_numbers):024d}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
    }


def events(answer: Answer, model: str) -> Iterator[dict[str, Any]]:
    """Return the answer as the stream of events that makes up a message."""
    whole = message(answer, model)
    start = {**whole, "content": [], "stop_reason": None}
    start["usage"] = {"input_tokens": answer.input_tokens, "output_tokens": 1}
    yield {"type": "message_start", "message": start}
    yield {"type": "ping"}
    for index, block in enumerate(whole["content"]):
        yield from _block_events(index, block)
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {
        "type": "message_delta",
        "delta": delta,
        "usage": {"output_tokens": answer.output_tokens},
    }
    yield {"type": "message_stop"}


def _block_events(index: int, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    text = block["type"] == "text"
    empty = {**block, "text": ""} if text else {**block, "input": {}}
    yield {"type": "content_block_start", "index": index, "content_block": empty}
    whole = block["text"] if text else json.dumps(block["input"])
    for start in range(0, len(whole), _PIECE):
        piece = whole[start : start + _PIECE]
        delta = (
            {"type": "text_delta", "text": piece}
            if text
            else {"type": "input_json_delta", "partial_json": piece}
        )
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}
