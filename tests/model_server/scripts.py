"""Scripts: which answer a request gets."""

import json
from collections.abc import Callable

from tests.model_server.answers import Answer, Fault, Reply, Text, ToolUse
from tests.model_server.requests import WAIT_FOR_TOOLS, Request

Scripted = Reply | Text | ToolUse | str
Script = Callable[[Request], Scripted]


def turns(*answers: Scripted) -> Script:
    """Answer each conversation's n-th request with the n-th of these, at the end with the last.

    What counts is the conversation in the request: several agents may follow the same script at
    once, and a repeated request gets the same answer.
    """

    def script(request: Request) -> Scripted:
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
