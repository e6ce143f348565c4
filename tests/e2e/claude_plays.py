"""A model that has the real Claude Code do what the script of its role says, step by step.

It asks for its own task first, and then reads the script from the worktree.
"""

import json
import re
import shlex
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final

import yaml

from tests.integration.agents.conformance.case_claude import claude_tools
from tests.integration.agents.conformance.cases import Call, Run
from tests.model_server import Request, Text, ToolUse
from tests.model_server.requests import FIND_TOOLS, WAIT_FOR_TOOLS

_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
#: The program's words for a command without output.
_NO_OUTPUT: Final = "(Bash completed with no output)"
#: How an answer begins that says that a command failed, or that the engine refused a call.
_FAILED: Final = ("Exit code", '{"code"')
#: Replaces the only occurrence of a text in a file.
_EDIT: Final = (
    "import sys; from pathlib import Path; path, find, replace = sys.argv[1:]; "
    "text = Path(path).read_text(); assert text.count(find) == 1; "
    "Path(path).write_text(text.replace(find, replace))"
)

_MOST_TOLD: Final = 500

Moves = Generator[Run | Call | Text, str, None]
"""Yields what the model does, and gets what was answered."""


def play(request: Request) -> Text | ToolUse:
    """Return the model's next turn; what it did before is read from the conversation."""
    answers, moves = _answers(request), _moves()
    move = next(moves)
    for _ in range(request.turn):
        move = moves.send("" if isinstance(move, Text) else next(answers, ""))
    return move if isinstance(move, Text) else claude_tools(move)


def _answers(request: Request) -> Iterator[str]:
    """Yield what the tools have answered, oldest first, but for those that fetch others."""
    parts = list(request.dialect.parts(request.body)) if request.dialect else []
    calls = [part.text for part in parts if part.kind == "call"]
    for call, answer in zip(calls, request.tool_results(), strict=False):
        if call not in {FIND_TOOLS, WAIT_FOR_TOOLS}:
            yield answer


def _moves() -> Moves:
    told = json.loads((yield Call("get_my_task")))
    task = told.get("task", told)
    role = task["phase_name"] if task["kind"] == "work" else task["kind"]
    text = yield Run(f"cat agents/{role}.yaml")
    script = [] if text.startswith(_FAILED) else yaml.safe_load(text)
    both = script if isinstance(script, dict) else {"steps": script}
    yield from _steps(both["steps"])
    while True:
        yield Text("That is all.")
        yield from _steps(both.get("on_message", []))


def _steps(steps: list[Mapping[str, Any]]) -> Moves:
    known: dict[str, str] = {}
    for step in steps:
        name, value = next(item for item in step.items() if item[0] not in {"save", "may_fail"})
        if name == "exit":
            return
        for move in _of_step(name, _filled(value, known)):
            answer = yield move
        if name in {"run", "done"} and answer.startswith(_FAILED) and not step.get("may_fail"):
            told = {"summary": answer[:_MOST_TOLD], "failure_reason": answer[:_MOST_TOLD]}
            yield Call("update_task_status", {"status": "failed", **told})
            return
        if "save" in step:
            known[step["save"]] = answer.replace(_NO_OUTPUT, "").strip()


def _of_step(name: str, value: Any) -> list[Run | Call]:
    """Return the calls that a step of a script is."""
    match name:
        case "run":
            return [Run(value)]
        case "sleep":
            return [Run(f"python3 -c 'import time; time.sleep({value})'")]
        case "write" | "append":
            sign = ">" if name == "write" else ">>"
            return [Run(f"printf %s {shlex.quote(value['content'])} {sign} {value['path']}")]
        case "edit":
            words = shlex.join([value["path"], value["find"], value["replace"]])
            return [Run(f"python3 -c {shlex.quote(_EDIT)} {words}")]
        case "commit":
            return [Run(f"git add -A && git commit -q -m {shlex.quote(value)}")]
        case "done":
            given = value if isinstance(value, dict) else {"summary": value}
            return [Call("update_task_status", {"status": "done", **given})] * 2
        case "review_task":
            passed = value["verdict"] == "pass"
            given = {"passed": passed, "feedback": value["feedback"]}
            return [Call("give_task_review", given)]
        case "review_result":
            passed = value["verdict"] == "pass"
            given = {"validation_passed": passed, "feedback": value["feedback"]}
            return [Call("submit_result_validation", given)]
        case _:
            return [Call(name, value)]


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: known[found[1]], value)
    if isinstance(value, dict):
        return {key: _filled(each, known) for key, each in value.items()}
    return value
