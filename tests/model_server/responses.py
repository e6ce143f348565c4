"""The OpenAI Responses API."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.model_server.answers import Answer, Fault, Text, ToolUse
from tests.model_server.dialect import Part, next_id, pieces, sent

_ERROR_TYPES = {401: "authentication_error", 429: "rate_limit_exceeded", 529: "server_error"}


class Responses:
    """Spoken at ``/v1/responses``.

    The tools of an MCP server come under a namespace, ``mcp__SERVER``; here each is named with
    it, ``mcp__SERVER__TOOL``.
    """

    def tools(self, body: Mapping[str, Any]) -> list[str]:
        return [name for tool in body.get("tools") or [] for name in _names(tool)]

    def parts(self, body: Mapping[str, Any]) -> Iterator[Part]:
        given = body.get("input", [])
        for item in [_said_by_user(given)] if isinstance(given, str) else given:
            yield from _parts_of(item)

    def whole(self, answer: Answer, model: str) -> dict[str, Any]:
        return {
            "id": next_id("resp"),
            "object": "response",
            "status": "completed",
            "model": model,
            "output": [_item(block) for block in answer.blocks],
            "usage": {
                "input_tokens": answer.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": answer.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": answer.input_tokens + answer.output_tokens,
            },
        }

    def stream(self, answer: Answer, model: str) -> Iterator[str]:
        return map(sent, _events(self.whole(answer, model)))

    def fault(self, fault: Fault) -> dict[str, Any]:
        kind = _ERROR_TYPES.get(fault.status, "invalid_request_error")
        error = {"message": fault.message, "type": kind, "code": None, "param": None}
        return {"error": error | dict(fault.details)}


def _names(tool: Mapping[str, Any]) -> list[str]:
    if tool["type"] == "namespace":
        return [f"{tool['name']}__{inner['name']}" for inner in tool["tools"]]
    return [tool.get("name", tool["type"])]


def _said_by_user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def _parts_of(item: Mapping[str, Any]) -> Iterator[Part]:
    match item.get("type", "message"):
        case "message":
            for part in item["content"]:
                yield Part(item["role"], "text", part.get("text", ""))
        case "function_call":
            yield Part("assistant", "call", "__".join(filter(None, _called(item))))
        case "function_call_output":
            yield Part("tool", "result", _as_text(item["output"]))


def _called(item: Mapping[str, Any]) -> tuple[str | None, str]:
    return item.get("namespace"), item["name"]


def _as_text(output: Any) -> str:
    return output if isinstance(output, str) else json.dumps(output)


def _item(block: Text | ToolUse) -> dict[str, Any]:
    if isinstance(block, Text):
        content = [{"type": "output_text", "text": block.text, "annotations": []}]
        return {
            "type": "message",
            "id": next_id("msg"),
            "role": "assistant",
            "status": "completed",
            "content": content,
        }
    return {
        "type": "function_call",
        "id": next_id("fc"),
        "call_id": next_id("call"),
        "status": "completed",
        "arguments": json.dumps(dict(block.input)),
        **_split(block.name),
    }


def _split(name: str) -> dict[str, str]:
    namespace, _, tool = name.rpartition("__")
    return {"namespace": namespace, "name": tool} if namespace else {"name": name}


def _events(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}}
    for index, item in enumerate(whole["output"]):
        yield from _item_events(index, item)
    yield {"type": "response.completed", "response": whole}


def _item_events(index: int, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    at = {"output_index": index, "item_id": item["id"]}
    text = item["type"] == "message"
    empty = {**item, "content": []} if text else {**item, "arguments": ""}
    yield {"type": "response.output_item.added", "output_index": index, "item": empty}
    kind = "output_text" if text else "function_call_arguments"
    for piece in pieces(item["content"][0]["text"] if text else item["arguments"]):
        yield {"type": f"response.{kind}.delta", **at, "content_index": 0, "delta": piece}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}
