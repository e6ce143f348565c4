"""Scripts: which answer a request gets."""

import json
from collections.abc import Callable

from tests.model_server.answers import Answer, Fault, Reply, Text, ToolUse
from tests.model_server.requests import FIND_TOOLS, WAIT_FOR_TOOLS, Request

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
    return answer if isinstance(answer, Fault) else _after_fetching(answer, request)


def _after_fetching(answer: Answer, request: Request) -> Answer:
    """Let the program fetch tools first that the answer calls and that are not on offer yet."""
    called = [block.name for block in answer.blocks if isinstance(block, ToolUse)]
    missing = [name for name in called if name not in request.tools]
    if missing and WAIT_FOR_TOOLS in request.tools:
        return Answer((ToolUse(WAIT_FOR_TOOLS),))
    if missing and FIND_TOOLS in request.tools:
        return Answer((ToolUse(FIND_TOOLS, {"query": f"select:{','.join(missing)}"}),))
    return answer
