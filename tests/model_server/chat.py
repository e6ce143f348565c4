"""The chat completions API of OpenAI, which most other servers of models speak as well."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from tests.model_server.answers import Answer, Fault, Text, ToolUse
from tests.model_server.dialect import Part, next_id, pieces


class ChatCompletions:
    """Spoken at ``/v1/chat/completions``."""

    def tools(self, body: Mapping[str, Any]) -> list[str]:
        return [tool["function"]["name"] for tool in body.get("tools") or []]

    def parts(self, body: Mapping[str, Any]) -> Iterator[Part]:
        for message in body.get("messages", []):
            kind: Literal["text", "result"] = "result" if message["role"] == "tool" else "text"
            for text in _texts(message.get("content")):
                yield Part(message["role"], kind, text)
            for call in message.get("tool_calls") or []:
                yield Part(message["role"], "call", call["function"]["name"])

    def whole(self, answer: Answer, model: str) -> dict[str, Any]:
        texts = [block.text for block in answer.blocks if isinstance(block, Text)]
        calls = [_call(block) for block in answer.blocks if isinstance(block, ToolUse)]
        message = {"role": "assistant", "content": "".join(texts), "tool_calls": calls}
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": "tool_calls" if calls else "stop",
        }
        return {
            "id": next_id("chatcmpl"),
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [choice],
            "usage": {
                "prompt_tokens": answer.input_tokens,
                "completion_tokens": answer.output_tokens,
                "total_tokens": answer.input_tokens + answer.output_tokens,
            },
        }

    def stream(self, answer: Answer, model: str) -> Iterator[str]:
        whole = self.whole(answer, model)
        usage, (choice,) = whole.pop("usage"), whole.pop("choices")
        chunk = {**whole, "object": "chat.completion.chunk"}
        for delta in _deltas(choice["message"]):
            yield _sent({**chunk, "choices": [{"index": 0, "delta": delta}]})
        end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
        yield _sent({**chunk, "choices": [end]})
        yield _sent({**chunk, "choices": [], "usage": usage})
        yield "data: [DONE]\n\n"

    def fault(self, fault: Fault) -> dict[str, Any]:
        error = {"message": fault.message, "type": "error", "code": fault.status}
        return {"error": error | dict(fault.details)}


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or [] if part.get("type") == "text"]


def _call(block: ToolUse) -> dict[str, Any]:
    function = {"name": block.name, "arguments": json.dumps(dict(block.input))}
    return {"id": next_id("call"), "type": "function", "function": function}


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for piece in pieces(message["content"]):
        yield {"content": piece}
    for index, call in enumerate(message["tool_calls"]):
        function = call["function"]
        start = {**call, "index": index, "function": {**function, "arguments": ""}}
        yield {"tool_calls": [start]}
        for piece in pieces(function["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _sent(chunk: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(chunk)}\n\n"
