"""The Anthropic Messages API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.model_server.answers import Answer, Fault, Text, ToolUse
from tests.model_server.dialect import Part, next_id, pieces, sent

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


class Messages:
    """Spoken at ``/v1/messages``."""

    def tools(self, body: Mapping[str, Any]) -> list[str]:
        return [tool["name"] for tool in body.get("tools") or []]

    def parts(self, body: Mapping[str, Any]) -> Iterator[Part]:
        for message in body.get("messages", []):
            for block in _blocks(message):
                yield from _parts_of(message["role"], block)

    def whole(self, answer: Answer, model: str) -> dict[str, Any]:
        blocks = [_block(block) for block in answer.blocks]
        calls = any(block["type"] == "tool_use" for block in blocks)
        return {
            "id": next_id("msg"),
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": blocks,
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
        }

    def stream(self, answer: Answer, model: str) -> Iterator[str]:
        return map(sent, _events(answer, self.whole(answer, model)))

    def fault(self, fault: Fault) -> dict[str, Any]:
        kind = _ERROR_TYPES.get(fault.status, "api_error")
        error = {"type": kind, "message": fault.message}
        return {"type": "error", "error": error | dict(fault.details)}


def _block(block: Text | ToolUse) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    return {
        "type": "tool_use",
        "id": next_id("toolu"),
        "name": block.name,
        "input": dict(block.input),
    }


def _events(answer: Answer, whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
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
    for piece in pieces(block["text"] if text else json.dumps(block["input"])):
        delta = (
            {"type": "text_delta", "text": piece}
            if text
            else {"type": "input_json_delta", "partial_json": piece}
        )
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _parts_of(role: str, block: Mapping[str, Any]) -> Iterator[Part]:
    match block.get("type"):
        case "text":
            yield Part(role, "text", block["text"])
        case "tool_use":
            yield Part(role, "call", block["name"])
        case "tool_result":
            yield Part("tool", "result", _as_text(block.get("content")))


def _as_text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content)
    return content if isinstance(content, str) else json.dumps(content)
